package recovery

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
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
	Pad      network.PadID     // of OtherPad
	Proposal *propose.Proposal // of Replace and OtherDrone
	Costs    []Cost            // to other requests
}

// Cost is what an option takes from another request that waits.
type Cost struct {
	Request  delivery.RequestID
	LaterMin int  // its hand-over is that much later
	Unmet    bool // nothing serves it any more
}

// Recovery is what can be done about a delivery that fails, the best first.
type Recovery struct {
	situation.Failing
	Request delivery.Request
	Since   time.Time
	Options []Option
}

// patience is for how long a loaded drone is expected to get past what keeps it, such as
// another one on its pad.
const patience = 15 * time.Minute

// For plans anew for what fails, together with all that waits. proposals are those
// without.
func For(
	s *situation.Situation,
	rules propose.Rules,
	failing []situation.Failing,
	proposals map[delivery.RequestID]propose.Proposal,
) (map[delivery.ID]Recovery, error) {
	if len(failing) == 0 {
		return nil, nil
	}
	anew, err := propose.For(Without(s, failing...), rules, Together(s, failing...))
	if err != nil {
		return nil, err
	}
	out := map[delivery.ID]Recovery{}
	for _, f := range failing {
		r := Recovery{Failing: f, Since: s.At}
		r.Request, _ = s.RequestOf(f.Delivery)
		if r.Options, err = options(s, rules, r, proposals, anew.Proposals); err != nil {
			return nil, err
		}
		rank(r.Options)
		out[f.Delivery.ID] = r
	}
	return out, nil
}

// Chosen is the failing delivery and the option that a person chose for it, as they are
// now; what is not failing any more, or not to be had, is refused.
func Chosen(s *situation.Situation, rules propose.Rules, id delivery.ID, way Way) (situation.Failing, Option, error) {
	failing, _ := s.Failing()
	i := slices.IndexFunc(failing, func(f situation.Failing) bool { return f.Delivery.ID == id })
	if i < 0 {
		return situation.Failing{}, Option{}, refusal.OfState("the delivery", "not failing any more", "recovered")
	}
	all, err := For(s, rules, failing, nil)
	if err != nil {
		return failing[i], Option{}, err
	}
	list := all[id].Options
	o := slices.IndexFunc(list, func(o Option) bool { return o.Way == way })
	if o < 0 || way == GoOn {
		return failing[i], Option{}, refusal.OfField("way", fmt.Sprintf("%q is not among the options", way))
	}
	return failing[i], list[o], nil
}

// Together are the requests that wait and those whose delivery fails.
func Together(s *situation.Situation, failing ...situation.Failing) []delivery.Request {
	all := slices.Clip(s.Requests)
	for _, f := range failing {
		if r, ok := s.RequestOf(f.Delivery); ok {
			all = append(all, r)
		}
	}
	return all
}

// Without is the world in which what fails holds nothing any more: its pad is free, its
// drone when it stands at home and is not what fails, and its units and boxes as long as
// the box is open.
func Without(s *situation.Situation, failing ...situation.Failing) *situation.Situation {
	var blamed []telemetry.DeviceID
	for _, f := range failing {
		if f.ByDrone() {
			blamed = append(blamed, f.Mission.Drone)
		}
	}
	other := s.But(blamed...)
	other.Missions, other.Slots = slices.Clone(s.Missions), slices.Clone(s.Slots)
	other.Stock, other.Boxes = slices.Clone(s.Stock), slices.Clone(s.Boxes)
	for _, f := range failing {
		other.Slots = slices.DeleteFunc(other.Slots, func(h delivery.Slot) bool { return h.Mission == f.Mission.ID })
		if f.Delivery.Status != delivery.DAirborne {
			other.Missions = slices.DeleteFunc(other.Missions, func(m delivery.Mission) bool { return m.ID == f.Mission.ID })
		}
		if f.Delivery.Status.In(delivery.DAllocated, delivery.DChecked, delivery.DPacked) && f.Failure != situation.BoxWarm {
			takeBack(other, f.Delivery)
		}
	}
	return other
}

// takeBack has the units and boxes of a delivery be free at its centre.
func takeBack(s *situation.Situation, d delivery.Delivery) {
	for _, u := range d.Units {
		u.Unit.Site = d.Centre
		s.Stock = append(s.Stock, u.Unit)
	}
	for _, b := range d.Boxes {
		if _, closed := network.DeviceClosed(s.Closures, b.Box, s.At); !closed {
			box, _ := s.Network.Box(b.Box)
			s.Boxes = append(s.Boxes, network.Box{ID: b.Box, Type: box.Type, Site: d.Centre})
		}
	}
}

