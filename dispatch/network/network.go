package network

import (
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"
	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// PadID names a pad: the operator's own name, as it is on labels and screens.
type PadID string

// BoxTypeID names a design of box.
type BoxTypeID string

// SiteID names a site; it stands in blood since a unit always lies at one.
type SiteID = blood.SiteID

// LocalZone is the network's time zone: China standard time, which has no summer time.
var LocalZone = time.FixedZone("UTC+8", 8*3600)

// Today is the day that it is at the network, at midnight UTC.
func Today(now time.Time) time.Time {
	y, m, d := now.In(LocalZone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// SiteKind is what a site is for.
type SiteKind string

const (
	BloodCentre   SiteKind = "blood_centre"
	Hospital      SiteKind = "hospital"
	DonationHouse SiteKind = "donation_house"
)

// Site is a place of the network, at one ground elevation.
type Site struct {
	ID             SiteID
	Kind           SiteKind
	NameZH, NameEN string
	// where there is little room, as on a map; the names where there are none
	ShortZH, ShortEN string
	Phone            string    // as it is dialled; empty where none is known
	Point            orb.Point // lon/lat, WGS 84
	ElevationM       float64   // above mean sea level
}

// Pad is where drones land. A pad takes one drone at a time.
type Pad struct {
	ID    PadID
	Site  SiteID
	Label string
}

// BoxType is a design of transport box, with the parameters of its thermal model.
type BoxType struct {
	ID        BoxTypeID
	Holds     []blood.Component
	Profile   coldchain.ProfileID
	EmptyKg   float64
	Units     int
	Thermal   coldchain.Box
	HoldAt30C time.Duration // validated hold time
}

// Nitrogen vapour has about this temperature in a dry shipper, and a payload is packed
// a little under its coolant.
const (
	vapourC      = -190
	underCoolant = 0.8
)

// validatedAtC is the ambient temperature of the hold time.
const validatedAtC = 30

// HoldAt is the hold time at an ambient temperature: what was validated, and less in
// proportion where it is hotter. Colder air earns nothing that nobody measured.
func (t BoxType) HoldAt(ambientC float64) time.Duration {
	if ambientC <= validatedAtC {
		return t.HoldAt30C
	}
	set := t.PackedAtC()
	return time.Duration(float64(t.HoldAt30C) * (validatedAtC - set) / (ambientC - set))
}

// PackedAtC is the temperature in °C at which a payload is packed into such a box.
func (t BoxType) PackedAtC() float64 {
	switch t.Thermal.Model {
	case coldchain.PCM2:
		return t.Thermal.MeltC - underCoolant
	case coldchain.PCM1:
		return t.Thermal.MeltC
	case coldchain.Newton1, coldchain.Nodes2:
	}
	return vapourC
}

// Drone is one aircraft with its home centre.
type Drone struct {
	ID    telemetry.DeviceID
	Class string
	Home  SiteID
}

// Box is one transport box and where it stands.
type Box struct {
	ID   telemetry.DeviceID
	Type BoxTypeID
	Site SiteID
}

// Network is everything that stands still: what one importer loads.
type Network struct {
	Sites    []Site
	Pads     []Pad
	Classes  []route.Class
	BoxTypes []BoxType
	Drones   []Drone
	Boxes    []Box
	Zones    []airspace.Zone
	Roles    Roles
}

// Site returns a site by id.
func (n *Network) Site(id SiteID) (Site, bool) {
	return lo.Find(n.Sites, func(s Site) bool { return s.ID == id })
}

// Pad returns a pad by id.
func (n *Network) Pad(id PadID) (Pad, bool) {
	return lo.Find(n.Pads, func(p Pad) bool { return p.ID == id })
}

// Class returns an aircraft class by id.
func (n *Network) Class(id string) (route.Class, bool) {
	return lo.Find(n.Classes, func(c route.Class) bool { return c.ID == id })
}

// ClassOf returns the class of a drone, as stated.
func (n *Network) ClassOf(id telemetry.DeviceID) (route.Class, bool) {
	d, _ := n.Drone(id)
	return n.Class(d.Class)
}

// BoxType returns a box type by id.
func (n *Network) BoxType(id BoxTypeID) (BoxType, bool) {
	return lo.Find(n.BoxTypes, func(b BoxType) bool { return b.ID == id })
}

// Box returns a box by id, where it stood when the network was read.
func (n *Network) Box(id telemetry.DeviceID) (Box, bool) {
	return lo.Find(n.Boxes, func(b Box) bool { return b.ID == id })
}

// Drone returns a drone by id.
func (n *Network) Drone(id telemetry.DeviceID) (Drone, bool) {
	return lo.Find(n.Drones, func(d Drone) bool { return d.ID == id })
}

// Home is the centre that a drone belongs to, or where a box stood when the network was
// read.
func (n *Network) Home(id telemetry.DeviceID) (SiteID, bool) {
	if d, ok := n.Drone(id); ok {
		return d.Home, true
	}
	b, ok := n.Box(id)
	return b.Site, ok
}

// BoxTypeFor returns the first type that holds a component and of which there is a box; where there is none,
// the first that would hold it.
func (n *Network) BoxTypeFor(c blood.Component) (BoxType, bool) {
	fits := lo.Filter(n.BoxTypes, func(t BoxType, _ int) bool { return slices.Contains(t.Holds, c) })
	for _, t := range fits {
		if slices.ContainsFunc(n.Boxes, func(b Box) bool { return b.Type == t.ID }) {
			return t, true
		}
	}
	if len(fits) == 0 {
		return BoxType{}, false
	}
	return fits[0], true
}

// GroundAltM is the network's ground above mean sea level: flat for now, as high as its first
// blood centre, also before there is one.
func (n *Network) GroundAltM() float64 {
	first, ok := lo.Find(n.Sites, func(s Site) bool { return s.Kind == BloodCentre })
	switch {
	case ok:
		return first.ElevationM
	case len(n.Sites) > 0:
		return n.Sites[0].ElevationM
	}
	return groundM
}

// maxApartM is how far a site may lie from the first blood centre: routes are reckoned on one
// plane, which stretches by some 3e-4 there, and a slip of the pen must not tilt it for all.
const maxApartM = 300_000

// tooFar says that a site is too far from the others to be planned with; empty: it is not.
func (n *Network) tooFar(s Site) string {
	first, ok := lo.Find(n.Sites, func(x Site) bool { return x.Kind == BloodCentre })
	if d := geo.Distance(first.Point, s.Point); ok && d > maxApartM {
		return fmt.Sprintf("%s is %.0f km from %s; sites lie within %.0f km of it", s.ID, d/1000, first.ID, maxApartM/1000.0)
	}
	return ""
}

// Centre is the middle of the sites' box, for the local plane.
func (n *Network) Centre() orb.Point {
	pts := make(orb.MultiPoint, len(n.Sites))
	for i, s := range n.Sites {
		pts[i] = s.Point
	}
	return pts.Bound().Center()
}
