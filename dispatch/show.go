package dispatch

import (
	"fmt"
	"hemolift/dispatch/delivery"
	"maps"
	"time"
)

// show keeps what dispatchers see from now on, and reports whether that is another
// choice than before: the log keeps what they saw.
func (d *Dispatcher) show(p proposed, failed map[delivery.DeliveryID]Recovery, turns map[delivery.RequestID]Diversion) (changed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	keepSince(d.failed, failed)
	changed = differ(d.proposals, p.proposals) || len(d.impossible) != len(p.impossible) || recoveriesDiffer(d.failed, failed) || turnsDiffer(d.turns, turns)
	d.proposals, d.impossible, d.failed, d.turns = p.proposals, p.impossible, failed, turns
	return changed
}

// differ reports whether people would see another choice.
func differ(a, b map[delivery.RequestID]Proposal) bool {
	return !maps.EqualFunc(a, b, func(x, y Proposal) bool { return x.Drone == y.Drone && x.Waiting == y.Waiting && x.Held == y.Held })
}

func proposalEvents(proposals map[delivery.RequestID]Proposal, now time.Time) []delivery.Event {
	events := []delivery.Event{}
	for id, p := range proposals {
		events = append(events, delivery.Event{At: now, Kind: delivery.EvProposal, Subject: string(id), Detail: map[string]string{
			"drone": string(p.Drone), "centre": string(p.Centre), "arrive_at": p.ArriveAt.Format(time.RFC3339), "waiting": fmt.Sprint(p.Waiting)}})
	}
	return events
}
