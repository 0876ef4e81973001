package dispatchdb

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

const requestColumns = `r.id, r.hospital_id, r.pad_id, r.component, r.blood_group, r.recipient, r.units, r.urgency, r.needed_by,
	r.patient_sex, r.patient_age, r.patient_anti_d, r.status, r.created_at, r.login, a.automated, r.version, r.by_road_until,
	COALESCE(r.rest_of, ''), COALESCE(r.road_from, ''), ` + toldColumns

func scanRequest(row pgx.CollectableRow) (r delivery.Request, err error) {
	var sex, age *string
	var road *time.Time
	var told toldRow
	o := &r.Asked
	fields := []any{
		&r.ID, &o.Hospital, &o.Pad, &o.Component, &o.Group, &r.Class, &o.Units, &o.Urgency, &o.NeededBy,
		&sex, &age, &o.Patient.AntiD, &r.Status, &r.CreatedAt, &r.CreatedBy, &r.Automated, &r.Version, &road, &r.RestOf, &r.RoadFrom,
	}
	err = row.Scan(append(fields, told.fields()...)...)
	r.Told = told.told()
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
	return collect(ctx, tx, scanRequest, `SELECT `+requestColumns+` FROM request r JOIN account a USING (login)`+joinTold+where, args...)
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

// Requests are what hospitals ask for.
type Requests struct{ db }

// FindRequest answers a key that may have come before.
func (s *Requests) FindRequest(ctx context.Context, login, key string, bodyHash []byte) (r delivery.Request, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, err = s.repeated(ctx, tx, login, key, bodyHash)
		return err
	})
	return r, meaning(err)
}

// InsertRequest stores a request once for its account and key.
func (s *Requests) InsertRequest(ctx context.Context, r delivery.Request, key string, bodyHash []byte) (delivery.Request, error) {
	var stored delivery.Request
	_, err := s.inTx(ctx, func(tx pgx.Tx) (_ []delivery.Event, err error) {
		numbers, err := drawNumbers(ctx, tx, 1)
		if err != nil {
			return nil, err
		}
		r.ID = delivery.RequestName(r.CreatedAt, numbers[0])
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
		if err := boundOpen(ctx, tx, o.Hospital); err != nil {
			return nil, err
		}
		if err := insertTerms(ctx, tx, r.ID); err != nil {
			return nil, err
		}
		stored, err = oneRequest(ctx, tx, `WHERE r.id = $1`, r.ID)
		return []delivery.Event{{
			At: r.CreatedAt, Kind: delivery.EvRequest, Actor: r.CreatedBy, Site: o.Hospital, Subject: string(r.ID),
			Detail: map[string]string{"what": "submitted", "urgency": string(o.Urgency)},
		}}, err
	})
	return stored, err
}

// mostOpen bounds the requests of one hospital that nobody serves yet.
const mostOpen = 500

func boundOpen(ctx context.Context, tx pgx.Tx, hospital network.SiteID) error {
	var waits int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM request WHERE hospital_id = $1 AND status IN `+open, hospital).Scan(&waits); err != nil {
		return err
	}
	if waits > mostOpen {
		return refusal.OfField("hospital", fmt.Sprintf("waits for %d requests already: cancel what is not needed, or telephone", mostOpen))
	}
	return nil
}

// drawNumbers draws numbers for requests; one that is not used stays unused.
func drawNumbers(ctx context.Context, tx pgx.Tx, n int) ([]int64, error) {
	if n == 0 {
		return nil, nil
	}
	return collect(ctx, tx, pgx.RowTo[int64], `SELECT nextval('request_number') FROM generate_series(1, $1)`, n)
}

// insertTerms keeps what this version of a request may be given.
func insertTerms(ctx context.Context, tx pgx.Tx, id delivery.RequestID) error {
	_, err := tx.Exec(
		ctx,
		`INSERT INTO request_terms SELECT id, version, component, recipient FROM request WHERE id = $1 ON CONFLICT DO NOTHING`,
		id,
	)
	return err
}

// repeated answers a key that came again.
func (s *Requests) repeated(ctx context.Context, tx pgx.Tx, login, key string, bodyHash []byte) (delivery.Request, error) {
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

func queueRequests(q *pgx.Batch, before, b *delivery.Book) {
	const terms = `INSERT INTO request_terms SELECT id, version, component, recipient FROM request WHERE id = $1 ON CONFLICT DO NOTHING`
	for _, k := range sorted(b.Requests) {
		r := b.Requests[k]
		if reflect.DeepEqual(r, before.Requests[k]) {
			continue
		}
		q.Queue(`UPDATE request SET pad_id = $2, component = $3, blood_group = $4, recipient = $5, units = $6, urgency = $7, needed_by = $8,
				patient_sex = $9, patient_age = $10, patient_anti_d = $11, status = $12, version = $13, by_road_until = $14,
				road_from = $15
			WHERE id = $1`, k, r.Pad, r.Component, r.Group, r.Class, r.Units, r.Urgency, r.NeededBy,
			nonZero(r.Patient.Sex), nonZero(r.Patient.Age), r.Patient.AntiD, r.Status, r.Version, orNull(r.RoadAt), nonZero(r.RoadFrom))
		q.Queue(terms, k)
	}
	for _, r := range b.Added.Rests {
		q.Queue(`INSERT INTO request (id, login, idempotency_key, body_hash, hospital_id, pad_id, component, blood_group, recipient, units,
				urgency, needed_by, patient_sex, patient_age, patient_anti_d, status, created_at, rest_of)
			SELECT $2, $3, $4, body_hash, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, id
			FROM request
			WHERE id = $1`, r.RestOf, r.ID, r.CreatedBy, "rest-"+string(r.ID), r.Hospital, r.Pad, r.Component, r.Group, r.Class, r.Units,
			r.Urgency, r.NeededBy, nonZero(r.Patient.Sex), nonZero(r.Patient.Age), r.Patient.AntiD, r.Status, r.CreatedAt)
		q.Queue(terms, r.ID)
	}
}
