package dispatchdb

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/upkeep"
	"hemolift/telemetry"
)

// Upkeep is how devices are kept fit for use, and how much they were used.
type Upkeep struct{ db }

const (
	mostEntries = 500 // of a log that are shown
	mostUses    = 50
)

// AddEntry adds to a device's maintenance log.
func (s *Upkeep) AddEntry(ctx context.Context, e upkeep.Entry) (upkeep.Entry, error) {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `INSERT INTO maintenance (device_id, kind, done_on, what, reference, due_on, due_hours, made_by, made_at)
			VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, 0::double precision), $8, $9) RETURNING id`
		row := tx.QueryRow(ctx, q, e.Device, e.Kind, e.DoneOn, e.What, e.Reference, orNull(e.DueOn), e.DueHours, e.By, e.At)
		err := row.Scan(&e.ID)
		return []delivery.Event{entryEvent(e, "maintenance", e.By, e.At)}, err
	})
	return e, err
}

func entryEvent(e upkeep.Entry, what, by string, at time.Time) delivery.Event {
	said := deviceEvent(by, e.Device, what, at)
	said.Detail["entry"], said.Detail["kind"] = strconv.FormatInt(e.ID, 10), string(e.Kind)
	said.Detail["done_on"], said.Detail["text"] = e.DoneOn.Format(time.DateOnly), e.What
	if e.Reference != "" {
		said.Detail["reference"] = e.Reference
	}
	if !e.DueOn.IsZero() {
		said.Detail["due_on"] = e.DueOn.Format(time.DateOnly)
	}
	if e.DueHours > 0 {
		said.Detail["due_hours"] = strconv.FormatFloat(e.DueHours, 'g', -1, 64)
	}
	return said
}

// Strike strikes an entry of a device that stands; ErrNotFound without it.
func (s *Upkeep) Strike(ctx context.Context, device telemetry.DeviceID, id int64, as upkeep.Strike) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		list, err := entries(ctx, tx, `WHERE device_id = $1 AND id = $2 FOR UPDATE`, device, id)
		switch {
		case err != nil:
			return nil, err
		case len(list) == 0:
			return nil, refusal.ErrNotFound
		case !list[0].Stands():
			return nil, refusal.OfState("the entry", "struck", "struck again")
		}
		said := entryEvent(list[0], "maintenance struck", as.By, as.At)
		said.Detail["reason"] = as.Why
		const q = `UPDATE maintenance SET struck_by = $2, struck_why = $3, struck_at = $4 WHERE id = $1`
		_, err = tx.Exec(ctx, q, id, as.By, as.Why, as.At)
		return []delivery.Event{said}, err
	})
	return err
}

func entries(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]upkeep.Entry, error) {
	const q = `SELECT id, device_id, kind, done_on, what, reference, due_on, COALESCE(due_hours, 0), made_by, made_at,
			COALESCE(struck_by, ''), COALESCE(struck_why, ''), struck_at
		FROM maintenance `
	return collect(ctx, tx, func(row pgx.CollectableRow) (e upkeep.Entry, err error) {
		var due, struck *time.Time
		err = row.Scan(&e.ID, &e.Device, &e.Kind, &e.DoneOn, &e.What, &e.Reference, &due, &e.DueHours, &e.By, &e.At,
			&e.Struck.By, &e.Struck.Why, &struck)
		e.DueOn, e.Struck.At, e.At = orZero(due), orZero(struck), e.At.UTC()
		return e, err
	}, q+where, args...)
}

// Kept is what the dues of all devices follow from: of each the entries and calibrations that count.
func (s *Upkeep) Kept(ctx context.Context) (map[telemetry.DeviceID]upkeep.Kept, error) {
	all := map[telemetry.DeviceID]upkeep.Kept{}
	err := s.read(ctx, func(tx pgx.Tx) error {
		const newest = `WHERE id IN (SELECT DISTINCT ON (device_id, kind) id FROM maintenance WHERE struck_by IS NULL
			ORDER BY device_id, kind, done_on DESC, id DESC)`
		log, err := entries(ctx, tx, newest)
		if err != nil {
			return err
		}
		for _, e := range log {
			k := all[e.Device]
			k.Log = append(k.Log, e)
			all[e.Device] = k
		}
		const q = `SELECT DISTINCT ON (box_id, probe) ` + calibrationColumns + ` FROM calibration
			ORDER BY box_id, probe, calibrated_on DESC, id DESC`
		calibrations, err := collect(ctx, tx, pgx.RowToStructByPos[coldrecord.ProbeCalibration], q)
		if err != nil {
			return err
		}
		for _, c := range calibrations {
			k := all[c.Box]
			k.Calibrations = append(k.Calibrations, c)
			all[c.Box] = k
		}
		rows, err := tx.Query(ctx, `SELECT drone_id, flown FROM drone_hours`)
		if err != nil {
			return err
		}
		var id telemetry.DeviceID
		var flown time.Duration
		_, err = pgx.ForEachRow(rows, []any{&id, &flown}, func() error {
			k := all[id]
			k.Flown = flown
			all[id] = k
			return nil
		})
		return err
	})
	return all, err
}

// Past is what is on record of one device.
func (s *Upkeep) Past(ctx context.Context, id telemetry.DeviceID) (p upkeep.Past, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		if p.Log, err = entries(ctx, tx, `WHERE device_id = $1 ORDER BY done_on DESC, id DESC LIMIT $2`, id, mostEntries); err != nil {
			return err
		}
		if p.Calibrations, err = probeCalibrations(ctx, tx, id); err != nil {
			return err
		}
		const sums = `SELECT COALESCE((SELECT flights FROM drone_hours WHERE drone_id = $1), 0),
			COALESCE((SELECT flown FROM drone_hours WHERE drone_id = $1), '0'),
			(SELECT count(*) FROM delivery_box WHERE box_id = $1 AND packed_at IS NOT NULL)`
		if err = tx.QueryRow(ctx, sums, id).Scan(&p.Flights, &p.Flown, &p.Journeys); err != nil {
			return err
		}
		const flights = `SELECT mission_id, took_off_at, landed_at FROM flight_log WHERE drone_id = $1 ORDER BY landed_at DESC LIMIT $2`
		if p.Newest, err = collect(ctx, tx, pgx.RowToStructByPos[upkeep.Flight], flights, id, mostUses); err != nil {
			return err
		}
		const carried = `SELECT d.id, m.hospital_id, b.packed_at, d.status
			FROM delivery_box b JOIN delivery d ON d.id = b.delivery_id JOIN mission m ON m.id = d.mission_id
			WHERE b.box_id = $1 AND b.packed_at IS NOT NULL ORDER BY b.packed_at DESC LIMIT $2`
		if p.Carried, err = collect(ctx, tx, pgx.RowToStructByPos[upkeep.Journey], carried, id, mostUses); err != nil {
			return err
		}
		const outages = `SELECT reason, closed_by, from_at, COALESCE(ended_at, until_at) FROM closure
			WHERE device_id = $1 ORDER BY from_at DESC LIMIT $2`
		p.Outages, err = collect(ctx, tx, pgx.RowToStructByPos[upkeep.Outage], outages, id, mostUses)
		return err
	})
	return p, err
}

// LogFlights keeps the flights that drones reported after a time; those that are kept already are left.
func (s *Upkeep) LogFlights(ctx context.Context, drones []telemetry.DeviceID, after time.Time) error {
	_, err := s.pool.Exec(ctx, `SELECT log_flights($1, $2)`, drones, after)
	return meaning(err)
}
