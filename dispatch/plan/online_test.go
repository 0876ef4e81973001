package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// day is a stream as played: what was committed, and what replies took.
type day struct {
	log      Plan
	replies  []time.Duration
	diverted int
}

// play plays a stream to a dispatcher that sees each request when it is released.
func play(t testing.TB, in *Instance, seed uint64, rounds int) day {
	t.Helper()
	start := *in
	start.Requests = nil
	o := NewOnline(&start, seed, func() Budget { return Budget{Rounds: rounds} })
	todo := slices.Clone(in.Requests)
	slices.SortStableFunc(todo, func(a, b Request) int { return cmp.Compare(a.ReleaseS, b.ReleaseS) })
	out := day{log: Plan{Instance: in.Name, Missions: []Mission{}}}
	for now, wake := int64(-1), never; len(todo) > 0 || wake < in.HorizonS; {
		now = max(now+1, wake)
		if len(todo) > 0 {
			now = max(min(now, todo[0].ReleaseS), 0)
		}
		k := 0
		for k < len(todo) && todo[k].ReleaseS <= now {
			k++
		}
		begin := time.Now()
		reply, err := o.Event(now, todo[:k])
		if err != nil {
			t.Fatal(err)
		}
		out.replies = append(out.replies, time.Since(begin))
		todo, wake = todo[k:], never
		if reply.WakeS != nil {
			wake = *reply.WakeS
		}
		out.commit(t, reply, now)
	}
	return out
}

func (d *day) commit(t testing.TB, r Reply, now int64) {
	t.Helper()
	for _, m := range r.Launch {
		if m.DepartS < now {
			t.Fatalf("launch in the past, at %d: %+v", now, m)
		}
		d.log.Missions = append(d.log.Missions, m)
	}
	for _, v := range r.Divert {
		d.diverted++
		d.divert(t, v, now)
	}
}

// divert replaces what is left of the drone's newest mission.
func (d *day) divert(t testing.TB, v Diversion, now int64) {
	t.Helper()
	for i := len(d.log.Missions) - 1; i >= 0; i-- {
		m := &d.log.Missions[i]
		if m.Drone != v.Drone {
			continue
		}
		done := v.Reached
		stops := slices.Clone(v.Stops)
		aim := v.From
		stops[0].Divert = &Divert{now, aim}
		m.Stops = append(slices.Clone(m.Stops[:done]), stops...)
		m.Returned = v.Returned
		return
	}
	t.Fatalf("drone %s is diverted and was never launched", v.Drone)
}

// TestStreams plays days. The log must be a valid plan, and no worse on levels 1 to 6
// than the better dispatcher of the references.
func TestStreams(t *testing.T) {
	refs := references(t)
	for k := 1; k <= 3; k++ {
		name := fmt.Sprintf("stream-s-%02d", k)
		t.Run(name, func(t *testing.T) {
			data := text(t, name)
			in := read(t, data)
			got := play(t, in, 1, 400)
			score := scoreOf(t, in, got.log)
			sound(t, data, got.log, score)
			best := refs[name].Online["reserve"]
			if lns := refs[name].Online["lns"]; lns.Compare(best) < 0 {
				best = lns
			}
			if score.Compare(best) > 0 && score.Decides(best) < 6 {
				t.Errorf("%v is worse than %v on %s", score, best, Levels[score.Decides(best)])
			}
		})
	}
}

// scoreOf loads a log as a plan.
func scoreOf(t testing.TB, in *Instance, log Plan) Score {
	t.Helper()
	s := newState(compile(in))
	if err := s.load(log); err != nil {
		t.Fatal(err)
	}
	return s.score.score()
}

// oneDrone is a stream in which a drone is on its way to a far hospital with routine
// units when a STAT request comes from another, which nothing else can reach in time.
func oneDrone() *Instance {
	in := one()
	in.Kind = "online"
	in.Drones, in.Lots[0].Units = in.Drones[1:], 4
	in.Sites = append(in.Sites, Site{ID: "G", Kind: Hospital, Pads: 1})
	in.TimeS = [][]int64{{0, 1200, 900}, {1200, 0, 400}, {900, 400, 0}}
	in.EnergyJ = [][]int64{{0, 400_000, 300_000}, {400_000, 0, 150_000}, {300_000, 150_000, 0}}
	in.Requests = []Request{{ID: "far", Hospital: "H", Component: "RBC", Type: "A+", Units: 2, Priority: Routine, DueS: 1500},
		{ID: "now", Hospital: "G", Component: "RBC", Type: "A+", Units: 1, Priority: STAT, ReleaseS: 600, DueS: 2400}}
	return in
}

func TestADroneInTheAirIsDiverted(t *testing.T) {
	in := oneDrone()
	d := play(t, in, 1, 50)
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	score := scoreOf(t, in, d.log)
	sound(t, data, d.log, score)
	if d.diverted != 1 || score[unmet(STAT)] != 0 || score[late(STAT)] != 0 || score[unmet(Routine)] != 0 {
		t.Fatalf("%d diverted, score %v: %+v", d.diverted, score, d.log)
	}
	turned := d.log.Missions[0]
	if turned.Stops[0].Hospital != "G" || turned.Stops[0].Divert == nil || len(turned.Returned) != 1 || len(d.log.Missions) != 2 {
		t.Errorf("%+v", d.log.Missions)
	}
}

// TestNoMoreUrgentNoDiversion: an equal is not displaced.
func TestNoMoreUrgentNoDiversion(t *testing.T) {
	in := oneDrone()
	in.Requests[0].Priority = STAT
	if d := play(t, in, 1, 50); d.diverted != 0 {
		t.Errorf("a STAT request was displaced: %+v", d.log)
	}
}

func TestOnlineRefusesWhatCannotBe(t *testing.T) {
	in := oneDrone()
	start := *in
	start.Requests = nil
	o := NewOnline(&start, 1, func() Budget { return Budget{Rounds: 5} })
	if _, err := o.Event(0, in.Requests[:1]); err != nil {
		t.Fatal(err)
	}
	for what, event := range map[string]func() (Reply, error){
		"known already":  func() (Reply, error) { return o.Event(10, in.Requests[:1]) },
		"release_s":      func() (Reply, error) { return o.Event(10, in.Requests[1:]) },
		"before":         func() (Reply, error) { return o.Event(-1, nil) },
		"is that of":     func() (Reply, error) { return o.Event(700, []Request{in.Requests[1], in.Requests[1]}) },
		"not a hospital": func() (Reply, error) { return o.Event(700, []Request{{ID: "x", Hospital: "C"}}) },
	} {
		if _, err := event(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if r, err := o.Event(600, in.Requests[1:]); err != nil || r.WakeS == nil {
		t.Errorf("after refusals: %v %+v", err, r)
	}
}
