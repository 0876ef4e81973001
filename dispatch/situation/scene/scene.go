// Package scene builds situations for tests, in a few lines and without a server: the
// demonstration's network, its drones charged at home, its boxes silent, calm air.
package scene

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/geo"
	"hemolift/geo/airspace"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// T0 is when scenes begin.
var T0 = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

// Where the scenes' deliveries go: from Centre to the first pad of Hospital.
const (
	Centre   network.SiteID = "SYBC"
	Hospital network.SiteID = "SY06"
	Pad      network.PadID  = "SY06-P1"
)

// Scene is a situation in the making.
type Scene struct {
	situation.Situation
	t         testing.TB
	space     *situation.Airspace
	drones    map[telemetry.DeviceID]telemetry.DroneState
	boxes     map[telemetry.DeviceID]telemetry.BoxState
	forecasts map[telemetry.DeviceID]coldchain.Forecast
	serial    int
}

// New is a scene at T0.
func New(t testing.TB) *Scene {
	t.Helper()
	profiles, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	n, err := network.Load(network.Shenyang(), profiles, T0)
	if err != nil {
		t.Fatal(err)
	}
	s := &Scene{
		t: t, drones: map[telemetry.DeviceID]telemetry.DroneState{}, boxes: map[telemetry.DeviceID]telemetry.BoxState{},
		forecasts: map[telemetry.DeviceID]coldchain.Forecast{},
	}
	s.At, s.Since, s.Network, s.Profiles = T0, T0.Add(-time.Hour), n, profiles
	s.Boxes = n.Boxes
	if s.space, err = situation.NewAirspace(n, n.Zones); err != nil {
		t.Fatal(err)
	}
	for _, d := range n.Drones {
		home, _ := n.Site(d.Home)
		s.drones[d.ID] = telemetry.DroneState{
			ID: d.ID, Located: true, Link: telemetry.LinkLive, At: T0,
			Position: telemetry.Position{Point: home.Point, BatteryPct: 100, WindMPS: -1}, Status: telemetry.Status{Phase: telemetry.Parked},
		}
	}
	return s
}

// Now is the situation as it stands.
func (s *Scene) Now() *situation.Situation {
	sit := s.Situation
	sit.Airway = s.space.Airway()
	var drones []telemetry.DroneState
	for _, d := range s.drones {
		drones = append(drones, d)
	}
	var boxes []telemetry.BoxState
	for _, b := range s.boxes {
		boxes = append(boxes, b)
	}
	sit.Picture = telemetry.PictureOf(sit.At, drones, boxes, s.forecasts)
	return situation.Observed(sit)
}

// Later lets time pass, in which every drone but some is heard where it is.
func (s *Scene) Later(by time.Duration, silent ...telemetry.DeviceID) {
	s.At = s.At.Add(by)
	for id, d := range s.drones {
		d.At = s.At
		s.drones[id] = d
	}
	for _, id := range silent {
		s.Drone(id, func(d *telemetry.DroneState) { d.At, d.Link = s.At.Add(-by), telemetry.LinkStale })
	}
}

// Drone changes what is known of a drone.
func (s *Scene) Drone(id telemetry.DeviceID, change func(*telemetry.DroneState)) {
	d := s.drones[id]
	change(&d)
	s.drones[id] = d
}

// Box has a watched box be in a state, with some temperature in °C; the air about it has 20.
func (s *Scene) Box(id telemetry.DeviceID, state coldchain.State, tempC float64) {
	r := coldchain.Reading{At: s.At, TempMC: int32(tempC * 1000), AmbientMC: 20_000}
	s.boxes[id] = telemetry.BoxState{
		ID: id, Watched: true, Profile: s.profileOf(id), Reading: telemetry.Temperature{TempMC: r.TempMC, AmbientMC: r.AmbientMC},
		Summary: coldchain.Summary{State: state, Newest: r, HasReading: state != coldchain.Unknown},
	}
}

// profileOf is what a box's type is made for.
func (s *Scene) profileOf(id telemetry.DeviceID) coldchain.Profile {
	b, _ := s.Network.Box(id)
	bt, _ := s.Network.BoxType(b.Type)
	return s.Profiles[bt.Profile]
}

// Forecast has a box be forecast by a monitor.
func (s *Scene) Forecast(id telemetry.DeviceID, m *coldchain.Monitor) { s.forecasts[id] = m.Forecast() }

// Wind has every drone estimate the wind.
func (s *Scene) Wind(speedMPS, fromDeg float64) {
	for id, d := range s.drones {
		d.Position.WindMPS, d.Position.WindFromDeg = speedMPS, fromDeg
		s.drones[id] = d
	}
}

