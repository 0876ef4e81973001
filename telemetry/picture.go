package telemetry

import (
	"maps"
	"slices"
	"time"

	"hemolift/telemetry/coldchain"
)

// Picture is what a Tracker knew at one instant. It does not change.
type Picture struct {
	At        time.Time
	drones    map[DeviceID]DroneState
	boxes     map[DeviceID]BoxState
	forecasts map[DeviceID]coldchain.Forecast // of watched boxes
	overran   []DeviceID
}

// Picture returns all that is known now.
func (t *Tracker) Picture(now time.Time) Picture {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := Picture{
		At:        now,
		drones:    make(map[DeviceID]DroneState, len(t.drones)),
		boxes:     make(map[DeviceID]BoxState, len(t.boxes)),
		forecasts: map[DeviceID]coldchain.Forecast{},
	}
	for id, d := range t.drones {
		p.drones[id] = d.DroneState
	}
	for id, b := range t.boxes {
		p.boxes[id] = b.state(now)
		if b.monitor != nil {
			p.forecasts[id] = b.monitor.Forecast()
		}
	}
	for id, at := range t.overran {
		if now.Sub(at) < overranFor {
			p.overran = append(p.overran, id)
		}
	}
	slices.Sort(p.overran)
	return p
}

// PictureOf is a picture of devices that are as stated; forecasts may be nil.
func PictureOf(at time.Time, drones []DroneState, boxes []BoxState, forecasts map[DeviceID]coldchain.Forecast) Picture {
	p := Picture{At: at, drones: map[DeviceID]DroneState{}, boxes: map[DeviceID]BoxState{}, forecasts: maps.Clone(forecasts)}
	for _, d := range drones {
		p.drones[d.ID] = d
	}
	for _, b := range boxes {
		p.boxes[b.ID] = b
	}
	return p
}

// Drone returns a drone as it was known; false for one that is not.
func (p Picture) Drone(id DeviceID) (DroneState, bool) {
	d, ok := p.drones[id]
	return d, ok
}

// Box returns a box as it was known; false for one that is not.
func (p Picture) Box(id DeviceID) (BoxState, bool) {
	b, ok := p.boxes[id]
	return b, ok
}

// Drones returns all drones that are known, in the order of their ids.
func (p Picture) Drones() []DroneState {
	list := make([]DroneState, 0, len(p.drones))
	for _, d := range p.drones {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b DroneState) int { return compareID(a.ID, b.ID) })
	return list
}

// Overran are the devices that sent more than their quota a short while ago, in order.
func (p Picture) Overran() []DeviceID { return p.overran }

// TimeToLimit is the time, by the early bound, until a watched box comes to a limit if it
// goes through other air; false when that is not known.
func (p Picture) TimeToLimit(id DeviceID, air ...coldchain.Stretch) (time.Duration, bool) {
	f, ok := p.forecasts[id]
	if !ok {
		return 0, false
	}
	return f.TimeTo(p.At, air...)
}
