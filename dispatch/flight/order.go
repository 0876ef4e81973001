package flight

import (
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/telemetry"
)

// CheckOrder refuses a command that people do not give to a drone in flight.
func CheckOrder(kind telemetry.CommandKind) error {
	if !slices.Contains([]telemetry.CommandKind{telemetry.Hold, telemetry.Resume, telemetry.Return}, kind) {
		return refusal.OfField("kind", fmt.Sprintf("%q is neither hold, resume nor return", kind))
	}
	return nil
}

func silent(m delivery.Mission) error {
	return refusal.OfState("drone "+string(m.Drone), "silent", "given another way")
}

// Order is a command that CheckOrder lets pass, to a drone in flight.
func Order(s *situation.Situation, m delivery.Mission, by network.Actor, kind telemetry.CommandKind) (delivery.MissionChange, error) {
	if err := delivery.Permit(by, delivery.OpCommand, m.Centre); err != nil {
		return delivery.MissionChange{}, err
	}
	if m.Ordered != "" {
		if err := delivery.Permit(by, delivery.Ordered(delivery.OpCommand, m.Ordered), m.Centre); err != nil {
			return delivery.MissionChange{}, err
		}
	}
	if !m.Status.In(delivery.MOutbound, delivery.MInbound) {
		return delivery.MissionChange{}, refusal.OfState("the mission", string(m.Status), "told to "+string(kind))
	}
	if kind == telemetry.Resume && s.ClosedAhead(m) {
		return delivery.MissionChange{}, refusal.OfState("the way on", "closed by a zone", "resumed; order its return")
	}
	cmd := telemetry.Command{Kind: kind}
	if kind != telemetry.Return {
		c := command(s, by, cmd)
		c.Ordered = standing(by, kind)
		return c, nil
	}
	p, err := wayTo(s, m, m.Centre)
	if err != nil {
		return delivery.MissionChange{}, err
	}
	cmd.Plan = &p
	c := command(s, by, cmd)
	c.Ordered = standing(by, kind)
	takes := time.Duration(geo.PathLength(p.Legs[0]) / p.CruiseMPS * float64(time.Second))
	c.Back = situation.Timed(p.Legs[0], s.CruiseAltM(s.ClassOf(m.Drone)), s.At, s.At.Add(takes))
	return c, nil
}

// standing is whose order a flight follows after a command: nobody's when it flies on, and
// nobody's when the server gave it.
func standing(by network.Actor, kind telemetry.CommandKind) *network.Role {
	role := by.Role
	if kind == telemetry.Resume || role == network.RoleSystem {
		role = ""
	}
	return &role
}

// CalledHome reports whether a drone can be ordered back: it is heard, and on its way out.
func CalledHome(s *situation.Situation, m delivery.Mission) bool {
	_, heard := s.Live(m.Drone)
	return heard && m.Status == delivery.MOutbound
}

// Taken ends the mission of a drone that people took from its pad: it comes home by road,
// or not at all. Its deliveries must have ended, and it must not be in the air.
func Taken(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, by network.Actor) (delivery.MissionChange, error) {
	if err := delivery.Permit(by, delivery.OpTaken, m.Centre); err != nil {
		return delivery.MissionChange{}, err
	}
	switch {
	case !m.Status.In(delivery.MAtPad, delivery.MInbound):
		return delivery.MissionChange{}, refusal.OfState("the mission", string(m.Status), "ended on the ground")
	case !delivery.AllEnded(payload):
		return delivery.MissionChange{}, refusal.OfState("its delivery", "not ended", "left behind")
	case s.MayFly(m.Drone):
		return delivery.MissionChange{}, refusal.OfState("drone "+string(m.Drone), "in the air", "taken away")
	}
	return delivery.MissionChange{Status: delivery.MDone, LeftAt: s.At, HomeAt: s.At, Actor: by.Login, Note: "taken away by people"}, nil
}

// ChangePad has a mission land on another pad of its hospital.
func ChangePad(
	s *situation.Situation,
	m delivery.Mission,
	arrive time.Time,
	pad network.PadID,
	by network.Actor,
) (delivery.MissionChange, error) {
	if err := delivery.Permit(by, delivery.OpRecoverPad, m.Centre); err != nil {
		return delivery.MissionChange{}, err
	}
	if !m.Status.In(delivery.MPlanned, delivery.MUploaded, delivery.MOutbound) {
		return delivery.MissionChange{}, refusal.OfState("the mission", string(m.Status), "led to another pad")
	}
	c := delivery.MissionChange{Pad: pad, Actor: by.Login, Note: "led to another pad"}
	c.SlotFrom, c.SlotTo = situation.SlotFor(arrive)
	if m.Status == delivery.MOutbound {
		c.ArriveAt = arrive // for which the pad is held
	}
	return c, nil
}

// Refuses is what the world says against a person's step on a delivery.
func Refuses(s *situation.Situation, d delivery.Delivery, step delivery.Step) error {
	drone := "drone " + string(d.Drone)
	switch {
	case (step == delivery.StepLand || step == delivery.StepLose) && s.Aloft(d.Drone):
		return refusal.OfState(drone, "heard in the air", "taken for down")
	case step == delivery.StepLose && d.Status == delivery.DLoaded && s.SilentFor(d.Drone) < situation.LostAfter:
		return refusal.OfState(drone, "heard where it stands", "written off")
	case step == delivery.StepStandDown && delivery.MayBeGone(d.Releases, groundedFor(s, d)):
		return refusal.ErrReleased
	}
	return nil
}

// groundedFor is when a delivery's drone was last heard on the ground. Of one that was
// given up and is silent for long: whoever stands it down has the box in hand.
func groundedFor(s *situation.Situation, d delivery.Delivery) time.Time {
	if d.GivenUp() && s.SilentFor(d.Drone) >= situation.LostAfter {
		return s.At
	}
	return s.GroundedAt(d.Drone)
}