// Zone closes a circle of airspace, and returns it.
func (s *Scene) Zone(id airspace.ZoneID, at orb.Point, radiusM float64) airspace.Zone {
	s.t.Helper()
	pl := geo.NewPlane(at)
	var ring orb.Ring
	for _, xy := range []orb.Point{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}} {
		ring = append(ring, pl.ToLonLat(orb.Point{xy[0] * radiusM, xy[1] * radiusM}))
	}
	z := airspace.Zone{
		ID:        id,
		NameZH:    "区",
		NameEN:    "zone",
		Kind:      airspace.Prohibited,
		Reference: airspace.AGL,
		UpperM:    300,
		Polygon:   orb.Polygon{ring},
	}
	z.From, z.Until = s.At.Add(-time.Minute), s.At.Add(3*time.Hour)
	if err := s.space.Add(z); err != nil {
		s.t.Fatal(err)
	}
	return z
}

// Close takes something out of service for an hour.
func (s *Scene) Close(c network.Closure) {
	c.From, c.Until, c.Reason, c.By = s.At.Add(-time.Minute), s.At.Add(time.Hour), "test", "anna"
	s.Closures = append(s.Closures, c)
}

// Units puts red cells into the centre's stock.
func (s *Scene) Units(group blood.Group, n int) []blood.Unit {
	var units []blood.Unit
	for range n {
		s.serial++
		units = append(units, blood.Unit{
			Key:       blood.UnitKey{DIN: fmt.Sprintf("A999926%06d", s.serial), ProductCode: "E0336V00"},
			Component: blood.RedCells, Group: group, MassG: 350, ExpiresAt: T0.Add(time.Duration(10+s.serial) * 24 * time.Hour),
			Site: Centre, Status: blood.InStock,
		})
	}
	s.Stock = append(s.Stock, units...)
	return units
}

// Request adds an open request for A+ red cells, due in an hour.
func (s *Scene) Request(urgency delivery.Urgency, change ...func(*delivery.Request)) delivery.Request {
	s.serial++
	r := delivery.Request{
		ID: delivery.RequestName(s.At, int64(s.serial)), Class: "A+", Status: delivery.Open, CreatedAt: s.At, CreatedBy: "ward", Version: 1,
		Asked: delivery.Asked{
			Hospital: Hospital, Pad: Pad, Component: blood.RedCells, Group: "A+", Units: 1, Urgency: urgency, NeededBy: s.At.Add(time.Hour),
		},
	}
	for _, f := range change {
		f(&r)
	}
	s.Requests = append(s.Requests, r)
	return r
}

// missionOf is the mission's status that goes with a delivery's.
var missionOf = map[delivery.Status]delivery.MissionStatus{
	delivery.DAllocated: delivery.MPlanned,
	delivery.DChecked:   delivery.MPlanned,
	delivery.DPacked:    delivery.MPlanned,
	delivery.DSealed:    delivery.MUploaded,
	delivery.DLoaded:    delivery.MUploaded,
	delivery.DAirborne:  delivery.MOutbound,
	delivery.DLanded:    delivery.MAtPad,
	delivery.DOpened:    delivery.MAtPad,
	delivery.DClosed:    delivery.MAtPad,
}

// Delivery adds a request that a drone's delivery serves, which has come to a status, with
// its mission; in the air it is half-way. Its box is in range once it is packed.
func (s *Scene) Delivery(drone telemetry.DeviceID, status delivery.Status) (delivery.Mission, delivery.Delivery) {
	s.t.Helper()
	r := s.Request(delivery.Urgent)
	s.Requests = s.Requests[:len(s.Requests)-1]
	r.Status = delivery.Allocated
	s.Served = append(s.Served, r)
	m := s.mission(drone, r, missionOf[status])
	unit := s.Units("A+", 1)[0]
	s.Stock = s.Stock[:len(s.Stock)-1]
	unit.Status = blood.Reserved
	box := s.Boxes[0]
	s.Boxes = s.Boxes[1:]
	d := delivery.Delivery{
		ID:          delivery.ID("D" + string(r.ID)[1:]),
		Request:     r.ID,
		Version:     1,
		Component:   r.Component,
		Recipient:   r.Class,
		Mission:     m.ID,
		Drone:       drone,
		Centre:      Centre,
		Hospital:    Hospital,
		Status:      status,
		AllocatedBy: "anna",
		TwoPersons:  true,
		NeededBy:    r.NeededBy,
		CreatedAt:   s.At,
		Boxes:       []delivery.Box{{Box: box.ID, Profile: "hemolift-rbc-2-10"}},
		Units:       []delivery.Unit{{Unit: unit}},
	}
	if !status.In(delivery.DAllocated, delivery.DChecked) {
		d.CheckedBy, d.Boxes[0].PackedAt, d.Units[0].PackedAt, d.Units[0].Box = "bert", s.At, s.At, box.ID
		d.Units[0].Unit.Status = blood.Issued
		s.Box(box.ID, coldchain.InRange, 4)
	}
	if !status.In(delivery.DAllocated, delivery.DChecked, delivery.DPacked) {
		d.Seal = "SL-1000"
	}
	if status == delivery.DLoaded {
		d.LoadedAt = s.At
	}
	s.Missions, s.Deliveries = append(s.Missions, m), append(s.Deliveries, d)
	from, to := situation.SlotFor(m.ArriveAt)
	s.Slots = append(s.Slots, delivery.Slot{Pad: Pad, Mission: m.ID, From: from, To: to})
	s.place(m, status)
	return m, d
}

