package route

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hemolift/geo/mesh"
)

// randomRing draws a small ring: a box, a triangle, or corners about a middle.
func randomRing(r *rand.Rand, size int32) []mesh.Point {
	for {
		ring := drawRing(r, size)
		if checkRing(ring) == nil && !touchesItself(ring) {
			return ring
		}
	}
}

func drawRing(r *rand.Rand, size int32) []mesh.Point {
	pick := func() mesh.Point { return mesh.Point{X: r.Int32N(size + 1), Y: r.Int32N(size + 1)} }
	switch r.IntN(3) {
	case 0:
		a, b := pick(), pick()
		return []mesh.Point{a, {X: b.X, Y: a.Y}, b, {X: a.X, Y: b.Y}}
	case 1:
		return []mesh.Point{pick(), pick(), pick()}
	}
	mid := pick()
	var ring []mesh.Point
	for range 3 + r.IntN(6) {
		p := pick()
		if p != mid {
			ring = append(ring, p)
		}
	}
	slices.SortFunc(ring, func(a, b mesh.Point) int { return byAngle(from(mid, a), from(mid, b)) })
	return slices.CompactFunc(ring, func(a, b mesh.Point) bool { return sameWay(from(mid, a), from(mid, b)) })
}

// touchesItself reports whether a corner lies on an edge that it does not end.
func touchesItself(ring []mesh.Point) bool {
	for i, p := range ring {
		for j, a := range ring {
			b := ring[(j+1)%len(ring)]
			if i == j || i == (j+1)%len(ring) {
				continue
			}
			if mesh.Orient(a, b, p) == 0 && dot2(from(p, a), from(p, b)) <= 0 {
				return true
			}
		}
	}
	return false
}

func randomScene(r *rand.Rand, size int32, zones int) []Zone {
	var out []Zone
	for i := range zones {
		out = append(out, Zone{ID: fmt.Sprint("z", i), UpperM: 100, Rings: [][]mesh.Point{randomRing(r, size)}})
	}
	return out
}

// randomCells draws cells of a small board: they share edges and corners.
func randomCells(r *rand.Rand, size int32) []Zone {
	n := 3 + r.Int32N(4)
	c := size / n
	var out []Zone
	for x := range n {
		for y := range n {
			if r.IntN(10) >= 4 {
				continue
			}
			lo, hi := mesh.Point{X: x * c, Y: y * c}, mesh.Point{X: (x + 1) * c, Y: (y + 1) * c}
			ring := []mesh.Point{lo, {X: hi.X, Y: lo.Y}, hi, {X: lo.X, Y: hi.Y}}
			if r.IntN(4) == 0 { // a corner cut off
				ring = slices.Delete(ring, 1, 2)
			}
			out = append(out, Zone{ID: fmt.Sprint("c", x, "-", y), UpperM: 100, Rings: [][]mesh.Point{ring}})
		}
	}
	return out
}

// randomPinwheel draws triangles that have an edge each through one point between
// the lattice points: more than two boundaries cross there.
func randomPinwheel(r *rand.Rand) []Zone {
	const last = 59
	pick := func() mesh.Point { return mesh.Point{X: r.Int32N(last + 1), Y: r.Int32N(last + 1)} }
	var out []Zone
	for i := 0; i < 3+r.IntN(4); {
		a := pick()
		ring := []mesh.Point{a, {X: last - a.X, Y: last - a.Y}, pick()}
		if checkRing(ring) == nil {
			out = append(out, Zone{ID: fmt.Sprint("p", i), UpperM: 100, Rings: [][]mesh.Point{ring}})
			i++
		}
	}
	return out
}

// scenes is how many random scenes the comparison with brute force takes.
const scenes = 2500

func TestPlanAgreesWithBruteForce(t *testing.T) {
	outcomes := map[error]int{}
	for seed := range uint64(scenes) {
		r := rand.New(rand.NewPCG(seed, 1))
		size := int32(4 + r.IntN(50))
		zones := randomScene(r, size, 1+r.IntN(6))
		switch {
		case seed%2 == 0:
			size = 60
			zones = randomCells(r, size)
		case seed%5 == 0:
			size = 60
			zones = randomPinwheel(r)
		}
		var air Air
		if seed%3 == 0 {
			air = Air{Speed: 20, East: r.Float64()*20 - 10, North: r.Float64()*20 - 10}
		}
		m, err := newMetric(air)
		if err != nil {
			t.Fatal(err)
		}
		sp, err := NewSpace(zones, 0)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for range 2 {
			q := Query{
				From: mesh.Point{X: r.Int32N(size + 1), Y: r.Int32N(size + 1)},
				To:   mesh.Point{X: r.Int32N(size + 1), Y: r.Int32N(size + 1)},
				Air:  air,
			}
			want, wantErr := newOracle(zones, q.From, q.To, m.cost).solve()
			outcomes[wantErr]++
			got, gotErr := sp.Snapshot().Plan(q)
			if !errors.Is(gotErr, wantErr) || (wantErr == nil && math.Abs(got.Cost-want) > 1e-9*want) {
				t.Fatalf("seed %d, %v to %v, %+v: got %v %v, want %v %v; zones %v", seed, q.From, q.To, air, got, gotErr, want, wantErr, zones)
			}
		}
	}
	for _, err := range []error{nil, ErrStartInside, ErrGoalInside, ErrUnreachable} {
		if outcomes[err] < scenes/100 {
			t.Errorf("%d scenes ended in %v, too few to tell", outcomes[err], err)
		}
	}
}
