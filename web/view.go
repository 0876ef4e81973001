package web

import (
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
)

// some returns a pointer to what is set and nil to what is not.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// given is what a field holds, or nothing when it was left out.
func given[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func someTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func meView(a network.Account) api.Me {
	return api.Me{Login: a.Login, NameZh: a.NameZH, NameEn: a.NameEN, Role: api.Role(a.Role), Site: string(a.Site)}
}

func (s *Server) networkView() api.Network {
	n := s.Dispatcher.Network
	v := api.Network{Sites: []api.Site{}, Zones: []api.Zone{}, Profiles: []api.Profile{}, Demo: s.Demo, Basemap: api.Default}
	if s.Basemap.Custom() {
		v.Basemap = api.Custom
	}
	for _, x := range n.Sites {
		site := api.Site{Id: string(x.ID), Kind: api.SiteKind(x.Kind), NameZh: x.NameZH, NameEn: x.NameEN, Lon: x.Point.Lon(), Lat: x.Point.Lat(), Pads: []api.Pad{}}
		for _, p := range n.Pads {
			if p.Site == x.ID {
				site.Pads = append(site.Pads, api.Pad{Id: string(p.ID), Label: p.Label})
			}
		}
		v.Sites = append(v.Sites, site)
	}
	for _, z := range s.Dispatcher.Zones() {
		if z.Until.IsZero() || s.Now().Before(z.Until) {
			v.Zones = append(v.Zones, zoneView(z))
		}
	}
	for _, c := range blood.Components() {
		if p, ok := s.Dispatcher.ProfileFor(c); ok {
			v.Profiles = append(v.Profiles, profileView(c, p))
		}
	}
	for _, c := range n.Classes {
		if v.WindLimitMps == 0 || c.WindMaxMPS < v.WindLimitMps {
			v.WindLimitMps = c.WindMaxMPS
		}
	}
	return v
}

func profileView(c blood.Component, p coldchain.Profile) api.Profile {
	v := api.Profile{Component: api.Component(c), Id: string(p.ID), Standard: p.Standard, GuardC: float64(p.GuardMC) / 1000, IntervalS: p.Interval.Seconds()}
	if p.HasLow() {
		low := float64(p.LowMC) / 1000
		v.LowC = &low
	}
	if p.HasHigh() {
		high := float64(p.HighMC) / 1000
		v.HighC = &high
	}
	return v
}

func orderOf(o api.Order) delivery.Asked {
	d := delivery.Asked{Hospital: network.SiteID(o.Hospital), Pad: network.PadID(o.Pad), Component: blood.Component(o.Component), Group: blood.Group(o.BloodGroup),
		Units: o.Units, Urgency: delivery.Urgency(o.Urgency), NeededBy: o.NeededBy.UTC().Truncate(time.Millisecond)}
	if p := o.Patient; p != nil {
		d.Patient.AntiD = p.AntiD
		if p.Sex != nil {
			d.Patient.Sex = blood.Sex(*p.Sex)
		}
		if p.Age != nil {
			d.Patient.Age = blood.AgeClass(*p.Age)
		}
	}
	return d
}

func orderView(o delivery.Asked) api.Order {
	v := api.Order{Hospital: string(o.Hospital), Pad: string(o.Pad), Component: api.Component(o.Component), BloodGroup: api.BloodGroup(o.Group),
		Units: o.Units, Urgency: api.Urgency(o.Urgency), NeededBy: o.NeededBy}
	if o.Patient != (blood.Patient{}) {
		v.Patient = &api.Patient{AntiD: o.Patient.AntiD, Sex: (*api.PatientSex)(some(string(o.Patient.Sex))), Age: (*api.PatientAge)(some(string(o.Patient.Age)))}
	}
	return v
}

// requestView joins a request with its delivery's id, if it has one, and else with
// what is proposed for it.
func (s *Server) requestView(r delivery.Request, servedBy delivery.ID) api.Request {
	v := api.Request{Id: string(r.ID), Order: orderView(r.Asked), Status: api.RequestStatus(r.Status), CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy,
		Automated: r.Automated, Version: r.Version, Delivery: some(string(servedBy)), RestOf: some(string(r.RestOf)), RoadAt: someTime(r.RoadAt)}
	if r.Status == delivery.Open {
		proposals, impossible := s.Dispatcher.Proposals()
		if p, ok := proposals[r.ID]; ok {
			pv := s.proposalView(p)
			v.Proposal = &pv
		}
		if i, ok := impossible[r.ID]; ok {
			iv := impossibleView(i)
			v.Impossible = &iv
		}
	}
	return v
}

func (s *Server) proposalView(p propose.Proposal) api.Proposal {
	v := api.Proposal{Drone: string(p.Drone), Centre: string(p.Centre), Pad: string(p.Pad), DepartAt: p.DepartAt, ArriveAt: p.ArriveAt, LengthM: p.LengthM,
		EnergyPct: 100 * p.EnergyJ / p.BatteryJ, Waiting: p.Waiting, Units: []api.Unit{}, Lost: []api.Candidate{}, CourierAt: p.Courier, Policy: p.Policy, Rest: p.Rest, Review: p.Review, Held: p.Held, LateMin: p.LateMin, Why: whyView(p)}
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
	v := api.Why{Ranks: append([]int{}, y.Ranks...), Passed: []api.PassedUnit{}, Elsewhere: candidatesView(y.Elsewhere), DirectM: y.DirectM,
		HoldS: y.Hold.Seconds(), CarryS: y.Carry.Seconds(), SparePct: 100 * y.SpareJ / p.BatteryJ, WantedPad: y.WantedPad}
	for _, u := range y.Passed {
		v.Passed = append(v.Passed, api.PassedUnit{Unit: u.Lot, BloodGroup: u.Type, Expired: u.Expired, With: append([]string{}, u.With...)})
	}
	return v
}

func impossibleView(i propose.Impossible) api.Impossible {
	v := api.Impossible{Lost: candidatesView(i.Considered), Changes: []api.Change{}, Reserved: i.Reserved, Policy: i.Policy, CourierAt: i.Courier}
	for _, c := range i.Changes {
		v.Changes = append(v.Changes, api.Change{Drone: some(c.Drone), Centre: some(c.Centre), Reason: string(c.Reason), Have: c.Have, Want: c.Want})
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

func unitView(u blood.Unit) api.Unit {
	return api.Unit{Key: keyView(u.Key), BloodGroup: api.BloodGroup(u.Group), ExpiresAt: u.ExpiresAt}
}

func keyView(k blood.UnitKey) api.UnitKey {
	return api.UnitKey{Din: k.DIN, ProductCode: k.ProductCode, Division: some(k.Division)}
}

func keyOf(k api.UnitKey) blood.UnitKey {
	d := blood.UnitKey{DIN: k.Din, ProductCode: k.ProductCode}
	if k.Division != nil {
		d.Division = *k.Division
	}
	return d
}

func unitsOf(list []api.NewUnit) []blood.Unit {
	units := make([]blood.Unit, len(list))
	for i, u := range list {
		units[i] = blood.Unit{Key: keyOf(u.Key), Component: blood.Component(u.Component), Group: blood.Group(u.BloodGroup), MassG: u.MassG,
			ExpiresAt: u.ExpiresAt.UTC(), Site: network.SiteID(u.Site), Status: blood.InStock}
	}
	return units
}

// stepsOfPeople are those that the API takes; the others follow from the flight.
var stepsOfPeople = map[api.StepScanStep]delivery.Step{"check": delivery.StepCheck, "pack": delivery.StepPack, "seal": delivery.StepSeal, "load": delivery.StepLoad, "stand_down": delivery.StepStandDown,
	"break": delivery.StepBreak, "give_up": delivery.StepGiveUp, "keep": delivery.StepKeep, "arrived": delivery.StepLand, "lose": delivery.StepLose, "find": delivery.StepFind,
	"compare_seal": delivery.StepCompare, "receive": delivery.StepReceive, "quarantine": delivery.StepReject}

func scanOf(s api.StepScan) (delivery.Step, delivery.Scan, error) {
	step, ok := stepsOfPeople[s.Step]
	if !ok {
		return "", delivery.Scan{}, refusal.Field{Field: "step", Reason: "is none that a person does"}
	}
	var scan delivery.Scan
	if s.Unit != nil {
		scan.Unit = keyOf(*s.Unit)
	}
	if s.Box != nil {
		scan.Box = telemetry.DeviceID(*s.Box)
	}
	if s.Seal != nil {
		scan.Seal = *s.Seal
	}
	if s.Note != nil {
		scan.Note = *s.Note
	}
	if len(scan.Note) > 500 {
		return "", scan, refusal.Field{Field: "note", Reason: "is longer than 500 characters"}
	}
	return step, scan, nil
}

func (s *Server) deliveryView(rec delivery.Record) api.Delivery {
	d, r, m := rec.Delivery, rec.Request, rec.Mission
	v := api.Delivery{Id: string(d.ID), Request: string(d.Request), Component: api.Component(d.Component), BloodGroup: api.BloodGroup(d.Recipient.Group()), Urgency: api.Urgency(r.Urgency),
		NeededBy: r.NeededBy, Hospital: string(d.Hospital), Centre: string(d.Centre), Status: api.DeliveryStatus(d.Status), Seal: d.Seal, Automated: d.Automated, TwoPersons: d.TwoPersons, GivenUpAt: someTime(d.GivenUpAt), DivertedFrom: some(string(d.DivertedFrom)),
		Boxes: []api.Box{}, Units: []api.Unit{}, Custody: []api.CustodyEvent{},
		Mission: api.Mission{Id: string(m.ID), Drone: string(m.Drone), Pad: string(m.Pad), Status: api.MissionStatus(m.Status), Out: lonLats(m.Out), Back: lonLats(m.Back), DepartAt: m.DepartAt, ArriveAt: m.ArriveAt}}
	for _, b := range d.Boxes {
		v.Boxes = append(v.Boxes, api.Box{Id: string(b.Box), Profile: profileView(d.Component, s.Dispatcher.Profiles[b.Profile]), PackedAt: someTime(b.PackedAt)})
	}
	for _, u := range d.Units {
		uv := unitView(u.Unit)
		uv.PackedAt, uv.Outcome = someTime(u.PackedAt), (*api.UnitOutcome)(some(string(u.Outcome)))
		v.Units = append(v.Units, uv)
	}
	for _, e := range rec.Custody {
		v.Custody = append(v.Custody, api.CustodyEvent{Step: api.Step(e.Step), Actor: e.Actor, At: e.At, Scan: e.Scan, Detail: e.Detail})
	}
	return v
}

func lonLats(track []geo.Fix4D) []api.LonLat {
	pts := []api.LonLat{}
	for _, f := range track {
		pts = append(pts, api.LonLat{f.Point.Lon(), f.Point.Lat()})
	}
	return pts
}

func (s *Server) boardView(b delivery.Board, now time.Time) api.Board {
	v := api.Board{Now: now, Rate: s.Rate, Seq: int64(b.Seq), Requests: []api.Request{}, Deliveries: []api.Delivery{}, Alarms: []api.Alarm{}, Recoveries: []api.Recovery{}, Diversions: []api.Diversion{}, Closures: []api.Closure{}}
	if w, known := s.Dispatcher.Wind(now); known {
		v.Wind = &api.Wind{SpeedMps: w.SpeedMPS, FromDeg: w.FromDeg}
	}
	current := map[delivery.RequestID]delivery.ID{}
	for _, rec := range b.Deliveries {
		v.Deliveries = append(v.Deliveries, s.deliveryView(rec))
		if rec.Delivery.Serves() {
			current[rec.Delivery.Request] = rec.Delivery.ID
		}
	}
	for _, r := range b.Requests {
		v.Requests = append(v.Requests, s.requestView(r, current[r.ID]))
	}
	for _, a := range b.Alarms {
		v.Alarms = append(v.Alarms, api.Alarm{Id: a.ID, Kind: api.AlarmKind(a.Kind), Priority: api.AlarmPriority(a.Kind.Priority()), Device: string(a.Device), Delivery: some(string(a.Delivery)),
			Value: a.Value, Limit: a.Limit, Detail: a.Detail, RaisedAt: a.RaisedAt, ClearedAt: someTime(a.ClearedAt), AckedAt: someTime(a.AckedAt), AckedBy: some(a.AckedBy)})
	}
	return v
}

func eventView(e delivery.Event) api.Event {
	return api.Event{Seq: int64(e.Seq), At: e.At, Kind: string(e.Kind), Actor: e.Actor, Subject: e.Subject, Detail: e.Detail}
}
