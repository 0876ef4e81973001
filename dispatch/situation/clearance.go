package situation

import (
	"fmt"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Check names one of the things that must hold for a leg to be flown: so the API, the
// page and the alarms say it.
type Check string

const (
	CheckPlan     Check = "plan"       // the drone has not taken it
	CheckLink     Check = "link"       // the drone is silent
	CheckService  Check = "service"    // its centre, pad, box or itself is out of service
	CheckZone     Check = "zone"       // on its way out or home
	CheckWind     Check = "wind"       // beyond its class
	CheckBattery  Check = "battery"    // under the energy of what is to be flown and the reserve
	CheckPad      Check = "pad"        // another drone stands there, or will
	CheckBox      Check = "box_silent" // nothing recent is known of a box
	CheckCold     Check = "cold"       // a box would come to its limit on the way
	CheckPosition Check = "elsewhere"  // it is not where its way begins
	CheckWard     Check = "ward"       // its ward has not said that the pad is clear
	// Receipt is no check of a leg: a drone at a hospital waits for its units' receipt.
	Receipt Check = "receipt"
)

// Purpose is what a leg is flown for.
type Purpose int

const (
	Allocating  Purpose = 1 << iota // a plan is about to be made the drone's
	Departing                       // a loaded drone is about to be released
	GoingHome                       // a drone that delivered is about to be released
	Rerouting                       // a drone in the air is about to be given another way
	Replanning                      // a drone on the ground is about to be given another plan
	Diverting                       // a drone in the air is about to be turned to another hospital
	Alternating                     // a drone in the air is about to be sent to an alternate pad
)

const (
	onGround = Allocating | Departing | GoingHome
	allLegs  = onGround | Rerouting | Replanning | Diverting | Alternating
)

// clearances is the one table of what must hold, in the order in which it is looked at:
// the first that does not hold is what a leg waits for.
var clearances = []struct {
	check Check
	legs  Purpose
	holds func(*Situation, *Leg) error
}{
	{CheckPlan, Departing, planTaken},
	{CheckLink, Departing | GoingHome | Rerouting | Diverting | Alternating, linkLive},
	{CheckService, onGround | Diverting, inService},
	{CheckZone, onGround, clearOfZones},
	{CheckWind, allLegs, withinWind},
	{CheckBattery, allLegs, charged},
	{CheckPad, Departing | Diverting | Alternating, padFree},
	{CheckBox, Departing | Diverting, boxesReporting},
	{CheckCold, Departing | Diverting, boxesCold},
	{CheckPosition, Departing | GoingHome, inPlace},
	{CheckWard, Departing, wardSpoke},
}

// WindContingency is added to the energy of every way that has not begun: the wind that
// it will meet is a guess (a product choice).
const WindContingency = 1.1

// Way is one path that is yet to be flown.
type Way struct {
	Path   []orb.Point // lon/lat
	LoadKg float64
	// Aloft is set for a way that begins in the air, at FromM metres above ground: it
	// meets the wind of now.
	Aloft bool
	FromM float64
}

// Leg is what asks to be cleared.
type Leg struct {
	For      Purpose
	Mission  delivery.Mission    // with the pad at which its first way ends
	Payload  []delivery.Delivery // on board
	Boxes    []telemetry.DeviceID
	Ways     []Way // in the order in which they are flown
	BatteryJ float64
	ArriveAt time.Time // at the end of the first way; zero: as reckoned

	class   route.Class
	flown   []route.Leg
	energyJ float64
}

// Clearance is the answer to a leg.
type Clearance struct {
	Blocked Check       // the first thing that does not hold; empty: it may be flown
	Err     error       // why, a refusal.State
	Flown   []route.Leg // what each way takes; nil when the wind, or what comes before it, does not hold
	EnergyJ float64     // of all ways, with the contingency
	// Arrive is when the first way ends.
	Arrive time.Time
}

// OK reports whether the leg may be flown.
func (c Clearance) OK() bool { return c.Blocked == "" }

// Clear looks at everything that must hold for a leg to be flown now.
func (s *Situation) Clear(l Leg) Clearance {
	l.class = s.ClassOf(l.Mission.Drone)
	var c Clearance
	for _, row := range clearances {
		if row.legs&l.For == 0 {
			continue
		}
		if err := row.holds(s, &l); err != nil {
			c.Blocked, c.Err = row.check, err
			break
		}
	}
	c.Flown, c.EnergyJ, c.Arrive = l.flown, l.energyJ, l.arrive(s.At)
	return c
}

// Departure is the leg of a loaded drone, out and home.
func (s *Situation) Departure(m delivery.Mission, payload []delivery.Delivery) Leg {
	return Leg{
		For: Departing, Mission: m, Payload: payload, BatteryJ: batteryJ(s, m),
		Ways: []Way{{Path: Points(m.Out), LoadKg: m.LoadKg}, {Path: Points(m.Back), LoadKg: s.HomeKg(payload)}},
	}
}

// WayHome is the leg of a drone that has delivered.
func (s *Situation) WayHome(m delivery.Mission, payload []delivery.Delivery) Leg {
	return Leg{
		For:      GoingHome,
		Mission:  m,
		Payload:  payload,
		BatteryJ: batteryJ(s, m),
		Ways:     []Way{{Path: Points(m.Back), LoadKg: s.HomeKg(payload)}},
	}
}

// batteryJ is what a mission's drone has in its battery now.
func batteryJ(s *Situation, m delivery.Mission) float64 {
	state, _ := s.Drone(m.Drone)
	return m.BatteryJ * state.Position.BatteryPct / 100
}

func (l *Leg) arrive(now time.Time) time.Time {
	if !l.ArriveAt.IsZero() {
		return l.ArriveAt
	}
	if len(l.flown) > 0 {
		return now.Add(l.flown[0].Duration)
	}
	return now
}

// reckon flies the ways in the wind of now. An error is the wind.
func reckon(s *Situation, l *Leg) error {
	if l.flown != nil {
		return nil
	}
	var flown []route.Leg
	energyJ := 0.0
	for _, w := range l.Ways {
		if w.Aloft {
			leg, err := l.class.FlyOn(w.Path, w.FromM, w.LoadKg, s.Wind)
			if err != nil {
				return err
			}
			flown, energyJ = append(flown, leg), energyJ+leg.EnergyJ
			continue
		}
		leg, err := l.class.Fly(w.Path, w.LoadKg, s.Wind)
		if err != nil {
			return err
		}
		flown, energyJ = append(flown, leg), energyJ+WindContingency*leg.EnergyJ
	}
	l.flown, l.energyJ = flown, energyJ
	return nil
}

func planTaken(s *Situation, l *Leg) error {
	if l.Mission.Status == delivery.MPlanned {
		return refusal.OfState("the plan", "not taken by the drone", "flown")
	}
	return nil
}

func linkLive(s *Situation, l *Leg) error {
	if _, heard := s.Live(l.Mission.Drone); !heard {
		return refusal.OfState("drone "+string(l.Mission.Drone), "silent", "released")
	}
	return nil
}

// inService looks at the centre, the drone and its boxes, and the pad when it would land.
// A drone that goes home is looked at alone; what is in the air has left its centre.
func inService(s *Situation, l *Leg) error {
	devices := append([]telemetry.DeviceID{l.Mission.Drone}, l.Boxes...)
	if l.For != GoingHome {
		for _, d := range l.Payload {
			devices = append(devices, d.Devices()...)
		}
	}
	if c, closed := network.SiteClosed(s.Closures, l.Mission.Centre, s.At); closed && l.For&(Allocating|Departing) != 0 {
		return refusal.OfState(string(l.Mission.Centre), "out of service: "+c.Reason, "left")
	}
	for _, id := range devices {
		if c, closed := network.DeviceClosed(s.Closures, id, s.At); closed {
			return refusal.OfState(string(id), "out of service: "+c.Reason, "flown")
		}
	}
	if l.For == GoingHome {
		return nil
	}
	if err := reckon(s, l); err != nil {
		return nil // the wind has a check of its own
	}
	pad, _ := s.Network.Pad(l.Mission.Pad)
	arrive := l.arrive(s.At)
	if c, closed := network.PadClosed(s.Closures, pad, arrive, arrive.Add(UnloadTime)); closed {
		return refusal.OfState("pad "+string(pad.ID), "out of service: "+c.Reason, "flown to")
	}
	return nil
}

func clearOfZones(s *Situation, l *Leg) error {
	for _, w := range l.Ways {
		if hit := s.Airway.Conflicts(w.Path, l.class.HeightM, s.At); hit != nil {
			return refusal.OfState("the way", fmt.Sprintf("closed by zones %v", hit), "flown")
		}
	}
	return nil
}

func withinWind(s *Situation, l *Leg) error {
	if err := reckon(s, l); err != nil {
		return fmt.Errorf("the way in the present wind: %w", err)
	}
	return nil
}

func charged(s *Situation, l *Leg) error {
	if l.energyJ+l.Mission.ReserveJ > l.BatteryJ {
		return refusal.OfState("the battery", "too low for the flight with its reserve", "flown on")
	}
	return nil
}

func padFree(s *Situation, l *Leg) error {
	from, to := SlotFor(l.arrive(s.At))
	if s.StoodOn(l.Mission, l.arrive(s.At)) || s.Overlapped(l.Mission, from, to) {
		return refusal.OfState("pad "+string(l.Mission.Pad), "another drone's then", "landed on")
	}
	return nil
}

func boxesReporting(s *Situation, l *Leg) error {
	if b, silent := s.SilentBox(l.Payload); silent {
		return refusal.OfState("box "+string(b.Box), "silent", "flown")
	}
	return nil
}

func boxesCold(s *Situation, l *Leg) error {
	if margin, out := s.ColdOutlook(l.Mission.Drone, l.Payload, l.flown[0].Duration); out || margin < 0 {
		return refusal.OfState("a box", "beyond its limits before it would be handed over", "flown")
	}
	return nil
}

func inPlace(s *Situation, l *Leg) error {
	if s.Away(l.Mission.Drone, l.Ways[0].Path[0]) {
		return refusal.OfState("drone "+string(l.Mission.Drone), "not where its way begins", "released")
	}
	return nil
}

// ByDrone reports whether it is the drone that keeps a leg on the ground, and not the
// world about it. Nothing that keeps it counts too: it was told to go, and stands.
func (c Check) ByDrone() bool {
	return slices.Contains([]Check{"", CheckPlan, CheckBattery, CheckPosition}, c)
}

// Passing reports whether another drone would wait for the same.
func (c Check) Passing() bool { return slices.Contains([]Check{CheckPad, CheckZone, CheckWard}, c) }

// margin after a departure, for the alarm that tells of it.
func departingMargin(s *Situation, m delivery.Mission, payload []delivery.Delivery, c Clearance) time.Duration {
	if margin, out := s.ColdOutlook(m.Drone, payload, c.Flown[0].Duration); !out && margin != coldchain.NoLimit {
		return margin
	}
	return 0
}
