package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// passes lets so many minutes pass, both loops running.
func (d *desk) passes(minutes int, silent telemetry.DeviceID) {
	d.T.Helper()
	for range minutes {
		d.later(time.Minute, silent)
		d.FliesOnce()
		d.plans()
	}
}

// loadedDesk has a stock of so many A+ units, one of them loaded and its plan in the drone.
func loadedDesk(t *testing.T, stock int) (*desk, delivery.Delivery) {
	t.Helper()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, stock)
	del := d.load("KEY-00001")
	d.Answers(telemetry.LoadMission)
	return d, del
}

// underWay are the deliveries that have not ended and are not given up.
func (d *desk) underWay() (list []delivery.Delivery) {
	d.T.Helper()
	_, all, err := d.Active()
	if err != nil {
		d.T.Fatal(err)
	}
	for _, del := range all {
		if !del.Status.Ended() && !del.GivenUp() {
			list = append(list, del)
		}
	}
	return list
}

// A drone that was told to go and stands there, whether it said that it would or not.
func TestADroneThatTookItsReleaseAndStands(t *testing.T) {
	t.Parallel()
	for _, acked := range []bool{false, true} {
		d, del := loadedDesk(t, 2)
		ctx := context.Background()
		if acked {
			d.Answers(telemetry.Release)
		}
		d.passes(7, "")
		r := d.recovery(del.ID)
		if r.Failure != situation.NotLeaving || r.Waits != "" || r.Options[0].Way != recovery.Replace || len(d.standing(delivery.NotLeft)) != 1 {
			t.Fatalf("acknowledged %v: got %s, waits for %q, %v, alarms %+v", acked, r.Failure, r.Waits, ways(r), d.standing(delivery.NotLeft))
		}
		if err := d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "does not go"}); !errors.Is(err, refusal.ErrReleased) {
			t.Errorf("acknowledged %v: stood down while it may go: %v", acked, err)
		}
		if _, err := d.Recover(ctx, anna, del.ID, recovery.Replace); err != nil {
			t.Fatal(err)
		}
		list := d.underWay()
		if len(list) != 1 || list[0].Drone == del.Drone || list[0].Units[0].Unit.Key == del.Units[0].Unit.Key {
			t.Fatalf("acknowledged %v: replaced by %+v", acked, list)
		}
		d.plans()
		if closed := d.closed(); len(closed) != 1 || closed[0].Device != del.Drone || len(d.standing(delivery.NotLeft)) != 1 {
			t.Errorf("acknowledged %v: out of service %+v, alarms %+v", acked, closed, d.standing(delivery.NotLeft))
		}
		// It is not let go any more, so that people can take its box out.
		d.Sent = nil
		d.passes(6, "")
		for _, c := range d.Sent {
			if c.Kind == telemetry.Release && c.Device == del.Drone {
				t.Error("released though it was given up")
			}
		}
		if err := d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "box taken out"}); err != nil {
			t.Errorf("acknowledged %v: %v", acked, err)
		}
		d.plans()
		if len(d.standing(delivery.NotLeft)) != 0 {
			t.Error("the box is out, and its alarm stands")
		}
		if got := d.request(del.Request).Status; got != delivery.Allocated || d.missionStatus(del.Mission) != "aborted" {
			t.Errorf("acknowledged %v: request %s, mission %s", acked, got, d.missionStatus(del.Mission))
		}
	}
}

func TestAReleasedDroneThatFallsSilentIsReplaced(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	ctx := context.Background()
	d.FliesOnce() // its release is sent
	d.passes(4, del.Drone)
	if r := d.recovery(del.ID); r.Failure != situation.DroneSilent {
		t.Fatalf("got %+v", r)
	}
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Replace); err != nil {
		t.Fatal(err)
	}
	list := d.underWay()
	if len(list) != 1 || list[0].Drone == del.Drone || !d.delivery(del.ID).GivenUp() {
		t.Fatalf("replaced by %+v", list)
	}
	// Heard again where it stood, it is not let go.
	for range 3 {
		d.passes(1, "")
		given, err := d.pending(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range given {
			if c.Device == del.Drone {
				t.Errorf("given up, and told: %+v", c)
			}
		}
	}
	// It had gone, unheard, and lands: its units serve nobody twice.
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	d.FliesOnce()
	if got := d.delivery(del.ID).Status; got != delivery.DLanded {
		t.Errorf("the first delivery is %s", got)
	}
	if got := d.request(del.Request).Status; got != delivery.Allocated {
		t.Errorf("the request is %s", got)
	}
}

func TestADroneThatDidNotLeaveIsNotTakenByThePolicy(t *testing.T) {
	t.Parallel()
	d, ctx := newDeskBy(t, func(p *propose.Policy) { p.AutoAccept[delivery.STAT] = true }), context.Background()
	d.Stocks("A+", blood.RedCells, 3)
	o := order(1)
	o.NeededBy = t0.Add(3 * time.Hour)
	del := d.loadFor(o, "KEY-00001")
	d.Answers(telemetry.LoadMission)
	for _, x := range d.Network().Drones {
		if x.ID != del.Drone {
			d.grounds(x.ID)
		}
	}
	d.passes(6, "")
	if got := ways(d.recovery(del.ID)); len(got) != 2 || got[0] != recovery.Courier {
		t.Fatalf("all other drones are out of service: got %v", got)
	}
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Road(ctx, anna, del.Request, delivery.RoadRecall); err != nil {
		t.Fatal(err)
	}
	d.plans()
	if list := d.underWay(); len(list) != 0 {
		t.Errorf("the policy sends %+v", list)
	}
}

