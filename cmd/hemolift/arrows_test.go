package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows lists the packages of ours that each package may import: cmd -> web ->
// dispatch -> telemetry -> geo, and each ...db package its parent.
var arrows = map[string][]string{
	"geo":                   {},
	"geo/airspace":          {"geo"},
	"geo/mesh":              {},
	"geo/route":             {"geo", "geo/airspace", "geo/mesh"},
	"telemetry":             {"geo", "geo/airspace", "geo/route", "telemetry/coldchain"},
	"telemetry/coldchain":   {},
	"telemetry/telemetrydb": {"telemetry"},
	"telemetry/gateway":     {"telemetry", "telemetry/coldchain", "geo"},
	"telemetry/dronesim":    {"telemetry", "telemetry/coldchain", "geo", "geo/route"},
	"dispatch":              {"dispatch/refusal", "dispatch/blood", "dispatch/network", "dispatch/delivery", "dispatch/plan", "telemetry", "telemetry/coldchain", "geo", "geo/airspace", "geo/route"},
	"dispatch/refusal":      {},
	"dispatch/blood":        {"dispatch/refusal"},
	"dispatch/network":      {"dispatch/refusal", "dispatch/blood", "telemetry", "telemetry/coldchain", "geo", "geo/airspace", "geo/route"},
	"dispatch/delivery":     {"dispatch/refusal", "dispatch/blood", "dispatch/network", "telemetry", "telemetry/coldchain", "geo"},
	"dispatch/plan":         {},
	"dispatch/plan/verify":  {},
	"dispatch/dispatchdb":   {"dispatch", "dispatch/refusal", "dispatch/blood", "dispatch/network", "dispatch/delivery", "telemetry", "telemetry/coldchain", "geo", "geo/airspace", "geo/route"},
	"web/print":             {"dispatch", "dispatch/delivery", "dispatch/blood", "telemetry/coldchain"},
	"web":                   {"web/api", "web/print", "dispatch", "dispatch/refusal", "dispatch/blood", "dispatch/network", "dispatch/delivery", "telemetry", "telemetry/coldchain", "geo", "geo/airspace", "geo/route"},
	"web/api":               {},
	"web/ui":                {},
	"migrations":            {},
	"migrations/localpg":    {},
	"migrations/pgtest":     {"migrations", "migrations/localpg"},
	"cmd/hemolift": {"dispatch/plan", "dispatch/plan/verify", "geo", "geo/mesh", "geo/route", "web", "web/api", "web/ui", "dispatch", "dispatch/dispatchdb", "dispatch/refusal", "dispatch/blood", "dispatch/network", "dispatch/delivery", "telemetry", "telemetry/coldchain",
		"telemetry/dronesim", "telemetry/gateway", "telemetry/telemetrydb", "migrations", "migrations/localpg"},
}

// edges are what domain packages must not know, and who may.
var edges = map[string][]string{
	"net/http":                        {"web", "web/api", "cmd/hemolift"},
	"github.com/gorilla/websocket":    {"web"},
	"github.com/jackc/pgx/v5":         {"telemetry/telemetrydb", "dispatch/dispatchdb", "migrations", "migrations/localpg", "migrations/pgtest"},
	"github.com/twpayne/go-geom":      {"geo"},
	"encoding/json":                   {"dispatch/plan", "dispatch/plan/verify", "geo/airspace", "telemetry/gateway", "telemetry/dronesim", "web", "web/api", "migrations/localpg", "cmd/hemolift"},
	"github.com/mochi-mqtt/server/v2": {"telemetry/gateway"},
}

func TestArrowsPointOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-pgo=off", "-json=ImportPath,Imports", "hemolift/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		name := strings.TrimPrefix(p.ImportPath, "hemolift/")
		may, known := arrows[name]
		if !known {
			t.Errorf("%s is not in the list of arrows", name)
		}
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, "hemolift/"); ok && !slices.Contains(may, ours) {
				t.Errorf("%s imports %s", name, ours)
			}
			if who, edge := edges[imp]; edge && !slices.Contains(who, name) {
				t.Errorf("%s imports %s", name, imp)
			}
		}
	}
	if seen != len(arrows) {
		t.Errorf("got %d packages, the list has %d", seen, len(arrows))
	}
}
