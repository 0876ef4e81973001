package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// RaiseAlarm opens an alarm unless the same is open. One that comes with its
// ClearedAt is kept as a past condition.
func (s *Store) RaiseAlarm(ctx context.Context, a delivery.Alarm) ([]delivery.Event, error) {
	return s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) { return raiseAlarm(ctx, tx, a) })
}

func raiseAlarm(ctx context.Context, tx pgx.Tx, a delivery.Alarm) ([]delivery.Event, error) {
	const q = `INSERT INTO alarm (kind, priority, device_id, delivery_id, site_id, value, limit_value, detail, raised_at, cleared_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT DO NOTHING
		RETURNING id`
	rows, err := collect(ctx, tx, pgx.RowTo[int64], q, a.Kind, a.Priority, a.Device, nonZero(a.Delivery), nonZero(a.Site), a.Value, a.Limit, a.Detail, a.RaisedAt, orNull(a.ClearedAt))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return []delivery.Event{{At: a.RaisedAt, Kind: delivery.EvAlarm, Site: a.Site, Subject: fmt.Sprint(rows[0]), Detail: map[string]string{
		"what": "raised", "kind": string(a.Kind), "device": string(a.Device), "priority": string(a.Priority), "value": fmt.Sprintf("%.3f", a.Value)}}}, nil
}

// ClearAlarms closes open alarms of a device, of all its deliveries if del is "".
func (s *Store) ClearAlarms(ctx context.Context, device telemetry.DeviceID, del delivery.DeliveryID, kinds []delivery.AlarmKind, now time.Time) ([]delivery.Event, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `UPDATE alarm SET cleared_at = $1
			WHERE cleared_at IS NULL AND device_id = $2 AND kind = ANY ($3) AND ($4 = '' OR delivery_id = $4)
			RETURNING id, kind, COALESCE(site_id, '')`
		return collect(ctx, tx, func(row pgx.CollectableRow) (e delivery.Event, err error) {
			var id int64
			var kind string
			err = row.Scan(&id, &kind, &e.Site)
			e.At, e.Kind, e.Subject = now, delivery.EvAlarm, fmt.Sprint(id)
			e.Detail = map[string]string{"what": "cleared", "kind": kind, "device": string(device)}
			return e, err
		}, q, now, device, names, string(del))
	})
}

// AckAlarm notes who has seen an alarm; a second time changes nothing.
func (s *Store) AckAlarm(ctx context.Context, id int64, actor network.Actor, now time.Time) ([]delivery.Event, error) {
	return s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var site string
		var open bool
		if err := tx.QueryRow(ctx, `SELECT COALESCE(site_id, ''), acked_at IS NULL FROM alarm WHERE id = $1 FOR UPDATE`, id).Scan(&site, &open); err != nil || !open {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `UPDATE alarm SET acked_at = $2, acked_by = $3 WHERE id = $1`, id, now, actor.Login); err != nil {
			return nil, err
		}
		return []delivery.Event{{At: now, Kind: delivery.EvAlarm, Actor: actor.Login, Site: network.SiteID(site), Subject: fmt.Sprint(id), Detail: map[string]string{"what": "acknowledged"}}}, nil
	})
}

// Alarms returns those that a person still has to see: active, or not yet
// acknowledged; newest first, at most limit.
func (s *Store) Alarms(ctx context.Context, limit int) (list []delivery.Alarm, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		list, err = alarms(ctx, tx, "", limit)
		return err
	})
	return list, err
}

// alarms reads them for one hospital, or for all if site is "".
func alarms(ctx context.Context, tx pgx.Tx, site network.SiteID, limit int) ([]delivery.Alarm, error) {
	const q = `SELECT id, kind, priority, device_id, COALESCE(delivery_id, ''), COALESCE(site_id, ''), COALESCE(value, 0), COALESCE(limit_value, 0), detail,
			raised_at, cleared_at, acked_at, COALESCE(acked_by, '')
		FROM alarm
		WHERE (cleared_at IS NULL OR acked_at IS NULL) AND ($1 = '' OR site_id = $1)
		ORDER BY raised_at DESC, id DESC
		LIMIT $2`
	return collect(ctx, tx, func(row pgx.CollectableRow) (a delivery.Alarm, err error) {
		var cleared, acked *time.Time
		err = row.Scan(&a.ID, &a.Kind, &a.Priority, &a.Device, &a.Delivery, &a.Site, &a.Value, &a.Limit, &a.Detail, &a.RaisedAt, &cleared, &acked, &a.AckedBy)
		a.RaisedAt, a.ClearedAt, a.AckedAt = a.RaisedAt.UTC(), orZero(cleared), orZero(acked)
		return a, err
	}, q, string(site), limit)
}
