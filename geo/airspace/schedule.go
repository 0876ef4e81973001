package airspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
)

// Horizon bounds the time for which schedules are written out as windows.
type Horizon struct{ From, Until time.Time }

// maxWindows bounds what one zone's schedules may come to.
const maxWindows = 3000

// window is a half-open interval; the zero time is unbounded.
type window struct{ from, until time.Time }

// period is when a zone applies: between two dates, on some days, during hours
// that clocks or the sun give.
type period struct {
	Start    *instant `json:"startDateTime"`
	End      *instant `json:"endDateTime"`
	Schedule []daily  `json:"schedule"`
}

type daily struct {
	Day        dayList `json:"day"`
	StartTime  string  `json:"startTime"`
	StartEvent string  `json:"startEvent"`
	EndTime    string  `json:"endTime"`
	EndEvent   string  `json:"endEvent"`
}

var weekdays = map[string]time.Weekday{
	"MON": time.Monday,
	"TUE": time.Tuesday,
	"WED": time.Wednesday,
	"THU": time.Thursday,
	"FRI": time.Friday,
	"SAT": time.Saturday,
	"SUN": time.Sunday,
}

// windows writes a zone's periods out, for events of the sun at a place. Without a
// period the zone applies always. Adjoining windows become one.
func windows(periods []period, at orb.Point, h Horizon) ([]window, error) {
	if len(periods) == 0 {
		return []window{{}}, nil
	}
	var out []window
	for i, p := range periods {
		bounds := window{}
		if p.Start != nil {
			bounds.from = p.Start.Time
		}
		if p.End != nil {
			bounds.until = p.End.Time
		}
		if p.Start != nil && p.End != nil && !p.Start.Before(p.End.Time) {
			return nil, fmt.Errorf("[%d]: endDateTime %v is not after startDateTime", i, p.End)
		}
		if len(p.Schedule) == 0 {
			out = append(out, bounds)
			continue
		}
		for k, d := range p.Schedule {
			more, err := d.write(bounds, at, h)
			if err != nil {
				return nil, fmt.Errorf("[%d].schedule[%d].%w", i, k, err)
			}
			if out = append(out, more...); len(out) > maxWindows {
				return nil, fmt.Errorf("[%d].schedule[%d]: more than %d windows", i, k, maxWindows)
			}
		}
	}
	return joined(out), nil
}

// write lists the windows of one daily period within bounds and the horizon. Where
// the sun does not rise or set on a day, the zone counts all that day.
func (d daily) write(bounds window, at orb.Point, h Horizon) ([]window, error) {
	on := map[time.Weekday]bool{}
	for _, name := range d.Day {
		if name == "ANY" {
			for _, w := range weekdays {
				on[w] = true
			}
			continue
		}
		w, ok := weekdays[name]
		if !ok {
			return nil, fmt.Errorf("day: %q is neither ANY nor a weekday", name)
		}
		on[w] = true
	}
	if len(on) == 0 {
		return nil, fmt.Errorf("day: names none")
	}
	from, until := h.From, h.Until
	if !bounds.from.IsZero() && bounds.from.After(from) {
		from = bounds.from
	}
	if !bounds.until.IsZero() && bounds.until.Before(until) {
		until = bounds.until
	}
	var out []window
	first := from.UTC().Truncate(24*time.Hour).AddDate(0, 0, -1) // whose window may reach into the next day
	for day := first; day.Before(until); day = day.AddDate(0, 0, 1) {
		if !on[day.Weekday()] {
			continue
		}
		start, err := moment("start", d.StartTime, d.StartEvent, day, at, day)
		if err != nil {
			return nil, err
		}
		end, err := moment("end", d.EndTime, d.EndEvent, day, at, day.AddDate(0, 0, 1))
		if err != nil {
			return nil, err
		}
		if !end.After(start) {
			end = end.AddDate(0, 0, 1)
		}
		w := window{later(start, from), earlier(end, until)}
		if w.from.Before(w.until) {
			out = append(out, w)
		}
	}
	return out, nil
}

// moment is a day's time by the clock or the sun, or otherwise the given one.
func moment(which, clock, event string, day time.Time, at orb.Point, otherwise time.Time) (time.Time, error) {
	switch {
	case clock != "" && event != "":
		return otherwise, fmt.Errorf("%sTime: given beside %sEvent", which, which)
	case event != "":
		elevation := geo.SunriseDeg
		if event == "BMCT" || event == "EECT" {
			elevation = geo.CivilTwilightDeg
		}
		rising, falling, ok := geo.SunPasses(at, day, elevation)
		switch {
		case event != "BMCT" && event != "SR" && event != "SS" && event != "EECT":
			return otherwise, fmt.Errorf("%sEvent: %q is none of BMCT, SR, SS and EECT", which, event)
		case !ok:
			return otherwise, nil
		case event == "BMCT" || event == "SR":
			return rising, nil
		}
		return falling, nil
	case clock != "":
		if at, rest := strings.CutPrefix(clock, "24:00"); rest && strings.Trim(at, ":0Z") == "" {
			return day.AddDate(0, 0, 1), nil // the end of the day, as ISO 8601 has it
		}
		for _, layout := range []string{"15:04:05Z07:00", "15:04Z07:00", "15:04:05", "15:04"} {
			if t, err := time.Parse(layout, clock); err == nil {
				return day.Add(t.UTC().Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))), nil
			}
		}
		return otherwise, fmt.Errorf("%sTime: %q is not a time of day", which, clock)
	}
	return otherwise, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// joined sorts windows and joins those that meet.
func joined(all []window) []window {
	slices.SortFunc(all, func(a, b window) int { return a.from.Compare(b.from) })
	var out []window
	for _, w := range all {
		if n := len(out); n > 0 && (out[n-1].until.IsZero() || !w.from.After(out[n-1].until)) {
			if !out[n-1].until.IsZero() && (w.until.IsZero() || w.until.After(out[n-1].until)) {
				out[n-1].until = w.until
			}
			continue
		}
		out = append(out, w)
	}
	return out
}

// dayList accepts a list of days, and one alone.
type dayList []string

// UnmarshalJSON takes either.
func (l *dayList) UnmarshalJSON(raw []byte) error {
	var many []string
	if err := decodeOne(raw, &many); err != nil {
		var one string
		if err := decodeOne(raw, &one); err != nil {
			return err
		}
		many = []string{one}
	}
	for i := range many {
		many[i] = strings.ToUpper(many[i])
	}
	*l = many
	slices.SortFunc(*l, cmp.Compare[string])
	return nil
}
