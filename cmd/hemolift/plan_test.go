package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hemolift/dispatch/plan"
	"hemolift/dispatch/plan/verify"
)

// instanceFile unpacks an instance of the planner's tests.
func instanceFile(t *testing.T, name string) (path string, data []byte) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "dispatch", "plan", "testdata", name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), name+".json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, data
}

func TestPlanCommand(t *testing.T) {
	in, data := instanceFile(t, "medium-02")
	out := filepath.Join(t.TempDir(), "plan.json")
	ctx := context.Background()
	if err := planBlood(ctx, []string{"-in", in, "-out", out, "-rounds", "100"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := verify.Plan(data, first); err != nil || len(r.Broken) > 0 || r.Served < 35 {
		t.Errorf("%v %+v", err, r)
	}
	var again bytes.Buffer
	if err := planBlood(ctx, []string{"-in", in, "-rounds", "100", "-seed", "1"}, &again); err != nil || !bytes.Equal(first, again.Bytes()) {
		t.Errorf("%v: the same seed and rounds gave another plan", err)
	}
	var why bytes.Buffer
	var e plan.Explanation
	if err := planBlood(
		ctx,
		[]string{"-in", in, "-plan", out, "-explain", "R1"},
		&why,
	); err != nil || json.Unmarshal(why.Bytes(), &e) != nil || e.Request != "R1" ||
		len(e.Others) < 14 {
		t.Errorf("%v: %s", err, &why)
	}
}

func TestPlanCommandRefuses(t *testing.T) {
	in, _ := instanceFile(t, "tiny-01")
	for args, want := range map[string]string{
		"":                                            "-in is missing",
		"-in missing.json":                            "no such file",
		"-in " + in + " -rounds -1":                   "must not be negative",
		"-in " + in + " -rounds 1 -seconds 1":         "either",
		"-in " + in + " -explain R1":                  "go together",
		"-in " + in + " -plan x":                      "go together",
		"-online -in " + in:                           "leave out -in",
		"-in " + in + " -plan x -explain R1":          "no such file",
		"-in " + in + " -seconds much":                "invalid value",
		"-in " + in + " -plan " + in + " -explain R9": "not in the instance",
	} {
		if err := planBlood(context.Background(), strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// TestPlanOnline speaks the protocol: one reply a line, nothing after the last one.
func TestPlanOnline(t *testing.T) {
	_, data := instanceFile(t, "stream-s-01")
	var in map[string]json.RawMessage
	if err := json.Unmarshal(data, &in); err != nil {
		t.Fatal(err)
	}
	var requests []plan.Request
	if err := json.Unmarshal(in["requests"], &requests); err != nil {
		t.Fatal(err)
	}
	in["requests"] = json.RawMessage("[]")
	start, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	event, err := json.Marshal(map[string]any{"type": "event", "now_s": requests[0].ReleaseS, "requests": requests[:1]})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	f := planFlags{seed: 1, rounds: 20}
	if err := f.converse(strings.NewReader(`{"type":"start","instance":`+string(start)+"}\n"+string(event)+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(&out)
	var replies []plan.Reply
	for lines.Scan() {
		var r plan.Reply
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		replies = append(replies, r)
	}
	if len(replies) != 2 || replies[0].WakeS != nil || replies[1].WakeS == nil {
		t.Errorf("%+v", replies)
	}
	out.Reset()
	if err := f.converse(
		strings.NewReader(`{"type":"event","now_s":0}`+"\n"),
		&out,
	); err != nil ||
		!strings.Contains(out.String(), "one start, then events") {
		t.Errorf("%v: %s", err, &out)
	}
	for text, want := range map[string]string{
		"nonsense\n":                                "invalid character",
		`{"type":"start","instance":{}}` + "\n":     "format",
		`{"type":"start","instance":"none"}` + "\n": "instance",
	} {
		if err := f.converse(strings.NewReader(text), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWhatIfCommand(t *testing.T) {
	in, _ := instanceFile(t, "medium-02")
	ctx := context.Background()
	var out bytes.Buffer
	if err := whatIf(ctx, []string{"-in", in, "-without", "C1", "-rounds", "50"}, &out); err != nil {
		t.Fatal(err)
	}
	var c plan.Comparison
	if err := json.Unmarshal(out.Bytes(), &c); err != nil || c.Was.Served <= c.Is.Served || len(c.Lost) == 0 {
		t.Errorf("%v: %s", err, &out)
	}
	stream, _ := instanceFile(t, "stream-s-02")
	out.Reset()
	if err := whatIf(
		ctx,
		[]string{"-in", stream, "-add", "stork@C1:2,hawk@C2:1", "-rounds", "20"},
		&out,
	); err != nil || json.Unmarshal(out.Bytes(), &c) != nil ||
		c.Is.Missions == 0 {
		t.Errorf("%v: %s", err, &out)
	}
	out.Reset()
	if err := whatIf(
		ctx,
		[]string{"-in", in, "-other", in, "-rounds", "20"},
		&out,
	); err != nil || json.Unmarshal(out.Bytes(), &c) != nil ||
		c.Diff != (plan.Score{}) {
		t.Errorf("the same day twice: %v: %s", err, &out)
	}
	for args, want := range map[string]string{
		"":                                "-in is missing",
		"-in " + in + " -add hawk":        "not CLASS@CENTRE:NUMBER",
		"-in " + in + " -add kite@C1:2":   "no class",
		"-in " + in + " -add hawk@C9:2":   "home",
		"-in " + in + " -without nobody":  "neither a drone nor a centre",
		"-in " + in + " -reserve O-":      "NAME:NUMBER",
		"-in " + in + " -time -1":         "must not be negative",
		"-in " + in + " -time 2000000000": "time_permille",
		"-in " + in + " -other " + stream: "requests: ",
		"-in " + in + " -other x -time 9": "-other stands alone",
		"-in " + in + " -other missing":   "no such file",
	} {
		if err := whatIf(ctx, strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
