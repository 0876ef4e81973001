package plan

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"

	"hemolift/dispatch/plan/verify"
)

// text reads an instance of testdata.
func text(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func read(t testing.TB, data []byte) *Instance {
	t.Helper()
	in, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// reference is what is known of an instance: a proven optimum or the best plan of
// another search, and for a stream what simpler dispatchers came to.
type reference struct {
	Score  Score
	Online map[string]Score
}

func references(t testing.TB) map[string]reference {
	t.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var refs map[string]reference
	if err := json.Unmarshal(data, &refs); err != nil {
		t.Fatal(err)
	}
	return refs
}

// sound fails the test unless the independent checker passes the plan with the score.
func sound(t testing.TB, instance []byte, p Plan, score Score) {
	t.Helper()
	var buf bytes.Buffer
	if err := p.Write(&buf); err != nil {
		t.Fatal(err)
	}
	report, err := verify.Plan(instance, buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Broken) > 0 {
		t.Fatalf("rules broken: %v", report.Broken)
	}
	if report.Score != score {
		t.Fatalf("score %v, checked %v", score, report.Score)
	}
}

func TestTinyInstancesAreSolvedAndProven(t *testing.T) {
	refs := references(t)
	for k := 1; k <= 10; k++ {
		name := fmt.Sprintf("tiny-%02d", k)
		t.Run(name, func(t *testing.T) {
			data := text(t, name)
			in := read(t, data)
			found := Solve(in, 1, Budget{Rounds: 500})
			sound(t, data, found.Plan, found.Score)
			if found.Score != refs[name].Score {
				t.Errorf("found %v, the optimum is %v", found.Score, refs[name].Score)
			}
			proven := Prove(in, Solve(in, 1, Budget{}), Budget{})
			sound(t, data, proven.Plan, proven.Score)
			if !proven.Proven || proven.Score != refs[name].Score {
				t.Errorf("proof of %v (proven: %v), the optimum is %v", proven.Score, proven.Proven, refs[name].Score)
			}
		})
	}
}

// TestNoWorseThanTheReferences holds levels 1 to 7 against plans of another search.
func TestNoWorseThanTheReferences(t *testing.T) {
	refs := references(t)
	for name, rounds := range map[string]int{"medium-01": 1500, "medium-02": 1500, "medium-03": 1500, "medium-04": 1500, "large-01": 4000} {
		t.Run(name, func(t *testing.T) {
			data := text(t, name)
			got := Solve(read(t, data), 1, Budget{Rounds: rounds})
			sound(t, data, got.Plan, got.Score)
			want := refs[name].Score
			if level := got.Score.Decides(want); level < 7 && got.Score.Compare(want) > 0 {
				t.Errorf("%v is worse than %v on %s", got.Score, want, Levels[level])
			}
		})
	}
}

func TestTheSameSeedAndRoundsGiveTheSamePlan(t *testing.T) {
	in := read(t, text(t, "medium-01"))
	a, b := Solve(in, 7, Budget{Rounds: 200}), Solve(in, 7, Budget{Rounds: 200})
	var x, y bytes.Buffer
	if err := a.Plan.Write(&x); err != nil {
		t.Fatal(err)
	}
	if err := b.Plan.Write(&y); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x.Bytes(), y.Bytes()) {
		t.Error("two runs differ")
	}
}

// TestAnytime: with any budget the plan is whole and valid, and more rounds never
// make it worse.
func TestAnytime(t *testing.T) {
	data := text(t, "medium-03")
	in := read(t, data)
	last := Score{1 << 60}
	for _, rounds := range []int{0, 1, 10, 100, 400} {
		got := Solve(in, 3, Budget{Rounds: rounds})
		sound(t, data, got.Plan, got.Score)
		if got.Score.Compare(last) > 0 {
			t.Errorf("%d rounds: %v, fewer gave %v", rounds, got.Score, last)
		}
		last = got.Score
	}
}
