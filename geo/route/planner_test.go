package route

import (
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/mesh"
)

var centre = orb.Point{123.43, 41.8}

// zoneXY makes a zone of one ring given in metres about the centre.
func zoneXY(id airspace.ZoneID, ring orb.Ring) airspace.Zone {
	pl := geo.NewPlane(centre)
	var out orb.Ring
	for _, p := range ring {
		out = append(out, pl.ToLonLat(p))
	}
	out = append(out, out[0])
	return airspace.Zone{ID: id, Kind: airspace.Prohibited, Reference: airspace.AGL, UpperM: 300, Polygon: orb.Polygon{out}}
}

func planner(t require, zones []airspace.Zone, marginM float64) *Planner {
	p, err := NewPlanner(geo.NewPlane(centre), zones, marginM, 45)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// require is what a test, a benchmark and a property check share.
type require interface{ Fatal(args ...any) }

func ask(fromXY, toXY orb.Point) Flight {
	pl := geo.NewPlane(centre)
	return Flight{From: pl.ToLonLat(fromXY), To: pl.ToLonLat(toXY), HeightM: 120}
}

func TestPlanGoesAroundOrSaysWhy(t *testing.T) {
	wall := zoneXY("W", orb.Ring{{-100, -1000}, {100, -1000}, {100, 1000}, {-100, 1000}})
	box := []airspace.Zone{ // four walls that overlap at the corners
		zoneXY(
			"N",
			orb.Ring{{-600, 400}, {600, 400}, {600, 500}, {-600, 500}},
		),
		zoneXY("S", orb.Ring{{-600, -500}, {600, -500}, {600, -400}, {-600, -400}}),
		zoneXY(
			"E",
			orb.Ring{{500, -500}, {600, -500}, {600, 500}, {500, 500}},
		),
		zoneXY("V", orb.Ring{{-600, -500}, {-500, -500}, {-500, 500}, {-600, 500}}),
	}
	tests := []struct {
		name     string
		zones    []airspace.Zone
		from, to orb.Point
		want     error
		lengthM  float64
	}{
		{"open air", nil, orb.Point{-2000, 0}, orb.Point{2000, 0}, nil, 4000},
		{"around a wall", []airspace.Zone{wall}, orb.Point{-2000, 0}, orb.Point{2000, 0}, nil, 4524},
		{"start inside", []airspace.Zone{wall}, orb.Point{0, 0}, orb.Point{2000, 0}, ErrStartInside, 0},
		{"goal in the margin", []airspace.Zone{wall}, orb.Point{-2000, 0}, orb.Point{110, 0}, ErrGoalInside, 0},
		{"walled in", box, orb.Point{0, 0}, orb.Point{2000, 0}, ErrUnreachable, 0},
	}
	for _, tt := range tests {
		p := planner(t, tt.zones, 30)
		r, err := p.Plan(ask(tt.from, tt.to))
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if err == nil && math.Abs(r.LengthM-tt.lengthM) > 1 {
			t.Errorf("%s: got %.1f m, want %.0f", tt.name, r.LengthM, tt.lengthM)
		}
	}
}

func TestOnlyActiveZonesBlock(t *testing.T) {
	z := zoneXY("W", orb.Ring{{-100, -1000}, {100, -1000}, {100, 1000}, {-100, 1000}})
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	z.From, z.Until = t0.Add(time.Hour), t0.Add(2*time.Hour)
	p := planner(t, []airspace.Zone{z}, 30)
	q := ask(orb.Point{-2000, 0}, orb.Point{2000, 0})
	q.Depart, q.Until = t0, t0.Add(50*time.Minute)
	if r, err := p.Plan(q); err != nil || len(r.Points) != 2 {
		t.Errorf("before the window: got %v points, %v", len(r.Points), err)
	}
	q.Until = t0.Add(61 * time.Minute)
	if r, err := p.Plan(q); err != nil || len(r.Points) < 4 {
		t.Errorf("into the window: got %v points, %v", len(r.Points), err)
	}
	q.HeightM = 320
	if r, _ := p.Plan(q); len(r.Points) < 4 {
		t.Error("a drone that climbs through a zone's band is not above it")
	}
}

func TestPlannedLegsStayOutOfZones(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var zones []airspace.Zone
		for i := range rapid.IntRange(1, 8).Draw(t, "zones") {
			x, y := rapid.Float64Range(-3000, 3000).Draw(t, "x"), rapid.Float64Range(-3000, 3000).Draw(t, "y")
			var ring orb.Ring
			n := rapid.IntRange(3, 9).Draw(t, "corners")
			for k := range n {
				a := 2 * math.Pi * float64(k) / float64(n)
				r := rapid.Float64Range(100, 1500).Draw(t, "r")
				ring = append(ring, orb.Point{x + r*math.Cos(a), y + r*math.Sin(a)})
			}
			zones = append(zones, zoneXY(airspace.ZoneID(rune('A'+i)), ring))
		}
		p := planner(t, zones, 50)
		q := ask(
			orb.Point{-5000, rapid.Float64Range(-4000, 4000).Draw(t, "from")},
			orb.Point{5000, rapid.Float64Range(-4000, 4000).Draw(t, "to")},
		)
		r, err := p.Plan(q)
		if err != nil {
			return
		}
		for i := 1; i < len(r.Points); i++ {
			for f := 0.0; f <= 1; f += 0.005 { // an independent look along each leg
				at := orb.Point{r.Points[i-1][0] + f*(r.Points[i][0]-r.Points[i-1][0]), r.Points[i-1][1] + f*(r.Points[i][1]-r.Points[i-1][1])}
				for _, z := range zones {
					if z.Holds(at, 100, 45, time.Time{}) {
						t.Fatalf("leg %d enters %s at %v", i, z.ID, at)
					}
				}
			}
		}
		if hit := p.Chart().Conflicts(r.Points, q, 45); hit != nil {
			t.Fatalf("conflicts %v", hit)
		}
	})
}

