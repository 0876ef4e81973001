package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/coldchain/readings"
)

// opened brings a delivery of one unit, whose box had these temperatures, to its ward.
func (d *desk) opened(key string, temps func(min float64) int32, minutes int) delivery.Delivery {
	d.T.Helper()
	del := d.load(key)
	d.Logs(del.Boxes[0].Box, temps, minutes)
	d.Flies(del)
	if err := d.Does(ward, del.ID, delivery.StepCompare, delivery.Scan{Seal: "SL-" + key}); err != nil {
		d.T.Fatal(err)
	}
	return del
}

func TestTheColdChainAdvisesAndAPersonDecides(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.opened("KEY-00001", func(m float64) int32 {
		if m >= 10 && m < 20 {
			return 11_000
		}
		return 5000
	}, 30)
	unit := del.Units[0].Unit.Key
	c, err := d.ColdRecord(ctx, ward, del.ID)
	if err != nil || len(c.Units) != 1 || c.Units[0].Verdict.Advice != coldchain.Quarantine ||
		c.Units[0].Verdict.Findings[0].Rule != coldchain.RuleExcursionHigh ||
		len(c.Readings) != 121 ||
		c.Units[0].By != "" {
		t.Fatalf("got %+v, %v", c.Units, err)
	}
	if _, err := d.ColdRecord(ctx, other, del.ID); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("another hospital: got %v", err)
	}
	var f refusal.Field
	if err := d.Does(ward,
		del.ID,
		delivery.StepReceive,
		delivery.Scan{Unit: unit},
	); !errors.As(err, &f) || f.Field != "note" ||
		!strings.Contains(f.Reason, "excursion_high") {
		t.Errorf("without a reason: got %v", err)
	}
	if err := d.Does(ward, del.ID, delivery.StepReceive, delivery.Scan{Unit: unit, Note: "transfused at once, Dr Zhao"}); err != nil {
		t.Fatal(err)
	}
	c, err = d.ColdRecord(ctx, anna, del.ID)
	if err != nil || c.Units[0].By != "ward" || c.Units[0].Note != "transfused at once, Dr Zhao" ||
		c.Units[0].Verdict.Version != c.Profile.Version ||
		c.Units[0].Outcome != blood.Received ||
		c.Units[0].OutHigh < 9*time.Minute {
		t.Errorf("after the decision: got %+v, %v", c.Units, err)
	}
	before, err := d.DB.Cold.Elsewhere(ctx, []blood.UnitKey{unit}, "D-0")
	if err != nil || len(before) != 1 || before[0].OutHigh != c.Units[0].OutHigh {
		t.Errorf("its life: got %+v, %v", before, err)
	}
}

func TestAFrozenUnitIsReceivedByNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.opened("KEY-00001", func(m float64) int32 {
		if m >= 10 && m < 15 {
			return 500
		}
		return 5000
	}, 30)
	unit := del.Units[0].Unit.Key
	var state refusal.State
	if err := d.Does(ward, del.ID, delivery.StepReceive, delivery.Scan{Unit: unit, Note: "looks fine"}); !errors.As(err, &state) {
		t.Errorf("got %v", err)
	}
	if err := d.Does(ward, del.ID, delivery.StepReject, delivery.Scan{Unit: unit, Note: "frozen"}); err != nil {
		t.Error(err)
	}
}

