package coldchain

import (
	"math"
	"testing"
	"time"
)

// warming is a monitor of a box that warms in air of 30 °C as its design says, one reading
// an interval, up to a time.
func warming(t *testing.T, outerWPerK float64, d time.Duration) (m *Monitor, now time.Time, box Box) {
	t.Helper()
	box = Box{Model: Newton1, OuterWPerK: outerWPerK, PayloadJPerK: 9000}
	p := redCells(t)
	m = NewForecastingMonitor(p, box, DefaultDoubt())
	h := box.Start(4, 0)
	for at := time.Duration(0); at <= d; at += p.Interval {
		now = t0.Add(at)
		m.Fold(Reading{At: now, ReceivedAt: now, Seq: uint64(at / p.Interval), TempMC: int32(math.Round(1000 * h.PayloadC)), AmbientMC: 30_000})
		h = box.Step(h, p.Interval.Seconds(), 30)
	}
	return m, now, box
}

func TestAMonitorLearnsHowFastABoxWarms(t *testing.T) {
	m, _, box := warming(t, 0.9, 40*time.Minute)
	want := box.PayloadJPerK / box.OuterWPerK
	if tau, ok := m.TauS(); !ok || math.Abs(tau/want-1) > 0.1 {
		t.Errorf("a time constant of %v s, %v; want %v", tau, ok, want)
	}
	if m.Suspect() != 0 {
		t.Errorf("%d readings are suspect", m.Suspect())
	}
}

func TestAReadingThatDoesNotFitIsSuspect(t *testing.T) {
	m, now, _ := warming(t, 0.3, 20*time.Minute)
	now = now.Add(m.Profile().Interval)
	m.Fold(Reading{At: now, ReceivedAt: now, Seq: 1000, TempMC: 9500, AmbientMC: 30_000})
	if m.Suspect() != 1 {
		t.Errorf("%d readings are suspect", m.Suspect())
	}
	// After a silence another beginning is made, with which nothing compares.
	now = now.Add(time.Hour)
	m.Fold(Reading{At: now, ReceivedAt: now, Seq: 1001, TempMC: 2500, AmbientMC: 30_000})
	if m.Suspect() != 1 {
		t.Errorf("%d readings are suspect after a silence", m.Suspect())
	}
}

func TestTheMarginIsWhatIsLeftAfterTheHandOver(t *testing.T) {
	m, now, _ := warming(t, 0.3, 20*time.Minute)
	before := m.Judge(now)
	if !before.HasOutlook || before.HasMargin || before.State != InRange {
		t.Fatalf("got %+v", before)
	}
	m.Expect(now.Add(10*time.Minute), Stretch{C: 30})
	s := m.Judge(now)
	if want := s.Outlook.Early - 10*time.Minute - Handover; !s.HasMargin || s.Margin != want {
		t.Errorf("a margin of %v, want %v", s.Margin, want)
	}
	later := m.Judge(now.Add(30 * time.Second))
	if want := s.Outlook.Early - 30*time.Second; later.Outlook.Early != want || later.Margin != s.Margin {
		t.Errorf("half a minute later %v with a margin of %v, want %v and %v", later.Outlook.Early, later.Margin, want, s.Margin)
	}
	// In other air it is reckoned anew; in air that is hardly other it is not.
	m.Expect(now.Add(10*time.Minute), Stretch{C: 30.4})
	if same := m.Judge(now); same.Outlook.Early != s.Outlook.Early {
		t.Errorf("in air that is the same: %v, was %v", same.Outlook.Early, s.Outlook.Early)
	}
	m.Expect(now.Add(10*time.Minute), Stretch{C: 45})
	hot := m.Judge(now)
	if hot.Outlook.Early >= s.Outlook.Early {
		t.Errorf("in hot air: %v, was %v", hot.Outlook.Early, s.Outlook.Early)
	}
	m.Expect(now.Add(hot.Outlook.Early), Stretch{C: 45}) // it would be warm at the hand-over
	if s := m.Judge(now); s.State != NearLimit || s.Margin != -Handover {
		t.Errorf("warm at the hand-over: %s with a margin of %v", s.State, s.Margin)
	}
	m.Expect(now.Add(-time.Minute))
	if s := m.Judge(now); s.HasMargin {
		t.Errorf("it was to arrive, and has a margin of %v", s.Margin)
	}
}

