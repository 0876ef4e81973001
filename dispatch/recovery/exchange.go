package recovery

import (
	"slices"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// exchangeable are the failures that another drone with the same box mends.
var exchangeable = []situation.Failure{situation.DeviceClosed, situation.DroneSilent, situation.NotLeaving}

// AnotherDrone is what another drone of the same centre could do with the units and boxes
// of a delivery that fails by its drone and has not left, and the world in which it does.
func AnotherDrone(s *situation.Situation, rules propose.Rules, f situation.Failing) (propose.Proposal, *situation.Situation, bool, error) {
	d := f.Delivery
	if _, err := d.Status.Next(delivery.StepExchange); err != nil || !slices.Contains(exchangeable, f.Failure) ||
		f.Failure == situation.NotLeaving && !f.ByDrone() {
		return propose.Proposal{}, nil, false, nil
	}
	if delivery.MayBeGone(d.Releases, s.GroundedAt(d.Drone)) {
		return propose.Proposal{}, nil, false, nil
	}
	other := Without(s, f)
	other.Stock, other.Boxes = nil, nil
	rules.Policy.ReserveUnits, rules.Policy.Partial = 0, nil
	takeBack(other, d)
	var others []telemetry.DeviceID
	for _, x := range s.Network.Drones {
		if x.Home != d.Centre || x.ID == d.Drone {
			others = append(others, x.ID)
		}
	}
	other = other.But(others...)
	r, _ := s.RequestOf(d)
	r.Units = len(d.Units)
	planned, err := propose.For(other, rules, []delivery.Request{r})
	p, ok := planned.Proposals[r.ID]
	return p, other, ok && len(p.Box) == len(d.Boxes) && len(p.Units) == len(d.Units), err
}

// costsOf is what the requests that wait lose when a drone goes instead of the one that a
// delivery had.
func costsOf(
	s *situation.Situation,
	rules propose.Rules,
	p propose.Proposal,
	f situation.Failing,
	before map[delivery.RequestID]propose.Proposal,
) ([]Cost, error) {
	after, err := propose.For(Without(s, f).But(p.Drone), rules, s.Requests)
	return costs(s.Requests, before, after.Proposals), err
}

// SetAside is the reason for which a drone is taken out of service that kept its delivery
// on the ground: it is not to be planned with again before a person has looked at it.
// False when the drone is not what failed.
func SetAside(f situation.Failing) (drone telemetry.DeviceID, reason string, ok bool) {
	switch {
	case !f.ByDrone():
		return "", "", false
	case f.Failure == situation.DroneSilent:
		return f.Mission.Drone, "失联 / was silent", true
	}
	return f.Mission.Drone, "未起飞 / did not leave", true
}
