package route

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hemolift/geo/mesh"
)

// Snapshot is a space at one moment: immutable, and free to read from any number
// of goroutines.
type Snapshot struct {
	triangles *mesh.Triangles
	zones     []Zone
	sets      [][]int32
	heights   []float64 // where some zone begins or ends, ascending
	moments   []int64   // likewise, Unix nanoseconds
	views     atomic.Pointer[[]cachedView]
	scratch   *sync.Pool
}

// cell stands for all the queries for which the same zones are active: its ends
// are counted in limits at or below them.
type cell struct{ floor, height, from, until int }

// cachedView is the view for a cell, which the query lies in.
type cachedView struct {
	cell  cell
	query Query
	view  *view
}

// maxViews bounds the views that a snapshot keeps, and carried how many of them go
// over into the next snapshot; the oldest are dropped.
const (
	maxViews = 16
	carried  = 4
)

// newSnapshot returns the snapshot of s with triangles t. When it follows upon
// another one, whose triangles differ in those listed, it takes over its views.
func newSnapshot(s *Space, t *mesh.Triangles, before *Snapshot, changed []int32) *Snapshot {
	sn := &Snapshot{triangles: t, zones: slices.Clone(s.zones), sets: s.mesh.Sets(), scratch: &s.scratch}
	for i := range sn.zones {
		if z := &sn.zones[i]; z.ID != "" {
			sn.heights = append(sn.heights, z.LowerM, z.UpperM)
			for _, at := range []time.Time{z.From, z.Until} {
				if !at.IsZero() {
					sn.moments = append(sn.moments, nanos(at))
				}
			}
		}
	}
	slices.Sort(sn.heights)
	slices.Sort(sn.moments)
	sn.heights, sn.moments = slices.Compact(sn.heights), slices.Compact(sn.moments)
	var views []cachedView
	if before != nil {
		slices.Sort(changed)
		changed = slices.Compact(changed)
		for _, c := range before.newestViews() {
			views = append(views, cachedView{sn.cell(c.query), c.query, c.view.renew(t, sn.active(c.query), slices.Clone(changed))})
		}
	}
	sn.views.Store(&views)
	return sn
}

// newestViews are those that go over into the next snapshot.
func (sn *Snapshot) newestViews() []cachedView {
	all := *sn.views.Load()
	return all[max(0, len(all)-carried):]
}

// Budget is how many triangles one search may enter, some seconds' work.
const Budget = 1 << 26

// Prepare makes ready what queries for q's heights and times need, which the first
// of them would do otherwise.
func (sn *Snapshot) Prepare(q Query) { sn.view(q) }

// Plan returns the shortest or fastest path, or one of the sentinel errors. With an
// airspeed and no Until it takes account of windows that open or close on the way.
func (sn *Snapshot) Plan(q Query) (Path, error) {
	m, err := newMetric(q.Air)
	if err != nil {
		return Path{}, err
	}
	if m.windy && q.Until.IsZero() && len(sn.moments) > 0 && nanos(q.Depart) < sn.moments[len(sn.moments)-1] {
		return sn.planTimed(q, m)
	}
	return sn.search(q, m, sn.view(q))
}

func (sn *Snapshot) search(q Query, m metric, v *view) (Path, error) {
	s := sn.scratch.Get().(*search)
	defer sn.scratch.Put(s)
	s.reset(v, m, q.To, Budget)
	if !onLattice(q.From) || !onLattice(q.To) {
		return Path{}, ErrOffLattice
	}
	if err := s.locate(q.From); err != nil {
		return Path{}, err
	}
	s.begin(q.From)
	if err := s.run(); err != nil {
		return Path{}, err
	}
	return s.path(), nil
}

// view returns the view for a query, kept from an earlier one or made now. Two
// readers may make the same one; either is right.
func (sn *Snapshot) view(q Query) *view {
	c := sn.cell(q)
	kept := sn.views.Load()
	for i := range *kept {
		if (*kept)[i].cell == c {
			return (*kept)[i].view
		}
	}
	v := newView(sn.triangles, sn.active(q))
	for {
		more := append((*kept)[max(0, len(*kept)+1-maxViews):len(*kept):len(*kept)], cachedView{c, q, v})
		if sn.views.CompareAndSwap(kept, &more) {
			return v
		}
		kept = sn.views.Load()
	}
}

func (sn *Snapshot) cell(q Query) cell {
	c := cell{floor: below(sn.heights, q.FloorM), height: below(sn.heights, q.HeightM)}
	if len(sn.moments) > 0 {
		c.from, c.until = below(sn.moments, nanos(q.Depart)), below(sn.moments, nanos(q.until()))
	}
	return c
}

// active tells for each cover whether some zone of it counts for a query.
func (sn *Snapshot) active(q Query) []bool {
	active := make([]bool, len(sn.sets))
	for i, set := range sn.sets {
		for _, z := range set {
			active[i] = active[i] || sn.zones[z].active(q.FloorM, q.HeightM, q.Depart, q.until())
		}
	}
	return active
}

// nanos is Unix time in nanoseconds, held to its range of years 1678 to 2262.
func nanos(t time.Time) int64 {
	switch y := t.UTC().Year(); {
	case y < 1678:
		return math.MinInt64
	case y > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

func (q *Query) until() time.Time {
	if q.Until.Before(q.Depart) {
		return q.Depart
	}
	return q.Until
}

// below counts the limits at or below x.
func below[T int64 | float64](limits []T, x T) int {
	lo, hi := 0, len(limits)
	for lo < hi {
		if mid := (lo + hi) / 2; limits[mid] <= x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
