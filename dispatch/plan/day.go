package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// Day is a stream as it went: what was flown, and what that comes to.
type Day struct {
	Log      Plan
	Score    Score
	Diverted int
	Events   int // replies
}

// Play plays a stream in memory: each request is told when it is released, each reply
// is binding, and the dispatcher is woken when it asks.
func Play(in *Instance, seed uint64, budget func() Budget) (Day, error) {
	start := *in
	start.Requests = nil
	o := NewOnline(&start, seed, budget)
	coming := slices.Clone(in.Requests)
	slices.SortStableFunc(coming, func(a, b Request) int { return cmp.Compare(a.ReleaseS, b.ReleaseS) })
	d := Day{Log: Plan{Instance: in.Name, Missions: []Mission{}}}
	now, wake := int64(-1), never
	for len(coming) > 0 || wake <= in.HorizonS {
		next := wake
		if len(coming) > 0 {
			next = min(next, coming[0].ReleaseS)
		}
		now = max(next, now+1)
		k := 0
		for k < len(coming) && coming[k].ReleaseS <= now {
			k++
		}
		reply, err := o.Event(now, coming[:k])
		if err != nil {
			return Day{}, err
		}
		d.Events++
		coming, wake = coming[k:], never
		if reply.WakeS != nil {
			wake = *reply.WakeS
		}
		d.Log.Missions = append(d.Log.Missions, reply.Launch...)
		for _, v := range reply.Divert {
			d.divert(v, now)
		}
	}
	s := newState(compile(in))
	if err := s.load(d.Log); err != nil {
		return Day{}, fmt.Errorf("the day as flown: %w", err)
	}
	d.Score = s.score.score()
	return d, nil
}

// divert replaces what is left of the drone's newest mission.
func (d *Day) divert(v Diversion, now int64) {
	d.Diverted++
	for i := len(d.Log.Missions) - 1; i >= 0; i-- {
		if m := &d.Log.Missions[i]; m.Drone == v.Drone {
			stops := slices.Clone(v.Stops)
			stops[0].Divert = &Divert{now, v.From}
			m.Stops = append(slices.Clone(m.Stops[:v.Reached]), stops...)
			m.Returned = v.Returned
			return
		}
	}
}
