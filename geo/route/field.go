package route

import (
	"errors"
	"fmt"
	"math"

	"hemolift/geo/mesh"
)

// Field is wind that varies over the plane: samples on a square grid, between which
// it is interpolated bilinearly; outside it the nearest sample on the edge holds.
type Field struct {
	Origin     mesh.Point // of the first sample
	Step       int32      // between samples
	Cols, Rows int
	Winds      []Drift // row by row, northward
}

// Drift is where the wind blows to, in lattice steps a second.
type Drift struct{ East, North float64 }

func (f *Field) check() error {
	if f.Cols < 1 || f.Rows < 1 || f.Step < 1 || len(f.Winds) != f.Cols*f.Rows {
		return fmt.Errorf("wind field: %d samples for %d by %d with a step of %d", len(f.Winds), f.Cols, f.Rows, f.Step)
	}
	for i, w := range f.Winds {
		if math.IsNaN(w.East+w.North) || math.IsInf(w.East+w.North, 0) {
			return fmt.Errorf("wind field: sample %d is not a number", i)
		}
	}
	return nil
}

// at is the wind at a point.
func (f *Field) at(x, y float64) Drift {
	clamp := func(v float64, n int) (int, int, float64) {
		v = min(max(v, 0), float64(n-1))
		i := min(int(v), max(n-2, 0))
		return i, min(i+1, n-1), v - float64(i)
	}
	c0, c1, u := clamp((x-float64(f.Origin.X))/float64(f.Step), f.Cols)
	r0, r1, v := clamp((y-float64(f.Origin.Y))/float64(f.Step), f.Rows)
	mix := func(get func(Drift) float64) float64 {
		w := func(r, c int) float64 { return get(f.Winds[r*f.Cols+c]) }
		return (1-v)*((1-u)*w(r0, c0)+u*w(r0, c1)) + v*((1-u)*w(r1, c0)+u*w(r1, c1))
	}
	return Drift{mix(func(d Drift) float64 { return d.East }), mix(func(d Drift) float64 { return d.North })}
}

// disc is a circle in the plane of winds that holds every sample, and so every
// wind between them.
func (f *Field) disc() (centre Drift, radius float64) {
	lo, hi := f.Winds[0], f.Winds[0]
	for _, w := range f.Winds {
		lo = Drift{min(lo.East, w.East), min(lo.North, w.North)}
		hi = Drift{max(hi.East, w.East), max(hi.North, w.North)}
	}
	centre = Drift{(lo.East + hi.East) / 2, (lo.North + hi.North) / 2}
	for _, w := range f.Winds {
		radius = max(radius, math.Hypot(w.East-centre.East, w.North-centre.North))
	}
	return centre, radius
}

// legSamples is how often the wind is looked at along a leg, at most a tenth of a
// grid step apart.
const legSamples = 64

// PlanInField returns the fastest known route in a wind that varies, at the
// airspeed of q.Air, whose wind is not used. Its Bound is below the time of every
// route: all winds lie in a disc about their middle, so no aircraft is faster than
// one with the disc's radius added to its airspeed in the uniform wind of its
// middle, for which the planner is exact. The route is the best of those that are
// fastest in the middle wind and in the wind at the start and at the goal; its
// time is summed up along the legs, whose ground track is kept against the wind.
func (sn *Snapshot) PlanInField(q Query, f *Field) (Path, error) {
	if err := f.check(); err != nil {
		return Path{}, err
	}
	middle, radius := f.disc()
	if math.Hypot(middle.East, middle.North)+radius >= q.Air.Speed {
		return Path{}, ErrWind
	}
	least := q
	least.Air = Air{Speed: q.Air.Speed + radius, East: middle.East, North: middle.North}
	bound, err := sn.Plan(least)
	if err != nil {
		return Path{}, err
	}
	best := Path{Cost: math.Inf(1)}
	start, goal := f.at(float64(q.From.X), float64(q.From.Y)), f.at(float64(q.To.X), float64(q.To.Y))
	for _, w := range []Drift{middle, start, goal} {
		one := q
		one.Air = Air{Speed: q.Air.Speed, East: w.East, North: w.North}
		p, err := sn.Plan(one)
		if errors.Is(err, ErrBudget) {
			continue
		}
		if err != nil {
			return Path{}, err
		}
		if took := f.seconds(p.Points, q.Air.Speed); took < best.Cost {
			best = Path{Points: p.Points, Cost: took}
		}
	}
	if math.IsInf(best.Cost, 1) {
		return Path{}, ErrBudget
	}
	best.Bound = min(bound.Cost, best.Cost)
	return best, nil
}

// seconds sums up a path's time, each piece in the wind of its middle.
func (f *Field) seconds(path []mesh.Point, airspeed float64) float64 {
	sum := 0.0
	for i := 1; i < len(path); i++ {
		ax, ay := float64(path[i-1].X), float64(path[i-1].Y)
		dx, dy := float64(path[i].X)-ax, float64(path[i].Y)-ay
		n := legSamples + int(10*math.Hypot(dx, dy)/float64(f.Step))
		for k := range n {
			u := (float64(k) + 0.5) / float64(n)
			w := f.at(ax+u*dx, ay+u*dy)
			m := metric{windy: true, wx: w.East, wy: w.North, excess: airspeed*airspeed - w.East*w.East - w.North*w.North}
			m.perExcess = 1 / m.excess
			sum += m.cost(dx/float64(n), dy/float64(n))
		}
	}
	return sum
}
