package flight

import (
	"errors"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/situation"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Pending sends every command that waits for its answer, made right for the moment: a way
// is planned from where the drone is now, and a release names the plan it is for and is
// kept back while its leg may not be flown. What is kept back is fit again when zones end
// or the drone is heard, or it expires with an alarm.
func Pending(s *situation.Situation) []delivery.Action {
	var actions []delivery.Action
	for _, c := range s.Commands {
		if followed(s, c) {
			continue
		}
		fit, err := fit(s, c)
		if err != nil {
			actions = append(actions, delivery.HoldBack{Command: c, Reason: err})
			continue
		}
		actions = append(actions, delivery.Send{Command: fit})
	}
	return actions
}

// followed reports whether a drone left on the leg for which it was released, though nobody
// heard its answer.
func followed(s *situation.Situation, c telemetry.Command) bool {
	m, ok := s.Mission(delivery.MissionID(c.Mission))
	switch {
	case !ok || c.Kind != telemetry.Release:
		return false
	case c.Leg == 0:
		return m.Status.In(delivery.MOutbound, delivery.MAtPad, delivery.MInbound, delivery.MDone)
	}
	return m.Status.In(delivery.MInbound, delivery.MDone)
}

func fit(s *situation.Situation, c telemetry.Command) (telemetry.Command, error) {
	m, ok := s.Mission(delivery.MissionID(c.Mission))
	if !ok {
		return c, errNotUnderWay
	}
	switch c.Kind {
	case telemetry.Return:
		p, err := wayHome(s, m)
		c.Plan = &p
		return c, err
	case telemetry.Reroute:
		p, err := wayOn(s, m)
		c.Plan = &p
		return c, err
	case telemetry.Release:
		c.PlanHash = m.PlanHash
		return c, mayRelease(s, m, c.Leg)
	case telemetry.Resume:
		return c, mayResume(s, m, s.Payload(m.ID))
	case telemetry.LoadMission, telemetry.Hold, telemetry.Land:
	}
	return c, nil
}

// mayRelease looks once more whether a leg may be flown, right before its drone is let go.
func mayRelease(s *situation.Situation, m delivery.Mission, leg int) error {
	payload := s.Payload(m.ID)
	if leg > 0 {
		return s.Clear(s.WayHome(m, payload)).Err
	}
	if !delivery.Ready(payload) {
		return errors.New("its delivery is not loaded, or given up")
	}
	l := s.Departure(m, payload)
	l.ArriveAt = m.ArriveAt // for which its pad is held, however often the release is sent
	return s.Clear(l).Err
}

// wayHome plans from where a drone is to its centre.
func wayHome(s *situation.Situation, m delivery.Mission) (telemetry.FlightPlan, error) {
	home, _ := s.Network.Site(m.Centre)
	return wayTo(s, m, home.Point, time.Time{})
}

// wayOn plans from where a drone is to the goal of its leg. Zones that open after the landing
// at a hospital do not count.
func wayOn(s *situation.Situation, m delivery.Mission) (telemetry.FlightPlan, error) {
	if m.Status == delivery.MOutbound {
		return wayTo(s, m, goal(m), s.LandsBy(m))
	}
	return wayTo(s, m, goal(m), time.Time{})
}

// goal is where the leg ends that a mission flies.
func goal(m delivery.Mission) orb.Point {
	track := m.Out
	if m.Status == delivery.MInbound {
		track = m.Back
	}
	return track[len(track)-1].Point
}

// wayTo plans from where a drone is to a place, around the zones; those count that are closed
// before a time, where there is one.
func wayTo(s *situation.Situation, m delivery.Mission, to orb.Point, until time.Time) (telemetry.FlightPlan, error) {
	state, heard := s.Live(m.Drone)
	if !heard {
		return telemetry.FlightPlan{}, silent(m)
	}
	class := s.ClassOf(m.Drone)
	f := situation.Flight(state.Position.Point, to, class.HeightM, s.At)
	if !until.IsZero() {
		f.Until = until
	}
	r, err := s.Airway.Onward(f)
	if err != nil {
		return telemetry.FlightPlan{}, fmt.Errorf("way of %s: %w", m.Drone, err)
	}
	return planOf(class, r), nil
}

func planOf(c route.Class, r route.Route) telemetry.FlightPlan {
	return situation.FlightPlan(c, r.Points)
}
