package dispatchdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
)

// World is what is under way and what waits, read at one instant.
type World struct{ db }

// Flights reads what is under way.
func (s *World) Flights(ctx context.Context, now time.Time) (f situation.Flights, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		f, err = flights(ctx, tx, now)
		return err
	})
	return f, err
}

// World reads what is under way and what waits.
func (s *World) World(ctx context.Context, now time.Time) (f situation.Flights, w situation.Demand, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		if f, err = flights(ctx, tx, now); err != nil {
			return err
		}
		w, err = demand(ctx, tx, f, now)
		return err
	})
	return f, w, err
}

// flights reads missions that hold a drone, and their deliveries; and deliveries still
// open at the hospital though their drone has gone home.
func flights(ctx context.Context, tx pgx.Tx, now time.Time) (f situation.Flights, err error) {
	if err := tx.QueryRow(ctx, `SELECT COALESCE(max(seq), 0) FROM event_log`).Scan(&f.Seq); err != nil {
		return f, err
	}
	if f.Missions, err = missions(ctx, tx, `WHERE status NOT IN `+over+` ORDER BY id`); err != nil {
		return f, err
	}
	if f.Deliveries, err = deliveries(ctx, tx, `WHERE d.id IN (`+deliveriesUnderWay+`) AND d.status <> $1 ORDER BY d.id`,
		delivery.DDiverted); err != nil {
		return f, err
	}
	if f.Slots, err = collect(
		ctx,
		tx,
		pgx.RowToStructByPos[delivery.Slot],
		`SELECT pad_id, mission_id, lower(slot), upper(slot) FROM pad_slot WHERE upper(slot) > $1 ORDER BY pad_id, slot`,
		now,
	); err != nil {
		return f, err
	}
	if f.Closures, err = closures(ctx, tx, now); err != nil {
		return f, err
	}
	if f.Alarms, err = standing(ctx, tx); err != nil {
		return f, err
	}
	f.Commands, err = pending(ctx, tx, now)
	return f, err
}

// maxSeen bounds the requests that a forecast is made from.
const maxSeen = 500

func demand(ctx context.Context, tx pgx.Tx, f situation.Flights, now time.Time) (w situation.Demand, err error) {
	if w.Requests, err = requests(ctx, tx, `WHERE r.status IN `+open+` ORDER BY r.id`); err != nil {
		return w, err
	}
	served := make([]string, len(f.Deliveries))
	for i, d := range f.Deliveries {
		served[i] = string(d.Request)
	}
	if w.Served, err = requests(ctx, tx, `WHERE r.id = ANY ($1) ORDER BY r.id`, served); err != nil {
		return w, err
	}
	if w.Seen, err = requests(
		ctx,
		tx,
		`WHERE r.created_at > $1 ORDER BY r.created_at DESC, r.id LIMIT $2`,
		now.Add(-situation.SeenFor),
		maxSeen,
	); err != nil {
		return w, err
	}
	stock := `SELECT ` + unitColumns + `
		FROM unit
		WHERE status IN ` + inStock + ` AND expires_at > $1
		ORDER BY din, product_code, division`
	if w.Stock, err = collect(ctx, tx, scanUnit, stock, now); err != nil {
		return w, err
	}
	const boxes = `SELECT b.id, b.type_id, b.site_id
		FROM box b
		WHERE NOT EXISTS (SELECT FROM delivery_box d WHERE d.box_id = b.id AND NOT d.released)
		ORDER BY b.id`
	w.Boxes, err = collect(ctx, tx, pgx.RowToStructByPos[network.Box], boxes)
	return w, err
}

// Day reads the requests of a day and the units that were at hand for them.
func (s *World) Day(ctx context.Context, from, to time.Time) (rs []delivery.Request, stock []blood.Unit, err error) {
	err = s.read(ctx, func(tx pgx.Tx) (err error) {
		if rs, err = requests(ctx, tx, `WHERE r.created_at >= $1 AND r.created_at < $2 ORDER BY r.created_at, r.id`, from, to); err != nil {
			return err
		}
		made, err := collect(ctx, tx, pgx.RowTo[string], `SELECT id FROM delivery WHERE created_at >= $1 AND created_at < $2`, from, to)
		if err != nil {
			return err
		}
		atHand := `WITH sent AS (
				SELECT DISTINCT ON (x.din, x.product_code, x.division) x.din, x.product_code, x.division, m.centre_id
				FROM delivery d JOIN delivery_unit x ON x.delivery_id = d.id JOIN mission m ON m.id = d.mission_id
				WHERE x.delivery_id = ANY ($2)
				ORDER BY x.din, x.product_code, x.division, d.created_at)
			SELECT ` + unitColumns + `
			FROM (
				SELECT ` + unitColumns + `
				FROM unit
				WHERE status IN ` + inStock + ` AND expires_at > $1
					AND (din, product_code, division) NOT IN (SELECT din, product_code, division FROM sent)
				UNION ALL
				SELECT din, product_code, division, component, blood_group, mass_g, expires_at, centre_id, status
				FROM sent JOIN unit USING (din, product_code, division)
				WHERE expires_at > $1) u
			ORDER BY din, product_code, division`
		stock, err = collect(ctx, tx, scanUnit, atHand, from, made)
		return err
	})
	return rs, stock, err
}
