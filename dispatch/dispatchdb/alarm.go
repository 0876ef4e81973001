package dispatchdb

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Alarms are those that stand, and those that did.
type Alarms struct{ db }

// alarmColumns are an alarm's; of who shelved it the kind of account as which that was done.
const alarmColumns = `id, kind, device_id, COALESCE(delivery_id, ''), COALESCE(site_id, ''), COALESCE(value, 0),
	COALESCE(limit_value, 0), COALESCE(worst, value, 0), detail, raised_at, cleared_at, acked_at, COALESCE(acked_by, ''),
	COALESCE(shelf_by, ''), COALESCE(NULLIF(shelf_role, ''), (SELECT ` + kindOfAccount + ` FROM account a WHERE a.login = shelf_by), ''),
	COALESCE(shelf_why, ''), shelf_until, COALESCE(shelf_second, '')`

// alarmFields are where a row of alarmColumns goes.
func alarmFields(a *delivery.Alarm, cleared, acked, until **time.Time) []any {
	return []any{
		&a.ID, &a.Kind, &a.Device, &a.Delivery, &a.Site, &a.Value, &a.Limit, &a.Worst, &a.Detail, &a.RaisedAt, cleared, acked, &a.AckedBy,
		&a.Shelf.By, &a.Shelf.Role, &a.Shelf.Reason, until, &a.Shelf.Second,
	}
}

// scanAlarm reads a row of alarmColumns, and what follows them.
func scanAlarm(row pgx.CollectableRow, more func(*delivery.Alarm) []any) (a delivery.Alarm, err error) {
	var cleared, acked, until *time.Time
	fields := alarmFields(&a, &cleared, &acked, &until)
	if more != nil {
		fields = append(fields, more(&a)...)
	}
	err = row.Scan(fields...)
	a.RaisedAt, a.ClearedAt, a.AckedAt, a.Shelf.Until = a.RaisedAt.UTC(), orZero(cleared), orZero(acked), orZero(until)
	return a, err
}

func collectAlarms(ctx context.Context, tx pgx.Tx, q string, args ...any) ([]delivery.Alarm, error) {
	return collect(ctx, tx, func(row pgx.CollectableRow) (delivery.Alarm, error) { return scanAlarm(row, nil) }, q, args...)
}

// standing are the alarms that have not been cleared.
func standing(ctx context.Context, tx pgx.Tx) ([]delivery.Alarm, error) {
	return collectAlarms(ctx, tx, `SELECT `+alarmColumns+` FROM alarm WHERE cleared_at IS NULL ORDER BY id`)
}

// alarmLock has one change of alarms at a time.
const alarmLock = 0x686c616c

func lockAlarms(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, alarmLock)
	return err
}

// ChangeAlarms writes what decide makes of the standing alarms.
func (s *Alarms) ChangeAlarms(ctx context.Context, now time.Time, decide func([]delivery.Alarm) delivery.AlarmChange) (int, error) {
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if err := lockAlarms(ctx, tx); err != nil {
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
		for _, a := range c.Loud {
			if err := writeDeed(ctx, tx, a.Expired()); err != nil {
				return nil, err
			}
			events = append(events, alarmEvent(a, "", "shelf_expired", nil, now))
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
		before, err := collectAlarms(ctx, tx, `SELECT `+alarmColumns+` FROM alarm
			WHERE kind = $1 AND device_id = $2 AND COALESCE(delivery_id, '') = $3
			ORDER BY id DESC
			LIMIT 1`, a.Kind, a.Device, a.Delivery)
		if err != nil {
			return nil, err
		}
		for _, b := range before {
			a = a.Inherits(b)
		}
		const q = `INSERT INTO alarm (kind, priority, device_id, delivery_id, site_id, value, limit_value, detail, raised_at, cleared_at,
				acked_at, acked_by, shelf_by, shelf_why, shelf_until, shelf_second, shelf_role)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
			ON CONFLICT DO NOTHING
			RETURNING id`
		ids, err := collect(ctx, tx, pgx.RowTo[int64], q,
			a.Kind, a.Kind.Priority(), a.Device, nonZero(a.Delivery), nonZero(a.Site), a.Value, a.Limit, a.Detail, a.RaisedAt, orNull(a.ClearedAt),
			orNull(a.AckedAt), nonZero(a.AckedBy), nonZero(a.Shelf.By), nonZero(a.Shelf.Reason), orNull(a.Shelf.Until), nonZero(a.Shelf.Second),
			a.Shelf.Role)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			a.ID = id
			events = append(events, alarmEvent(a, "", "raised", map[string]string{
				"priority": string(a.Kind.Priority()),
				"value":    fmt.Sprintf("%.3f", a.Value),
				"limit":    fmt.Sprintf("%.3f", a.Limit),
				"delivery": string(a.Delivery),
			}, a.RaisedAt))
		}
	}
	return events, nil
}

