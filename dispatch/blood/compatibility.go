package blood

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hemolift/dispatch/refusal"
)

// Component is a kind of blood product.
type Component string

const (
	RedCells        Component = "red_cells"
	Platelets       Component = "platelets"
	Plasma          Component = "plasma"
	Cryoprecipitate Component = "cryoprecipitate"
)

var components = []Component{RedCells, Plasma, Platelets, Cryoprecipitate}

// Components returns all components in display order.
func Components() []Component { return slices.Clone(components) }

// Group is ABO and RhD, like "O-", or UnknownGroup.
type Group string

// UnknownGroup is a recipient who has not been typed.
const UnknownGroup Group = "UNKNOWN"

var donorGroups = []Group{"O-", "O+", "A-", "A+", "B-", "B+", "AB-", "AB+"}

// Groups returns the eight groups of a unit.
func Groups() []Group { return slices.Clone(donorGroups) }

// Reads reports whether a label of a unit of this group may say so: nothing, the group, or
// its ABO half alone.
func (g Group) Reads(labelled Group) bool {
	return labelled == "" || labelled == g || string(labelled) == g.abo()
}

// abo is the ABO half.
func (g Group) abo() string { return strings.TrimRight(string(g), "+-") }

func (g Group) rhdPositive() bool { return strings.HasSuffix(string(g), "+") }

// Sex is an optional field of a patient that allows conditional rows.
type Sex string

// AgeClass is another one.
type AgeClass string

const (
	Female Sex      = "female"
	Male   Sex      = "male"
	Child  AgeClass = "child"   // up to 18 years
	Adult  AgeClass = "adult"   // over 18, and for females up to 50
	Over50 AgeClass = "over_50" // over 50
)

// Patient is what a request may say of its recipient; unset fields are unknown.
type Patient struct {
	Sex   Sex
	Age   AgeClass
	AntiD *bool // anti-D known, now or in the past
}

// allowsRhDPositive is the condition of the RhD rows of the red cell table: adult
// male or female over 50, with anti-D known to be absent (rules E1 to E6 of the
// emergency selection; Victoria DH 2024, BSH practice). Unknown is no.
func (p Patient) allowsRhDPositive() bool {
	if p.AntiD == nil || *p.AntiD {
		return false
	}
	switch p.Sex {
	case Male:
		return p.Age == Adult || p.Age == Over50
	case Female:
		return p.Age == Over50
	}
	return false
}

// Check refuses a field that is set to nothing known.
func (p Patient) Check() error {
	if p.Sex != "" && !slices.Contains([]Sex{Female, Male}, p.Sex) {
		return refusal.OfField("patient.sex", fmt.Sprintf("%q is unknown", p.Sex))
	}
	if p.Age != "" && !slices.Contains([]AgeClass{Child, Adult, Over50}, p.Age) {
		return refusal.OfField("patient.age", fmt.Sprintf("%q is unknown", p.Age))
	}
	return nil
}

// RecipientClass is what compatibility is looked up by: a group, with "/rhd_pos"
// when the patient's fields allow RhD-positive units.
type RecipientClass string

// RhdPositiveAllowed marks the class of a recipient whom RhD-positive units may be given.
const RhdPositiveAllowed = "/rhd_pos"

// Group is the recipient's group, or UnknownGroup.
func (r RecipientClass) Group() Group {
	return Group(strings.TrimSuffix(string(r), RhdPositiveAllowed))
}

// ClassOf returns the class of a recipient.
func ClassOf(g Group, p Patient) RecipientClass {
	if !g.rhdPositive() && p.allowsRhDPositive() {
		return RecipientClass(string(g) + RhdPositiveAllowed)
	}
	return RecipientClass(g)
}

// Match is one allowed pair; rank 1 is best.
type Match struct {
	Component Component
	Recipient RecipientClass
	Donor     Group
	Rank      int
}

// Compatibility holds the allowed pairs. What it does not list is forbidden.
type Compatibility struct {
	matches []Match
	rank    map[Match]int // key with Rank 0
}

// Rank returns the rank of a pair, and whether it is allowed at all.
func (c Compatibility) Rank(comp Component, r RecipientClass, donor Group) (int, bool) {
	rank, ok := c.rank[Match{Component: comp, Recipient: r, Donor: donor}]
	return rank, ok
}

