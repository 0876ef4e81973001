package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"hemolift/geo/mesh"
	"hemolift/geo/route"
)

// stepsPerM is the lattice of scenes: millimetres.
const stepsPerM = 1000

// maxSceneBytes bounds a scene's files.
const maxSceneBytes = 1 << 30

// scene is a folder of zones and queries on one local plane.
type scene struct {
	Name string `json:"scene"`
	Wind *struct {
		AirspeedMPS float64 `json:"airspeed_mps"`
		EastMPS     float64 `json:"wind_to_east_mps"`
		NorthMPS    float64 `json:"wind_to_north_mps"`
	} `json:"wind"`
	zones   []route.Zone
	queries []sceneQuery
}

// sceneQuery is one line of queries.csv, without its answer.
type sceneQuery struct {
	id   string
	step int // in a folder of updates
	route.Query
}

func readScene(dir string) (*scene, error) {
	s := &scene{}
	raw, err := os.ReadFile(filepath.Join(dir, "scene.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, fmt.Errorf("scene.json: %w", err)
	}
	if s.zones, err = readSceneZones(filepath.Join(dir, "zones.geojson")); err != nil {
		return nil, err
	}
	if s.queries, err = readSceneQueries(filepath.Join(dir, "queries.csv"), sceneColumns); err != nil {
		return nil, err
	}
	for i := range s.queries {
		s.queries[i].Air = s.air()
	}
	return s, nil
}

// air is the scene's airspeed and wind, or none where lengths are asked for.
func (s *scene) air() route.Air {
	if s.Wind == nil {
		return route.Air{}
	}
	return route.Air{Speed: s.Wind.AirspeedMPS * stepsPerM, East: s.Wind.EastMPS * stepsPerM, North: s.Wind.NorthMPS * stepsPerM}
}

func (s *scene) vertices() int {
	n := 0
	for _, z := range s.zones {
		for _, r := range z.Rings {
			n += len(r)
		}
	}
	return n
}

// sceneFeature is a zone of a scene; xy_mm is its authority, not the degrees.
type sceneFeature struct {
	Properties struct {
		ID     string       `json:"id"`
		LowerM float64      `json:"lower_m"`
		UpperM float64      `json:"upper_m"`
		Start  *time.Time   `json:"start"`
		End    *time.Time   `json:"end"`
		XY     [][][2]int64 `json:"xy_mm"`
	} `json:"properties"`
}

func (f *sceneFeature) zone() (route.Zone, error) {
	p := f.Properties
	z := route.Zone{ID: p.ID, LowerM: p.LowerM, UpperM: p.UpperM}
	if p.Start != nil {
		z.From = *p.Start
	}
	if p.End != nil {
		z.Until = *p.End
	}
	for i, r := range p.XY {
		ring := make([]mesh.Point, len(r))
		for j, xy := range r {
			var err error
			if ring[j], err = route.LatticePoint(xy[0], xy[1]); err != nil {
				return z, fmt.Errorf("zone %q: ring %d: point %d: %w", p.ID, i, j, err)
			}
		}
		z.Rings = append(z.Rings, ring)
	}
	return z, nil
}

func readSceneZones(path string) ([]route.Zone, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSceneBytes {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxSceneBytes)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Features []sceneFeature `json:"features"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	zones := make([]route.Zone, len(doc.Features))
	for i := range doc.Features {
		if zones[i], err = doc.Features[i].zone(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return zones, nil
}

// The columns of queries.csv that are read; the others hold answers.
var (
	sceneColumns  = []string{"id", "from_x_mm", "from_y_mm", "to_x_mm", "to_y_mm", "alt_m", "depart"}
	updateColumns = []string{"base_query", "from_x_mm", "from_y_mm", "to_x_mm", "to_y_mm", "after_step"}
)

// updatesHeightM is the height above ground at which a folder of updates asks.
const updatesHeightM = 60

func readSceneQueries(path string, columns []string) ([]sceneQuery, error) {
	var out []sceneQuery
	err := readTable(path, columns, func(v []string) error {
		q := sceneQuery{id: v[0], Query: route.Query{FloorM: updatesHeightM, HeightM: updatesHeightM}}
		var xy [4]int64
		var err error
		for i := range xy {
			if xy[i], err = strconv.ParseInt(v[1+i], 10, 64); err != nil {
				return fmt.Errorf("%s: %w", columns[1+i], err)
			}
		}
		if q.From, err = route.LatticePoint(xy[0], xy[1]); err != nil {
			return fmt.Errorf("from: %w", err)
		}
		if q.To, err = route.LatticePoint(xy[2], xy[3]); err != nil {
			return fmt.Errorf("to: %w", err)
		}
		if len(v) == len(updateColumns) {
			q.step, err = strconv.Atoi(v[5])
		} else {
			if q.HeightM, err = strconv.ParseFloat(v[5], 64); err == nil {
				q.FloorM = q.HeightM
				q.Depart, err = time.Parse(time.RFC3339, v[6])
			}
		}
		out = append(out, q)
		return err
	})
	return out, err
}

// readTable calls row with the named columns of each line of a CSV file.
func readTable(path string, columns []string, row func(values []string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := csv.NewReader(bufio.NewReader(f)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if len(lines) == 0 {
		return fmt.Errorf("%s: no header", path)
	}
	at := map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	values := make([]string, len(columns))
	for n, line := range lines[1:] {
		for i, name := range columns {
			col, ok := at[name]
			if !ok {
				return fmt.Errorf("%s: no column %q", path, name)
			}
			values[i] = line[col]
		}
		if err := row(values); err != nil {
			return fmt.Errorf("%s: line %d: %w", path, n+2, err)
		}
	}
	return nil
}

// update is one line of updates.jsonl.
type update struct {
	Step int           `json:"step"`
	Op   string        `json:"op"`
	Zone *sceneFeature `json:"zone"`
	ID   string        `json:"id"`
}

func readUpdates(path string) ([]update, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []update
	for dec := json.NewDecoder(bufio.NewReader(f)); dec.More(); {
		var u update
		if err := dec.Decode(&u); err != nil {
			return nil, fmt.Errorf("%s: event %d: %w", path, len(out)+1, err)
		}
		out = append(out, u)
	}
	return out, nil
}
