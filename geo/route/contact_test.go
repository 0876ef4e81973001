package route

import (
	"fmt"
	"math"
	"testing"

	"hemolift/geo/mesh"
)

// TestContactsAreClosedFromBothSides flies from one side of a chain of boxes that
// touch at their corners to the other: round the chain's end, however near the
// goal is. A cheap path to a contact must not spoil the other side of it.
func TestContactsAreClosedFromBothSides(t *testing.T) {
	const n, c = 6, 10
	var zones []Zone
	for i := range int32(n) {
		zones = append(
			zones,
			Zone{
				ID:     fmt.Sprint(i),
				UpperM: 100,
				Rings: [][]mesh.Point{
					{{X: i * c, Y: i * c}, {X: (i + 1) * c, Y: i * c}, {X: (i + 1) * c, Y: (i + 1) * c}, {X: i * c, Y: (i + 1) * c}},
				},
			},
		)
	}
	sp, err := NewSpace(zones, 0)
	if err != nil {
		t.Fatal(err)
	}
	cost := func(dx, dy float64) float64 { return math.Hypot(dx, dy) }
	for x := int32(0); x <= n*c; x += 3 {
		for y := int32(0); y <= n*c; y += 3 {
			for _, to := range []mesh.Point{{X: 21, Y: 18}, {X: 18, Y: 21}, {X: 34, Y: 29}, {X: 50, Y: 50}, {X: 60, Y: 5}} {
				q := Query{From: mesh.Point{X: x, Y: y}, To: to}
				want, wantErr := newOracle(zones, q.From, q.To, cost).solve()
				got, gotErr := sp.Snapshot().Plan(q)
				if gotErr != wantErr || math.Abs(got.Cost-want) > 1e-9*want {
					t.Fatalf("%v to %v: got %v %v, want %v %v", q.From, q.To, got, gotErr, want, wantErr)
				}
			}
		}
	}
}

// The same chain, while some zone elsewhere changes during the flight.
func TestContactsAreClosedWhileWindowsChange(t *testing.T) {
	const n, c = 6, 1000
	var zones []Zone
	for i := range int32(n) {
		zones = append(zones, box(fmt.Sprint(i), i*c, i*c, (i+1)*c, (i+1)*c))
	}
	late := box("late", 400, -3000, 600, 350) // across the way round the chain's lower end
	late.Until = seconds(30)
	sp, err := NewSpace(append(zones, late), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []Query{{From: mesh.Point{X: 2100, Y: 1700}, To: mesh.Point{X: 1700, Y: 2100}}, {From: mesh.Point{X: 4800, Y: 3000}, To: mesh.Point{X: 3300, Y: 4700}}, {From: mesh.Point{X: 1500, Y: 500}, To: mesh.Point{X: 500, Y: 1500}}} {
		plain, err := NewSpace(zones, 0)
		if err != nil {
			t.Fatal(err)
		}
		least, err := plain.Snapshot().Plan(q)
		if err != nil {
			t.Fatal(err)
		}
		q.Depart, q.Air = t0, Air{Speed: 100}
		p, err := sp.Snapshot().Plan(q)
		if err != nil || p.Cost < least.Cost/100*(1-1e-9) {
			t.Errorf("%v to %v: %v s, %v; round the chain's end it takes %v at least", q.From, q.To, p.Cost, err, least.Cost/100)
		}
	}
}