// Donors lists the groups that a recipient may be given, best first.
func (c Compatibility) Donors(comp Component, r RecipientClass) []Group {
	var out []Group
	for _, g := range donorGroups {
		if _, ok := c.Rank(comp, r, g); ok {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b Group) int {
		x, _ := c.Rank(comp, r, a)
		y, _ := c.Rank(comp, r, b)
		return x - y
	})
	return out
}

// Matches returns all allowed pairs.
func (c Compatibility) Matches() []Match { return slices.Clone(c.matches) }

//go:embed compat/*.csv
var compatFiles embed.FS

// LoadCompatibility reads the built-in tables. Rows marked compatible are allowed.
// Conditional rows stay forbidden, except those whose condition is the RhD of the
// donor, which are allowed for the classes that ClassOf makes. Rows that depend on
// titre or pooling stay forbidden, since units carry neither.
func LoadCompatibility() (Compatibility, error) {
	c := Compatibility{rank: map[Match]int{}}
	if err := c.loadRedCells(); err != nil {
		return c, err
	}
	rhd, err := loadPlateletRhD()
	if err != nil {
		return c, err
	}
	for _, f := range []struct {
		name string
		comp Component
	}{{"plasma", Plasma}, {"platelets", Platelets}, {"cryo", Cryoprecipitate}} {
		rows, err := readCompat(f.name)
		if err != nil {
			return c, err
		}
		for _, row := range rows {
			if row["status"] == "compatible" {
				c.addByABO(f.comp, row, rhd)
			}
		}
	}
	return c, nil
}

func (c *Compatibility) loadRedCells() error {
	rows, err := readCompat("rbc")
	if err != nil {
		return err
	}
	for _, row := range rows {
		recipient, donor := RecipientClass(row["recipient"]), Group(row["donor"])
		switch row["status"] {
		case "compatible":
			c.add(RedCells, recipient, donor, row.rank())
			if !strings.HasSuffix(row["recipient"], "+") {
				c.add(RedCells, recipient+RhdPositiveAllowed, donor, row.rank())
			}
		case "conditional":
			if donor.rhdPositive() && !strings.HasSuffix(row["recipient"], "+") {
				c.add(RedCells, recipient+RhdPositiveAllowed, donor, row.rank())
			}
		}
	}
	return nil
}

// addByABO spreads an ABO row over the RhD halves. Only platelets match RhD.
func (c *Compatibility) addByABO(comp Component, row compatRow, rhd map[[2]bool]bool) {
	for _, donor := range donorGroups {
		if donor.abo() != row["donor"] {
			continue
		}
		for _, g := range append(Groups(), UnknownGroup) {
			if g.abo() != row["recipient"] {
				continue
			}
			if comp != Platelets || rhd[[2]bool{g.rhdPositive(), donor.rhdPositive()}] {
				c.add(comp, RecipientClass(g), donor, row.rank())
			}
			if !g.rhdPositive() {
				c.add(comp, RecipientClass(g)+RhdPositiveAllowed, donor, row.rank())
			}
		}
	}
}

func (c *Compatibility) add(comp Component, r RecipientClass, donor Group, rank int) {
	m := Match{Component: comp, Recipient: r, Donor: donor}
	c.rank[m] = rank
	m.Rank = rank
	c.matches = append(c.matches, m)
}

// loadPlateletRhD returns, for recipient and donor RhD positive or not, whether the
// pair is unconditional. An unknown recipient counts as negative.
func loadPlateletRhD() (map[[2]bool]bool, error) {
	rows, err := readCompat("platelets_rhd")
	if err != nil {
		return nil, err
	}
	ok := map[[2]bool]bool{}
	for _, row := range rows {
		if row["recipient_rhd"] != "unknown" {
			ok[[2]bool{row["recipient_rhd"] == "pos", row["donor_rhd"] == "pos"}] = row["status"] == "compatible"
		}
	}
	return ok, nil
}

type compatRow map[string]string

func (r compatRow) rank() int {
	n, _ := strconv.Atoi(r["rank"])
	return max(n, 1)
}

func readCompat(name string) ([]compatRow, error) {
	f, err := compatFiles.Open("compat/compat_" + name + ".csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("compatibility of %s: %w", name, err)
	}
	var rows []compatRow
	for _, rec := range records[1:] {
		row := compatRow{}
		for i, col := range records[0] {
			row[col] = rec[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}
