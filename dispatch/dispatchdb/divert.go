package dispatchdb

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
)

// Divert ends a delivery in the air and begins another with its box and units, on the
// same mission with another goal.
func (s *Store) Divert(ctx context.Context, t dispatch.Turn) (delivery.Delivery, []delivery.Event, error) {
	var made delivery.Delivery
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		t := t // this may run again
		ms, err := missions(ctx, tx, `WHERE id = $1 FOR UPDATE`, t.Diversion.Mission)
		if err != nil {
			return nil, err
		}
		if len(ms) == 0 {
			return nil, refusal.ErrNotFound
		}
		del, err := lockDelivery(ctx, tx, `d.id = $1`, t.Diversion.Delivery)
		if err != nil {
			return nil, err
		}
		ends, err := t.Decide(ms[0], del)
		if err != nil {
			return nil, err
		}
		if t.CheckedBy, err = t.Checked(del); err != nil {
			return nil, err
		}
		events, err := writeChange(ctx, tx, del, ends)
		if err != nil {
			return nil, err
		}
		if err := takeRequest(ctx, tx, t.Gains, t.Now); err != nil {
			return nil, err
		}
		more, err := writeMission(ctx, tx, ms[0], nil, t.Mission, t.Now)
		if err != nil {
			return nil, err
		}
		if made, err = inherit(ctx, tx, del, t); err != nil {
			return nil, err
		}
		told, err := raiseAlarm(ctx, tx, t.Alarm)
		if err != nil {
			return nil, err
		}
		return append(slices.Concat(events, more, told), delivery.Event{At: t.Now, Kind: delivery.EvDelivery, Actor: t.Actor.Login, Site: t.Gains.Hospital, Subject: string(made.ID),
			Detail: map[string]string{"step": string(delivery.StepDivert), "drone": string(t.Diversion.Drone), "request": string(t.Gains.ID), "from": string(del.ID)}}), nil
	})
	return made, events, err
}

// inherit makes the delivery that goes on with what another one had. The bags were
// checked for the other one.
func inherit(ctx context.Context, tx pgx.Tx, from delivery.Delivery, t dispatch.Turn) (delivery.Delivery, error) {
	suffix, err := numbered(ctx, tx, t.Gains.ID)
	if err != nil {
		return delivery.Delivery{}, err
	}
	id := delivery.DeliveryID("D" + suffix)
	d := t.Diversion
	var b pgx.Batch
	b.Queue(`INSERT INTO delivery (id, request_id, request_version, component, recipient, mission_id, status, seal, allocated_by, checked_by, reasons, created_at, diverted_from, two_persons)
		VALUES ($1, $2, $3, $4, $5, $6, 'airborne', $7, $8, $9, $10, $11, $12, $13)`,
		id, t.Gains.ID, t.Gains.Version, t.Gains.Component, t.Gains.Class, d.Mission, nonZero(from.Seal), t.Actor.Login, nonZero(t.CheckedBy),
		map[string]any{"diverted_from": from.ID, "arrive_at": d.ArriveAt, "displaced": d.Displaced, "was": d.Was, "instead": d.Instead, "before": d.Before, "after": d.After}, t.Now, from.ID, t.TwoPersons)
	b.Queue(`INSERT INTO delivery_box (delivery_id, box_id, profile_id, packed_at) SELECT $2, box_id, profile_id, packed_at FROM delivery_box WHERE delivery_id = $1`, from.ID, id)
	b.Queue(`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor, box_id, packed_at)
		SELECT $2, din, product_code, division, component, $3, donor, box_id, packed_at FROM delivery_unit WHERE delivery_id = $1`, from.ID, id, t.Gains.Class)
	queueCustody(&b, id, delivery.CustodyEvent{Step: delivery.StepDivert, Actor: t.Actor.Login, At: t.Now, Scan: from.Seal, Detail: "from " + string(from.ID)})
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return delivery.Delivery{}, err
	}
	return lockDelivery(ctx, tx, `d.id = $1`, id)
}

// clearDiverted ends the alarms of a request that had lost a delivery to another.
func clearDiverted(ctx context.Context, tx pgx.Tx, id delivery.RequestID, now time.Time) error {
	_, err := tx.Exec(ctx, clearDivertedSQL, id, now, delivery.Diverted)
	return err
}

const clearDivertedSQL = `UPDATE alarm SET cleared_at = $2
	WHERE kind = $3 AND cleared_at IS NULL AND delivery_id IN (SELECT id FROM delivery WHERE request_id = $1)`

// names are statuses as Postgres takes them.
func names(list []delivery.RequestStatus) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}
