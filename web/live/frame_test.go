package live

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestFramesMatchTheGoldenFile keeps the server's encoder and the page's decoder
// together: the page's tests read the same file.
func TestFramesMatchTheGoldenFile(t *testing.T) {
	base := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	dict := &dictionary{codes: map[telemetry.DeviceID]uint16{"HL-01": 0, "HL-02": 1, "BX-2": 1}}
	r := rows{
		kind: kindSnapshot, seq: 7, base: base,
		drones: []telemetry.DroneState{
			{ID: "HL-01", Status: telemetry.Status{Phase: telemetry.Parked}, Link: telemetry.LinkStale},
			{
				ID:      "HL-02",
				Located: true,
				At:      base.Add(-400 * time.Millisecond),
				HeightM: 118.2,
				Position: telemetry.Position{
					Point:      orb.Point{123.4567891, 41.7654321},
					SpeedMPS:   16.8,
					TrackDeg:   301.25,
					ClimbMPS:   -2.5,
					BatteryPct: 71.3,
					LinkDBm:    -84,
				},
				Status: telemetry.Status{
					Phase: telemetry.Airborne,
				},
				Link:       telemetry.LinkLive,
				ToGoM:      4900,
				ETA:        base.Add(340 * time.Second),
				NeedPct:    34,
				OffM:       12.4,
				OffHeightM: -7.6, Behind: 95 * time.Second, Outside: telemetry.Uneven | telemetry.Delayed,
			},
		},
		boxes: []telemetry.BoxState{
			{
				ID:      "BX-2",
				Watched: true,
				Reading: telemetry.Temperature{TempMC: -18900},
				Summary: coldchain.Summary{
					State:      coldchain.NearLimit,
					HasReading: true,
					Newest:     coldchain.Reading{At: base.Add(-time.Second)},
					OutOfRange: 134 * time.Second,
					Breached:   true,
				},
			},
		},
	}
	event, err := encodeJSONPayload(
		kindEvent,
		9,
		base,
		api.Event{Seq: 9, At: base, Kind: "alarm", Subject: "1", Detail: map[string]string{"what": "raised"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	alarms, err := encodeJSONPayload(kindAlarms, 8, base, jsonGauges([]delivery.Gauge{
		{Alarm: 3, Value: 11.7, Known: true, Limit: 10, Worst: 12, Left: 94 * time.Second},
		{Alarm: 4, Value: 30, Limit: 31, Worst: 29, Left: delivery.NoLeft},
	}))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.MarshalIndent(map[string]string{
		"drones": hex.EncodeToString(encodeDrones(r, dict)), "boxes": hex.EncodeToString(encodeBoxes(r, dict)),
		"gone":      hex.EncodeToString(encodeGone(r, 0, []telemetry.DeviceID{"HL-02"}, dict)),
		"goneBoxes": hex.EncodeToString(encodeGone(r, flagBoxes, []telemetry.DeviceID{"BX-2"}, dict)), "event": hex.EncodeToString(event), "alarms": hex.EncodeToString(alarms),
	}, "", "  ")
	got = append(got, '\n')
	const file = "../ui/src/live/frames.golden.json"
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != string(got) {
		t.Errorf("frames differ from %s (%v):\ngot %s", file, err, got)
	}
}

// A device keeps its number, whatever is added.
func TestADictionaryOnlyGrows(t *testing.T) {
	t.Parallel()
	drones := func(ids ...telemetry.DeviceID) *network.Network {
		n := &network.Network{}
		for _, id := range ids {
			n.Drones = append(n.Drones, network.Drone{ID: id})
			n.Boxes = append(n.Boxes, network.Box{ID: "BX-" + id})
		}
		return n
	}
	first := (&dictionary{}).learned(drones("HL-02", "HL-04"))
	next := first.learned(drones("HL-01", "HL-02", "HL-03", "HL-04"))
	if got := strings.Join(next.drones, " "); got != "HL-02 HL-04 HL-01 HL-03" || next.codes["HL-04"] != 1 || next.codes["BX-HL-03"] != 3 {
		t.Errorf("got %s, %v", got, next.codes)
	}
	if first.words() != 4 || next.words() != 8 || next.learned(next.of) != next {
		t.Errorf("%d and %d words", first.words(), next.words())
	}
}