// alarmEvent tells what has become of an alarm.
func alarmEvent(a delivery.Alarm, actor, what string, more map[string]string, at time.Time) delivery.Event {
	detail := map[string]string{"what": what, "kind": string(a.Kind), "device": string(a.Device)}
	maps.Copy(detail, more)
	return delivery.Event{At: at, Kind: delivery.EvAlarm, Actor: actor, Site: a.Site, Subject: fmt.Sprint(a.ID), Detail: detail}
}

// clearAlarms closes open alarms of which a condition holds; its parameters begin at $2.
func clearAlarms(ctx context.Context, tx pgx.Tx, now time.Time, where string, args ...any) ([]delivery.Event, error) {
	q := `UPDATE alarm SET cleared_at = $1
		WHERE cleared_at IS NULL AND ` + where + `
		RETURNING id, kind, device_id, COALESCE(site_id, ''), COALESCE(worst, value, 0)`
	return collect(ctx, tx, func(row pgx.CollectableRow) (delivery.Event, error) {
		var a delivery.Alarm
		err := row.Scan(&a.ID, &a.Kind, &a.Device, &a.Site, &a.Worst)
		return alarmEvent(a, "", "cleared", map[string]string{"worst": fmt.Sprintf("%.3f", a.Worst)}, now), err
	}, q, append([]any{now}, args...)...)
}

// DoAlarm writes what decide makes of one alarm, at a person's wish, and of the others of
// its condition that nobody has seen. It returns how many events it logged, or ErrNotFound.
func (s *Alarms) DoAlarm(
	ctx context.Context, id int64, actor network.Actor, now time.Time, decide func(delivery.Alarm) (delivery.AlarmDeed, error),
) (int, error) {
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if err := lockAlarms(ctx, tx); err != nil {
			return nil, err
		}
		found, err := collectAlarms(ctx, tx, `SELECT `+alarmColumns+` FROM alarm WHERE id = $1`, id)
		if err == nil && len(found) == 0 {
			err = refusal.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		deed, err := decide(found[0])
		if err != nil {
			return nil, err
		}
		var events []delivery.Event
		if deed.What != "" {
			if err := writeDeed(ctx, tx, deed.Alarm); err != nil {
				return nil, err
			}
			events = append(events, alarmEvent(deed.Alarm, actor.Login, deed.What, deed.Detail, now))
		}
		older, err := seeOlder(ctx, tx, deed.Alarm, actor, now)
		return append(events, older...), err
	})
	return len(events), err
}

// seeOlder notes that those of an alarm's condition that are over were seen with it.
func seeOlder(ctx context.Context, tx pgx.Tx, a delivery.Alarm, actor network.Actor, now time.Time) ([]delivery.Event, error) {
	if a.AckedAt.IsZero() {
		return nil, nil
	}
	list, err := collectAlarms(ctx, tx, `SELECT `+alarmColumns+` FROM alarm
		WHERE kind = $1 AND device_id = $2 AND COALESCE(delivery_id, '') = $3 AND cleared_at IS NOT NULL AND acked_at IS NULL AND id < $4`,
		a.Kind, a.Device, a.Delivery, a.ID)
	if err != nil {
		return nil, err
	}
	var events []delivery.Event
	for _, b := range list {
		deed, err := b.Acknowledge(actor, now)
		if err == nil {
			err = writeDeed(ctx, tx, deed.Alarm)
		}
		if err != nil {
			return nil, err
		}
		events = append(events, alarmEvent(deed.Alarm, actor.Login, deed.What, nil, now))
	}
	return events, nil
}

