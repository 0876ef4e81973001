package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/telemetry/dronesim"
	"hemolift/web/api"
)

// The crew's two people at the centre.
const (
	crewA = "crew.a"
	crewB = "crew.b"
)

// groundCrew does the ground steps of requests that arrived by themselves, through
// the API like people, and leaves people's requests to people. It also tells the
// simulated world what hands do: which box stands in which drone.
type groundCrew struct {
	url     string
	tokens  map[string]string
	fleet   *dronesim.Fleet
	now     func() time.Time
	network *network.Network
	log     *slog.Logger
}

const (
	lookEvery  = 500 * time.Millisecond // wall time
	stepTakes  = 6 * time.Second        // server time
	fetchTakes = 30 * time.Minute       // server time, there and back by road
)

func (g *groundCrew) as(login string) apiClient { return apiClient{g.url, g.tokens[login]} }

func (g *groundCrew) run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		var b api.Board
		if err := g.as(crewA).call(ctx, "GET", "/board", nil, &b); err != nil {
			if ctx.Err() == nil {
				g.log.Warn("crew reads the board", "err", err)
			}
			continue
		}
		g.fleet.Place(places(b.Deliveries))
		g.work(ctx, b)
		g.fetch(b)
	}
}

// fetch brings drones home by road that delivered and cannot fly home.
func (g *groundCrew) fetch(b api.Board) {
	for _, a := range b.Alarms {
		if a.Kind != "stranded" || a.ClearedAt != nil || g.now().Sub(a.RaisedAt) < fetchTakes {
			continue
		}
		for _, d := range b.Deliveries {
			if d.Automated && d.Mission.Drone == a.Device && d.Mission.Status == "at_pad" && (d.Status == "closed" || d.Status == "rejected") {
				g.fleet.Carry(telemetry.DeviceID(a.Device))
			}
		}
	}
}

// places says where the boxes of deliveries are.
func places(deliveries []api.Delivery) map[telemetry.DeviceID]dronesim.Place {
	at := map[telemetry.DeviceID]dronesim.Place{}
	for _, d := range deliveries {
		for _, b := range d.Boxes {
			switch d.Status {
			case "loaded", "airborne":
				at[telemetry.DeviceID(b.Id)] = dronesim.Place{InUse: true, Drone: telemetry.DeviceID(d.Mission.Drone)}
			case "checked", "packed", "sealed", "landed", "opened":
				at[telemetry.DeviceID(b.Id)] = dronesim.Place{InUse: b.PackedAt != nil}
			}
		}
	}
	return at
}

// work does what is due, one step a delivery at a look.
func (g *groundCrew) work(ctx context.Context, b api.Board) {
	for _, r := range b.Requests {
		if step, due := byRoad(r, g.now()); due {
			g.report(r.Id, g.as(crewA).call(ctx, "POST", "/requests/"+r.Id+"/road", api.Road{Step: step}, nil))
			break
		}
		if r.Automated && r.Status == "open" && r.Proposal != nil && !r.Proposal.Waiting && g.now().Sub(r.CreatedAt) > stepTakes {
			g.report(r.Id, g.as(crewA).call(ctx, "POST", "/requests/"+r.Id+"/accept", api.Accept{}, nil))
			break // the next look sees what is left
		}
	}
	for _, d := range b.Deliveries {
		if !d.Automated || len(d.Custody) == 0 || g.now().Sub(d.Custody[len(d.Custody)-1].At) < stepTakes {
			continue
		}
		if h := d.Handshake; h != nil && h.Rule != "none" && !h.Spoken && !h.Taken && (d.Status == "loaded" || d.Status == "airborne") {
			ward := g.as(wardOf(network.SiteID(d.Hospital)))
			g.report(d.Id, ward.call(ctx, "POST", "/deliveries/"+d.Id+"/steps", api.StepScan{Step: "pad_clear", Pad: &d.Mission.Pad}, nil))
			continue
		}
		if login, scan, ok := g.next(ctx, d); ok {
			g.report(d.Id, g.as(login).call(ctx, "POST", "/deliveries/"+d.Id+"/steps", scan, nil))
		}
	}
}

// byRoad is what a courier has to do with a request: take what no drone brings in time and
// the road brings sooner, or has come. A fleet that is asked for more than it flies keeps no
// queue without end.
func byRoad(r api.Request, now time.Time) (step api.RoadStep, due bool) {
	switch {
	case !r.Automated:
	case r.Status == "by_road":
		return api.RoadStepArrived, r.RoadAt != nil && !now.Before(*r.RoadAt)
	case r.Status != "open" || now.Sub(r.CreatedAt) < stepTakes:
	case r.Proposal == nil:
		return api.RoadStepSend, r.Impossible != nil && now.After(r.Order.NeededBy)
	case r.Proposal.Waiting:
		p := r.Proposal
		return api.RoadStepSend, p.LateMin > 0 && p.CourierAt.Before(p.ArriveAt)
	}
	return "", false
}

func (g *groundCrew) report(id string, err error) {
	if err != nil {
		g.log.Info("crew step refused", "id", id, "err", err)
	}
}

// next is the step that a delivery waits for, and who does it.
func (g *groundCrew) next(ctx context.Context, d api.Delivery) (login string, scan api.StepScan, ok bool) {
	ward := wardOf(network.SiteID(d.Hospital))
	switch d.Status {
	case "allocated":
		return crewB, api.StepScan{Step: "check"}, true
	case "checked":
		for _, u := range d.Units {
			if u.PackedAt == nil {
				return crewA, api.StepScan{Step: "pack", Unit: &u.Key}, true
			}
		}
	case "packed":
		seal := sealFor(d.Id)
		return crewA, api.StepScan{Step: "seal", Seal: &seal}, true
	case "sealed":
		return crewA, api.StepScan{Step: "load", Box: &d.Boxes[0].Id}, true
	case "landed":
		return ward, api.StepScan{Step: "compare_seal", Seal: &d.Seal}, true
	case "opened":
		return g.judge(ctx, ward, d)
	}
	return "", scan, false
}

// judge does as the cold chain advises for the next unit.
func (g *groundCrew) judge(ctx context.Context, ward string, d api.Delivery) (login string, scan api.StepScan, ok bool) {
	var c api.ColdRecord
	if err := g.as(ward).call(ctx, "GET", "/deliveries/"+d.Id+"/coldchain", nil, &c); err != nil {
		g.report(d.Id, err)
		return "", scan, false
	}
	for _, u := range c.Units {
		switch {
		case u.Outcome != nil:
		case u.Advice == "usable" || u.Advice == "use_within":
			return ward, api.StepScan{Step: "receive", Unit: &u.Key}, true
		default:
			note := "advised: " + string(u.Advice)
			return ward, api.StepScan{Step: "quarantine", Unit: &u.Key, Note: &note}, true
		}
	}
	return "", scan, false
}

// sealFor numbers a seal of the simulated roll by its delivery, so that a repeated
// step scans the same one.
func sealFor(delivery string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(delivery))
	return fmt.Sprintf("SL-%s-%04d", strings.TrimPrefix(delivery, "D-"), h.Sum32()%10000)
}
