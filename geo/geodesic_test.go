package geo

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// checkGeodesic compares Inverse and Direct with a known geodesic, within 1 mm.
func checkGeodesic(t *testing.T, a, b orb.Point, azimuthDeg, lengthM float64) {
	t.Helper()
	d, bearing := Inverse(a, b)
	if math.Abs(d-lengthM) > 0.001 {
		t.Errorf("%v to %v: %.6f m, want %.6f", a, b, d, lengthM)
	}
	// An error of bearing counts by how far it leads astray; at a pole any will do.
	astray := math.Abs(math.Sin(radians(bearing-azimuthDeg))) * min(lengthM, EquatorialRadiusM)
	if math.Abs(a.Lat()) < 89.9999 && astray > 0.001 {
		t.Errorf("%v to %v: bearing %.9f, want %.9f", a, b, bearing, azimuthDeg)
	}
	if off, _ := Inverse(Direct(a, azimuthDeg, lengthM), b); off > 0.001 {
		t.Errorf("from %v along %.9f for %.6f m: %.6f m off", a, azimuthDeg, lengthM, off)
	}
}

func numbers(t *testing.T, fields []string) []float64 {
	t.Helper()
	out := make([]float64, len(fields))
	for i, f := range fields {
		var err error
		if out[i], err = strconv.ParseFloat(f, 64); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// The table holds answers of GeographicLib's GeodSolve (C. F. F. Karney), version
// 2.1, for points near each other, far apart, on meridians, the equator and poles.
func TestGeodesicsAgreeWithGeographicLib(t *testing.T) {
	f, err := os.Open("testdata/geodesics.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 400 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		n := numbers(t, row)
		checkGeodesic(t, orb.Point{n[1], n[0]}, orb.Point{n[3], n[2]}, n[4], n[5])
	}
}

// Where GeodSolve is installed it is asked about new points at every run.
func TestGeodesicsAgreeWithGeodSolve(t *testing.T) {
	solve, err := exec.LookPath("GeodSolve")
	if err != nil {
		t.Log("GeodSolve is not installed; the table stands for it")
		return
	}
	var in strings.Builder
	var pairs [][2]orb.Point
	for range 500 {
		a := orb.Point{rand.Float64()*360 - 180, rand.Float64()*170 - 85}
		b := orb.Point{a[0] + rand.Float64()*2 - 1, a[1] + rand.Float64()*2 - 1}
		fmt.Fprintf(&in, "%.12f %.12f %.12f %.12f\n", a[1], a[0], b[1], b[0])
		pairs = append(pairs, [2]orb.Point{a, b})
	}
	cmd := exec.Command(solve, "-i", "-p", "9")
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		n := numbers(t, strings.Fields(line))
		checkGeodesic(t, pairs[i][0], pairs[i][1], n[0], n[2])
	}
}

// The plane's stated error: at most 3e-5 of a length within 90 km of its centre.
func TestThePlaneStretchesNoMoreThanStated(t *testing.T) {
	for _, centre := range []orb.Point{{123.43, 41.8}, {0, 0}, {100, 70}, {-60, -45}} {
		pl := NewPlane(centre)
		r := rand.New(rand.NewPCG(1, 2))
		for range 2000 {
			a := Direct(centre, r.Float64()*360, r.Float64()*90_000)
			b := Direct(centre, r.Float64()*360, r.Float64()*90_000)
			p, q := pl.ToXY(a), pl.ToXY(b)
			lengthM, flat := Distance(a, b), math.Hypot(q[0]-p[0], q[1]-p[1])
			if math.Abs(flat/lengthM-1) > 3.5e-5 {
				t.Fatalf("%v to %v: %.3f m on the plane, %.3f on the ellipsoid", a, b, flat, lengthM)
			}
			if back := Distance(pl.ToLonLat(p), a); back > 0.0001 {
				t.Fatalf("%v comes back %.6f m off", a, back)
			}
		}
	}
}
