package dispatch_test

import (
	"testing"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
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