// writeDeed writes what people say of an alarm.
func writeDeed(ctx context.Context, tx pgx.Tx, a delivery.Alarm) error {
	_, err := tx.Exec(ctx, `UPDATE alarm
		SET acked_at = $2, acked_by = $3, shelf_by = $4, shelf_why = $5, shelf_until = $6, shelf_second = $7, shelf_role = $8
		WHERE id = $1`,
		a.ID, orNull(a.AckedAt), nonZero(a.AckedBy),
		nonZero(a.Shelf.By), nonZero(a.Shelf.Reason), orNull(a.Shelf.Until), nonZero(a.Shelf.Second), a.Shelf.Role)
	return err
}

// NoteWorst keeps what was measured at worst while alarms stood, by their ids.
func (s *Alarms) NoteWorst(ctx context.Context, worst map[int64]float64) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var b pgx.Batch
		for id, value := range worst {
			b.Queue(`UPDATE alarm SET worst = $2 WHERE id = $1`, id, value)
		}
		return tx.SendBatch(ctx, &b).Close()
	})
}

// alarms reads those that a person still has to see, one for each condition: that which
// stands or was last, and how often it came unseen. At most limit, those that stand first:
// for one hospital, or for all if site is "".
func alarms(ctx context.Context, tx pgx.Tx, site network.SiteID, now time.Time, limit int) ([]delivery.Alarm, error) {
	const q = `WITH unseen AS (
			SELECT DISTINCT ON (kind, device_id, delivery_id) id, kind, device_id, delivery_id, cleared_at IS NULL AS stands,
				count(*) OVER (PARTITION BY kind, device_id, delivery_id) AS times
			FROM alarm
			WHERE (cleared_at IS NULL OR acked_at IS NULL) AND ($1 = '' OR site_id = $1)
			ORDER BY kind, device_id, delivery_id, cleared_at IS NULL DESC, id DESC
		), shown AS (
			SELECT id, times FROM unseen
			ORDER BY stands DESC, id DESC
			LIMIT $2
		)
		SELECT ` + alarmColumns + `, times, (
			SELECT count(*) FILTER (WHERE x.raised_at > $3) + count(*) FILTER (WHERE x.cleared_at > $3)
			FROM alarm x
			WHERE x.kind = a.kind AND x.device_id = a.device_id AND x.delivery_id IS NOT DISTINCT FROM a.delivery_id
				AND (x.raised_at > $3 OR x.cleared_at > $3)
		)
		FROM shown
		JOIN alarm a USING (id)`
	var transitions int
	list, err := collect(ctx, tx, func(row pgx.CollectableRow) (delivery.Alarm, error) {
		a, err := scanAlarm(row, func(a *delivery.Alarm) []any { return []any{&a.Times, &transitions} })
		a.Chattering = delivery.Chatters(transitions)
		return a, err
	}, q, string(site), limit, delivery.Chattering(now))
	delivery.Suppress(list)
	delivery.SortAlarms(list, now)
	return list, err
}

// alarmRate counts the alarms of the last hours, for one hospital or for all if site is "".
func alarmRate(ctx context.Context, tx pgx.Tx, site network.SiteID, now time.Time) (rate delivery.AlarmRate, err error) {
	const q = `SELECT floor(extract(epoch FROM $2::timestamptz - raised_at) / $3)::int, count(*)
		FROM alarm
		WHERE raised_at > $4 AND raised_at <= $2 AND ($1 = '' OR site_id = $1)
		GROUP BY 1`
	since := now.Add(-delivery.RateBins * delivery.RateEvery)
	rows, err := tx.Query(ctx, q, string(site), now, delivery.RateEvery.Seconds(), since)
	if err != nil {
		return rate, err
	}
	var bin, n int
	_, err = pgx.ForEachRow(rows, []any{&bin, &n}, func() error {
		if bin >= 0 && bin < len(rate) {
			rate[len(rate)-1-bin] = n
		}
		return nil
	})
	return rate, err
}
