package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var vectorFiles = []string{"excursion", "thermal", "mkt"}

func TestQualifyPassesTheVectors(t *testing.T) {
	var args []string
	for _, name := range vectorFiles {
		args = append(args, filepath.Join("testdata", name+"_vectors.json"))
	}
	var out bytes.Buffer
	if err := qualify(context.Background(), args, &out); err != nil || out.String() != "35 passed, 0 failed\n" {
		t.Errorf("%v\n%s", err, &out)
	}
}

// Every expected number is changed in turn, and each change must be found.
func TestQualifyFindsAChangedExpectation(t *testing.T) {
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
			if tried%7 != 0 { // each costs a file
				return
			}
			set(1.05*old + 0.7)
			defer set(old)
			changed := filepath.Join(t.TempDir(), name+".json")
			if b, err = json.Marshal(doc); err == nil {
				err = os.WriteFile(changed, b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := qualify(context.Background(), []string{changed}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "1 of") {
				t.Errorf("%s %v from %v: %v", name, path, old, err)
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

func TestQualifyRefusesWhatItCannotRecompute(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"none": `{"kind":"mkt","vectors":{}}`, "kind": `{"kind":"tea","vectors":{}}`, "cut": `{"kind":"mkt","vec`,
		"refusal": `{"kind":"mkt","tolerance_c":1,"vectors":{"samples":[{"id":"a","temps_c":[5],"mkt_c":5,"error":"why"}]}}`,
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := qualify(context.Background(), []string{file}, &bytes.Buffer{}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := qualify(context.Background(), nil, &bytes.Buffer{}); err == nil {
		t.Error("no file was taken")
	}
	ok := filepath.Join(dir, "ok")
	if err := os.WriteFile(
		ok,
		[]byte(`{"kind":"mkt","tolerance_c":1,"vectors":{"samples":[{"id":"a","temps_c":[-300],"error":"below absolute zero"}]}}`),
		0o600,
	); err != nil {
		t.Fatal(err)
	}
	if err := qualify(context.Background(), []string{ok}, &bytes.Buffer{}); err != nil {
		t.Errorf("an expected refusal: %v", err)
	}
}
