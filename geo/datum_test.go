package geo

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

func TestChineseDatumsComeBack(t *testing.T) {
	// Pairs in general use by implementations of GCJ-02 (recalled).
	tests := []struct{ wgs, gcj orb.Point }{
		{orb.Point{121.5272106, 31.1774276}, orb.Point{121.531541859215, 31.17530398364597}},
		{orb.Point{113.912316, 22.543847}, orb.Point{113.9171764808363, 22.540796131694766}},
		{orb.Point{116.377817, 39.911954}, orb.Point{116.38404722455657, 39.91334545536069}},
	}
	for _, tt := range tests {
		if d := Distance(toGCJ02(tt.wgs), tt.gcj); d > 0.01 {
			t.Errorf("%v: %.3f m off", tt.wgs, d)
		}
		for datum, p := range map[Datum]orb.Point{WGS84: tt.wgs, GCJ02: toGCJ02(tt.wgs), BD09: toBD09(toGCJ02(tt.wgs))} {
			got, err := ToWGS84(p, datum)
			if d := Distance(got, tt.wgs); err != nil || d > 0.0005 {
				t.Errorf("%s %v: %.6f m off, %v", datum, p, d, err)
			}
		}
	}
	abroad := orb.Point{2.35, 48.86}
	if got, _ := ToWGS84(abroad, GCJ02); got != abroad {
		t.Errorf("abroad: got %v", got)
	}
	if _, err := ToWGS84(abroad, "NAD-27"); err == nil {
		t.Error("an unknown datum was accepted")
	}
}

func TestDaylightEvents(t *testing.T) {
	london, shenyang := orb.Point{0, 51.4779}, orb.Point{123.43, 41.8}
	tests := []struct {
		name         string
		p            orb.Point
		day          string
		rise, set    string // UTC, as almanacs print them
		toleranceMin float64
	}{
		{"London, summer solstice", london, "2024-06-20", "03:43", "20:21", 1.5},
		{"London, winter solstice", london, "2024-12-21", "08:04", "15:53", 1.5},
		{"London, equinox", london, "2024-03-20", "06:03", "18:13", 1.5},
		{"Shenyang, summer solstice", shenyang, "2026-06-21", "20:12", "11:25", 2.5},
	}
	minutes := func(s string) float64 {
		c, err := time.Parse("15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return float64(c.Hour()*60 + c.Minute())
	}
	for _, tt := range tests {
		day, _ := time.Parse(time.DateOnly, tt.day)
		rise, set, ok := SunPasses(tt.p, day, SunriseDeg)
		if !ok {
			t.Errorf("%s: the sun does not rise", tt.name)
			continue
		}
		for at, want := range map[time.Time]string{rise: tt.rise, set: tt.set} {
			got := float64(at.Hour()*60+at.Minute()) + float64(at.Second())/60
			if off := math.Abs(got - minutes(want)); off > tt.toleranceMin {
				t.Errorf("%s: got %v, want %s", tt.name, at, want)
			}
		}
		dawn, dusk, _ := SunPasses(tt.p, day, CivilTwilightDeg)
		if !dawn.Before(rise) || !dusk.After(set) || rise.Sub(dawn) > time.Hour {
			t.Errorf("%s: civil twilight from %v to %v", tt.name, dawn, dusk)
		}
	}
	if _, _, ok := SunPasses(orb.Point{20, 80}, time.Date(2026, 6, 21, 0, 0, 0, 0, time.UTC), SunriseDeg); ok {
		t.Error("the sun sets at 80 degrees north in June")
	}
}
