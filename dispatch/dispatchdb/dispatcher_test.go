package dispatchdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/dispatchdb/desktest"
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

// desk is what the tests of the record stand on.
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

func (d *desk) submit(o delivery.Asked, key string) delivery.Request {
	d.T.Helper()
	r, err := d.Submit(context.Background(), ward, o, key, []byte(key))
	if err != nil {
		d.T.Fatal(err)
	}
	return r
}

func (d *desk) accept(r delivery.Request) delivery.Delivery {
	d.T.Helper()
	del, err := d.Accept(context.Background(), anna, r.ID, "")
	if err != nil {
		d.T.Fatal(err)
	}
	return del
}

func TestSameKeySameRequest(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	a := d.submit(order(1), "key-00001")
	b, err := d.Submit(ctx, ward, order(1), "key-00001", []byte("key-00001"))
	if err != nil || a.ID != b.ID {
		t.Errorf("repeated: got %s, %v; want %s", b.ID, err, a.ID)
	}
	if _, err := d.Submit(ctx, ward, order(2), "key-00001", []byte("another body")); !errors.Is(err, refusal.ErrKeyReused) {
		t.Errorf("other body: got %v", err)
	}
	if _, err := d.Submit(ctx, other, order(1), "key-00002", nil); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("for another hospital: got %v", err)
	}
}

func TestOrdersAreRefusedByField(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tests := []struct {
		field  string
		change func(*delivery.Asked)
	}{
		{"hospital", func(o *delivery.Asked) { o.Hospital = "SYBC" }},
		{"pad", func(o *delivery.Asked) { o.Pad = "CMU1-P1" }},
		{"component", func(o *delivery.Asked) { o.Component = "gold" }},
		{"blood_group", func(o *delivery.Asked) { o.Group = "A" }},
		{"units", func(o *delivery.Asked) { o.Units = 0 }},
		{"units", func(o *delivery.Asked) { o.Units = 21 }},
		{"urgency", func(o *delivery.Asked) { o.Urgency = "now" }},
		{"needed_by", func(o *delivery.Asked) { o.NeededBy = t0 }},
		{"needed_by", func(o *delivery.Asked) { o.NeededBy = t0.Add(8 * 24 * time.Hour) }},
		{"patient.sex", func(o *delivery.Asked) { o.Patient.Sex = "x" }},
		{"patient.age", func(o *delivery.Asked) { o.Patient.Age = "99" }},
	}
	for _, tt := range tests {
		o := order(1)
		tt.change(&o)
		actor := ward
		actor.Site = o.Hospital
		var f refusal.Field
		if _, err := d.Submit(context.Background(), actor, o, "key-00001", nil); !errors.As(err, &f) || f.Field != tt.field {
			t.Errorf("%s: got %v", tt.field, err)
		}
	}
}

func TestRequestToReceipt(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	units := d.Stocks("A+", blood.RedCells, 3)
	d.Stocks("O-", blood.RedCells, 2)
	r := d.submit(order(2), "key-00001")
	del := d.accept(r)
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
	refuse("another hospital receives", do2(d, other, del.ID, delivery.StepCompare, delivery.Scan{Seal: "SL-1000"}), refusal.ErrForbidden)
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

func do2(d *desk, a network.Actor, id delivery.ID, step delivery.Step, s delivery.Scan) error {
	_, err := d.Do(context.Background(), a, id, step, s)
	return err
}

func TestTwoDronesOnePad(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 4)
	a, b := d.accept(d.submit(order(1), "key-00001")), d.accept(d.submit(order(1), "key-00002"))
	if a.Drone == b.Drone || a.Boxes[0].Box == b.Boxes[0].Box || a.Units[0].Unit.Key == b.Units[0].Unit.Key {
		t.Fatalf("shared: %+v and %+v", a, b)
	}
	var overlap bool
	const q = `SELECT EXISTS (SELECT FROM pad_slot x JOIN pad_slot y ON x.pad_id = y.pad_id AND x.mission_id < y.mission_id AND x.slot &&
		y.slot)`
	if err := d.Pool.QueryRow(ctx, q).Scan(&overlap); err != nil || overlap {
		t.Errorf("slots overlap: %v, %v", overlap, err)
	}
	// The schema refuses what the planner would never do.
	if _, err := d.Pool.Exec(
		ctx,
		`UPDATE pad_slot SET slot = (SELECT slot FROM pad_slot WHERE mission_id = $1) WHERE mission_id = $2`,
		a.Mission,
		b.Mission,
	); err == nil {
		t.Error("two missions hold one pad")
	}
}

