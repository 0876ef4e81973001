package situation

import (
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// CheckUnmoved refuses a change of the network that would pull something from under what is under
// way: the place of a site that a drone flies to or comes home to, the home or class of a drone
// that is out, and that class itself; a box that is in use, and its design. was is the network
// before.
func CheckUnmoved(f Flights, was *network.Network, changes []network.Difference) error {
	used := map[string]string{} // by file and id
	for _, m := range f.Missions {
		by := "mission " + string(m.ID)
		used["sites.csv "+string(m.Hospital)], used["sites.csv "+string(m.Centre)] = by, by
		drone, _ := was.Drone(m.Drone)
		used["drones.csv "+string(m.Drone)], used["aircraft.csv "+drone.Class] = by, by
	}
	for _, d := range f.Deliveries {
		if d.Status.Ended() {
			continue
		}
		for _, b := range d.Boxes {
			by := "delivery " + string(d.ID)
			box, _ := was.Box(b.Box)
			used["fleet.csv "+string(b.Box)], used["boxes.csv "+string(box.Type)] = by, by
		}
	}
	for _, c := range changes {
		if c.Field == "elevation_m" && len(f.Missions) > 0 { // the ground of all
			return refusal.OfState("the ground", "under mission "+string(f.Missions[0].ID), "raised")
		}
		by, under := used[c.File+" "+c.ID]
		if !under || c.Field == "" || c.File == "sites.csv" && c.Field != "lon" && c.Field != "lat" {
			continue
		}
		return refusal.OfState(c.ID+" ("+c.File+")", "in use by "+by, "changed in "+c.Field)
	}
	return nil
}
