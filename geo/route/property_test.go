package route

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hemolift/geo/mesh"
)

// world is a random small scene of boxes, triangles and stars, of board cells, or
// of triangles with edges through one point.
type world struct {
	r     *rand.Rand
	size  int32
	zones []Zone
}

func drawWorld(t *rapid.T) *world {
	w := &world{r: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2)), size: 60}
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		w.zones = randomScene(w.r, w.size, rapid.IntRange(1, 6).Draw(t, "zones"))
	case 1:
		w.zones = randomCells(w.r, w.size)
	case 2:
		w.zones = randomPinwheel(w.r)
	}
	return w
}

func (w *world) space(t require, zones []Zone) *Space {
	sp, err := NewSpace(zones, 0)
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

func (w *world) point() mesh.Point {
	return mesh.Point{X: w.r.Int32N(w.size + 1), Y: w.r.Int32N(w.size + 1)}
}

// cost is infinite without a route.
func cost(sn *Snapshot, a, b mesh.Point) float64 {
	p, err := sn.Plan(Query{From: a, To: b})
	if err != nil {
		return math.Inf(1)
	}
	return p.Cost
}

const within = 1 + 1e-12

func TestRoutesAreAMetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		sn := w.space(t, w.zones).Snapshot()
		for range 20 {
			a, b, c := w.point(), w.point(), w.point()
			ab, ba := cost(sn, a, b), cost(sn, b, a)
			if ab > ba*within || ba > ab*within {
				t.Fatalf("%v to %v: %v there, %v back", a, b, ab, ba)
			}
			// A detour by a point on a contact may join what the contact parts.
			if m := sn.view(Query{}); m.Locate(c).Kind == mesh.Within {
				if ac, cb := cost(sn, a, c), cost(sn, c, b); ab > (ac+cb)*within {
					t.Fatalf("%v to %v: %v, but %v by %v", a, b, ab, ac+cb, c)
				}
			}
			if ab < distance(a, b)/within {
				t.Fatalf("%v to %v: %v is shorter than straight", a, b, ab)
			}
		}
	})
}

// A zone never shortens a route, and what was added and removed in any order leaves
// the answers of a space that never knew it.
func TestAddingLengthensAndRemovingRestores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		sp := w.space(t, w.zones)
		extra := randomScene(w.r, w.size, 5)
		var ask [12][2]mesh.Point
		for i := range ask {
			ask[i] = [2]mesh.Point{w.point(), w.point()}
		}
		answers := func() (out [len(ask)]float64) {
			for i, q := range ask {
				out[i] = cost(sp.Snapshot(), q[0], q[1])
			}
			return out
		}
		in := map[int]bool{}
		before := answers()
		for range 16 {
			i := w.r.IntN(len(extra))
			last := answers()
			if in[i] = !in[i]; in[i] {
				z := extra[i]
				z.ID = fmt.Sprint("extra", i)
				if err := sp.Add(z); err != nil {
					t.Fatal(err)
				}
				for k, c := range answers() {
					if c < last[k]/within {
						t.Fatalf("%v: %v with one more zone, %v without", ask[k], c, last[k])
					}
				}
			} else if !sp.Remove(fmt.Sprint("extra", i)) {
				t.Fatal("gone before")
			}
			zones := w.zones
			for k := range extra {
				if in[k] {
					z := extra[k]
					z.ID = fmt.Sprint("extra", k)
					zones = append(zones[:len(zones):len(zones)], z)
				}
			}
			fresh := w.space(t, zones).Snapshot()
			for k, c := range answers() {
				if want := cost(fresh, ask[k][0], ask[k][1]); c != want && math.Abs(c-want) > 1e-9*want {
					t.Fatalf("%v: %v after updates, %v afresh; zones %v", ask[k], c, want, zones)
				}
			}
		}
		for i := range extra {
			sp.Remove(fmt.Sprint("extra", i))
		}
		if after := answers(); after != before {
			for k := range after {
				if after[k] != before[k] && math.Abs(after[k]-before[k]) > 1e-12*before[k] {
					t.Fatalf("%v: %v before, %v after", ask[k], before[k], after[k])
				}
			}
		}
	})
}

