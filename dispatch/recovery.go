package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// Way is one thing that can be done about a delivery that fails.
type Way string

const (
	GoOn       Way = "go_on"       // as it is
	OtherPad   Way = "other_pad"   // of the same hospital
	OtherDrone Way = "other_drone" // of the same centre, with the same box
	Replace    Way = "replace"     // another delivery; this one is ended or given up
	Courier    Way = "courier"     // by road from a centre
)

// ways is the order among those that arrive at one time.
var ways = []Way{GoOn, OtherPad, OtherDrone, Replace, Courier}

// Option is one way with what would come of it.
type Option struct {
	Way      Way
	ArriveAt time.Time
	LateMin  int // after needed-by, whole minutes begun
	// Doubtful is set when the units may not be fit for use, or may not arrive at all.
	Doubtful bool
	Pad      network.PadID // of OtherPad
	Proposal *Proposal     // of Replace and OtherDrone
	Costs    []Cost        // to other requests
}

// Cost is what an option takes from another request that waits.
type Cost struct {
	Request  delivery.RequestID
	LaterMin int  // its hand-over is that much later
	Unmet    bool // nothing serves it any more
}

// Recovery is what can be done about a delivery that fails, the best first.
type Recovery struct {
	Delivery delivery.DeliveryID
	Request  delivery.RequestID
	Drone    telemetry.DeviceID
	Pad      network.PadID
	Failure  Failure
	Waits    Wait // of NotLeaving; empty when it was told to leave
	Since    time.Time
	Options  []Option
}

// patience is for how long a loaded drone is expected to get past what keeps it, such as
// another one on its pad.
const patience = 15 * time.Minute

// failing is a delivery with what is wrong with it.
type failing struct {
	rec     delivery.Record
	failure Failure
	waits   Wait
}

