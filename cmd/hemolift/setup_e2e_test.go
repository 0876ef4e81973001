package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hemolift/dispatch/label"
	"hemolift/dispatch/network"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/dronesim"
	"hemolift/web/api"
)

// A blood centre begins with an empty directory: its administrator makes the network on the
// page, invites six people and enrols two devices; stock comes in by list and by scan; a request
// is flown by devices with the credentials that they enrolled, received, and its record signed by
// quality. Nothing is done but by pages and by the API.
func TestFromAnEmptyDirectoryToAReceipt(t *testing.T) {
	t.Parallel()
	p := startServe(t, dataDir(t))
	p.password = firstPassword
	admin := stranger(t, p, "admin", 1440, 900)
	admin.chooses(p.url+p.link, firstPassword)
	admin.laysOut(p)
	admin.hires(p, map[string][2]string{
		"zhang.min": {"requester", "SY06"}, "zhao.lan": {"receiver", "SY06"}, "li.jing": {"dispatcher", "SYBC"},
		"wang.lei": {"issuer", "SYBC"}, "sun.tao": {"controller", ""}, "qin.yue": {"quality", ""},
	})
	flies(t, p, admin.enrols(p, "HL-01"), admin.enrols(p, "BX-001"))

	desk := signIn(t, p, "li.jing", 1440, 900)
	desk.stocks(p)
	ward := signIn(t, p, "zhang.min", 390, 844)
	ward.click(`.options.four label:nth-child(4)`)
	ward.click(`.groups .options.two label:nth-child(1)`)
	ward.run("wait for the estimate", chromedp.WaitReady(`form.request footer .estimate span:nth-child(2)`, chromedp.ByQuery))
	ward.shoot("setup-request")
	ward.click(`form.request footer button.primary`)
	ward.see(`.tracking`)
	var request string
	ward.eval(`document.querySelector(".tracking").dataset.tracking`, &request)
	ward.leaves()

	desk.run("to the map", chromedp.Navigate(p.url+"/live"))
	card := fmt.Sprintf(`li[data-request=%q] `, request)
	desk.click(card + `.body`)
	desk.allocate(card + `.foot button.primary`)
	d := deliveryOf(t, p, request)
	does := func(login string, scan api.StepScan) {
		t.Helper()
		if err := p.as(login).call(t.Context(), "POST", "/deliveries/"+d.Id+"/steps", scan, nil); err != nil {
			t.Fatalf("%s does %s: %v", login, scan.Step, err)
		}
	}
	seal := "SL-SETUP-1"
	does("wang.lei", api.StepScan{Step: "check"})
	for _, u := range d.Units {
		does("wang.lei", api.StepScan{Step: "pack", Unit: &u.Key})
	}
	does("wang.lei", api.StepScan{Step: "seal", Seal: &seal})
	does("wang.lei", api.StepScan{Step: "load", Box: &d.Boxes[0].Id})
	desk.see(`aside.panel[data-status=airborne]`)
	desk.shoot("setup-airborne")
	desk.leaves()
	eventually(t, flightWithin, "the drone landed", func() bool { return deliveryOf(t, p, request).Status == "landed" })

	receiver := signIn(t, p, "zhao.lan", 390, 844)
	receiver.run("to the delivery", chromedp.Navigate(p.url+"/track/"+request))
	receiver.scan("compare_seal", seal)
	for _, u := range d.Units {
		receiver.scan("receive", label.Printed(u.Key.Din)+" "+u.Key.ProductCode)
	}
	receiver.confirms(firstPassword)
	eventually(t, 20*time.Second, "the delivery is closed", func() bool { d = deliveryOf(t, p, request); return d.Status == "closed" })
	receiver.shoot("setup-closed")
	quality := signIn(t, p, "qin.yue", 1440, 900)
	quality.accepts(p, d.Id)
	p.answered("getNetworkFiles", "changeNetwork", "addAccount", "acceptInvitation", "allowEnrolment", "enrol", "importUnits", "addUnits", "signRecord")
	for _, w := range []*person{admin, desk, ward, receiver, quality} {
		if len(w.bad) > 0 {
			t.Errorf("%s: %v", w.login, w.bad)
		}
	}
}

// The devices of the test's centre: quick ones, for a hospital that is near.
const (
	quickAircraft = "class=MR-10 kind=multirotor empty_kg=22 payload_kg=10 bays=1 cruise_mps=30 climb_mps=10 descent_mps=8 battery_wh=2400 " +
		"reserve_pct=20 charge_w=1500 hover_w=2600 hover_w_per_kg=110 cruise_w=2300 cruise_w_per_kg=100 wind_max_mps=25 height_m=40"
	redCellBox = "type=BX-RBC holds=red_cells band_profile=hemolift-rbc-2-10 box_g=4500 units=10 model=pcm2 ua_w_per_k=0.3 pcm_kj=200 pcm_c=5 " +
		"cp_j_per_k=9000 inner_w_per_k=6 hold_h_at_30c=6"
)

