package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// asking is a desk whose policy asks wards for their word before something.
func asking(t *testing.T, before delivery.PadRule) *desk {
	t.Helper()
	d := newDeskBy(t, func(p *propose.Policy) { p.PadRule[delivery.STAT] = before })
	d.Stocks("A+", blood.RedCells, 1)
	return d
}

// speaks has somebody say that the pad of a delivery is clear, or that it is not.
func (d *desk) speaks(by network.Actor, del delivery.Delivery, step delivery.Step) {
	d.T.Helper()
	scan := delivery.Scan{Pad: d.Mission(del.Mission).Pad, Note: "somebody looked"}
	if step == delivery.StepPadTaken {
		scan.Note = "an ambulance stands there"
	}
	if err := d.Does(by, del.ID, step, scan); err != nil {
		d.T.Fatal(err)
	}
}

// sends reports whether a command of a kind goes out when the flight loop looks once.
func (d *desk) sends(kind telemetry.CommandKind) bool {
	d.T.Helper()
	d.Sent = nil
	d.FliesOnce()
	for _, c := range d.Sent {
		if c.Kind == kind {
			return true
		}
	}
	return false
}

func TestADroneIsNotReleasedBeforeItsWardHasSpoken(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeRelease)
	del := d.load("KEY-00001")
	d.Answers("mission")
	if d.released(del) || len(d.standing(delivery.PadUnready)) != 0 {
		t.Fatal("released though nobody has spoken, or complained of at once")
	}
	d.passes(1, "")
	d.FliesOnce()
	if a := d.standing(delivery.PadUnready); len(a) != 1 || a[0].Detail != string(d.Mission(del.Mission).Pad) || len(d.standing(delivery.PadOverdue)) != 0 {
		t.Errorf("after a minute stand %+v", a)
	}
	d.passes(5, "")
	d.FliesOnce()
	if a := d.standing(delivery.PadOverdue); len(a) != 1 || a[0].Kind.Priority() != delivery.Critical {
		t.Errorf("after six minutes stand %+v", a)
	}

	d.speaks(ward, del, delivery.StepPadClear)
	if !d.released(del) || len(d.standing(delivery.PadUnready))+len(d.standing(delivery.PadOverdue)) != 0 {
		t.Error("not released, or complained of, though the ward has spoken")
	}
	d.speaks(ward, del, delivery.StepPadTaken)
	if d.sends(telemetry.Release) {
		t.Error("its release is sent again though the pad is not clear any more")
	}
	var f refusal.Field
	if err := d.Does(tower, del.ID, delivery.StepPadClear, delivery.Scan{Pad: d.Mission(del.Mission).Pad}); !errors.As(err, &f) || f.Field != "note" {
		t.Errorf("said to be clear against the ward, without a reason: %v", err)
	}
	d.speaks(tower, del, delivery.StepPadClear) // by telephone
	if !d.sends(telemetry.Release) {
		t.Error("its release is not sent though the pad is clear again")
	}
}

