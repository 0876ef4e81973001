package route

import (
	"math"
	"slices"

	"hemolift/geo/mesh"
)

// gate is a piece of wall of a zone that changes at some moments.
type gate struct {
	ax, ay, bx, by float64
	half           int32     // its half-edge, with the zone to the left
	moments        []float64 // when the zone opens or closes
	opens          []float64 // when it opens
}

// addGate keeps half-edge h if it is a wall of a zone that changes, on its left.
func (t *timed) addGate(h int32) {
	tri := t.sn.triangles
	left, right := tri.Cover(h>>2), tri.Cover(tri.Twin[h]>>2)
	var g gate
	for _, z := range t.zones {
		if !slices.Contains(t.sn.sets[left], z) || slices.Contains(t.sn.sets[right], z) {
			continue
		}
		from, until := t.sn.zones[z].during(t.query.Depart)
		if from > 0 && !math.IsInf(from, 1) {
			g.moments = append(g.moments, from)
		}
		if until > 0 && !math.IsInf(until, 1) {
			g.moments = append(g.moments, until)
			g.opens = append(g.opens, until)
		}
	}
	if len(g.moments) == 0 {
		return
	}
	g.half = h
	g.ax, g.ay = tri.XY(tri.At(h))
	g.bx, g.by = tri.XY(tri.At(mesh.Next(h)))
	t.gates = append(t.gates, g)
}

// tight makes the points of walls that are reached just when their zone changes.
func (t *timed) tight(i int32, limit float64) {
	l := t.labels[i]
	s := t.spots[l.spot]
	for g := range t.gates {
		for _, at := range t.gates[g].moments {
			if at <= l.arrive {
				continue
			}
			for _, u := range t.reach(&t.gates[g], s.x, s.y, at-l.arrive) {
				t.visit(i, &t.gates[g], u, at, limit)
			}
		}
	}
}

// reach returns where along a gate, from 0 to 1, the aircraft is after flying
// straight for so long: on a circle that the wind carries away.
func (t *timed) reach(g *gate, x, y, seconds float64) []float64 {
	radius := math.Sqrt(t.excess+t.wx*t.wx+t.wy*t.wy) * seconds
	cx, cy := g.ax-x-t.wx*seconds, g.ay-y-t.wy*seconds
	ex, ey := g.bx-g.ax, g.by-g.ay
	a, b, c := ex*ex+ey*ey, cx*ex+cy*ey, cx*cx+cy*cy-radius*radius
	disc := b*b - a*c
	if disc < 0 {
		return nil
	}
	var out []float64
	for _, u := range []float64{(-b - math.Sqrt(disc)) / a, (-b + math.Sqrt(disc)) / a} {
		if u > 0 && u < 1 {
			out = append(out, u)
		}
	}
	return out
}

// visit flies to a point of a gate, to be there at a moment, and goes on from it.
func (t *timed) visit(i int32, g *gate, u, at, limit float64) {
	x, y := g.ax+u*(g.bx-g.ax), g.ay+u*(g.by-g.ay)
	if at+t.between(x, y, t.spots[0].x, t.spots[0].y) >= limit {
		return
	}
	p, ok := t.onGate(g, u)
	if !ok || at+t.restOf(p) >= limit {
		return
	}
	leg, ok := t.leg(t.labels[i].spot, p)
	if !ok {
		return
	}
	legS := t.between(t.spots[t.labels[i].spot].x, t.spots[t.labels[i].spot].y, t.spots[p].x, t.spots[p].y)
	leave := t.labels[i].arrive
	if leave+legS > at*within1 || earliest(t.forbidden(leg, legS), leave) != leave {
		return
	}
	t.arrive(p, i, leave, max(at, leave+legS))
}

// onGate makes a spot at a point of a gate. Its lattice point lies outside the
// gate's zone, or on its wall, and in no zone that counts throughout: some steps
// away where two walls meet at a sharp angle.
func (t *timed) onGate(g *gate, u float64) (int32, bool) {
	x, y := g.ax+u*(g.bx-g.ax), g.ay+u*(g.by-g.ay)
	tri := t.sn.triangles
	from, to := tri.At(g.half), tri.At(mesh.Next(g.half))
	best, least := mesh.Point{}, math.Inf(1)
	for r := int32(1); r <= 9 && math.IsInf(least, 1); r *= 3 {
		for dx := -r; dx <= r; dx++ {
			for dy := -r; dy <= r; dy++ {
				p := mesh.Point{X: int32(math.Round(x)) + dx, Y: int32(math.Round(y)) + dy}
				if d := math.Hypot(float64(p.X)-x, float64(p.Y)-y); d < least && tri.Side(from, to, p) <= 0 && t.least.free(p) > 0 {
					best, least = p, d
				}
			}
		}
	}
	if math.IsInf(least, 1) {
		return 0, false
	}
	return t.addSpot(best, x, y), true
}

// waitAt flies to the point of a gate that is nearest to where the route goes
// next, waits for the gate to open, and goes there.
func (t *timed) waitAt(i int32, g *gate, to int32, limit float64) {
	l := t.labels[i]
	a, b := t.spots[l.spot], t.spots[to]
	for _, at := range g.opens {
		if at <= l.arrive || at+t.restOf(to) >= limit {
			continue
		}
		u := min(max(t.nearest(g, b.x, b.y), 0), 1)
		x, y := g.ax+u*(g.bx-g.ax), g.ay+u*(g.by-g.ay)
		if at+t.between(x, y, b.x, b.y)+t.restOf(to) < limit && l.arrive+t.between(a.x, a.y, x, y) <= at {
			t.wait(i, g, u, to)
		}
	}
}

// wait goes to a point of a gate as soon as may be, and on from it as soon as may
// be. What comes to nothing is forgotten.
func (t *timed) wait(i int32, g *gate, u float64, to int32) {
	l := t.labels[i]
	spots, labels := len(t.spots), len(t.labels)
	p, ok := t.onGate(g, u)
	if !ok {
		return
	}
	if leg, ok := t.leg(l.spot, p); ok {
		legS := t.between(t.spots[l.spot].x, t.spots[l.spot].y, t.spots[p].x, t.spots[p].y)
		leave := earliest(t.forbidden(leg, legS), l.arrive)
		for _, safe := range t.spots[p].safe {
			if at := leave + legS; leave <= l.until && at >= safe.from && at <= safe.to {
				t.labels = append(t.labels, label{spot: p, from: i, arrive: at, leave: leave, until: safe.to})
				t.straight(int32(len(t.labels)-1), to, t.between(t.spots[p].x, t.spots[p].y, t.spots[to].x, t.spots[to].y))
				break
			}
		}
	}
	if len(t.labels) <= labels+1 && len(t.spots) == spots+1 {
		delete(t.legs, [2]int32{l.spot, p})
		delete(t.legs, [2]int32{p, to})
		t.spots, t.labels = t.spots[:spots], t.labels[:labels]
	}
}

// nearest is where along a gate's line the cost to (x, y) is least. It is convex;
// without wind it is the foot of the perpendicular.
func (t *timed) nearest(g *gate, x, y float64) float64 {
	ex, ey := g.bx-g.ax, g.by-g.ay
	if t.wx == 0 && t.wy == 0 {
		return ((x-g.ax)*ex + (y-g.ay)*ey) / (ex*ex + ey*ey)
	}
	cost := func(u float64) float64 { return t.between(g.ax+u*ex, g.ay+u*ey, x, y) }
	lo, hi := 0.0, 1.0
	for range 120 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if cost(a) < cost(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return (lo + hi) / 2
}
