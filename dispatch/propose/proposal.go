package propose

import (
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// Proposal is the answer to one open request: what would serve it, and why that.
type Proposal struct {
	Request  delivery.RequestID
	Drone    telemetry.DeviceID
	Centre   network.SiteID
	Pad      network.PadID
	Box      []network.Box
	Units    []blood.Unit
	Out      []orb.Point
	Back     []orb.Point
	LengthM  float64
	DepartAt time.Time
	ArriveAt time.Time
	HomeAt   time.Time
	LateMin  int // the hand-over is that much after needed-by
	LoadKg   float64
	EnergyJ  float64
	BatteryJ float64
	ReserveJ float64
	// Waiting is set when the drone is still away: it could be accepted later.
	Waiting bool
	// Considered are the drones not chosen: those that could fly, the best first, with
	// the level of the score on which each loses, then the others with their reasons.
	Considered []Candidate
	// Courier is when a road courier sent now would arrive.
	Courier time.Time
	// Rest is how many units cannot be sent with it; they go on waiting.
	Rest int
	// Review is set when the policy asks for a physician's word first.
	Review bool
	// Held is set when it had better wait: its drone or its units may be needed for STAT
	// requests by the forecast. A person may accept it all the same.
	Held    bool
	Policy  string // its version
	Reasons Reasons
}

// Candidate is a drone that was considered and not chosen.
type Candidate struct {
	plan.Candidate
	ArriveAt time.Time // zero when it cannot fly
}

// RunnerUp is the best of those not chosen; ok is false when no other could fly.
func (p Proposal) RunnerUp() (c Candidate, ok bool) {
	if len(p.Considered) == 0 || p.Considered[0].Score == nil {
		return Candidate{}, false
	}
	return p.Considered[0], true
}

// Unconfirmed is the reason when a plan was found and came out otherwise when it was
// reckoned exactly; Fault says how. It is made anew soon.
const Unconfirmed plan.Reason = "unconfirmed"

// Impossible says why no drone can serve a request, and what would have to change.
type Impossible struct {
	Request    delivery.RequestID
	Considered []Candidate
	Changes    []plan.Change
	// Reserved counts the units that would serve it and are kept back by the policy.
	Reserved int
	Courier  time.Time
	Policy   string // its version
	Fault    error  // of Unconfirmed
}

// LateMin is by how many minutes, begun ones counted, a request is handed over too late.
func LateMin(r delivery.Request, arrive time.Time) int {
	late := arrive.Add(situation.UnloadTime).Sub(r.NeededBy)
	return int(max(0, late+time.Minute-1) / time.Minute)
}

// Mission makes the plan that a proposal's drone will fly, and looks at it once more,
// whatever proposed it. It has no id yet.
func Mission(s *situation.Situation, r delivery.Request, p Proposal) (delivery.Mission, error) {
	class := s.ClassOf(p.Drone)
	m := delivery.Mission{
		Drone:     p.Drone,
		Centre:    p.Centre,
		Hospital:  r.Hospital,
		Pad:       p.Pad,
		Status:    delivery.MPlanned,
		PlanHash:  situation.FlightPlan(class, p.Out, p.Back).Hash(),
		LoadKg:    p.LoadKg,
		EnergyJ:   p.EnergyJ,
		BatteryJ:  p.BatteryJ,
		ReserveJ:  p.ReserveJ,
		DepartAt:  p.DepartAt,
		ArriveAt:  p.ArriveAt,
		CreatedAt: s.At,
	}
	boxes := p.BoxIDs()
	leg := situation.Leg{
		For: situation.Allocating, Mission: m, Boxes: boxes, BatteryJ: p.BatteryJ, ArriveAt: p.ArriveAt,
		Ways: []situation.Way{{Path: p.Out, LoadKg: p.LoadKg}, {Path: p.Back, LoadKg: situation.EmptyKg(s.Network, boxes...)}},
	}
	if c := s.Clear(leg); !c.OK() {
		return delivery.Mission{}, c.Err
	}
	m.Out = situation.Timed(p.Out, s.CruiseAltM(class), p.DepartAt, p.ArriveAt)
	m.Back = situation.Timed(p.Back, s.CruiseAltM(class), p.ArriveAt.Add(situation.UnloadTime), p.HomeAt)
	return m, nil
}

// BoxIDs are those of the boxes.
func (p Proposal) BoxIDs() []telemetry.DeviceID {
	ids := make([]telemetry.DeviceID, len(p.Box))
	for i, b := range p.Box {
		ids[i] = b.ID
	}
	return ids
}

// Events are what the log keeps of the proposals that people are shown: those that are
// another choice than before.
func Events(before, now map[delivery.RequestID]Proposal, at time.Time) []delivery.Event {
	return delivery.Changes(shownProposal, before, now, at)
}

var shownProposal = delivery.Shown[Proposal]{
	Kind: delivery.EvProposal,
	Same: func(x, y Proposal) bool { return x.Drone == y.Drone && x.Waiting == y.Waiting && x.Held == y.Held },
	Detail: func(p Proposal) map[string]string {
		return map[string]string{
			"drone": string(p.Drone), "centre": string(p.Centre), "arrive_at": p.ArriveAt.Format(time.RFC3339), "waiting": fmt.Sprint(p.Waiting),
		}
	},
}

// ImpossibleEvents are what the log keeps of the requests that nobody can serve: those that
// could be before, and that can be again.
func ImpossibleEvents(before, now map[delivery.RequestID]Impossible, at time.Time) []delivery.Event {
	return delivery.Changes(shownImpossible, before, now, at)
}

var shownImpossible = delivery.Shown[Impossible]{
	Kind: delivery.EvImpossible,
	Same: func(Impossible, Impossible) bool { return true },
	Detail: func(i Impossible) map[string]string {
		return map[string]string{"courier_at": i.Courier.Format(time.RFC3339), "policy": i.Policy, "reserved": fmt.Sprint(i.Reserved)}
	},
}
