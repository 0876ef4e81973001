package readings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Epoch is the instant from which times since the start are counted.
var Epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// ErrNoZone is returned for times of a place where the place is not known.
var ErrNoZone = errors.New("the times have no offset, and no zone was given (say -zone, as Asia/Shanghai)")

var (
	offsetIn = regexp.MustCompile(`(?i)(?:(?:utc|gmt)[^\w+-]{0,3}(?:offset)?|时区|time ?zone[^\w+-]+)` +
		`[^\w+-]*([+-]?)\s*(\d{1,2})(?::?(\d\d)\b|\.(\d{1,2})\b)?`)
	utcIn    = regexp.MustCompile(`(?i)(?:\b|_)(?:utc|gmt)(?:\b|_|\d)`)
	ofUTC    = regexp.MustCompile(`(?i)\d|daylight|saving|summer|\bdst\b|夏令时`) // it is not UTC as it is
	zoneLine = regexp.MustCompile(`(?i)^\W*(?:time ?zone|zeitzone|时区|時區|fuseau)\W+(.*)$`)
	ianaName = regexp.MustCompile(`\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?(?:[+-]\d{1,2})?`)
)

// said is a zone as a file names it.
type said struct {
	zone *time.Location // nil where what is named is not understood
	text string
	from string
}

// zoneOf is the zone that the name of the column of times or a line before says.
func zoneOf(column string, before []row) (said, bool) {
	if z, names := offsetOf(plain(column)); names {
		return said{z, column, "as the name of its column says"}, true
	}
	for _, r := range before {
		m := zoneLine.FindStringSubmatch(plain(r.text))
		if m == nil {
			continue
		}
		from := fmt.Sprintf("as line %d says", r.line)
		if name := ianaName.FindString(m[1]); name != "" {
			z, _ := time.LoadLocation(name) // nil where there is no such zone
			return said{z, m[1], from}, true
		}
		z, _ := offsetOf(strings.TrimSpace(m[0]))
		return said{z, m[1], from}, true
	}
	return said{}, false
}

// offsetOf is the offset that a text names, and whether it names one: nil where that is
// not understood.
func offsetOf(s string) (*time.Location, bool) {
	if m := offsetIn.FindStringSubmatch(s); m != nil {
		h, _ := strconv.Atoi(m[2])
		min, _ := strconv.Atoi(m[3]) // 0 where there are none
		if m[4] != "" {
			part, _ := strconv.ParseFloat("0."+m[4], 64)
			min = int(60 * part)
		}
		if h > 14 || min > 59 || strings.ContainsAny(s[strings.Index(s, m[0])+len(m[0]):], "0123456789") {
			return nil, true
		}
		sec := h*3600 + min*60
		sign := "+"
		if m[1] == "-" {
			sign, sec = "-", -sec
		}
		return time.FixedZone(fmt.Sprintf("UTC%s%02d:%02d", sign, h, min), sec), true
	}
	switch at := utcIn.FindStringIndex(s); {
	case at == nil:
		return nil, false
	case ofUTC.MatchString(s[at[0]:]):
		return nil, true
	}
	return time.UTC, true
}

// candidates are the instants at which clocks of a zone show a time: two in the hour that
// comes twice, none in the one that is left out.
func candidates(w time.Time, zone *time.Location) []time.Time {
	var found []time.Time
	for _, d := range []time.Duration{-15 * time.Hour, 15 * time.Hour} {
		_, off := w.Add(d).In(zone).Zone()
		at := w.Add(-time.Duration(off) * time.Second)
		if _, is := at.In(zone).Zone(); is == off && !slices.ContainsFunc(found, at.Equal) {
			found = append(found, at)
		}
	}
	slices.SortFunc(found, time.Time.Compare)
	return found
}

// instants turns what clocks showed, in the order in which it was recorded, into instants.
// In the hour that comes twice the order of the rows tells which one it is; a clock that
// shows the hour that is left out does not follow the change, and none of its times does.
func instants(ws []wall, zone *time.Location) (assumed string) {
	if zone == nil {
		return ""
	}
	for _, w := range ws {
		if w.ok && !w.zoned && len(candidates(w.at, zone)) == 0 {
			_, off := w.at.Add(-15 * time.Hour).In(zone).Zone()
			assumed = fmt.Sprintf("the logger's clock shows an hour that %s leaves out, so it does not follow the change: "+
				"all times are taken with the offset before it", zone)
			zone = time.FixedZone(zone.String(), off)
			break
		}
	}
	var last time.Time
	for i, w := range ws {
		if !w.ok {
			continue
		}
		if !w.zoned {
			can := candidates(w.at, zone)
			at := can[len(can)-1]
			for _, c := range can {
				if !c.Before(last) {
					at = c
					break
				}
			}
			if len(can) > 1 && assumed == "" {
				assumed = "in the hour that the clock change repeats, the order of the lines tells which one it is"
			}
			ws[i].at = at
		}
		last = ws[i].at
	}
	return assumed
}

// backward reports whether rows were written with the newest first.
func backward(ws []wall) bool {
	up, down := 0, 0
	var last wall
	for _, w := range ws {
		if !w.ok {
			continue
		}
		if last.ok {
			switch d := w.at.Sub(last.at); {
			case d > 0:
				up++
			case d < 0:
				down++
			}
		}
		last = w
	}
	return down > up
}

// How names of columns say in what they count from the start, after plain and in small
// letters.
var (
	inMillis  = regexp.MustCompile(`(?:\b|_)(?:ms|msecs?|milliseconds?)\b|毫秒`)
	inMinutes = regexp.MustCompile(`(?:\b|_)(?:min|mins|minutes?)\b|分`)
	inHours   = regexp.MustCompile(`(?:\b|_)(?:h|hr|hrs|hours?)\b|小时|小時|时$`)
	inDays    = regexp.MustCompile(`(?:\b|_)(?:d|days?)\b|天`)
	inSeconds = regexp.MustCompile(`(?:\b|_)(?:s|secs?|seconds?)\b|秒`)
)

// shortOffset is the hour of an offset in one digit, behind a time.
var shortOffset = regexp.MustCompile(`(:\d\d(?:\.\d+)? ?[+-])(\d(?::\d\d)?)$`)
