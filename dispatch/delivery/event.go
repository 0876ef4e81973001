package delivery

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/network"
	"hemolift/telemetry/stated"
)

// EventKind is what was decided, shown or done.
type EventKind string

const (
	EvRequest     EventKind = "request"  // submitted, amended, cancelled
	EvDelivery    EventKind = "delivery" // allocated or a step done
	EvScanRefused EventKind = "scan_refused"
	EvMission     EventKind = "mission"
	EvAlarm       EventKind = "alarm" // raised, cleared, acknowledged
	EvCommand     EventKind = "command"
	EvStock       EventKind = "stock"
	EvAccount     EventKind = "account"    // signed in or out, refused, or did what only its role may
	EvDevice      EventKind = "device"     // its secret renewed, a probe calibrated
	EvFile        EventKind = "file"       // a logger's file taken
	EvSignature   EventKind = "signature"  // a cold-chain record signed
	EvExport      EventKind = "export"     // the record given out of the program
	EvConfig      EventKind = "config"     // what the program was started with, or the network, has changed
	EvProposal    EventKind = "proposal"   // what the dispatcher was shown
	EvImpossible  EventKind = "impossible" // a request that the dispatcher was shown nobody can serve
	EvZone        EventKind = "zone"       // airspace closed or opened by a person
	EvRecovery    EventKind = "recovery"   // what the dispatcher was shown for a delivery that fails
	EvDiversion   EventKind = "diversion"  // what the dispatcher was shown for a request that a drone in the air could serve
	EvClosure     EventKind = "closure"    // a site or pad out of service, or back
	EvGuest       EventKind = "guest"      // a link for a guest made, opened or revoked
	EvNote        EventKind = "note"       // left by one shift to the next
	EvBox         EventKind = "box"        // the state that a box was shown in, and what was known of its past then
)

// Event is one entry of the append-only log. Its Seq is the order of commits.
type Event struct {
	Seq     uint64
	At      time.Time
	Kind    EventKind
	Actor   string
	Site    network.SiteID // the hospital that may see it; empty for centres only
	Subject string         // the id of what it is about
	Detail  map[string]string
	Session string // from which the actor did it; empty for what no session did
	Address string // from which the session's request came
}

// Check refuses an event that could be stored and then not be told: by its time, or by text
// that is no Unicode or holds NUL.
func (e Event) Check() error {
	if err := stated.Check(e.At); err != nil {
		return fmt.Errorf("event %s of %s: its time %w", e.Kind, e.Subject, err)
	}
	texts := []string{string(e.Kind), e.Actor, string(e.Site), e.Subject, e.Session, e.Address}
	for key, value := range e.Detail {
		texts = append(texts, key, value)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("event %s of %s: holds a NUL character or bytes that are no UTF-8", e.Kind, e.Subject)
		}
	}
	return nil
}

// Sequence makes an Event fit for a feed.
func (e Event) Sequence() uint64 { return e.Seq }

// EventQuery searches the log, the newest first; what is empty is not asked for.
type EventQuery struct {
	Actor   string
	Subject string // what it begins with
	Kind    EventKind
	From    time.Time
	To      time.Time
	Before  uint64 // the sequence of the last one of the page before
	Limit   int
}