// mission is a drone's way to the hospital and home, from now.
func (s *Scene) mission(drone telemetry.DeviceID, r delivery.Request, status delivery.MissionStatus) delivery.Mission {
	s.t.Helper()
	from, _ := s.Network.Site(Centre)
	to, _ := s.Network.Site(Hospital)
	sit := s.Now()
	class := sit.ClassOf(drone)
	out, err1 := sit.Airway.Route(from.Point, to.Point, class, sit.Wind, s.At)
	back, err2 := sit.Airway.Route(to.Point, from.Point, class, sit.Wind, s.At)
	if err1 != nil || err2 != nil {
		s.t.Fatal(err1, err2)
	}
	legOut, _ := class.Fly(out.Points, 4.85, sit.Wind)
	legBack, _ := class.Fly(back.Points, 4.5, sit.Wind)
	arrive := s.At.Add(legOut.Duration)
	return delivery.Mission{
		ID:        delivery.MissionID("M" + string(r.ID)[1:]),
		Drone:     drone,
		Centre:    Centre,
		Hospital:  Hospital,
		Pad:       Pad,
		Status:    status,
		LoadKg:    4.85,
		EnergyJ:   1.1 * (legOut.EnergyJ + legBack.EnergyJ),
		BatteryJ:  class.BatteryJ,
		ReserveJ:  class.ReserveJ(),
		DepartAt:  s.At,
		ArriveAt:  arrive,
		CreatedAt: s.At,
		PlanHash:  situation.FlightPlan(class, out.Points, back.Points).Hash(),
		Out:       situation.Timed(out.Points, sit.CruiseAltM(class), s.At, arrive),
		Back: situation.Timed(
			back.Points,
			sit.CruiseAltM(class),
			arrive.Add(situation.UnloadTime),
			arrive.Add(situation.UnloadTime+legBack.Duration),
		),
	}
}

// place puts a delivery's drone where its status says.
func (s *Scene) place(m delivery.Mission, status delivery.Status) {
	way := situation.Points(m.Out)
	pad := way[len(way)-1]
	s.Drone(m.Drone, func(d *telemetry.DroneState) {
		switch {
		case status == delivery.DAirborne:
			a, b := way[0], way[1]
			d.Position.Point, d.HeightM, d.ETA = orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}, 120, m.ArriveAt
			d.Status = telemetry.Status{Phase: telemetry.Airborne, Mission: string(m.ID)}
		case missionOf[status] == delivery.MAtPad:
			d.Position.Point, d.Status = pad, telemetry.Status{Phase: telemetry.Landed, Mission: string(m.ID)}
		}
	})
}

// Book is the scene as a locked record, with numbers drawn for two requests.
func (s *Scene) Book() *delivery.Book {
	b := &delivery.Book{
		Requests: map[delivery.RequestID]*delivery.Request{}, Missions: map[delivery.MissionID]*delivery.Mission{},
		Slots: map[delivery.MissionID]*delivery.Slot{}, Deliveries: map[delivery.ID]*delivery.Delivery{},
		Units: map[blood.UnitKey]*blood.Unit{}, Made: map[delivery.RequestID]int{}, Numbers: []int64{901, 902},
	}
	for _, r := range append(slices.Clone(s.Requests), s.Served...) {
		b.Requests[r.ID] = &r
	}
	for _, m := range s.Missions {
		b.Missions[m.ID] = &m
	}
	for _, x := range s.Slots {
		b.Slots[x.Mission] = &x
	}
	for _, u := range s.Stock {
		b.Units[u.Key] = &u
	}
	for _, d := range s.Deliveries {
		b.Deliveries[d.ID], b.Made[d.Request] = &d, 1
		for _, u := range d.Units {
			b.Units[u.Unit.Key] = &u.Unit
		}
	}
	return b
}
