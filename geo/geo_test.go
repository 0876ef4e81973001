package geo

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// The Flinders Peak to Buninyong line of Geoscience Australia's GDA manual
// (GRS 80, which differs from WGS 84 by under 0.1 mm in the semi-minor axis).
func TestInverseReproducesPublishedLine(t *testing.T) {
	flinders := orb.Point{144 + 25.0/60 + 29.52440/3600, -(37 + 57.0/60 + 3.72030/3600)}
	buninyong := orb.Point{143 + 55.0/60 + 35.38390/3600, -(37 + 39.0/60 + 10.15610/3600)}
	d, az := Inverse(flinders, buninyong)
	if math.Abs(d-54972.271) > 0.001 {
		t.Errorf("distance: got %.4f m, want 54972.271", d)
	}
	if want := 306 + 52.0/60 + 5.37/3600; math.Abs(az-want) > 1e-5 {
		t.Errorf("bearing: got %.7f, want %.7f", az, want)
	}
}

func drawPoint(t *rapid.T, name string) orb.Point {
	return orb.Point{rapid.Float64Range(122, 125).Draw(t, name+" lon"), rapid.Float64Range(41, 43).Draw(t, name+" lat")}
}

func TestDirectUndoesInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPoint(t, "a"), drawPoint(t, "b")
		d, az := Inverse(a, b)
		if got := Direct(a, az, d); Distance(got, b) > 1e-5 {
			t.Fatalf("direct: got %v, want %v", got, b)
		}
		if back := Distance(b, a); math.Abs(back-d) > 1e-6 {
			t.Fatalf("distance not symmetric: %v and %v", d, back)
		}
	})
}

func TestPlaneRoundTrip(t *testing.T) {
	pl := NewPlane(orb.Point{123.43, 41.8})
	rapid.Check(t, func(t *rapid.T) {
		p := drawPoint(t, "p")
		if got := pl.ToLonLat(pl.ToXY(p)); Distance(got, p) > 1e-4 {
			t.Fatalf("got %v, want %v", got, p)
		}
	})
}

func TestTrackRoundTrip(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	want := []Fix4D{{orb.Point{123.497, 41.706}, 45, at}, {orb.Point{123.395, 41.769}, 165, at.Add(90 * time.Second)}}
	b, err := EncodeTrack(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeTrack(b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("fix %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func FuzzDecodeTrack(f *testing.F) {
	b, _ := EncodeTrack([]Fix4D{{orb.Point{1, 2}, 3, time.UnixMilli(4).UTC()}})
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if track, err := DecodeTrack(b); err == nil {
			if _, err := EncodeTrack(track); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestCheckPointRefusesWhatIsNotOnEarth(t *testing.T) {
	for _, p := range []orb.Point{{math.NaN(), 0}, {0, math.Inf(1)}, {180.1, 0}, {0, -90.1}} {
		if CheckPoint(p) == nil {
			t.Errorf("%v accepted", p)
		}
	}
	if err := CheckPoint(orb.Point{180, -90}); err != nil {
		t.Errorf("edge refused: %v", err)
	}
}
