package network_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

var now = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

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

func TestWhatMayBeClosed(t *testing.T) {
	n := shenyang(t)
	pad := n.Pads[0]
	drone := n.Drones[0]
	house := network.SiteID("")
	for _, s := range n.Sites {
		if s.Kind == network.DonationHouse {
			house = s.ID
		}
	}
	tests := []struct {
		field string // empty: it may
		c     network.Closure
	}{
		{"", network.Closure{Site: pad.Site, Pad: pad.ID}},
		{"", network.Closure{Site: pad.Site}},
		{"", network.Closure{Device: drone.ID}},
		{"", network.Closure{Device: n.Boxes[0].ID}},
		{"device", network.Closure{Device: "HL-99"}},
		{"device", network.Closure{Device: drone.ID, Site: drone.Home}},
		{"site", network.Closure{Site: "X"}},
		{"site", network.Closure{}},
		{"site", network.Closure{Site: house}},
		{"pad", network.Closure{Site: pad.Site, Pad: "X"}},
		{"reason", network.Closure{Site: pad.Site, Reason: " "}},
		{"until", network.Closure{Site: pad.Site, Until: now}},
		{"until", network.Closure{Site: pad.Site, Until: now.Add(7*24*time.Hour + time.Second)}},
	}
	for _, tt := range tests {
		c := tt.c
		if c.Reason == "" {
			c.Reason = "ice"
		}
		if c.Until.IsZero() {
			c.Until = now.Add(time.Hour)
		}
		var field refusal.Field
		if err := c.Check(n, now); (err == nil) != (tt.field == "") || err != nil && (!errors.As(err, &field) || field.Field != tt.field) {
			t.Errorf("%+v: %v, want %q", tt.c, err, tt.field)
		}
	}
}

func TestWhatIsClosedWhen(t *testing.T) {
	pad, beside := network.Pad{ID: "P1", Site: "H"}, network.Pad{ID: "P2", Site: "H"}
	until := now.Add(time.Hour)
	list := []network.Closure{
		{Site: "H", Pad: "P1", From: now, Until: until}, {Site: "C", From: now, Until: until}, {Device: "HL-1", Site: "D", From: now, Until: until},
	}
	if _, closed := network.PadClosed(list, pad, now, until); !closed {
		t.Error("a closed pad is open")
	}
	if _, closed := network.PadClosed(list, beside, now, until); closed {
		t.Error("the pad beside is closed")
	}
	if _, closed := network.PadClosed(list, network.Pad{ID: "C1", Site: "C"}, now, until); !closed {
		t.Error("a closed site's pad is open")
	}
	if _, closed := network.PadClosed(list, pad, until, until.Add(time.Hour)); closed {
		t.Error("closed after its end")
	}
	if _, closed := network.PadClosed(list, pad, now.Add(-time.Hour), now); closed {
		t.Error("closed before its beginning")
	}
	for at, want := range map[time.Time]bool{now.Add(-1): false, now: true, until.Add(-1): true, until: false} {
		_, site := network.SiteClosed(list, "C", at)
		_, device := network.DeviceClosed(list, "HL-1", at)
		if site != want || device != want {
			t.Errorf("at %v: site %v, device %v", at, site, device)
		}
	}
	if _, closed := network.SiteClosed(list, "H", now); closed {
		t.Error("one closed pad closes the site")
	}
	if _, closed := network.SiteClosed(list, "D", now); closed {
		t.Error("a closed drone closes its centre")
	}
	c := network.Closure{Site: "H", Reason: "ice", By: "anna", Until: until}
	sooner, later := c, c
	sooner.Until, later.Until = until.Add(-1), until.Add(1)
	if !c.Says(c) || !c.Says(sooner) || c.Says(later) {
		t.Error("what a closure says already")
	}
}

func TestRolesAndAccounts(t *testing.T) {
	roles := network.Roles{
		{Role: "issuer", NameZH: "发血", NameEN: "issuer", Duty: network.Duty{Like: network.RoleDispatcher, Only: []string{"doStep/pack"}}},
		{Role: "receiver", NameZH: "接收", NameEN: "receiver", Duty: network.Duty{Like: network.RoleHospital, Without: []string{"submitRequest"}}},
	}
	for _, d := range roles.All() {
		if d.NameZH == "" || d.NameEN == "" || d.Page() == "" || d.SiteKind() == "" {
			t.Errorf("%+v", d)
		}
		a := network.Account{Login: "x", Role: d.Role}
		if err := roles.Check(a); (err != nil) != d.Like.NeedsSite() {
			t.Errorf("%s without a site: %v", d.Role, err)
		}
		a.Site = "H"
		if err := roles.Check(a); err != nil {
			t.Errorf("%s: %v", d.Role, err)
		}
		if got := roles.Actor(a); got.Login != "x" || got.Role != d.Like || got.Named != d.Role || got.Site != "H" || len(got.Duties) != 1 {
			t.Errorf("got %+v", got)
		}
	}
	both := network.Account{Login: "x", Role: "issuer", Also: []network.Role{"controller"}}
	if err := roles.Check(both); err != nil || len(roles.Actor(both).Duties) != 2 {
		t.Errorf("two roles: %v, %+v", err, roles.Actor(both))
	}
	for field, a := range map[string]network.Account{
		"role":    {Role: "pilot", Site: "H"},
		"also[0]": {Role: "issuer", Also: []network.Role{"system"}},
		"also[1]": {Role: "issuer", Also: []network.Role{"controller", "issuer"}},
		"site":    {Role: "issuer", Also: []network.Role{"receiver"}},
		"also":    {Role: "issuer", Also: make([]network.Role, 8)},
	} {
		var f refusal.Field
		if err := roles.Check(a); !errors.As(err, &f) || f.Field != field {
			t.Errorf("%+v: %v, want a refusal of %s", a, err, field)
		}
	}
	if unknown := roles.Actor(network.Account{Role: "pilot"}); unknown.Duties[0].Like != "pilot" {
		t.Errorf("an unknown role acts as %+v", unknown)
	}
}

