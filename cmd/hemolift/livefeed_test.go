package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/web/api"
)

// The client of the live feed's guide reads what a server sends: every drone of the network by its
// name, near where it is, with what the API says of it. A wrong token is refused in words.
func TestTheGuidesClientReadsTheFeed(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is missing; run make deps")
	}
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	var n api.Network
	if err := ops(p).call(t.Context(), "GET", "/network", nil, &n); err != nil {
		t.Fatal(err)
	}
	var devices []struct{ Id, Kind string }
	if err := p.as("admin").call(t.Context(), "GET", "/devices", nil, &devices); err != nil {
		t.Fatal(err)
	}
	drones := 0
	for _, d := range devices {
		if d.Kind == "drone" {
			drones++
		}
	}
	seen := map[string]bool{}
	eventually(t, time.Minute, "all drones are heard", func() bool {
		out, err := exec.Command(python, "../../docs/live-feed.py", p.url, ops(p).token, "40").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for line := range strings.Lines(string(out)) {
			var d struct {
				Drone, Phase, Link string
				Lon, Lat           float64
				AtMs               int64   `json:"at_ms"`
				Battery            float64 `json:"battery_pct"`
				Located            bool
			}
			if err := json.Unmarshal([]byte(line), &d); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if !d.Located {
				continue
			}
			seen[d.Drone] = true
			away := geo.Distance(orb.Point{d.Lon, d.Lat}, orb.Point{n.Sites[0].Lon, n.Sites[0].Lat})
			if age := time.Since(time.UnixMilli(d.AtMs)); away > 100_000 || d.Battery <= 0 || d.Battery > 100 || d.Phase == "" || d.Link == "" || age.Abs() > time.Hour {
				t.Errorf("%.0f m away, %v old: %s", away, age, line)
			}
		}
		return drones > 0 && len(seen) == drones
	})
	if out, err := exec.Command(python, "../../docs/live-feed.py", p.url, "none", "1").CombinedOutput(); err == nil || !strings.Contains(string(out), "401") {
		t.Errorf("a wrong token: %v, %s", err, out)
	}
}