func TestAWardsWordIsOfOnePadAndGrowsOld(t *testing.T) {
	t.Parallel()
	at := t0
	m := delivery.Mission{Hospital: "SY06", Pad: "SY06-P1"}
	word := func(pad network.PadID, ago time.Duration) delivery.PadWord {
		return delivery.PadWord{By: "w", At: at.Add(-ago), Pad: pad}
	}
	of := func(rule delivery.PadRule, w delivery.PadWord) delivery.Delivery {
		return delivery.Delivery{Hospital: "SY06", PadRule: rule, PadWord: w}
	}
	taken := delivery.PadWord{By: "w", At: at, Pad: "SY06-P1", Taken: true}
	for name, c := range map[string]struct {
		d             delivery.Delivery
		before, aloft bool // whether it keeps the drone
	}{
		"nothing is asked":               {of("", delivery.PadWord{}), false, false},
		"nothing is asked, and taken":    {of("", taken), true, true},
		"descent, nobody spoke":          {of("descent", delivery.PadWord{}), false, true},
		"descent, it spoke":              {of("descent", word("SY06-P1", time.Minute)), false, false},
		"descent, of another pad":        {of("descent", word("SY06-P2", time.Minute)), false, true},
		"descent, half an hour ago":      {of("descent", word("SY06-P1", 30*time.Minute)), false, true},
		"descent, taken":                 {of("descent", taken), true, true},
		"release, nobody spoke":          {of("release", delivery.PadWord{}), true, true},
		"release, it spoke":              {of("release", word("SY06-P1", time.Minute)), false, false},
		"release, half an hour ago":      {of("release", word("SY06-P1", 30*time.Minute)), true, false},
		"release, another pad since":     {of("release", word("SY06-P2", time.Minute)), true, true},
		"release, taken since":           {of("release", taken), true, true},
		"of another hospital":            {delivery.Delivery{Hospital: "CMU1", PadRule: "descent"}, false, false},
		"its units were turned off":      {delivery.Delivery{Hospital: "SY06", PadRule: "descent", Status: delivery.DDiverted}, false, false},
		"taken, but of another pad then": {of("", delivery.PadWord{By: "w", At: at, Pad: "SY06-P2", Taken: true}), false, false},
	} {
		for aloft, want := range map[bool]bool{false: c.before, true: c.aloft} {
			if got := len(delivery.PadUnspoken(m, []delivery.Delivery{c.d}, aloft, at)) > 0; got != want {
				t.Errorf("%s, aloft %v: it keeps the drone %v", name, aloft, got)
			}
		}
	}
}

// TestWhoSpeaksForAPad: its ward, and by telephone who sent the drone or watches it.
func TestWhoSpeaksForAPad(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeRelease)
	del := d.load("KEY-00001")
	if err := d.Does(other, del.ID, delivery.StepPadClear, delivery.Scan{Pad: "SY06-P1"}); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("another hospital: %v", err)
	}
	var f refusal.Field
	if err := d.Does(ward, del.ID, delivery.StepPadTaken, delivery.Scan{Pad: "SY06-P1"}); !errors.As(err, &f) || f.Field != "note" {
		t.Errorf("not clear, without a reason: %v", err)
	}
	for _, by := range []network.Actor{ward, anna, tower} {
		d.speaks(by, del, delivery.StepPadClear)
		if got := d.delivery(del.ID).PadWord; got.By != by.Login || got.Pad != d.Mission(del.Mission).Pad || !got.At.Equal(d.Now()) {
			t.Errorf("by %s: %+v", by.Login, got)
		}
	}
}

// nearing brings a drone to less than two minutes before its pad.
func (d *desk) nearing(key string) delivery.Delivery {
	d.T.Helper()
	del, _ := d.airborne(key)
	d.nears(del, telemetry.Airborne, 90)
	return del
}

// nears has a drone report from 600 m before its pad.
func (d *desk) nears(del delivery.Delivery, phase telemetry.Phase, battery float64) {
	d.T.Helper()
	d.nearsIn(del, phase, battery, -1)
}

func (d *desk) nearsIn(del delivery.Delivery, phase telemetry.Phase, battery, windMPS float64) {
	d.T.Helper()
	d.Tick(6 * time.Second) // a drone is told again after five
	out := d.Mission(del.Mission).Out
	a, b := out[len(out)-2].Point, out[len(out)-1].Point
	at := orb.Point{b[0] + (a[0]-b[0])*0.05, b[1] + (a[1]-b[1])*0.05}
	d.Observes(del.Drone, telemetry.Status{Phase: phase, Mission: string(del.Mission)})
	d.Observes(del.Drone, telemetry.Position{Point: at, AltM: 165, SpeedMPS: 14, BatteryPct: battery, WindMPS: windMPS, WindFromDeg: 90})
}