// options are what can be done about one delivery. before are the proposals without the
// deliveries that fail, anew those with them.
func options(
	s *situation.Situation,
	rules propose.Rules,
	r Recovery,
	before, anew map[delivery.RequestID]propose.Proposal,
) (list []Option, err error) {
	if p, ok := anew[r.Request.ID]; ok && !r.Hindered() {
		o := r.option(Replace, p.ArriveAt)
		o.Proposal, o.Costs = &p, costs(s.Requests, before, anew)
		list = append(list, o)
	}
	if p, _, ok, err := AnotherDrone(s, rules, r.Failing); err != nil {
		return nil, err
	} else if ok {
		o := r.option(OtherDrone, p.ArriveAt)
		if o.Costs, err = costsOf(s, rules, p, r.Failing, before); err != nil {
			return nil, err
		}
		o.Proposal = &p
		list = append(list, o)
	}
	_, arrive := s.Expected(r.Mission, r.Delivery.Status)
	list = append(list, r.option(Courier, propose.Courier(s, r.Request, "")))
	if pad, ok := otherPad(s, r.Failing, arrive); ok {
		o := r.option(OtherPad, arrive)
		o.Pad = pad
		list = append(list, o)
	}
	if goesOn(r.Failing) {
		o := r.option(GoOn, arrive)
		o.Doubtful = !r.Hindered() || s.At.Sub(r.Delivery.LoadedAt) > patience
		list = append(list, o)
	}
	return list, nil
}

// goesOn reports whether a delivery that fails may still arrive as it is.
func goesOn(f situation.Failing) bool {
	return slices.Contains([]situation.Failure{situation.DroneLost, situation.BoxWarm, situation.DroneSilent, situation.NotLeaving}, f.Failure)
}

// otherPad is a pad of the same hospital that is free and in service, for one whose own
// is not.
func otherPad(s *situation.Situation, f situation.Failing, arrive time.Time) (network.PadID, bool) {
	if f.Failure != situation.PadRefused && f.Waits != situation.CheckPad {
		return "", false
	}
	m := f.Mission
	own := m.Pad
	for _, p := range s.Network.Pads {
		if m.Pad = p.ID; p.Site == m.Hospital && p.ID != own && !s.PadTaken(p.ID, arrive) && !s.StoodOn(m, arrive) {
			return p.ID, true
		}
	}
	return "", false
}

func (r Recovery) option(way Way, arrive time.Time) Option {
	return Option{Way: way, ArriveAt: arrive, LateMin: propose.LateMin(r.Request, arrive)}
}

// costs are what requests lose between two plans.
func costs(open []delivery.Request, before, after map[delivery.RequestID]propose.Proposal) []Cost {
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

// KeepSince keeps when each failure was first seen.
func KeepSince(before, now map[delivery.ID]Recovery) {
	for id, r := range now {
		if b, ok := before[id]; ok && b.Failure == r.Failure {
			r.Since = b.Since
			now[id] = r
		}
	}
}

// Events are what the log keeps of what people are shown: of what is another choice than
// before.
func Events(before, now map[delivery.ID]Recovery, at time.Time) []delivery.Event {
	return delivery.Changes(shownRecovery, before, now, at)
}

var shownRecovery = delivery.Shown[Recovery]{
	Kind: delivery.EvRecovery,
	Same: func(x, y Recovery) bool {
		return x.Failure == y.Failure && x.Waits == y.Waits && slices.EqualFunc(x.Options, y.Options, func(p, q Option) bool {
			return p.Way == q.Way && p.Pad == q.Pad && p.Doubtful == q.Doubtful && (p.Proposal == nil || p.Proposal.Drone == q.Proposal.Drone)
		})
	},
	Detail: func(r Recovery) map[string]string {
		detail := map[string]string{"failure": string(r.Failure), "request": string(r.Request.ID)}
		for i, o := range r.Options {
			detail[fmt.Sprintf("option_%d", i+1)] = fmt.Sprintf("%s %s", o.Way, o.ArriveAt.Format(time.RFC3339))
		}
		return detail
	},
}