// A duty is a part of a kind's: an operation stands for those under it, and a part of one leads
// through it.
func TestWhatADutyCovers(t *testing.T) {
	for _, x := range []struct {
		only, without, op string
		covers            bool
	}{
		{"", "", "doStep/pack", true},
		{"doStep", "", "doStep/pack", true},
		{"doStep/pack", "", "doStep/pack", true},
		{"doStep/pack", "", "doStep", true},
		{"doStep/pack", "", "doStep/seal", false},
		{"doStep/pack", "", "doStepX", false},
		{"doStep", "doStep/pack", "doStep/seal", true},
		{"doStep", "doStep/pack", "doStep/pack", false},
		{"", "doStep", "doStep/pack", false},
		{"", "doStep/pack", "doStep", true},
	} {
		d := network.Duty{Only: strings.Fields(x.only), Without: strings.Fields(x.without)}
		if got := d.Covers(x.op); got != x.covers {
			t.Errorf("%+v covers %s: %v", d, x.op, got)
		}
	}
}

func TestWhatIsInTheNetwork(t *testing.T) {
	n := shenyang(t)
	d, b := n.Drones[0], n.Boxes[0]
	if home, ok := n.Home(d.ID); !ok || home != d.Home {
		t.Errorf("%s at %s", d.ID, home)
	}
	if home, ok := n.Home(b.ID); !ok || home != b.Site {
		t.Errorf("%s at %s", b.ID, home)
	}
	if _, ok := n.Home(telemetry.DeviceID("X")); ok {
		t.Error("a stranger has a home")
	}
	if c, ok := n.ClassOf(d.ID); !ok || c.ID != d.Class {
		t.Errorf("%s is of %s", d.ID, c.ID)
	}
	if _, ok := n.Box("X"); ok {
		t.Error("a stranger is a box")
	}
	for _, c := range blood.Components() {
		bt, ok := n.BoxTypeFor(c)
		if !ok {
			continue
		}
		if bt.HoldAt(30) != bt.HoldAt30C || bt.HoldAt(-10) != bt.HoldAt30C || bt.HoldAt(40) >= bt.HoldAt30C {
			t.Errorf("%s holds %v at 40 °C, %v at 30 °C", bt.ID, bt.HoldAt(40), bt.HoldAt30C)
		}
	}
	first, _ := n.Site("SYBC")
	low := network.Network{Sites: []network.Site{{Kind: network.Hospital, ElevationM: 3}, {Kind: network.BloodCentre, ElevationM: 1890}}}
	if (&network.Network{}).GroundAltM() != 45 || n.GroundAltM() != first.ElevationM || low.GroundAltM() != 1890 {
		t.Error("the ground")
	}
}

// A person has so many closures in force, whatever others have.
func TestHowManyClosuresAPersonHas(t *testing.T) {
	var list []network.Closure
	for range 99 {
		list = append(list, network.Closure{By: "anna"}, network.Closure{By: "bert"})
	}
	if err := (network.Closure{By: "anna"}).CheckRoom(list); err != nil {
		t.Errorf("the hundredth: %v", err)
	}
	list = append(list, network.Closure{By: "anna"})
	if (network.Closure{By: "anna"}).CheckRoom(list) == nil {
		t.Error("one more was taken")
	}
	if err := (network.Closure{By: "bert"}).CheckRoom(list); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
}

// A design of which there is no box is not chosen over one that has some.
func TestADesignWithBoxesComesFirst(t *testing.T) {
	t.Parallel()
	n := &network.Network{
		BoxTypes: []network.BoxType{{ID: "A", Holds: []blood.Component{blood.RedCells}}, {ID: "B", Holds: []blood.Component{blood.RedCells}}},
		Boxes:    []network.Box{{ID: "BX-1", Type: "B"}},
	}
	if b, ok := n.BoxTypeFor(blood.RedCells); !ok || b.ID != "B" {
		t.Errorf("got %v, %v", b.ID, ok)
	}
	n.Boxes = nil
	if b, ok := n.BoxTypeFor(blood.RedCells); !ok || b.ID != "A" {
		t.Errorf("without boxes: %v, %v", b.ID, ok)
	}
	if _, ok := n.BoxTypeFor(blood.Platelets); ok {
		t.Error("a design for platelets")
	}
}
