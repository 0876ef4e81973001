package dispatchdb

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

const requestColumns = `r.id, r.hospital_id, r.pad_id, r.component, r.blood_group, r.recipient, r.units, r.urgency, r.needed_by,
	r.patient_sex, r.patient_age, r.patient_anti_d, r.status, r.created_at, r.login, a.automated, r.version, r.by_road_until, COALESCE(r.rest_of, '')`

func scanRequest(row pgx.CollectableRow) (r delivery.Request, err error) {
	var sex, age *string
	var road *time.Time
	o := &r.Asked
	err = row.Scan(&r.ID, &o.Hospital, &o.Pad, &o.Component, &o.Group, &r.Class, &o.Units, &o.Urgency, &o.NeededBy,
		&sex, &age, &o.Patient.AntiD, &r.Status, &r.CreatedAt, &r.CreatedBy, &r.Automated, &r.Version, &road, &r.RestOf)
	if sex != nil {
		o.Patient.Sex = blood.Sex(*sex)
	}
	if age != nil {
		o.Patient.Age = blood.AgeClass(*age)
	}
	o.NeededBy, r.CreatedAt, r.RoadAt = o.NeededBy.UTC(), r.CreatedAt.UTC(), orZero(road)
	return r, err
}

func requests(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]delivery.Request, error) {
	return collect(ctx, tx, scanRequest, `SELECT `+requestColumns+` FROM request r JOIN account a USING (login) `+where, args...)
}

func oneRequest(ctx context.Context, tx pgx.Tx, where string, args ...any) (delivery.Request, error) {
	list, err := requests(ctx, tx, where, args...)
	if err == nil && len(list) == 0 {
		err = refusal.ErrNotFound
	}
	if err != nil {
		return delivery.Request{}, err
	}
	return list[0], nil
}

// FindRequest answers a key that may have come before.
func (s *Store) FindRequest(ctx context.Context, login, key string, bodyHash []byte) (r delivery.Request, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, err = s.repeated(ctx, tx, login, key, bodyHash)
		return err
	})
	return r, meaning(err)
}

// InsertRequest stores a request once for its account and key.
func (s *Store) InsertRequest(ctx context.Context, r delivery.Request, key string, bodyHash []byte) (delivery.Request, []delivery.Event, error) {
	var stored delivery.Request
	events, err := s.inTx(ctx, func(tx pgx.Tx) (_ []delivery.Event, err error) {
		if r.ID, err = nextRequest(ctx, tx, r.CreatedAt); err != nil {
			return nil, err
		}
		o := r.Asked
		const q = `INSERT INTO request (id, login, idempotency_key, body_hash, hospital_id, pad_id, component, blood_group, recipient, units,
				urgency, needed_by, patient_sex, patient_age, patient_anti_d, status, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
			ON CONFLICT (login, idempotency_key) DO NOTHING`
		tag, err := tx.Exec(ctx, q, r.ID, r.CreatedBy, key, bodyHash, o.Hospital, o.Pad, o.Component, o.Group, r.Class, o.Units,
			o.Urgency, o.NeededBy, nonZero(o.Patient.Sex), nonZero(o.Patient.Age), o.Patient.AntiD, r.Status, r.CreatedAt)
		if err != nil {
			return nil, err
		}
		if tag.RowsAffected() == 0 {
			stored, err = s.repeated(ctx, tx, r.CreatedBy, key, bodyHash)
			return nil, err
		}
		if err := insertTerms(ctx, tx, r.ID); err != nil {
			return nil, err
		}
		stored, err = oneRequest(ctx, tx, `WHERE r.id = $1`, r.ID)
		return []delivery.Event{{At: r.CreatedAt, Kind: delivery.EvRequest, Actor: r.CreatedBy, Site: o.Hospital, Subject: string(r.ID),
			Detail: map[string]string{"what": "submitted", "urgency": string(o.Urgency)}}}, err
	})
	return stored, events, err
}

// nextRequest is the name of a new request.
func nextRequest(ctx context.Context, tx pgx.Tx, at time.Time) (delivery.RequestID, error) {
	var number int64
	err := tx.QueryRow(ctx, `SELECT nextval('request_number')`).Scan(&number)
	return delivery.RequestID(fmt.Sprintf("R-%s-%04d", at.In(time.FixedZone("UTC+8", 8*3600)).Format("0102"), number)), err
}

