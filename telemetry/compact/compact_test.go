package compact_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/compact"
)

var t0 = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// single is a number as a column of four bytes has it.
func single(t *rapid.T, name string, least, most float64) float64 {
	return float64(rapid.Float32Range(float32(least), float32(most)).Draw(t, name))
}

func sampleAt(t *rapid.T, i int, position bool) telemetry.Sample {
	x := telemetry.Sample{
		Device: telemetry.DeviceID(rapid.StringMatching(`[\pL0-9 ",;_-]{1,20}`).Draw(t, "device")), Seq: rapid.Uint64Max(math.MaxInt64).Draw(t, "seq"),
		At:         t0.Add(time.Duration(i) * time.Second),
		ReceivedAt: t0.Add(time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "received")) * time.Microsecond),
	}
	if !position {
		r := telemetry.Temperature{
			TempMC: rapid.Int32().Draw(t, "temp"), AmbientMC: rapid.Int32().Draw(t, "ambient"),
			LidOpen: rapid.Bool().Draw(t, "lid"), Fault: rapid.Bool().Draw(t, "fault"), HasSecond: rapid.Bool().Draw(t, "has second"),
		}
		if r.HasSecond {
			r.SecondMC = rapid.Int32().Draw(t, "second")
		}
		x.Reading = r
		return x
	}
	x.Reading = telemetry.Position{
		Point:    orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat")},
		AltM:     single(t, "alt", -450, 9000),
		SpeedMPS: single(t, "speed", 0, 120), TrackDeg: single(t, "track", 0, 360), ClimbMPS: single(t, "climb", -50, 50),
		BatteryPct: single(t, "battery", 0, 100), LinkDBm: single(t, "link", -200, 50), WindMPS: single(t, "wind", -1, 80),
		WindFromDeg: single(t, "wind from", 0, 360),
	}
	return x
}

func TestUnpackGivesBackWhatWasPacked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var samples []telemetry.Sample
		position := rapid.Bool().Draw(t, "positions")
		for i := range rapid.IntRange(0, 20).Draw(t, "n") {
			samples = append(samples, sampleAt(t, i, position))
		}
		b, err := compact.Pack(samples)
		if err != nil {
			t.Fatal(err)
		}
		got, err := compact.Unpack(b)
		if err != nil || !slices.Equal(got, samples) {
			t.Fatalf("got %+v, %v\nwant %+v", got, err, samples)
		}
	})
}

func TestWhatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	whole, err := compact.Pack([]telemetry.Sample{{Device: "BX-1", At: t0, Reading: telemetry.Temperature{TempMC: 4000}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"nothing": nil, "half": whole[:len(whole)/2], "text": []byte("device_id,at\n")} {
		if got, err := compact.Unpack(b); !errors.Is(err, compact.ErrDamaged) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	mixed := []telemetry.Sample{{Reading: telemetry.Temperature{}}, {Reading: telemetry.Position{}}}
	if _, err := compact.Pack(mixed); err == nil {
		t.Error("two kinds in one piece")
	}
	if _, err := compact.Pack([]telemetry.Sample{{Reading: telemetry.Status{}}}); err == nil {
		t.Error("a kind that has no columns")
	}
}

// walk is a flight by random turns, climbs and gaps.
func walk(t *rapid.T) []telemetry.Sample {
	var samples []telemetry.Sample
	at, p, alt := t0, orb.Point{123.4, 41.8}, 60.0
	track, speed, climb := 0.0, 18.0, 0.0
	for i := range rapid.IntRange(0, 120).Draw(t, "n") {
		if rapid.IntRange(0, 9).Draw(t, "turns") == 0 {
			track, speed = rapid.Float64Range(0, 360).Draw(t, "track"), rapid.Float64Range(0, 30).Draw(t, "speed")
			climb = rapid.Float64Range(-4, 4).Draw(t, "climb")
		}
		samples = append(samples, telemetry.Sample{Device: "HL-1", Seq: uint64(i), At: at, Reading: telemetry.Position{Point: p, AltM: alt}})
		gap := time.Duration(rapid.SampledFrom([]int{0, 200, 1000, 1000, 1000, 1000, 30_000}).Draw(t, "gap")) * time.Millisecond
		at, p, alt = at.Add(gap), geo.Direct(p, track, speed*gap.Seconds()), alt+climb*gap.Seconds()
	}
	return samples
}

func TestThinnedTrackStaysWithin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := walk(t)
		withinM := rapid.SampledFrom([]float64{0, 1, 5, 50}).Draw(t, "within")
		kept := compact.Thin(slices.Clone(whole), withinM)
		if len(whole) == 0 {
			return
		}
		k := 0 // the one before
		for i, x := range whole {
			if k+1 < len(kept) && kept[k+1] == x {
				k++
			}
			if kept[k] == x {
				continue
			}
			if k+1 == len(kept) || withinM == 0 {
				t.Fatalf("sample %d is gone: %+v", i, x)
			}
			a, b := kept[k], kept[k+1]
			if took := b.At.Sub(a.At); took > 10*time.Second {
				t.Fatalf("%v between two that are kept, and more was there", took)
			}
			if aside, off := miss(a, b, x); aside > withinM+0.01 || off > withinM+1e-6 {
				t.Fatalf("sample %d is %v m aside and %v m off in height", i, aside, off)
			}
		}
		if kept[0] != whole[0] || kept[len(kept)-1] != whole[len(whole)-1] {
			t.Fatal("the ends are gone")
		}
	})
}

// miss is how far a position lies from where two others say, by geodesics.
func miss(a, b, x telemetry.Sample) (asideM, offM float64) {
	from, to, at := a.Reading.(telemetry.Position), b.Reading.(telemetry.Position), x.Reading.(telemetry.Position)
	share := float64(x.At.Sub(a.At)) / float64(b.At.Sub(a.At))
	dist, bearing := geo.Inverse(from.Point, to.Point)
	said := geo.Direct(from.Point, bearing, share*dist)
	return geo.Distance(said, at.Point), math.Abs(from.AltM + share*(to.AltM-from.AltM) - at.AltM)
}

func TestAStraightFlightIsAFewPositions(t *testing.T) {
	t.Parallel()
	var samples []telemetry.Sample
	for i := range 3600 {
		p := geo.Direct(orb.Point{123.4, 41.8}, 30, 18*float64(i))
		samples = append(samples, telemetry.Sample{At: t0.Add(time.Duration(i) * time.Second), Reading: telemetry.Position{Point: p, AltM: 120}})
	}
	if n := len(compact.Thin(samples, 5)); n > 362 {
		t.Errorf("%d of 3600 kept, want one in ten", n)
	}
}

func FuzzUnpack(f *testing.F) {
	for _, r := range []telemetry.Reading{telemetry.Temperature{TempMC: 4000}, telemetry.Position{Point: orb.Point{123.4, 41.8}}} {
		b, err := compact.Pack([]telemetry.Sample{{Device: "X-1", Seq: 1, At: t0, ReceivedAt: t0, Reading: r}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		samples, err := compact.Unpack(b)
		if err != nil {
			return
		}
		if _, err := compact.Pack(samples); err != nil {
			t.Fatalf("cannot be packed again: %v", err)
		}
	})
}
