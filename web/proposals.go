package web

import (
	"hemolift/dispatch/propose"
	"hemolift/dispatch/recovery"
	"hemolift/web/api"
)

func proposalView(p propose.Proposal) api.Proposal {
	v := api.Proposal{
		Drone:     string(p.Drone),
		Centre:    string(p.Centre),
		Pad:       string(p.Pad),
		DepartAt:  p.DepartAt,
		ArriveAt:  p.ArriveAt,
		LengthM:   p.LengthM,
		EnergyPct: 100 * p.EnergyJ / p.BatteryJ,
		Waiting:   p.Waiting,
		Units:     []api.Unit{},
		Lost:      []api.Candidate{},
		CourierAt: p.Courier,
		Policy:    p.Policy,
		Rest:      p.Rest,
		Review:    p.Review,
		Held:      p.Held,
		LateMin:   p.LateMin,
		Why:       whyView(p),
	}
	for _, u := range p.Units {
		v.Units = append(v.Units, unitView(u))
	}
	considered := candidatesView(p.Considered)
	if _, ok := p.RunnerUp(); ok {
		v.RunnerUp, considered = &considered[0], considered[1:]
	}
	v.Lost = append(v.Lost, considered...)
	return v
}

func whyView(p propose.Proposal) api.Why {
	y := p.Reasons
	v := api.Why{
		Ranks: append([]int{}, y.Ranks...), Passed: []api.PassedUnit{}, Elsewhere: candidatesView(y.Elsewhere), DirectM: y.DirectM,
		HoldS: y.Hold.Seconds(), CarryS: y.Carry.Seconds(), SparePct: 100 * y.SpareJ / p.BatteryJ, WantedPad: y.WantedPad,
	}
	for _, u := range y.Passed {
		v.Passed = append(v.Passed, api.PassedUnit{Unit: u.Lot, BloodGroup: u.Type, Expired: u.Expired, With: append([]string{}, u.With...)})
	}
	return v
}

func impossibleView(i propose.Impossible) api.Impossible {
	v := api.Impossible{
		Lost:      candidatesView(i.Considered),
		Changes:   []api.Change{},
		Reserved:  i.Reserved,
		Policy:    i.Policy,
		CourierAt: i.Courier,
	}
	for _, c := range i.Changes {
		v.Changes = append(
			v.Changes,
			api.Change{Drone: some(c.Drone), Centre: some(c.Centre), Reason: string(c.Reason), Have: c.Have, Want: c.Want},
		)
	}
	return v
}

func candidatesView(considered []propose.Candidate) []api.Candidate {
	views := []api.Candidate{}
	for _, c := range considered {
		v := api.Candidate{Drone: c.Drone, Centre: c.Centre, ArriveAt: someTime(c.ArriveAt), Reason: some(string(c.Reason)), Level: some(c.Level)}
		if c.Reason != "" {
			v.Have, v.Want = &c.Have, &c.Want
		}
		if c.Level != "" {
			v.By = &c.By
		}
		views = append(views, v)
	}
	return views
}

func diversionView(t recovery.Diversion) api.Diversion {
	return api.Diversion{
		Request:   string(t.Request),
		Delivery:  string(t.Delivery),
		Drone:     string(t.Drone),
		Pad:       string(t.Pad),
		ArriveAt:  t.ArriveAt,
		Without:   someTime(t.Without),
		Units:     t.Units,
		Displaced: string(t.Displaced),
		Hospital:  string(t.Hospital),
		Was:       t.Was,
		Instead:   someTime(t.Instead),
		Before:    t.Before[:],
		After:     t.After[:],
	}
}

func (s *Server) recoveryView(r recovery.Recovery) api.Recovery {
	v := api.Recovery{
		Delivery: string(r.Delivery.ID),
		Request:  string(r.Request.ID),
		Failure:  api.RecoveryFailure(r.Failure),
		Waits:    some(api.RecoveryWaits(r.Waits)),
		Since:    r.Since,
		Options:  []api.RecoveryOption{},
	}
	for _, o := range r.Options {
		ov := api.RecoveryOption{
			Way:      api.RecoveryOptionWay(o.Way),
			ArriveAt: o.ArriveAt,
			LateMin:  o.LateMin,
			Doubtful: o.Doubtful,
			Pad:      some(string(o.Pad)),
			Costs:    []api.RecoveryCost{},
		}
		if o.Proposal != nil {
			p := proposalView(*o.Proposal)
			ov.Proposal = &p
		}
		for _, c := range o.Costs {
			ov.Costs = append(ov.Costs, api.RecoveryCost{Request: string(c.Request), LaterMin: c.LaterMin, Unmet: c.Unmet})
		}
		v.Options = append(v.Options, ov)
	}
	return v
}
