package situation

import (
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// CheckUnmoved refuses a change of the network that would pull something from under what is under
// way: the place of a site that a drone flies to or comes home to, the class or home of a drone
// that is out, and the design of a box that is in use.
func CheckUnmoved(s *Situation, changes []network.Difference) error {
	sites, devices := map[string]delivery.MissionID{}, map[string]string{}
	for _, m := range s.Missions {
		sites[string(m.Hospital)], sites[string(m.Centre)] = m.ID, m.ID
		devices["drones.csv "+string(m.Drone)] = "mission " + string(m.ID)
	}
	for _, d := range s.Deliveries {
		if d.Status.Ended() {
			continue
		}
		for _, b := range d.Boxes {
			devices["fleet.csv "+string(b.Box)] = "delivery " + string(d.ID)
		}
	}
	for _, c := range changes {
		if c.Field == "" {
			continue
		}
		if m, under := sites[c.ID]; under && c.File == "sites.csv" && (c.Field == "lon" || c.Field == "lat") {
			return refusal.OfState("site "+c.ID, "where mission "+string(m)+" flies", "moved")
		}
		if what, under := devices[c.File+" "+c.ID]; under {
			return refusal.OfState(c.ID, "under way with "+what, "changed")
		}
	}
	return nil
}