// split leaves a request the units that can be sent now and makes another of the rest,
// which waits. The request's new version is returned.
func split(ctx context.Context, tx pgx.Tx, r delivery.Request, rest int, now time.Time) (delivery.Request, []delivery.Event, error) {
	id, err := nextRequest(ctx, tx, now)
	if err != nil {
		return r, nil, err
	}
	const copied = `INSERT INTO request (id, login, idempotency_key, body_hash, hospital_id, pad_id, component, blood_group, recipient, units,
			urgency, needed_by, patient_sex, patient_age, patient_anti_d, status, created_at, rest_of)
		SELECT $2, login, $4, body_hash, hospital_id, pad_id, component, blood_group, recipient, $3,
			urgency, needed_by, patient_sex, patient_age, patient_anti_d, 'open', created_at, id
		FROM request
		WHERE id = $1`
	if _, err := tx.Exec(ctx, copied, r.ID, id, rest, "rest-"+rand.Text()); err != nil {
		return r, nil, err
	}
	r.Units, r.Version = r.Units-rest, r.Version+1
	if _, err := tx.Exec(ctx, `UPDATE request SET units = $2, version = $3 WHERE id = $1`, r.ID, r.Units, r.Version); err != nil {
		return r, nil, err
	}
	for _, made := range []delivery.RequestID{r.ID, id} {
		if err := insertTerms(ctx, tx, made); err != nil {
			return r, nil, err
		}
	}
	return r, []delivery.Event{{At: now, Kind: delivery.EvRequest, Actor: network.System.Login, Site: r.Hospital, Subject: string(id),
		Detail: map[string]string{"what": "rest", "of": string(r.ID), "units": fmt.Sprint(rest)}}}, nil
}

// insertTerms keeps what this version of a request may be given.
func insertTerms(ctx context.Context, tx pgx.Tx, id delivery.RequestID) error {
	_, err := tx.Exec(ctx, `INSERT INTO request_terms SELECT id, version, component, recipient FROM request WHERE id = $1`, id)
	return err
}

// repeated answers a key that came again.
func (s *Store) repeated(ctx context.Context, tx pgx.Tx, login, key string, bodyHash []byte) (delivery.Request, error) {
	var hash []byte
	if err := tx.QueryRow(ctx, `SELECT body_hash FROM request WHERE login = $1 AND idempotency_key = $2`, login, key).Scan(&hash); err != nil {
		return delivery.Request{}, err
	}
	if !bytes.Equal(hash, bodyHash) {
		return delivery.Request{}, refusal.ErrKeyReused
	}
	return oneRequest(ctx, tx, `WHERE r.login = $1 AND r.idempotency_key = $2`, login, key)
}

// nonZero is v, or null.
func nonZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// ChangeRequest writes what decide returns for a locked request.
func (s *Store) ChangeRequest(ctx context.Context, id delivery.RequestID, actor network.Actor, now time.Time,
	decide func(delivery.Request, *delivery.Delivery) (delivery.RequestChange, error)) (delivery.Request, []delivery.Event, error) {
	var changed delivery.Request
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		r, err := oneRequest(ctx, tx, `WHERE r.id = $1 FOR UPDATE OF r`, id)
		if err != nil {
			return nil, err
		}
		var del *delivery.Delivery
		switch d, err := lockDelivery(ctx, tx, `d.request_id = $1 AND d.given_up_at IS NULL AND d.status NOT IN (`+endedUnserved+`)`, id); {
		case err == nil:
			del = &d
		case !errors.Is(err, refusal.ErrNotFound):
			return nil, err
		case r.Status == delivery.Allocated: // it is changing hands this instant
			return nil, refusal.ErrTaken
		}
		c, err := decide(r, del)
		if err != nil {
			return nil, err
		}
		var events []delivery.Event
		if c.Delivery != nil {
			if events, err = writeChange(ctx, tx, *del, *c.Delivery); err != nil {
				return nil, err
			}
		}
		changed = c.Request
		o := changed.Asked
		const q = `UPDATE request SET pad_id = $2, component = $3, blood_group = $4, recipient = $5, units = $6, urgency = $7, needed_by = $8,
				patient_sex = $9, patient_age = $10, patient_anti_d = $11, status = $12, version = $13, by_road_until = $14
			WHERE id = $1`
		if _, err := tx.Exec(ctx, q, id, o.Pad, o.Component, o.Group, changed.Class, o.Units, o.Urgency, o.NeededBy,
			nonZero(o.Patient.Sex), nonZero(o.Patient.Age), o.Patient.AntiD, changed.Status, changed.Version, orNull(changed.RoadAt)); err != nil {
			return nil, err
		}
		if changed.Status != delivery.Open {
			if err := clearDiverted(ctx, tx, id, now); err != nil {
				return nil, err
			}
		}
		if changed.Version != r.Version {
			if err := insertTerms(ctx, tx, id); err != nil {
				return nil, err
			}
		}
		return append(events, delivery.Event{At: now, Kind: delivery.EvRequest, Actor: actor.Login, Site: o.Hospital, Subject: string(id),
			Detail: map[string]string{"what": c.What}}), nil
	})
	return changed, events, err
}

