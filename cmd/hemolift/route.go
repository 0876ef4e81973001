package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"hemolift/geo/route"
)

// routeFlags are those of `hemolift route`.
type routeFlags struct {
	scene, out, updates, windows string
	bench                        int
	escape                       bool
}

// planRoutes is the command `hemolift route`.
func planRoutes(_ context.Context, args []string, out io.Writer) error {
	var f routeFlags
	fs := flag.NewFlagSet("route", flag.ContinueOnError)
	fs.StringVar(&f.scene, "scene", "", "folder with scene.json, zones.geojson and queries.csv")
	fs.StringVar(&f.out, "out", "", "file for the answers (default: standard output)")
	fs.IntVar(&f.bench, "bench", 0, "repeat each query so many times and print a JSON line of timings to standard error")
	fs.StringVar(&f.updates, "updates", "", "folder with updates.jsonl and queries.csv to apply to the scene")
	fs.StringVar(&f.windows, "windows", "", "CSV file of flights past one wall that opens or closes on the way")
	fs.BoolVar(&f.escape, "escape", false, "add the shortest way out where the start is inside a zone")
	if err := parse(fs, args); err != nil {
		return err
	}
	if (f.scene == "") == (f.windows == "") {
		return errors.New("route: give either -scene or -windows")
	}
	if f.bench < 0 {
		return errors.New("route: -bench must not be negative")
	}
	if f.out == "" {
		return f.answer(out)
	}
	file, err := os.Create(f.out)
	if err != nil {
		return err
	}
	return errors.Join(f.answer(file), file.Close())
}

func (f routeFlags) answer(out io.Writer) error {
	w := csv.NewWriter(out)
	var err error
	switch {
	case f.windows != "":
		err = answerWindows(w, f.windows)
	case f.updates != "":
		err = f.answerUpdates(w)
	default:
		err = f.answerScene(w)
	}
	w.Flush()
	return errors.Join(err, w.Error())
}

// timings is what -bench prints. A query's figure is the median of its calls.
type timings struct {
	Scene       string  `json:"scene"`
	Vertices    int     `json:"vertices"`
	Queries     int     `json:"queries"`
	PrepMS      float64 `json:"prep_ms"`
	P50US       float64 `json:"p50_us"`
	P99US       float64 `json:"p99_us"`
	MaxUS       float64 `json:"max_us"`
	HeapMB      float64 `json:"heap_mb"`
	UpdateP50US float64 `json:"update_p50_us,omitempty"`
	UpdateMaxUS float64 `json:"update_max_us,omitempty"`

	queries, updates []time.Duration
}

func (f routeFlags) answerScene(w *csv.Writer) error {
	sc, space, t, err := f.open()
	if err != nil {
		return err
	}
	cost := "length_m"
	if sc.Wind != nil {
		cost = "cost_s"
	}
	if err := w.Write([]string{"id", "status", cost, "path_mm"}); err != nil {
		return err
	}
	sn := space.Snapshot()
	for _, q := range sc.queries {
		line, err := f.line(sn, q)
		if err != nil {
			return err
		}
		if err := w.Write(append([]string{q.id}, line...)); err != nil {
			return err
		}
		t.time(sn, q.Query, f.bench)
	}
	return f.report(t, sc)
}

// open reads the scene and prepares it for its first query.
func (f routeFlags) open() (*scene, *route.Space, *timings, error) {
	debug.SetGCPercent(400) // a short run: collect seldom
	sc, err := readScene(f.scene)
	if err != nil {
		return nil, nil, nil, err
	}
	before := heapMB()
	start := time.Now()
	space, err := route.NewSpace(sc.zones, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(sc.queries) > 0 {
		space.Snapshot().Prepare(sc.queries[0].Query)
	}
	prep := time.Since(start)
	t := &timings{Scene: sc.Name, Vertices: sc.vertices(), Queries: len(sc.queries), PrepMS: float64(prep.Nanoseconds()) / 1e6}
	if f.bench > 0 {
		t.HeapMB = max(0, heapMB()-before)
	}
	return sc, space, t, nil
}

func heapMB() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// line is status, cost and path of one query.
func (f routeFlags) line(sn *route.Snapshot, q sceneQuery) ([]string, error) {
	path, err := sn.Plan(q.Query)
	status, err := statusOf(err)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.id, err)
	}
	if status == "start_inside" && f.escape {
		if path, err = sn.Escape(q.Query); err != nil {
			return nil, fmt.Errorf("query %s: escape: %w", q.id, err)
		}
	}
	if len(path.Points) == 0 {
		return []string{status, "", ""}, nil
	}
	cost := path.Cost
	if q.Air == (route.Air{}) || status != "ok" {
		cost /= stepsPerM
	}
	points := make([]string, len(path.Points))
	for i, p := range path.Points {
		points[i] = fmt.Sprintf("%d %d", p.X, p.Y)
	}
	return []string{status, digits(cost), strings.Join(points, ";")}, nil
}

