package route

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hemolift/geo/mesh"
)

// Why there is no route.
var (
	ErrStartInside = errors.New("the start lies inside an active zone or its margin")
	ErrGoalInside  = errors.New("the goal lies inside an active zone or its margin")
	ErrUnreachable = errors.New("active zones leave no way through")
	ErrBudget      = errors.New("the search ran out of its budget before it could prove a route")
	ErrOffLattice  = fmt.Errorf("the point lies outside the lattice of ±%d steps", MaxCoord)

	errNotInside = errors.New("the start is not inside an active zone")
)

// Path is a route on the lattice, from start to goal.
type Path struct {
	Points []mesh.Point
	Cost   float64 // lattice steps, or seconds with an airspeed
	// Bound is below the cost of every route: it equals Cost, but where several
	// zones open or close during the flight.
	Bound float64
	// LeaveS is when each point is left, in seconds after departure, where windows
	// matter; the last is the arrival. It is nil when no point is waited at.
	LeaveS []float64
}

// Query asks for one path. Zones count whose heights meet [FloorM, HeightM] and
// whose windows meet [Depart, Until]; an Until before Depart is Depart.
type Query struct {
	From, To        mesh.Point
	FloorM, HeightM float64
	Depart, Until   time.Time
	Air             Air
}

// Air is the aircraft's airspeed and a uniform wind, in lattice steps a second;
// East and North are where the wind blows to. Without an airspeed the shortest
// path is asked for, and the zones active at departure count; with one the
// fastest, and windows count when the aircraft is there.
type Air struct{ Speed, East, North float64 }

// LatticePoint is the point (x, y), or ErrOffLattice.
func LatticePoint(x, y int64) (mesh.Point, error) {
	if max(x, y) > MaxCoord || min(x, y) < -MaxCoord {
		return mesh.Point{}, fmt.Errorf("(%d, %d): %w", x, y, ErrOffLattice)
	}
	return mesh.Point{X: int32(x), Y: int32(y)}, nil
}

// Space holds zones, which may come and go while any number of readers plan in
// the Snapshot that they took.
type Space struct {
	mu       sync.Mutex // held by a writer
	mesh     *mesh.Mesh
	zones    []Zone // by number; a removed one has no ID
	numbers  map[string]int32
	now      atomic.Pointer[Snapshot]
	margin   int32
	vertices int // of the zones that count
	ended    int // of those that do not and are in the mesh still
	scratch  sync.Pool
}

// NewSpace returns a space with zones in it. Routes keep margin steps away from
// each zone; margin is not negative. An error names the zone.
func NewSpace(zones []Zone, margin int32) (*Space, error) {
	s := &Space{numbers: make(map[string]int32, len(zones)), zones: slices.Clone(zones), margin: margin}
	regions := make([]mesh.Region, len(zones))
	for i, z := range zones {
		var err error
		if regions[i], err = s.admit(z); err != nil {
			return nil, err
		}
		s.numbers[z.ID] = int32(i)
	}
	s.scratch.New = func() any { return new(search) }
	s.build(regions)
	return s, nil
}

// build makes the mesh of the zones' regions, with nothing else in it, and the views that
// were in use.
func (s *Space) build(regions []mesh.Region) {
	s.mesh, s.ended = mesh.Build(regions), 0
	t, _ := s.mesh.Freeze()
	sn := newSnapshot(s, t, nil, nil)
	if before := s.now.Load(); before != nil {
		for _, c := range before.newestViews() {
			sn.Prepare(c.query)
		}
	}
	s.now.Store(sn)
}

// admit checks a zone and returns the region to avoid.
func (s *Space) admit(z Zone) (mesh.Region, error) {
	if err := z.check(); err != nil {
		return nil, fmt.Errorf("zone %q: %w", z.ID, err)
	}
	if _, ok := s.numbers[z.ID]; ok {
		return nil, fmt.Errorf("zone %q: the identifier is in use", z.ID)
	}
	r := z.region(s.margin)
	for _, ring := range r {
		for _, p := range ring {
			if !onLattice(p) {
				return nil, fmt.Errorf("zone %q: with its margin it leaves the lattice of ±%d steps", z.ID, MaxCoord)
			}
		}
	}
	if s.vertices+size(r) > MaxVertices {
		return nil, fmt.Errorf("zone %q: more than %d vertices in all", z.ID, MaxVertices)
	}
	s.vertices += size(r)
	return r, nil
}

// size is how many vertices a region has.
func size(r mesh.Region) (n int) {
	for _, ring := range r {
		n += len(ring)
	}
	return n
}

// onLattice reports whether a point is within the lattice.
func onLattice(p mesh.Point) bool {
	return max(p.X, p.Y) <= MaxCoord && min(p.X, p.Y) >= -MaxCoord
}

// Add makes a zone count for every Snapshot taken from now on. An error names the
// zone.
func (s *Space) Add(z Zone) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.admit(z)
	if err != nil {
		return err
	}
	number := int32(len(s.zones))
	s.zones = append(s.zones, z)
	s.numbers[z.ID] = number
	s.mesh.Add(number, r)
	t, changed := s.mesh.Freeze()
	s.now.Store(newSnapshot(s, t, s.now.Load(), changed))
	return nil
}

// mostEnded is which share of the vertices that count may be of ended zones: more of them
// would slow every query down, and are worth a mesh without them.
const mostEnded = 0.1

// Remove ends a zone. It reports whether there was one. Its corners stay in the mesh until
// there are enough of them for another mesh, which costs what preparing the space did;
// readers have theirs meanwhile.
func (s *Space) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, ok := s.numbers[id]
	if !ok {
		return false
	}
	n := size(s.zones[number].region(s.margin))
	delete(s.numbers, id)
	s.zones[number] = Zone{}
	s.vertices, s.ended = s.vertices-n, s.ended+n
	if float64(s.ended) > mostEnded*float64(s.vertices) {
		s.renumber()
		return true
	}
	s.now.Store(newSnapshot(s, s.now.Load().triangles, s.now.Load(), nil))
	return true
}

// renumber builds the mesh anew of the zones that count.
func (s *Space) renumber() {
	s.zones = slices.DeleteFunc(slices.Clone(s.zones), func(z Zone) bool { return z.ID == "" })
	regions := make([]mesh.Region, len(s.zones))
	for i, z := range s.zones {
		regions[i], s.numbers[z.ID] = z.region(s.margin), int32(i)
	}
	s.build(regions)
}

// Snapshot returns the space as it is now; it never changes.
func (s *Space) Snapshot() *Snapshot { return s.now.Load() }
