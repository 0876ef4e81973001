package main

import (
	"context"
	"testing"
	"time"

	"hemolift/web/api"
)

// TestHoldAndReturnReachTheDrone orders a simulated drone about, over the real
// broker, and follows it on the live feed.
func TestHoldAndReturnReachTheDrone(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "20", "-requests-per-hour", "2")
	tower := p.client("sun.tao")
	var d api.Delivery
	eventually(t, 60*time.Second, "a flight is airborne", func() bool {
		d = first(t, tower)
		return d.Status == "airborne"
	})
	order := func(kind api.CommandKind) {
		t.Helper()
		if err := tower.call(context.Background(), "POST", "/missions/"+d.Mission.Id+"/commands", api.Command{Kind: kind}, nil); err != nil {
			t.Fatal(err)
		}
	}
	feed := liveFeed(t, p, tower, "")
	phase := func(want string) {
		t.Helper()
		next(t, feed, "drone "+want, func(f liveFrame) bool {
			for _, x := range f.Drones {
				if x.ID == d.Mission.Drone && x.Phase == want {
					return true
				}
			}
			return false
		})
	}
	order("hold")
	phase("holding")
	order("resume")
	phase("airborne")
	order("return")
	phase("returning")
	eventually(t, 90*time.Second, "the drone is home and its delivery has returned", func() bool {
		d = first(t, tower)
		return d.Status == "returned" && d.Mission.Status == "done"
	})
	var r api.Request
	if err := tower.call(
		context.Background(),
		"GET",
		"/requests/"+d.Request,
		nil,
		&r,
	); err != nil || r.Status == "fulfilled" ||
		r.Status == "cancelled" {
		t.Errorf("the request is %s (%v); its need stands", r.Status, err)
	}
}

// first returns the oldest delivery.
func first(t *testing.T, c apiClient) api.Delivery {
	t.Helper()
	var b api.Board
	if err := c.call(context.Background(), "GET", "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	var oldest api.Delivery
	for _, d := range b.Deliveries {
		if oldest.Id == "" || d.Id < oldest.Id {
			oldest = d
		}
	}
	return oldest
}
