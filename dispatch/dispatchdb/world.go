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
	if f.Missions, err = missions(ctx, tx, `WHERE status <> ALL ($1) ORDER BY id`, delivery.OverStatuses()); err != nil {
		return f, err
	}
	if f.Deliveries, err = deliveries(ctx, tx, `WHERE (m.status <> ALL ($1) OR d.status <> ALL ($2)) AND d.status <> $3 ORDER BY d.id`,
		delivery.OverStatuses(), delivery.EndedStatuses(), delivery.DDiverted); err != nil {
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
	if w.Requests, err = requests(ctx, tx, `WHERE r.status = $1 ORDER BY r.id`, delivery.Open); err != nil {
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
	const stock = `SELECT ` + unitColumns + `
		FROM unit
		WHERE status = $1 AND expires_at > $2
		ORDER BY din, product_code, division`
	if w.Stock, err = collect(ctx, tx, scanUnit, stock, blood.InStock, now); err != nil {
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
		const atHand = `SELECT u.din, u.product_code, u.division, u.component, u.blood_group, u.mass_g, u.expires_at,
			COALESCE(left_from.centre_id, u.site_id), u.status
			FROM unit u LEFT JOIN LATERAL (
				SELECT m.centre_id
				FROM delivery_unit x JOIN delivery d ON d.id = x.delivery_id JOIN mission m ON m.id = d.mission_id
				WHERE x.din = u.din AND x.product_code = u.product_code AND x.division = u.division AND d.created_at >= $1 AND d.created_at < $2
				ORDER BY d.created_at
				LIMIT 1) left_from ON true
			WHERE u.expires_at > $1 AND (u.status = $3 OR left_from.centre_id IS NOT NULL)
			ORDER BY u.din, u.product_code, u.division`
		stock, err = collect(ctx, tx, scanUnit, atHand, from, to, blood.InStock)
		return err
	})
	return rs, stock, err
}