func TestACalibrationThatRanOutIsNamed(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.opened("KEY-00001", func(float64) int32 { return 5000 }, 10)
	box := del.Boxes[0].Box
	advice := func() coldchain.Advice {
		t.Helper()
		c, err := d.ColdRecord(ctx, ward, del.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c.Units[0].Verdict.Advice
	}
	if got := advice(); got != coldchain.Usable {
		t.Errorf("none on record: %s", got)
	}
	cal := coldrecord.ProbeCalibration{Box: box, Probe: 1, Certificate: "K-1", CalibratedOn: t0.AddDate(-1, 0, 0), DueOn: t0.AddDate(0, 0, -3)}
	if err := d.AddProbeCalibration(ctx, anna, cal); err != nil {
		t.Fatal(err)
	}
	if got := advice(); got != coldchain.Quarantine {
		t.Errorf("run out: %s", got)
	}
	cal.Certificate, cal.CalibratedOn, cal.DueOn = "K-2", t0.AddDate(0, 0, -2), t0.AddDate(1, 0, 0)
	if err := d.AddProbeCalibration(ctx, anna, cal); err != nil {
		t.Fatal(err)
	}
	if list, err := d.ProbeCalibrations(
		ctx,
		anna,
		box,
	); advice() != coldchain.Usable || err != nil || len(list) != 2 || list[0].Certificate != "K-2" ||
		list[0].By != "anna" {
		t.Errorf("renewed: %s; %+v, %v", advice(), list, err)
	}
	var f refusal.Field
	for field, bad := range map[string]coldrecord.ProbeCalibration{
		"probe": {Box: box, Probe: 3}, "certificate": {Box: box, Probe: 1}, "calibrated_on": {Box: box, Probe: 1, Certificate: "x", CalibratedOn: t0.AddDate(1, 0, 0)},
		"due_on": {Box: box, Probe: 1, Certificate: "x", CalibratedOn: t0.AddDate(0, 0, -1), DueOn: t0.AddDate(0, 0, -1)},
	} {
		if err := d.AddProbeCalibration(ctx, anna, bad); !errors.As(err, &f) || f.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	d.Signs(there, "")
	if err := d.AddProbeCalibration(ctx, there, cal); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("by another centre: %v", err)
	}
	if err := d.AddProbeCalibration(ctx, ward, cal); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("a ward: got %v", err)
	}
}

func TestALoggerFileIsKeptAndCompared(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	start, box := d.Now(), del.Boxes[0].Box
	d.Logs(box, func(float64) int32 { return 5000 }, 10)
	text := "time,temp_c\n"
	for s := 0; s <= 600; s += 15 {
		c := 5.0
		if s >= 300 {
			c = 12
		}
		text += fmt.Sprintf("%s,%.1f\n", start.Add(time.Duration(s)*time.Second).Format(time.RFC3339), c)
	}
	got, err := d.CompareLogger(ctx, anna, del.ID, []byte(text), readings.Options{Box: string(box)})
	if err != nil || got.Matched != 41 || got.Differing != 21 || got.WorstC != 7 || got.Advice != coldchain.Quarantine ||
		len(got.Report.Events) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	var f refusal.Field
	if _, err := d.CompareLogger(
		ctx,
		anna,
		del.ID,
		[]byte(text),
		readings.Options{Box: "BX-99"},
	); !errors.As(err, &f) ||
		f.Field != "logger" {
		t.Errorf("another box: got %v", err)
	}
	if _, err := d.CompareLogger(
		ctx,
		anna,
		del.ID,
		[]byte("\x00"),
		readings.Options{Box: string(box)},
	); !errors.As(err, &f) ||
		f.Field != "body" {
		t.Errorf("rubbish: got %v", err)
	}
	var kept int
	if err := d.Pool.QueryRow(ctx, `SELECT count(*) FROM logger_file WHERE delivery_id = $1`, del.ID).Scan(&kept); err != nil || kept != 2 {
		t.Errorf("%d files kept, %v; want both, the rubbish too", kept, err)
	}
}

// sent reports whether a release went out when the flight loop looks a few times.
func (d *desk) releases() bool {
	d.T.Helper()
	d.Sent = nil
	for range 5 {
		d.FliesOnce()
	}
	for _, c := range d.Sent {
		if c.Kind == telemetry.Release {
			return true
		}
	}
	return false
}

