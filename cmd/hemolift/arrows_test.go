package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows lists the packages of ours that each package may import: cmd -> web ->
// dispatch -> telemetry -> geo, inside dispatch the desk -> flight, recovery -> propose ->
// situation -> coldrecord -> delivery -> network -> blood, and each ...db package its
// parent.
var arrows = map[string][]string{
	"geo":                          {},
	"geo/airspace":                 {"geo"},
	"geo/mesh":                     {},
	"geo/route":                    {"geo", "geo/airspace", "geo/mesh"},
	"telemetry":                    {"geo", "geo/airspace", "geo/route", "telemetry/coldchain", "telemetry/tally", "telemetry/timing"},
	"telemetry/attempts":           {},
	"telemetry/timing":             {},
	"telemetry/tally":              {},
	"telemetry/stated":             {},
	"telemetry/tables":             {},
	"telemetry/coldchain":          {"telemetry/stated", "telemetry/tables"},
	"telemetry/qualify":            {},
	"telemetry/coldchain/vectors":  {"telemetry/coldchain", "telemetry/qualify"},
	"telemetry/coldchain/readings": {"telemetry/coldchain", "telemetry/stated"},
	"telemetry/compact":            {"telemetry", "geo"},
	"telemetry/telemetrydb":        {"telemetry", "telemetry/compact"},
	"telemetry/listen":             {},
	"telemetry/gateway":            {"telemetry/attempts", "telemetry/tally", "telemetry/timing", "telemetry/listen", "telemetry/stated", "telemetry", "telemetry/coldchain", "geo"},
	"telemetry/dronesim":           {"telemetry", "telemetry/coldchain", "geo", "geo/route"},
	"dispatch/refusal":             {},
	"dispatch/visit":               {},
	"dispatch/handover":            {},
	"dispatch/plan":                {},
	"dispatch/plan/verify":         {},
	"dispatch/blood":               {"dispatch/refusal"},
	"dispatch/label":               {"dispatch/blood", "dispatch/refusal"},
	"dispatch/label/vectors":       {"dispatch/blood", "dispatch/label", "telemetry/qualify"},
	"dispatch/intake":              {"dispatch/blood", "dispatch/label", "dispatch/refusal", "telemetry/stated", "telemetry/tables"},
	"dispatch/network":             below("dispatch/blood"),
	"dispatch/delivery":            below("dispatch/handover"),
	"dispatch/coldrecord":          append(below("dispatch/delivery"), "telemetry/coldchain/readings"),
	"dispatch/situation":           below("dispatch/coldrecord"),
	"dispatch/situation/scene":     below("dispatch/situation"),
	"dispatch/propose":             below("dispatch/situation", "dispatch/plan"),
	"dispatch/document":            below("dispatch/propose"),
	"dispatch/upkeep":              below("dispatch/coldrecord"),
	"dispatch/recovery":            below("dispatch/propose", "dispatch/plan"),
	"dispatch/flight":              below("dispatch/situation"),
	"dispatch":                     append(below("dispatch/flight", "dispatch/recovery", "dispatch/propose", "dispatch/plan"), "dispatch/document", "dispatch/upkeep", "telemetry/coldchain/readings", "telemetry/timing"),
	"dispatch/dispatchdb":          append(below("dispatch/flight", "dispatch/situation"), "dispatch/document", "dispatch/notice", "dispatch/upkeep", "dispatch/visit"),
	"dispatch/dispatchdb/past":     {"geo", "telemetry", "telemetry/compact"},
	"dispatch/desktest": append(
		below("dispatch/propose"),
		"dispatch",
		"dispatch/dispatchdb",
		"dispatch/document",
		"migrations/pgtest",
		"telemetry/telemetrydb",
	),
	"dispatch/notice":           below("dispatch/delivery"),
	"web/notify":                append(below("dispatch/delivery"), "dispatch", "dispatch/notice"),
	"web/notify/pushtest":       {},
	"web/provider":              {"telemetry/tables"},
	"web/provider/providertest": {},
	"web/passkey":               {},
	"web/passkey/passkeytest":   {},
	"web/apicheck":              {},
	"web/print":                 below("dispatch/coldrecord"),
	"web/sheet":                 {},
	"web/live":                  append(below("dispatch/network", "dispatch/delivery"), "dispatch", "telemetry/timing"),
	"web": append(
		below("dispatch/flight", "dispatch/recovery", "dispatch/propose"),
		"dispatch",
		"dispatch/document",
		"dispatch/intake",
		"dispatch/label",
		"dispatch/notice",
		"dispatch/upkeep",
		"dispatch/visit",
		"telemetry/attempts",
		"telemetry/coldchain/readings",
		"telemetry/stated",
		"telemetry/tally",
		"web/api",
		"web/live",
		"web/passkey",
		"web/print",
		"web/provider",
		"web/sheet",
	),
	"web/api":                  {},
	"web/ui":                   {},
	"web/ui/precompress":       {},
	"migrations":               {},
	"migrations/localpg":       {},
	"migrations/backup":        {"migrations/localpg"},
	"migrations/backup/bucket": {"migrations/backup"},
	"migrations/pgtest":        {"migrations", "migrations/localpg"},
	"cmd/hemolift": append(
		below("dispatch/propose", "dispatch/plan", "dispatch/plan/verify"),
		"dispatch",
		"dispatch/dispatchdb",
		"dispatch/document",
		"geo/mesh",
		"web",
		"web/api",
		"web/notify",
		"web/passkey",
		"web/provider",
		"web/sheet",
		"web/ui",
		"dispatch/label",
		"dispatch/label/vectors",
		"telemetry/coldchain/vectors",
		"telemetry/coldchain/readings",
		"telemetry/qualify",
		"telemetry/dronesim",
		"telemetry/gateway",
		"telemetry/listen",
		"telemetry/telemetrydb",
		"migrations",
		"migrations/backup",
		"migrations/backup/bucket",
		"migrations/localpg",
	),
}

