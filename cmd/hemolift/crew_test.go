package main

import (
	"testing"
	"time"

	"hemolift/web/api"
)

func TestTheCrewSendsByRoadWhatNoDroneBringsInTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	late := func(mend func(*api.Request)) api.Request {
		r := api.Request{
			Automated: true, Status: "open", CreatedAt: now.Add(-time.Minute), Order: api.NewRequest{NeededBy: now.Add(time.Hour)},
			Proposal: &api.Proposal{Waiting: true, LateMin: 5, ArriveAt: now.Add(time.Hour), CourierAt: now.Add(50 * time.Minute)},
		}
		mend(&r)
		return r
	}
	soon, gone := now.Add(time.Second), now
	for name, c := range map[string]struct {
		request api.Request
		step    api.RoadStep
	}{
		"late, and the road is sooner": {late(func(*api.Request) {}), "send"},
		"a person's":                   {late(func(r *api.Request) { r.Automated = false }), ""},
		"asked for just now":           {late(func(r *api.Request) { r.CreatedAt = now }), ""},
		"in time":                      {late(func(r *api.Request) { r.Proposal.LateMin = 0 }), ""},
		"the drone is sooner":          {late(func(r *api.Request) { r.Proposal.CourierAt = r.Proposal.ArriveAt }), ""},
		"ready to fly":                 {late(func(r *api.Request) { r.Proposal.Waiting = false }), ""},
		"accepted":                     {late(func(r *api.Request) { r.Status = "allocated" }), ""},
		"impossible, but not late yet": {late(func(r *api.Request) { r.Proposal, r.Impossible = nil, &api.Impossible{} }), ""},
		"impossible, and late": {late(func(r *api.Request) {
			r.Proposal, r.Impossible, r.Order.NeededBy = nil, &api.Impossible{}, now.Add(-time.Second)
		}), "send"},
		"not planned yet": {late(func(r *api.Request) { r.Proposal, r.Order.NeededBy = nil, now.Add(-time.Second) }), ""},
		"on the road":     {late(func(r *api.Request) { r.Status, r.RoadAt = "by_road", &soon }), ""},
		"arrived":         {late(func(r *api.Request) { r.Status, r.RoadAt = "by_road", &gone }), "arrived"},
	} {
		if step, due := byRoad(c.request, now); due != (c.step != "") || due && step != c.step {
			t.Errorf("%s: %q, %v", name, step, due)
		}
	}
}
