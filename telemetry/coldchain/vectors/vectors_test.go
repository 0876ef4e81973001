package vectors_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hemolift/telemetry/coldchain/vectors"
	"hemolift/telemetry/qualify"
)

var vectorFiles = []string{"excursion", "thermal", "mkt"}

func TestThePublishedVectorsPass(t *testing.T) {
	cases := 0
	for _, name := range vectorFiles {
		b, err := os.ReadFile(filepath.Join("testdata", name+"_vectors.json"))
		if err != nil {
			t.Fatal(err)
		}
		verdicts, err := qualify.Recompute(bytes.NewReader(b), vectors.Kinds)
		if err != nil || failed(verdicts) > 0 {
			t.Errorf("%s: %v, %+v", name, err, verdicts)
		}
		cases += len(verdicts)
	}
	if cases != 35 {
		t.Errorf("%d cases", cases)
	}
}

func failed(verdicts []qualify.Verdict) (n int) {
	for _, v := range verdicts {
		if len(v.Wrong) > 0 {
			n++
		}
	}
	return n
}

// Every expected number is changed in turn, and each change must be found.
func TestAChangedExpectationIsFound(t *testing.T) {
	expectations := map[string]func(path []any) bool{
		"excursion": func(path []any) bool { return path[2] == "expected" },
		"mkt":       func(path []any) bool { return path[2] == "mkt_c" },
		"thermal": func(path []any) bool {
			last := path[len(path)-1]
			column, isColumn := last.(int)
			switch list, field := path[0], path[2]; {
			case field == "temps_c":
				return list != "estimation" && isColumn && column > 0
			case field == "rls":
				return last != "lambda" && last != "P0" && last != "k0" && column == 1 == isColumn
			case field == "expected":
				return isColumn && column > 0
			default:
				return field == "least_squares" || field == "time_to_limit_s" || field == "time_to_limit_s_from_ls"
			}
		},
	}
	for _, name := range vectorFiles {
		b, err := os.ReadFile(filepath.Join("testdata", name+"_vectors.json"))
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		tried := 0
		numbers(doc["vectors"], nil, func(path []any, set func(float64), old float64) {
			if !expectations[name](path) {
				return
			}
			tried++
			if tried%7 != 0 { // each recomputes the file
				return
			}
			set(1.05*old + 0.7)
			defer set(old)
			changed, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if verdicts, err := qualify.Recompute(bytes.NewReader(changed), vectors.Kinds); err != nil || failed(verdicts) != 1 {
				t.Errorf("%s %v from %v: %v, %d failed", name, path, old, err, failed(verdicts))
			}
		})
		if tried < 10 {
			t.Errorf("%s: only %d expectations", name, tried)
		}
	}
}

// numbers visits every number of a document with its path.
func numbers(node any, path []any, visit func(path []any, set func(float64), old float64)) {
	each := func(key any, child any, set func(float64)) {
		at := append(path[:len(path):len(path)], key)
		if x, ok := child.(float64); ok {
			visit(at, set, x)
			return
		}
		numbers(child, at, visit)
	}
	switch n := node.(type) {
	case map[string]any:
		for k, child := range n {
			each(k, child, func(x float64) { n[k] = x })
		}
	case []any:
		for i, child := range n {
			each(i, child, func(x float64) { n[i] = x })
		}
	}
}

func TestWhatCannotBeRecomputedIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"kind": `{"kind":"tea","vectors":{}}`, "cut": `{"kind":"mkt","vec`, "case": `{"kind":"mkt","vectors":{"samples":[7]}}`,
	} {
		if _, err := qualify.Recompute(strings.NewReader(text), vectors.Kinds); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for text, wrong := range map[string]int{
		`{"id":"a","temps_c":[5],"mkt_c":5,"error":"why"}`:          1, // an answer where a refusal was expected
		`{"id":"a","temps_c":[-300],"error":"below absolute zero"}`: 0,
		`{"temps_c":[-300],"mkt_c":5}`:                              1,
	} {
		verdicts, err := qualify.Recompute(strings.NewReader(`{"kind":"mkt","tolerance_c":1,"vectors":{"samples":[`+text+`]}}`), vectors.Kinds)
		if err != nil || len(verdicts) != 1 || failed(verdicts) != wrong {
			t.Errorf("%s: %v, %+v", text, err, verdicts)
		}
	}
}
