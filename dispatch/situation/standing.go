package situation

import (
	"math"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
)

// conditions is the one table of conditions that are alarms: a kind, and where it holds
// now. A kind whose source is ByCondition has its row here.
var conditions = []struct {
	kind  delivery.AlarmKind
	holds func(*Situation, delivery.Mission, []delivery.Delivery, []Failing) (detail string, value float64, holds bool)
}{
	{delivery.Overdue, overdue},
	{delivery.PadTaken, padTaken},
	{delivery.NoWay, noWay},
	{delivery.ColdMargin, tooWarmToLeave},
	{delivery.OutOfService, outOfService},
	{delivery.AstrayDown, astrayDown},
	{delivery.NotLeft, notLeft},
	{delivery.Stranded, strandedDrone},
	{delivery.LandAsk, landAsked},
	{delivery.PadUnready, padUnready},
	{delivery.PadOverdue, padOverdue},
}

// Standing are the alarms that conditions of now give. failing are the deliveries that
// fail now.
func (s *Situation) Standing(failing []Failing) []delivery.Alarm {
	var alarms []delivery.Alarm
	for _, m := range s.Missions {
		payload := s.Payload(m.ID)
		own := slices.DeleteFunc(slices.Clone(failing), func(f Failing) bool { return f.Mission.ID != m.ID })
		for _, c := range conditions {
			if detail, value, holds := c.holds(s, m, payload, own); holds {
				alarms = append(alarms, delivery.Alarm{Kind: c.kind, Device: m.Drone, RaisedAt: s.At, Detail: detail, Value: value})
			}
		}
		alarms = append(alarms, silentSincePacked(s, payload)...)
	}
	for _, d := range s.Drones() {
		if how := s.untold(d); how != "" {
			alarms = append(alarms, delivery.Alarm{Kind: delivery.UntoldFlight, Device: d.ID, RaisedAt: s.At, Detail: how})
		}
	}
	if linksLost(s) {
		alarms = append(alarms, delivery.Alarm{Kind: delivery.LinksLost, Device: TheServer, RaisedAt: s.At})
	}
	for _, id := range s.Picture.Overran() {
		alarms = append(alarms, delivery.Alarm{Kind: delivery.OverQuota, Device: id, RaisedAt: s.At})
	}
	return alarms
}

// How a drone flies that was not told to.
const (
	unreleased   = "unreleased"    // from its centre, or with the box that a hospital waits for
	otherMission = "other_mission" // one that is not its own, or is over
	outAgain     = "out_again"     // from the pad on its way out
	saysGround   = "says_ground"   // while it says that it stands
)

// untold is how a drone that was heard in the air, and may be there, does what it was not told; empty when it
// does what it was told.
func (s *Situation) untold(d telemetry.DroneState) string {
	if s.contradicts(d) {
		return saysGround
	}
	if !s.MayFly(d.ID) {
		return ""
	}
	i := slices.IndexFunc(s.Missions, func(m delivery.Mission) bool { return m.Drone == d.ID && string(m.ID) == d.Status.Mission })
	if i < 0 {
		return otherMission
	}
	m, payload := s.Missions[i], s.Payload(s.Missions[i].ID)
	waits := slices.ContainsFunc(payload, func(x delivery.Delivery) bool { return x.Status.In(delivery.DLanded, delivery.DOpened) })
	switch {
	case m.Status.In(delivery.MPlanned, delivery.MUploaded) && !delivery.ToldToGo(payload), m.Status == delivery.MAtPad && waits:
		return unreleased
	case m.Status == delivery.MAtPad && d.Status.Phase == telemetry.Airborne && d.Status.Leg == 0 && !delivery.AnyAirborne(payload):
		return outAgain
	}
	return ""
}

// A drone moves like this only in the air.
const (
	fliesM   = 15 // above ground
	fliesMPS = 3
)