func TestASnapshotNeverChanges(t *testing.T) {
	w := &world{r: rand.New(rand.NewPCG(3, 3)), size: 60}
	sp := w.space(t, randomScene(w.r, 60, 3))
	sn := sp.Snapshot()
	a, b := mesh.Point{X: -5, Y: 30}, mesh.Point{X: 65, Y: 31}
	want := cost(sn, a, b)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 60 {
			z := randomScene(w.r, 60, 1)[0]
			z.ID = fmt.Sprint("n", i)
			if err := sp.Add(z); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				sp.Remove(z.ID)
			}
		}
	}()
	for {
		select {
		case <-done:
			return
		default:
			if got := cost(sn, a, b); got != want {
				t.Fatalf("got %v, want %v", got, want)
			}
		}
	}
}

// gap is the least distance of a path from a zone's edges, by samples.
func gap(p Path, z Zone) float64 {
	least := math.Inf(1)
	for i := 1; i < len(p.Points); i++ {
		a, b := p.Points[i-1], p.Points[i]
		for _, ring := range z.Rings {
			for k, c := range ring {
				d := ring[(k+1)%len(ring)]
				least = min(least, segmentDistance(orbPoint(a), orbPoint(b), orbPoint(c), orbPoint(d)))
			}
		}
	}
	return least
}

func TestMarginIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
		zones := randomScene(r, 2000, 3)
		const margin = 50
		sp, err := NewSpace(zones, margin)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			q := Query{
				From: mesh.Point{X: r.Int32N(3000) - 500, Y: r.Int32N(3000) - 500},
				To:   mesh.Point{X: r.Int32N(3000) - 500, Y: r.Int32N(3000) - 500},
			}
			p, err := sp.Snapshot().Plan(q)
			if err != nil {
				continue
			}
			for _, z := range zones {
				if g := gap(p, z); g < margin {
					t.Fatalf("%v to %v: %v steps from %s", q.From, q.To, g, z.ID)
				}
			}
		}
	})
}

func box(id string, x0, y0, x1, y1 int32) Zone {
	return Zone{ID: id, UpperM: 100, Rings: [][]mesh.Point{{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}}}
}

func TestAHoleKeepsItsMargin(t *testing.T) {
	z := box("ring", 0, 0, 1000, 1000)
	z.Rings = append(z.Rings, box("", 300, 300, 700, 700).Rings[0])
	sp, err := NewSpace([]Zone{z}, 100)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		from, to mesh.Point
		want     error
	}{
		{"within the hole", mesh.Point{X: 410, Y: 410}, mesh.Point{X: 590, Y: 590}, nil},
		{"in the hole's margin", mesh.Point{X: 390, Y: 500}, mesh.Point{X: 590, Y: 590}, ErrStartInside},
		{"out of the hole", mesh.Point{X: 500, Y: 500}, mesh.Point{X: 2000, Y: 500}, ErrUnreachable},
		{"in the outer margin", mesh.Point{X: -300, Y: 500}, mesh.Point{X: -90, Y: 500}, ErrGoalInside},
	}
	for _, tt := range tests {
		if _, err := sp.Snapshot().Plan(Query{From: tt.from, To: tt.to}); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestBandsAndWindowsShareOneIndex(t *testing.T) {
	t0 := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	low, late := box("low", 10, -50, 20, 50), box("late", 40, -80, 50, 80)
	low.UpperM = 60
	late.From, late.Until = t0.Add(time.Hour), t0.Add(2*time.Hour)
	sp, err := NewSpace([]Zone{low, late}, 0)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		heightM float64
		at      time.Time
		bent    int
	}{
		{"below the ceiling", 59, t0, 2},
		{"at the ceiling", 60, t0, 0},
		{"as the window opens", 80, t0.Add(time.Hour), 2},
		{"before it", 80, t0.Add(time.Hour - 1), 0},
		{"as it ends", 80, t0.Add(2 * time.Hour), 0},
		{"both", 0, t0.Add(90 * time.Minute), 3},
	}
	for _, tt := range tests {
		p, err := sp.Snapshot().Plan(Query{From: mesh.Point{}, To: mesh.Point{X: 60}, FloorM: tt.heightM, HeightM: tt.heightM, Depart: tt.at})
		if err != nil || len(p.Points)-2 != tt.bent {
			t.Errorf("%s: got %v %v, want %d turns", tt.name, p, err, tt.bent)
		}
	}
}