func TestADroneHoldsBeforeAPadThatNobodySpokeFor(t *testing.T) {
	t.Parallel()
	d, ctx := asking(t, delivery.PadBeforeDescent), context.Background()
	del := d.nearing("KEY-00001")
	d.Answers(telemetry.Hold)
	if m := d.Mission(del.Mission); !m.HeldForPad.Equal(d.Now()) || len(d.standing(delivery.PadUnready)) != 1 {
		t.Fatalf("held %+v, alarms %+v", m.HeldForPad, d.standing(delivery.PadUnready))
	}
	d.nears(del, telemetry.Holding, 90)
	var state refusal.State
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Resume}); !errors.As(err, &state) {
		t.Errorf("resumed to a pad that nobody spoke for: %v", err)
	}
	if d.sends(telemetry.Resume) || d.sends(telemetry.Hold) {
		t.Error("it does not simply wait")
	}
	d.Tick(5 * time.Minute)
	d.nears(del, telemetry.Holding, 80)
	d.FliesOnce()
	if len(d.standing(delivery.PadOverdue)) != 1 {
		t.Errorf("after five minutes stand %+v", d.standing(delivery.PadOverdue))
	}
	d.speaks(ward, del, delivery.StepPadClear)
	d.Answers(telemetry.Resume)
	d.nears(del, telemetry.Airborne, 79)
	d.FliesOnce()
	d.FliesOnce() // the alarms are looked at first
	if m := d.Mission(del.Mission); !m.HeldForPad.IsZero() || len(d.standing(delivery.PadUnready))+len(d.standing(delivery.PadOverdue)) != 0 {
		t.Errorf("held since %v, though it was let on", m.HeldForPad)
	}
	d.speaks(ward, del, delivery.StepPadTaken)
	d.Answers(telemetry.Hold) // an ambulance came
}

func TestAHoldThatWasNotHeardIsToldAgain(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeDescent)
	del := d.nearing("KEY-00001")
	d.Answers(telemetry.Hold)
	since := d.Mission(del.Mission).HeldForPad
	d.nears(del, telemetry.Airborne, 90)
	d.Answers(telemetry.Hold)
	if got := d.Mission(del.Mission).HeldForPad; !got.Equal(since) {
		t.Errorf("held since %v, first told %v", got, since)
	}
}

// TestADroneComesHomeWhileItsBatteryKeepsTheWay: nobody speaks for its pad.
func TestADroneComesHomeWhileItsBatteryKeepsTheWay(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeDescent)
	del := d.nearing("KEY-00001")
	d.Answers(telemetry.Hold)
	for battery := 90.0; ; battery-- {
		d.nears(del, telemetry.Holding, battery)
		d.Cools()
		if !d.sends(telemetry.Return) {
			if battery < 20 {
				t.Fatal("it is not called home")
			}
			continue
		}
		m := d.Mission(del.Mission)
		left := battery/100*m.BatteryJ - m.ReserveJ
		class, _ := d.Network().ClassOf(del.Drone)
		home, err := class.Fly([]orb.Point{m.Back[0].Point, m.Back[len(m.Back)-1].Point}, m.LoadKg, route.Wind{})
		if err != nil || home.EnergyJ > left {
			t.Errorf("called home with %.0f kJ beyond its reserve, which takes %.0f kJ: %v", left/1000, home.EnergyJ/1000, err)
		}
		return
	}
}

// What a drone that holds did not hear is told again, unless the ward has taken its word back.
func TestAHeldDroneIsNotForgotten(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeDescent)
	del := d.nearing("KEY-00001")
	d.Answers(telemetry.Hold)
	d.nears(del, telemetry.Holding, 90)
	d.speaks(ward, del, delivery.StepPadClear)
	if !d.sends(telemetry.Resume) {
		t.Fatal("it is not let on")
	}
	d.speaks(ward, del, delivery.StepPadTaken)
	if d.sends(telemetry.Resume) {
		t.Error("it is let on still, though the pad is taken again")
	}
	d.Tick(delivery.CommandLife)
	d.nears(del, telemetry.Holding, 89)
	d.FliesOnce() // nobody answered
	d.speaks(ward, del, delivery.StepPadClear)
	d.nears(del, telemetry.Holding, 89)
	d.Answers(telemetry.Resume)
	if m := d.Mission(del.Mission); m.HeldForPad.IsZero() || !m.ArriveAt.After(d.Now()) {
		t.Errorf("before it is heard flying on, it is held since %v and lands at %v", m.HeldForPad, m.ArriveAt)
	}
}

