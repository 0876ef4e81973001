package route

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"hemolift/geo/mesh"
)

var t0 = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)

func seconds(s float64) time.Time { return t0.Add(time.Duration(s * float64(time.Second))) }

func TestOneWallThatOpensOrCloses(t *testing.T) {
	f, err := os.Open("testdata/windows.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		n := func(i int) float64 {
			x, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		at := func(x, y float64) mesh.Point { return mesh.Point{X: int32(x * StepsPerM), Y: int32(y * StepsPerM)} }
		z := Zone{ID: "wall", UpperM: 1, Rings: [][]mesh.Point{{at(-n(1), 0), at(n(1), 0), at(n(1), n(2)), at(-n(1), n(2))}}}
		if row[3] == "opens" {
			z.Until = seconds(n(4))
		} else {
			z.From = seconds(n(4))
		}
		sp, err := NewSpace([]Zone{z}, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := sp.Snapshot().Plan(Query{From: at(n(6), n(7)), To: at(n(8), n(9)), Depart: t0, Air: Air{Speed: n(5) * StepsPerM}})
		if want := n(10); err != nil || math.Abs(p.Cost-want) > 1e-6*want || p.Bound > p.Cost || p.Bound < p.Cost*(1-1e-9) {
			t.Errorf("%s: got %v, bound %v, %v; want %v", row[0], p.Cost, p.Bound, err, want)
		}
	}
}

// flown is a brute-force judge of timed flights that shares no code with the
// planner: zones are polygons, and legs are cut where they cross their edges.
type flown struct {
	zones []Zone
	air   Air
}

type xy struct{ x, y float64 }

func at(p mesh.Point) xy { return xy{float64(p.X), float64(p.Y)} }

func (f *flown) seconds(a, b xy) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	d := math.Hypot(dx, dy)
	if d == 0 {
		return 0
	}
	along := (dx*f.air.East + dy*f.air.North) / d
	across := (dx*f.air.North - dy*f.air.East) / d
	return d / (along + math.Sqrt(f.air.Speed*f.air.Speed-across*across))
}

func (f *flown) inside(z *Zone, p xy) bool {
	in := false
	for _, ring := range z.Rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			ax, ay, bx, by := float64(a.X), float64(a.Y), float64(b.X), float64(b.Y)
			if (ay > p.y) != (by > p.y) && p.x < ax+(p.y-ay)/(by-ay)*(bx-ax) {
				in = !in
			}
		}
	}
	return in
}

// deep reports whether p is inside and more than some steps from every edge.
func (f *flown) deep(z *Zone, p xy, steps float64) bool {
	if !f.inside(z, p) {
		return false
	}
	for _, ring := range z.Rings {
		for i, a := range ring {
			if pointDistance([2]float64{p.x, p.y}, orbPoint(a), orbPoint(ring[(i+1)%len(ring)])) <= steps {
				return false
			}
		}
	}
	return true
}

// crossed lists the fractions of a leg that are inside a zone.
func (f *flown) crossed(z *Zone, a, b xy) []span {
	cuts := []float64{0, 1}
	for _, ring := range z.Rings {
		for i, p := range ring {
			c, d := at(p), at(ring[(i+1)%len(ring)])
			ex, ey := d.x-c.x, d.y-c.y
			den := (b.x-a.x)*ey - (b.y-a.y)*ex
			if den == 0 {
				continue
			}
			if u := ((c.x-a.x)*ey - (c.y-a.y)*ex) / den; u > 0 && u < 1 {
				cuts = append(cuts, u)
			}
		}
	}
	slices.Sort(cuts)
	var out []span
	for i := 1; i < len(cuts); i++ {
		m := (cuts[i-1] + cuts[i]) / 2
		if (cuts[i]-cuts[i-1])*math.Hypot(b.x-a.x, b.y-a.y) > 1e-3 && f.inside(z, xy{a.x + m*(b.x-a.x), a.y + m*(b.y-a.y)}) {
			out = append(out, span{cuts[i-1], cuts[i]})
		}
	}
	return out
}

// check flies a path in fine time steps and fails inside an active zone.
func (f *flown) check(t require, p Path) {
	const steps = 2000
	now := 0.0
	for i := 1; i < len(p.Points); i++ {
		a, b := at(p.Points[i-1]), at(p.Points[i])
		leave := now
		if p.LeaveS != nil {
			leave = p.LeaveS[i-1]
		}
		legS := f.seconds(a, b)
		for k := range steps + 1 {
			when := now + (leave+legS-now)*float64(k)/steps
			u := 0.0
			if when > leave {
				u = (when - leave) / legS
			}
			pos := xy{a.x + u*(b.x-a.x), a.y + u*(b.y-a.y)}
			for j := range f.zones {
				z := &f.zones[j]
				from, until := z.during(t0)
				if when > from+0.01 && when < until-0.01 && f.deep(z, pos, 2.5) {
					t.Fatal(fmt.Sprintf("at %v s, %v, the path is inside %s (%v to %v); path %+v", when, pos, z.ID, from, until, p))
				}
			}
		}
		now = leave + legS
	}
	if math.Abs(now-p.Cost) > 1e-3*p.Cost {
		t.Fatal(fmt.Sprintf("the legs take %v s, the path says %v", now, p.Cost))
	}
}

