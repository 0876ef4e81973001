package verify

import "slices"

// drones follows each drone's day and battery.
func (c *checker) drones() {
	for _, d := range c.Drones {
		var day []flown
		for _, f := range c.flights {
			if f.drone.ID == d.ID {
				day = append(day, f)
			}
		}
		slices.SortFunc(day, func(a, b flown) int { return int(a.takeoff - b.takeoff) })
		free, soc := d.Ready, d.Soc
		for _, f := range day {
			if f.loading < free {
				c.no("mission %d: drone %s loads at %d, is free from %d", f.n, d.ID, f.loading, free)
				break
			}
			soc = min(f.class.Battery, soc+f.class.Charge*(f.loading-free)) - f.joules
			if soc < f.class.Reserve {
				c.no("mission %d: drone %s lands with %d J, reserve %d", f.n, d.ID, soc, f.class.Reserve)
				break
			}
			free = f.landing + c.Turn
		}
	}
}

// spell is a time for which some of a resource are held.
type spell struct{ from, till, n int64 }

// crowd reports the first moment at which flights hold some and, with what is busy
// anyway, more than capacity is held.
func crowd(flights, busy []spell, capacity int64) (moment, held int64, found bool) {
	at := func(spells []spell, t int64) (n int64) {
		for _, o := range spells {
			if o.from <= t && t < o.till {
				n += o.n
			}
		}
		return n
	}
	for _, s := range slices.Concat(flights, busy) {
		mine := at(flights, s.from)
		if held = mine + at(busy, s.from); mine > 0 && held > capacity {
			return s.from, held, true
		}
	}
	return 0, 0, false
}

// resources looks at pads and boxes.
func (c *checker) resources() {
	launches, visits := map[int][]spell{}, map[int][]spell{}
	boxes := map[[2]string][]spell{}
	for _, f := range c.flights {
		home := c.site[f.drone.Home]
		launches[home] = append(launches[home], spell{f.loading, f.takeoff, 1})
		for _, v := range f.visits {
			visits[v.site] = append(visits[v.site], spell{v.from, v.till, 1})
		}
		for part, n := range f.boxes {
			key := [2]string{f.drone.Home, part}
			boxes[key] = append(boxes[key], spell{f.loading, f.landing + c.Turn, n})
		}
	}
	for i, s := range c.Sites {
		var busy []spell
		for _, b := range s.Busy {
			busy = append(busy, spell{b.From, b.To, 1})
		}
		if at, n, over := crowd(launches[i], busy, s.LaunchPads); over {
			c.no("launch pads of %s: %d held at %d, there are %d", s.ID, n, at, s.LaunchPads)
		}
		if at, n, over := crowd(visits[i], busy, s.Pads); over {
			c.no("landing pads of %s: %d held at %d, there are %d", s.ID, n, at, s.Pads)
		}
		for part := range c.Hold {
			if at, n, over := crowd(boxes[[2]string{s.ID, part}], nil, s.Boxes[part]); over {
				c.no("boxes of %s at %s: %d held at %d, there are %d", part, s.ID, n, at, s.Boxes[part])
			}
		}
	}
}
