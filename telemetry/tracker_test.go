package telemetry

import (
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry/coldchain"
)

var (
	t0   = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	mr10 = route.Class{
		CruiseMPS:  14,
		ClimbMPS:   3,
		DescentMPS: 2.5,
		BatteryJ:   8.64e6,
		ReservePct: 20,
		HoverW:     2600,
		CruiseW:    2300,
		EmptyKg:    22,
		WindMaxMPS: 12,
		HeightM:    120,
	}
)

var rbc = func() coldchain.Profile {
	set, err := coldchain.Profiles()
	if err != nil {
		panic(err)
	}
	return set["hemolift-rbc-2-10"]
}()

func at(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }

func pos(s float64, lon, lat float64) Sample {
	return Sample{
		Device:  "HL-01",
		Seq:     uint64(s*10) + 1,
		At:      at(s),
		Reading: Position{Point: orb.Point{lon, lat}, AltM: 165, SpeedMPS: 14, BatteryPct: 80, WindMPS: -1},
	}
}

func warm(s float64, mc int32) Sample {
	return Sample{Device: "BX-1", Seq: uint64(s) + 1, At: at(s), Reading: Temperature{TempMC: mc}}
}

func kinds(events []Event) []EventKind {
	var ks []EventKind
	for _, e := range events {
		ks = append(ks, e.Kind)
	}
	return ks
}

func newTracker() *Tracker {
	t := NewTracker(DefaultLimits(), 45)
	t.Know("HL-01")
	t.KnowBox("BX-1", rbc, coldchain.Box{})
	return t
}

func TestLateSampleNeverMovesADroneBack(t *testing.T) {
	tr := newTracker()
	tr.Observe(at(5), pos(5, 123.5, 41.7))
	tr.Observe(at(6), pos(3, 123.4, 41.6)) // late
	tr.Observe(at(6), pos(5, 123.3, 41.5)) // same instant again
	if d, _ := tr.Drone("HL-01"); d.Position.Point != (orb.Point{123.5, 41.7}) || d.HeightM != 120 {
		t.Errorf("got %+v", d)
	}
}

func TestSilenceIsAnEventOnce(t *testing.T) {
	tr := newTracker()
	if got := kinds(tr.Observe(at(0), pos(0, 123.5, 41.7))); !slices.Equal(got, []EventKind{LinkRestored}) {
		t.Errorf("first fix: got %v", got)
	}
	tests := []struct {
		s    float64
		want []EventKind
		link Link
	}{{2, nil, LinkLive}, {2.1, nil, LinkLate}, {10, nil, LinkLate}, {10.1, []EventKind{LinkLost}, LinkStale}, {20, nil, LinkStale}}
	for _, tt := range tests {
		got := kinds(tr.Tick(at(tt.s)))
		if d, _ := tr.Drone("HL-01"); !slices.Equal(got, tt.want) || d.Link != tt.link {
			t.Errorf("at %v s: got %v, link %v; want %v, %v", tt.s, got, d.Link, tt.want, tt.link)
		}
	}
	if got := kinds(tr.Observe(at(21), pos(21, 123.5, 41.7))); !slices.Equal(got, []EventKind{LinkRestored}) {
		t.Errorf("back: got %v", got)
	}
}

func TestTemperatureStatesAreEvents(t *testing.T) {
	tr := newTracker()
	if e := tr.Observe(at(0), warm(0, 12000)); e != nil {
		t.Errorf("a box that holds nothing is not judged: %v", e)
	}
	tr.Watch("BX-1", rbc, t0)
	steps := []struct {
		s    float64
		mc   int32
		want coldchain.State
	}{{15, 5000, coldchain.InRange}, {30, 5100, 0}, {45, 9600, coldchain.NearLimit}, {60, 10100, coldchain.Excursion}, {75, 9000, coldchain.InRange}}
	for _, st := range steps {
		var got coldchain.State
		for _, e := range tr.Observe(at(st.s), warm(st.s, st.mc)) {
			if e.Kind == TempChanged {
				got = e.Temp.State
			}
		}
		if got != st.want {
			t.Errorf("at %v s: told %v, want %v", st.s, got, st.want)
		}
	}
	events := tr.Tick(at(75 + 61))
	if len(events) != 1 || events[0].Temp.State != coldchain.Unknown {
		t.Errorf("silent for 61 s: got %v, want unknown", events)
	}
}