func TestNoBoxThatIsWarmOrSilentIsReleased(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	box := del.Boxes[0].Box
	tell := func(after time.Duration, mc int32) {
		d.Tick(after)
		d.Hear()
		d.Tracker.Observe(
			d.Now(),
			telemetry.Sample{
				Device:  box,
				Seq:     d.Serial(),
				At:      d.Now().Add(time.Millisecond),
				Reading: telemetry.Temperature{TempMC: mc, AmbientMC: 20_000},
			},
		)
	}
	tell(15*time.Second, 14_000)
	if d.releases() {
		t.Error("a box at 14 °C was released")
	}
	alarms, err := d.alarmsShown(ctx)
	if err != nil || len(alarms) == 0 || alarms[0].Kind != delivery.ColdMargin {
		t.Errorf("got %+v, %v", alarms, err)
	}
	d.Tick(2 * time.Minute)
	for _, x := range d.Network().Drones { // the drones are heard, the box is not
		home, _ := d.Network().Site(x.Home)
		d.Observes(x.ID, telemetry.Position{Point: home.Point, AltM: 45, BatteryPct: 100, WindMPS: -1})
	}
	if d.releases() {
		t.Error("a silent box was released")
	}
	tell(15*time.Second, 5000)
	if !d.releases() {
		t.Error("a cold box that is heard was not released")
	}
	if alarms, err = d.alarmsShown(ctx); err != nil || len(alarms) == 0 || alarms[0].ClearedAt.IsZero() {
		t.Errorf("the alarm stands: %+v, %v", alarms, err)
	}
}

// Units that were packed and cancelled keep what they went through, and are not stock
// again when their box was too warm.
func TestACancelledPackIsJudgedBeforeItIsStock(t *testing.T) {
	t.Parallel()
	for want, mc := range map[string]int32{"in_stock": 5000, "quarantined": 12_000} {
		d, ctx := newDesk(t), context.Background()
		d.Stocks("A+", blood.RedCells, 1)
		r := d.Submits(order(1), "KEY-00001")
		del := d.Accepts(r)
		unit := del.Units[0].Unit.Key
		for _, s := range []struct {
			a    network.Actor
			step delivery.Step
			scan delivery.Scan
		}{{bert, delivery.StepCheck, delivery.Scan{}}, {anna, delivery.StepPack, delivery.Scan{Unit: unit}}} {
			if err := d.Does(s.a, del.ID, s.step, s.scan); err != nil {
				t.Fatal(err)
			}
		}
		d.Logs(del.Boxes[0].Box, func(float64) int32 { return mc }, 20)
		if _, err := d.Cancel(ctx, ward, r.ID, "patient improved"); err != nil {
			t.Fatal(err)
		}
		var status string
		if err := d.Pool.QueryRow(ctx, `SELECT status FROM unit WHERE din = $1`, unit.DIN).Scan(&status); err != nil || status != want {
			t.Errorf("at %d m°C: %s, %v; want %s", mc, status, err, want)
		}
		before, err := d.DB.Cold.Elsewhere(ctx, []blood.UnitKey{unit}, "D-0")
		if err != nil || len(before) != 1 || before[0].OutHigh > 19*time.Minute != (mc > 10_000) {
			t.Errorf("at %d m°C: life %+v, %v", mc, before, err)
		}
	}
}

// A release that nobody took, and then a box too warm to be released again: people can
// stand the delivery down once the drone is heard on the ground.
func TestAWarmBoxWhoseReleaseRanOutIsStoodDown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	if !d.releases() {
		t.Fatal("not released")
	}
	down := func() error {
		return d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "box too warm"})
	}
	var state refusal.State
	if err := down(); !errors.As(err, &state) {
		t.Errorf("while the release may be obeyed: got %v", err)
	}
	d.Tick(5 * time.Minute)
	d.FliesOnce() // it runs out
	d.Tracker.Tick(d.Now())
	if err := down(); !errors.As(err, &state) {
		t.Errorf("while the drone is silent: got %v", err)
	}
	d.Hear()
	if err := down(); err != nil {
		t.Errorf("with the drone heard on the ground: %v", err)
	}
}

// A box that froze on the ground flies with nobody, though it is in range again.
func TestUnitsThatFrozeOnTheGroundDoNotFly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.load("KEY-00001")
	d.Answers("mission")
	froze := func(m float64) int32 {
		if m < 5 {
			return 500
		}
		return 5000
	}
	d.Logs(del.Boxes[0].Box, froze, 10)
	d.Tracker.Unwatch(del.Boxes[0].Box) // watched anew, it is told the stored readings
	if err := d.Restore(context.Background()); err != nil {
		t.Fatal(err)
	}
	d.Cools()
	if d.releases() {
		t.Error("released")
	}
	if err := d.Does(anna, del.ID, delivery.StepStandDown, delivery.Scan{Note: "frozen"}); err != nil {
		t.Errorf("stand down: %v", err)
	}
}
