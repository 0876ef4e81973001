package telemetry

import (
	"slices"
	"sync"
	"time"

	"hemolift/geo/airspace"
	"hemolift/telemetry/coldchain"
)

// BoxState is the newest that is known of a box.
type BoxState struct {
	ID      DeviceID
	Watched bool // between packing and receipt
	Profile coldchain.Profile
	coldchain.Summary
	Reading Temperature
	TauS    float64 // with which it follows the air now, for its upkeep; 0 while not told
	Suspect int     // readings that did not fit those before
	Version uint64
}

type box struct {
	id       DeviceID
	newest   Temperature
	newestAt time.Time
	standby  coldchain.Profile // the box type's own, while not watched
	design   coldchain.Box
	carrier  DeviceID           // the drone that has it on board, by its active leg
	monitor  *coldchain.Monitor // nil while not watched
	shown    coldchain.Summary
	version  uint64
}

// Tracker keeps the newest state of each device and says what changed. It is safe
// for concurrent use and holds its lock over no I/O.
type Tracker struct {
	limits Limits

	mu         sync.Mutex
	groundAltM float64
	zones      []airspace.Zone
	drones     map[DeviceID]*drone
	boxes      map[DeviceID]*box
	overran    map[DeviceID]time.Time // when they last sent more than their quota
	version    uint64
	moved      chan struct{}
}

// NewTracker knows no devices yet. Ground is groundAltM above mean sea level.
func NewTracker(limits Limits, groundAltM float64) *Tracker {
	return &Tracker{
		limits: limits, groundAltM: groundAltM,
		drones: map[DeviceID]*drone{}, boxes: map[DeviceID]*box{}, overran: map[DeviceID]time.Time{},
		moved: make(chan struct{}, 1),
	}
}

// SetGround says how high the ground is above mean sea level, in metres.
func (t *Tracker) SetGround(altM float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.groundAltM = altM
}

// SetZones replaces the zones that positions are judged against.
func (t *Tracker) SetZones(zones []airspace.Zone) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.zones = slices.Clone(zones)
}

// overranFor is how long a device is told of after it sent more than its quota.
const overranFor = time.Minute

// Overran notes that a device sent more than its quota.
func (t *Tracker) Overran(id DeviceID, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.overran[id] = now
}

// Know adds a drone; one known already is left as it is.
func (t *Tracker) Know(id DeviceID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.drones[id] == nil {
		t.drones[id] = &drone{DroneState: DroneState{ID: id, Link: LinkStale, Status: Status{Phase: Parked}}, inZones: map[airspace.ZoneID]bool{}}
	}
}

// KnowBox adds a box with the profile of its type, which is used to show it while nothing is
// packed, and with its thermal design, which its forecast begins with. Of a box that is known
// already both count from now on; a record that has begun goes on as it began.
func (t *Tracker) KnowBox(id DeviceID, standby coldchain.Profile, design coldchain.Box) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.boxes[id]
	switch {
	case b == nil:
		t.boxes[id] = &box{id: id, standby: standby, design: design}
	case b.standby.ID != standby.ID || b.standby.Version != standby.Version || b.design != design:
		b.standby, b.design = standby, design
		t.touchBox(b)
	}
}

// Watch starts a box's record: from packing at since, under this profile. Watching
// again starts anew.
func (t *Tracker) Watch(id DeviceID, p coldchain.Profile, since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.boxes[id]; b != nil {
		b.monitor = coldchain.NewMonitor(p)
		if b.design.Check() == nil {
			b.monitor = coldchain.NewForecastingMonitor(p, b.design, coldchain.DefaultDoubt())
		}
		b.monitor.Since(since)
		b.shown = coldchain.Summary{State: coldchain.Unknown}
		t.touchBox(b)
	}
}

// Unwatch ends a box's record, at receipt.
func (t *Tracker) Unwatch(id DeviceID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.boxes[id]; b != nil {
		b.monitor = nil
		t.touchBox(b)
	}
}

