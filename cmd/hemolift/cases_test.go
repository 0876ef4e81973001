package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hemolift/dispatch/network"
)

// TestCasesFromTheField runs each case of testdata/cases by the command that it names, and
// holds the answer against what is right.
func TestCasesFromTheField(t *testing.T) {
	f, err := os.Open("testdata/cases/cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		dir, run, right := row[0], row[1], strings.Split(row[2], "|")
		t.Run(dir+"/"+run[strings.LastIndexAny(run, " :")+1:], func(t *testing.T) {
			got, says := runCase(t, filepath.Join("testdata/cases", dir), run)
			if !slices.Contains(right, got) {
				t.Errorf("%s, not %v: %s", got, right, says)
			}
			if got == "refused" && strings.TrimSpace(says) == "" {
				t.Error("refused without a reason")
			}
		})
	}
}

// runCase returns the advice, accepted or refused, and what was said.
func runCase(t *testing.T, dir, run string) (got, says string) {
	t.Helper()
	args := strings.Fields(run)
	last := args[len(args)-1]
	var out bytes.Buffer
	if args[0] == "network" {
		_, file, _ := strings.Cut(last, ":")
		kind, _, _ := strings.Cut(last, ":")
		if err := checkNetwork(context.Background(), []string{"check", networkWith(t, kind, filepath.Join(dir, file))}, &out); err != nil {
			return "refused", out.String() + err.Error()
		}
		return "accepted", out.String()
	}
	args[len(args)-1] = filepath.Join(dir, last)
	if err := coldChain(context.Background(), args[1:], &out); err != nil {
		return "refused", err.Error()
	}
	var j judgement
	if err := json.Unmarshal(out.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	return string(j.Advice), out.String()
}

// networkWith is the demonstration's network with another file of a kind.
func networkWith(t *testing.T, kind, file string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, network.Shenyang()); err != nil {
		t.Fatal(err)
	}
	old, err := fs.Glob(os.DirFS(dir), kind+".*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range old {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	as := filepath.Base(file)
	if kind != "zones" {
		as = kind + ".csv"
	}
	if err := os.WriteFile(filepath.Join(dir, as), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
