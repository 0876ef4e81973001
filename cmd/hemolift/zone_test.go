package main

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/web/api"
)

// acrossM is how far a zone's corners lie from its middle, in metres.
const acrossM = 500

// across is a zone in the way of a delivery in the air, and its middle.
func across(d api.Delivery) (api.NewZone, orb.Point) {
	n := len(d.Mission.Out)
	a, b := d.Mission.Out[n-2], d.Mission.Out[n-1]
	middle := orb.Point{a[0] + 0.7*(b[0]-a[0]), a[1] + 0.7*(b[1]-a[1])}
	zone := api.NewZone{Name: "Exercise", UpperM: 300, Until: d.Mission.ArriveAt.Add(6 * time.Hour)}
	for k := range 8 {
		p := geo.Direct(middle, float64(k)*45, acrossM)
		zone.Ring = append(zone.Ring, api.LonLat{p.Lon(), p.Lat()})
	}
	return zone, middle
}

// TestANewZoneIsFlownAround closes airspace before a simulated drone in the air,
// over the real API and broker, and looks at the track that it then flew.
func TestANewZoneIsFlownAround(t *testing.T) {
	p := startDemo(t, dataDir(t), "-speed", "20", "-requests-per-hour", "2")
	tower := p.client("sun.tao")
	var d api.Delivery
	eventually(t, 60*time.Second, "a flight is airborne", func() bool {
		d = first(t, tower)
		return d.Status == "airborne"
	})
	zone, middle := across(d)
	var added api.ZoneAdded
	if err := tower.call(context.Background(), "POST", "/zones", zone, &added); err != nil {
		t.Fatal(err)
	}
	if len(added.Touched) == 0 || added.Touched[0].Mission != d.Mission.Id || added.Touched[0].Outcome != "rerouted" || added.TookMs > 1000 {
		t.Fatalf("got %+v", added)
	}
	nearest := math.Inf(1)
	eventually(t, flightWithin, "the drone landed", func() bool {
		var track []api.LonLat
		if err := tower.call(context.Background(), "GET", "/drones/"+d.Mission.Drone+"/track", nil, &track); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(track); i++ {
			for f := 0.0; f <= 1; f += 0.05 {
				at := orb.Point{track[i-1][0] + f*(track[i][0]-track[i-1][0]), track[i-1][1] + f*(track[i][1]-track[i-1][1])}
				nearest = min(nearest, geo.Distance(at, middle))
			}
		}
		return first(t, tower).Status != "airborne"
	})
	if got := first(t, tower).Status; got != "landed" {
		t.Errorf("the delivery is %s, want landed", got)
	}
	if inner := acrossM * math.Cos(math.Pi/8); nearest < inner {
		t.Errorf("the drone flew %.0f m from the zone's middle, want more than %.0f", nearest, inner)
	}
	for login, may := range map[string]bool{"sun.tao": true, "liu.yang": false} {
		var n api.Network
		if err := p.as(login).call(context.Background(), "GET", "/network", nil, &n); err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(n.Zones, func(z api.Zone) bool { return z.Id == added.Zone.Id })
		if i < 0 || (n.Zones[i].Touched != nil) != may || may && !reflect.DeepEqual(*n.Zones[i].Touched, added.Touched) {
			t.Errorf("%s reads %+v", login, n.Zones)
		}
	}
	t.Logf("rerouted in %.0f ms, passed the zone's middle at %.0f m", added.TookMs, nearest)
	var network api.Network
	if err := tower.call(context.Background(), "DELETE", "/zones/"+added.Zone.Id, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := tower.call(context.Background(), "GET", "/network", nil, &network); err != nil {
		t.Fatal(err)
	}
	for _, z := range network.Zones {
		if z.Id == added.Zone.Id {
			t.Error("the zone stands after its end")
		}
	}
}
