package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
)

// qualifiers recompute the cases of a kind of vector file, with the functions that
// the server runs.
var qualifiers = map[string]func(vectorFile) ([]verdict, error){
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

// verdict is what came out of one case: nothing wrong, or what.
type verdict struct {
	id    string
	wrong []string
}

// qualify is the command `hemolift qualify`.
func qualify(_ context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("qualify", flag.ContinueOnError)
	files, err := parseWithFiles(fs, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("qualify: name one or more vector files")
	}
	passed, failed := 0, 0
	for _, name := range files {
		verdicts, err := qualifyFile(name)
		if err != nil {
			return fmt.Errorf("qualify %s: %w", name, err)
		}
		for _, v := range verdicts {
			if len(v.wrong) == 0 {
				passed++
				continue
			}
			failed++
			fmt.Fprintf(out, "%s: %s: %s\n", name, v.id, strings.Join(v.wrong, "; "))
		}
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", passed, failed)
	switch {
	case failed > 0:
		return fmt.Errorf("qualify: %d of %d cases failed", failed, passed+failed)
	case passed == 0:
		return errors.New("qualify: no case was recomputed")
	}
	return nil
}

// maxVectorBytes bounds a vector file.
const maxVectorBytes = 64 << 20

func qualifyFile(name string) ([]verdict, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxVectorBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxVectorBytes {
		return nil, fmt.Errorf("is longer than %d bytes", maxVectorBytes)
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
func recompute[C any](v vectorFile, list string, do func(C, *comparison) error) ([]verdict, error) {
	var verdicts []verdict
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
		verdicts = append(verdicts, verdict{head.ID, cmp.wrong})
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

// parseWithFiles is parse for a command that takes files after its flags.
func parseWithFiles(fs *flag.FlagSet, args []string) ([]string, error) {
	var files []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		files, args = append(files, args[0]), args[1:]
	}
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Printf("usage: hemolift %s [FLAGS] FILE...\n", fs.Name())
		fs.SetOutput(os.Stdout)
		fs.PrintDefaults()
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s -h explains the flags", fs.Name(), err, fs.Name())
	}
	return append(files, fs.Args()...), nil
}