// maxSeen bounds the requests that a forecast is made from.
const maxSeen = 500

// Snapshot reads what the planner needs, at one instant.
func (s *Store) Snapshot(ctx context.Context, now time.Time) (dispatch.Snapshot, error) {
	snap := dispatch.Snapshot{At: now}
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		if snap.Requests, err = requests(ctx, tx, `WHERE r.status = 'open' ORDER BY r.id`); err != nil {
			return err
		}
		if snap.Seen, err = requests(ctx, tx, `WHERE r.created_at > $1 ORDER BY r.created_at DESC, r.id LIMIT $2`, dispatch.SeenSince(now), maxSeen); err != nil {
			return err
		}
		const stock = `SELECT din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status
			FROM unit
			WHERE status = 'in_stock' AND expires_at > $1
			ORDER BY din, product_code, division`
		if snap.Stock, err = collect(ctx, tx, scanUnit, stock, now); err != nil {
			return err
		}
		const boxes = `SELECT b.id, b.type_id, b.site_id
			FROM box b
			WHERE NOT EXISTS (SELECT FROM delivery_box d WHERE d.box_id = b.id AND NOT d.released)
			ORDER BY b.id`
		if snap.Boxes, err = collect(ctx, tx, pgx.RowToStructByPos[network.Box], boxes); err != nil {
			return err
		}
		if snap.Missions, err = missions(ctx, tx, `WHERE status NOT IN ('done', 'aborted') ORDER BY id`); err != nil {
			return err
		}
		const givenUp = `SELECT mission_id FROM delivery WHERE given_up_at IS NOT NULL AND status = 'loaded'`
		if snap.GivenUp, err = collect(ctx, tx, pgx.RowTo[delivery.MissionID], givenUp); err != nil {
			return err
		}
		if snap.Closures, err = closures(ctx, tx, now); err != nil {
			return err
		}
		const slots = `SELECT pad_id, mission_id, lower(slot), upper(slot) FROM pad_slot WHERE upper(slot) > $1 ORDER BY pad_id, slot`
		snap.Slots, err = collect(ctx, tx, pgx.RowToStructByPos[delivery.Slot], slots, now)
		return err
	})
	return snap, err
}

// Day reads the requests of a day and the units that were at hand for them.
func (s *Store) Day(ctx context.Context, from, to time.Time) (rs []delivery.Request, stock []blood.Unit, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		if rs, err = requests(ctx, tx, `WHERE r.created_at >= $1 AND r.created_at < $2 ORDER BY r.created_at, r.id`, from, to); err != nil {
			return err
		}
		const atHand = `SELECT u.din, u.product_code, u.division, u.component, u.blood_group, u.mass_g, u.expires_at, COALESCE(left_from.centre_id, u.site_id), u.status
			FROM unit u LEFT JOIN LATERAL (
				SELECT m.centre_id
				FROM delivery_unit x JOIN delivery d ON d.id = x.delivery_id JOIN mission m ON m.id = d.mission_id
				WHERE x.din = u.din AND x.product_code = u.product_code AND x.division = u.division AND d.created_at >= $1 AND d.created_at < $2
				ORDER BY d.created_at
				LIMIT 1) left_from ON true
			WHERE u.expires_at > $1 AND (u.status = 'in_stock' OR left_from.centre_id IS NOT NULL)
			ORDER BY u.din, u.product_code, u.division`
		stock, err = collect(ctx, tx, scanUnit, atHand, from, to)
		return err
	})
	return rs, stock, err
}

func scanUnit(row pgx.CollectableRow) (u blood.Unit, err error) {
	err = row.Scan(&u.Key.DIN, &u.Key.ProductCode, &u.Key.Division, &u.Component, &u.Group, &u.MassG, &u.ExpiresAt, &u.Site, &u.Status)
	u.ExpiresAt = u.ExpiresAt.UTC()
	return u, err
}

// AddUnits stores units that are new.
func (s *Store) AddUnits(ctx context.Context, units []blood.Unit, actor network.Actor, now time.Time) (int, []delivery.Event, error) {
	added := 0
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		for _, u := range units {
			const q = `INSERT INTO unit (din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'in_stock')
				ON CONFLICT DO NOTHING`
			tag, err := tx.Exec(ctx, q, u.Key.DIN, u.Key.ProductCode, u.Key.Division, u.Component, u.Group, u.MassG, u.ExpiresAt, u.Site)
			if err != nil {
				return nil, err
			}
			added += int(tag.RowsAffected())
		}
		if added == 0 {
			return nil, nil
		}
		return []delivery.Event{{At: now, Kind: delivery.EvStock, Actor: actor.Login, Detail: map[string]string{"added": fmt.Sprint(added)}}}, nil
	})
	return added, events, err
}
