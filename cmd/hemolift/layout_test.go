package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/network"
	"hemolift/geo"
	"hemolift/web/api"
)

// founded is a server of the demonstration's network, whose administrator and a dispatcher of the
// first centre can sign in; nothing flies there by itself.
func founded(t *testing.T, flags ...string) (_ *process, files string) {
	t.Helper()
	files = dataDir(t)
	if err := os.CopyFS(files, network.Shenyang()); err != nil {
		t.Fatal(err)
	}
	p := startServe(t, dataDir(t), append([]string{"-network", files}, flags...)...)
	p.password = firstPassword
	chooses := func(token string) {
		t.Helper()
		body := api.ChosenPassword{Password: firstPassword}
		if err := (apiClient{url: p.url}).call(t.Context(), "POST", "/invitation", body, nil, "Invitation-Token", token); err != nil {
			t.Fatal(err)
		}
	}
	_, token, _ := strings.Cut(p.link, "#")
	chooses(token)
	site := "SYBC"
	var invited api.Invitation
	desk := api.NewAccount{Login: "li.jing", NameZh: "李静", NameEn: "Li Jing", Role: "dispatcher", Site: &site}
	if err := p.as("admin").call(t.Context(), "POST", "/accounts", desk, &invited); err != nil {
		t.Fatal(err)
	}
	chooses(invited.Token)
	return p, files
}

// positions has a drone report from a place five times a second, in the air or parked, until
// stop; count is how many the server has acknowledged.
func positions(t *testing.T, p *process, id string, at orb.Point, state string) (stop func() (count int)) {
	t.Helper()
	c, err := connects(p, id, secretOf(t, p, id), func() {})
	if err != nil {
		t.Fatal(err)
	}
	over, done := make(chan struct{}), make(chan int)
	go func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		c.Publish("hl/v1/"+id+"/status", 1, false, fmt.Sprintf(`{"seq":1,"t":%d,"state":%q}`, time.Now().UnixMilli(), state)).Wait()
		for n := 0; ; n++ {
			select {
			case <-over:
				c.Disconnect(100)
				done <- n
				return
			case <-tick.C:
			}
			tok := c.Publish("hl/v1/"+id+"/pos", 1, false, fmt.Sprintf(
				`{"seq":%d,"t":%d,"lon":%.7f,"lat":%.7f,"alt_m":165,"speed_mps":0,"track_deg":0,"battery_pct":99,"link_dbm":-70}`,
				n+2, time.Now().UnixMilli(), at.Lon(), at.Lat(),
			))
			if tok.Wait(); tok.Error() != nil {
				t.Errorf("%s: %v", id, tok.Error())
			}
		}
	}()
	return func() int { close(over); return <-done }
}

