package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/label"
	"hemolift/dispatch/refusal"
	"hemolift/web/api"
)

func (h handlers) ReadLabel(w http.ResponseWriter, r *http.Request) {
	h.asked(w, r, "readLabel", http.StatusOK, func(member) (any, error) {
		var s api.LabelScans
		if _, err := decode(w, r, &s); err != nil {
			return nil, err
		}
		l, err := label.Read(s.Scans...)
		if err != nil {
			return nil, err
		}
		return LabelView(l), nil
	})
}

// LabelView is a label as the API and the command line show it.
func LabelView(l label.Label) api.Label {
	v := api.Label{
		Structures: lo.Map(l.Structures, func(s label.Structure, _ int) api.LabelStructure {
			return api.LabelStructure{Number: some(s.Number), Name: s.Name, Identifier: some(s.Identifier), Data: s.Data}
		}),
		Wanted: l.Wanted(), Din: some(l.DIN), Flags: some(l.Flags), ProductCode: some(l.Code), Division: some(l.Division),
		ExpiresLocal: some(l.Expires),
	}
	if l.DIN != "" {
		v.Check, v.Printed = some(string(label.Check(l.DIN))), some(label.Printed(l.DIN))
	}
	if p := l.Product; p != nil {
		v.Product = &api.LabelProduct{
			Description: p.Description, Family: p.Family, Collection: some(p.Collection), Division: p.Division, Divided: p.Divided,
		}
	}
	if g := l.Group; g != nil {
		v.BloodGroup, v.BloodGroupCode, v.Use = some(string(g.Group)), some(g.Code), some(g.Use)
	}
	return v
}

// unitOfScan is the unit of a step: told, or scanned with what its label says besides.
func unitOfScan(s api.StepScan, scan *delivery.Scan) (err error) {
	switch {
	case s.Unit != nil && s.Scans != nil:
		return refusal.OfField("scans", "and unit are both given; one names the unit")
	case s.Unit != nil:
		scan.Unit, err = keyOf("unit", *s.Unit)
		return err
	case s.Scans == nil:
		return nil
	}
	l, err := label.Read(*s.Scans...)
	if err != nil {
		return err
	}
	if scan.Unit, err = l.Key(); err != nil {
		return err
	}
	if g := l.Group; g != nil {
		if scan.Group = g.Group; !g.Ordinary() {
			scan.Bars = fmt.Sprintf("its blood group code %s (%s)", g.Code, strings.ReplaceAll(g.Use, "_", " "))
		}
	}
	return nil
}

func keyView(k blood.UnitKey) api.UnitKey {
	return api.UnitKey{Din: k.DIN, ProductCode: k.ProductCode, Division: some(k.Division), Check: some(string(label.Check(k.DIN)))}
}

// keyOf is a key that a caller states in a field. A check character that comes with it
// must fit.
func keyOf(field string, k api.UnitKey) (blood.UnitKey, error) {
	d := blood.UnitKey{DIN: k.Din, ProductCode: k.ProductCode}
	if k.Division != nil {
		d.Division = *k.Division
	}
	if k.Check != nil {
		if err := d.Check(); err != nil {
			return d, err
		}
		if *k.Check != string(label.Check(k.Din)) {
			return d, refusal.OfField(field+".check", fmt.Sprintf("%q is not the check character of %s: one of them is mistyped", *k.Check, k.Din))
		}
	}
	return d, nil
}
