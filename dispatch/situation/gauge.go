package situation

import (
	"math"
	"slices"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// reading is what a gauge shows.
type reading struct {
	value, limit float64
	left         time.Duration
	falls        bool // less is worse
}

// gauges is the one table of what is measured of an alarm: its kind, and what it reads now;
// false while nothing is known. worst says that what was worst is kept: of a time that runs
// on, it is the newest.
var gauges = map[delivery.AlarmKind]struct {
	read  func(*Situation, delivery.Alarm) (reading, bool)
	worst bool
}{
	delivery.TempExcursion: {boxTemperature, true},
	delivery.TempNearLimit: {boxTemperature, true},
	delivery.TempUnknown:   {boxSilence, false},
	delivery.LinkLoss:      {droneSilence, false},
	delivery.LinksLost:     {longestSilence, false},
	delivery.LowEnergy:     {battery, true},
	delivery.OffRoute:      {deviation, true},
	delivery.OffHeight:     {deviation, true},
	delivery.Behind:        {deviation, true},
	delivery.Overdue:       {lateness, false},
}

// Gauges measures the alarms that stand.
func Gauges(s *Situation) []delivery.Gauge {
	list := make([]delivery.Gauge, len(s.Alarms))
	for i, a := range s.Alarms {
		list[i] = gauge(s, a)
	}
	return list
}

// gauge measures one alarm; while nothing is known, it shows what was known last.
func gauge(s *Situation, a delivery.Alarm) delivery.Gauge {
	g := delivery.Gauge{Alarm: a.ID, Site: a.Site, Value: a.Value, Limit: a.Limit, Worst: tenth(a.Worst), Left: delivery.NoLeft}
	kind, measured := gauges[a.Kind]
	if !measured {
		return g
	}
	r, known := kind.read(s, a)
	if !known {
		return g
	}
	g.Value, g.Limit, g.Worst, g.Known = tenth(r.value), tenth(r.limit), tenth(r.value), true
	if kind.worst {
		g.Worst = tenth(worse(a.Worst, r.value, r.falls))
	}
	if r.left != delivery.NoLeft {
		g.Left = r.left.Truncate(time.Second)
	}
	return g
}

// Worsened are the alarms of which what was worst has to be kept anew, by their ids.
func Worsened(standing []delivery.Alarm, now []delivery.Gauge) map[int64]float64 {
	worst := map[int64]float64{}
	for i, a := range standing {
		if gauges[a.Kind].worst && now[i].Worst != tenth(a.Worst) {
			worst[a.ID] = now[i].Worst
		}
	}
	return worst
}

func tenth(v float64) float64 { return math.Round(v*10) / 10 }

func worse(a, b float64, falls bool) float64 {
	if falls {
		return min(a, b)
	}
	return max(a, b)
}

// boxTemperature reads °C, the limit that is nearer or passed, and when the forecast comes
// to it.
func boxTemperature(s *Situation, a delivery.Alarm) (reading, bool) {
	b, ok := s.Box(a.Device)
	if !ok || !b.Watched || !b.HasReading || b.State == coldchain.Unknown {
		return reading{}, false
	}
	r := reading{value: float64(b.Newest.TempMC) / 1000, limit: nearerLimit(b.Profile, b.Newest.TempMC), left: delivery.NoLeft}
	if b.HasOutlook && b.Outlook.Early != coldchain.NoLimit {
		r.limit, r.left = b.Outlook.LimitC, b.Outlook.Early
	}
	r.falls = b.Profile.HasLow() && r.limit == b.Profile.LowC() && !(b.Profile.HasHigh() && r.limit == b.Profile.HighC())
	return r, true
}

// boxSilence reads seconds since the last reading.
func boxSilence(s *Situation, a delivery.Alarm) (reading, bool) {
	b, ok := s.Box(a.Device)
	if !ok || !b.HasReading {
		return reading{}, false
	}
	return silence(s, b.Newest.At), true
}

// droneSilence reads seconds since the last position, and how long until a drone that was in
// the air does by itself what its class does without a link.
func droneSilence(s *Situation, a delivery.Alarm) (reading, bool) {
	d, ok := s.Drone(a.Device)
	if !ok || !d.Located {
		return reading{}, false
	}
	r := silence(s, d.At)
	if class, _ := s.Network.ClassOf(a.Device); class.LostLinkS > 0 && d.Status.Phase.InAir() {
		r.left = max(0, time.Duration(class.LostLinkS*float64(time.Second))-s.At.Sub(d.At))
	}
	return r, true
}

// longestSilence reads seconds since any drone was heard.
func longestSilence(s *Situation, _ delivery.Alarm) (reading, bool) {
	var newest time.Time
	for _, d := range s.Drones() {
		if d.Located && d.At.After(newest) {
			newest = d.At
		}
	}
	return silence(s, newest), !newest.IsZero()
}

func silence(s *Situation, since time.Time) reading {
	return reading{value: math.Floor(max(0, s.At.Sub(since).Seconds())), left: delivery.NoLeft}
}

// battery reads percent, and what is needed.
func battery(s *Situation, a delivery.Alarm) (reading, bool) {
	d, heard := s.Live(a.Device)
	return reading{value: d.Position.BatteryPct, limit: d.NeedPct, left: delivery.NoLeft, falls: true}, heard
}

// deviation reads metres aside of the path or off the height, or minutes behind the plan.
func deviation(s *Situation, a delivery.Alarm) (reading, bool) {
	d, heard := s.Live(a.Device)
	r := reading{value: math.Round(d.OffM), limit: a.Limit, left: delivery.NoLeft}
	switch a.Kind {
	case delivery.OffHeight:
		r.value = math.Round(math.Abs(d.OffHeightM))
	case delivery.Behind:
		r.value = math.Floor(d.Behind.Minutes())
	}
	return r, heard
}

// lateness reads whole minutes past needed-by.
func lateness(s *Situation, a delivery.Alarm) (reading, bool) {
	for _, d := range s.Deliveries {
		if d.ID == a.Delivery && s.At.After(d.NeededBy) {
			return reading{value: math.Floor(s.At.Sub(d.NeededBy).Minutes()), left: delivery.NoLeft}, true
		}
	}
	return reading{}, false
}

// fewestSilent is from how many drones on that the silence of all tells of the server's link.
const fewestSilent = 3

// linksLost holds while no drone is heard, and several fell silent together: it is the server's
// own link, and one alarm.
func linksLost(s *Situation) bool {
	const settled = 30 * time.Second // after a start, while devices connect
	if s.At.Sub(s.Since) < settled {
		return false
	}
	const together = time.Minute // those that were silent before tell nothing of the link
	var last []time.Time
	for _, d := range s.Drones() {
		switch {
		case !d.Located:
		case d.Link != telemetry.LinkStale:
			return false
		default:
			last = append(last, d.At)
		}
	}
	slices.SortFunc(last, func(a, b time.Time) int { return b.Compare(a) })
	return len(last) >= fewestSilent && last[0].Sub(last[fewestSilent-1]) < together
}
