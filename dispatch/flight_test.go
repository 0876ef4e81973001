package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// load brings a fresh delivery of one unit to loaded.
func (d *desk) load(key string) delivery.Delivery { return d.loadFor(order(1), key) }

func (d *desk) loadFor(o delivery.Asked, key string) delivery.Delivery {
	d.T.Helper()
	return d.Loads(d.Accepts(d.Submits(o, key)), key)
}

// report is a status that the tracker has seen, though nobody was told.
func (d *desk) report(del delivery.Delivery, phase telemetry.Phase, leg int) {
	d.Tick(time.Second)
	d.Hear()
	if phase == telemetry.Landed {
		d.Reaches(del)
	}
	d.Observes(del.Drone, telemetry.Status{Phase: phase, Mission: string(del.Mission), Leg: leg})
}

func (d *desk) missionStatus(id delivery.MissionID) (s string) {
	d.T.Helper()
	if err := d.Pool.QueryRow(context.Background(), `SELECT status FROM mission WHERE id = $1`, id).Scan(&s); err != nil {
		d.T.Fatal(err)
	}
	return s
}

func TestMissedPhasesAreMadeGood(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	d.Answers("release")
	d.report(del, telemetry.Landed, 0) // the take-off was never acted upon
	for range 3 {
		d.FliesOnce()
	}
	if got := d.missionStatus(del.Mission); got != "at_pad" {
		t.Errorf("got %s, want at_pad", got)
	}
	d.report(del, telemetry.Parked, 1)
	for range 3 {
		d.FliesOnce()
	}
	if got := d.missionStatus(del.Mission); got != "done" {
		t.Errorf("got %s, want done", got)
	}
}

func TestAParkedDroneWithAPlanHasNotFlown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	d.report(del, telemetry.Parked, 0) // as a drone announces after a restart
	d.FliesOnce()
	if got := d.missionStatus(del.Mission); got != "uploaded" {
		t.Errorf("got %s, want uploaded", got)
	}
}

func TestARepeatedAckRaisesNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Accepts(d.Submits(order(1), "key-00001"))
	d.FliesOnce()
	d.FliesOnce()
	c := d.Sent[len(d.Sent)-1]
	for range 3 {
		if err := d.Acknowledge(ctx, telemetry.Ack{Command: c.ID, Device: del.Drone, OK: true, Hash: c.Plan.Hash(), At: d.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if alarms, err := d.alarmsShown(ctx); err != nil || len(alarms) != 0 {
		t.Errorf("got %+v, %v", alarms, err)
	}
}

func TestStandDownUntilReleased(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 3) // one is quarantined, one is for each of the two requests then open
	del := d.load("KEY-00001")
	if err := d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "drone unfit"}); err != nil {
		t.Fatal(err)
	}
	var unit, request string
	if err := d.Pool.QueryRow(
		ctx,
		`SELECT (SELECT status FROM unit WHERE din = $1), (SELECT status FROM request WHERE id = $2)`,
		del.Units[0].Unit.Key.DIN,
		del.Request,
	).Scan(
		&unit,
		&request,
	); err != nil {
		t.Fatal(err)
	}
	if unit != "quarantined" || request != "open" || d.missionStatus(del.Mission) != "aborted" {
		t.Errorf("got unit %s, request %s, mission %s", unit, request, d.missionStatus(del.Mission))
	}
	del = d.load("KEY-00002")
	d.Answers("mission")
	d.FliesOnce() // sends the release
	var state refusal.State
	if err := d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "too late"}); !errors.As(err, &state) {
		t.Errorf("after the release: got %v", err)
	}
}

func TestAllQuarantinedReopensTheRequest(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del := d.load("KEY-00001")
	d.Flies(del)
	if err := d.Does(ward, del.ID, delivery.StepReject, delivery.Scan{Unit: del.Units[0].Unit.Key, Note: "too warm"}); err != nil {
		t.Fatal(err)
	}
	var delivery, request string
	if err := d.Pool.QueryRow(
		ctx,
		`SELECT (SELECT status FROM delivery WHERE id = $1), (SELECT status FROM request WHERE id = $2)`,
		del.ID,
		del.Request,
	).Scan(
		&delivery,
		&request,
	); err != nil {
		t.Fatal(err)
	}
	if delivery != "rejected" || request != "open" {
		t.Errorf("got delivery %s, request %s", delivery, request)
	}
}

func TestALateDepartureNeverExtendsTheSlot(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del := d.load("KEY-00001")
	next := d.Accepts(d.Submits(order(1), "key-00002"))
	d.Flies(del)
	// The next slot begins where the first one ends; the first drone leaves later.
	const q = `UPDATE pad_slot SET slot = tstzrange((SELECT upper(slot) FROM pad_slot WHERE mission_id = $1), (SELECT upper(slot) FROM
		pad_slot WHERE mission_id = $1) + interval '10 min') WHERE mission_id = $2`
	if _, err := d.Pool.Exec(ctx, q, del.Mission, next.Mission); err != nil {
		t.Fatal(err)
	}
	d.OnTelemetry(
		ctx,
		[]telemetry.Event{
			{
				Kind:   telemetry.PhaseChanged,
				Device: del.Drone,
				At:     d.Now().Add(time.Hour),
				Status: telemetry.Status{Phase: telemetry.Airborne, Mission: string(del.Mission), Leg: 1},
			},
		},
	)
	if got := d.missionStatus(del.Mission); got != "inbound" {
		t.Errorf("got %s, want inbound", got)
	}
}

func TestAnOldKeyIsAnsweredThoughItsTimeHasCome(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	r := d.Submits(order(1), "key-00001")
	d.Tick(2 * time.Hour)
	again, err := d.Submit(ctx, ward, order(1), "key-00001", []byte("key-00001"))
	if err != nil || again.ID != r.ID {
		t.Errorf("got %s, %v; want %s", again.ID, err, r.ID)
	}
}

func TestOverdueIsToldOnceAndClearedByLanding(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	d.Tick(2 * time.Hour)
	d.Hear()
	for range 3 {
		d.FliesOnce()
	}
	if alarms := d.standing(delivery.Overdue); len(alarms) != 1 || alarms[0].Delivery != del.ID {
		t.Fatalf("got %+v", alarms)
	}
	d.report(del, telemetry.Landed, 0)
	for range 3 {
		d.FliesOnce()
	}
	var told int
	if err := d.Pool.QueryRow(
		ctx,
		`SELECT count(*) FROM alarm WHERE kind = 'overdue'`,
	).Scan(&told); err != nil || told != 1 ||
		len(d.standing(delivery.Overdue)) != 0 {
		t.Errorf("told %d times, %v; standing %+v", told, err, d.standing(delivery.Overdue))
	}
}