// SetActiveLeg says what the drone flies; nil when it flies nothing. It reports whether
// that is another leg than before: energy and route are judged anew then.
func (t *Tracker) SetActiveLeg(id DeviceID, g *ActiveLeg) (another bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.drones[id]
	if d == nil || g == nil && d.leg == nil {
		return false
	}
	if another = g == nil || d.leg == nil || g.Mission != d.leg.Mission || g.Leg != d.leg.Leg; another {
		d.low, d.Outside, d.departed = false, 0, [len(departures)]departed{}
	}
	t.load(id, g)
	d.leg = g
	d.renew(t.limits)
	t.touch(d)
	return another
}

// load notes which boxes a drone has on board.
func (t *Tracker) load(id DeviceID, g *ActiveLeg) {
	for _, b := range t.boxes {
		if b.carrier == id {
			b.carrier = ""
		}
	}
	if g == nil {
		return
	}
	for _, boxID := range g.Boxes {
		if b := t.boxes[boxID]; b != nil {
			b.carrier = id
		}
	}
}

// Observe folds one stored sample and returns what it changed. Samples of unknown
// devices change nothing.
func (t *Tracker) Observe(now time.Time, s Sample) []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch r := s.Reading.(type) {
	case Position:
		return t.move(now, s, r)
	case Status:
		return t.changePhase(now, s, r)
	case Temperature:
		return t.warm(now, s, r)
	}
	return nil
}

func (t *Tracker) move(now time.Time, s Sample, p Position) []Event {
	d := t.drones[s.Device]
	if d == nil || d.Located && !s.At.After(d.statedAt) && !ahead(d.statedAt, now) { // late: stored, but never moves the drone back
		return nil
	}
	d.Located, d.Position, d.HeightM = true, p, p.AltM-t.groundAltM
	d.statedAt, d.At = s.At, s.HeardAt()
	events := d.follow(t.limits)
	events = append(events, d.judgeZones(t.zones, t.groundAltM)...)
	events = append(events, t.judgeLink(now, d)...)
	t.touch(d)
	return events
}

func (t *Tracker) changePhase(now time.Time, s Sample, st Status) []Event {
	d := t.drones[s.Device]
	if d == nil || s.At.Before(d.StatusAt) && !ahead(d.StatusAt, now) || d.Status == st {
		return nil
	}
	d.Status, d.StatusAt = st, s.At
	events := d.follow(t.limits)
	events = append(events, d.judgeZones(t.zones, t.groundAltM)...)
	t.touch(d)
	return append([]Event{{Kind: PhaseChanged, Device: d.ID, At: now, StatedAt: s.At, Status: st}}, events...)
}

func (t *Tracker) warm(now time.Time, s Sample, r Temperature) []Event {
	b := t.boxes[s.Device]
	if b == nil {
		return nil
	}
	if s.At.After(b.newestAt) || ahead(b.newestAt, now) {
		b.newest, b.newestAt = r, s.At
		t.touchBox(b)
	}
	if b.monitor == nil {
		return nil
	}
	var events []Event
	for _, f := range b.monitor.Fold(r.Reading(s)) {
		events = append(events, Event{Kind: SensorFault, Device: b.id, At: now, StatedAt: s.At, Sensor: f})
	}
	return append(events, t.judgeBox(now, b)...)
}

// expect tells a box's forecast when it lands and in what air it will be: at its drone's
// height until then, and on the ground after.
func (t *Tracker) expect(b *box) {
	d := t.drones[b.carrier]
	if d == nil || !d.Status.Phase.InAir() || d.ETA.IsZero() || b.newestAt.IsZero() || b.newest.AmbientMC == coldchain.NoAmbientMC {
		b.monitor.Expect(time.Time{})
		return
	}
	aloftC := float64(b.newest.AmbientMC) / 1000
	b.monitor.Expect(
		d.ETA,
		coldchain.Stretch{S: max(0, d.ETA.Sub(b.newestAt).Seconds()), C: aloftC},
		coldchain.Stretch{C: coldchain.GroundC(aloftC, d.HeightM)},
	)
}

// Record returns what the readings of a watched box say so far.
func (t *Tracker) Record(id DeviceID) (coldchain.Report, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.boxes[id]; b != nil && b.monitor != nil {
		return b.monitor.Trace().Report(), true
	}
	return coldchain.Report{}, false
}