func TestLateReadingOpensABreachInThePast(t *testing.T) {
	tr := newTracker()
	tr.Watch("BX-1", rbc, t0)
	tr.Observe(at(15), warm(15, 5000))
	tr.Observe(at(120), warm(120, 5000))
	if e := tr.Observe(at(121), warm(30, 11000)); e != nil {
		t.Errorf("a moment is no excursion: got %v", e)
	}
	e := tr.Observe(at(121), warm(105, 11000))
	if len(e) != 1 || !e[0].LateBreach || e[0].Temp.State != coldchain.InRange || e[0].Temp.OutOfRange == 0 {
		t.Errorf("got %+v", e)
	}
	if e := tr.Observe(at(122), warm(105, 11000)); e != nil {
		t.Errorf("redelivered: got %v", e)
	}
}

func TestZoneEnergyAndRouteAreJudgedInTheAir(t *testing.T) {
	tr := newTracker()
	tr.SetZones(
		[]airspace.Zone{
			{
				ID:        "Z",
				Reference: airspace.AGL,
				UpperM:    300,
				Polygon:   orb.Polygon{{{123.45, 41.7}, {123.46, 41.7}, {123.46, 41.8}, {123.45, 41.8}, {123.45, 41.7}}},
			},
		},
	)
	tr.SetActiveLeg("HL-01", &ActiveLeg{Mission: "M", Path: []orb.Point{{123.5, 41.71}, {123.4, 41.71}}, Class: mr10})
	tr.Observe(at(0), pos(0, 123.5, 41.71))
	tr.Observe(at(0), Sample{Device: "HL-01", Seq: 2, At: at(0), Reading: Status{Phase: Airborne, Mission: "M"}})
	if d, _ := tr.Drone("HL-01"); d.ToGoM < 8300 || d.ToGoM > 8340 || d.ETA.Sub(t0) < 10*time.Minute || d.ETA.Sub(t0) > 12*time.Minute {
		t.Errorf("to go %v m, ETA in %v", d.ToGoM, d.ETA.Sub(t0))
	}
	if got := kinds(tr.Observe(at(1), pos(1, 123.455, 41.71))); !slices.Equal(got, []EventKind{ZoneEntered}) {
		t.Errorf("into the zone: got %v", got)
	}
	if got := kinds(tr.Observe(at(2), pos(2, 123.44, 41.72))); !slices.Equal(got, []EventKind{ZoneLeft}) {
		t.Errorf("out of it, aside of the route for a moment: got %v", got)
	}
	if got := kinds(tr.Observe(at(4), pos(4, 123.44, 41.72))); !slices.Equal(got, []EventKind{OffRoute}) {
		t.Errorf("aside of it for two seconds: got %v", got)
	}
	if d, _ := tr.Drone("HL-01"); d.OffM < 1100 || d.OffM > 1125 {
		t.Errorf("aside by %v m", d.OffM)
	}
	charged := func(s float64, pct float64) Sample {
		weak := pos(s, 123.44, 41.71)
		p := weak.Reading.(Position)
		p.BatteryPct = pct
		weak.Reading = p
		return weak
	}
	if got := kinds(tr.Observe(at(5), charged(5, 21))); !slices.Equal(got, []EventKind{EnergyLow, OnRoute}) {
		t.Errorf("weak: got %v", got)
	}
	d, _ := tr.Drone("HL-01")
	if got := kinds(tr.Observe(at(6), charged(6, d.NeedPct+0.9))); len(got) != 0 {
		t.Errorf("hardly enough again: got %v", got)
	}
	if got := kinds(tr.Observe(at(7), charged(7, d.NeedPct+1.1))); !slices.Equal(got, []EventKind{EnergyOK}) {
		t.Errorf("enough again: got %v", got)
	}
}

