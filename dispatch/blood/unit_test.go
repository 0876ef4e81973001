package blood_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/refusal"
)

func TestWhatMayEnterStock(t *testing.T) {
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	good := blood.Unit{
		Key:       blood.UnitKey{DIN: "A999926000001", ProductCode: "E0336V00"},
		Component: blood.RedCells, Group: "A+", MassG: 350, ExpiresAt: now.Add(time.Second),
	}
	if err := good.Check(now); err != nil {
		t.Error(err)
	}
	if good.Key.String() != "A999926000001 E0336V00" {
		t.Errorf("got %q", good.Key.String())
	}
	for _, tt := range []struct {
		field  string
		change func(*blood.Unit)
	}{
		{"din", func(u *blood.Unit) { u.Key.DIN = "A99992600000" }},
		{"din", func(u *blood.Unit) { u.Key.DIN = "O999926000001" }},
		{"din", func(u *blood.Unit) { u.Key.DIN = "A99992600000X" }},
		{"product_code", func(u *blood.Unit) { u.Key.ProductCode = "E0336V0" }},
		{"product_code", func(u *blood.Unit) { u.Key.ProductCode = "E0336V0-" }},
		{"division", func(u *blood.Unit) { u.Key.Division = "0000001" }},
		{"component", func(u *blood.Unit) { u.Component = "milk" }},
		{"blood_group", func(u *blood.Unit) { u.Group = blood.UnknownGroup }},
		{"mass_g", func(u *blood.Unit) { u.MassG = 9 }},
		{"mass_g", func(u *blood.Unit) { u.MassG = 2001 }},
		{"expires_at", func(u *blood.Unit) { u.ExpiresAt = now }},
	} {
		u := good
		tt.change(&u)
		var field refusal.Field
		if err := u.Check(now); !errors.As(err, &field) || field.Field != tt.field {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
	longest := good
	if longest.Key.Division = "000001"; longest.Check(now) != nil {
		t.Error("a division of six characters was refused")
	}
	for _, edge := range []int{10, 2000} {
		u := good
		if u.MassG = edge; u.Check(now) != nil {
			t.Errorf("%d g were refused", edge)
		}
	}
}

func TestAPatientsFields(t *testing.T) {
	for _, p := range []blood.Patient{{}, {Sex: blood.Female, Age: blood.Child}, {Sex: blood.Male, Age: blood.Over50}} {
		if err := p.Check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, p := range []blood.Patient{{Sex: "x"}, {Age: "x"}} {
		if p.Check() == nil {
			t.Errorf("%+v passed", p)
		}
	}
}

// Donors come the best first, and every pair of the tables is one of the listed.
func TestDonorsInOrder(t *testing.T) {
	c, err := blood.LoadCompatibility()
	if err != nil {
		t.Fatal(err)
	}
	for _, comp := range blood.Components() {
		for _, g := range append(blood.Groups(), blood.UnknownGroup) {
			r := blood.RecipientClass(g)
			donors := c.Donors(comp, r)
			for i, d := range donors {
				rank, ok := c.Rank(comp, r, d)
				if before := 0; i > 0 {
					before, _ = c.Rank(comp, r, donors[i-1])
					ok = ok && before <= rank
				}
				if !ok {
					t.Errorf("%s for %s: %v", comp, g, donors)
				}
			}
		}
	}
	if d := c.Donors(blood.RedCells, "O-"); !slices.Equal(d, []blood.Group{"O-"}) {
		t.Errorf("O- is given %v", d)
	}
	for _, m := range c.Matches() {
		if !slices.Contains(c.Donors(m.Component, m.Recipient), m.Donor) {
			t.Errorf("%+v is no donor", m)
		}
	}
	if g := blood.RecipientClass("A-" + blood.RhdPositiveAllowed).Group(); g != "A-" {
		t.Errorf("got %s", g)
	}
}
