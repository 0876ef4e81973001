package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

func (d *desk) standing(kind delivery.AlarmKind) (list []delivery.Alarm) {
	d.T.Helper()
	board, err := d.DB.Boards.Board(context.Background(), "", d.Now())
	if err != nil {
		d.T.Fatal(err)
	}
	for _, a := range board.Alarms {
		if a.Kind == kind && a.ClearedAt.IsZero() {
			list = append(list, a)
		}
	}
	return list
}

// reading is a box's temperature five seconds later.
func (d *desk) reading(box telemetry.DeviceID, milliC int32) {
	d.Tick(5 * time.Second)
	d.OnTelemetry(
		context.Background(),
		d.Tracker.Observe(
			d.Now(),
			telemetry.Sample{Device: box, Seq: d.Serial(), At: d.Now(), Reading: telemetry.Temperature{TempMC: milliC, AmbientMC: 20_000}},
		),
	)
}

func (d *desk) released(del delivery.Delivery) bool {
	d.T.Helper()
	for range 5 {
		d.Cools()
		d.Sent = nil
		d.FliesOnce()
		for _, c := range d.Sent {
			if c.Kind == telemetry.Release && c.Device == del.Drone {
				return true
			}
		}
	}
	return false
}

func (d *desk) givesUp(id delivery.ID) {
	d.T.Helper()
	if err := d.Does(anna, id, delivery.StepGiveUp, delivery.Scan{Note: "it will not come"}); err != nil {
		d.T.Fatal(err)
	}
}

func TestNothingIsReleasedFromOrToWhatIsClosed(t *testing.T) {
	t.Parallel()
	for place, why := range map[network.SiteID]situation.Failure{"SYBC": situation.CentreClosed, "SY06": situation.PadRefused} {
		d := newDesk(t)
		d.Stocks("A+", blood.RedCells, 1)
		del := d.load("KEY-00001")
		d.Answers("mission")
		c := d.close(place, "")
		if r := d.recovery(del.ID); r.Failure != why {
			t.Errorf("%s closed: got %+v", place, r)
		}
		if d.released(del) {
			t.Errorf("released with %s closed", place)
		}
		if err := d.Reopen(context.Background(), anna, c.ID); err != nil {
			t.Fatal(err)
		}
		d.plans()
		if !d.released(del) {
			t.Errorf("not released though %s is open again", place)
		}
	}
}

func TestAnAmendedRequestIsNotServedByWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	d.givesUp(del.ID)
	o := order(2)
	o.Group = "O-"
	if _, err := d.Amend(ctx, ward, del.Request, o, 0); err != nil {
		t.Fatal(err)
	}
	if err := d.Does(anna, del.ID, delivery.StepKeep, delivery.Scan{}); err == nil {
		t.Error("A+ is kept for what asks for O- now")
	}
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	d.receives(del)
	if r := d.request(del.Request); r.Status != delivery.Open {
		t.Errorf("%d units of %s are %s by one of A+", r.Units, r.Class, r.Status)
	}
}

