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
	offsetIn = regexp.MustCompile(`(?i)(?:\b(?:utc|gmt)|时区|time ?zone\W+)\s*([+-])\s*(\d{1,2})(?::?(\d\d))?\b`)
	utcIn    = regexp.MustCompile(`(?i)\b(?:utc|gmt)\b`)
	zoneLine = regexp.MustCompile(`(?i)^\W*(?:time ?zone|zeitzone|时区|時區|fuseau)\W+(.*)$`)
	ianaName = regexp.MustCompile(`\b[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?\b`)
)

// zoneOf is the zone that the name of the column of times or a line before says.
func zoneOf(column string, before []row) (*time.Location, string) {
	if z := offsetOf(plain(column)); z != nil {
		return z, "as the name of its column says"
	}
	for _, r := range before {
		if m := zoneLine.FindStringSubmatch(plain(r.text)); m != nil {
			if name := ianaName.FindString(m[1]); name != "" {
				if z, err := time.LoadLocation(name); err == nil {
					return z, fmt.Sprintf("as line %d says", r.line)
				}
			}
			if z := offsetOf(strings.TrimSpace(m[0])); z != nil {
				return z, fmt.Sprintf("as line %d says", r.line)
			}
		}
	}
	return nil, ""
}

func offsetOf(s string) *time.Location {
	if m := offsetIn.FindStringSubmatch(s); m != nil {
		h, _ := strconv.Atoi(m[2])
		min, _ := strconv.Atoi(m[3]) // 0 where there are none
		if h > 14 || min > 59 {
			return nil
		}
		sec := h*3600 + min*60
		if m[1] == "-" {
			sec = -sec
		}
		return time.FixedZone(fmt.Sprintf("UTC%s%02d:%02d", m[1], h, min), sec)
	}
	if utcIn.MatchString(s) {
		return time.UTC
	}
	return nil
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
