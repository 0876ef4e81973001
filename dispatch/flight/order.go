package flight

import (
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/telemetry"
)

// Order is what a person wants a drone in flight to do.
type Order struct {
	Kind telemetry.CommandKind
	Pad  network.PadID // to which it is diverted
	// Confirms is who asked that it land where it is, of the second person.
	Confirms string
}

// orders are what people may order, as the API names it.
var orders = map[string]telemetry.CommandKind{
	"hold": telemetry.Hold, "resume": telemetry.Resume, "return": telemetry.Return, "divert": telemetry.Reroute, "land": telemetry.Land,
}

// ParseOrder reads an order; only one to divert names a pad, and only one to land whom it
// confirms.
func ParseOrder(kind string, pad network.PadID, confirms string) (Order, error) {
	k, ok := orders[kind]
	switch {
	case !ok:
		return Order{}, refusal.OfField("kind", fmt.Sprintf("%q is none of hold, resume, return, divert and land", kind))
	case k == telemetry.Reroute && pad == "":
		return Order{}, refusal.OfField("pad", "is empty: name the pad to divert to")
	case k != telemetry.Reroute && pad != "":
		return Order{}, refusal.OfField("pad", "goes with divert only")
	case k != telemetry.Land && confirms != "":
		return Order{}, refusal.OfField("confirms", "goes with land only")
	}
	return Order{k, pad, confirms}, nil
}

func silent(m delivery.Mission) error {
	return refusal.OfState("drone "+string(m.Drone), "silent", "given another way")
}

// Change is what an order makes of a mission in flight, or why it cannot be given.
func (o Order) Change(
	s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, by network.Actor,
) (c delivery.MissionChange, err error) {
	if err := mayOrder(m, by, o); err != nil {
		return c, err
	}
	switch o.Kind {
	case telemetry.Return:
		c, err = goHome(s, m, by)
	case telemetry.Reroute:
		c, err = divert(s, m, payload, by, o.Pad)
	case telemetry.Land:
		return land(s, m, by, o.Confirms)
	default:
		if err := mayResume(s, m, payload); o.Kind == telemetry.Resume && err != nil {
			return c, err
		}
		c = command(s, by, telemetry.Command{Kind: o.Kind})
	}
	c.Ordered = standing(by, o.Kind)
	if m.LandAsked.By != "" {
		c.LandAsked = &delivery.LandAsked{} // it is to do something else
	}
	if o.Kind != telemetry.Resume && !m.HeldForPad.IsZero() {
		c.HeldForPad = &time.Time{} // it does what the person ordered
	}
	return c, err
}

// mayResume refuses what the server would end at once.
func mayResume(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) error {
	switch {
	case s.ClosedAhead(m):
		return refusal.OfState("the way on", "closed by a zone", "resumed; order its return")
	case situation.NearsUnspoken(s, m, payload), !m.HeldForPad.IsZero() && situation.LacksWord(s, m, payload):
		return refusal.OfState("the pad", "not said to be clear", "resumed to; say so for the ward, or order its return")
	}
	return nil
}

// mayOrder refuses an order by whom it is given, and on the ground. Who confirms what another
// person asked for needs no leave to end that one's order.
func mayOrder(m delivery.Mission, by network.Actor, o Order) error {
	if err := delivery.Permit(by, delivery.OpCommand, m.Centre); err != nil {
		return err
	}
	if m.Ordered != "" && o.Confirms == "" {
		if err := delivery.Permit(by, delivery.Ordered(delivery.OpCommand, m.Ordered), m.Centre); err != nil {
			return err
		}
	}
	if !m.Status.In(delivery.MOutbound, delivery.MInbound) {
		return refusal.OfState("the mission", string(m.Status), "told to "+string(o.Kind))
	}
	return nil
}

func goHome(s *situation.Situation, m delivery.Mission, by network.Actor) (delivery.MissionChange, error) {
	p, err := wayHome(s, m)
	if err != nil {
		return delivery.MissionChange{}, err
	}
	c := command(s, by, telemetry.Command{Kind: telemetry.Return, Plan: &p})
	takes := time.Duration(geo.PathLength(p.Legs[0]) / p.CruiseMPS * float64(time.Second))
	c.Back = situation.Timed(p.Legs[0], s.CruiseAltM(s.ClassOf(m.Drone)), s.At, s.At.Add(takes))
	return c, nil
}

// land is the last resort: one person asks, another one confirms what they asked, and the
// drone comes down where it is. Of two who ask at once the second is told.
func land(s *situation.Situation, m delivery.Mission, by network.Actor, confirms string) (delivery.MissionChange, error) {
	stands := m.LandAsked.Stands(s.At)
	switch {
	case !s.Aloft(m.Drone):
		return delivery.MissionChange{}, silent(m)
	case confirms == "" && !stands:
		return delivery.MissionChange{Actor: by.Login, LandAsked: &delivery.LandAsked{By: by.Login, At: s.At}}, nil
	case confirms == "":
		return delivery.MissionChange{}, refusal.OfState("landing here", "asked for by "+m.LandAsked.By, "asked for again; confirm it")
	case !stands || confirms != m.LandAsked.By:
		return delivery.MissionChange{}, refusal.OfState("landing here", "not asked for by "+confirms+" any more", "confirmed")
	case m.LandAsked.By == by.Login:
		return delivery.MissionChange{}, refusal.ErrSamePerson
	}
	c := command(s, by, telemetry.Command{Kind: telemetry.Land})
	c.Ordered, c.LandAsked, c.HeldForPad = standing(by, telemetry.Land), &delivery.LandAsked{}, &time.Time{}
	c.Note = "told to come down where it is; asked by " + m.LandAsked.By
	return c, nil
}

// standing is whose order a flight follows after a command: nobody's when it flies on, and
// nobody's when the server gave it.
func standing(by network.Actor, kind telemetry.CommandKind) *network.Role {
	role := delivery.ActsAs(by, delivery.OpCommand)
	if kind == telemetry.Resume || role == network.RoleSystem {
		role = ""
	}
	return &role
}

// CalledHome reports whether a drone is to be ordered back whose delivery was given up: it is
// heard, on its way out, and was not told to come down elsewhere.
func CalledHome(s *situation.Situation, m delivery.Mission, payload []delivery.Delivery) bool {
	state, heard := s.Live(m.Drone)
	return heard && m.Status == delivery.MOutbound && state.Status.Phase != telemetry.Landing && !m.ToAlternate(payload)
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