// judgeBox compares what the record says with what was last told.
func (t *Tracker) judgeBox(now time.Time, b *box) []Event {
	t.expect(b)
	sum := b.monitor.Judge(now)
	changed := sum.State != b.shown.State || sum.Breached != b.shown.Breached
	late := sum.Breached && !b.shown.Breached && sum.State != coldchain.Excursion
	b.shown = sum
	t.touchBox(b)
	if !changed {
		return nil
	}
	return []Event{{Kind: TempChanged, Device: b.id, At: now, Temp: sum, Profile: b.monitor.Profile(), LateBreach: late}}
}

func (t *Tracker) judgeLink(now time.Time, d *drone) []Event {
	if !d.Located {
		return nil
	}
	age, was := now.Sub(d.At), d.Link
	switch {
	case age > t.limits.LinkLost || ahead(d.At, now):
		d.Link = LinkStale
	case age > t.limits.LinkLate:
		d.Link = LinkLate
	default:
		d.Link = LinkLive
	}
	if d.Link != was {
		t.touch(d)
	}
	switch {
	case d.Link == LinkStale && was != LinkStale:
		return []Event{{Kind: LinkLost, Device: d.ID, At: now, Value: max(0, age).Seconds(), Limit: t.limits.LinkLost.Seconds()}}
	case d.Link != LinkStale && was == LinkStale:
		return []Event{{Kind: LinkRestored, Device: d.ID, At: now}}
	}
	return nil
}

// ahead reports whether a time lies further ahead than any clock may be: it is of a record
// that was written before the server's clock was set back, and nothing was heard of late.
func ahead(at, now time.Time) bool { return at.Sub(now) > MaxClockSkew }

// Tick judges silence: it must be called about every second of server time.
func (t *Tracker) Tick(now time.Time) []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	var events []Event
	for _, d := range t.drones {
		events = append(events, t.judgeLink(now, d)...)
	}
	for _, b := range t.boxes {
		if b.monitor != nil {
			events = append(events, t.judgeBox(now, b)...)
		}
	}
	return events
}

func (t *Tracker) touch(d *drone)  { d.Version = t.next() }
func (t *Tracker) touchBox(b *box) { b.version = t.next() }

func (t *Tracker) next() uint64 {
	t.version++
	select {
	case t.moved <- struct{}{}:
	default:
	}
	return t.version
}

// Moved gives to one reader whenever something has changed since it was given last.
func (t *Tracker) Moved() <-chan struct{} { return t.moved }

// Drone returns one drone's state.
func (t *Tracker) Drone(id DeviceID) (DroneState, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := t.drones[id]; d != nil {
		return d.DroneState, true
	}
	return DroneState{}, false
}

// Box returns one box's state at a time.
func (t *Tracker) Box(now time.Time, id DeviceID) (BoxState, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.boxes[id]; b != nil {
		return b.state(now), true
	}
	return BoxState{}, false
}

// Changed returns the drones and boxes that changed after a version, in order of
// their ids, and the version to ask with next.
func (t *Tracker) Changed(now time.Time, after uint64) ([]DroneState, []BoxState, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var drones []DroneState
	for _, d := range t.drones {
		if d.Version > after {
			drones = append(drones, d.DroneState)
		}
	}
	var boxes []BoxState
	for _, b := range t.boxes {
		if b.version > after {
			boxes = append(boxes, b.state(now))
		}
	}
	slices.SortFunc(drones, func(a, b DroneState) int { return compareID(a.ID, b.ID) })
	slices.SortFunc(boxes, func(a, b BoxState) int { return compareID(a.ID, b.ID) })
	return drones, boxes, t.version
}

func compareID(a, b DeviceID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// state shows a watched box by its record and an unwatched one by its newest
// reading alone.
func (b *box) state(now time.Time) BoxState {
	s := BoxState{ID: b.id, Reading: b.newest, Profile: b.standby, Version: b.version}
	if b.monitor != nil {
		s.Watched, s.Profile, s.Summary, s.Suspect = true, b.monitor.Profile(), b.monitor.Judge(now), b.monitor.Suspect()
		s.TauS, _ = b.monitor.TauS()
		return s
	}
	m := coldchain.NewMonitor(b.standby)
	if !b.newestAt.IsZero() {
		m.Fold(b.newest.Reading(Sample{At: b.newestAt}))
	}
	s.Summary = m.Judge(now)
	s.Summary.Breached = false
	return s
}
