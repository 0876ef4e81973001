package route

import (
	"errors"
	"fmt"
	"math"
	"time"

	"hemolift/geo/mesh"
)

// Limits of what a space holds. A lattice step is 1 mm in Hemolift.
const (
	// MaxCoord bounds a coordinate of a zone, start or goal, in steps: 536 km.
	MaxCoord = mesh.MaxCoord
	// MaxVertices bounds the vertices of all zones together.
	MaxVertices = 2_000_000
)

// Zone is a closed region that is active at heights in [LowerM, UpperM) and at
// times in [From, Until); the zero time means unbounded.
type Zone struct {
	ID             string
	Rings          [][]mesh.Point // first the outer one, then holes; no ring repeats its first point
	LowerM, UpperM float64
	From, Until    time.Time
}

// active reports whether the zone counts somewhere between two heights and two
// times, both ends included.
func (z *Zone) active(floorM, heightM float64, from, until time.Time) bool {
	return z.ID != "" && z.meets(floorM, heightM) && (z.From.IsZero() || !until.Before(z.From)) && (z.Until.IsZero() || from.Before(z.Until))
}

func (z *Zone) meets(floorM, heightM float64) bool { return z.LowerM <= heightM && floorM < z.UpperM }

// check refuses a zone that cannot be planned around.
func (z *Zone) check() error {
	switch {
	case z.ID == "":
		return errors.New("the identifier is empty")
	case math.IsNaN(z.LowerM) || math.IsNaN(z.UpperM) || z.LowerM >= z.UpperM:
		return fmt.Errorf("heights %v to %v m leave no room", z.LowerM, z.UpperM)
	case !z.From.IsZero() && !z.Until.IsZero() && !z.From.Before(z.Until):
		return fmt.Errorf("its window ends at %v, before it begins", z.Until)
	case len(z.Rings) == 0:
		return errors.New("it has no ring")
	}
	for i, ring := range z.Rings {
		if err := checkRing(ring); err != nil {
			return fmt.Errorf("ring %d: %w", i, err)
		}
	}
	return nil
}

func checkRing(ring []mesh.Point) error {
	if len(ring) < 3 {
		return fmt.Errorf("has %d points, fewer than 3", len(ring))
	}
	for i, p := range ring {
		if !onLattice(p) {
			return fmt.Errorf("point %d (%d, %d) lies outside the lattice of ±%d steps", i, p.X, p.Y, MaxCoord)
		}
	}
	if twiceArea(ring) == 0 {
		return errors.New("has no area")
	}
	return checkSimple(ring)
}

// twiceArea is positive for a counter-clockwise ring. Partial sums may wrap round;
// the whole is below 2^62 for a ring that does not cross itself.
func twiceArea(ring []mesh.Point) int64 {
	var sum int64
	for i, p := range ring {
		sum += mesh.Orient(ring[0], p, ring[(i+1)%len(ring)])
	}
	return sum
}

// checkSimple refuses a ring two of whose edges cross. It sorts edges into the
// cells of a grid and compares those that share a cell.
func checkSimple(ring []mesh.Point) error {
	n := len(ring)
	cells := newEdgeCells(ring)
	for i := range n {
		a, b := ring[i], ring[(i+1)%n]
		if j := cells.crossedBy(ring, i, a, b); j >= 0 {
			return fmt.Errorf("edges %d and %d cross", min(i, j), max(i, j))
		}
	}
	return nil
}

// edgeCells lists a ring's edges by the cells of a square grid that they enter.
type edgeCells struct {
	min   mesh.Point
	step  int64
	edges map[[2]int64][]int32
}

func newEdgeCells(ring []mesh.Point) *edgeCells {
	lo, hi := ring[0], ring[0]
	for _, p := range ring {
		lo = mesh.Point{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}
		hi = mesh.Point{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	across := math.Ceil(math.Sqrt(float64(len(ring))))
	size := max(int64(hi.X)-int64(lo.X), int64(hi.Y)-int64(lo.Y))
	c := &edgeCells{min: lo, step: size/int64(across) + 1, edges: map[[2]int64][]int32{}}
	for i, p := range ring {
		c.visit(p, ring[(i+1)%len(ring)], func(cell [2]int64) bool {
			c.edges[cell] = append(c.edges[cell], int32(i))
			return true
		})
	}
	return c
}

// visit calls f for the cells that the segment ab may enter, column by column,
// until f returns false.
func (c *edgeCells) visit(a, b mesh.Point, f func(cell [2]int64) bool) {
	if a.X > b.X {
		a, b = b, a
	}
	ax, ay := int64(a.X)-int64(c.min.X), int64(a.Y)-int64(c.min.Y)
	bx, by := int64(b.X)-int64(c.min.X), int64(b.Y)-int64(c.min.Y)
	for col := ax / c.step; col <= bx/c.step; col++ {
		y0, y1 := ay, by
		if bx > ax {
			slope := float64(by-ay) / float64(bx-ax)
			y0 = ay + int64(math.Floor(slope*float64(max(col*c.step-ax, 0))))
			y1 = ay + int64(math.Ceil(slope*float64(min((col+1)*c.step-ax, bx-ax))))
		}
		for row := max(min(y0, y1)-1, 0) / c.step; row <= (max(y0, y1)+1)/c.step; row++ {
			if !f([2]int64{col, row}) {
				return
			}
		}
	}
}

// crossedBy returns an edge that properly crosses edge i, from a to b, or -1.
func (c *edgeCells) crossedBy(ring []mesh.Point, i int, a, b mesh.Point) int {
	found := -1
	c.visit(a, b, func(cell [2]int64) bool {
		for _, j := range c.edges[cell] {
			if int(j) > i && properlyCross(a, b, ring[j], ring[(int(j)+1)%len(ring)]) {
				found = int(j)
				return false
			}
		}
		return true
	})
	return found
}

func properlyCross(a, b, c, d mesh.Point) bool {
	c1, d1 := mesh.Orient(a, b, c), mesh.Orient(a, b, d)
	a1, b1 := mesh.Orient(c, d, a), mesh.Orient(c, d, b)
	return (c1 < 0) != (d1 < 0) && (a1 < 0) != (b1 < 0) && c1 != 0 && d1 != 0 && a1 != 0 && b1 != 0
}
