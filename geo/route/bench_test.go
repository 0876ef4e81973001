package route

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"hemolift/geo/mesh"
)

// callsPerQuery is how often a query is repeated; its figure is the median.
const callsPerQuery = 51

// BenchmarkScene plans every query of a scene once an operation. It reports the
// median and the worst of the queries' own medians.
func BenchmarkScene(b *testing.B) {
	for _, name := range sceneNames(b) {
		b.Run(name, func(b *testing.B) {
			f := readScene(b, name)
			sn := upright.space(b, f).Snapshot()
			queries := make([]Query, len(f.Queries))
			for i, q := range f.Queries {
				queries[i] = upright.query(b, f, q)
			}
			benchmarkQueries(b, sn, queries)
		})
	}
}

func benchmarkQueries(b *testing.B, sn *Snapshot, queries []Query) {
	for _, q := range queries {
		_, _ = sn.Plan(q) // some have no route
	}
	medians := make([]time.Duration, len(queries))
	for i, q := range queries {
		var calls [callsPerQuery]time.Duration
		for k := range calls {
			start := time.Now()
			_, _ = sn.Plan(q)
			calls[k] = time.Since(start)
		}
		slices.Sort(calls[:])
		medians[i] = calls[callsPerQuery/2]
	}
	slices.Sort(medians)
	for b.Loop() {
		for _, q := range queries {
			_, _ = sn.Plan(q)
		}
	}
	b.ReportMetric(float64(medians[len(medians)/2].Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(medians[len(medians)-1].Nanoseconds())/1000, "worst-µs")
}

// BenchmarkPrepare makes the space and its first view.
func BenchmarkPrepare(b *testing.B) {
	f := readScene(b, "shenyang")
	zones := make([]Zone, len(f.Zones))
	for i, z := range f.Zones {
		zones[i] = upright.zone(b, z)
	}
	q := upright.query(b, f, f.Queries[0])
	for b.Loop() {
		sp, err := NewSpace(zones, 0)
		if err != nil {
			b.Fatal(err)
		}
		sp.Snapshot().Prepare(q)
	}
}

// BenchmarkZoneGoesLive adds a zone of 24 corners to 5,202 vertices and takes the
// snapshot that avoids it, its view included; then the zone goes again, untimed.
func BenchmarkZoneGoesLive(b *testing.B) {
	f := readScene(b, "shenyang")
	sp := upright.space(b, f)
	q := upright.query(b, f, f.Queries[0])
	r := rand.New(rand.NewPCG(1, 1))
	var each []time.Duration
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		if n%50 == 49 {
			sp = upright.space(b, f)
		}
		z := Zone{
			ID:     fmt.Sprint("T", n),
			UpperM: 120,
			Rings:  [][]mesh.Point{randomConvex(r, r.Float64()*2e7-1e7, r.Float64()*2e7-1e7, 800_000, 24)},
		}
		b.StartTimer()
		start := time.Now()
		if err := sp.Add(z); err != nil {
			b.Fatal(err)
		}
		sp.Snapshot().Prepare(q)
		each = append(each, time.Since(start))
		b.StopTimer()
		sp.Remove(z.ID)
		b.StartTimer()
	}
	slices.Sort(each)
	b.ReportMetric(float64(each[len(each)/2].Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(each[len(each)-1].Nanoseconds())/1000, "worst-µs")
}

// randomConvex is a ring of corners on a circle, at random angles.
func randomConvex(r *rand.Rand, x, y, radius float64, corners int) []mesh.Point {
	angles := make([]float64, corners)
	for i := range angles {
		angles[i] = (float64(i) + 0.8*r.Float64()) * 2 * math.Pi / float64(corners)
	}
	ring := make([]mesh.Point, corners)
	for i, a := range angles {
		ring[i] = mesh.Point{X: int32(x + radius*math.Cos(a)), Y: int32(y + radius*math.Sin(a))}
	}
	return ring
}

// scattered draws disjoint convex zones of 6 to 11 corners with radii of 0.4 to
// 2 km, as dense as in the scene convex-1000, and free points among them.
func scattered(zones, points int) ([]Zone, []mesh.Point) {
	r := rand.New(rand.NewPCG(7, 7))
	half := 48e6 * math.Sqrt(float64(zones)/1000)
	const cell = 4_000_000
	type disc struct{ x, y, radius float64 }
	discs := map[[2]int][]disc{}
	key := func(x, y float64) [2]int { return [2]int{int(math.Floor(x / cell)), int(math.Floor(y / cell))} }
	clear := func(x, y, radius float64) bool {
		k := key(x, y)
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				for _, d := range discs[[2]int{k[0] + dx, k[1] + dy}] {
					if math.Hypot(x-d.x, y-d.y) < radius+d.radius {
						return false
					}
				}
			}
		}
		return true
	}
	draw := func() (x, y float64) { return (2*r.Float64() - 1) * half, (2*r.Float64() - 1) * half }
	var out []Zone
	for len(out) < zones {
		x, y := draw()
		radius := 400_000 + 1_600_000*math.Pow(r.Float64(), 1.5)
		if clear(x, y, radius) {
			discs[key(x, y)] = append(discs[key(x, y)], disc{x, y, radius})
			out = append(out, Zone{ID: fmt.Sprint(len(out)), UpperM: 120, Rings: [][]mesh.Point{randomConvex(r, x, y, radius, 6+r.IntN(6))}})
		}
	}
	var free []mesh.Point
	for len(free) < points {
		if x, y := draw(); clear(x, y, 0) {
			free = append(free, mesh.Point{X: int32(x), Y: int32(y)})
		}
	}
	return out, free
}

// BenchmarkHundredThousandVertices builds a scene of 11,700 zones and plans 200
// flights across it.
func BenchmarkHundredThousandVertices(b *testing.B) {
	zones, points := scattered(11_700, 400)
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			sp, err := NewSpace(zones, 0)
			if err != nil {
				b.Fatal(err)
			}
			sp.Snapshot().Prepare(Query{})
		}
	})
	b.Run("query", func(b *testing.B) {
		before := heapMB()
		sp, err := NewSpace(zones, 0)
		if err != nil {
			b.Fatal(err)
		}
		sp.Snapshot().Prepare(Query{})
		used := heapMB() - before
		var queries []Query
		for i := 0; i < len(points); i += 2 {
			queries = append(queries, Query{From: points[i], To: points[i+1]})
		}
		benchmarkQueries(b, sp.Snapshot(), queries)
		b.ReportMetric(used, "heap-MB")
		b.ReportMetric(float64(len(sp.Snapshot().triangles.Pts)), "vertices")
	})
}

func heapMB() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