// Air that differs by half a degree at most is the same air.
func TestWhatAGlanceStillCovers(t *testing.T) {
	m, now, _ := warming(t, 0.3, 20*time.Minute)
	arrive := now.Add(10 * time.Minute)
	early := func(c ...float64) time.Duration {
		var air []Stretch
		for _, x := range c {
			air = append(air, Stretch{S: 600, C: x})
		}
		m.Expect(arrive, air...)
		return m.Judge(now).Outlook.Early
	}
	first := early(30)
	if got := early(30 + sameAirC); got != first {
		t.Errorf("in air that is half a degree warmer: %v, was %v", got, first)
	}
	if got := early(30.01 + sameAirC); got >= first {
		t.Errorf("in air that is warmer by more: %v, was %v", got, first)
	}
	if got := early(30, 30); got <= early(45, 45) {
		t.Errorf("in two stretches: %v", got)
	}
}

// Near a limit begins at a quarter of an hour, and ends half as much later.
func TestNearALimitDoesNotFlap(t *testing.T) {
	long := NearWithin * 3 / 2
	for _, tt := range []struct {
		early     time.Duration
		was, want bool
	}{
		{NearWithin, false, false},
		{NearWithin - 1, false, true},
		{NearWithin, true, true},
		{long - 1, true, true},
		{long, true, false},
		{NoLimit, true, false},
	} {
		m, now, _ := warming(t, 0.3, 20*time.Minute)
		m.Expect(time.Time{})
		_, folded := m.cast.Folded()
		m.near, m.seen = tt.was, glance{outlook: Outlook{Early: tt.early, Median: tt.early}, ok: true, folded: folded, at: now}
		if s := m.Judge(now); m.near != tt.want || (s.State == NearLimit) != tt.want {
			t.Errorf("early in %v, near before: %v: %s", tt.early, tt.was, s.State)
		}
	}
}

// After as long a silence as is borne a reading is still held against those before it.
func TestWhenAReadingIsComparedWithThoseBefore(t *testing.T) {
	for _, tt := range []struct {
		silence time.Duration
		suspect int
	}{{silentIntervals * redCells(t).Interval, 1}, {silentIntervals*redCells(t).Interval + 1, 0}} {
		m, now, _ := warming(t, 0.3, 20*time.Minute)
		now = now.Add(tt.silence)
		m.Fold(Reading{At: now, ReceivedAt: now, Seq: 1000, TempMC: 9900, AmbientMC: 30_000})
		if m.Suspect() != tt.suspect {
			t.Errorf("after %v: %d suspect", tt.silence, m.Suspect())
		}
	}
}

// The time constant is learnt only when the air is two degrees off, from even readings.
func TestWhatTellsATimeConstant(t *testing.T) {
	p := redCells(t)
	for _, tt := range []struct {
		name  string
		offMC int32
		dt    time.Duration
		learn bool
	}{
		{"far enough", LeastExcitationC * 1000, p.Interval, true},
		{"colder by as much", -LeastExcitationC * 1000, p.Interval, true},
		{"less far", LeastExcitationC*1000 - 1, p.Interval, false},
		{"a reading left out", 20_000, 2 * p.Interval, false},
	} {
		m := NewMonitor(p)
		m.Fold(Reading{At: t0, ReceivedAt: t0, Seq: 1, TempMC: 4000, AmbientMC: 4000 + tt.offMC})
		before := m.rls
		m.Fold(Reading{At: t0.Add(tt.dt), ReceivedAt: t0.Add(tt.dt), Seq: 2, TempMC: 4010, AmbientMC: 4000 + tt.offMC})
		if learnt := m.rls != before; learnt != tt.learn {
			t.Errorf("%s: learnt %v", tt.name, learnt)
		}
	}
}
