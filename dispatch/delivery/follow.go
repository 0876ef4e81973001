package delivery

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

func sortedByID(all map[ID]*Delivery) []*Delivery {
	return slices.SortedFunc(maps.Values(all), func(a, b *Delivery) int { return cmp.Compare(a.ID, b.ID) })
}

// Step writes one step of a delivery into the book, with all that follows from it.
func (b *Book) Step(id ID, c Change) error {
	d, r := b.Deliveries[id], b.Requests[b.Deliveries[id].Request]
	if err := refuseServed(*d, *r, c); err != nil {
		return err
	}
	if m := b.Missions[d.Mission]; m != nil && !m.Status.Active() && (c.Status == DSealed || c.Status == DLoaded) {
		return refusal.OfState("its mission", string(m.Status), "given a box")
	}
	if m := b.Missions[d.Mission]; c.PadWord != nil && c.PadWord.Pad != m.Pad {
		return refusal.OfScan(string(c.Custody.Step), string(c.PadWord.Pad), "pad "+string(m.Pad)+", to which it flies now")
	}
	loaded := d.Status == DLoaded
	d.write(c)
	b.followUnits(d, c)
	if c.PadWord != nil {
		d.PadWord = *c.PadWord
	}
	if c.Status == DLanded {
		b.boxesAt(d, d.Hospital)
	}
	if c.GiveUp && loaded {
		b.close(d.Mission, GivenUpBy, c.Custody.At)
	}
	b.followRequest(*d, r, c)
	if c.Mission == MAborted {
		b.abort(d.Mission, c.Custody.At)
	}
	b.Added.Custody = append(b.Added.Custody, CustodyOf{id, c.Custody})
	b.Log(Event{
		At: c.Custody.At, Kind: EvDelivery, Actor: c.Custody.Actor, Site: d.Hospital, Subject: string(id),
		Detail: map[string]string{"step": string(c.Custody.Step), "scan": c.Custody.Scan, "request": string(d.Request)},
	})
	return nil
}

// refuseServed refuses to keep a delivery whose request is served otherwise by now.
func refuseServed(d Delivery, r Request, c Change) error {
	switch {
	case !c.Keep:
		return nil
	case r.Status != Open:
		return refusal.OfState("its request", string(r.Status), "served by this delivery again")
	case r.Version != d.Version:
		return refusal.OfState("its request", "amended since", "served by this delivery again")
	}
	return nil
}

// write sets a delivery's own fields.
func (d *Delivery) write(c Change) {
	if c.Status != "" {
		d.Status = c.Status
	}
	d.Seal, d.CheckedBy = cmp.Or(c.Seal, d.Seal), cmp.Or(c.CheckedBy, d.CheckedBy)
	switch {
	case c.GiveUp:
		d.GivenUpAt = c.Custody.At
	case c.Keep:
		d.GivenUpAt = time.Time{}
	}
	for i := range d.Boxes {
		b := &d.Boxes[i]
		if c.Packed != nil && b.PackedAt.IsZero() {
			b.PackedAt = c.Custody.At
		}
		b.Released = b.Released || c.Release
	}
}

// followUnits has the units, and the boxes that hold them, follow a step.
func (b *Book) followUnits(d *Delivery, c Change) {
	for i := range d.Units {
		u := &d.Units[i]
		if c.Packed != nil && u.Unit.Key == *c.Packed {
			u.PackedAt, u.Box = c.Custody.At, d.Boxes[0].Box
		}
		if slices.Contains(c.Judged, u.Unit.Key) {
			u.Outcome, u.Unit.Status, u.Unit.Site = c.Outcome, c.Outcome, d.Hospital
		}
		if c.UnitsBecome != "" {
			u.Unit.Status = c.UnitsBecome
		}
		u.Released = u.Released || c.UnitsBecome == blood.InStock || c.Status == DDiverted
		if slices.Contains(c.Suspect, u.Unit.Key) {
			u.Unit.Status = blood.Quarantined
		}
	}
	for _, j := range c.Journeys {
		b.Added.Journeys = append(b.Added.Journeys, JourneyOf{d.ID, j})
	}
}

// followRequest has a request follow a step of its delivery: only while it is as it was
// when the delivery was allocated, where the step says from which statuses it may.
func (b *Book) followRequest(d Delivery, r *Request, c Change) {
	if c.Request == "" || c.RequestFrom != nil && (!r.Status.In(c.RequestFrom...) || r.Version != d.Version) {
		return
	}
	r.Status, r.RoadAt, r.RoadFrom = c.Request, c.RoadAt, c.RoadFrom
	if c.Request == Fulfilled {
		b.Added.HandedOver = append(b.Added.HandedOver, HandedOver{r.ID, c.Custody.At})
	}
	if c.Request.In(Fulfilled, Allocated) {
		b.Added.Cleared = append(b.Added.Cleared, RequestAlarm{r.ID, Diverted, c.Custody.At})
	}
}

// abort ends a mission that will not be flown.
func (b *Book) abort(id MissionID, now time.Time) {
	if m := b.Missions[id]; m.Status != MDone {
		m.Status = MAborted
	}
	delete(b.Slots, id)
	b.close(id, "mission aborted", now)
}

