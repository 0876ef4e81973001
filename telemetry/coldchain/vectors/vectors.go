// Package vectors recomputes files of cases with expected results by the functions that
// the server runs: excursions, boxes that warm, estimates, and mean kinetic temperatures.
// A laboratory qualifies a version with them, and they are coldchain's own tests.
package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// qualifiers recompute the cases of a kind of vector file, with the functions that
// the server runs.
var qualifiers = map[string]func(vectorFile) ([]Verdict, error){
	"excursion": qualifyExcursions,
	"thermal":   qualifyThermal,
	"mkt":       qualifyMKT,
}

// vectorFile is a file of cases with expected results. Each list of Vectors has
// cases of its own form.
type vectorFile struct {
	Kind       string                       `json:"kind"`
	ToleranceC float64                      `json:"tolerance_c"`
	ToleranceS float64                      `json:"tolerance_s"`
	TimeTolS   float64                      `json:"tolerance_time_s"`
	Vectors    map[string][]json.RawMessage `json:"vectors"`
}

// Verdict is what came out of one case: nothing wrong, or what.
type Verdict struct {
	ID    string
	Wrong []string
}

// maxBytes bounds a file.
const maxBytes = 64 << 20

// Recompute reads a file and judges each of its cases. An error is a file that cannot be
// read, or of a kind that is none of these.
func Recompute(r io.Reader) ([]Verdict, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxBytes {
		return nil, fmt.Errorf("is longer than %d bytes", maxBytes)
	}
	var v vectorFile
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	q, ok := qualifiers[v.Kind]
	if !ok {
		return nil, fmt.Errorf("kind %q is none that is recomputed here: %s", v.Kind, strings.Join(slices.Sorted(maps.Keys(qualifiers)), ", "))
	}
	return q(v)
}

// caseHead is what every case has. One with an Error expects to be refused.
type caseHead struct {
	ID    string          `json:"id"`
	Error json.RawMessage `json:"error"`
}

// recompute decodes each case of a list and compares what do returns of it.
func recompute[C any](v vectorFile, list string, do func(C, *comparison) error) ([]Verdict, error) {
	var verdicts []Verdict
	for i, raw := range v.Vectors[list] {
		var head caseHead
		var c C
		if err := errors.Join(json.Unmarshal(raw, &head), json.Unmarshal(raw, &c)); err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", list, i, err)
		}
		if head.ID == "" {
			head.ID = fmt.Sprintf("%s[%d]", list, i)
		}
		cmp := &comparison{}
		err := do(c, cmp)
		switch expected := len(head.Error) > 0 && string(head.Error) != "null"; {
		case expected && err == nil:
			cmp.wrong = []string{fmt.Sprintf("got an answer, want the refusal %s", head.Error)}
		case expected:
			cmp.wrong = nil
		case err != nil:
			cmp.wrong = append(cmp.wrong, err.Error())
		}
		verdicts = append(verdicts, Verdict{head.ID, cmp.wrong})
	}
	return verdicts, nil
}

// comparison gathers what differs in one case.
type comparison struct{ wrong []string }

// near compares numbers; NaN is near nothing, infinities to themselves.
func (c *comparison) near(what string, got, want, within float64) {
	if got != want && !(math.Abs(got-want) <= within) {
		c.wrong = append(c.wrong, fmt.Sprintf("%s: got %.9g, want %.9g", what, got, want))
	}
}

func (c *comparison) same(what string, got, want any) {
	if got != want {
		c.wrong = append(c.wrong, fmt.Sprintf("%s: got %v, want %v", what, got, want))
	}
}
