package label

import (
	"fmt"
	"strings"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/refusal"
)

// MaxScans bounds the scans of one bag.
const MaxScans = 20

// Label is what the scans of one bag say together.
type Label struct {
	Structures []Structure
	DIN        string // 13 characters; empty until it was met
	Flags      string // two characters, no part of the number
	Product    *Product
	Code       string // the whole product code, 8 characters
	Division   string // of the structure that is met where the product code says so
	Group      *Group
	Expires    string // local to the labelling site, as 2026-12-31T23:59:00
}

// Read takes the scans of one bag in any order. The refusal names the scan.
func Read(scans ...string) (Label, error) {
	var l Label
	if len(scans) == 0 || len(scans) > MaxScans {
		return l, refusal.OfField("scans", fmt.Sprintf("are %d, not 1 to %d", len(scans), MaxScans))
	}
	for i, scan := range scans {
		found, err := Parse(scan)
		for _, s := range found {
			if err == nil {
				err = l.take(s)
			}
		}
		if err != nil {
			return Label{}, refusal.OfField(fmt.Sprintf("scans[%d]", i), err.Error())
		}
	}
	return l, nil
}

// take adds a structure, and refuses one that contradicts what was met before: the scans
// are of two bags, or one was misread.
func (l *Label) take(s Structure) error {
	l.Structures = append(l.Structures, s)
	switch s.Name {
	case NameDIN:
		if len(s.Data) > 13 {
			l.Flags = s.Data[13:]
		}
		return once(s, &l.DIN, s.Data[:13])
	case NameProduct:
		p := productOf(s.Data)
		l.Product = &p
		return once(s, &l.Code, s.Data)
	case NameDivision:
		return once(s, &l.Division, s.Data)
	case NameGroup:
		g := groupOf(s.Data)
		if l.Group != nil && *l.Group != g {
			return differs(s, l.Group.Code, g.Code)
		}
		l.Group = &g
	case NameExpiry, NameExpires:
		at, err := dateOf(s.Data)
		if err != nil {
			return err
		}
		if day := at[:10] + dayEnds; l.Expires == day || at == day && strings.HasPrefix(l.Expires, at[:10]) {
			at = min(at, l.Expires) // a day, and a time of it
			l.Expires = at
		}
		return once(s, &l.Expires, at)
	}
	return nil
}

func once(s Structure, have *string, got string) error {
	if *have != "" && *have != got {
		return differs(s, *have, got)
	}
	*have = got
	return nil
}

func differs(s Structure, have, got string) error {
	return fmt.Errorf("holds the %s %s, but %s was met before: these are two bags, or one is misread", spoken(s.Name), got, have)
}

// Wanted names the structures that are still missing to tell one bag from all others.
func (l Label) Wanted() []string {
	wanted := []string{}
	if l.DIN == "" {
		wanted = append(wanted, NameDIN)
	}
	if l.Code == "" {
		wanted = append(wanted, NameProduct)
	}
	if l.Product != nil && l.Product.divisionApart() && l.Division == "" {
		wanted = append(wanted, NameDivision)
	}
	return wanted
}

// Key is the bag's key. The refusal names what was met and what is wanted.
func (l Label) Key() (blood.UnitKey, error) {
	if wanted := l.Wanted(); len(wanted) > 0 {
		met := lo.Map(l.Structures, func(s Structure, _ int) string { return named(s.Name, s.Identifier) })
		missing := lo.Map(wanted, func(name string, _ int) string { return named(name, identifierOf(name)) })
		const and = ", the "
		reason := fmt.Sprintf("hold the %s; wanted: the %s", strings.Join(met, and), strings.Join(missing, and))
		return blood.UnitKey{}, refusal.OfField("scans", reason)
	}
	key := blood.UnitKey{DIN: l.DIN, ProductCode: l.Code}
	if l.Product.divisionApart() {
		key.Division = l.Division
	}
	return key, nil
}

// named is a structure for sentences.
func named(name, identifier string) string {
	if identifier == "" {
		return spoken(name)
	}
	return spoken(name) + " (" + identifier + ")"
}

func identifierOf(name string) string {
	if name == NameDIN {
		return dinKind.identifier
	}
	k, _ := lo.Find(kinds, func(k kind) bool { return k.name == name })
	return k.identifier
}
