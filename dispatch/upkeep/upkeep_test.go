package upkeep_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/upkeep"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// now is a quarter of an hour into the 1st of March at the network, and still February in UTC.
var now = time.Date(2027, 2, 28, 16, 15, 0, 0, time.UTC)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func shenyang(t *testing.T) *network.Network {
	t.Helper()
	profiles, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	n, err := network.Load(network.Shenyang(), profiles, now)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnEntryThatCannotBe(t *testing.T) {
	n := shenyang(t)
	drone := upkeep.Entry{Device: "HL-01", Kind: upkeep.Inspection, DoneOn: day("2027-03-01"), What: "50 h inspection", DueHours: 100}
	box := upkeep.Entry{Device: "BX-001", Kind: upkeep.Validation, DoneOn: day("2027-02-01"), What: "summer profile", DueOn: day("2028-02-01")}
	for _, e := range []upkeep.Entry{drone, box} {
		if err := e.Check(n, now); err != nil {
			t.Errorf("%s: %v", e.Device, err)
		}
	}
	for field, change := range map[string]func(e, f *upkeep.Entry){
		"kind":           func(e, _ *upkeep.Entry) { e.Kind = "polish" },
		"kind ":          func(e, _ *upkeep.Entry) { e.Kind = upkeep.Validation },
		"done_on":        func(e, _ *upkeep.Entry) { e.DoneOn = day("2027-03-02") },
		"done_on ":       func(e, _ *upkeep.Entry) { e.DoneOn = time.Time{} },
		"due_on":         func(e, _ *upkeep.Entry) { e.DueOn = e.DoneOn },
		"due_on ":        func(e, _ *upkeep.Entry) { e.DueOn = day("2067-03-02") },
		"due_hours":      func(_, f *upkeep.Entry) { f.DueHours = 5 },
		"due_hours ":     func(e, _ *upkeep.Entry) { e.DueHours = -1 },
		"due_hours  ":    func(e, _ *upkeep.Entry) { e.DueHours = math.NaN() },
		"what":           func(e, _ *upkeep.Entry) { e.What = " " },
		"what ":          func(e, _ *upkeep.Entry) { e.What = strings.Repeat("字", 501) },
		"what  ":         func(e, _ *upkeep.Entry) { e.What = "left \u202e rotor" },
		"reference":      func(e, _ *upkeep.Entry) { e.Reference = "WO\x00" },
		"reference long": func(e, _ *upkeep.Entry) { e.Reference = strings.Repeat("x", 81) },
	} {
		e, f := drone, box
		change(&e, &f)
		field, _, _ = strings.Cut(field, " ")
		var refused refusal.Field
		if err := errors.Join(e.Check(n, now), f.Check(n, now)); !errors.As(err, &refused) || refused.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := (upkeep.Entry{Device: "XX-1", Kind: upkeep.Repair}).Check(n, now); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("a device that there is not: %v", err)
	}
	if (upkeep.Strike{Why: " "}).Check() == nil {
		t.Error("struck without a reason")
	}
}

// What is due follows from the last entry of each kind that stands, not from the one entered last.
func TestWhatIsDue(t *testing.T) {
	entry := func(id int64, k upkeep.Kind, done, due string, hours float64) upkeep.Entry {
		e := upkeep.Entry{ID: id, Kind: k, DoneOn: day(done), DueHours: hours}
		if due != "" {
			e.DueOn = day(due)
		}
		return e
	}
	struck := entry(4, upkeep.Inspection, "2027-02-20", "2027-12-01", 0)
	struck.Struck = upkeep.Strike{By: "anna", Why: "another drone"}
	kept := upkeep.Kept{
		Log: []upkeep.Entry{
			entry(1, upkeep.Inspection, "2027-01-10", "2027-03-30", 0),
			entry(2, upkeep.Part, "2027-01-01", "", 100), // a battery
			entry(3, upkeep.Inspection, "2026-06-01", "2026-12-01", 0),
			struck,
			entry(5, upkeep.Repair, "2027-02-01", "", 0),
			entry(6, upkeep.Firmware, "2027-02-01", "2028-02-01", 0),
		},
		Calibrations: []coldrecord.ProbeCalibration{
			{Probe: 1, CalibratedOn: day("2026-02-28"), DueOn: day("2027-02-28")},
			{Probe: 2, CalibratedOn: day("2025-02-28"), DueOn: day("2026-02-28")},
			{Probe: 2, CalibratedOn: day("2026-03-01"), DueOn: day("2027-03-01")},
		},
		Flown: 90*time.Hour + time.Minute,
	}
	want := []upkeep.Due{
		{Kind: upkeep.Calibration, Probe: 1, On: day("2027-02-28"), State: upkeep.Overdue},
		{Kind: upkeep.Part, Hours: 100, State: upkeep.Soon},
		{Kind: upkeep.Calibration, Probe: 2, On: day("2027-03-01"), State: upkeep.Soon}, // until that day's end
		{Kind: upkeep.Inspection, On: day("2027-03-30"), State: upkeep.Soon},
		{Kind: upkeep.Firmware, On: day("2028-02-01"), State: upkeep.Later},
	}
	got := upkeep.Dues(kept, now)
	if len(got) != len(want) {
		t.Fatalf("%d are due: %+v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: got %+v, want %+v", i, got[i], want[i])
		}
	}
	kept.Flown = 101 * time.Hour
	if d := upkeep.Dues(kept, now.AddDate(0, 0, -3))[0]; d.Kind != upkeep.Part || d.State != upkeep.Overdue {
		t.Errorf("beyond its hours: %+v", d)
	}
	all := upkeep.AllDues(map[telemetry.DeviceID]upkeep.Kept{"HL-01": kept, "HL-02": {}}, now)
	if len(all["HL-01"]) != len(want) || len(all["HL-02"]) != 0 {
		t.Errorf("of two: %+v", all)
	}
}