// zoneAt is a small zone as a feature of GeoJSON.
func zoneAt(id string, at orb.Point) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"id":%q,"type":"PROHIBITED","lower_m":0,"upper_m":300,"reference":"AGL"},`+
		`"geometry":{"type":"Polygon","coordinates":[[[%[2]f,%[3]f],[%[4]f,%[3]f],[%[4]f,%[5]f],[%[2]f,%[3]f]]]}}`,
		id, at.Lon(), at.Lat(), at.Lon()+0.002, at.Lat()+0.002)
}

// Fifty changes of the network while twelve drones fly: what is added is planned with at once,
// and no sample is missed.
func TestFiftyChangesWhileTwelveFly(t *testing.T) {
	t.Parallel()
	p, _ := founded(t)
	desk := p.as("li.jing")
	frames := liveFeed(t, p, desk, "")
	centre := orb.Point{123.497, 41.706}
	stops := map[string]func() int{}
	for i := 1; i <= 12; i++ {
		id := fmt.Sprintf("HL-%02d", i)
		stops[id] = positions(t, p, id, geo.Direct(centre, float64(i*30), 3000), "airborne")
	}
	p.changes(func(f network.Files) { f["drones.csv"] += "HL-90,MR-10,SYBC\n" })
	stops["HL-90"] = positions(t, p, "HL-90", centre, "parked")
	next(t, frames, "the drone that joined", func(f liveFrame) bool {
		for _, d := range f.Drones {
			if d.ID == "HL-90" {
				return true
			}
		}
		return false
	})
	stock := api.NewUnits{Units: []api.NewUnit{{
		Key: api.UnitKey{Din: "A999955000001", ProductCode: "E0336V00"}, Component: "red_cells", BloodGroup: "O-", MassG: 320,
		ExpiresAt: time.Now().Add(20 * 24 * time.Hour), Site: "SYBC",
	}}}
	if err := desk.call(t.Context(), "POST", "/units", stock, nil); err != nil {
		t.Fatal(err)
	}
	// A box is packed cold: it must be heard before it is proposed.
	says := playBox(t, p, "BX-001")
	says(5_000)
	estimate := func(hospital string) api.Estimate {
		t.Helper()
		o := api.NewRequest{
			Hospital: hospital, Pad: hospital + "-P1", Component: "red_cells", BloodGroup: "O-", Units: 1, Urgency: "stat",
			NeededBy: time.Now().Add(time.Hour).Truncate(time.Second),
		}
		var e api.Estimate
		if err := desk.call(t.Context(), "POST", "/estimates", o, &e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	eventually(t, time.Minute, "the drone that joined is proposed", func() bool {
		e := estimate("SY06")
		return e.Proposal != nil && e.Proposal.Drone == "HL-90"
	})
	var slowest time.Duration
	for i := range 50 {
		id := fmt.Sprintf("N%03d", i)
		at := geo.Direct(centre, float64(i*7), 2000)
		begun := time.Now()
		p.changes(func(f network.Files) {
			f["sites.csv"] += fmt.Sprintf("%s,hospital,新%d,New %d,,,,%.6f,%.6f,\n", id, i, i, at.Lon(), at.Lat())
			f["pads.csv"] += fmt.Sprintf("%s-P1,%s,P1\n", id, id)
			switch i % 3 {
			case 0:
				f["fleet.csv"] += fmt.Sprintf("BX-%s,BX-RBC,SYBC\n", id)
			case 1:
				f["drones.csv"] += fmt.Sprintf("HL-%s,MR-10,SYBC\n", id)
			case 2:
				f["zones.geojson"] = strings.Replace(f["zones.geojson"], `"features": [`, `"features": [`+zoneAt(id, geo.Direct(centre, float64(i*7), 15_000))+",", 1)
			}
		})
		if e := estimate(id); e.Proposal == nil {
			t.Fatalf("change %d is not planned with: %+v", i, e.Impossible)
		}
		slowest = max(slowest, time.Since(begun))
		waits := map[string]bool{} // of each drone something new is told after the change
		for id := range stops {
			waits[id] = true
		}
		next(t, frames, "positions of all", func(f liveFrame) bool {
			for _, d := range f.Drones {
				delete(waits, d.ID)
			}
			return len(waits) == 0
		})
	}
	files := p.networkFiles().Files
	if n := strings.Count(files["zones.geojson"], `"id": "N0`); n != 16 || strings.Count(files["drones.csv"], "HL-N0") != 17 {
		t.Errorf("%d zones joined, and these drones: %s", n, files["drones.csv"])
	}
	t.Logf("the slowest of 50 changes was planned with within %v", slowest.Round(time.Millisecond))
	for id, stop := range stops {
		n := stop()
		if n < 20 {
			t.Errorf("%s was acknowledged %d samples", id, n)
		}
		p.sql(fmt.Sprintf(`DO $$ DECLARE kept int; BEGIN
			SELECT count(DISTINCT seq) INTO kept FROM position_sample WHERE device_id = '%s' AND seq BETWEEN 2 AND %d;
			IF kept <> %d THEN RAISE EXCEPTION '%% of %d samples', kept; END IF; END $$`, id, n+1, n, n))
	}
}

// networkFiles are the files of the network as it is.
func (p *process) networkFiles() (files api.NetworkFiles) {
	p.t.Helper()
	if err := p.as("admin").call(p.t.Context(), "GET", "/network/files", nil, &files); err != nil {
		p.t.Fatal(err)
	}
	return files
}

// changes changes the network while it is in use.
func (p *process) changes(change func(network.Files)) {
	p.t.Helper()
	files, why := p.networkFiles(), "grown"
	change(network.Files(files.Files))
	body := api.ChangeNetwork{Files: files.Files, Version: &files.Version, Reason: &why}
	if err := p.as("admin").call(p.t.Context(), "PUT", "/network/files", body, nil); err != nil {
		p.t.Fatal(err)
	}
}

// A server that is started with the same files as before keeps what was changed since; other
// files count.
func TestTheFilesOfTheStartDoNotUndoAChange(t *testing.T) {
	t.Parallel()
	p, files := founded(t)
	const was, is = ",024 0000 0001,", ",024 7777 7777,"
	p.changes(func(f network.Files) { f["sites.csv"] = strings.Replace(f["sites.csv"], was, is, 1) })
	again := func(want string) {
		t.Helper()
		p.stop()
		p = startServe(t, p.data, "-network", files)
		p.password = firstPassword
		if sites := p.networkFiles().Files["sites.csv"]; !strings.Contains(sites, want) {
			t.Errorf("the sites have no %q", want)
		}
	}
	again(is)
	drones := filepath.Join(files, "drones.csv")
	text, err := os.ReadFile(drones)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(drones, append(text, "HL-77,MR-10,SYBC\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	again(was)
	// Roles that were taken away do not come back by themselves.
	p.changes(func(f network.Files) { f["roles.csv"], _, _ = strings.Cut(f["roles.csv"], "\n") })
	p.stop()
	p = startServe(t, p.data)
	p.password = firstPassword
	if roles := p.networkFiles().Files["roles.csv"]; strings.Contains(roles, "requester") {
		t.Errorf("after a restart the roles are %s", roles)
	}
}