func TestCancellingAReplacedRequestLeavesTheFirstDeliveryAlone(t *testing.T) {
	t.Parallel()
	for _, packed := range []bool{false, true} {
		d, ctx := newDesk(t), context.Background()
		d.Stocks("A+", blood.RedCells, 3)
		del, _ := d.airborne("KEY-00001")
		d.givesUp(del.ID)
		two := d.Accepts(d.request(del.Request))
		if packed {
			for _, err := range []error{d.Does(bert, two.ID, delivery.StepCheck, delivery.Scan{}), d.Does(anna, two.ID, delivery.StepPack, delivery.Scan{Unit: two.Units[0].Unit.Key})} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		d.Tick(20 * time.Minute)
		if _, err := d.Cancel(ctx, ward, del.Request, "no need"); err != nil {
			t.Errorf("packed %v: %v", packed, err)
		}
		if got := d.delivery(del.ID).Units[0].Unit.Status; got != blood.Issued {
			t.Errorf("packed %v: the unit in the air is %s", packed, got)
		}
		if p, err := d.DB.Cold.Journeys(ctx, two.ID); err != nil || packed != (len(p) == 1) {
			t.Errorf("packed %v: passages %+v, %v", packed, p, err)
		}
	}
}

func TestALostDroneIsWrittenOffAndMayBeFound(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del, _ := d.airborne("KEY-00001")
	if err := d.Does(anna, del.ID, delivery.StepLose, delivery.Scan{}); err == nil {
		t.Error("a drone that is heard was lost")
	}
	d.later(3*time.Minute, del.Drone)
	d.plans()
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Replace); err != nil {
		t.Fatal(err)
	}
	d.later(48*time.Hour, del.Drone)
	if err := d.Does(anna, del.ID, delivery.StepLose, delivery.Scan{Note: "searched for"}); err != nil {
		t.Fatal(err)
	}
	got := d.delivery(del.ID)
	if got.Status != delivery.DLost || got.Units[0].Unit.Status != blood.Discarded || d.missionStatus(del.Mission) != "aborted" {
		t.Errorf("got %+v, mission %s", got, d.missionStatus(del.Mission))
	}
	free := func() (n int) {
		if err := d.Pool.QueryRow(ctx, `SELECT count(*) FROM delivery_box WHERE delivery_id = $1 AND released`, del.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if free() != 0 {
		t.Error("its box may be packed")
	}
	if err := d.Does(anna,
		del.ID,
		delivery.StepFind,
		delivery.Scan{},
	); err != nil || free() != 1 ||
		d.delivery(del.ID).Units[0].Unit.Status != blood.Quarantined {
		t.Errorf("found: %v, %+v", err, d.delivery(del.ID))
	}
}

func TestADroneThatLandedUnheardIsOpenedByTheWard(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	if err := d.Does(ward, del.ID, delivery.StepLand, delivery.Scan{}); err == nil {
		t.Error("a drone that is heard in the air was taken for landed")
	}
	d.later(3*time.Minute, del.Drone)
	if err := d.Does(other, del.ID, delivery.StepLand, delivery.Scan{}); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("another hospital: got %v", err)
	}
	if err := d.Does(ward, del.ID, delivery.StepLand, delivery.Scan{}); err != nil {
		t.Fatal(err)
	}
	d.receives(del)
	if got := d.request(del.Request).Status; got != delivery.Fulfilled {
		t.Errorf("the request is %s", got)
	}
}

func TestUnitsThatArriveFulfilWhatWentByRoad(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del, _ := d.airborne("KEY-00001")
	d.later(3*time.Minute, del.Drone)
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Courier); err != nil {
		t.Fatal(err)
	}
	if got := d.request(del.Request); got.Status != delivery.ByRoad || got.RoadAt.Before(d.Now()) {
		t.Fatalf("got %+v", got)
	}
	d.report(del, telemetry.Landed, 0)
	d.FliesOnce()
	d.receives(del)
	if got := d.request(del.Request); got.Status != delivery.Fulfilled || !got.RoadAt.IsZero() {
		t.Errorf("got %+v", got)
	}
	r := d.Submits(order(1), "KEY-00002")
	if _, err := d.Road(ctx, anna, r.ID, delivery.RoadSend); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Cancel(ctx, ward, r.ID, "not needed"); err != nil {
		t.Errorf("the ward cancels what is by road: %v", err)
	}
}

func TestWhatIsHeardAgainIsNotRecovered(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	del, at := d.airborne("KEY-00001")
	d.later(3*time.Minute, del.Drone)
	if r := d.recovery(del.ID); r.Failure != situation.DroneLost {
		t.Fatalf("got %+v", r)
	}
	d.Observes(del.Drone, telemetry.Position{Point: at, AltM: 165, BatteryPct: 90, WindMPS: -1})
	if _, err := d.Recover(ctx, anna, del.ID, recovery.Replace); err == nil || d.delivery(del.ID).GivenUp() {
		t.Errorf("heard again, and given up all the same: %v", err)
	}
}

func TestRecoverDoesAllOrNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	if _, err := d.AddUnits(
		ctx,
		anna,
		[]blood.Unit{
			{
				Key:       blood.UnitKey{DIN: fmt.Sprintf("A999926%06d", d.Serial()), ProductCode: "E0336V00"},
				Component: blood.RedCells,
				Group:     "A+",
				MassG:     350,
				ExpiresAt: t0.Add(240 * time.Hour),
				Site:      "SYN2",
			},
		},
	); err != nil {
		t.Fatal(err)
	}
	d.reading(del.Boxes[0].Box, 14_000)
	if r := d.recovery(del.ID); r.Failure != situation.BoxWarm || r.Options[0].Way != recovery.Replace {
		t.Fatalf("got %+v", r)
	}
	local := network.Actor{Login: "anna", Role: network.RoleDispatcher, Site: "SYBC"}
	if _, err := d.Recover(ctx, local, del.ID, recovery.Replace); err == nil || d.delivery(del.ID).GivenUp() {
		t.Errorf("only another centre has units: %v, given up %v", err, d.delivery(del.ID).GivenUp())
	}
}