// A drone that flies along the limit of its route is off it once, and back once it is well
// within.
func TestADroneAtTheLimitOfItsRoute(t *testing.T) {
	tr := newTracker()
	tr.SetActiveLeg("HL-01", &ActiveLeg{Mission: "M", Path: []orb.Point{{123.5, 41.71}, {123.4, 41.71}}, Class: mr10})
	tr.Observe(at(0), pos(0, 123.5, 41.71))
	tr.Observe(at(0), Sample{Device: "HL-01", Seq: 2, At: at(0), Reading: Status{Phase: Airborne, Mission: "M"}})
	const m = 1 / 111_200.0 // degrees of latitude
	var told []EventKind
	for n := range 120 {
		s := float64(n)
		aside := 145.0
		if n%2 == 0 {
			aside = 155
		}
		if s >= 20 && s < 24 {
			aside = 156
		}
		if s >= 100 {
			aside = 110
		}
		told = append(told, kinds(tr.Observe(at(s+1), pos(s+1, 123.49, 41.71+aside*m)))...)
	}
	if !slices.Equal(told, []EventKind{OffRoute, OnRoute}) {
		t.Errorf("told %v", told)
	}
}

// A drone that flies too low, or lands late by its plan, is told as one that flies aside; its
// class says how far is too far.
func TestADroneDepartsFromItsPlan(t *testing.T) {
	strict := mr10
	strict.VerticalM, strict.DelayMin = 10, 1
	for name, tt := range map[string]struct {
		class  route.Class
		due    time.Duration // after what it takes
		lowM   float64
		held   bool
		events []EventKind
		is     Outside
	}{
		"as planned":                     {mr10, 0, 0, false, nil, 0},
		"a little low":                   {mr10, 0, 20, false, nil, 0},
		"low":                            {mr10, 0, 40, false, []EventKind{OffHeight}, Uneven},
		"a little low for a strict one":  {strict, 0, 20, false, []EventKind{OffHeight}, Uneven},
		"two minutes late":               {mr10, -2 * time.Minute, 0, false, nil, 0},
		"six minutes late":               {mr10, -6 * time.Minute, 0, false, []EventKind{FellBehind}, Delayed},
		"six late and low":               {mr10, -6 * time.Minute, 40, false, []EventKind{OffHeight, FellBehind}, Uneven | Delayed},
		"two minutes for a strict one":   {strict, -2 * time.Minute, 0, false, []EventKind{FellBehind}, Delayed},
		"hovers late, as somebody wants": {mr10, -6 * time.Minute, 0, true, nil, 0},
	} {
		tr := newTracker()
		path := []orb.Point{{123.5, 41.71}, {123.4, 41.71}}
		low := func(s float64) Sample {
			x := pos(s, 123.45, 41.71)
			p := x.Reading.(Position)
			p.AltM -= tt.lowM
			x.Reading = p
			return x
		}
		tr.SetActiveLeg("HL-01", &ActiveLeg{Mission: "M", Path: path, Class: tt.class})
		tr.Observe(at(0), low(0))
		phase := Airborne
		if tt.held {
			phase = Holding
		}
		tr.Observe(at(0), Sample{Device: "HL-01", Seq: 2, At: at(0), Reading: Status{Phase: phase, Mission: "M"}})
		d, _ := tr.Drone("HL-01")
		tr.SetActiveLeg("HL-01", &ActiveLeg{Mission: "M", Path: path, Class: tt.class, Due: d.ETA.Add(tt.due)})
		var told []EventKind
		for s := range 4 {
			told = append(told, kinds(tr.Observe(at(float64(s+1)), low(float64(s+1))))...)
		}
		if d, _ = tr.Drone("HL-01"); !slices.Equal(told, tt.events) || d.Outside != tt.is {
			t.Errorf("%s: told %v, outside %b; off by %v m, behind by %v", name, told, d.Outside, d.OffHeightM, d.Behind)
		}
	}
}

