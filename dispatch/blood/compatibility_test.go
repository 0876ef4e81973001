package blood

import (
	"slices"
	"strings"
	"testing"
)

func yes() *bool { b := true; return &b }
func no() *bool  { b := false; return &b }

func TestRedCellsFollowTheTable(t *testing.T) {
	c, err := LoadCompatibility()
	if err != nil {
		t.Fatal(err)
	}
	// ABO of the recipient -> ABO of donors; RhD-positive only to positive.
	abo := map[string]string{"O": "O", "A": "O A", "B": "O B", "AB": "O A B AB"}
	for _, r := range Groups() {
		for _, d := range Groups() {
			want := slices.Contains(strings.Fields(abo[r.abo()]), d.abo()) && (r.rhdPositive() || !d.rhdPositive())
			if _, got := c.Rank(RedCells, RecipientClass(r), d); got != want {
				t.Errorf("%s to %s: got %v, want %v", d, r, got, want)
			}
		}
	}
	for _, d := range Groups() {
		if _, got := c.Rank(RedCells, "UNKNOWN", d); got != (d == "O-") {
			t.Errorf("%s to unknown: got %v", d, got)
		}
		if _, got := c.Rank(RedCells, "UNKNOWN/rhd_pos", d); got != (d.abo() == "O") {
			t.Errorf("%s to unknown male: got %v", d, got)
		}
		if _, got := c.Rank(RedCells, "A-/rhd_pos", d); got != (d.abo() == "O" || d.abo() == "A") {
			t.Errorf("%s to A- male: got %v", d, got)
		}
	}
}

func TestConditionalRowsNeedTheirFields(t *testing.T) {
	tests := []struct {
		name string
		g    Group
		p    Patient
		want RecipientClass
	}{
		{"nothing known", "O-", Patient{}, "O-"},
		{"adult male, anti-D absent", "O-", Patient{Male, Adult, no()}, "O-/rhd_pos"},
		{"adult male, anti-D unknown", "O-", Patient{Male, Adult, nil}, "O-"},
		{"adult male, anti-D present", "O-", Patient{Male, Adult, yes()}, "O-"},
		{"boy", "O-", Patient{Male, Child, no()}, "O-"},
		{"adult female", "A-", Patient{Female, Adult, no()}, "A-"},
		{"female over 50", "A-", Patient{Female, Over50, no()}, "A-/rhd_pos"},
		{"unknown group, adult male", UnknownGroup, Patient{Male, Adult, no()}, "UNKNOWN/rhd_pos"},
		{"positive needs nothing", "A+", Patient{Male, Adult, no()}, "A+"},
	}
	for _, tt := range tests {
		if got := ClassOf(tt.g, tt.p); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestTitreRowsStayForbidden(t *testing.T) {
	c, _ := LoadCompatibility()
	tests := []struct {
		comp  Component
		r     RecipientClass
		donor Group
		want  bool
	}{
		{Plasma, "A+", "A-", true},
		{Plasma, "A+", "B+", false},
		{Plasma, "UNKNOWN", "A+", false},
		{Plasma, "UNKNOWN", "AB+", true},
		{Platelets, "A+", "O+", false},
		{Platelets, "A+", "A+", true},
		{Platelets, "A+", "A-", true},
		{Platelets, "O-", "O+", false},
		{Platelets, "O-", "O-", true},
		{Platelets, "O-/rhd_pos", "O+", true},
		{Cryoprecipitate, "A-", "O-", false},
		{Cryoprecipitate, "O-", "A+", true},
	}
	for _, tt := range tests {
		if _, got := c.Rank(tt.comp, tt.r, tt.donor); got != tt.want {
			t.Errorf("%s %s to %s: got %v, want %v", tt.comp, tt.donor, tt.r, got, tt.want)
		}
	}
}
