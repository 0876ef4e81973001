package propose

import (
	"fmt"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
)

// Allocation is an accepted proposal.
type Allocation struct {
	Request  delivery.Request // as it was read
	Proposal Proposal
	Mission  delivery.Mission
	Profile  network.BoxType // whose profile the units travel under
	// TwoPersons has another person than the actor check the units.
	TwoPersons bool
	PadRule    delivery.PadRule
	Actor      network.Actor
}

// Allocate is what a proposal becomes: it looks at the proposal's flight once more, and
// says what the record has to be locked for.
func Allocate(s *situation.Situation, rules Rules, r delivery.Request, p Proposal, by network.Actor) (Allocation, delivery.Keys, error) {
	m, err := Mission(s, r, p)
	bt, _ := s.Network.BoxTypeFor(r.Component)
	a := Allocation{
		Request: r, Proposal: p, Mission: m, Profile: bt, Actor: by,
		TwoPersons: rules.Policy.TwoPersons[r.Urgency], PadRule: rules.Policy.PadRule[r.Urgency],
	}
	keys := delivery.Keys{Requests: []delivery.RequestID{r.ID}}
	for _, u := range p.Units {
		keys.Units = append(keys.Units, u.Key)
	}
	if p.Rest > 0 {
		keys.Numbers = 1
	}
	return a, keys, err
}

// Write makes the mission with its pad slot, the delivery and every reservation. It is
// ErrTaken when any of them is taken.
func (a Allocation) Write(b *delivery.Book, now time.Time) (delivery.ID, error) {
	r, err := b.Take(a.Request, now)
	if err != nil {
		return "", err
	}
	if a.Proposal.Rest > 0 {
		b.Split(r, a.Proposal.Rest, now)
	}
	id, mission := b.Names(r.ID)
	m := a.Mission
	m.ID = mission
	d := delivery.Delivery{
		ID:          id,
		Request:     r.ID,
		Version:     r.Version,
		Component:   r.Component,
		Recipient:   r.Class,
		Mission:     m.ID,
		Drone:       m.Drone,
		Centre:      m.Centre,
		Hospital:    m.Hospital,
		Status:      delivery.DAllocated,
		AllocatedBy: a.Actor.Login,
		TwoPersons:  a.TwoPersons,
		PadRule:     a.PadRule,
		NeededBy:    r.NeededBy,
		CreatedAt:   now,
	}
	for _, x := range a.Proposal.Box {
		d.Boxes = append(d.Boxes, delivery.Box{Box: x.ID, Profile: a.Profile.Profile})
	}
	for _, want := range a.Proposal.Units {
		u := b.Units[want.Key]
		if u == nil || u.Status != blood.InStock || !u.ExpiresAt.After(m.ArriveAt) {
			return "", refusal.ErrTaken
		}
		u.Status = blood.Reserved
		d.Units = append(d.Units, delivery.Unit{Unit: *u})
	}
	b.Added.Missions = append(
		b.Added.Missions,
		delivery.NewMission{Mission: m, Slot: delivery.Slot{Pad: m.Pad, Mission: m.ID, From: m.ArriveAt, To: m.Back[0].At}},
	)
	b.Added.Deliveries = append(b.Added.Deliveries, delivery.NewDelivery{Delivery: d, Reasons: a.Proposal.grounds()})
	b.Added.Custody = append(
		b.Added.Custody,
		delivery.CustodyOf{
			Delivery:     id,
			CustodyEvent: delivery.CustodyEvent{Step: delivery.StepAllocate, Actor: a.Actor.Login, At: now, Detail: string(m.Drone)},
		},
	)
	b.Log(delivery.Event{
		At: now, Kind: delivery.EvDelivery, Actor: a.Actor.Login, Site: m.Hospital, Subject: string(id),
		Detail: map[string]string{"step": string(delivery.StepAllocate), "drone": string(m.Drone), "request": string(r.ID)},
	})
	return id, nil
}

// grounds is what was shown when a proposal was accepted.
func (p Proposal) grounds() map[string]any {
	var lost []string
	for _, c := range p.Considered {
		if c.Reason != "" {
			lost = append(lost, fmt.Sprintf("%s %s %d/%d", c.Drone, c.Reason, c.Have, c.Want))
		} else {
			lost = append(lost, fmt.Sprintf("%s %s +%d", c.Drone, c.Level, c.By))
		}
	}
	shown := map[string]any{
		"arrive_at":  p.ArriveAt,
		"courier_at": p.Courier,
		"length_m":   p.LengthM,
		"energy_j":   p.EnergyJ,
		"policy":     p.Policy,
		"lost":       lost,
	}
	if r, ok := p.RunnerUp(); ok {
		shown["runner_up"] = r.Drone
	}
	return shown
}
