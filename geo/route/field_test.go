package route

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"hemolift/geo/mesh"
)

func TestAVaryingWindIsBounded(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 5))
		const size = 20_000
		sp, err := NewSpace(randomScene(r, size, 4), 0)
		if err != nil {
			t.Fatal(err)
		}
		f := &Field{Step: size / 4, Cols: 5, Rows: 5}
		middle := Drift{r.Float64()*40 - 20, r.Float64()*40 - 20}
		spread := 20 * r.Float64()
		for range f.Cols * f.Rows {
			f.Winds = append(f.Winds, Drift{middle.East + spread*(r.Float64()-.5), middle.North + spread*(r.Float64()-.5)})
		}
		q := Query{
			From: mesh.Point{X: r.Int32N(size), Y: r.Int32N(size)},
			To:   mesh.Point{X: r.Int32N(size), Y: r.Int32N(size)},
			Air:  Air{Speed: 100},
		}
		p, err := sp.Snapshot().PlanInField(q, f)
		if err != nil {
			if _, calm := sp.Snapshot().Plan(Query{From: q.From, To: q.To}); !errors.Is(err, calm) {
				t.Errorf("seed %d: %v in the field, %v in the calm", seed, err, calm)
			}
			continue
		}
		if p.Bound > p.Cost || p.Cost > p.Bound*(1+spread/40) {
			t.Errorf("seed %d: %v s, bound %v, winds spread by %v", seed, p.Cost, p.Bound, spread)
		}
		// No other way through the same scene is under the bound.
		for range 5 {
			via := mesh.Point{X: r.Int32N(size), Y: r.Int32N(size)}
			a, err1 := sp.Snapshot().Plan(Query{From: q.From, To: via})
			b, err2 := sp.Snapshot().Plan(Query{From: via, To: q.To})
			if err1 == nil && err2 == nil {
				if took := f.seconds(a.Points, 100) + f.seconds(b.Points, 100); took < p.Bound*(1-1e-9) {
					t.Errorf("seed %d: by %v in %v s, under the bound %v", seed, via, took, p.Bound)
				}
			}
		}
	}
}

func TestAUniformFieldIsExact(t *testing.T) {
	sp, err := NewSpace([]Zone{box("A", 3000, -4000, 5000, 9000)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	q := Query{From: mesh.Point{}, To: mesh.Point{X: 9000, Y: 1000}, Air: Air{Speed: 20}}
	f := &Field{Step: 1000, Cols: 1, Rows: 1, Winds: []Drift{{7, -5}}}
	got, err := sp.Snapshot().PlanInField(q, f)
	if err != nil {
		t.Fatal(err)
	}
	q.Air = Air{20, 7, -5}
	want, err := sp.Snapshot().Plan(q)
	if err != nil || math.Abs(got.Cost-want.Cost) > 1e-9*want.Cost || math.Abs(got.Bound-want.Cost) > 1e-9*want.Cost {
		t.Errorf("got %v, bound %v, want %v, %v", got.Cost, got.Bound, want.Cost, err)
	}
	for _, bad := range []*Field{{}, {Step: 1, Cols: 2, Rows: 2, Winds: make([]Drift, 3)}, {Step: 1, Cols: 1, Rows: 1, Winds: []Drift{{math.NaN(), 0}}}} {
		if _, err := sp.Snapshot().PlanInField(q, bad); err == nil {
			t.Errorf("accepted %+v", bad)
		}
	}
	f.Winds[0] = Drift{25, 0}
	if _, err := sp.Snapshot().PlanInField(q, f); !errors.Is(err, ErrWind) {
		t.Errorf("wind beyond the airspeed: got %v", err)
	}
}
