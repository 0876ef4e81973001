package propose_test

import (
	"testing"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/situation/scene"
)

// A proposal that waits is foretold later by the more urgent requests that are expected
// meanwhile, as often as they were made lately; one that waits for nothing is not, nor what
// nothing precedes.
func TestMoreUrgentRequestsAreForetold(t *testing.T) {
	s := scene.New(t)
	now := s.Now()
	takes := time.Duration(len(now.Network.Drones)) * 10 * time.Minute // of a drone
	seen := func(urgency delivery.Urgency, n int, ago time.Duration) (list []delivery.Request) {
		for range n {
			list = append(list, s.Request(urgency, func(r *delivery.Request) { r.CreatedAt = now.At.Add(-ago) }))
		}
		return list
	}
	const wait = time.Hour
	for name, c := range map[string]struct {
		urgency delivery.Urgency
		waits   time.Duration
		seen    []delivery.Request
		want    time.Duration
	}{
		"none was made":             {delivery.Routine, wait, nil, 0},
		"as urgent":                 {delivery.Urgent, wait, seen(delivery.Urgent, 9, time.Minute), 0},
		"less urgent":               {delivery.STAT, wait, seen(delivery.Urgent, 9, time.Minute), 0},
		"it waits for nothing":      {delivery.Routine, 0, seen(delivery.STAT, 9, time.Minute), 0},
		"half the fleet":            {delivery.Routine, wait, seen(delivery.STAT, 3, time.Minute), wait},
		"a third, over three hours": {delivery.Routine, wait, seen(delivery.Urgent, 6, 3*time.Hour), wait / 2},
		"more than the fleet":       {delivery.Urgent, wait, seen(delivery.STAT, 60, time.Minute), wait * 3 / 2},
	} {
		now.Seen = c.seen
		p := propose.Proposal{Drone: now.Network.Drones[0].ID, DepartAt: now.At.Add(c.waits + situation.PackTime + situation.LaunchTime)}
		p.ArriveAt, p.HomeAt = p.DepartAt.Add(8*time.Minute), p.DepartAt.Add(takes)
		f := propose.Foretell(now, delivery.Request{Asked: delivery.Asked{Urgency: c.urgency}}, p, nil)
		if got := f.Expected.Sub(f.Planned); got.Round(time.Second) != c.want {
			t.Errorf("%s: put off by %v, want %v", name, got, c.want)
		}
	}
}
