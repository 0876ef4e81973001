package airspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// published is one feature of an ED-269 or ED-318 document, as far as it concerns
// where and when not to fly.
type published struct {
	id, name    string
	kind        Kind
	parts       []part
	periods     []period
	periodsPath string
}

// part is one volume of a feature.
type part struct {
	polygon orb.Polygon
	layer   layer
	path    string
}

// kinds maps the words of both editions. A zone without restriction is not kept,
// and a U-space zone is closed to whoever has no U-space services.
var kinds = map[string]Kind{
	"PROHIBITED":        Prohibited,
	"REQ_AUTHORIZATION": ReqAuthorization,
	"REQ_AUTHORISATION": ReqAuthorization,
	"CONDITIONAL":       Conditional,
	"USPACE":            ReqAuthorization,
}

const noRestriction = "NO_RESTRICTION"

// zones makes one zone of each part and window. With more than one they are told
// apart by a number after a stroke.
func (p published) zones(h Horizon) ([]Zone, error) {
	var out []Zone
	for _, part := range p.parts {
		lowerM, upperM, ref, err := part.layer.limits()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.path, err)
		}
		spans, err := windows(p.periods, part.polygon.Bound().Center(), h)
		if err != nil {
			return nil, fmt.Errorf("%s%w", p.periodsPath, err)
		}
		for _, w := range spans {
			z := Zone{
				ID:        ZoneID(p.id),
				NameZH:    p.name,
				NameEN:    p.name,
				Kind:      p.kind,
				Polygon:   part.polygon,
				LowerM:    lowerM,
				UpperM:    upperM,
				Reference: ref,
				From:      w.from,
				Until:     w.until,
			}
			if err := z.Check(); err != nil {
				return nil, fmt.Errorf("%s: %w", part.path, err)
			}
			out = append(out, z)
		}
	}
	if len(out) > 1 {
		for i := range out {
			out[i].ID = ZoneID(fmt.Sprintf("%s/%d", p.id, i+1))
		}
	}
	return out, nil
}

// collect reads every feature of a list with one reader, and refuses a document
// with faults by their paths.
func collect(features []json.RawMessage, path string, h Horizon, read func(raw json.RawMessage) (published, error)) ([]Zone, error) {
	if !h.From.Before(h.Until) {
		return nil, errors.New("zones: the horizon ends before it begins")
	}
	g := gathered{seen: map[ZoneID]bool{}}
	for i, raw := range features {
		p, err := read(raw)
		var more []Zone
		if err == nil {
			more, err = p.zones(h)
		}
		if err == nil {
			err = g.add(ZoneID(p.id), more)
		}
		if err != nil {
			g.faults = append(g.faults, fmt.Errorf("zones: %s[%d].%w", path, i, err))
		}
	}
	return g.all()
}

// gathered are the zones of a document, of which each feature adds its own.
type gathered struct {
	zones    []Zone
	seen     map[ZoneID]bool
	vertices int
	faults   []error
}

func (g *gathered) add(id ZoneID, more []Zone) error {
	if g.seen[id] {
		return fmt.Errorf("identifier: %q appears twice", id)
	}
	g.seen[id] = true
	for _, z := range more {
		for _, r := range z.Polygon {
			g.vertices += len(r)
		}
	}
	if g.vertices > MaxVertices {
		return fmt.Errorf("geometry: with it there are more than %d vertices", MaxVertices)
	}
	g.zones = append(g.zones, more...)
	return nil
}

func (g *gathered) all() ([]Zone, error) {
	if len(g.faults) > 0 {
		return nil, errors.Join(g.faults...)
	}
	return g.zones, nil
}

// Each parts an error of a reader into its faults, one a feature.
func Each(err error) []error {
	var many interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		return many.Unwrap()
	}
	return []error{err}
}

// decodeOne decodes a value and turns a type fault into its path.
func decodeOne(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("%s: is a %s, want %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return err
}

// text is a string, or the first of several in named languages.
type text string

// UnmarshalJSON takes a text in one language or several.
func (t *text) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		var many []struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(raw, &many); err != nil {
			return err
		}
		if len(many) > 0 {
			*t = text(many[0].Text)
		}
		return nil
	}
	var one string
	err := json.Unmarshal(raw, &one)
	*t = text(one)
	return err
}

func kindOf(word, path string) (Kind, error) {
	k, ok := kinds[strings.ToUpper(word)]
	if !ok {
		return "", fmt.Errorf("%s: %q is not a restriction", path, word)
	}
	return k, nil
}

// label is an identifier: a text, or a number as JSON has it.
type label string

// UnmarshalJSON takes either.
func (l *label) UnmarshalJSON(raw []byte) error {
	var number json.Number
	if err := json.Unmarshal(raw, &number); err == nil {
		*l = label(number)
		return nil
	}
	var s string
	err := decodeOne(raw, &s)
	*l = label(s)
	return err
}

// instant is a date and a time with an offset, of which the seconds may be left out, and
// the end of a day may be 24:00.
type instant struct{ time.Time }

// UnmarshalJSON takes what ISO 8601 allows of it.
func (t *instant) UnmarshalJSON(raw []byte) error {
	var s string
	if err := decodeOne(raw, &s); err != nil {
		return err
	}
	text, over := s, 0
	if day, rest, ok := strings.Cut(s, "T24:00"); ok && strings.Trim(strings.TrimRight(rest, "Z"), ":0+-") == "" {
		text, over = day+"T00:00"+rest, 1
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			t.Time = at.AddDate(0, 0, over)
			return nil
		}
	}
	return fmt.Errorf("%q is no date and time with an offset, as 2026-01-02T15:04:05Z", s)
}
