package recovery

import (
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
)

// mostExchanges bounds how many drones one delivery may have had.
const mostExchanges = 9

// Exchange gives a delivery on the ground another drone, with the box and seal that it
// has.
type Exchange struct {
	Failing situation.Failing // as it was seen
	Mission delivery.Mission  // of the other drone, without its id
	Actor   network.Actor
}

// Keys are what an exchange is about.
func (x Exchange) Keys() delivery.Keys { return delivery.Keys{Delivery: x.Failing.Delivery.ID} }

// Write ends the mission that the delivery had and gives it the other one. grounded is
// when the drone that it had was last heard on the ground.
func (x Exchange) Write(b *delivery.Book, grounded, now time.Time) error {
	seen := x.Failing.Delivery
	d := b.Deliveries[seen.ID]
	if r := b.Requests[d.Request]; d.Mission != seen.Mission || r.Status != delivery.Allocated || r.Version != d.Version {
		return refusal.ErrTaken
	}
	if delivery.MayBeGone(d.Releases, grounded) {
		return refusal.ErrReleased
	}
	if d.Exchanges >= mostExchanges {
		return refusal.OfState("the delivery", "exchanged too often", "given another drone")
	}
	c, err := d.Apply(x.Actor, delivery.StepExchange, delivery.Scan{Drone: x.Mission.Drone}, now)
	if err != nil {
		return err
	}
	if err := b.Step(d.ID, c); err != nil {
		return err
	}
	m := x.Mission
	m.ID = delivery.MissionID(fmt.Sprintf("M%s%c", string(d.ID)[1:], 'b'+rune(d.Exchanges)))
	b.Added.Missions = append(
		b.Added.Missions,
		delivery.NewMission{Mission: m, Slot: delivery.Slot{Pad: m.Pad, Mission: m.ID, From: m.ArriveAt, To: m.Back[0].At}},
	)
	d.Mission, d.Drone = m.ID, m.Drone
	d.Exchanges++
	return nil
}

// Turn is an accepted diversion: a delivery in the air ends, and another one begins with
// its box and units.
type Turn struct {
	Diversion Diversion
	Gains     delivery.Request // as it was read
	Change    delivery.MissionChange
	// TwoPersons has the check of the units be another person's than the actor's.
	TwoPersons bool
	PadRule    delivery.PadRule
	Actor      network.Actor
}

// Keys are what a diversion is about.
func (t Turn) Keys() delivery.Keys {
	return delivery.Keys{Delivery: t.Diversion.Delivery, Requests: []delivery.RequestID{t.Gains.ID}}
}

// Write ends one delivery and begins the other. The hospital that loses is told at once.
func (t Turn) Write(b *delivery.Book, now time.Time) (delivery.ID, error) {
	from := b.Deliveries[t.Diversion.Delivery]
	m := b.Missions[t.Diversion.Mission]
	if err := delivery.Permit(t.Actor, delivery.OpDivert, m.Centre); err != nil {
		return "", err
	}
	if m.Status != delivery.MOutbound || from.Mission != m.ID {
		return "", refusal.OfState("the mission", string(m.Status), "diverted")
	}
	c, err := from.Apply(network.System, delivery.StepDivert, delivery.Scan{Note: "to " + string(t.Gains.ID)}, now)
	if err != nil {
		return "", err
	}
	c.Custody.Actor = t.Actor.Login
	checkedBy, err := CheckedBy(*from, t.Actor, t.TwoPersons)
	if err != nil {
		return "", err
	}
	inherits := inherit(*from)
	if err := b.Step(from.ID, c); err != nil {
		return "", err
	}
	r, err := b.Take(t.Gains, now)
	if err != nil {
		return "", err
	}
	if err := b.Fly(m.ID, t.Change, now); err != nil {
		return "", err
	}
	inherits.ID, _ = b.Names(r.ID)
	inherits.Request, inherits.Version, inherits.Recipient = r.ID, r.Version, r.Class
	inherits.Hospital, inherits.NeededBy = r.Hospital, r.NeededBy
	inherits.AllocatedBy, inherits.CheckedBy, inherits.TwoPersons, inherits.CreatedAt = t.Actor.Login, checkedBy, t.TwoPersons, now
	inherits.PadRule, inherits.PadWord = t.PadRule, delivery.PadWord{}
	b.Added.Deliveries = append(b.Added.Deliveries, delivery.NewDelivery{Delivery: inherits, Reasons: t.Diversion.grounds()})
	b.Added.Custody = append(
		b.Added.Custody,
		delivery.CustodyOf{
			Delivery: inherits.ID,
			CustodyEvent: delivery.CustodyEvent{
				Step:   delivery.StepDivert,
				Actor:  t.Actor.Login,
				At:     now,
				Scan:   from.Seal,
				Detail: "from " + string(from.ID),
			},
		},
	)
	b.Added.Raised = append(b.Added.Raised, t.Diversion.Displaces(now))
	b.Log(delivery.Event{
		At:      now,
		Kind:    delivery.EvDelivery,
		Actor:   t.Actor.Login,
		Site:    r.Hospital,
		Subject: string(inherits.ID),
		Detail: map[string]string{
			"step":    string(delivery.StepDivert),
			"drone":   string(t.Diversion.Drone),
			"request": string(r.ID),
			"from":    string(from.ID),
		},
	})
	return inherits.ID, nil
}

// inherit is the delivery that goes on with what another one has in the air. The bags were
// checked for the other one.
func inherit(from delivery.Delivery) delivery.Delivery {
	d := delivery.Delivery{
		Component:    from.Component,
		Mission:      from.Mission,
		Drone:        from.Drone,
		Centre:       from.Centre,
		Status:       delivery.DAirborne,
		Seal:         from.Seal,
		DivertedFrom: from.ID,
	}
	for _, b := range from.Boxes {
		b.Released = false
		d.Boxes = append(d.Boxes, b)
	}
	for _, u := range from.Units {
		u.Released = false
		d.Units = append(d.Units, u)
	}
	return d
}

// grounds is what was shown when a diversion was accepted.
func (t Diversion) grounds() map[string]any {
	return map[string]any{
		"diverted_from": t.Delivery,
		"arrive_at":     t.ArriveAt,
		"displaced":     t.Displaced,
		"was":           t.Was,
		"instead":       t.Instead,
		"before":        t.Before,
		"after":         t.After,
	}
}

// Accepted is a diversion as it is written, in an actor's name.
func Accepted(s *situation.Situation, t Diversion, r delivery.Request, policy propose.Policy, by network.Actor) Turn {
	c := t.Change(s, r.Hospital)
	c.Actor = by.Login
	return Turn{
		Diversion: t, Gains: r, Change: c, Actor: by,
		TwoPersons: policy.TwoPersons[r.Urgency], PadRule: policy.PadRule[r.Urgency].InTheAir(),
	}
}

// Ends is how a failing delivery is taken off its request: freed or stood down on the
// ground, given up when its drone may be gone.
func Ends(f situation.Failing) (delivery.Step, delivery.Scan) {
	scan := delivery.Scan{Note: "failed: " + string(f.Failure)}
	switch f.Delivery.Status {
	case delivery.DSealed, delivery.DLoaded:
		return delivery.StepStandDown, scan
	case delivery.DAirborne:
		return delivery.StepGiveUp, scan
	default:
		return delivery.StepFree, scan
	}
}

// GroundedFor is for how long a drone is out of service that did not leave.
const GroundedFor = 30 * time.Minute
