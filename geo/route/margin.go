package route

import (
	"math"

	"hemolift/geo/mesh"
)

// marginSides is the number of sides of the polygon by which zones are grown. It
// is drawn round the circle, so corners lie 2 % beyond the margin.
const marginSides = 16

// region returns the zone's rings the right way round, grown by margin steps on
// every side. What it covers is never nearer to the zone's edge than the margin,
// and at most 1/cos(pi/16) = 1.02 times as far.
//
// A ring is grown by sweeping the polygon's corner that looks outward along each
// edge and turning from corner to corner at each vertex, backward where the ring
// turns right: the convolution of the two (Guibas, Ramshaw and Stolfi, FOCS
// 1983), which winds once or more round every point of the sum and nowhere else
// when the ring has no hole. So a hole keeps its ring, and each of its edges
// becomes a grown strip of its own.
func (z *Zone) region(margin int32) mesh.Region {
	var r mesh.Region
	for i, ring := range z.Rings {
		ring = turned(ring, i == 0)
		if margin <= 0 {
			r = append(r, ring)
			continue
		}
		brush := newBrush(margin)
		if i == 0 {
			r = append(r, brush.sweep(ring))
			continue
		}
		r = append(r, ring)
		for j, p := range ring {
			if q := ring[(j+1)%len(ring)]; p != q {
				r = append(r, brush.sweep([]mesh.Point{p, q}))
			}
		}
	}
	return r
}

// turned returns the ring counter-clockwise, or clockwise, and without repeats.
func turned(ring []mesh.Point, ccw bool) []mesh.Point {
	out := make([]mesh.Point, 0, len(ring))
	for i, p := range ring {
		if p != ring[(i+1)%len(ring)] {
			out = append(out, p)
		}
	}
	if (twiceArea(out) > 0) != ccw {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}

// brush is a counter-clockwise convex polygon round the circle of the margin.
type brush [marginSides]vector

func newBrush(margin int32) *brush {
	var b brush
	// Rounding moves a corner by less than one step, and a side with it.
	radius := float64(margin)/math.Cos(math.Pi/marginSides) + 2
	for i := range b {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / marginSides)
		b[i] = vector{int32(math.Round(radius * cos)), int32(math.Round(radius * sin))}
	}
	return &b
}

// outward is the corner that lies farthest to the right of the direction d.
func (b *brush) outward(d vector) int {
	best := 0
	for i := range b {
		if d.turn(b[i]) < d.turn(b[best]) {
			best = i
		}
	}
	return best
}

// sweep grows a counter-clockwise ring, or the strip along a pair of points.
func (b *brush) sweep(ring []mesh.Point) []mesh.Point {
	n := len(ring)
	out := make([]mesh.Point, 0, n+2*marginSides)
	into := from(ring[n-1], ring[0])
	k := b.outward(into)
	for i, p := range ring {
		on := from(p, ring[(i+1)%n])
		goal := b.outward(on)
		step := 1
		if into.turn(on) < 0 {
			step = -1
		}
		out = append(out, b.at(p, k))
		for k != goal {
			k = (k + step + marginSides) % marginSides
			out = append(out, b.at(p, k))
		}
		into = on
	}
	return out
}

func (b *brush) at(p mesh.Point, k int) mesh.Point {
	return mesh.Point{X: p.X + b[k].x, Y: p.Y + b[k].y}
}