func digits(x float64) string { return strconv.FormatFloat(x, 'g', 12, 64) }

// statusOf is the word for why there is no path; other errors stay errors.
func statusOf(err error) (string, error) {
	switch {
	case err == nil:
		return "ok", nil
	case errors.Is(err, route.ErrStartInside):
		return "start_inside", nil
	case errors.Is(err, route.ErrGoalInside):
		return "goal_inside", nil
	case errors.Is(err, route.ErrUnreachable):
		return "unreachable", nil
	}
	return "", err
}

// time repeats a query after a warm-up.
func (t *timings) time(sn *route.Snapshot, q route.Query, times int) {
	if times == 0 {
		return
	}
	calls := make([]time.Duration, times)
	for i := range calls {
		start := time.Now()
		_, _ = sn.Plan(q) // the answer was written before
		calls[i] = time.Since(start)
	}
	slices.Sort(calls)
	t.queries = append(t.queries, calls[times/2])
}

func (f routeFlags) report(t *timings, sc *scene) error {
	if f.bench == 0 {
		return nil
	}
	t.P50US, t.P99US, t.MaxUS = quantile(t.queries, 0.5), quantile(t.queries, 0.99), quantile(t.queries, 1)
	t.UpdateP50US, t.UpdateMaxUS = quantile(t.updates, 0.5), quantile(t.updates, 1)
	return json.NewEncoder(os.Stderr).Encode(t)
}

// quantile is in microseconds.
func quantile(d []time.Duration, q float64) float64 {
	if len(d) == 0 {
		return 0
	}
	d = slices.Sorted(slices.Values(d))
	return float64(d[min(len(d)-1, int(q*float64(len(d))))].Nanoseconds()) / 1000
}

func (f routeFlags) answerUpdates(w *csv.Writer) error {
	queries, err := readSceneQueries(filepath.Join(f.updates, "queries.csv"), updateColumns)
	if err != nil {
		return err
	}
	events, err := readUpdates(filepath.Join(f.updates, "updates.jsonl"))
	if err != nil {
		return err
	}
	sc, space, t, err := f.open()
	if err != nil {
		return err
	}
	if err := w.Write([]string{"step", "id", "status", "length_m", "path_mm"}); err != nil {
		return err
	}
	t.Queries = len(queries)
	for _, u := range events {
		if err := t.apply(space, u); err != nil {
			return fmt.Errorf("step %d: %w", u.Step, err)
		}
		sn := space.Snapshot()
		for _, q := range queries {
			if q.step != u.Step {
				continue
			}
			line, err := f.line(sn, q)
			if err != nil {
				return err
			}
			if err := w.Write(append([]string{strconv.Itoa(u.Step), q.id}, line...)); err != nil {
				return err
			}
			t.time(sn, q.Query, f.bench)
		}
	}
	return f.report(t, sc)
}

// apply makes one event live: until a reader could plan with it.
func (t *timings) apply(space *route.Space, u update) error {
	switch u.Op {
	case "add":
		if u.Zone == nil {
			return errors.New("add without a zone")
		}
		z, err := u.Zone.zone()
		if err != nil {
			return err
		}
		start := time.Now()
		if err := space.Add(z); err != nil {
			return err
		}
		space.Snapshot().Prepare(route.Query{FloorM: updatesHeightM, HeightM: updatesHeightM})
		t.updates = append(t.updates, time.Since(start))
	case "remove":
		start := time.Now()
		if !space.Remove(u.ID) {
			return fmt.Errorf("remove: there is no zone %q", u.ID)
		}
		space.Snapshot().Prepare(route.Query{FloorM: updatesHeightM, HeightM: updatesHeightM})
		t.updates = append(t.updates, time.Since(start))
	default:
		return fmt.Errorf("op %q is neither add nor remove", u.Op)
	}
	return nil
}
