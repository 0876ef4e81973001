package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// closures returns those that end after now, the earliest first.
func closures(ctx context.Context, tx pgx.Tx, now time.Time) ([]network.Closure, error) {
	const q = `SELECT id, site_id, COALESCE(pad_id, ''), COALESCE(device_id, ''), reason, closed_by, from_at, until_at
		FROM closure
		WHERE until_at > $1 AND ended_at IS NULL
		ORDER BY until_at, id`
	return collect(ctx, tx, func(row pgx.CollectableRow) (c network.Closure, err error) {
		err = row.Scan(&c.ID, &c.Site, &c.Pad, &c.Device, &c.Reason, &c.By, &c.From, &c.Until)
		c.From, c.Until = c.From.UTC(), c.Until.UTC()
		return c, err
	}, q, now)
}

// Closures returns what is out of service now or later.
func (s *Store) Closures(ctx context.Context, now time.Time) (list []network.Closure, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		list, err = closures(ctx, tx, now)
		return err
	})
	return list, err
}

// InsertClosure takes a site, pad or device out of service.
func (s *Store) InsertClosure(ctx context.Context, c network.Closure) (network.Closure, []delivery.Event, error) {
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `INSERT INTO closure (site_id, pad_id, device_id, reason, closed_by, from_at, until_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			RETURNING id`
		if err := tx.QueryRow(ctx, q, c.Site, nonZero(c.Pad), nonZero(c.Device), c.Reason, c.By, c.From, c.Until).Scan(&c.ID); err != nil {
			return nil, err
		}
		return []delivery.Event{closureEvent(c, c.By, "closed", c.From)}, nil
	})
	return c, events, err
}

// EndClosure puts it back into service; ErrNotFound unless it is out of it. decide may
// refuse.
func (s *Store) EndClosure(ctx context.Context, id int64, actor network.Actor, now time.Time, decide func(network.Closure) error) ([]delivery.Event, error) {
	return s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		list, err := closures(ctx, tx, now)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if c.ID != id {
				continue
			}
			if err := decide(c); err != nil {
				return nil, err
			}
			_, err := tx.Exec(ctx, `UPDATE closure SET ended_by = $2, ended_at = $3 WHERE id = $1`, id, actor.Login, now)
			return []delivery.Event{closureEvent(c, actor.Login, "opened", now)}, err
		}
		return nil, refusal.ErrNotFound
	})
}

func closureEvent(c network.Closure, actor, what string, at time.Time) delivery.Event {
	site := c.Site
	if c.Device != "" { // no hospital's own
		site = ""
	}
	return delivery.Event{At: at, Kind: delivery.EvClosure, Actor: actor, Site: site, Subject: fmt.Sprint(c.ID),
		Detail: map[string]string{"what": what, "site": string(c.Site), "pad": string(c.Pad), "device": string(c.Device), "until": c.Until.Format(time.RFC3339), "reason": c.Reason}}
}
