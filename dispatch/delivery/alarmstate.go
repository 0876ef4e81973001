package delivery

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// AlarmState is where an alarm stands with the people who have to see it, in the terms of
// ANSI/ISA-18.2.
type AlarmState string

const (
	Unacknowledged AlarmState = "unacknowledged" // it stands, and nobody has seen it
	Acknowledged   AlarmState = "acknowledged"   // it stands, and somebody has
	Returned       AlarmState = "returned"       // it is over, and nobody has seen it
	Shelved        AlarmState = "shelved"        // people wish not to hear of it for a while
	Suppressed     AlarmState = "suppressed"     // by design: another alarm tells of it
	Normal         AlarmState = "normal"         // it is over, and was seen
)

// Bounds of what people may do about alarms.
const (
	LongestShelf  = 30 * time.Minute
	longestReason = 200             // characters
	chatterWithin = 5 * time.Minute // with more transitions than chatterBeyond it chatters
	chatterBeyond = 3
	RateEvery     = 10 * time.Minute // alarms are counted in such bins
	RateTarget    = 1                // a bin on average, at most
	FloodBeyond   = 10               // in one bin
	RateBins      = 18               // three hours
)

// Shelf is the wish that an alarm be silent until a time. That of an alarm about blood
// counts when a second person, of another role, has confirmed it.
type Shelf struct {
	By     string
	Role   network.Role // of By
	Reason string
	Until  time.Time
	Second string // who confirmed it
}

// asked reports whether somebody wishes the alarm to be shelved at a time.
func (s Shelf) asked(now time.Time) bool { return s.By != "" && now.Before(s.Until) }

// State is an alarm's at a time.
func (a Alarm) State(now time.Time) AlarmState {
	switch {
	case !a.ClearedAt.IsZero() && a.AckedAt.IsZero():
		return Returned
	case !a.ClearedAt.IsZero():
		return Normal
	case a.OnShelf(now):
		return Shelved
	case a.SuppressedBy != "":
		return Suppressed
	case !a.AckedAt.IsZero():
		return Acknowledged
	}
	return Unacknowledged
}

// OnShelf reports whether an alarm is shelved at a time, and all who must have said so.
func (a Alarm) OnShelf(now time.Time) bool {
	return a.Shelf.asked(now) && (a.Shelf.Second != "" || !a.Kind.Blood())
}

// Same reports whether two alarms tell of the same condition: of a kind, a device and a
// delivery.
func (a Alarm) Same(b Alarm) bool {
	return a.Kind == b.Kind && a.Device == b.Device && a.Delivery == b.Delivery
}

// What people do about alarms, as the log names it.
const (
	deedAcknowledge = "acknowledged"
	deedAsk         = "shelf_asked"
	deedShelve      = "shelved"
	deedUnshelve    = "unshelved"
)

// AlarmDeed is what a person has done about an alarm: the alarm after it, and what it was;
// empty when nothing has changed.
type AlarmDeed struct {
	Alarm  Alarm
	What   string
	Detail map[string]string
}

// Acknowledge notes who has seen an alarm; a second time changes nothing.
func (a Alarm) Acknowledge(by network.Actor, now time.Time) (AlarmDeed, error) {
	if !a.AckedAt.IsZero() {
		return AlarmDeed{Alarm: a}, nil
	}
	a.AckedAt, a.AckedBy = now, by.Login
	return AlarmDeed{Alarm: a, What: deedAcknowledge}, nil
}

// Shelve silences an alarm until a time, for a reason; one about blood only when a second
// person confirms it. Whoever shelves an alarm has seen it.
func (a Alarm) Shelve(by network.Actor, reason string, until, now time.Time) (AlarmDeed, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return AlarmDeed{}, refusal.OfField("reason", "is empty")
	case utf8.RuneCountInString(reason) > longestReason:
		return AlarmDeed{}, refusal.OfField("reason", "is longer than 200 characters")
	case !until.After(now):
		return AlarmDeed{}, refusal.OfField("minutes", "is not above 0")
	case until.Sub(now) > LongestShelf:
		return AlarmDeed{}, refusal.OfField("minutes", "is above 30: an alarm is silent for half an hour at most")
	case !a.ClearedAt.IsZero():
		return AlarmDeed{}, refusal.OfState("the alarm", "over", "shelved")
	case a.OnShelf(now):
		return AlarmDeed{}, refusal.OfState("the alarm", "shelved", "shelved again")
	}
	a.Shelf = Shelf{By: by.Login, Role: ActsAs(by, OpShelve), Reason: reason, Until: until}
	deed := AlarmDeed{What: deedAsk, Detail: map[string]string{"reason": reason, "until": until.Format(time.RFC3339)}}
	if !a.Kind.Blood() {
		a.AckedAt, a.AckedBy, deed.What = now, by.Login, deedShelve
	}
	deed.Alarm = a
	return deed, nil
}

