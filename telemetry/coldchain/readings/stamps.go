package readings

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Order is the order of day, month and year in dates.
type Order string

const (
	YMD Order = "ymd"
	DMY Order = "dmy"
	MDY Order = "mdy"
)

// form is one way to write a date with a time.
type form struct {
	layout string
	order  Order
	zoned  bool // with an offset
}

// clocks are the ways to write a time of day.
var clocks = []string{
	"15:04:05", "15:04", "3:04:05 PM", "3:04 PM", "3:04:05PM", "3:04PM", "15.04.05", "15时04分05秒", "15时04分", "150405",
}

// forms are all ways that are read. Fractions of a second may follow each time.
var forms = sync.OnceValue(func() []form {
	var all []form
	for _, d := range []struct {
		order   Order
		layouts []string
	}{
		{YMD, []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102", "06-1-2", "06/1/2", "06.1.2"}},
		{DMY, []string{
			"2/1/2006", "2-1-2006", "2.1.2006", "2/1/06", "2-1-06", "2.1.06",
			"2-JAN-2006", "2 JAN 2006", "2-JAN-06", "2 JAN 06", "2 JANUARY 2006", "2. JAN 2006",
		}},
		{MDY, []string{"1/2/2006", "1-2-2006", "1.2.2006", "1/2/06", "1-2-06", "1.2.06", "JAN 2 2006", "JANUARY 2 2006", "JAN-2-2006"}},
	} {
		for _, date := range d.layouts {
			date = strings.NewReplacer("JANUARY", "January", "JAN", "Jan").Replace(date)
			for _, clock := range clocks {
				for _, between := range []string{" ", "T"} {
					for _, offset := range []string{"", "Z07:00", " Z07:00", "Z0700", " Z0700", "Z07", " Z07"} {
						all = append(all, form{date + between + clock + offset, d.order, offset != ""})
					}
				}
			}
		}
	}
	return append(all, form{"20060102150405", YMD, false})
})

// formsOf are the forms by the outline of what they write, with fractions and without.
var formsOf = sync.OnceValue(func() map[string][]form {
	by := map[string][]form{}
	at := time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC)
	for _, f := range forms() {
		for _, zone := range []*time.Location{time.UTC, time.FixedZone("", 8*3600+1800)} {
			whole := at.In(zone).Format(f.layout)
			for _, s := range []string{whole, strings.Replace(whole, ":12", ":12.5", 1)} {
				if o := outline(s); !slices.Contains(by[o], f) {
					by[o] = append(by[o], f)
				}
			}
		}
	}
	return by
})