func TestADroneThatGoesOutOfServiceAfterItsReleaseIsTold(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	if !d.released(del) {
		t.Fatal("not released")
	}
	d.grounds(del.Drone)
	d.report(del, telemetry.Airborne, 0)
	d.FliesOnce()
	d.plans()
	if got := d.standing(delivery.OutOfService); len(got) != 1 || d.missionStatus(del.Mission) != "outbound" {
		t.Errorf("it flies, and the alarms are %+v", got)
	}
}

// What another drone would wait for as well is no reason for another drone.
func TestADroneThatWaitsForItsPadIsNotReplaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 3)
	first, _ := d.airborne("KEY-00001")
	d.report(first, telemetry.Landed, 0)
	d.FliesOnce()
	d.passes(10, "") // it overstays, unopened
	o := order(1)
	o.NeededBy = d.Now().Add(time.Hour)
	two := d.Loads(d.Accepts(d.Submits(o, "KEY-00002")), "KEY-00002")
	d.Answers(telemetry.LoadMission)
	d.passes(7, "")
	r := d.recovery(two.ID)
	if r.Failure != situation.NotLeaving || r.Waits != situation.CheckPad {
		t.Fatalf("got %s, waits for %q", r.Failure, r.Waits)
	}
	for _, o := range r.Options {
		if o.Way == recovery.Replace || o.Way == recovery.OtherPad {
			t.Errorf("another drone to the same pad, or the same pad: %v", ways(r))
		}
	}
	if r.Options[0].Way != recovery.GoOn || r.Options[0].Doubtful {
		t.Errorf("got %+v", r.Options[0])
	}
	d.passes(10, "")
	if r := d.recovery(two.ID); r.Failure != situation.PadRefused || len(d.standing(delivery.Stranded)) != 1 {
		t.Errorf("after half an hour: got %s, alarms %+v", r.Failure, d.standing(delivery.Stranded))
	}
	if got := d.standing(delivery.PadTaken); len(got) != 1 || got[0].Device != first.Drone {
		t.Fatalf("alarms: %+v", got)
	}
	d.report(first, telemetry.Landed, 0)
	d.receives(first)
	d.Obeys(telemetry.Release)
	d.report(first, telemetry.Airborne, 1)
	d.FliesOnce()
	if got := d.standing(delivery.PadTaken); len(got) != 0 || !d.released(two) {
		t.Errorf("it has left: alarms %+v, the other is still on the ground", got)
	}
}

// The last unit is in the open box of the delivery that fails.
func TestAnOpenBoxIsPlannedWithAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Accepts(d.Submits(order(1), "KEY-00001"))
	d.grounds(del.Drone)
	r := d.recovery(del.ID)
	if got := ways(r); len(got) != 3 || got[0] != recovery.OtherDrone || got[1] != recovery.Replace {
		t.Fatalf("got %v", got)
	}
	if _, err := d.Recover(context.Background(), anna, del.ID, recovery.Replace); err != nil {
		t.Fatal(err)
	}
	if list := d.underWay(); len(list) != 1 || list[0].Drone == del.Drone || list[0].Units[0].Unit.Key != del.Units[0].Unit.Key {
		t.Errorf("got %+v", list)
	}
}

func TestWhatIsOutOfServiceIsNotDiverted(t *testing.T) {
	t.Parallel()
	for name, what := range devicesOf {
		d := newDesk(t)
		d.Stocks("A+", blood.RedCells, 1)
		del, _ := d.airborneFor(urgentToSY06(), "KEY-00001")
		d.grounds(what(del))
		r := statToCMU1(d, "A+")
		d.plans()
		if got := d.Diversions(); len(got) != 0 {
			t.Errorf("%s: offered %+v", name, got)
		}
		if _, err := d.Divert(context.Background(), anna, r.ID, del.ID); err == nil {
			t.Errorf("%s: diverted", name)
		}
	}
}

func TestADroneOutOfServiceAndSwitchedOffIsStillOutOfService(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	d.grounds(del.Drone)
	d.plans()
	d.later(3*time.Minute, del.Drone)
	if r := d.recovery(del.ID); r.Failure != situation.DeviceClosed || len(d.standing(delivery.OutOfService)) != 1 {
		t.Errorf("got %s, alarms %+v", r.Failure, d.standing(delivery.OutOfService))
	}
}