func TestSchemaRefusesBrokenPromises(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	bplus := d.Stocks("B+", blood.RedCells, 1)[0]
	a, b := d.accept(d.submit(order(1), "key-00001")), d.accept(d.submit(order(1), "key-00002"))
	taken := a.Units[0].Unit
	tests := []struct {
		name, sql string
		args      []any
	}{
		{
			"unit in two deliveries",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'A+', 'A+')`,
			[]any{b.ID, taken.Key.DIN, taken.Key.ProductCode},
		},
		{
			"incompatible unit",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'A+', 'B+')`,
			[]any{b.ID, bplus.Key.DIN, bplus.Key.ProductCode},
		},
		{
			"group misstated",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'A+', 'A+')`,
			[]any{b.ID, bplus.Key.DIN, bplus.Key.ProductCode},
		},
		{
			"recipient misstated",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'B+', 'B+')`,
			[]any{b.ID, bplus.Key.DIN, bplus.Key.ProductCode},
		},
		{"checked by the allocator", `UPDATE delivery SET checked_by = allocated_by WHERE id = $1`, []any{a.ID}},
		{"two missions of one drone", `UPDATE mission SET drone_id = $1 WHERE id = $2`, []any{a.Drone, b.Mission}},
		{"energy under the reserve", `UPDATE mission SET energy_j = battery_j WHERE id = $1`, []any{a.Mission}},
		{"two deliveries of one request", `UPDATE delivery SET request_id = $1 WHERE id = $2`, []any{a.Request, b.ID}},
		{"custody rewritten", `UPDATE custody_event SET actor = 'x' WHERE delivery_id = $1`, []any{a.ID}},
		{"log erased", `DELETE FROM event_log`, nil},
		{"RhD positive without the fields", `UPDATE request SET blood_group = 'A-', recipient = 'A-/rhd_pos' WHERE id = $1`, []any{a.Request}},
	}
	for _, tt := range tests {
		if _, err := d.Pool.Exec(ctx, tt.sql, tt.args...); err == nil {
			t.Errorf("%s: accepted", tt.name)
		}
	}
}

func TestCancelFreesEverything(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	r := d.submit(order(1), "key-00001")
	del := d.accept(r)
	if _, err := d.Cancel(ctx, ward, r.ID, "not needed"); err != nil {
		t.Fatal(err)
	}
	again := d.accept(d.submit(order(1), "key-00002"))
	if again.Units[0].Unit.Key != del.Units[0].Unit.Key || again.Drone != del.Drone || again.Boxes[0].Box != del.Boxes[0].Box {
		t.Errorf("got %+v after %+v", again, del)
	}
}

func TestAmendBringsTheRequestBackToTheQueue(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	d.Stocks("O-", blood.RedCells, 2)
	r := d.submit(order(1), "key-00001")
	d.accept(r)
	o := order(2)
	o.Group = "O-"
	amended, err := d.Amend(ctx, ward, r.ID, o)
	if err != nil || amended.Status != delivery.Open || amended.Version != 2 {
		t.Fatalf("got %+v, %v", amended, err)
	}
	del := d.accept(amended)
	if len(del.Units) != 2 || del.Units[0].Unit.Group != "O-" || string(del.ID) != "D"+string(r.ID)[1:]+"-2" {
		t.Errorf("got %s with %+v", del.ID, del.Units)
	}
}

func TestConcurrentAcceptsTakeEachThingOnce(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 3)
	var requests []delivery.Request
	for i := range 6 {
		requests = append(requests, d.submit(order(1), fmt.Sprintf("key-%05d", i)))
	}
	var wg sync.WaitGroup
	for range 3 {
		for _, r := range requests {
			wg.Go(func() {
				_, _ = d.Accept(ctx, anna, r.ID, "") // most lose; what counts is the record
			})
		}
	}
	wg.Wait()
	var deliveries, units int
	if err := d.Pool.QueryRow(
		ctx,
		`SELECT (SELECT count(*) FROM delivery), (SELECT count(*) FROM unit WHERE status = 'reserved')`,
	).Scan(
		&deliveries,
		&units,
	); err != nil {
		t.Fatal(err)
	}
	if deliveries < 1 || deliveries != units || units > 3 {
		t.Errorf("got %d deliveries of %d units from a stock of 3", deliveries, units)
	}
}

func TestTurnedBackDeliveryIsQuarantinedAndAskedAgain(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	units := d.Stocks("A+", blood.RedCells, 1)
	r := d.submit(order(1), "key-00001")
	del := d.accept(r)
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
				{Kind: telemetry.PhaseChanged, Device: del.Drone, At: d.Now(), Status: telemetry.Status{Phase: p, Mission: string(del.Mission)}},
			},
		)
	}
	phase(telemetry.Airborne)
	if err := d.Command(ctx, ward, del.Mission, telemetry.Return); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("the ward commands: got %v", err)
	}
	if err := d.Command(ctx, tower, del.Mission, telemetry.Return); err != nil {
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
	del := d.accept(d.submit(order(1), "key-00001"))
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