// Confirm is the second person's word on the shelf that they saw asked for: by whom, and until
// when.
func (a Alarm) Confirm(by network.Actor, asked string, until, now time.Time) (AlarmDeed, error) {
	switch {
	case !a.ClearedAt.IsZero():
		return AlarmDeed{}, refusal.OfState("the alarm", "over", "shelved")
	case a.OnShelf(now):
		return AlarmDeed{}, refusal.OfState("the alarm", "shelved", "shelved again")
	case !a.Shelf.asked(now):
		return AlarmDeed{}, refusal.OfState("the alarm", "not asked to be shelved", "shelved by a second person")
	case a.Shelf.By != asked || !a.Shelf.Until.Equal(until):
		asked := "asked for by " + a.Shelf.By + " until " + a.Shelf.Until.Format(time.RFC3339)
		return AlarmDeed{}, refusal.OfState("the shelf", asked, "confirmed unread")
	case !a.Confirmable(by, now):
		return AlarmDeed{}, refusal.ErrSamePerson
	}
	a.Shelf.Second = by.Login
	a.AckedAt, a.AckedBy = now, by.Login
	return AlarmDeed{Alarm: a, What: deedShelve, Detail: map[string]string{
		"reason": a.Shelf.Reason, "until": a.Shelf.Until.Format(time.RFC3339), "asked_by": a.Shelf.By,
	}}, nil
}

// Confirmable reports whether somebody may be the second person of a shelf that was asked
// for: another one, of another role.
func (a Alarm) Confirmable(by network.Actor, now time.Time) bool {
	return a.Kind.Blood() && a.ClearedAt.IsZero() && a.Shelf.asked(now) && a.Shelf.Second == "" &&
		by.Login != a.Shelf.By && ActsOtherwise(by, OpConfirm, a.Shelf.Role)
}

// Unshelve ends a shelf, or the wish for one, before its time: an alarm that stands has to
// be seen again.
func (a Alarm) Unshelve(now time.Time) (AlarmDeed, error) {
	if a.Shelf.By == "" {
		return AlarmDeed{Alarm: a}, nil
	}
	if a.OnShelf(now) {
		a.AckedAt, a.AckedBy = time.Time{}, ""
	}
	a.Shelf = Shelf{}
	return AlarmDeed{Alarm: a, What: deedUnshelve}, nil
}

// Expiring are the standing alarms whose shelf has run out: they have to be seen again.
func Expiring(standing []Alarm, now time.Time) []Alarm {
	var list []Alarm
	for _, a := range standing {
		if a.Shelf.By != "" && !now.Before(a.Shelf.Until) {
			list = append(list, a)
		}
	}
	return list
}

// Expired is an alarm whose shelf has run out: one that was silent has to be seen again.
func (a Alarm) Expired() Alarm {
	if a.Shelf.Second != "" || !a.Kind.Blood() {
		a.AckedAt, a.AckedBy = time.Time{}, ""
	}
	a.Shelf = Shelf{}
	return a
}

// Inherits gives a new alarm the shelf of the newest one before it of the same condition: a
// condition that flaps stays on the shelf.
func (a Alarm) Inherits(before Alarm) Alarm {
	another := a.Detail != before.Detail && !a.Kind.Blood() // as of another zone: nobody has silenced that
	if a.ClearedAt.IsZero() && !another && before.OnShelf(a.RaisedAt) {
		a.Shelf, a.AckedAt, a.AckedBy = before.Shelf, a.RaisedAt, before.Shelf.By
	}
	return a
}

// Gauge is what is measured now of a standing alarm, in the units of its kind, rounded as
// people see it.
type Gauge struct {
	Alarm        int64
	Site         network.SiteID // the hospital that may see it
	Value, Limit float64
	Worst        float64       // since the alarm was raised
	Left         time.Duration // until the limit is reached; NoLeft when nothing runs out
	Known        bool          // Value is of now, and not of when the alarm was raised
}

// NoLeft stands for an alarm with which nothing runs out.
const NoLeft = time.Duration(-1)

// Suppress marks the alarms that another one tells of by design: silent drones while none
// is heard.
func Suppress(list []Alarm) {
	if !slices.ContainsFunc(list, func(a Alarm) bool { return a.Kind == LinksLost && a.ClearedAt.IsZero() }) {
		return
	}
	for i := range list {
		if list[i].Kind == LinkLoss {
			list[i].SuppressedBy = LinksLost
		}
	}
}

// AlarmRate is how many alarms were raised in each of the last bins of RateEvery, the
// newest last.
type AlarmRate [RateBins]int

// Flood reports whether more alarms come than people can follow.
func (r AlarmRate) Flood() bool { return r[RateBins-1] > FloodBeyond }

// Chatters reports whether a condition with so many transitions within Chattering flaps.
func Chatters(transitions int) bool { return transitions > chatterBeyond }

// Chattering is how far back transitions of a condition count.
func Chattering(now time.Time) time.Time { return now.Add(-chatterWithin) }

var stateRank = map[AlarmState]int{Unacknowledged: 0, Acknowledged: 1, Returned: 2, Shelved: 3, Suppressed: 4, Normal: 5}

var priorityRank = map[Priority]int{Critical: 0, Caution: 1, Advisory: 2}

// SortAlarms orders alarms as every list shows them: those that nobody has seen before those
// that somebody has before those that are over, the loudest first, then the newest.
func SortAlarms(list []Alarm, now time.Time) {
	slices.SortStableFunc(list, func(a, b Alarm) int {
		return cmp.Or(
			cmp.Compare(stateRank[a.State(now)], stateRank[b.State(now)]),
			cmp.Compare(priorityRank[a.Kind.Priority()], priorityRank[b.Kind.Priority()]),
			b.RaisedAt.Compare(a.RaisedAt),
			cmp.Compare(b.ID, a.ID),
		)
	})
}
