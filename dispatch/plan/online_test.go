package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// play plays a stream.
func play(t testing.TB, in *Instance, rounds int) Day {
	t.Helper()
	d, err := Play(in, 1, func() Budget { return Budget{Rounds: rounds} })
	if err != nil {
		t.Fatal(err)
	}
	return d
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
			got := play(t, in, 400)
			score := got.Score
			sound(t, data, got.Log, score)
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

// oneDrone is a stream in which a drone is on its way to a far hospital with routine
// units when a STAT request comes from another, which nothing else can reach in time.
func oneDrone() *Instance {
	in := one()
	in.Kind = "online"
	in.Drones, in.Lots[0].Units = in.Drones[1:], 4
	in.Sites = append(in.Sites, Site{ID: "G", Kind: Hospital, Pads: 1})
	in.TimeS = [][]int64{{0, 1200, 900}, {1200, 0, 400}, {900, 400, 0}}
	in.EnergyJ = [][]int64{{0, 400_000, 300_000}, {400_000, 0, 150_000}, {300_000, 150_000, 0}}
	in.Requests = []Request{
		{ID: "far", Hospital: "H", Component: "RBC", Type: "A+", Units: 2, Priority: Routine, DueS: 1500},
		{ID: "now", Hospital: "G", Component: "RBC", Type: "A+", Units: 1, Priority: STAT, ReleaseS: 600, DueS: 2400},
	}
	return in
}

func TestADroneInTheAirIsDiverted(t *testing.T) {
	in := oneDrone()
	d := play(t, in, 50)
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	score := d.Score
	sound(t, data, d.Log, score)
	if d.Diverted != 1 || score[unmet(STAT)] != 0 || score[late(STAT)] != 0 || score[unmet(Routine)] != 0 {
		t.Fatalf("%d diverted, score %v: %+v", d.Diverted, score, d.Log)
	}
	turned := d.Log.Missions[0]
	if turned.Stops[0].Hospital != "G" || turned.Stops[0].Divert == nil || len(turned.Returned) != 1 || len(d.Log.Missions) != 2 {
		t.Errorf("%+v", d.Log.Missions)
	}
}

// TestNoMoreUrgentNoDiversion: an equal is not displaced.
func TestNoMoreUrgentNoDiversion(t *testing.T) {
	in := oneDrone()
	in.Requests[0].Priority = STAT
	if d := play(t, in, 50); d.Diverted != 0 {
		t.Errorf("a STAT request was displaced: %+v", d.Log)
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

// TestADroneIsDivertedTwiceOnOneLeg: the record keeps the newest diversion of a leg,
// and so does the plan.
func TestADroneIsDivertedTwiceOnOneLeg(t *testing.T) {
	in := oneDrone()
	in.Lots[0].Units, in.Classes[1].BatteryJ, in.Drones[0].SocJ, in.Classes[1].ChargeW = 2, 9_000_000, 9_000_000, 10
	in.HoldS["RBC"] = 20_000
	in.Sites = append(in.Sites, Site{ID: "F", Kind: Hospital, Pads: 1})
	in.TimeS = [][]int64{{0, 3000, 2500, 2500}, {3000, 0, 800, 800}, {2500, 800, 0, 700}, {2500, 800, 700, 0}}
	in.EnergyJ = [][]int64{
		{0, 900_000, 800_000, 800_000},
		{900_000, 0, 200_000, 200_000},
		{800_000, 200_000, 0, 200_000},
		{800_000, 200_000, 200_000, 0},
	}
	in.Requests = []Request{
		{ID: "far", Hospital: "H", Component: "RBC", Type: "A+", Units: 2, Priority: Routine, DueS: 4500},
		{ID: "first", Hospital: "G", Component: "RBC", Type: "A+", Units: 2, Priority: Urgent, ReleaseS: 1000, DueS: 6000},
		{ID: "second", Hospital: "F", Component: "RBC", Type: "A+", Units: 2, Priority: STAT, ReleaseS: 2500, DueS: 9000},
	}
	s := newSearch(newState(compile(in)), 1)
	m := s.p.missionFor(t, 1, 0)
	s.allocate(0, 0, 5000, m)
	m.load, m.frozen = 120, true
	once, lost := s.diverted(m, 1, 1000)
	if once == nil || len(lost) != 1 {
		t.Fatal("not diverted")
	}
	twice, lost := s.diverted(once, 2, 2500)
	if twice == nil || len(lost) != 1 || len(twice.diverts) != 1 || twice.diverts[0].at != 2500 {
		t.Fatalf("diverted again: %+v, displaced %v", twice, lost)
	}
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if s.price(twice) {
		s.add(twice, 0)
	}
	log := s.export()
	sound(t, data, log, s.score.score())
}

// missionFor is a mission of a drone of a class for one request.
func (p *problem) missionFor(t *testing.T, class int, r int32) *mission {
	t.Helper()
	for g := range p.groups {
		if p.groups[g].class == class {
			m := &mission{}
			m.reset(g, r)
			m.drone = int(p.groups[g].drones[0])
			if why, have, want := p.shape(m); why != "" {
				t.Fatal(why, have, want)
			}
			return m
		}
	}
	t.Fatal("no such class")
	return nil
}

// TestWhatIsUnservedIsSaid: with the reason.
func TestWhatIsUnservedIsSaid(t *testing.T) {
	in := oneDrone()
	in.Lots = nil
	start := *in
	start.Requests = nil
	o := NewOnline(&start, 1, func() Budget { return Budget{Rounds: 5} })
	r, err := o.Event(0, in.Requests[:1])
	if err != nil || len(r.Unserved) != 1 || r.Unserved[0].Changes[0].Reason != NoUnits {
		t.Errorf("%v %+v", err, r)
	}
}

// What is wrong with one request of a message does not keep the others out.
func TestAdmissibleTakesTheGoodOnes(t *testing.T) {
	in := one()
	in.Requests = nil
	o := NewOnline(in, 1, func() Budget { return Budget{Rounds: 10} })
	r := Request{ID: "R1", Hospital: "H", Component: "RBC", Type: "A+", Units: 1, Priority: STAT, DueS: 2000}
	twin, nowhere, late := r, r, r
	nowhere.ID, nowhere.Hospital = "R2", "C"
	late.ID, late.ReleaseS, late.DueS = "R3", 500, 3000
	good, err := o.Admissible(0, []Request{nowhere, r, twin, late})
	if len(good) != 1 || good[0].ID != "R1" || err == nil {
		t.Fatalf("got %+v, %v", good, err)
	}
	for _, want := range []string{`"R1"`, `"R2"`, `"R3"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not named: %v", want, err)
		}
	}
	if reply, err := o.Event(0, good); err != nil || len(reply.Unserved) != 0 {
		t.Errorf("got %+v, %v", reply, err)
	}
}
