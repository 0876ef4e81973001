package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
)

// Alarms are those that stand, and those that did.
type Alarms struct{ db }

const alarmColumns = `id, kind, device_id, COALESCE(delivery_id, ''), COALESCE(site_id, ''), COALESCE(value, 0), COALESCE(limit_value,
	0), detail,
	raised_at, cleared_at, acked_at, COALESCE(acked_by, '')`

func scanAlarm(row pgx.CollectableRow) (a delivery.Alarm, err error) {
	var cleared, acked *time.Time
	err = row.Scan(&a.ID, &a.Kind, &a.Device, &a.Delivery, &a.Site, &a.Value, &a.Limit, &a.Detail, &a.RaisedAt, &cleared, &acked, &a.AckedBy)
	a.RaisedAt, a.ClearedAt, a.AckedAt = a.RaisedAt.UTC(), orZero(cleared), orZero(acked)
	return a, err
}

// standing are the alarms that have not been cleared.
func standing(ctx context.Context, tx pgx.Tx) ([]delivery.Alarm, error) {
	return collect(ctx, tx, scanAlarm, `SELECT `+alarmColumns+` FROM alarm WHERE cleared_at IS NULL ORDER BY id`)
}

// alarmLock has one change of alarms at a time.
const alarmLock = 0x686c616c

// ChangeAlarms writes what decide makes of the standing alarms.
func (s *Alarms) ChangeAlarms(ctx context.Context, now time.Time, decide func([]delivery.Alarm) delivery.AlarmChange) (int, error) {
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, alarmLock); err != nil {
			return nil, err
		}
		list, err := standing(ctx, tx)
		if err != nil {
			return nil, err
		}
		c := decide(list)
		events, err := clearAlarms(ctx, tx, now, `id = ANY ($2)`, c.Clear)
		if err != nil {
			return nil, err
		}
		raised, err := raiseAlarms(ctx, tx, c.Raise)
		return append(events, raised...), err
	})
	return len(events), err
}

// raiseAlarms opens alarms, but for those of which the same is open.
func raiseAlarms(ctx context.Context, tx pgx.Tx, list []delivery.Alarm) ([]delivery.Event, error) {
	var events []delivery.Event
	for _, a := range list {
		const q = `INSERT INTO alarm (kind, priority, device_id, delivery_id, site_id, value, limit_value, detail, raised_at, cleared_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT DO NOTHING
			RETURNING id`
		ids, err := collect(
			ctx,
			tx,
			pgx.RowTo[int64],
			q,
			a.Kind,
			a.Kind.Priority(),
			a.Device,
			nonZero(a.Delivery),
			nonZero(a.Site),
			a.Value,
			a.Limit,
			a.Detail,
			a.RaisedAt,
			orNull(a.ClearedAt),
		)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			events = append(
				events,
				delivery.Event{At: a.RaisedAt, Kind: delivery.EvAlarm, Site: a.Site, Subject: fmt.Sprint(id), Detail: map[string]string{
					"what":     "raised",
					"kind":     string(a.Kind),
					"device":   string(a.Device),
					"priority": string(a.Kind.Priority()),
					"value":    fmt.Sprintf("%.3f", a.Value),
				}},
			)
		}
	}
	return events, nil
}

// clearAlarms closes open alarms of which a condition holds; its parameters begin at $2.
func clearAlarms(ctx context.Context, tx pgx.Tx, now time.Time, where string, args ...any) ([]delivery.Event, error) {
	q := `UPDATE alarm SET cleared_at = $1
		WHERE cleared_at IS NULL AND ` + where + `
		RETURNING id, kind, device_id, COALESCE(site_id, '')`
	return collect(ctx, tx, func(row pgx.CollectableRow) (e delivery.Event, err error) {
		var id int64
		var kind, device string
		err = row.Scan(&id, &kind, &device, &e.Site)
		e.At, e.Kind, e.Subject = now, delivery.EvAlarm, fmt.Sprint(id)
		e.Detail = map[string]string{"what": "cleared", "kind": kind, "device": device}
		return e, err
	}, q, append([]any{now}, args...)...)
}

// AckAlarm notes who has seen an alarm; a second time changes nothing.
func (s *Alarms) AckAlarm(ctx context.Context, id int64, actor network.Actor, now time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var site string
		var open bool
		if err := tx.QueryRow(
			ctx,
			`SELECT COALESCE(site_id, ''), acked_at IS NULL FROM alarm WHERE id = $1 FOR UPDATE`,
			id,
		).Scan(
			&site,
			&open,
		); err != nil ||
			!open {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `UPDATE alarm SET acked_at = $2, acked_by = $3 WHERE id = $1`, id, now, actor.Login); err != nil {
			return nil, err
		}
		return []delivery.Event{
			{
				At:      now,
				Kind:    delivery.EvAlarm,
				Actor:   actor.Login,
				Site:    network.SiteID(site),
				Subject: fmt.Sprint(id),
				Detail:  map[string]string{"what": "acknowledged"},
			},
		}, nil
	})
	return err
}

// alarms reads those that a person still has to see, active or not yet acknowledged, the
// newest first and at most limit: for one hospital, or for all if site is "".
func alarms(ctx context.Context, tx pgx.Tx, site network.SiteID, limit int) ([]delivery.Alarm, error) {
	const q = `SELECT ` + alarmColumns + `
		FROM alarm
		WHERE (cleared_at IS NULL OR acked_at IS NULL) AND ($1 = '' OR site_id = $1)
		ORDER BY raised_at DESC, id DESC
		LIMIT $2`
	return collect(ctx, tx, scanAlarm, q, string(site), limit)
}