// contradicts reports whether a drone says that it stands, and is heard in the air after
// that: positions are measured, a phase is what its program believes.
func (s *Situation) contradicts(d telemetry.DroneState) bool {
	const settled = 10 * time.Second // a phase may be told a little before or after
	_, heard := s.Live(d.ID)
	says := heard && !d.StatusAt.IsZero() && !d.Status.Phase.InAir() && d.At.Sub(d.StatusAt) > settled
	return says && d.HeightM > fliesM && d.Position.SpeedMPS > fliesMPS
}

// Reconcile compares the alarms that stand with the conditions of now: those that ended
// are cleared, those that are new are raised. Alarms of other sources are left alone, but
// for the silence of a box that was never heard, which only a condition tells.
func Reconcile(standing, now []delivery.Alarm) delivery.AlarmChange {
	var c delivery.AlarmChange
	same := func(a delivery.Alarm) func(delivery.Alarm) bool {
		return func(b delivery.Alarm) bool {
			return a.Kind == b.Kind && a.Device == b.Device && (a.Delivery == b.Delivery || a.Kind.Source() != delivery.ByCondition)
		}
	}
	for _, a := range standing {
		if a.Kind.Source() == delivery.ByCondition && !slices.ContainsFunc(now, same(a)) {
			c.Clear = append(c.Clear, a.ID)
		}
	}
	for _, a := range now {
		if !slices.ContainsFunc(standing, same(a)) && !slices.ContainsFunc(c.Raise, same(a)) {
			c.Raise = append(c.Raise, a)
		}
	}
	return c
}

func overdue(s *Situation, _ delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	for _, d := range payload {
		if s.At.After(d.NeededBy) && !d.Status.Ended() && !d.Status.In(delivery.DLanded, delivery.DOpened) {
			return "", s.At.Sub(d.NeededBy).Minutes(), true
		}
	}
	return "", 0, false
}

// padTaken holds for a drone that overstays on its pad while another is to land there,
// and for one that was led around a zone and comes when the pad is another's.
func padTaken(s *Situation, m delivery.Mission, _ []delivery.Delivery, _ []Failing) (string, float64, bool) {
	switch m.Status {
	case delivery.MAtPad:
		return string(m.Pad), 0, holdsPad(s, m) && (s.Overlapped(m, s.At, s.At.Add(2*HoldAhead)) || s.Awaited(m))
	case delivery.MOutbound:
		from, to := SlotFor(m.ArriveAt)
		return string(m.Pad), 0, s.Overlapped(m, from, to)
	case delivery.MPlanned, delivery.MUploaded, delivery.MInbound, delivery.MDone, delivery.MAborted:
	}
	return "", 0, false
}

// holdsPad reports whether a drone stands on its pad when its slot is about to end.
func holdsPad(s *Situation, m delivery.Mission) bool {
	return m.Status == delivery.MAtPad && !s.Elsewhere(m) && !s.At.Before(m.ArriveAt.Add(UnloadTime-HoldAhead))
}

// OverstaysFreely reports whether a drone's slot is to be extended: it stands on its pad
// when the slot is about to end, and no other is to land.
func (s *Situation) OverstaysFreely(m delivery.Mission) bool {
	return holdsPad(s, m) && s.SlotOf(m.ID).To.Before(s.At.Add(HoldAhead)) && !s.Overlapped(m, s.At, s.At.Add(2*HoldAhead))
}

func noWay(s *Situation, m delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	if !m.Status.In(delivery.MOutbound, delivery.MInbound) {
		return "", 0, false
	}
	t := s.LeadAround(m, payload).Touched
	detail := string(t.Outcome)
	if t.Reason != "" {
		detail += ": " + t.Reason
	}
	return detail, 0, t.NoWayOn()
}

// tooWarmToLeave holds for a loaded drone that only the cold chain keeps; people may
// stand the delivery down.
func tooWarmToLeave(s *Situation, m delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	if m.Status != delivery.MUploaded || !delivery.Ready(payload) {
		return "", 0, false
	}
	c := s.Clear(s.Departure(m, payload))
	if c.Blocked != CheckCold {
		return "", 0, false
	}
	return "", -departingMargin(s, m, payload, c).Minutes(), true
}

