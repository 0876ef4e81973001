package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hemolift/dispatch/label"
	"hemolift/dispatch/network"
	"hemolift/dispatch/plan"
	"hemolift/dispatch/propose"
	"hemolift/geo/airspace"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/coldchain/readings"
	"hemolift/telemetry/gateway"
	"hemolift/telemetry/qualify"
)

// readers are all that read bytes from outside, but for the API's own decoder, which has a
// hostile test beside it.
var readers = map[string]func(b []byte) error{
	"readings": func(b []byte) error {
		_, err := readings.Read(bytes.NewReader(b), readings.Options{Box: "BX-1", Zone: time.UTC, Now: time.Now()})
		return err
	},
	"profiles": func(b []byte) error {
		_, err := coldchain.ParseProfiles("p.csv", bytes.NewReader(b), time.Time{})
		return err
	},
	"policy": func(b []byte) error {
		_, err := propose.ParsePolicy(bytes.NewReader(b))
		return err
	},
	"geojson": func(b []byte) error { _, err := airspace.Parse(airspace.GeoJSON, b, monthFrom(time.Now())); return err },
	"ed269":   func(b []byte) error { _, err := airspace.Parse(airspace.ED269, b, monthFrom(time.Now())); return err },
	"ed318":   func(b []byte) error { _, err := airspace.Parse(airspace.ED318, b, monthFrom(time.Now())); return err },
	"plan":    func(b []byte) error { _, err := plan.Read(bytes.NewReader(b)); return err },
	"vectors": func(b []byte) error { _, err := qualify.Recompute(bytes.NewReader(b), kinds); return err },
	"label":   func(b []byte) error { _, err := label.Read(string(b)); return err },
	"pos":     func(b []byte) error { return whole(gateway.DecodePositions("D", b)) },
	"temp":    func(b []byte) error { return whole(gateway.DecodeTemperatures("D", b)) },
	"status":  func(b []byte) error { return whole(gateway.DecodeStatuses("D", b)) },
	"ack":     func(b []byte) error { _, err := gateway.DecodeAck("D", b); return err },
}

// whole is an error where anything of a batch was refused.
func whole(b gateway.Batch, err error) error {
	if err == nil && len(b.Refused) > 0 {
		err = b.Refused
	}
	return err
}

func monthFrom(t time.Time) airspace.Horizon {
	return airspace.Horizon{From: t, Until: t.AddDate(0, 1, 0)}
}

func init() {
	for _, name := range []string{"sites.csv", "pads.csv", "aircraft.csv", "boxes.csv", "drones.csv", "fleet.csv", "zones.geojson"} {
		readers[name] = func(b []byte) error { return loadWith(name, b) }
	}
}

// loadWith reads the Shenyang network with one file exchanged.
func loadWith(name string, b []byte) error {
	set, err := coldchain.Profiles()
	if err != nil {
		return err
	}
	dir := fstest.MapFS{name: {Data: b}}
	for _, other := range []string{"sites.csv", "aircraft.csv", "boxes.csv", "drones.csv", "fleet.csv", "zones.geojson"} {
		if other == name {
			continue
		}
		content, err := fs.ReadFile(network.Shenyang(), other)
		if err != nil {
			return err
		}
		dir[other] = &fstest.MapFile{Data: content}
	}
	_, err = network.Load(dir, set, time.Now())
	return err
}