// A drone whose clock is ahead was heard when that came in, and not later: what rests on when
// it was heard on the ground counts on it. Its own samples keep their order.
func TestADroneWhoseClockIsAhead(t *testing.T) {
	tr := newTracker()
	ahead := 20 * time.Second
	report := func(now time.Time, battery float64) DroneState {
		x := pos(0, 123.4, 41.8)
		p := x.Reading.(Position)
		p.BatteryPct, x.At, x.ReceivedAt = battery, now.Add(ahead), now
		x.Reading = p
		tr.Observe(now, x)
		d, _ := tr.Drone("HL-01")
		return d
	}
	if d := report(t0, 90); !d.At.Equal(t0) {
		t.Errorf("heard at %v, received at %v", d.At, t0)
	}
	if d := report(t0.Add(time.Second), 80); !d.At.Equal(t0.Add(time.Second)) || d.Position.BatteryPct != 80 {
		t.Errorf("a second later: %+v", d)
	}
	late := pos(ahead.Seconds()-1, 123.5, 41.9)
	late.ReceivedAt = at(2)
	tr.Observe(at(2), late)
	if d, _ := tr.Drone("HL-01"); d.Position.BatteryPct != 80 {
		t.Errorf("an older report moved it back: %+v", d)
	}
}

// What a device says happened is dated by the server, with the device's own time beside it.
func TestWhatADeviceSaysIsDatedByTheServer(t *testing.T) {
	tr := newTracker()
	now := t0.Add(time.Hour)
	events := tr.Observe(now, Sample{Device: "HL-01", At: t0, ReceivedAt: now, Reading: Status{Phase: Airborne, Mission: "M-1"}})
	if len(events) != 1 || !events[0].At.Equal(now) || !events[0].StatedAt.Equal(t0) {
		t.Errorf("got %+v", events)
	}
}

// After the server's clock was set back, what was heard in the time to come was not heard of
// late: the drone is silent, and the first report of now counts.
func TestWhatWasHeardInTheTimeToCome(t *testing.T) {
	tr := newTracker()
	tr.Watch("BX-1", rbc, t0)
	then := pos(7200, 123.4, 41.8)
	then.ReceivedAt = then.At
	tr.Observe(t0, then)
	tr.Observe(t0, Sample{Device: "HL-01", At: at(7200), ReceivedAt: at(7200), Reading: Status{Phase: Airborne, Mission: "M-1"}})
	box := warm(7200, 4000)
	box.ReceivedAt = box.At
	tr.Observe(t0, box)
	if d, _ := tr.Drone("HL-01"); d.Link != LinkStale {
		t.Errorf("it is %v", d.Link)
	}
	if b, _ := tr.Box(t0, "BX-1"); b.Summary.State != coldchain.Unknown || b.Summary.Unmonitored < 0 {
		t.Errorf("the box is %+v", b.Summary)
	}
	now := pos(1, 123.5, 41.9)
	now.ReceivedAt = now.At
	tr.Observe(at(1), now)
	tr.Observe(at(1), Sample{Device: "HL-01", At: at(1), ReceivedAt: at(1), Reading: Status{Phase: Landed, Mission: "M-1"}})
	read := warm(1, 5000)
	read.ReceivedAt = read.At
	tr.Observe(at(1), read)
	if d, _ := tr.Drone("HL-01"); d.Link != LinkLive || d.Position.Point[0] != 123.5 || d.Status.Phase != Landed {
		t.Errorf("a report of now: %+v", d)
	}
	if b, _ := tr.Box(at(1), "BX-1"); b.Summary.State != coldchain.InRange || b.Summary.Newest.TempMC != 5000 {
		t.Errorf("a reading of now: %+v", b.Summary)
	}
}
