package delivery

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

const (
	longestWhy = 500 // characters
	// toldChanges bounds how many changes of the network an event tells one by one.
	toldChanges = 200
	// longestCell bounds what it tells of one, in characters: a zone's corners are many.
	longestCell = 300
)

// ChangedNetwork is the subject of events of the network's change while it was in use.
const ChangedNetwork = "network_change"

// CheckWhy refuses a reason that says nothing, or too much.
func CheckWhy(reason string) error {
	switch {
	case strings.TrimSpace(reason) == "":
		return refusal.OfField("reason", "is empty")
	case utf8.RuneCountInString(reason) > longestWhy:
		return refusal.OfField("reason", fmt.Sprintf("is longer than %d characters", longestWhy))
	}
	return nil
}

// NetworkChanged is the event of a change of the network, with what was and is.
func NetworkChanged(a network.Actor, now time.Time, reason, version string, changes []network.Difference) Event {
	return Event{At: now, Kind: EvConfig, Actor: a.Login, Subject: ChangedNetwork, Detail: map[string]string{
		"version": version, "reason": strings.TrimSpace(reason),
	}}.telling(changes)
}

// DocumentChanged is the event of what became of a version of a document, with what it has
// otherwise than the one in force.
func DocumentChanged(by string, now time.Time, subject string, detail map[string]string, changes []network.Difference) Event {
	return Event{At: now, Kind: EvConfig, Actor: by, Subject: subject, Detail: detail}.telling(changes)
}

// telling adds changes to an event.
func (e Event) telling(changes []network.Difference) Event {
	e.Detail["changes"] = strconv.Itoa(len(changes))
	for _, c := range changes[:min(len(changes), toldChanges)] {
		key := strings.Join([]string{c.File, c.ID, cmp.Or(c.Field, "whole")}, " ")
		e.Detail[key] = shortened(c.Was) + " → " + shortened(c.Is)
	}
	return e
}

func shortened(cell string) string {
	if runes := []rune(cell); len(runes) > longestCell {
		return string(runes[:longestCell]) + "…"
	}
	return cell
}