// outline is a stamp with each run of figures or letters as one sign, and one sign for
// either sign of an offset.
func outline(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			r = '9'
		case r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z':
			r = 'A'
		case r == '+':
			r = '-'
		}
		if r != last || r != '9' && r != 'A' {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

var (
	gmt     = regexp.MustCompile(` ?\(?(?:UTC|GMT)\)?( ?[+-]\d)?`)
	weekday = regexp.MustCompile(`^(MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*\.?,? `)
	ampm    = regexp.MustCompile(`^(.*?)(上午|下午|AM|PM) ?(\d.*)$`)
)

// stamp is a date and a time in one way to write them.
func stamp(s string) string {
	s = strings.ToUpper(plain(s))
	s = strings.NewReplacer("A.M.", "AM", "P.M.", "PM", ", ", " ", ",", ".").Replace(s)
	s = weekday.ReplaceAllString(s, "")
	if m := ampm.FindStringSubmatch(s); m != nil {
		s = strings.TrimSpace(m[1]) + " " + m[3] + " " + map[string]string{"上午": "AM", "下午": "PM"}[m[2]]
		if m[2] == "AM" || m[2] == "PM" {
			s += m[2]
		}
	}
	if m := gmt.FindStringSubmatchIndex(s); m != nil {
		if m[2] >= 0 { // GMT+8
			s = s[:m[0]] + " " + strings.TrimSpace(s[m[2]:])
		} else {
			s = s[:m[0]] + "Z" + s[m[1]:]
		}
	}
	s = shortOffset.ReplaceAllString(s, "${1}0$2")
	if strings.Contains(s, "  ") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return s
}

// wall is what a row says of its time: an instant where it is zoned, else what a clock on
// the wall showed, as UTC.
type wall struct {
	at    time.Time
	zoned bool
	ok    bool
}

// scale is how numbers count time.
type scale struct {
	name string
	wall func(x float64) wall
}

var excelEpoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

func after(epoch time.Time, x float64, unit time.Duration, zoned bool) wall {
	ns := x * float64(unit)
	if !(math.Abs(ns) < math.MaxInt64/2) {
		return wall{}
	}
	return wall{epoch.Add(time.Duration(math.Round(ns))), zoned, true}
}

// The numbers of instants between 2000 and 2100.
const (
	firstEpochS, lastEpochS = 946_684_800, 4_102_444_800
	firstSerial, lastSerial = 36_526, 73_050 // days since the end of 1899
)

// maxElapsedS bounds a time since the start: some three years.
const maxElapsedS = 1e8

// Errors that say what would help.
var (
	ErrNoHeader = errors.New("no line names a column of times and one of temperatures (-columns says which they are)")
	ErrNoColumn = errors.New("there is no column")
	ErrOrder    = errors.New("the dates can be read with the day or the month first, and nothing tells which (say -dates dmy or mdy)")
	ErrTimes    = errors.New("the times cannot be read")
)

// numeric tells how a column of numbers counts time: by the greater part of its rows.
func numeric(xs []float64, column string) (scale, error) {
	name := strings.ToLower(plain(column))
	span := spanName.MatchString(name)
	in := func(low, high float64) bool {
		n := 0
		for _, x := range xs {
			if x >= low && x < high {
				n++
			}
		}
		return 2*n > len(xs)
	}
	epoch := time.Unix(0, 0).UTC()
	for _, e := range []struct {
		name  string
		scale float64
		unit  time.Duration
	}{
		{"seconds since 1970", 1, time.Second},
		{"milliseconds since 1970", 1e3, time.Millisecond},
		{"microseconds since 1970", 1e6, time.Microsecond},
	} {
		if in(firstEpochS*e.scale, lastEpochS*e.scale) {
			return scale{e.name, func(x float64) wall {
				if x < firstEpochS*e.scale || x >= lastEpochS*e.scale {
					return wall{}
				}
				return after(epoch, math.Round(x*1e3/e.scale), time.Millisecond, true)
			}}, nil
		}
	}
	if span {
		unit, unitName := time.Second, "seconds"
		switch {
		case inMillis.MatchString(name):
			unit, unitName = time.Millisecond, "milliseconds"
		case inMinutes.MatchString(name):
			unit, unitName = time.Minute, "minutes"
		case inHours.MatchString(name):
			unit, unitName = time.Hour, "hours"
		case inDays.MatchString(name):
			unit, unitName = 24*time.Hour, "days"
		case !inSeconds.MatchString(name):
			return scale{}, fmt.Errorf("%w: column %q counts from the start, and does not say in what, as time_s or minutes", ErrTimes, clip(column))
		}
		return scale{unitName + " since the start", func(x float64) wall {
			if math.Abs(x)*unit.Seconds() > maxElapsedS {
				return wall{}
			}
			return after(Epoch, x, unit, true)
		}}, nil
	}
	if in(firstSerial, lastSerial) {
		return scale{"days of a spreadsheet", func(x float64) wall {
			if x < firstSerial || x >= lastSerial {
				return wall{}
			}
			return after(excelEpoch, math.Round(x*86400), time.Second, false)
		}}, nil
	}
	return scale{}, fmt.Errorf("%w: column %q holds numbers, and they are neither seconds nor milliseconds since 1970; "+
		"where they count from the start, its name must say in what, as time_s", ErrTimes, clip(column))
}

// compact is a date and a time without marks between.
var compact = regexp.MustCompile(`^(19|20)\d{12}$`)

// orders are how names of columns and lines before them say the order of dates.
var orders = map[Order]*regexp.Regexp{
	YMD: regexp.MustCompile(`(?i)\by{2,4}[/.\- ]?m{1,3}[/.\- ]?d{1,2}\b`),
	DMY: regexp.MustCompile(`(?i)\bd{1,2}[/.\- ]?m{1,3}[/.\- ]?y{2,4}\b`),
	MDY: regexp.MustCompile(`(?i)\bm{1,3}[/.\- ]?d{1,2}[/.\- ]?y{2,4}\b`),
}

// orderIn is the order of dates that a text says, when it says one.
func orderIn(s string) (found Order) {
	for order, form := range orders {
		if form.MatchString(s) {
			if found != "" {
				return ""
			}
			found = order
		}
	}
	return found
}

// clockSpan is a time since the start as hours, minutes and seconds.
var clockSpan = regexp.MustCompile(`^(\d{1,5}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?$`)

// dated tells the form of dates by all rows together: day, month and year are in the order
// in which most rows can be read. Where two orders read the same rows, and as different
// instants, how the days follow each other decides, or a caller.
func dated(stamps []string, o Options) (func(string) wall, Order, error) {
	by := map[Order][]form{}
	for _, f := range likely(stamps) {
		by[f.order] = append(by[f.order], f)
	}
	read := func(order Order, s string) wall {
		for _, f := range by[order] {
			if at, err := time.Parse(f.layout, s); err == nil {
				return wall{at.UTC(), f.zoned, true}
			}
		}
		return wall{}
	}
	if o.Dates != "" {
		return func(s string) wall { return read(o.Dates, s) }, o.Dates, nil
	}
	counts := map[Order]int{}
	for _, s := range stamps {
		for order := range by {
			if read(order, s).ok {
				counts[order]++
			}
		}
	}
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	if most == 0 {
		return nil, "", unreadTimes(stamps)
	}
	var can []Order
	for _, order := range []Order{YMD, DMY, MDY} {
		if counts[order] == most {
			can = append(can, order)
		}
	}
	order, err := settle(can, stamps, read, o.Now)
	return func(s string) wall { return read(order, s) }, order, err
}

// likely are the forms in which some rows of a file, all over it, can be read.
func likely(stamps []string) []form {
	const look, ofShape, shapes = 100, 3, 24
	var some []string
	seen := map[string]int{}
	add := func(s string) {
		form := shape(s)
		if seen[form]++; s != "" && seen[form] <= ofShape && len(seen) <= shapes {
			some = append(some, s)
		}
	}
	for _, s := range stamps[:min(len(stamps), look)] {
		add(s)
	}
	for i := 0; i < len(stamps); i += max(1, len(stamps)/look) {
		add(stamps[i])
	}
	var found []form
	fit := formsOf()
	for _, s := range some {
		for _, f := range fit[outline(s)] {
			if slices.Contains(found, f) {
				continue
			}
			if _, err := time.Parse(f.layout, s); err == nil {
				found = append(found, f)
			}
		}
	}
	return found
}

func unreadTimes(stamps []string) error {
	for _, s := range stamps {
		if s != "" {
			return fmt.Errorf("%w: %q is in no form that is known", ErrTimes, clip(s))
		}
	}
	return fmt.Errorf("%w: they are empty", ErrTimes)
}

// settle picks one of several orders in which the same number of rows can be read.
func settle(can []Order, stamps []string, read func(Order, string) wall, now time.Time) (Order, error) {
	best, ties := can[0], 0
	var bestFit fit
	for i, order := range can {
		f := fitOf(order, stamps, read, now)
		switch {
		case i == 0 || f.better(bestFit):
			best, bestFit, ties = order, f, 0
		case !bestFit.better(f) && !f.alike(bestFit):
			ties++
		}
	}
	if ties > 0 {
		return best, fmt.Errorf("%w: %q", ErrOrder, clip(stamps[0]))
	}
	return best, nil
}

// fit is how well instants follow each other as those of a logger do.
type fit struct {
	leaps       int // over more than three weeks, or back over more than a day
	future      bool
	first, last time.Time
}

func fitOf(order Order, stamps []string, read func(Order, string) wall, now time.Time) (f fit) {
	const leap, back = 21 * 24 * time.Hour, 25 * time.Hour
	for _, s := range stamps {
		w := read(order, s)
		if !w.ok {
			continue
		}
		if f.first.IsZero() {
			f.first = w.at
		} else if d := w.at.Sub(f.last); d > leap || d < -back && d > -leap || d < -leap {
			f.leaps++
		}
		f.last = w.at
		f.future = f.future || !now.IsZero() && w.at.After(now.Add(48*time.Hour))
	}
	return f
}

func (f fit) alike(g fit) bool { return f.first.Equal(g.first) && f.last.Equal(g.last) }

// better reports whether f alone can be: the other leaps where f does not.
func (f fit) better(g fit) bool {
	return !f.future && g.future || f.future == g.future && f.leaps == 0 && g.leaps > 0
}
