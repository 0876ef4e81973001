package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
)

// closures returns those that end after now, the earliest first.
func closures(ctx context.Context, tx pgx.Tx, now time.Time) ([]network.Closure, error) {
	const q = `SELECT id, c.site_id, COALESCE(pad_id, ''), COALESCE(device_id, ''), reason, closed_by,
			COALESCE(NULLIF(c.by_role, ''), ` + kindOfAccount + `), COALESCE(a.site_id, ''), from_at, until_at
		FROM closure c
		JOIN account a ON login = closed_by
		WHERE until_at > $1 AND ended_at IS NULL
		ORDER BY until_at, id`
	return collect(ctx, tx, func(row pgx.CollectableRow) (c network.Closure, err error) {
		err = row.Scan(&c.ID, &c.Site, &c.Pad, &c.Device, &c.Reason, &c.By, &c.ByRole, &c.BySite, &c.From, &c.Until)
		c.From, c.Until = c.From.UTC(), c.Until.UTC()
		return c, err
	}, q, now)
}

// Closures are the places and devices out of service.
type Closures struct{ db }

// closureLock has one change of closures at a time.
const closureLock = 0x686c636c

// ChangeClosures writes what decide makes of what is out of service: one that begins, or
// one that ends.
func (s *Closures) ChangeClosures(
	ctx context.Context,
	a network.Actor,
	now time.Time,
	decide func([]network.Closure) (*network.Closure, int64, error),
) (network.Closure, error) {
	var made network.Closure
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, closureLock); err != nil {
			return nil, err
		}
		list, err := closures(ctx, tx, now)
		if err != nil {
			return nil, err
		}
		begins, ends, err := decide(list)
		if err != nil {
			return nil, err
		}
		if begins != nil {
			made = *begins
			return insertClosure(ctx, tx, &made)
		}
		for _, c := range list {
			if c.ID == ends {
				_, err := tx.Exec(ctx, `UPDATE closure SET ended_by = $2, ended_at = $3 WHERE id = $1`, ends, a.Login, now)
				return []delivery.Event{closureEvent(c, a.Login, "opened", now)}, err
			}
		}
		return nil, nil
	})
	return made, err
}

func insertClosure(ctx context.Context, tx pgx.Tx, c *network.Closure) ([]delivery.Event, error) {
	const q = `INSERT INTO closure (site_id, pad_id, device_id, reason, closed_by, from_at, until_at, by_role)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		RETURNING id`
	err := tx.QueryRow(ctx, q, c.Site, nonZero(c.Pad), nonZero(c.Device), c.Reason, c.By, c.From, c.Until, c.ByRole).Scan(&c.ID)
	return []delivery.Event{closureEvent(*c, c.By, "closed", c.From)}, err
}

func closureEvent(c network.Closure, actor, what string, at time.Time) delivery.Event {
	site := c.Site
	if c.Device != "" { // no hospital's own
		site = ""
	}
	return delivery.Event{
		At:      at,
		Kind:    delivery.EvClosure,
		Actor:   actor,
		Site:    site,
		Subject: fmt.Sprint(c.ID),
		Detail: map[string]string{
			"what":   what,
			"site":   string(c.Site),
			"pad":    string(c.Pad),
			"device": string(c.Device),
			"until":  c.Until.Format(time.RFC3339),
			"reason": c.Reason,
		},
	}
}
