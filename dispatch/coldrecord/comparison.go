package coldrecord

import (
	"bytes"
	"slices"

	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Comparison is a logger's file beside what its box reported live, and what the file alone
// would advise.
type Comparison struct {
	coldchain.Comparison
	Box     telemetry.DeviceID
	Report  coldchain.Report
	Flagged []coldchain.LineFault
	Broken  coldchain.LineFault
	Advice  coldchain.Advice
}

// Compare compares what can be read of a logger's file with a delivery's record. The
// record itself is not changed by it.
func Compare(r Record, profiles map[coldchain.ProfileID]coldchain.Profile, file []byte, o coldchain.LoggerOptions) (Comparison, error) {
	f, err := coldchain.ParseLogger(bytes.NewReader(file), o)
	if err != nil {
		return Comparison{}, refusal.OfField("body", "was kept but cannot be read: "+err.Error())
	}
	within := slices.DeleteFunc(f.Readings, func(x coldchain.Reading) bool { return x.At.Before(r.From) || x.At.After(r.To) })
	if len(within) == 0 {
		return Comparison{}, refusal.OfField("body", "was kept, but none of its readings lies between packing and opening")
	}
	slices.SortStableFunc(within, func(x, y coldchain.Reading) int { return x.At.Compare(y.At) })
	out := Comparison{
		Comparison: coldchain.Compare(within, r.Readings, r.Profile.Interval),
		Box:        r.Box,
		Report:     coldchain.Judged(r.Profile, within),
		Flagged:    f.Flagged,
		Broken:     f.Broken,
	}
	v, _ := coldchain.JudgeUnit(
		r.Profile,
		profiles,
		coldchain.Life{},
		coldchain.Passage{
			Report:         out.Report,
			From:           r.From,
			To:             r.To,
			Faults:         coldchain.Watched(r.Profile, within),
			CalibrationDue: r.CalibrationDue,
		},
	)
	out.Advice = v.Advice
	return out, nil
}
