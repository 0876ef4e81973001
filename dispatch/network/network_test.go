package network_test

import (
	"errors"
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
	for _, r := range network.Roles() {
		zh, en := r.Names()
		if zh == "" || en == "" || r.Page() == "" {
			t.Errorf("%s: %q %q %q", r, zh, en, r.Page())
		}
		a := network.Account{Login: "x", Role: r}
		if err := a.Check(); (err != nil) != r.NeedsSite() {
			t.Errorf("%s without a site: %v", r, err)
		}
		a.Site = "H"
		if err := a.Check(); err != nil {
			t.Errorf("%s: %v", r, err)
		}
		if got := a.Actor(); got.Login != "x" || got.Role != r || got.Site != "H" {
			t.Errorf("got %+v", got)
		}
	}
	for _, r := range []network.Role{"", "pilot", network.RoleSystem} {
		if err := (network.Account{Login: "x", Role: r, Site: "H"}).Check(); err == nil {
			t.Errorf("an account of role %q", r)
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
	if (&network.Network{}).GroundAltM() != 0 || n.GroundAltM() != n.Sites[0].ElevationM {
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
