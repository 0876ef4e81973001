package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if err := goleak.Find(goleak.IgnoreCurrent()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// desk is what the desk's own tests stand on: stories of several steps, on the record.
type desk struct{ *desktest.Desk }

var (
	t0    = desktest.T0
	anna  = desktest.Anna
	bert  = desktest.Bert
	ward  = desktest.Ward
	other = desktest.Other
	tower = desktest.Tower
	order = desktest.Order
)

func newDesk(t *testing.T) *desk {
	t.Helper()
	return &desk{desktest.New(t)}
}

// newDeskBy is a desk whose policy is the built-in one but for what change does.
func newDeskBy(t *testing.T, change func(*propose.Policy)) *desk {
	t.Helper()
	return &desk{desktest.NewBy(t, change)}
}

// pending are the commands that wait for their answers.
func (d *desk) pending(ctx context.Context) ([]telemetry.Command, error) {
	f, err := d.DB.World.Flights(ctx, d.Now())
	return f.Commands, err
}

// alarmsShown are the alarms that a person still has to see, the newest first.
func (d *desk) alarmsShown(ctx context.Context) ([]delivery.Alarm, error) {
	b, err := d.DB.Boards.Board(ctx, "", d.Now())
	return b.Alarms, err
}

// closed is what is out of service.
func (d *desk) closed() []network.Closure {
	d.T.Helper()
	f, err := d.DB.World.Flights(context.Background(), d.Now())
	if err != nil {
		d.T.Fatal(err)
	}
	return f.Closures
}

func TestRequestToReceipt(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	units := d.Stocks("A+", blood.RedCells, 3)
	d.Stocks("O-", blood.RedCells, 2)
	r := d.Submits(order(2), "key-00001")
	del := d.Accepts(r)
	if len(del.Units) != 2 || del.Units[0].Unit.Key != units[0].Key || del.Units[1].Unit.Key != units[1].Key {
		t.Fatalf("got units %v, want the two A+ that expire first", del.Units)
	}
	do := func(a network.Actor, step delivery.Step, s delivery.Scan) error {
		_, err := d.Do(ctx, a, del.ID, step, s)
		return err
	}
	refuse := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
	scanErr := func(what string, err error, want string) {
		t.Helper()
		var s refusal.Scan
		if !errors.As(err, &s) || !strings.Contains(s.Want, want) {
			t.Errorf("%s: got %v, want a scan error that expects %s", what, err, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refuse("the allocator checks", do(anna, delivery.StepCheck, delivery.Scan{}), refusal.ErrSamePerson)
	refuse("the ward checks", do(ward, delivery.StepCheck, delivery.Scan{}), refusal.ErrForbidden)
	var state refusal.State
	if err := do(bert, delivery.StepSeal, delivery.Scan{Seal: "SL-1000"}); !errors.As(err, &state) {
		t.Errorf("seal before packing: got %v", err)
	}
	must(do(bert, delivery.StepCheck, delivery.Scan{}))
	scanErr("pack a bag of another delivery", do(anna, delivery.StepPack, delivery.Scan{Unit: units[2].Key}), units[0].Key.DIN)
	must(do(anna, delivery.StepPack, delivery.Scan{Unit: units[0].Key}))
	scanErr("pack it again", do(anna, delivery.StepPack, delivery.Scan{Unit: units[0].Key}), units[1].Key.DIN)
	must(do(anna, delivery.StepPack, delivery.Scan{Unit: units[1].Key}))
	if b, _ := d.Tracker.Box(d.Now(), del.Boxes[0].Box); !b.Watched {
		t.Error("the box is not watched from packing on")
	}
	must(do(anna, delivery.StepSeal, delivery.Scan{Seal: "SL-1000"}))
	if _, err := d.Cancel(ctx, ward, r.ID, "too late"); !errors.As(err, &state) {
		t.Errorf("cancel after sealing: got %v", err)
	}
	scanErr("load another box", do(anna, delivery.StepLoad, delivery.Scan{Box: "BX-999"}), string(del.Boxes[0].Box))
	must(do(anna, delivery.StepLoad, delivery.Scan{Box: del.Boxes[0].Box}))
	d.Flies(del)
	refuse("another hospital receives", d.Does(other, del.ID, delivery.StepCompare, delivery.Scan{Seal: "SL-1000"}), refusal.ErrForbidden)
	scanErr("wrong seal", do(ward, delivery.StepCompare, delivery.Scan{Seal: "SL-1001"}), "SL-1000")
	must(do(ward, delivery.StepCompare, delivery.Scan{Seal: "SL-1000"}))
	d.Tick(10 * time.Minute)
	var f refusal.Field
	if err := do(ward, delivery.StepReceive, delivery.Scan{Unit: units[0].Key}); !errors.As(err, &f) || f.Field != "note" {
		t.Errorf("received without a reason from a box that never reported: got %v", err)
	}
	must(do(ward, delivery.StepReceive, delivery.Scan{Unit: units[0].Key, Note: "ice still solid"}))
	if err := do(ward, delivery.StepReject, delivery.Scan{Unit: units[1].Key}); !errors.As(err, &f) {
		t.Errorf("quarantine without a reason: got %v", err)
	}
	must(do(ward, delivery.StepReject, delivery.Scan{Unit: units[1].Key, Note: "leaks"}))
	record, err := d.DB.Books.Delivery(ctx, del.ID)
	must(err)
	want := "allocate check pack pack seal load take_off land compare_seal receive quarantine"
	var got []string
	for _, e := range record.Custody {
		got = append(got, string(e.Step))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("custody: got %v, want %s", got, want)
	}
	for i, want := range []string{"received", "quarantined", "in_stock"} {
		var status string
		must(d.Pool.QueryRow(ctx, `SELECT status FROM unit WHERE din = $1`, units[i].Key.DIN).Scan(&status))
		if status != want {
			t.Errorf("unit %d: got %s, want %s", i, status, want)
		}
	}
	var refused int
	must(d.Pool.QueryRow(ctx, `SELECT count(*) FROM event_log WHERE kind = 'scan_refused'`).Scan(&refused))
	if refused != 5 {
		t.Errorf("got %d refused scans in the log, want 5", refused)
	}
}

func TestCancelFreesEverything(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	r := d.Submits(order(1), "key-00001")
	del := d.Accepts(r)
	if _, err := d.Cancel(ctx, ward, r.ID, "not needed"); err != nil {
		t.Fatal(err)
	}
	again := d.Accepts(d.Submits(order(1), "key-00002"))
	if again.Units[0].Unit.Key != del.Units[0].Unit.Key || again.Drone != del.Drone || again.Boxes[0].Box != del.Boxes[0].Box {
		t.Errorf("got %+v after %+v", again, del)
	}
}

func TestAmendBringsTheRequestBackToTheQueue(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	d.Stocks("O-", blood.RedCells, 2)
	r := d.Submits(order(1), "key-00001")
	d.Accepts(r)
	o := order(2)
	o.Group = "O-"
	if same, err := d.Amend(ctx, ward, r.ID, order(1), 0); err != nil || same.Status != delivery.Allocated || same.Version != 1 {
		t.Errorf("amended to what it is: %+v, %v", same, err)
	}
	if _, err := d.Amend(ctx, ward, r.ID, o, 7); !errors.Is(err, refusal.ErrChanged) {
		t.Errorf("amended as somebody saw it who saw another version: %v", err)
	}
	amended, err := d.Amend(ctx, ward, r.ID, o, 1)
	if err != nil || amended.Status != delivery.Open || amended.Version != 2 {
		t.Fatalf("got %+v, %v", amended, err)
	}
	del := d.Accepts(amended)
	if len(del.Units) != 2 || del.Units[0].Unit.Group != "O-" || string(del.ID) != "D"+string(r.ID)[1:]+"-2" {
		t.Errorf("got %s with %+v", del.ID, del.Units)
	}
}

func TestTurnedBackDeliveryIsQuarantinedAndAskedAgain(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	units := d.Stocks("A+", blood.RedCells, 1)
	r := d.Submits(order(1), "key-00001")
	del := d.Accepts(r)
	for _, s := range []struct {
		a    network.Actor
		step delivery.Step
		scan delivery.Scan
	}{{bert, delivery.StepCheck, delivery.Scan{}}, {anna, delivery.StepPack, delivery.Scan{Unit: units[0].Key}}, {anna, delivery.StepSeal, delivery.Scan{Seal: "SL-1000"}}, {anna, delivery.StepLoad, delivery.Scan{Box: del.Boxes[0].Box}}} {
		if _, err := d.Do(ctx, s.a, del.ID, s.step, s.scan); err != nil {
			t.Fatal(err)
		}
	}
	d.Answers("mission")
	d.Answers("release")
	phase := func(p telemetry.Phase) {
		d.OnTelemetry(
			ctx,
			[]telemetry.Event{
				{Kind: telemetry.PhaseChanged, Device: del.Drone, At: d.Now(), StatedAt: d.Now(), Status: telemetry.Status{Phase: p, Mission: string(del.Mission)}},
			},
		)
	}
	phase(telemetry.Airborne)
	if err := d.Command(ctx, ward, del.Mission, flight.Order{Kind: telemetry.Return}); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("the ward commands: got %v", err)
	}
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Return}); err != nil {
		t.Fatal(err)
	}
	d.Answers("return")
	phase(telemetry.Returning)
	phase(telemetry.Parked)
	phase(telemetry.Parked) // a repeated report changes nothing
	var request, unit, mission string
	const q = `SELECT (SELECT status FROM request), (SELECT status FROM unit), (SELECT status FROM mission)`
	if err := d.Pool.QueryRow(ctx, q).Scan(&request, &unit, &mission); err != nil {
		t.Fatal(err)
	}
	if request != "open" || unit != "quarantined" || mission != "done" {
		t.Errorf("got request %s, unit %s, mission %s", request, unit, mission)
	}
}

func TestWrongPlanInTheDroneIsAnAlarm(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Accepts(d.Submits(order(1), "key-00001"))
	for range 2 {
		if err := d.FlyOnce(ctx, d.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.Sent) == 0 {
		t.Fatal("no plan was sent")
	}
	if err := d.Acknowledge(ctx, telemetry.Ack{Command: d.Sent[0].ID, Device: del.Drone, OK: true, Hash: "another", At: d.Now()}); err != nil {
		t.Fatal(err)
	}
	alarms, err := d.alarmsShown(ctx)
	if err != nil || len(alarms) != 1 || alarms[0].Kind != delivery.PlanMismatch || alarms[0].Kind.Priority() != delivery.Critical {
		t.Errorf("got %+v, %v", alarms, err)
	}
	var refused *telemetry.RefusedError
	if err := d.Acknowledge(ctx, telemetry.Ack{Command: d.Sent[0].ID, Device: "HL-12", OK: true, At: d.Now()}); !errors.As(err, &refused) {
		t.Errorf("another drone answers: got %v", err)
	}
}