// failures looks at every delivery under way.
func (d *Dispatcher) failures(ctx context.Context, w *world) ([]failing, error) {
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	var out []failing
	for _, m := range missions {
		for _, del := range deliveriesOf(m.ID, deliveries) {
			why := d.failure(ctx, m, del, w.snap.Closures, w.snap.At)
			if why != NotLeaving {
				d.moved(m.ID)
			}
			if why == "" {
				continue
			}
			rec, err := d.Store.Delivery(ctx, del.ID)
			if err != nil {
				return nil, err
			}
			if rec.Mission.ID != m.ID || rec.Delivery.Status != del.Status {
				continue // it has moved on meanwhile
			}
			f := failing{rec: rec, failure: why}
			if why == NotLeaving {
				var stuck bool
				if f.waits, stuck = d.waits(ctx, m, []delivery.Delivery{del}, missions, w.snap.At); !stuck {
					continue
				}
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// together are the requests that wait and those whose delivery fails.
func together(open []delivery.Request, fs []failing) []delivery.Request {
	all := slices.Clone(open)
	for _, f := range fs {
		all = append(all, f.rec.Request)
	}
	return all
}

// recoveries plans anew for what fails, together with all that waits. proposals are
// those without.
func (d *Dispatcher) recoveries(ctx context.Context, w *world, fs []failing, proposals map[delivery.RequestID]Proposal) (map[delivery.DeliveryID]Recovery, error) {
	if len(fs) == 0 {
		return nil, nil
	}
	planned, err := w.without(fs).propose(together(w.snap.Requests, fs))
	if err != nil {
		return nil, err
	}
	out := map[delivery.DeliveryID]Recovery{}
	for _, f := range fs {
		r := Recovery{Delivery: f.rec.Delivery.ID, Request: f.rec.Request.ID, Drone: f.rec.Delivery.Drone, Pad: f.rec.Mission.Pad, Failure: f.failure, Waits: f.waits, Since: w.snap.At}
		if r.Options, err = d.options(ctx, w, f, proposals, planned.proposals); err != nil {
			return nil, err
		}
		rank(r.Options)
		out[r.Delivery] = r
	}
	return out, nil
}

// options are what can be done about one delivery. before are the proposals without the
// deliveries that fail, anew those with them.
func (d *Dispatcher) options(ctx context.Context, w *world, f failing, before, anew map[delivery.RequestID]Proposal) (list []Option, err error) {
	if p, ok := anew[f.rec.Request.ID]; ok && !f.hindered() {
		o := w.option(Replace, f, p.ArriveAt)
		o.Proposal, o.Costs = &p, costs(w.snap.Requests, before, anew)
		list = append(list, o)
	}
	if p, _, ok, err := d.otherDrone(ctx, w, f); err != nil {
		return nil, err
	} else if ok {
		o := w.option(OtherDrone, f, p.ArriveAt)
		if o.Costs, err = w.costsOf(p, f, before); err != nil {
			return nil, err
		}
		o.Proposal = &p
		list = append(list, o)
	}
	_, arrive := d.expected(f.rec.Mission, f.rec.Delivery, w.snap.At)
	list = append(list, w.option(Courier, f, w.courier(f.rec.Request, "")))
	if pad, ok := d.otherPad(w, f, arrive); ok {
		o := w.option(OtherPad, f, arrive)
		o.Pad = pad
		list = append(list, o)
	}
	if goesOn(f) {
		o := w.option(GoOn, f, arrive)
		o.Doubtful = !f.hindered() || w.snap.At.Sub(f.rec.LoadedAt()) > patience
		list = append(list, o)
	}
	return list, nil
}

// without is the world in which what fails holds nothing any more: its pad is free, its
// drone when it stands at home and is not what fails, and its units and boxes as long as
// the box is open.
func (w *world) without(fs []failing) *world {
	other := *w
	other.snap.Missions, other.snap.Slots, other.snap.Drones = slices.Clone(w.snap.Missions), slices.Clone(w.snap.Slots), maps.Clone(w.snap.Drones)
	other.snap.Stock, other.snap.Boxes = slices.Clone(w.snap.Stock), slices.Clone(w.snap.Boxes)
	for _, f := range fs {
		m, del := f.rec.Mission, f.rec.Delivery
		if f.byDrone() {
			delete(other.snap.Drones, m.Drone)
		}
		other.snap.Slots = slices.DeleteFunc(other.snap.Slots, func(s delivery.Slot) bool { return s.Mission == m.ID })
		if del.Status != delivery.DAirborne {
			other.snap.Missions = slices.DeleteFunc(other.snap.Missions, func(x delivery.Mission) bool { return x.ID == m.ID })
		}
		if del.Status.In(delivery.DAllocated, delivery.DChecked, delivery.DPacked) && f.failure != BoxWarm {
			other.takeBack(del)
		}
	}
	return &other
}

// takeBack has the units and boxes of a delivery be free at its centre.
func (w *world) takeBack(del delivery.Delivery) {
	for _, u := range del.Units {
		u.Unit.Site = del.Centre
		w.snap.Stock = append(w.snap.Stock, u.Unit)
	}
	for _, b := range del.Boxes {
		if _, closed := network.DeviceClosed(w.snap.Closures, b.Box, w.snap.At); !closed {
			box, _ := w.net.Box(b.Box)
			w.snap.Boxes = append(w.snap.Boxes, network.Box{ID: b.Box, Type: box.Type, Site: del.Centre})
		}
	}
}

func (f failing) byDrone() bool { return byDrone(f.failure, f.waits) }

// byDrone reports whether it is the drone that keeps a delivery on the ground, and not the
// world about it.
func byDrone(f Failure, w Wait) bool {
	return f == DroneSilent || f == NotLeaving && slices.Contains([]Wait{"", WaitPlan, WaitBattery}, w)
}

// hindered reports whether another drone would wait for the same.
func (f failing) hindered() bool { return slices.Contains([]Wait{WaitPad, WaitZone}, f.waits) }

// goesOn reports whether a delivery that fails may still arrive as it is.
func goesOn(f failing) bool {
	return slices.Contains([]Failure{DroneLost, BoxWarm, DroneSilent, NotLeaving}, f.failure)
}

// otherPad is a pad of the same hospital that is free and in service, for one whose own
// is not.
func (d *Dispatcher) otherPad(w *world, f failing, arrive time.Time) (network.PadID, bool) {
	if f.failure != PadRefused && f.waits != WaitPad {
		return "", false
	}
	m := f.rec.Mission
	own := m.Pad
	for _, p := range w.net.Pads {
		if m.Pad = p.ID; p.Site == m.Hospital && p.ID != own && !w.padTaken(p.ID, arrive) && !d.padOccupied(m, w.snap.Missions, arrive, w.snap.At) {
			return p.ID, true
		}
	}
	return "", false
}

func (w *world) option(way Way, f failing, arrive time.Time) Option {
	return Option{Way: way, ArriveAt: arrive, LateMin: lateMin(f.rec.Request, arrive)}
}

// lateMin is by how many minutes, begun ones counted, a request is handed over too late.
func lateMin(r delivery.Request, arrive time.Time) int {
	late := arrive.Add(unloadTime).Sub(r.NeededBy)
	return int(max(0, late+time.Minute-1) / time.Minute)
}

// costs are what requests lose between two plans.
func costs(open []delivery.Request, before, after map[delivery.RequestID]Proposal) []Cost {
	var out []Cost
	for _, r := range open {
		b, had := before[r.ID]
		a, has := after[r.ID]
		if had && !has {
			out = append(out, Cost{Request: r.ID, Unmet: true})
		} else if had && a.ArriveAt.Sub(b.ArriveAt) >= time.Minute {
			out = append(out, Cost{Request: r.ID, LaterMin: int(a.ArriveAt.Sub(b.ArriveAt) / time.Minute)})
		}
	}
	return out
}

// rank sorts options: the certain before the doubtful, the least late first, then the
// earliest.
func rank(options []Option) {
	doubt := func(o Option) int {
		if o.Doubtful {
			return 1
		}
		return 0
	}
	slices.SortFunc(options, func(a, b Option) int {
		return cmp.Or(doubt(a)-doubt(b), a.LateMin-b.LateMin, a.ArriveAt.Compare(b.ArriveAt), slices.Index(ways, a.Way)-slices.Index(ways, b.Way))
	})
}

// keepSince keeps when each failure was first seen.
func keepSince(before, now map[delivery.DeliveryID]Recovery) {
	for id, r := range now {
		if b, ok := before[id]; ok && b.Failure == r.Failure {
			r.Since = b.Since
			now[id] = r
		}
	}
}

// recoveriesDiffer reports whether people would see something else to do.
func recoveriesDiffer(a, b map[delivery.DeliveryID]Recovery) bool {
	return !maps.EqualFunc(a, b, func(x, y Recovery) bool {
		return x.Failure == y.Failure && x.Waits == y.Waits && slices.EqualFunc(x.Options, y.Options, func(p, q Option) bool {
			return p.Way == q.Way && p.Pad == q.Pad && p.Doubtful == q.Doubtful && (p.Proposal == nil || p.Proposal.Drone == q.Proposal.Drone)
		})
	})
}

func recoveryEvents(failed map[delivery.DeliveryID]Recovery, now time.Time) []delivery.Event {
	var events []delivery.Event
	for id, r := range failed {
		detail := map[string]string{"failure": string(r.Failure), "request": string(r.Request)}
		for i, o := range r.Options {
			detail[fmt.Sprintf("option_%d", i+1)] = fmt.Sprintf("%s %s", o.Way, o.ArriveAt.Format(time.RFC3339))
		}
		events = append(events, delivery.Event{At: now, Kind: delivery.EvRecovery, Subject: string(id), Detail: detail})
	}
	return events
}

// Recoveries returns what is proposed for the deliveries that fail.
func (d *Dispatcher) Recoveries() map[delivery.DeliveryID]Recovery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed // replaced, never changed
}