func TestBadZonesAreRefusedByName(t *testing.T) {
	ring := func(p ...mesh.Point) Zone { return Zone{ID: "Z", UpperM: 100, Rings: [][]mesh.Point{p}} }
	window := box("Z", 0, 0, 9, 9)
	window.From, window.Until = time.Unix(100, 0), time.Unix(100, 0)
	heights := box("Z", 0, 0, 9, 9)
	heights.LowerM = math.NaN()
	many := Zone{ID: "Z", UpperM: 100}
	for i := range int32(MaxVertices) {
		x := i % 20_000
		if len(many.Rings) < 110 && x == 0 {
			many.Rings = append(many.Rings, nil)
		}
		y := int32(math.Sqrt(float64(x)*float64(20_000-x))) * 1000
		many.Rings[len(many.Rings)-1] = append(many.Rings[len(many.Rings)-1], mesh.Point{X: x * 20_000, Y: y})
	}
	tests := []struct {
		name string
		zone Zone
		want string
	}{
		{"bow tie", ring(mesh.Point{}, mesh.Point{X: 10, Y: 10}, mesh.Point{X: 10}, mesh.Point{Y: 8}), `zone "Z": ring 0: edges 0 and 2 cross`},
		{"no area", ring(mesh.Point{}, mesh.Point{X: 10}, mesh.Point{X: 20}), `zone "Z": ring 0: has no area`},
		{"two points", ring(mesh.Point{}, mesh.Point{X: 10}), `zone "Z": ring 0: has 2 points, fewer than 3`},
		{"off the lattice", ring(mesh.Point{}, mesh.Point{X: MaxCoord + 1}, mesh.Point{X: 5, Y: 5}), `zone "Z": ring 0: point 1`},
		{"no ring", Zone{ID: "Z", UpperM: 1}, `zone "Z": it has no ring`},
		{"no identifier", Zone{UpperM: 1}, `zone "": the identifier is empty`},
		{"empty window", window, `zone "Z": its window ends`},
		{"heights", heights, `zone "Z": heights`},
		{"twice", box("A", 0, 0, 5, 5), `zone "A": the identifier is in use`},
		{"too many vertices", many, `zone "Z": more than 2000000 vertices`},
	}
	for _, tt := range tests {
		sp, err := NewSpace([]Zone{box("A", 0, 0, 5, 5)}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := sp.Add(tt.zone); err == nil || !hasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if got := cost(sp.Snapshot(), mesh.Point{X: -1, Y: 2}, mesh.Point{X: 6, Y: 2}); got <= 7 {
			t.Errorf("%s: a refused zone changed a route to %v", tt.name, got)
		}
	}
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

func TestEscapeIsTheNearestWayOut(t *testing.T) {
	sp, err := NewSpace([]Zone{box("A", 0, 0, 100, 100), box("B", 90, 0, 200, 100)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		start mesh.Point
		want  float64
	}{{mesh.Point{X: 10, Y: 50}, 10}, {mesh.Point{X: 95, Y: 40}, 40}, {mesh.Point{X: 195, Y: 50}, 5}}
	for _, tt := range tests {
		p, err := sp.Snapshot().Escape(Query{From: tt.start})
		if err != nil || p.Cost != tt.want {
			t.Errorf("from %v: got %v %v, want %v", tt.start, p, err, tt.want)
		}
		if _, err := sp.Snapshot().Plan(Query{From: p.Points[1], To: mesh.Point{X: 500, Y: 500}}); err != nil {
			t.Errorf("from the end of the escape at %v: %v", p.Points[1], err)
		}
	}
	if _, err := sp.Snapshot().Escape(Query{From: mesh.Point{X: -9}}); !errors.Is(err, errNotInside) {
		t.Errorf("from outside: got %v", err)
	}
}

func TestASearchOutOfBudgetSaysSo(t *testing.T) {
	f := readScene(t, "shenyang")
	sn := upright.space(t, f).Snapshot()
	q := upright.query(t, f, f.Queries[14])
	s := new(search)
	s.reset(sn.view(q), metric{}, q.To, 50)
	if err := s.locate(q.From); err != nil {
		t.Fatal(err)
	}
	s.begin(q.From)
	if err := s.run(); !errors.Is(err, ErrBudget) {
		t.Errorf("got %v, want %v", err, ErrBudget)
	}
}
