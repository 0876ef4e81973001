package route

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hemolift/geo/mesh"
)

// sceneFile is one file of testdata/scenes.
type sceneFile struct {
	Scene   string
	AirMPS  *[3]float64 `json:"air_mps"`
	Zones   []sceneZone
	Queries []sceneQuery
	Events  []struct {
		Step   int
		Add    *sceneZone
		Remove string
	}
}

type sceneZone struct {
	ID          string
	LowerM      float64 `json:"lower_m"`
	UpperM      float64 `json:"upper_m"`
	From, Until time.Time
	Rings       [][][2]int32
}

type sceneQuery struct {
	ID       string
	Step     int
	From, To [2]int32
	HeightM  float64 `json:"height_m"`
	Depart   time.Time
	Status   string
	Cost     float64
}

func readScene(t testing.TB, name string) *sceneFile {
	f, err := os.Open(filepath.Join("testdata", "scenes", name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	s := &sceneFile{}
	if err := json.NewDecoder(z).Decode(s); err != nil {
		t.Fatal(err)
	}
	return s
}

// shape turns, scales or moves a scene's points; lengths grow by its factor.
type shape struct {
	name         string
	a, b, c, d   int64 // x' = ax + by, y' = cx + dy
	moveX, moveY int64
	factor       float64
}

var upright = shape{name: "as it is", a: 1, d: 1, factor: 1}

func (s shape) point(t testing.TB, p [2]int32) mesh.Point {
	x, y := int64(p[0]), int64(p[1])
	out, err := LatticePoint(s.a*x+s.b*y+s.moveX, s.c*x+s.d*y+s.moveY)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s shape) zone(t testing.TB, z sceneZone) Zone {
	out := Zone{ID: z.ID, LowerM: z.LowerM, UpperM: z.UpperM, From: z.From, Until: z.Until}
	for _, ring := range z.Rings {
		var points []mesh.Point
		for _, p := range ring {
			points = append(points, s.point(t, p))
		}
		out.Rings = append(out.Rings, points)
	}
	return out
}

func (s shape) space(t testing.TB, f *sceneFile) *Space {
	zones := make([]Zone, len(f.Zones))
	for i, z := range f.Zones {
		zones[i] = s.zone(t, z)
	}
	sp, err := NewSpace(zones, 0)
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

// query turns the wind with the scene; the airspeed stays, so times grow too.
func (s shape) query(t testing.TB, f *sceneFile, q sceneQuery) Query {
	out := Query{From: s.point(t, q.From), To: s.point(t, q.To), FloorM: q.HeightM, HeightM: q.HeightM, Depart: q.Depart}
	if f.AirMPS != nil {
		east, north := f.AirMPS[1]*StepsPerM, f.AirMPS[2]*StepsPerM
		out.Air = Air{
			f.AirMPS[0] * StepsPerM,
			(float64(s.a)*east + float64(s.b)*north) / s.factor,
			(float64(s.c)*east + float64(s.d)*north) / s.factor,
		}
	}
	return out
}

// judge compares an answer with the known one.
func (s shape) judge(t *testing.T, f *sceneFile, q sceneQuery, got Path, err error) {
	t.Helper()
	status := map[string]error{"ok": nil, "start_inside": ErrStartInside, "goal_inside": ErrGoalInside, "unreachable": ErrUnreachable}
	want := q.Cost * s.factor
	if f.AirMPS == nil {
		want *= StepsPerM
	}
	if wantErr, ok := status[q.Status]; !ok || !errors.Is(err, wantErr) || math.Abs(got.Cost-want) > 1e-9*want {
		t.Errorf("%s, %s, %s: got %v %v, want %s %v", f.Scene, s.name, q.ID, got.Cost, err, q.Status, want)
	}
}

func sceneNames(t testing.TB) []string {
	paths, err := filepath.Glob("testdata/scenes/*.json.gz")
	if err != nil || len(paths) < 14 {
		t.Fatalf("%d scenes, %v", len(paths), err)
	}
	var names []string
	for _, p := range paths {
		if name := strings.TrimSuffix(filepath.Base(p), ".json.gz"); name != "updates" {
			names = append(names, name)
		}
	}
	return names
}

// The answers do not depend on which way the scene lies. What the lattice's unit
// means never enters the planner: it sees integers.
func TestScenesHoldHoweverTheyLie(t *testing.T) {
	const km100 = 100_000_000
	shapes := []shape{
		upright,
		{name: "turned by 90 degrees", b: -1, c: 1, factor: 1},
		{name: "turned by 180 degrees", a: -1, d: -1, factor: 1},
		{name: "turned by 270 degrees", b: 1, c: -1, factor: 1},
		{name: "turned by 3-4-5", a: 3, b: -4, c: 4, d: 3, factor: 5},
		{name: "moved by 100 km", a: 1, d: 1, moveX: km100, moveY: -km100, factor: 1},
		{name: "mirrored", a: -1, d: 1, factor: 1},
	}
	for _, name := range sceneNames(t) {
		f := readScene(t, name)
		for _, s := range shapes {
			sn := s.space(t, f).Snapshot()
			for _, q := range f.Queries {
				got, err := sn.Plan(s.query(t, f, q))
				s.judge(t, f, q, got, err)
			}
		}
	}
}

func TestUpdatesHoldAfterEveryEvent(t *testing.T) {
	f := readScene(t, "updates")
	sp := upright.space(t, readScene(t, f.Scene))
	for _, e := range f.Events {
		if e.Add != nil {
			if err := sp.Add(upright.zone(t, *e.Add)); err != nil {
				t.Fatal(err)
			}
		} else if !sp.Remove(e.Remove) {
			t.Fatalf("step %d: no zone %q", e.Step, e.Remove)
		}
		for _, q := range f.Queries {
			if q.Step == e.Step {
				got, err := sp.Snapshot().Plan(upright.query(t, f, q))
				upright.judge(t, f, q, got, err)
			}
		}
	}
}
