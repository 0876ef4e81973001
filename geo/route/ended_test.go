package route

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"hemolift/geo/mesh"
)

// temporary zones, of 24 corners each, come and go in a space: at most some at once.
func temporary(t testing.TB, sp *Space, zones, atOnce int) {
	r := rand.New(rand.NewPCG(11, 1))
	var standing []string
	for i := range zones {
		z := Zone{
			ID:     fmt.Sprint("T", i),
			UpperM: 120,
			Rings:  [][]mesh.Point{randomConvex(r, r.Float64()*2e7-1e7, r.Float64()*2e7-1e7, 800_000, 24)},
		}
		if err := sp.Add(z); err != nil {
			t.Fatal(err)
		}
		if standing = append(standing, z.ID); len(standing) == atOnce {
			k := r.IntN(len(standing))
			sp.Remove(standing[k])
			standing = slices.Delete(standing, k, k+1)
		}
	}
	for _, id := range standing {
		if !sp.Remove(id) {
			t.Fatalf("%s was gone", id)
		}
	}
}

// A space in which a thousand zones came and went is as good as a fresh one: it is of the
// same size, answers alike, and has room for as much.
func TestZonesThatEndedLeaveNothingBehind(t *testing.T) {
	f := readScene(t, "shenyang")
	fresh, used := upright.space(t, f), upright.space(t, f)
	temporary(t, used, 1000, 5)
	want, got := fresh.Snapshot(), used.Snapshot()
	if a, b := len(got.triangles.Pts), len(want.triangles.Pts); float64(a) > 1.12*float64(b) {
		t.Errorf("%d vertices, %d afresh", a, b)
	}
	if a, b := len(got.sets), len(want.sets); a > b+100 {
		t.Errorf("%d covers, %d afresh", a, b)
	}
	if used.vertices != fresh.vertices {
		t.Errorf("%d vertices count, %d afresh", used.vertices, fresh.vertices)
	}
	for _, q := range f.Queries {
		q := upright.query(t, f, q)
		a, errA := want.Plan(q)
		b, errB := got.Plan(q)
		if (errA == nil) != (errB == nil) || !near(a.Cost, b.Cost) {
			t.Errorf("from %v to %v: %v (%v), afresh %v (%v)", q.From, q.To, b.Cost, errB, a.Cost, errA)
		}
	}
}

func near(a, b float64) bool { return a-b <= 1e-9*a && b-a <= 1e-9*a }

// What waits to be looked at when the mesh is made anew is looked at in it: the views that
// were in use are there.
func TestAMeshMadeAnewHasItsViews(t *testing.T) {
	f := readScene(t, "shenyang")
	sp := upright.space(t, f)
	q := upright.query(t, f, f.Queries[0])
	sp.Snapshot().Prepare(q)
	temporary(t, sp, 60, 60) // enough ended ones for another mesh
	if sp.ended > sp.vertices/10 {
		t.Fatalf("%d vertices of ended zones beside %d", sp.ended, sp.vertices)
	}
	if views := *sp.Snapshot().views.Load(); len(views) == 0 || views[0].cell != sp.Snapshot().cell(q) {
		t.Errorf("views: %+v", views)
	}
}

// BenchmarkAfterTemporaryZones compares a space in which a thousand zones came and went
// with a fresh one, the calls of both taken in turn: the ratios of the medians over all
// queries, and of what they hold in memory.
func BenchmarkAfterTemporaryZones(b *testing.B) {
	f := readScene(b, "shenyang")
	before := heapMB()
	fresh := upright.space(b, f)
	atFirst := heapMB() - before
	before = heapMB()
	used := upright.space(b, f)
	temporary(b, used, 1000, 5)
	after := heapMB() - before
	spaces := []*Snapshot{fresh.Snapshot(), used.Snapshot()}
	each := [2][]time.Duration{}
	for b.Loop() {
		for _, q := range f.Queries {
			q := upright.query(b, f, q)
			for i, sn := range spaces {
				_, _ = sn.Plan(q) // some have no route
				start := time.Now()
				_, _ = sn.Plan(q)
				each[i] = append(each[i], time.Since(start))
			}
		}
	}
	for i := range each {
		slices.Sort(each[i])
	}
	median := func(i int) float64 { return float64(each[i][len(each[i])/2]) }
	b.ReportMetric(median(1)/median(0), "p50-ratio")
	b.ReportMetric(after/atFirst, "heap-ratio")
}