// Recover(Courier) is one step: nothing is allocated in between.
func TestTheCourierIsNotOvertakenByThePolicy(t *testing.T) {
	t.Parallel()
	d := newDeskBy(t, func(p *propose.Policy) { p.AutoAccept[delivery.STAT] = true })
	ctx, cancel := context.WithCancel(context.Background())
	d.Stocks("A+", blood.RedCells, 4)
	del := d.load("KEY-00001")
	d.close("SY06", "")
	d.plans()
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	_, err := d.Recover(ctx, anna, del.ID, recovery.Courier)
	cancel()
	<-done
	if err != nil || d.request(del.Request).Status != delivery.ByRoad {
		t.Errorf("%v; the request is %s", err, d.request(del.Request).Status)
	}
}

func TestNoCourierLeavesAClosedCentre(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	for _, s := range d.Network().Sites {
		if s.Kind == network.BloodCentre {
			d.close(s.ID, "")
		}
	}
	for _, o := range d.recovery(del.ID).Options {
		if o.Way == recovery.Courier && o.ArriveAt.Before(d.Now().Add(5*time.Hour)) {
			t.Errorf("every centre is closed for five hours, and a courier arrives at %s", o.ArriveAt)
		}
	}
}

func TestNoWayEndsWithItsMission(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 3)
	del, _ := d.airborne("KEY-00001")
	d.Tick(time.Minute)
	d.Tracker.Tick(d.Now()) // silent
	z, _, err := d.AddZone(ctx, anna, around(halfway(d.Mission(del.Mission).Out), 600))
	if err != nil {
		t.Fatal(err)
	}
	d.FliesOnce()
	if len(d.standing(delivery.NoWay)) != 1 {
		t.Fatal("no alarm")
	}
	again, err := dispatch.New(d.Dispatcher.Parts) // a restart
	if err != nil {
		t.Fatal(err)
	}
	first := d.Dispatcher
	d.Dispatcher = again // which does not know the zone
	if err := d.Restore(ctx); err != nil {
		t.Fatal(err)
	}
	d.FliesOnce()
	if len(d.standing(delivery.NoWay)) != 0 {
		t.Error("it stands after a restart, which nobody would ever clear")
	}
	d.Dispatcher = first
	d.report(del, telemetry.Parked, 0) // it came home by itself
	d.FliesOnce()
	d.FliesOnce()
	if d.missionStatus(del.Mission) != "done" || len(d.standing(delivery.NoWay)) != 0 {
		t.Errorf("mission %s, %+v", d.missionStatus(del.Mission), d.standing(delivery.NoWay))
	}
	if err := d.EndZone(ctx, anna, z.ID); err != nil {
		t.Fatal(err)
	}
	d.report(del, telemetry.Parked, 0)
	o := order(1)
	o.NeededBy = d.Now().Add(time.Hour)
	next := d.Accepts(d.Submits(o, "KEY-00002"))
	if r := d.recovery(next.ID); r.Failure != "" {
		t.Errorf("the next delivery fails by %q", r.Failure)
	}
}

func TestOneRequestThatCannotBeFlownLeavesTheOthersToThePolicy(t *testing.T) {
	t.Parallel()
	d, ctx := newDeskBy(t, func(p *propose.Policy) { p.AutoAccept[delivery.STAT] = true }), context.Background()
	d.Stocks("A+", blood.RedCells, 4)
	one, two := d.Submits(order(1), "KEY-00001"), statToCMU1(d, "A+")
	site, _ := d.Network().Site("SY06")
	z := around(site.Point, 300)
	z.From, z.Until = d.Now().Add(3*time.Hour+30*time.Second), d.Now().Add(5*time.Hour)
	if _, _, err := d.AddZone(ctx, anna, z); err != nil {
		t.Fatal(err)
	}
	d.plans()
	if a, b := d.request(one.ID).Status, d.request(two.ID).Status; a != delivery.Allocated || b != delivery.Allocated {
		t.Errorf("got %s and %s", a, b)
	}
}

func TestNothingIsAcceptedFromAClosedCentre(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	for _, s := range d.Network().Sites {
		if s.Kind == network.BloodCentre {
			if _, err := d.Close(ctx, anna, network.Closure{Site: s.ID, Reason: "storm", Until: d.Now().Add(4 * time.Minute)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if del, err := d.Accept(ctx, anna, d.Submits(order(1), "KEY-00001").ID, "", nil); err == nil {
		t.Errorf("accepted: %s", del.ID)
	}
}
