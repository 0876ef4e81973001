package coldchain

import (
	"testing"
	"time"
)

func TestALoggerIsComparedWithWhatWasLive(t *testing.T) {
	at := func(min int, mc int32) Reading {
		return Reading{At: t0.Add(time.Duration(min) * time.Minute), TempMC: mc}
	}
	logged := []Reading{at(0, 5000), at(1, 5000), at(2, 5000), at(3, 5600)}
	live := []Reading{at(1, 5100), at(3, 5000), at(4, 5000)}
	want := Comparison{Logged: 4, Live: 3, Matched: 2, MissingLive: 2, MissingLogged: 1, Differing: 1, WorstC: 0.6}
	if got := Compare(logged, live, time.Minute); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	back := Comparison{Logged: 3, Live: 4, Matched: 2, MissingLive: 1, MissingLogged: 2, Differing: 1, WorstC: 0.6}
	if got := Compare(live, logged, time.Minute); got != back {
		t.Errorf("the other way %+v, want %+v", got, back)
	}
	// Apart by half an interval is matched, and by half a degree is alike.
	half := []Reading{{At: t0.Add(30 * time.Second), TempMC: 5500}, {At: t0.Add(time.Minute), TempMC: 4500}, {At: t0.Add(2*time.Minute + 31*time.Second), TempMC: 5000}}
	want = Comparison{Logged: 3, Live: 3, Matched: 2, MissingLive: 1, MissingLogged: 1, WorstC: 0.5}
	if got := Compare(half, []Reading{at(0, 5000), at(1, 5000), at(2, 5000)}, time.Minute); got != want {
		t.Errorf("at the edges %+v, want %+v", got, want)
	}
}