// samples are good ones, each by the reader that takes it.
func samples(t *testing.T) map[string][]byte {
	t.Helper()
	good := map[string][]byte{
		"readings": []byte("Logger,RC-5\nTime,Temperature(°C),Humidity\n" + strings.Repeat("2026-11-22T06:00:00Z,5.0,40\n", 40) + "2026-11-22T07:00:00Z,5.0,40\n"),
		"profiles": []byte(coldchain.ProfileText()),
		"policy":   []byte(propose.PolicyText()),
		"label":    []byte("]C0=+03000=A99992612345600=<E0398V00&>0273652359"),
		"pos":      []byte(`[{"seq":1,"t":1767225600000,"lon":123.4,"lat":41.8,"alt_m":165,"speed_mps":14,"track_deg":270,"battery_pct":80}]`),
		"temp":     []byte(`[{"seq":1,"t":1767225600000,"temp_mc":4200,"ambient_mc":21000},{"seq":2,"t":1.7672256e12,"temp_mc":4200.0,"ambient_mc":null}]`),
		"status":   []byte(`{"seq":1,"t":1767225600000,"state":"airborne","mission":"M-1","leg":0}`),
		"ack":      []byte(`{"t":1767225600000,"id":3,"ok":true,"hash":"ab"}`),
	}
	for _, name := range []string{"sites.csv", "aircraft.csv", "boxes.csv", "drones.csv", "fleet.csv", "zones.geojson"} {
		b, err := fs.ReadFile(network.Shenyang(), name)
		if err != nil {
			t.Fatal(err)
		}
		good[name] = b
	}
	zones, err := airspace.ParseGeoJSON(good["zones.geojson"])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []airspace.Format{airspace.GeoJSON, airspace.ED269, airspace.ED318} {
		if good[string(f)], err = airspace.Export(f, zones[:5], "CHN"); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range map[string]string{
		"plan": "../../dispatch/plan/testdata/reference.json", "vectors": "../../telemetry/coldchain/vectors/testdata/mkt_vectors.json",
	} {
		if good[name], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range good {
		if err := readers[name](b); err != nil && name != "plan" {
			t.Errorf("the good sample of %s: %v", name, err)
		}
	}
	return good
}

// monsters are huge and deeply nested, and too much for every reader.
func monsters() map[string][]byte {
	list := map[string][]byte{"nothing": nil, "a mark": []byte("\ufeff"), "a NUL": {0}}
	for name, part := range map[string]string{
		"brackets": "[", "objects": `{"a":`, "quotes": `"`, "commas": ",", "lines": "\n", "semicolons": ";\n", "NULs": "\x00", "digits": "9", "letters": "é",
		"pairs": `[[0,0],`, "features": `{"features":[`, "structures": "=%5100", "escapes": `\u0000`, "returns": "\r", "half characters": "\xc3",
	} {
		list[name] = bytes.Repeat([]byte(part), 300_000/len(part))
	}
	list["a collection in a collection"] = []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":` +
		strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 5000) + strings.Repeat(`]}`, 5000) + `}]}`)
	list["a long number"] = []byte(`{"seq":` + strings.Repeat("1", 100_000) + `}`)
	list["a far exponent"] = []byte(`{"seq":1e999999999,"t":1e-999999999}`)
	return list
}

// No reader panics, hangs or takes nonsense, whatever it is given: what is cut off, what is
// meant for another, what was damaged, and what is huge or nested.
func TestNoReaderBreaks(t *testing.T) {
	good := samples(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range slices.Sorted(maps.Keys(readers)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := readers[name]
			for what, b := range monsters() {
				if err := read(b); err == nil {
					t.Errorf("%s was taken", what)
				}
			}
			for other, b := range good {
				if err := read(b); err == nil && other != name && !alike(name, other) {
					t.Errorf("what is for %s was taken", other)
				}
			}
			if own := good[name]; own != nil {
				for i := range 60 {
					_ = read(own[:len(own)*i/60])
				}
				_ = read(append(slices.Clone(own), own...))
			}
		})
	}
	// Damage, one byte at a time, of the small ones.
	for name, own := range good {
		for range 200 {
			b := slices.Clone(own[:min(len(own), 4000)])
			b[random.IntN(len(b))] = byte(random.IntN(256))
			if err := readers[name](b); err != nil && strings.TrimSpace(err.Error()) == "" {
				t.Errorf("%s: refused without a reason", name)
			}
		}
	}
}

// alike are two readers of one form.
func alike(a, b string) bool {
	pair := fmt.Sprint(min(a, b), " ", max(a, b))
	return slices.Contains([]string{"geojson zones.geojson"}, pair)
}