func (b *Book) close(id MissionID, reason string, now time.Time, kinds ...telemetry.CommandKind) {
	b.Added.Closed = append(b.Added.Closed, ClosedCommands{Mission: id, Kinds: kinds, Reason: reason, At: now})
}

func (b *Book) boxesAt(d *Delivery, site network.SiteID) {
	for _, x := range d.Boxes {
		b.Added.BoxesAt = append(b.Added.BoxesAt, network.Box{ID: x.Box, Site: site})
	}
}

// inFlight are the commands of which only the newest counts.
var inFlight = []telemetry.CommandKind{telemetry.Hold, telemetry.Resume, telemetry.Return, telemetry.Reroute, telemetry.Land}

// Fly writes a change of a mission into the book, with the steps that its deliveries take.
func (b *Book) Fly(id MissionID, c MissionChange, now time.Time) error {
	m := b.Missions[id]
	payload := b.Payload(id)
	b.logFlight(*m, c, now)
	m.Status, m.Pad, m.Hospital = cmp.Or(c.Status, m.Status), cmp.Or(c.Pad, m.Pad), cmp.Or(c.Hospital, m.Hospital)
	m.DepartAt, m.ArriveAt, m.HomeAt = orTime(c.DepartAt, m.DepartAt), orTime(c.ArriveAt, m.ArriveAt), orTime(c.HomeAt, m.HomeAt)
	m.PlanHash, m.EnergyJ = cmp.Or(c.PlanHash, m.PlanHash), cmp.Or(c.EnergyJ, m.EnergyJ)
	if c.Ordered != nil {
		m.Ordered = *c.Ordered
	}
	if c.LandAsked != nil {
		m.LandAsked = *c.LandAsked
	}
	if c.HeldForPad != nil {
		m.HeldForPad = *c.HeldForPad
	}
	if m.Status != MOutbound {
		m.HeldForPad = time.Time{}
	}
	if c.Out != nil {
		m.Out = c.Out
	}
	if c.Back != nil {
		m.Back = c.Back
	}
	if c.PlanHash != "" { // an upload or release of the plan before is void
		b.close(id, Replaced, now, telemetry.LoadMission, telemetry.Release)
	}
	if c.Status == MDone {
		b.close(id, "mission done", now)
	}
	b.moveSlot(id, c)
	b.addCommands(*m, c, now)
	if c.BoxesAt != "" {
		for _, d := range sortedByID(b.Deliveries) {
			if d.Mission == id {
				b.boxesAt(d, c.BoxesAt)
			}
		}
	}
	for _, d := range payload {
		if change, ok := c.Deliveries[d.ID]; ok {
			if err := b.Step(d.ID, change); err != nil {
				return err
			}
		}
	}
	return nil
}

// moveSlot has the pad be held for another time. A slot that ends early is only ever
// shortened, since the next one may begin at its old end; an end before the start leaves a
// slot of no use, which is kept open for a moment.
func (b *Book) moveSlot(id MissionID, c MissionChange) {
	s := b.Slots[id]
	if s == nil {
		return
	}
	if !c.LeftAt.IsZero() {
		if c.LeftAt.Before(s.To) {
			s.To = c.LeftAt
		}
		s.To = laterOf(s.To, s.From.Add(time.Second))
	}
	if !c.SlotTo.IsZero() {
		s.From, s.Pad = orTime(c.SlotFrom, s.From), cmp.Or(c.Pad, s.Pad)
		s.To = laterOf(c.SlotTo, s.From.Add(time.Second))
	}
}

func (b *Book) addCommands(m Mission, c MissionChange, now time.Time) {
	for _, cmd := range c.Commands {
		if slices.Contains(inFlight, cmd.Kind) {
			b.close(m.ID, Replaced, now, inFlight...)
		}
		cmd.Device, cmd.Mission = m.Drone, string(m.ID)
		b.Added.Commands = append(b.Added.Commands, NewCommand{cmd, c.Actor, now})
	}
}

func (b *Book) logFlight(m Mission, c MissionChange, now time.Time) {
	log := func(kind EventKind, detail map[string]string) {
		b.Log(Event{At: now, Kind: kind, Actor: c.Actor, Site: m.Hospital, Subject: string(m.ID), Detail: detail})
	}
	if c.Status != "" || !c.DepartAt.IsZero() || !c.ArriveAt.IsZero() || !c.HomeAt.IsZero() {
		log(EvMission, map[string]string{"status": string(c.Status), "note": c.Note})
	}
	if c.Out != nil || c.Back != nil {
		log(EvMission, map[string]string{"route": "changed", "note": c.Note})
	}
	if c.Pad != "" {
		log(EvMission, map[string]string{"pad": string(c.Pad), "note": c.Note})
	}
	if c.LandAsked != nil && c.LandAsked.By != "" {
		log(EvMission, map[string]string{"what": "land_asked"})
	}
	for _, cmd := range c.Commands {
		log(EvCommand, map[string]string{"kind": string(cmd.Kind), "drone": string(m.Drone)})
	}
}

func orTime(t, or time.Time) time.Time {
	if t.IsZero() {
		return or
	}
	return t
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