// rooms are those of dispatch from the ground up. They decide, and do not act.
var rooms = []string{
	"dispatch/blood",
	"dispatch/network",
	"dispatch/handover",
	"dispatch/delivery",
	"dispatch/coldrecord",
	"dispatch/situation",
	"dispatch/propose",
	"dispatch/recovery",
	"dispatch/flight",
}

// below are some packages, the rooms under the highest of them but for those beside it,
// and what every room may know.
func below(names ...string) []string {
	may := append([]string{"dispatch/refusal", "telemetry", "telemetry/stated", "telemetry/tables", "telemetry/coldchain", "geo", "geo/airspace", "geo/route"}, names...)
	for _, room := range rooms {
		if room == names[0] {
			return may
		}
		if room != "dispatch/recovery" && (room != "dispatch/propose" || names[0] != "dispatch/flight") {
			may = append(may, room)
		}
	}
	return may
}

// edges are what domain packages must not know, and who may.
var edges = map[string][]string{
	"net/http":                     {"web", "web/api", "web/apicheck", "web/live", "web/notify", "web/notify/pushtest", "web/provider", "web/provider/providertest", "cmd/hemolift"},
	"github.com/gorilla/websocket": {"web/live"},
	"github.com/jackc/pgx/v5": {
		"telemetry/telemetrydb",
		"dispatch/dispatchdb",
		"dispatch/dispatchdb/past",
		"migrations",
		"migrations/backup",
		"migrations/localpg",
		"migrations/pgtest",
	},
	"github.com/twpayne/go-geom": {"geo"},
	"encoding/json": {
		"dispatch/plan",
		"dispatch/plan/verify",
		"geo/airspace",
		"telemetry/qualify",
		"telemetry/coldchain/vectors",
		"telemetry/gateway",
		"telemetry/dronesim",
		"web",
		"web/api",
		"web/live",
		"migrations/localpg",
		"migrations/pgtest",
		"cmd/hemolift",
		"web/passkey",
	},
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

// forbidden is what a room must not touch: it is a function of what it is given.
var forbidden = []string{
	"context",
	"sync",
	"sync/atomic",
	"os",
	"net",
	"net/http",
	"log/slog",
	"math/rand",
	"math/rand/v2",
	"crypto/rand",
	"database/sql",
}

// clocks are the functions of time that read or wait for one.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTicker", "NewTimer"}

func TestRoomsDecideWithoutClockLockOrStore(t *testing.T) {
	for _, room := range rooms {
		files, err := filepath.Glob("../../" + room + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", room, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range f.Imports {
				path := strings.Trim(imp.Path.Value, `"`)
				if slices.Contains(forbidden, path) || strings.HasPrefix(path, "github.com/jackc/pgx") {
					t.Errorf("%s imports %s", name, path)
				}
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(clocks, sel.Sel.Name) {
					if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
						t.Errorf("%s calls time.%s", name, sel.Sel.Name)
					}
				}
				return true
			})
		}
	}
}
