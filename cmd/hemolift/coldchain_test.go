package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hemolift/web/api"
)

// TestAForgottenBoxIsToldBeforeItIsTooWarm runs boxes that were packed unfrozen, their
// lids ajar in the sun, over the real broker: near the limit is told before the
// excursion, the margin at other pads is shown, and the printed record says it all.
func TestAForgottenBoxIsToldBeforeItIsTooWarm(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-speed", "15", "-requests-per-hour", "24", "-forgotten", "1", "-seed", "5")
	tower := p.client("sun.tao")
	ctx := context.Background()
	board := func() (b api.Board) {
		t.Helper()
		if err := tower.call(ctx, "GET", "/board", nil, &b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	// pair finds a box that was told as near its limit by the forecast and then as beyond
	// it. Which of the boxes comes first depends on the wind; one that warms by a jump is
	// taken for a faulty sensor at first, and may be told only as it is beyond.
	pair := func(b api.Board) (near api.Alarm, ok bool) {
		for _, n := range b.Alarms {
			for _, o := range b.Alarms {
				if n.Kind == "temp_near_limit" && o.Kind == "temp_excursion" && n.RaisedAt.Before(o.RaisedAt) &&
					strings.HasPrefix(n.Detail, "forecast:") &&
					n.Device == o.Device &&
					n.Delivery != nil &&
					o.Delivery != nil &&
					*n.Delivery == *o.Delivery {
					return n, true
				}
			}
		}
		return near, false
	}
	var near api.Alarm
	margins := 0
	eventually(t, 7*time.Minute, "a box is near its limit by the forecast, then beyond it", func() (ok bool) {
		b := board()
		for _, d := range b.Deliveries {
			if margins == 0 && d.Status == "airborne" {
				margins = padsWithMargin(tower, d.Mission.Id)
			}
		}
		near, ok = pair(b)
		return ok
	})
	if margins == 0 {
		t.Error("no pad showed the box's margin")
	}
	// The box may be opened before its excursion has lasted long enough to be confirmed;
	// the time outside counts all the same.
	var c api.ColdRecord
	path := "/deliveries/" + *near.Delivery + "/coldchain"
	if err := tower.call(ctx, "GET", path, nil, &c); err != nil {
		t.Fatal(err)
	}
	if c.OutHighS <= 0 || len(c.Units) == 0 || c.Units[0].Version == "" {
		t.Errorf("got %+v", c)
	}
	for format, begins := range map[string]string{"pdf": "%PDF-", "svg": "<svg "} {
		if got := fetch(t, p, tower, path+"?format="+format); !bytes.HasPrefix(got, []byte(begins)) {
			t.Errorf("%s begins with %q", format, got[:min(len(got), 20)])
		}
	}
}

// padsWithMargin counts the alternate pads of a mission that show its box's margin.
func padsWithMargin(c apiClient, mission string) (n int) {
	var pads []api.Alternate
	if c.call(context.Background(), "GET", "/missions/"+mission+"/alternates", nil, &pads) != nil {
		return 0 // it has landed meanwhile
	}
	for _, a := range pads {
		if a.ColdMarginS != nil {
			n++
		}
	}
	return n
}

// fetch reads a path of the API as it comes.
func fetch(t *testing.T, p *process, c apiClient, path string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), "GET", p.url+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s, %v", path, res.StatusCode, body, err)
	}
	return body
}

func TestJudgeReadsATrace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.csv")
	text := "time_s,temp_c,probe2_c,ambient_c,lid\n0,4,4.1,21,0\n60,5,5,21,0\nsixty,5\n120,11,5,21,0\n180,12,5,21,0\n240,12,5,21,0\n300,5,5,21,1\n360,99"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := coldChain(context.Background(), []string{"judge", "-profile", "hemolift-rbc-2-10", file}, &out); err != nil {
		t.Fatal(err)
	}
	var j judgement
	if err := json.Unmarshal(out.Bytes(), &j); err != nil {
		t.Fatal(err)
	}
	if j.Readings != 6 || j.Advice != "quarantine" || len(j.Events) != 1 || j.Events[0].StartS != 110 || j.Events[0].ExtremeC != 12 ||
		len(j.Lines.LeftOut) != 2 ||
		j.Lines.LeftOut[0].Line != 4 ||
		j.Lines.LeftOut[1].Line != 9 {
		t.Errorf("got %+v", j)
	}
	for name, args := range map[string][]string{
		"no profile": {"judge", file}, "no trace": {"judge", "-profile", "eu-rbc"}, "no range": {"judge", "-profile", "nz-rbc-30min", file}, "no such file": {"judge", "-profile", "eu-rbc", file + "x"},
		"neither": {"taste"}, "nothing": {},
	} {
		if err := coldChain(context.Background(), args, io.Discard); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	out.Reset()
	if err := coldChain(context.Background(), []string{"profiles"}, &out); err != nil || strings.Count(out.String(), "\n") != 35 {
		t.Errorf("profiles: %v, %d lines", err, strings.Count(out.String(), "\n"))
	}
}