// Said before the release, the word holds until the landing; taken back, or of another pad, the
// drone holds in the air.
func TestAWordIsTakenBackInTheAir(t *testing.T) {
	t.Parallel()
	for _, before := range []delivery.PadRule{delivery.PadBeforeRelease, delivery.PadAnyhow} {
		d := asking(t, before)
		del := d.load("KEY-00001")
		d.speaks(ward, del, delivery.StepPadClear)
		d.TakesOff(del)
		d.nears(del, telemetry.Airborne, 90)
		if d.sends(telemetry.Hold) {
			t.Fatalf("%q: it holds though the ward has spoken", before)
		}
		d.speaks(ward, del, delivery.StepPadTaken)
		d.nears(del, telemetry.Airborne, 90)
		d.Answers(telemetry.Hold)
	}
}

// In a wind in which nothing can be reckoned it waits, and comes home while its battery keeps
// the way in none.
func TestAHeldDroneInTooMuchWind(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeDescent)
	del := d.nearing("KEY-00001")
	d.Answers(telemetry.Hold)
	d.speaks(ward, del, delivery.StepPadClear)
	d.nearsIn(del, telemetry.Holding, 90, 40)
	if d.sends(telemetry.Resume) || d.sends(telemetry.Return) {
		t.Error("it is let on, or called home, in such a wind, with all its battery left")
	}
	for battery := 90.0; battery >= 15; battery-- {
		d.nearsIn(del, telemetry.Holding, battery, 40)
		if d.sends(telemetry.Return) {
			return
		}
	}
	t.Error("it is not called home")
}

func TestAPersonsOrderIsLeftAlone(t *testing.T) {
	t.Parallel()
	d, ctx := asking(t, delivery.PadBeforeDescent), context.Background()
	del, _ := d.airborne("KEY-00001")
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Hold}); err != nil {
		t.Fatal(err)
	}
	d.Answers(telemetry.Hold)
	d.nears(del, telemetry.Holding, 90)
	d.speaks(ward, del, delivery.StepPadClear)
	if d.sends(telemetry.Resume) {
		t.Error("the server lets on what a person has hold")
	}
	d.speaks(ward, del, delivery.StepPadTaken)
	var state refusal.State
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Resume}); !errors.As(err, &state) {
		t.Errorf("resumed near a pad that is taken: %v", err)
	}
	if err := d.Command(ctx, tower, del.Mission, flight.Order{Kind: telemetry.Return}); err != nil {
		t.Fatal(err)
	}
	d.nears(del, telemetry.Airborne, 90)
	if d.sends(telemetry.Hold) {
		t.Error("the server has a drone hold that a person called home")
	}
}

// A word is of the pad that was looked at.
func TestAWordOfAnotherPadIsRefused(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeDescent)
	del := d.load("KEY-00001")
	for _, pad := range []network.PadID{"", "SY06-P9"} {
		var scan refusal.Scan
		if err := d.Does(ward, del.ID, delivery.StepPadClear, delivery.Scan{Pad: pad}); !errors.As(err, &scan) {
			t.Errorf("of %q: %v", pad, err)
		}
	}
}

// A person who diverts a drone to a pad has not said that it is clear: it flies by their order,
// and its way back begins where its way out ends.
func TestADroneThatWasDivertedHoldsToo(t *testing.T) {
	t.Parallel()
	d := asking(t, delivery.PadBeforeDescent)
	del, _ := d.airborne("KEY-00001")
	d.exec(`UPDATE mission SET ordered_by_role = 'controller' WHERE id = $1`, del.Mission)
	d.nears(del, telemetry.Airborne, 90)
	d.Answers(telemetry.Hold)
	d.nears(del, telemetry.Holding, 90)
	d.speaks(ward, del, delivery.StepPadClear)
	d.Answers(telemetry.Resume)
}
