package plan

import (
	"errors"
	"fmt"
)

// Limits of an instance. They keep every sum and product within 64 bits and every
// search within memory.
const (
	MaxSeconds  = 1_000_000_000
	MaxQuantity = 1_000_000_000 // joules, watts, grams, permille
	MaxCount    = 100_000       // units, boxes, bays, pads; entries of a list
	MaxSites    = 2_000
	MaxParts    = 8 // components

	maxLegs = 50_000_000
)

// ErrNoDrones is returned by Read for a file without a fleet.
var ErrNoDrones = errors.New("drones: the fleet is empty")

// faults collects the first thing that is wrong.
type faults struct{ err error }

func (f *faults) addf(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

// within checks one number of a field named by format.
func (f *faults) within(v, low, high int64, format string, args ...any) {
	if f.err == nil && (v < low || v > high) {
		f.err = fmt.Errorf("%s: %d is not within %d to %d", fmt.Sprintf(format, args...), v, low, high)
	}
}

// ids are the names of one list, each once.
type ids map[string]int

func (f *faults) name(seen ids, id string, i int, list string) {
	if id == "" {
		f.addf("%s[%d].id: is empty", list, i)
	}
	if first, twice := seen[id]; twice {
		f.addf("%s[%d].id: %q is that of %s[%d] too", list, i, id, list, first)
	}
	seen[id] = i
}

// Check returns the first fault of the instance, by the name of its field.
func (in *Instance) Check() error {
	f := &faults{}
	if in.Format != Format {
		f.addf("format: %q is not %q", in.Format, Format)
	}
	if in.Kind != KindStatic && in.Kind != KindOnline {
		f.addf("kind: %q is neither static nor online", in.Kind)
	}
	f.within(in.HorizonS, 1, MaxSeconds, "horizon_s")
	f.within(in.PackS, 0, MaxSeconds, "pack_s")
	f.within(in.LaunchS, 0, MaxSeconds, "launch_s")
	f.within(in.UnloadS, 0, MaxSeconds, "unload_s")
	f.within(in.TurnS, 0, MaxSeconds, "turn_s")
	f.within(in.MaxServe, 0, MaxCount, "max_serve")
	counts := map[string]int{"drones": len(in.Drones), "lots": len(in.Lots), "requests": len(in.Requests), "classes": len(in.Classes)}
	for list, n := range counts {
		f.within(int64(n), 0, MaxCount, "%s: number of entries", list)
	}
	in.checkComponents(f)
	sites := in.checkSites(f)
	classes := in.checkClasses(f)
	in.checkDrones(f, sites, classes)
	in.checkLots(f, sites)
	in.checkRequests(f, sites)
	return f.err
}

func (in *Instance) checkComponents(f *faults) {
	f.within(int64(len(in.HoldS)), 1, MaxParts, "hold_s: number of components")
	for _, c := range in.components() {
		f.within(in.HoldS[c], 0, MaxSeconds, "hold_s[%s]", c)
		for field, values := range map[string]map[string]int64{"unit_g": in.UnitG, "box_units": in.BoxUnits, "box_g": in.BoxG} {
			if _, ok := values[c]; !ok {
				f.addf("%s: %s is missing", field, c)
			}
		}
		f.within(in.UnitG[c], 0, MaxQuantity, "unit_g[%s]", c)
		f.within(in.BoxUnits[c], 1, MaxCount, "box_units[%s]", c)
		f.within(in.BoxG[c], 0, MaxQuantity, "box_g[%s]", c)
		for recipient, donors := range in.Compat[c] {
			seen := map[string]bool{}
			for _, d := range donors {
				if seen[d] {
					f.addf("compat[%s][%s]: %q stands twice", c, recipient, d)
				}
				seen[d] = true
			}
		}
	}
}

func (in *Instance) checkSites(f *faults) ids {
	seen, n := ids{}, len(in.Sites)
	f.within(int64(n), 1, MaxSites, "sites: number of entries")
	for i, s := range in.Sites {
		f.name(seen, s.ID, i, "sites")
		switch {
		case s.Kind != Centre && s.Kind != Hospital:
			f.addf("sites[%d].kind: %q is neither centre nor hospital", i, s.Kind)
		case s.Kind == Centre && i > 0 && in.Sites[i-1].Kind == Hospital:
			f.addf("sites[%d].kind: a centre stands after a hospital", i)
		}
		f.within(s.LaunchPads, 0, MaxCount, "sites[%d].launch_pads", i)
		f.within(s.Pads, 0, MaxCount, "sites[%d].pads", i)
		for c, boxes := range s.Boxes {
			f.within(boxes, 0, MaxCount, "sites[%d].boxes[%s]", i, c)
		}
		for k, b := range s.Busy {
			f.within(b.FromS, -MaxSeconds, MaxSeconds, "sites[%d].busy[%d].from_s", i, k)
			f.within(b.ToS, b.FromS, MaxSeconds, "sites[%d].busy[%d].to_s", i, k)
		}
	}
	f.matrix(in.TimeS, n, "time_s")
	f.matrix(in.EnergyJ, n, "energy_j")
	f.within(int64(n)*int64(n)*int64(len(in.Classes)), 0, maxLegs, "classes: legs of all classes together")
	return seen
}

func (f *faults) matrix(m [][]int64, n int, field string) {
	if len(m) != n {
		f.addf("%s: %d rows for %d sites", field, len(m), n)
	}
	for i, row := range m {
		if len(row) != n {
			f.addf("%s[%d]: %d columns for %d sites", field, i, len(row), n)
		}
		for j, v := range row {
			if v < 0 || v > MaxQuantity {
				f.addf("%s[%d][%d]: %d is not within 0 to %d", field, i, j, v, MaxQuantity)
			}
		}
	}
}

func (in *Instance) checkClasses(f *faults) ids {
	seen, dearest := ids{}, int64(0)
	for _, row := range in.EnergyJ {
		for _, v := range row {
			dearest = max(dearest, v)
		}
	}
	for i, c := range in.Classes {
		f.name(seen, c.ID, i, "classes")
		f.within(c.PayloadG, 0, MaxQuantity, "classes[%d].payload_g", i)
		f.within(c.Bays, 0, MaxCount, "classes[%d].bays", i)
		f.within(c.BatteryJ, 0, MaxQuantity, "classes[%d].battery_j", i)
		f.within(c.ReserveJ, 0, MaxQuantity, "classes[%d].reserve_j", i)
		f.within(c.ChargeW, 0, MaxQuantity, "classes[%d].charge_w", i)
		f.within(c.TimePermille, 0, MaxQuantity, "classes[%d].time_permille", i)
		f.within(c.EnergyPermille, 0, MaxQuantity, "classes[%d].energy_permille", i)
		f.within(c.PayloadPPMPerG, 0, MaxQuantity, "classes[%d].payload_ppm_per_g", i)
		f.within(c.StopJ, 0, MaxQuantity, "classes[%d].stop_j", i)
		f.legs(c.Legs, len(in.Sites), i)
		leg := dearest
		for _, row := range c.Legs {
			for _, l := range row {
				if l != nil {
					leg = max(leg, l.EnergyJ)
				}
			}
		}
		// in floating point, as the product itself may be too large
		if float64(leg)*float64(c.EnergyPermille)*(1e6+float64(c.PayloadG)*float64(c.PayloadPPMPerG)) > 9e18 {
			f.addf("classes[%d].energy_permille: a leg of %d J with a full load is beyond 64 bits", i, leg)
		}
	}
	return seen
}

func (f *faults) legs(legs [][]*Leg, n, class int) {
	if legs == nil {
		return
	}
	if len(legs) != n {
		f.addf("classes[%d].legs: %d rows for %d sites", class, len(legs), n)
	}
	for i, row := range legs {
		if len(row) != n {
			f.addf("classes[%d].legs[%d]: %d columns for %d sites", class, i, len(row), n)
		}
		for j, l := range row {
			if l != nil {
				f.within(l.TimeS, 0, MaxSeconds, "classes[%d].legs[%d][%d].time_s", class, i, j)
				f.within(l.EnergyJ, 0, MaxQuantity, "classes[%d].legs[%d][%d].energy_j", class, i, j)
			}
		}
	}
}

// site checks that a reference names a site of the kind.
func (in *Instance) site(f *faults, sites ids, id, kind, where string) {
	if k, ok := sites[id]; !ok || in.Sites[k].Kind != kind {
		f.addf("%s: %q is not a %s", where, id, kind)
	}
}

func (in *Instance) checkDrones(f *faults, sites, classes ids) {
	seen := ids{}
	for i, d := range in.Drones {
		f.name(seen, d.ID, i, "drones")
		in.site(f, sites, d.Home, Centre, fmt.Sprintf("drones[%d].home", i))
		if _, ok := classes[d.Class]; !ok {
			f.addf("drones[%d].class: %q is unknown", i, d.Class)
		}
		f.within(d.ReadyS, 0, MaxSeconds, "drones[%d].ready_s", i)
		f.within(d.SocJ, 0, MaxQuantity, "drones[%d].soc_j", i)
	}
}

func (in *Instance) checkLots(f *faults, sites ids) {
	seen := ids{}
	for i, l := range in.Lots {
		f.name(seen, l.ID, i, "lots")
		in.site(f, sites, l.Centre, Centre, fmt.Sprintf("lots[%d].centre", i))
		if _, ok := in.HoldS[l.Component]; !ok {
			f.addf("lots[%d].component: %q is unknown", i, l.Component)
		}
		f.within(l.Units, 0, MaxCount, "lots[%d].units", i)
		f.within(l.ExpiresS, 0, MaxSeconds, "lots[%d].expires_s", i)
	}
}

func (in *Instance) checkRequests(f *faults, sites ids) {
	seen := ids{}
	for i, r := range in.Requests {
		in.checkRequest(f, seen, sites, r, i)
	}
}

func (in *Instance) checkRequest(f *faults, seen, sites ids, r Request, i int) {
	f.name(seen, r.ID, i, "requests")
	in.site(f, sites, r.Hospital, Hospital, fmt.Sprintf("requests[%d].hospital", i))
	if _, ok := in.HoldS[r.Component]; !ok {
		f.addf("requests[%d].component: %q is unknown", i, r.Component)
	} else if _, ok := in.Compat[r.Component][r.Type]; !ok {
		f.addf("requests[%d].type: %q is not a recipient in compat[%s]", i, r.Type, r.Component)
	}
	if r.Priority < STAT || r.Priority > Routine {
		f.addf("requests[%d].priority: is missing", i)
	}
	f.within(r.Units, 1, MaxCount, "requests[%d].units", i)
	f.within(r.ReleaseS, 0, MaxSeconds, "requests[%d].release_s", i)
	f.within(r.DueS, 0, MaxSeconds, "requests[%d].due_s", i)
	if r.DueS < r.ReleaseS {
		f.addf("requests[%d].due_s: %d is before release_s, %d", i, r.DueS, r.ReleaseS)
	}
}
