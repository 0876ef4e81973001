package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// A drone that plays a whole flight without having been let go is told of at once, is told
// of until it stands again, and ends neither its mission nor its delivery by it.
func TestADroneThatLeavesUnreleased(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Accepts(d.Submits(order(1), "KEY-00001"))
	d.FliesOnce()
	d.Answers(telemetry.LoadMission)
	for _, x := range []struct {
		phase telemetry.Phase
		leg   int
		flies bool
	}{
		{telemetry.Airborne, 0, true},
		{telemetry.Holding, 0, true},
		{telemetry.Landed, 0, false},
		{telemetry.Airborne, 1, true},
		{telemetry.Parked, 1, false},
	} {
		d.report(del, x.phase, x.leg)
		d.FliesOnce()
		d.plans()
		told := d.standing(delivery.UntoldFlight)
		if (len(told) == 1) != x.flies || x.flies && (told[0].Device != del.Drone || told[0].Delivery != del.ID || told[0].Detail != "unreleased") {
			t.Errorf("%v, leg %d: %+v", x.phase, x.leg, told)
		}
		if got := d.missionStatus(del.Mission); got != "uploaded" {
			t.Errorf("%v, leg %d: its mission is %s", x.phase, x.leg, got)
		}
	}
	if got := d.delivery(del.ID).Status; got != delivery.DAllocated {
		t.Errorf("its delivery is %s", got)
	}
}

// Whatever time an answer to a release bears, its drone may be on its way, and the log has
// the answer at the time at which it came in.
func TestAnAnswerIsDatedByTheServer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	d.FliesOnce()
	release := d.Sent[len(d.Sent)-1]
	if release.Kind != telemetry.Release {
		t.Fatalf("sent %v", release.Kind)
	}
	longAgo := d.Now().AddDate(-20, 0, 0)
	if err := d.Acknowledge(t.Context(), telemetry.Ack{Command: release.ID, Device: del.Drone, OK: true, At: longAgo, StatedAt: longAgo}); err != nil {
		t.Fatal(err)
	}
	var at time.Time
	const q = `SELECT at FROM event_log WHERE kind = 'command' AND detail->>'ok' = 'yes' ORDER BY seq DESC LIMIT 1`
	if err := d.Pool.QueryRow(t.Context(), q).Scan(&at); err != nil || at.Before(d.Now().Add(-time.Minute)) {
		t.Errorf("the answer is in the log at %v, %v", at, err)
	}
	if err := d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "too late"}); !errors.Is(err, refusal.ErrReleased) && !errors.As(err, new(refusal.State)) {
		t.Errorf("stood down after its drone took the release: %v", err)
	}
}
