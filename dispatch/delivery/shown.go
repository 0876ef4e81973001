package delivery

import (
	"maps"
	"slices"
	"time"
)

// Shown is how the log tells of one kind of what people are shown: when it is still the
// same, and what is told of it.
type Shown[V any] struct {
	Kind   EventKind
	Same   func(a, b V) bool
	Detail func(V) map[string]string
}

// Changes are the events of what is new or has changed, and of what is shown no more, in
// the order of the subjects. What stays the same is not told again.
func Changes[K ~string, V any](s Shown[V], before, now map[K]V, at time.Time) []Event {
	var events []Event
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if was, shown := before[id]; !shown || !s.Same(was, now[id]) {
			events = append(events, Event{At: at, Kind: s.Kind, Subject: string(id), Detail: s.Detail(now[id])})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if _, still := now[id]; !still {
			events = append(events, Event{At: at, Kind: s.Kind, Subject: string(id), Detail: map[string]string{"withdrawn": "true"}})
		}
	}
	return events
}
