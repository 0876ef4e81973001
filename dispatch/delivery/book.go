package delivery

import (
	"fmt"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// Keys say what a decision is about: what they name, and what hangs on it, is locked.
type Keys struct {
	Requests []RequestID // with all their deliveries, and those's missions
	Delivery ID          // with its request and mission
	Mission  MissionID   // with what it carries, and for which requests
	Units    []blood.UnitKey
	Numbers  int // of requests that may be made
}

// Book is the part of the record that one decision is made on, and changes: nobody else
// changes it meanwhile. The store writes what has become of it as it stands, in one
// transaction, and decides nothing.
type Book struct {
	Requests   map[RequestID]*Request
	Missions   map[MissionID]*Mission
	Slots      map[MissionID]*Slot // one that is deleted is free
	Deliveries map[ID]*Delivery
	Units      map[blood.UnitKey]*blood.Unit
	Past       map[blood.UnitKey]blood.Past // of these units
	Made       map[RequestID]int            // how many deliveries each request has had
	Numbers    []int64                      // of requests that may be made
	Added      Added
}

// Added is what a decision adds to the record.
type Added struct {
	Rests      []Request // each the rest of another one
	Missions   []NewMission
	Deliveries []NewDelivery
	Commands   []NewCommand
	Closed     []ClosedCommands
	BoxesAt    []network.Box // where they stand from now on; the type is not looked at
	Custody    []CustodyOf
	Journeys   []JourneyOf
	Raised     []Alarm
	Cleared    []RequestAlarm
	HandedOver []HandedOver
	Events     []Event
}

// NewMission is a mission with the time for which its pad is held.
type NewMission struct {
	Mission Mission
	Slot    Slot
}

// NewDelivery is a delivery with what was shown when it was decided on.
type NewDelivery struct {
	Delivery Delivery
	Reasons  map[string]any
}

// NewCommand is a command in somebody's name.
type NewCommand struct {
	telemetry.Command
	Actor string
	At    time.Time
}

// ClosedCommands ends the commands of a mission that wait for their answers: of some
// kinds, or all.
type ClosedCommands struct {
	Mission MissionID
	Kinds   []telemetry.CommandKind
	Reason  string
	At      time.Time
}

// CustodyOf is an entry of a delivery's record.
type CustodyOf struct {
	Delivery ID
	CustodyEvent
}

// JourneyOf is a judged journey of a delivery's unit.
type JourneyOf struct {
	Delivery ID
	Journey
}

// HandedOver is when the last unit for a request was judged at its ward, and one is usable.
type HandedOver struct {
	Request RequestID
	At      time.Time
}

// RequestAlarm ends the alarms of a kind of all deliveries of a request.
type RequestAlarm struct {
	Request RequestID
	Kind    AlarmKind
	At      time.Time
}

// Payload are the deliveries of a mission, but for those whose units were diverted, in
// order of their ids.
func (b *Book) Payload(id MissionID) []Delivery {
	var payload []Delivery
	for _, d := range sortedByID(b.Deliveries) {
		if d.Mission == id && d.Status != DDiverted {
			payload = append(payload, *d)
		}
	}
	return payload
}

// Serving is the delivery that serves a request, or has done so; nil without one.
func (b *Book) Serving(id RequestID) *Delivery {
	for _, d := range sortedByID(b.Deliveries) {
		if d.Request == id && d.Serves() {
			return d
		}
	}
	return nil
}

// Take makes an open request allocated, as it was seen. That it had lost a delivery to
// another one is over.
func (b *Book) Take(seen Request, now time.Time) (*Request, error) {
	r := b.Requests[seen.ID]
	if r == nil || r.Status != Open || r.Version != seen.Version {
		return nil, refusal.ErrTaken
	}
	r.Status = Allocated
	b.Added.Cleared = append(b.Added.Cleared, RequestAlarm{r.ID, Diverted, now})
	return r, nil
}

// CancelServing cancels the delivery of a request, if it has one. journeys are those of
// its packed units, which end. It is ErrTaken while an allocated request has none: it is
// changing hands this instant.
func (b *Book) CancelServing(id RequestID, by network.Actor, why string, journeys []Journey, now time.Time) error {
	d := b.Serving(id)
	if d == nil {
		if b.Requests[id].Status == Allocated {
			return refusal.ErrTaken
		}
		return nil
	}
	c, err := d.Apply(by, StepCancel, Scan{Note: why}, now)
	if err == nil {
		c, err = c.WithJourneys(*d, journeys)
	}
	if err != nil {
		return err
	}
	return b.Step(d.ID, c)
}

// ChangeRequest writes a request as it is from now on. What it had lost to another one
// does not matter once it does not wait any more.
func (b *Book) ChangeRequest(r Request, by network.Actor, now time.Time, detail map[string]string) Request {
	*b.Requests[r.ID] = r
	if r.Status != Open {
		b.Added.Cleared = append(b.Added.Cleared, RequestAlarm{r.ID, Diverted, now})
	}
	b.Log(Event{At: now, Kind: EvRequest, Actor: by.Login, Site: r.Hospital, Subject: string(r.ID), Detail: detail})
	return r
}

// Split leaves a request the units that can be sent now and makes another of the rest,
// which waits.
func (b *Book) Split(r *Request, rest int, now time.Time) {
	other := *r
	other.ID, other.RestOf, other.Units, other.Status, other.Version = RequestName(now, b.number()), r.ID, rest, Open, 1
	r.Units, r.Version = r.Units-rest, r.Version+1
	b.Added.Rests = append(b.Added.Rests, other)
	b.Log(Event{
		At: now, Kind: EvRequest, Actor: network.System.Login, Site: r.Hospital, Subject: string(other.ID),
		Detail: map[string]string{"what": "rest", "of": string(r.ID), "units": fmt.Sprint(rest)},
	})
}

// number is one of those that were drawn for the decision.
func (b *Book) number() int64 {
	n := b.Numbers[0]
	b.Numbers = b.Numbers[1:]
	return n
}

// Names are those of a request's next delivery and mission: D-1122-0148 of R-1122-0148,
// and D-1122-0148-2 at the second try.
func (b *Book) Names(id RequestID) (ID, MissionID) {
	suffix := string(id)[1:]
	if n := b.Made[id]; n > 0 {
		suffix += fmt.Sprintf("-%d", n+1)
	}
	return ID("D" + suffix), MissionID("M" + suffix)
}

// Log appends to the log.
func (b *Book) Log(e Event) { b.Added.Events = append(b.Added.Events, e) }