func TestARestartIsNoSilence(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	d.later(10*time.Minute, del.Drone)
	before := d.recovery(del.ID).Failure
	if before != situation.DroneSilent {
		t.Fatalf("got %s", before)
	}
	if err := d.Restore(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := d.recovery(del.ID).Failure; got != "" || len(d.standing(delivery.NotLeft)) != 0 {
		t.Errorf("a program that began this instant says %s", got)
	}
}

// What may go at last is told so; only if it stands then does it fail.
func TestADroneThatMayGoAtLastIsGivenItsTime(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 3)
	d.battery(del.Drone, 5)
	d.passes(7, "")
	if r := d.recovery(del.ID); r.Waits != situation.CheckBattery {
		t.Fatalf("got %+v", r)
	}
	d.later(30*time.Second, del.Drone)
	if r := d.recovery(del.ID); r.Failure != "" {
		t.Errorf("a gap of half a minute: %+v", r)
	}
	d.battery(del.Drone, 100)
	for range 4 {
		d.passes(1, "")
		if r := d.recovery(del.ID); r.Failure != "" || len(d.standing(delivery.NotLeft)) != 0 {
			t.Fatalf("it was told to leave this instant, and fails: %+v", r)
		}
	}
	d.passes(2, "")
	if r := d.recovery(del.ID); r.Failure != situation.NotLeaving || r.Waits != "" {
		t.Errorf("told to leave five minutes ago: %+v", r)
	}
}

// A drone waits for a pad that others, not yet gone, have first.
func TestADroneThatWaitsItsTurnIsNotBlamed(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 5)
	o := order(1)
	o.NeededBy = t0.Add(3 * time.Hour)
	d.Accepts(d.Submits(o, "KEY-00001"))
	d.Accepts(d.Submits(o, "KEY-00002"))
	r := d.Submits(o, "KEY-00003")
	third, err := d.Accept(ctx, anna, r.ID, "", nil)
	for range 30 {
		if err == nil {
			break
		}
		d.later(30*time.Second, "")
		d.FliesOnce()
		third, err = d.Accept(ctx, anna, r.ID, "", nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.Loads(third, "KEY-00003")
	for d.missionStatus(third.Mission) == "planned" {
		d.Answers(telemetry.LoadMission)
	}
	waited := false
	for range 20 {
		d.Sent = nil
		d.later(20*time.Second, "")
		d.FliesOnce()
		if got := d.recovery(third.ID); got.Failure == situation.NotLeaving {
			if waited = true; got.Waits != situation.CheckPad || got.Options[0].Way != recovery.GoOn {
				t.Fatalf("waits for %q: %v", got.Waits, ways(got))
			}
		}
		for _, c := range d.Sent {
			if c.Kind == telemetry.Release && c.Device == third.Drone {
				if !waited {
					t.Fatal("let go before it waited for long")
				}
				return
			}
		}
	}
	if !waited {
		t.Error("it never waited for long")
	}
}

func TestWhatLeavesAlthoughItWasGivenUpIsCalledHome(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	ctx := context.Background()
	d.passes(6, "")
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	if got := d.delivery(del.ID); !got.GivenUp() {
		t.Fatalf("got %+v", got)
	}
	d.report(del, telemetry.Airborne, 0)
	d.FliesOnce()
	d.Answers(telemetry.Return)
	if got := d.missionStatus(del.Mission); got != "outbound" {
		t.Errorf("its mission is %s", got)
	}
}

func TestADroneWithABoxThatWasGivenUpIsNotPlannedWith(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 3)
	ctx := context.Background()
	for _, x := range d.Network().Drones {
		if x.ID != del.Drone {
			d.grounds(x.ID)
		}
	}
	d.passes(6, "")
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	for _, c := range d.closed() {
		if c.Device == del.Drone {
			if err := d.Reopen(ctx, anna, c.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	o := order(1)
	o.NeededBy = d.Now().Add(3 * time.Hour)
	r := d.Submits(o, "KEY-00002")
	d.passes(2, "")
	if proposals, _ := d.Proposals(); proposals[r.ID].Drone != "" || len(d.standing(delivery.NotLeft)) != 1 {
		t.Errorf("planned with %s, which has a box on board; alarms %+v", proposals[r.ID].Drone, d.standing(delivery.NotLeft))
	}
}

func TestABoxThatStandsThereIsNotWrittenOff(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	ctx := context.Background()
	d.passes(6, "")
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	if err := d.Does(anna, del.ID, delivery.StepLose, delivery.Scan{Note: "gone"}); err == nil {
		t.Error("written off though its drone is heard where it stands")
	}
	// Its radio dies; whoever has the box in hand stands it down.
	d.passes(7, del.Drone)
	if err := d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "box in hand"}); err != nil {
		t.Error(err)
	}
	if got := d.delivery(del.ID); got.Status != delivery.DCancelled {
		t.Errorf("got %+v", got)
	}
}

// A storm closes a centre: when it opens, its drones have their time to leave.
func TestAfterAClosureNobodyIsBlamed(t *testing.T) {
	t.Parallel()
	d, del := loadedDesk(t, 2)
	d.passes(1, "")
	c := d.close("SYBC", "")
	d.passes(12, "")
	if err := d.Reopen(context.Background(), anna, c.ID); err != nil {
		t.Fatal(err)
	}
	if r := d.recovery(del.ID); r.Failure != "" {
		t.Errorf("open this instant: %+v", r)
	}
}