// outOfService holds too for the pad to which a drone in the air was diverted.
func outOfService(s *Situation, m delivery.Mission, payload []delivery.Delivery, failing []Failing) (string, float64, bool) {
	if state, _ := s.Drone(m.Drone); m.Status == delivery.MOutbound && m.ToAlternate(payload) && padClosed(s, m, state.ETA) {
		return string(m.Pad), 0, true
	}
	for _, f := range failing {
		if f.Failure == PadRefused || f.Failure == CentreClosed || f.Failure == DeviceClosed {
			return string(m.Pad), 0, true
		}
	}
	_, closed := network.DeviceClosed(s.Closures, m.Drone, s.At)
	return string(m.Pad), 0, closed
}

// astrayDown says where the drone was to come.
func astrayDown(s *Situation, m delivery.Mission, payload []delivery.Delivery, failing []Failing) (string, float64, bool) {
	if DownOnItsWayHome(s, m) {
		return string(m.Centre), 0, true
	}
	goal := string(m.Pad)
	if m.ToAlternate(payload) {
		goal = string(payload[0].Hospital)
	}
	return goal, 0, failsBy(failing, DownElsewhere)
}

// landAsked says who asked that the drone come down where it is.
func landAsked(s *Situation, m delivery.Mission, _ []delivery.Delivery, _ []Failing) (string, float64, bool) {
	flies := m.Status.In(delivery.MOutbound, delivery.MInbound)
	return m.LandAsked.By, 0, flies && m.LandAsked.Stands(s.At)
}

// notLeft holds too for a drone with a box on board that was given up.
func notLeft(s *Situation, m delivery.Mission, payload []delivery.Delivery, failing []Failing) (string, float64, bool) {
	return string(m.Pad), 0, failsBy(failing, NotLeaving) || GivenUpAboard(payload)
}

// GivenUpAboard reports whether a drone has not left, with a box on board that was given
// up.
func GivenUpAboard(payload []delivery.Delivery) bool {
	return slices.ContainsFunc(payload, func(d delivery.Delivery) bool { return d.GivenUp() && d.Status == delivery.DLoaded })
}

func strandedDrone(s *Situation, m delivery.Mission, payload []delivery.Delivery, _ []Failing) (string, float64, bool) {
	if !s.Stranded(m) || s.Elsewhere(m) {
		return "", 0, false
	}
	return string(s.WaitsHome(m, payload)), 0, true
}

// WaitsHome is what a drone on a hospital's pad waits for before it may fly home.
func (s *Situation) WaitsHome(m delivery.Mission, payload []delivery.Delivery) Check {
	if !delivery.All(payload, delivery.DClosed, delivery.DRejected) {
		return Receipt
	}
	return s.Clear(s.WayHome(m, payload)).Blocked
}

func failsBy(failing []Failing, why Failure) bool {
	return slices.ContainsFunc(failing, func(f Failing) bool { return f.Failure == why })
}

// silentSincePacked are loaded boxes that have reported nothing since they were packed: of
// others, their record tells the silence.
func silentSincePacked(s *Situation, payload []delivery.Delivery) []delivery.Alarm {
	var alarms []delivery.Alarm
	for _, d := range payload {
		for _, b := range d.Boxes {
			live, _ := s.Box(b.Box)
			if d.Status == delivery.DLoaded && !b.PackedAt.IsZero() && !live.HasReading && s.At.Sub(b.PackedAt) > s.Profiles[b.Profile].MaxGap {
				alarms = append(alarms, delivery.Alarm{
					Kind: delivery.TempUnknown, Device: b.Box, RaisedAt: s.At, Value: math.Floor(s.At.Sub(b.PackedAt).Seconds()),
				})
			}
		}
	}
	return alarms
}
