package blood

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/refusal"
)

// Move is what people do with a unit that is on a shelf, or should be.
type Move string

const (
	Quarantine Move = "quarantine" // put aside: it must not be given until somebody has judged it
	Release    Move = "release"    // judged fit, and back on the shelf
	Discard    Move = "discard"    // destroyed
	Return     Move = "return"     // brought back by a hospital, to be judged
	Send       Move = "send"       // sent to another centre by road
	Arrive     Move = "arrive"     // arrived there
)

// moves are what each needs and leads to.
var moves = map[Move]struct {
	from   []UnitStatus
	to     UnitStatus
	done   string // the participle
	reason bool   // it must be said why
}{
	Quarantine: {[]UnitStatus{InStock}, Quarantined, "quarantined", true},
	Release:    {[]UnitStatus{Quarantined}, InStock, "released", true},
	Discard:    {[]UnitStatus{InStock, InTransit, Quarantined}, Discarded, "discarded", true},
	Return:     {[]UnitStatus{Received, Quarantined}, Quarantined, "returned", true},
	Send:       {[]UnitStatus{InStock}, InTransit, "sent", false},
	Arrive:     {[]UnitStatus{InTransit}, InStock, "taken in", false},
}

// Moves lists all moves in alphabetical order.
func Moves() []Move {
	list := make([]Move, 0, len(moves))
	for m := range moves {
		list = append(list, m)
	}
	slices.Sort(list)
	return list
}

// maxReason bounds the reason of a move, in characters.
const maxReason = 200

// Check refuses a move that there is not, and one without a reason that needs it.
func (m Move) Check(reason string) error {
	switch rule, known := moves[m]; {
	case !known:
		return refusal.OfField("move", "is unknown")
	case rule.reason && strings.TrimSpace(reason) == "":
		return refusal.OfField("reason", "is empty")
	case utf8.RuneCountInString(reason) > maxReason:
		return refusal.OfField("reason", "is too long")
	}
	return nil
}

// Changes reports whether a move leads to another site: to must name it.
func (m Move) Changes() bool { return m == Send || m == Return }

// Past is what bars a unit from going back on a shelf.
type Past struct {
	Bound string // the delivery that it went out with for good; empty: none
	Grave string // the delivery on whose journey it was judged unfit by the cold chain's rules
}

// Moved is the unit after a move; to is where it goes with Send and Return. A unit that went
// out with a delivery for good, that a journey made unfit, or that has expired is not
// released.
func (u Unit) Moved(m Move, to SiteID, past Past, now time.Time) (Unit, error) {
	rule, name := moves[m], "unit "+u.Key.String()
	if !slices.Contains(rule.from, u.Status) {
		return u, refusal.OfState(name, strings.ReplaceAll(string(u.Status), "_", " "), rule.done)
	}
	if m == Release {
		switch {
		case past.Bound != "":
			return u, refusal.OfState(name, "one that went out with delivery "+past.Bound, rule.done)
		case past.Grave != "":
			return u, refusal.OfState(name, "judged unfit on the journey of delivery "+past.Grave, rule.done)
		case !u.ExpiresAt.After(now):
			return u, refusal.OfState(name, "expired", rule.done)
		}
	}
	u.Status = rule.to
	if m.Changes() {
		u.Site = to
	}
	return u, nil
}

// ShelfKey names a shelf: the units of one component and group at one centre.
type ShelfKey struct {
	Site      SiteID
	Component Component
	Group     Group
}

// UsedFor is the time over which use is counted, and ExpiresSoon what is said to expire soon.
const (
	UsedFor     = 14 * 24 * time.Hour
	ExpiresSoon = 48 * time.Hour
)

// Shelf counts the units of a shelf.
type Shelf struct {
	ShelfKey
	InStock     int       // at hand, not expired
	Soon        int       // of these, what expires within ExpiresSoon
	Expired     int       // still on the shelf
	Reserved    int       // for deliveries
	Quarantined int       //
	Coming      int       // by road from another centre
	First       time.Time // when the first of those at hand expires; zero: none
	Used        int       // went out with deliveries in the last UsedFor
}

// DaysOfCover is for how many days the units at hand last at the pace at which they went out
// in a time; false when none did. A record that is younger than UsedFor says so by the time.
func (s Shelf) DaysOfCover(in time.Duration) (float64, bool) {
	if s.Used == 0 || in <= 0 {
		return 0, false
	}
	return float64(s.InStock) * in.Hours() / 24 / float64(s.Used), true
}

// UnitQuery asks for units in the order of their expiry and keys.
type UnitQuery struct {
	Site      SiteID // empty: of all centres
	Component Component
	Group     Group
	Status    UnitStatus
	DIN       string    // what it begins with
	Before    time.Time // expires before; zero: whenever
	Limit     int
	After     UnitKey // the last one of the page before; empty: from the first
}

// Same reports whether two statements of one unit agree in what its label says.
func (u Unit) Same(as Unit) bool {
	return u.Key == as.Key && u.Component == as.Component && u.Group == as.Group && u.ExpiresAt.Equal(as.ExpiresAt)
}
