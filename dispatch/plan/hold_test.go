package plan

import (
	"fmt"
	"testing"
)

// A routine flight waits while the last charged drone may be needed for STAT requests by
// what was seen; a STAT flight, one without time in hand, and one of a quiet day do not.
func TestHoldKeepsDronesForWhatWasSeen(t *testing.T) {
	asked := func(n int, p Priority) (out []Request) {
		for i := range n {
			out = append(out, Request{ID: fmt.Sprint("S", i), Hospital: "H", Component: "RBC", Type: "A+", Units: 1, Priority: p, DueS: 1800})
		}
		return out
	}
	const day = 86_400
	for _, x := range []struct {
		what string
		p    Priority
		due  int64
		seen []Request
		held bool
	}{
		{"STAT waits for nothing", STAT, 18_000, asked(200, STAT), false},
		{"routine after many STAT", Routine, 18_000, asked(200, STAT), true},
		{"urgent without time in hand", Urgent, 1200, asked(200, STAT), false},
		{"urgent with time in hand", Urgent, 18_000, asked(200, STAT), true},
		{"routine when nothing was seen yet", Routine, 18_000, nil, true},
		{"routine after many of its kind", Routine, 18_000, asked(200, Routine), false},
	} {
		in := one()
		in.Lots[0].Units = 10_000
		in.Drones[1].SocJ = 600_000 // not charged
		in.Requests[0].Priority, in.Requests[0].DueS = x.p, x.due
		held, err := Hold(in, Solve(in, 1, Budget{Rounds: 50}).Plan, x.seen, day)
		if err != nil || held["R"] != x.held {
			t.Errorf("%s: held %v, %v", x.what, held, err)
		}
	}
	if _, err := Hold(
		one(),
		Plan{},
		[]Request{{ID: "X", Hospital: "nowhere", Component: "RBC", Type: "A+", Units: 1, Priority: STAT}},
		day,
	); err == nil {
		t.Error("an unknown hospital was seen")
	}
}

// Units that STAT requests may lack are kept too, though drones are plenty.
func TestHoldKeepsScarceUnits(t *testing.T) {
	in := one()
	in.Requests[0].Priority, in.Requests[0].DueS = Routine, 18_000
	for i := range 20 {
		in.Drones = append(in.Drones, Drone{ID: fmt.Sprint("E", i), Class: "stork", Home: "C", SocJ: 3_000_000})
	}
	seen := []Request{}
	for i := range 40 {
		seen = append(seen, Request{ID: fmt.Sprint("S", i), Hospital: "H", Component: "RBC", Type: "A+", Units: 2, Priority: STAT, DueS: 1800})
	}
	for units, want := range map[int64]bool{2: true, 10_000: false} {
		in.Lots[0].Units = units
		held, err := Hold(in, Solve(in, 1, Budget{Rounds: 50}).Plan, seen, 86_400)
		if err != nil || held["R"] != want {
			t.Errorf("%d units: held %v, %v", units, held, err)
		}
	}
}
