// Package qualify recomputes files of cases with expected results. A file names its kind;
// what a kind's cases are, and by which of the server's functions they are recomputed,
// stands beside those functions. A laboratory qualifies a version with such files, and
// they are the functions' own tests.
package qualify

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

// Kinds recompute the cases of files, each those of one kind, with the functions that the
// server runs.
type Kinds map[string]func(File) ([]Verdict, error)

// File is a file of cases with expected results. Each list of Vectors has cases of its
// own form.
type File struct {
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
func Recompute(r io.Reader, kinds Kinds) ([]Verdict, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxBytes {
		return nil, fmt.Errorf("is longer than %d bytes", maxBytes)
	}
	var v File
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	q, ok := kinds[v.Kind]
	if !ok {
		return nil, fmt.Errorf("kind %q is none that is recomputed here: %s", v.Kind, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}
	return q(v)
}

// caseHead is what every case has. One with an Error expects to be refused.
type caseHead struct {
	ID    string          `json:"id"`
	Error json.RawMessage `json:"error"`
}

// Each decodes each case of a list and compares what do makes of it.
func Each[C any](v File, list string, do func(C, *Comparison) error) ([]Verdict, error) {
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
		cmp := &Comparison{}
		err := do(c, cmp)
		switch expected := len(head.Error) > 0 && string(head.Error) != "null"; {
		case expected && err == nil:
			cmp.Wrong = []string{fmt.Sprintf("got an answer, want the refusal %s", head.Error)}
		case expected:
			cmp.Wrong = nil
		case err != nil:
			cmp.Wrong = append(cmp.Wrong, err.Error())
		}
		verdicts = append(verdicts, Verdict{head.ID, cmp.Wrong})
	}
	return verdicts, nil
}

// Comparison gathers what differs in one case.
type Comparison struct{ Wrong []string }

// Near compares numbers; NaN is near nothing, infinities to themselves.
func (c *Comparison) Near(what string, got, want, within float64) {
	if got != want && !(math.Abs(got-want) <= within) {
		c.Wrong = append(c.Wrong, fmt.Sprintf("%s: got %.9g, want %.9g", what, got, want))
	}
}

// Same compares values that are equal or not.
func (c *Comparison) Same(what string, got, want any) {
	if got != want {
		c.Wrong = append(c.Wrong, fmt.Sprintf("%s: got %v, want %v", what, got, want))
	}
}
