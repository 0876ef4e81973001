package telemetry

import (
	"math"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
)

// ActiveLeg is what a drone is meant to fly now: one leg of its mission.
type ActiveLeg struct {
	Mission string
	Leg     int
	Path    []orb.Point // lon/lat from pad to pad
	Class   route.Class
	LoadKg  float64
	Boxes   []DeviceID // on board
	Wind    route.Wind
	Due     time.Time // of the landing, as planned; zero where no time was
}

// Link says how fresh a drone's position is.
type Link int

const (
	LinkLive Link = iota + 1
	LinkLate
	LinkStale // lost
)

// DroneState is the newest that is known of a drone.
type DroneState struct {
	ID       DeviceID
	Located  bool // it has reported a position
	Position Position
	At       time.Time // of Position, never after it was received
	HeightM  float64   // above ground
	Status   Status
	StatusAt time.Time // of Status, by the drone's clock
	Link     Link
	ToGoM    float64   // along the path; 0 without an active leg
	ETA      time.Time // landing; zero without an active leg or when not in the air
	NeedPct  float64   // battery needed to land at the goal and keep the reserve
	OffM     float64   // aside of the path; 0 without an active leg or when not in the air
	// OffHeightM is how far above the cruising height of its leg it flies, below where negative.
	OffHeightM float64
	Behind     time.Duration // lands later than planned by so much
	Outside    Outside       // of what its plan allows, for long enough to be told
	Version    uint64        // rises when anything above changes
}

// Arrives reports whether a drone is on its way to its goal: one that hovers, or comes down
// where it is, has no time of arrival that people may count on.
func (d DroneState) Arrives() bool { return !d.ETA.IsZero() && d.Status.Phase.OnItsWay() }

type drone struct {
	DroneState
	statedAt time.Time // of Position, by the drone's clock
	leg      *ActiveLeg
	inZones  map[airspace.ZoneID]bool
	low      bool
	departed [len(departures)]departed
}

// follow renews what derives from position and active leg, and returns the changes.
func (d *drone) follow(limits Limits) []Event {
	if d.Outside = 0; !d.renew(limits) {
		return nil
	}
	return append(d.judgeEnergy(limits), d.judgeConformance(limits)...)
}

// renew computes distance to go, ETA, needed battery and the deviation from the path. It is
// false when there is nothing to follow.
func (d *drone) renew(limits Limits) bool {
	d.ToGoM, d.ETA, d.NeedPct, d.OffM, d.OffHeightM, d.Behind = 0, time.Time{}, 0, 0, 0, 0
	if d.leg == nil || !d.Located {
		return false
	}
	c := d.leg.Class
	if !d.Status.Phase.InAir() {
		d.ToGoM = geo.PathLength(d.leg.Path)
		leg, err := c.Fly(d.leg.Path, d.leg.LoadKg, d.leg.Wind)
		d.NeedPct = c.NeedPct(leg)
		return err == nil
	}
	rest, offM := Ahead(d.leg.Path, d.Position.Point)
	d.ToGoM, d.OffM = geo.PathLength(rest), offM
	leg, err := c.FlyOn(rest, d.HeightM, d.leg.LoadKg, d.leg.Wind)
	if err != nil {
		return false
	}
	if d.ToGoM < overPadM && offM < limits.OffRouteM {
		leg = c.Descend(d.HeightM, d.leg.LoadKg)
	}
	d.ETA, d.NeedPct = d.At.Add(leg.Duration), c.NeedPct(leg)
	d.OffHeightM, d.Behind = d.offHeight(), d.behind()
	return true
}

// overPadM is how near to the goal only the descent is left.
const overPadM = 30

func (d *drone) judgeEnergy(limits Limits) []Event {
	need := d.NeedPct
	if d.low {
		need += limits.EnergyBackPct
	}
	low := d.Status.Phase.InAir() && d.Position.BatteryPct < need
	if low == d.low {
		return nil
	}
	d.low = low
	kind := EnergyOK
	if low {
		kind = EnergyLow
	}
	return []Event{{Kind: kind, Device: d.ID, At: d.At, Value: d.Position.BatteryPct, Limit: d.NeedPct}}
}

// judgeZones compares the newest position with the zones.
func (d *drone) judgeZones(zones []airspace.Zone, groundAltM float64) []Event {
	var events []Event
	for _, z := range zones {
		in := d.Status.Phase.InAir() && z.Holds(d.Position.Point, d.HeightM, groundAltM, d.At)
		if in == d.inZones[z.ID] {
			continue
		}
		kind := ZoneEntered
		if in {
			d.inZones[z.ID] = true
		} else {
			delete(d.inZones, z.ID)
			kind = ZoneLeft
		}
		events = append(events, Event{Kind: kind, Device: d.ID, At: d.At, Zone: z.ID})
	}
	return events
}

// Ahead returns the part of a path that is before a position, from the point of it
// that is nearest to the position, and how far off that is in metres.
func Ahead(path []orb.Point, p orb.Point) (rest []orb.Point, offM float64) {
	if len(path) < 2 {
		return path, 0
	}
	pl := geo.NewPlane(p)
	best, bestOff, at := 1, math.Inf(1), path[0]
	for i := 1; i < len(path); i++ {
		q := nearestToOrigin(pl.ToXY(path[i-1]), pl.ToXY(path[i]))
		if off := math.Hypot(q[0], q[1]); off < bestOff {
			best, bestOff, at = i, off, pl.ToLonLat(q)
		}
	}
	return append([]orb.Point{at}, path[best:]...), bestOff
}

func nearestToOrigin(a, b orb.Point) orb.Point {
	dx, dy := b[0]-a[0], b[1]-a[1]
	f := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		f = min(1, max(0, -(a[0]*dx+a[1]*dy)/l))
	}
	return orb.Point{a[0] + f*dx, a[1] + f*dy}
}
