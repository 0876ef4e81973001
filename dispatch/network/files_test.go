package network

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/geo"
)

// What is written is read as the same network.
func TestFilesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	now := time.Now()
	first, err := Load(Shenyang(), builtIn(t), now)
	if err != nil {
		t.Fatal(err)
	}
	first.Classes[0].LateralM, first.Classes[0].LostLinkDoes = 40.5, "hold"
	again := reloaded(t, first, nil)
	if d := Differences(first, again); len(d) > 0 {
		t.Errorf("%d differences, as %+v", len(d), d[0])
	}
	if first.Classes[0] != again.Classes[0] || len(again.Zones) != len(first.Zones) || len(again.Roles) != len(first.Roles) {
		t.Errorf("%+v\n%+v", first.Classes[0], again.Classes[0])
	}
	for i, x := range first.BoxTypes {
		if y := again.BoxTypes[i]; x.Thermal != y.Thermal || !slices.Equal(x.Holds, y.Holds) || x.HoldAt30C != y.HoldAt30C || x.EmptyKg != y.EmptyKg {
			t.Errorf("%+v\n%+v", x, y)
		}
	}
}

func TestDifferencesAreTold(t *testing.T) {
	t.Parallel()
	was, err := Load(Shenyang(), builtIn(t), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	is := reloaded(t, was, func(f Files) {
		f["sites.csv"] = strings.Replace(f["sites.csv"], "123.395452", "123.4", 1) + "NEW1,hospital,新,New,,,,123.5,41.8,\n"
		f["drones.csv"] = strings.Replace(f["drones.csv"], "HL-12,", "HL-13,", 1)
	})
	var got []string
	for _, d := range Differences(was, is) {
		got = append(got, strings.Join([]string{d.File, d.ID, d.Field, d.Was, d.Is}, "|"))
	}
	want := []string{ // how they begin
		"sites.csv|SY06|lon|123.395452|123.4", "sites.csv|NEW1|||kind hospital, name_zh 新, name_en New, short_zh 新, short_en New, lon 123.5, lat 41.8, elevation_m 45",
		"drones.csv|HL-13|||", "drones.csv|HL-12||",
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func reloaded(t *testing.T, n *Network, change func(Files)) *Network {
	t.Helper()
	files, err := n.Files()
	if err != nil {
		t.Fatal(err)
	}
	if names := slices.Sorted(maps.Keys(files)); len(names) != 8 {
		t.Errorf("files %q", names)
	}
	if change != nil {
		change(files)
	}
	again, err := files.Network(builtIn(t), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// A position of a Chinese map is brought to WGS 84; no datum is guessed.
func TestTheDatumOfASite(t *testing.T) {
	t.Parallel()
	was, err := Load(Shenyang(), builtIn(t), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	of := func(datum string) (*Network, error) {
		f, err := was.Files()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(f["sites.csv"], "\n"), "\n")
		for i := range lines {
			lines[i] += map[bool]string{true: ",datum", false: ","}[i == 0]
		}
		f["sites.csv"] = strings.Join(lines, "\n") + "\nNEW1,hospital,新,New,,,,123.4,41.8,," + datum + "\n"
		return f.Network(builtIn(t), time.Now())
	}
	plain, err1 := of("WGS-84")
	moved, err2 := of("GCJ-02")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	a, _ := plain.Site("NEW1")
	b, _ := moved.Site("NEW1")
	if d := geo.Distance(a.Point, b.Point); d < 100 || d > 1000 {
		t.Errorf("moved by %.0f m", d)
	}
	if _, err := of("XY"); err == nil || !strings.Contains(err.Error(), "sites.csv:32: datum: ") {
		t.Errorf("got %v", err)
	}
}