func TestShenyangFirstLineBendsAroundAZone(t *testing.T) {
	doc, err := os.ReadFile("../../dispatch/network/shenyang/zones.geojson")
	if err != nil {
		t.Fatal(err)
	}
	zones, err := airspace.ParseGeoJSON(doc)
	if err != nil {
		t.Fatal(err)
	}
	p := planner(t, zones, 50)
	r, err := p.Plan(Flight{From: orb.Point{123.497, 41.706}, To: orb.Point{123.395452, 41.769585}, HeightM: 120})
	if err != nil {
		t.Fatal(err)
	}
	straight := geo.Distance(r.Points[0], r.Points[len(r.Points)-1])
	if len(r.Points) < 3 || r.LengthM <= straight || r.LengthM > 1.2*straight {
		t.Errorf("got %d points, %.0f m, straight %.0f m", len(r.Points), r.LengthM, straight)
	}
	mr10 := Class{
		PayloadKg:    10,
		EmptyKg:      22,
		CruiseMPS:    14,
		ClimbMPS:     3,
		DescentMPS:   2.5,
		BatteryJ:     2400 * 3600,
		HoverW:       2600,
		HoverWPerKg:  110,
		CruiseW:      2300,
		CruiseWPerKg: 100,
		WindMaxMPS:   12,
		HeightM:      120,
	}
	leg, err := mr10.Fly(r.Points, 6, Wind{})
	if err != nil || leg.Duration < 14*time.Minute || leg.Duration > 20*time.Minute {
		t.Errorf("first line: got %v, %v; want about 18 min", leg.Duration, err)
	}
	t.Logf("first line %.0f m, %v, %.0f kJ", r.LengthM, leg.Duration, leg.EnergyJ/1000)
}

func TestGroundSpeedSolvesTheWindTriangle(t *testing.T) {
	tests := []struct {
		name        string
		track, from float64
		want        float64
	}{
		{"head", 0, 0, 10}, {"tail", 0, 180, 20}, {"cross", 0, 90, math.Sqrt(15*15 - 25)},
	}
	for _, tt := range tests {
		if got, err := GroundSpeed(15, tt.track, Wind{SpeedMPS: 5, FromDeg: tt.from}); err != nil || math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: got %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
	if _, err := GroundSpeed(10, 0, Wind{SpeedMPS: 9.5, FromDeg: 0}); !errors.Is(err, ErrWind) {
		t.Errorf("got %v, want ErrWind", err)
	}
}

func BenchmarkPlanShenyang(b *testing.B) {
	doc, err := os.ReadFile("../../dispatch/network/shenyang/zones.geojson")
	if err != nil {
		b.Fatal(err)
	}
	zones, _ := airspace.ParseGeoJSON(doc)
	p := planner(b, zones, 50)
	q := Flight{From: orb.Point{123.497, 41.706}, To: orb.Point{123.369984, 41.787595}, HeightM: 120}
	for b.Loop() {
		if _, err := p.Plan(q); err != nil {
			b.Fatal(err)
		}
	}
}

func orbPoint(p mesh.Point) orb.Point { return orb.Point{float64(p.X), float64(p.Y)} }

// The fastest route never takes longer than the shortest, and in some winds less.
func TestTheFastestRouteMindsTheWind(t *testing.T) {
	// A wall near the start, hardly longer to the south: in a slanting wind the two
	// ways differ by more than their lengths do.
	p := planner(t, []airspace.Zone{zoneXY("W", orb.Ring{{-2600, -2020}, {-2400, -2020}, {-2400, 2000}, {-2600, 2000}})}, 30)
	class := Class{CruiseMPS: 14, ClimbMPS: 3, DescentMPS: 3, WindMaxMPS: 12, BatteryJ: 1}
	quicker := 0
	for fromDeg := 0.0; fromDeg < 360; fromDeg += 15 {
		wind := Wind{SpeedMPS: 9, FromDeg: fromDeg}
		f := ask(orb.Point{-3000, 0}, orb.Point{3000, 0})
		var took [2]time.Duration
		for i, cruiseMPS := range []float64{0, class.CruiseMPS} {
			f.CruiseMPS, f.Wind = cruiseMPS, wind
			r, err := p.Plan(f)
			if err != nil {
				t.Fatal(err)
			}
			leg, err := class.Fly(r.Points, 0, wind)
			if err != nil {
				t.Fatal(err)
			}
			took[i] = leg.Duration
		}
		if took[1] > took[0]+100*time.Millisecond { // the plane is not quite the ellipsoid
			t.Errorf("wind from %v: the fastest takes %v, the shortest %v", fromDeg, took[1], took[0])
		}
		if took[1] < took[0]-time.Second {
			quicker++
		}
	}
	if quicker == 0 {
		t.Error("the wind never mattered")
	}
	f := ask(orb.Point{-3000, 0}, orb.Point{3000, 0})
	f.CruiseMPS, f.Wind = 14, Wind{SpeedMPS: 15, FromDeg: 90}
	if _, err := p.Plan(f); !errors.Is(err, ErrWind) {
		t.Errorf("wind beyond the airspeed: got %v", err)
	}
}