// best finds a good arrival by brute force: Dijkstra over corners and many points
// of every edge, with departures as soon as a leg is clear. It cannot be better
// than the optimum, and with so many points is hardly worse.
func (f *flown) best(start, goal xy, perEdge int) float64 {
	nodes := []xy{start, goal}
	for _, z := range f.zones {
		for _, ring := range z.Rings {
			for i, p := range ring {
				a, b := at(p), at(ring[(i+1)%len(ring)])
				for k := range perEdge {
					u := float64(k) / float64(perEdge)
					nodes = append(nodes, xy{a.x + u*(b.x-a.x), a.y + u*(b.y-a.y)})
				}
			}
		}
	}
	type state struct {
		at   float64
		done bool
	}
	var events []float64
	for i := range f.zones {
		from, until := f.zones[i].during(t0)
		for _, e := range []float64{from, until} {
			if e > 0 && !math.IsInf(e, 0) {
				events = append(events, e)
			}
		}
	}
	slices.Sort(events)
	phase := func(s float64) int { n, _ := slices.BinarySearch(events, s); return n }
	states := make([][]state, len(nodes)) // by phase of arrival
	for i := range states {
		states[i] = make([]state, len(events)+1)
		for k := range states[i] {
			states[i][k].at = math.Inf(1)
		}
	}
	states[0][0].at = 0
	for {
		u, k := -1, 0
		for i := range states {
			for j := range states[i] {
				if s := states[i][j]; !s.done && !math.IsInf(s.at, 1) && (u < 0 || s.at < states[u][k].at) {
					u, k = i, j
				}
			}
		}
		if u < 0 {
			return math.Inf(1)
		}
		states[u][k].done = true
		now := states[u][k].at
		if u == 1 {
			return now
		}
		until := f.expelled(nodes[u], now)
		for v := range nodes {
			if v == u {
				continue
			}
			leave := f.leave(nodes[u], nodes[v], now)
			if leave > until {
				continue
			}
			at := leave + f.seconds(nodes[u], nodes[v])
			if p := phase(at); at < states[v][p].at {
				states[v][p].at = at
			}
		}
	}
}

// expelled is when a zone that closes drives the aircraft from where it hovers.
func (f *flown) expelled(p xy, now float64) float64 {
	until := math.Inf(1)
	for i := range f.zones {
		from, end := f.zones[i].during(t0)
		if end > now && f.deep(&f.zones[i], p, 1e-6) {
			until = min(until, max(from, now))
		}
	}
	return until
}

// leave is the first departure from now at which a leg is clear all the way.
func (f *flown) leave(a, b xy, now float64) float64 {
	legS := f.seconds(a, b)
	for again := true; again; {
		again = false
		for i := range f.zones {
			from, until := f.zones[i].during(t0)
			for _, c := range f.crossed(&f.zones[i], a, b) {
				if now+c.to*legS > from+1e-9 && now+c.from*legS < until-1e-9 {
					if math.IsInf(until, 1) {
						return math.Inf(1)
					}
					now = until - c.from*legS
					again = true
				}
			}
		}
	}
	return now
}

func randomWindows(r *rand.Rand, zones []Zone, span float64) {
	for i := range zones {
		switch r.IntN(4) {
		case 0:
			zones[i].From = seconds(span * r.Float64())
		case 1:
			zones[i].Until = seconds(span * r.Float64())
		case 2:
			from := span * r.Float64()
			zones[i].From, zones[i].Until = seconds(from), seconds(from+span*r.Float64()/2)
		}
	}
}

func TestWindowsAgreeWithBruteForce(t *testing.T) {
	worse, waits, exact := 0, 0, 0
	const rounds = 300
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 9))
		const size = 30_000
		zones := randomScene(r, size, 1+int(seed%5))
		air := Air{Speed: 100}
		if seed%3 == 0 {
			air.East, air.North = r.Float64()*60-30, r.Float64()*60-30
		}
		randomWindows(r, zones, 250)
		sp, err := NewSpace(zones, 0)
		if err != nil {
			t.Fatal(err)
		}
		q := Query{
			From:   mesh.Point{X: r.Int32N(size), Y: r.Int32N(size)},
			To:     mesh.Point{X: r.Int32N(size), Y: r.Int32N(size)},
			Depart: t0,
			Air:    air,
		}
		p, err := sp.Snapshot().Plan(q)
		if errors.Is(err, ErrBudget) {
			t.Errorf("seed %d: %v", seed, err)
		}
		judge := &flown{zones: zones, air: air}
		want := judge.best(at(q.From), at(q.To), 12)
		if err != nil {
			if judge.expelled(at(q.From), 0) > 0 && !math.IsInf(want, 1) && !judge.deep(&zones[0], at(q.To), 0) {
				t.Errorf("seed %d: %v, but brute force arrives at %v s", seed, err, want)
			}
			continue
		}
		judge.check(t, p)
		if p.Bound > p.Cost*(1+1e-12) || p.Bound > want*(1+1e-6) {
			t.Errorf("seed %d: bound %v, cost %v, brute force %v", seed, p.Bound, p.Cost, want)
		}
		if p.Cost > want*(1+1e-6) {
			worse++
			if p.Bound == p.Cost || p.Cost > want*1.05 {
				t.Errorf("seed %d: %v s, bound %v, brute force %v", seed, p.Cost, p.Bound, want)
			}
		}
		if p.LeaveS != nil {
			waits++
		}
		if p.Bound >= p.Cost*(1-1e-9) {
			exact++
		}
	}
	if waits < rounds/5 || exact < rounds/2 || worse > rounds/100 {
		t.Error("too few flights met a change or were proved best, or too many were not the best")
	}
	t.Logf("of %d flights %d met a change, %d were proved best, %d were not the best", rounds, waits, exact, worse)
}
