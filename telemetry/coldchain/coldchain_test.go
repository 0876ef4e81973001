package coldchain

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func redCells(t testing.TB) Profile {
	t.Helper()
	set, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	return set["hemolift-rbc-2-10"]
}

func TestStateAtAndBesideEachLimit(t *testing.T) {
	p := redCells(t)
	tests := []struct {
		tempMC int32
		age    time.Duration
		fault  bool
		want   State
	}{
		{1999, 0, false, Excursion}, {2000, 0, false, NearLimit}, {2499, 0, false, NearLimit}, {2500, 0, false, InRange},
		{9500, 0, false, InRange}, {9501, 0, false, NearLimit}, {10000, 0, false, NearLimit}, {10001, 0, false, Excursion},
		{6000, 60 * time.Second, false, InRange}, {6000, 60*time.Second + 1, false, Unknown},
		{12000, 61 * time.Second, false, Unknown}, {6000, 0, true, Unknown},
	}
	for _, tt := range tests {
		m := NewMonitor(p)
		m.Fold(Reading{At: t0, TempMC: tt.tempMC, Fault: tt.fault})
		if got := m.Judge(t0.Add(tt.age)).State; got != tt.want {
			t.Errorf("%d m°C, age %v, fault %v: got %v, want %v", tt.tempMC, tt.age, tt.fault, got, tt.want)
		}
	}
	if got := NewMonitor(p).Judge(t0).State; got != Unknown {
		t.Errorf("no reading: got %v, want unknown", got)
	}
}

func TestTimeOutOfRangeAndGaps(t *testing.T) {
	m := NewMonitor(redCells(t))
	for _, r := range []struct {
		s      int
		tempMC int32
	}{{0, 9000}, {15, 11000}, {30, 11000}, {45, 9000}, {145, 9000}} {
		m.Fold(Reading{At: t0.Add(time.Duration(r.s) * time.Second), TempMC: r.tempMC})
	}
	s := m.Judge(t0.Add(146 * time.Second))
	if s.OutOfRange != 30*time.Second || s.Unmonitored != 100*time.Second || !s.Breached {
		t.Errorf("got %v out, %v unmonitored, breached %v; want 30s, 100s, true", s.OutOfRange, s.Unmonitored, s.Breached)
	}
}

func TestArrivalOrderDoesNotMatter(t *testing.T) {
	p := redCells(t)
	rapid.Check(t, func(t *rapid.T) {
		var rs []Reading
		at := t0
		for range rapid.IntRange(1, 40).Draw(t, "n") {
			at = at.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "dt")) * time.Second)
			rs = append(rs, Reading{At: at, TempMC: int32(rapid.IntRange(0, 12000).Draw(t, "temp"))})
		}
		inOrder, shuffled := NewMonitor(p), NewMonitor(p)
		for _, r := range rs {
			inOrder.Fold(r)
		}
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
		for _, r := range append(rs, rs...) { // all redelivered
			shuffled.Fold(r)
		}
		if a, b := inOrder.Judge(at), shuffled.Judge(at); a != b {
			t.Fatalf("in order %+v, shuffled %+v", a, b)
		}
	})
}

func TestProfilesNameTheFaultyLine(t *testing.T) {
	bad := strings.Replace(profilesCSV, ",1,10,", ",10,1,", 1)
	if _, err := ParseProfiles(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v, want an error that names line 2", err)
	}
	p := redCells(t)
	if p.LowMC != 2000 || p.HighMC != 10000 || p.GuardMC != 500 || p.Interval != 15*time.Second {
		t.Errorf("red cells: got %+v", p)
	}
}