// laysOut makes a network on the page: a centre that is picked on the map, a hospital, an
// aircraft, a box and a zone.
func (w *person) laysOut(p *process) {
	w.t.Helper()
	w.run("to the network", chromedp.Navigate(p.url+"/network"))
	w.see(`.network .first[open]`)
	w.everywhere("network-empty")
	w.whole("network-empty", 320, 390, 1024, 1440)
	w.shoot("network-empty")
	w.click(`.network [data-add]`)
	w.see(`dialog.netrow .picker canvas`)
	w.run("pick a place", chromedp.Poll(`document.querySelector("dialog.netrow .picker canvas").clientHeight > 0`, nil),
		chromedp.Click(`dialog.netrow .picker canvas`, chromedp.ByQuery),
		chromedp.Poll(`document.querySelector("dialog.netrow [name=datum]").value === "WGS-84"`, nil))
	var lon, lat float64
	w.eval(`Number(document.querySelector("dialog.netrow [name=lon]").value)`, &lon)
	w.eval(`Number(document.querySelector("dialog.netrow [name=lat]").value)`, &lat)
	if lon < 123 || lon > 124 || lat < 41.5 || lat > 42.1 {
		w.t.Errorf("picked %v, %v", lon, lat)
	}
	w.accessible("a site's form", "light", "dark")
	w.whole("a site's form", 320, 390, 1440)
	w.shoot("network-site")
	w.keeps(`id=SYBC kind=blood_centre name_zh=中心血站 name_en=Centre phone=024_1 lon=999 lat=41.8`)
	w.adds("sites.csv", `id=SY06 kind=hospital name_zh=六院 name_en=Sixth lon=123.44 lat=41.803`)
	w.adds("aircraft.csv", quickAircraft)
	w.adds("boxes.csv", redCellBox)
	w.adds("drones.csv", "id=HL-01 class=MR-10 home=SYBC")
	w.adds("fleet.csv", "id=BX-001 type=BX-RBC site=SYBC")
	w.click(`.network [data-table=zones]`)
	zones := filepath.Join(w.t.TempDir(), "zones.geojson")
	doc := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"Z1","name_zh":"区","name_en":"Zone","type":"PROHIBITED",` +
		`"lower_m":0,"upper_m":500,"reference":"AGL"},"geometry":{"type":"Polygon","coordinates":[[[123.6,41.9],[123.61,41.9],[123.61,41.91],[123.6,41.9]]]}}]}`
	if err := os.WriteFile(zones, []byte(doc), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.run("take in zones", chromedp.SetUploadFiles(`.network input[name=files]`, []string{zones}, chromedp.ByQuery),
		chromedp.Poll(`/Z1/.test(document.querySelector(".network tbody").innerText)`, nil))
	// A fault is said where it is, and nothing is applied with it.
	w.click(`.network [data-preview]`)
	w.see(`dialog.netchange .faults li`)
	w.accessible("faults of a network", "light", "dark")
	w.whole("faults of a network", 320, 390, 1440)
	w.shoot("network-faults")
	w.closes()
	w.click(`.network [data-table="sites.csv"]`)
	w.click(`.network tr.bad[data-row=SYBC] [data-edit]`)
	w.see(`dialog.netrow label.bad [name=lon]`)
	w.keeps(fmt.Sprintf("lon=%v", 123.43))
	w.click(`.network [data-preview]`)
	w.see(`dialog.netchange tr[data-difference=HL-01]`)
	w.accessible("what changes", "light", "dark")
	w.whole("what changes", 320, 390, 1440)
	w.shoot("network-preview")
	w.fills(`dialog.netchange [name=why]`, "the first line")
	w.click(`dialog.netchange [data-apply]`)
	w.run("it is applied", chromedp.WaitNotPresent(`.network .apply`, chromedp.ByQuery), chromedp.WaitNotPresent(`dialog[open]`, chromedp.ByQuery))
	w.see(`.network tr[data-row=SY06]`)
	w.everywhere("network")
	w.whole("network", 320, 390, 1024, 1440)
	w.shoot("network")
}

// adds adds a row to one of the network's tables.
func (w *person) adds(table, cells string) {
	w.t.Helper()
	w.click(fmt.Sprintf(`.network [data-table=%q]`, table))
	w.click(`.network [data-add]`)
	w.keeps(cells)
}

// keeps fills in the form of a row, and keeps it. A low line stands for a space.
func (w *person) keeps(cells string) {
	w.t.Helper()
	w.see(`dialog.netrow form`)
	for _, c := range strings.Fields(cells) {
		column, value, _ := strings.Cut(c, "=")
		if column == "phone" {
			value = strings.ReplaceAll(value, "_", " ")
		}
		w.fills(fmt.Sprintf(`dialog.netrow [name=%s]`, column), value)
	}
	w.click(`dialog.netrow [data-keep]`)
	w.run("the form closes", chromedp.WaitNotPresent(`dialog[open]`, chromedp.ByQuery))
}

// hires invites people by their roles and sites; each chooses a password by the link.
func (w *person) hires(p *process, people map[string][2]string) {
	w.t.Helper()
	w.run("to the people", chromedp.Navigate(p.url+"/people"))
	for login, is := range people {
		w.click(`.people [data-add]`)
		w.see(`dialog.person form`)
		for name, value := range map[string]string{"login": login, "name_zh": login, "name_en": login} {
			w.fills(fmt.Sprintf(`dialog.person [name=%s]`, name), value)
		}
		w.fills(`dialog.person [name=role]`, is[0])
		w.fills(`dialog.person [name=site]`, is[1])
		w.click(`dialog.person button.primary`)
		_, token, _ := strings.Cut(w.linkMade(), "#")
		w.closes()
		body := api.ChosenPassword{Password: p.password}
		if err := (apiClient{url: p.url}).call(w.t.Context(), "POST", "/invitation", body, nil, "Invitation-Token", token); err != nil {
			w.t.Fatalf("%s: %v", login, err)
		}
	}
}

// enrols gives a device a code on the page, for which the device has its secret.
func (w *person) enrols(p *process, id string) (s api.Secret) {
	w.t.Helper()
	w.run("to the devices", chromedp.Navigate(p.url+"/devices"))
	w.click(fmt.Sprintf(`.people tr[data-device=%q] [data-enrol]`, id))
	w.see(`dialog.code [data-code]`)
	body := api.Enrol{Device: id, Code: w.text(`dialog.code [data-code]`)}
	w.closes()
	if err := (apiClient{url: p.url}).call(w.t.Context(), "POST", "/enrolment", body, &s); err != nil {
		w.t.Fatalf("%s: %v", id, err)
	}
	return s
}

// flies simulates a drone and a box from outside, until the test ends. What hands do, the
// board says.
func flies(t *testing.T, p *process, drone, box api.Secret) {
	t.Helper()
	var files api.NetworkFiles
	if err := p.as("admin").call(t.Context(), "GET", "/network/files", nil, &files); err != nil {
		t.Fatal(err)
	}
	profiles, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	n, err := network.Files(files.Files).Network(profiles, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	home, _ := n.Site(n.Drones[0].Home)
	design := n.BoxTypes[0]
	fleet, err := dronesim.New(dronesim.Config{
		Broker: p.mqtt, Seed: 1, GroundAltM: n.GroundAltM(), Memory: filepath.Join(t.TempDir(), "memory"), Log: slog.New(slog.DiscardHandler),
		Drones: []dronesim.Drone{{ID: n.Drones[0].ID, Secret: drone.Secret, Class: n.Classes[0], Home: home.Point}},
		Boxes: []dronesim.Box{{
			ID: n.Boxes[0].ID, Secret: box.Secret, Design: design.Thermal, PackedAtC: design.PackedAtC(), Interval: profiles[design.Profile].Interval,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	go func() { _ = fleet.Run(ctx); done <- struct{}{} }()
	desk := p.as("sun.tao")
	go func() {
		defer func() { done <- struct{}{} }()
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			var b api.Board
			if desk.call(ctx, "GET", "/board", nil, &b) == nil {
				fleet.Place(places(b.Deliveries))
			}
		}
	}()
	t.Cleanup(func() { stop(); <-done; <-done })
}

// stocks takes units in, by a list and by scans.
func (w *person) stocks(p *process) {
	w.t.Helper()
	w.run("to the stock", chromedp.Navigate(p.url+"/stock"))
	w.click(`.stock [data-list]`)
	file := filepath.Join(w.t.TempDir(), "list.csv")
	list := "din,product_code,component,blood_group,mass_g,expires_at,site\n"
	for i := 1; i <= 3; i++ {
		list += fmt.Sprintf("A99995500000%d,E0336V00,red_cells,O+,320,2031-01-01,SYBC\n", i)
	}
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.run("choose a list", chromedp.SetUploadFiles(`dialog.stocking input[type=file]`, []string{file}, chromedp.ByQuery))
	w.click(`dialog.stocking [data-add-list]`)
	w.see(`dialog.stocking [data-done]`)
	w.closes()
	w.click(`.stock [data-scan]`)
	for _, scan := range []string{"=A99995500000900", "=<E0336V00", "=%5100", "&>0310012359"} {
		w.run("scan "+scan, chromedp.SendKeys(`dialog.stocking input[name=scan]`, scan+"\r", chromedp.ByQuery),
			chromedp.Poll(`document.querySelector("dialog.stocking input[name=scan]").value === ""`, nil))
	}
	w.fills(`dialog.stocking [name=mass]`, "310")
	w.click(`dialog.stocking form:not(.bagscan) button.primary`)
	w.see(`dialog.stocking [data-said]`)
	w.closes()
	w.see(`.stock tr[data-unit=A999955000009]`)
}

// accepts signs a delivery's cold-chain record on the page.
func (w *person) accepts(p *process, delivery string) {
	w.t.Helper()
	w.run("to the records", chromedp.Navigate(p.url+"/records"))
	w.click(fmt.Sprintf(`.records tr[data-delivery=%q] [data-look]`, delivery))
	w.see(`dialog.record form.sign`)
	w.click(`dialog.record [name=meaning][value=accepted]`)
	w.fills(`dialog.record [name=password]`, p.password)
	w.click(`dialog.record form.sign button.primary`)
	w.see(`dialog.record [data-signed] li`)
}
