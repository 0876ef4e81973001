// Package vectors recomputes vectors of ISBT 128 by the functions with which the server
// reads labels: check characters, blood groups, dates, product codes, scans and what is
// typed.
package vectors

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/label"
	"hemolift/telemetry/qualify"
)

// Kinds are the files that are recomputed here.
var Kinds = qualify.Kinds{"isbt128": labels}

func labels(f qualify.File) ([]qualify.Verdict, error) {
	checks, err1 := qualify.Each(f, "din_check", checkCharacter)
	groups, err2 := qualify.Each(f, "blood_group", group)
	dates, err3 := qualify.Each(f, "dates", date)
	products, err4 := qualify.Each(f, "product_code", product)
	scans, err5 := qualify.Each(f, "scan", scan)
	keyboard, err6 := qualify.Each(f, "keyboard", typed)
	return slices.Concat(checks, groups, dates, products, scans, keyboard), errors.Join(err1, err2, err3, err4, err5, err6)
}

func checkCharacter(c struct {
	DIN      string `json:"din"`
	Checksum int    `json:"checksum"`
	Check    string `json:"check_char"`
	Flags    string `json:"type3_flag"`
	Plain    string `json:"barcode_flag00"`
	Checked  string `json:"barcode_type3"`
	Printed  string `json:"eye_readable"`
}, cmp *qualify.Comparison,
) error {
	cmp.Same("checksum", label.Checksum(c.DIN), c.Checksum)
	cmp.Same("check_char", string(label.Check(c.DIN)), c.Check)
	cmp.Same("type3_flag", strconv.Itoa(60+label.Checksum(c.DIN)), c.Flags)
	cmp.Same("eye_readable", label.Printed(c.DIN), c.Printed)
	for _, text := range []string{c.Plain, c.Checked, c.Printed} {
		l, err := label.Read(text)
		if err != nil {
			return err
		}
		cmp.Same(text, l.DIN, c.DIN)
	}
	return nil
}

func group(c struct {
	Barcode    string      `json:"barcode"`
	Code       string      `json:"gg"`
	Kind       string      `json:"kind"`
	ABO        blood.Group `json:"abo"`
	RhD        string      `json:"rhd"`
	Use        string      `json:"intended_use"`
	Message    string      `json:"message"`
	Releasable bool        `json:"releasable_default"`
}, cmp *qualify.Comparison,
) error {
	l, err := label.Read(c.Barcode)
	if err != nil {
		return err
	}
	want := label.Group{Code: c.Code, Group: c.ABO + map[string]blood.Group{"pos": "+", "neg": "-"}[c.RhD], Use: c.Use + c.Message}
	if c.Kind == "unknown" {
		want.Use = c.Kind
	}
	cmp.Same("group", *l.Group, want)
	cmp.Same("releasable_default", l.Group.Ordinary(), c.Releasable)
	return nil
}

func date(c struct {
	Barcode string `json:"barcode"`
	Kind    string `json:"kind"`
	Local   string `json:"local"`
}, cmp *qualify.Comparison,
) error {
	found, err := label.Parse(c.Barcode)
	if err != nil {
		return err
	}
	cmp.Same("kind", strings.ReplaceAll(found[0].Name, "date_and_time", "datetime"), c.Kind)
	at, err := found[0].Local()
	cmp.Same("local", at, c.Local)
	return err
}

func product(c struct {
	Barcode    string `json:"barcode"`
	PDC        string `json:"pdc"`
	Family     string `json:"family"`
	Collection string `json:"collection_type"`
	Division   string `json:"division"`
	Divided    *bool  `json:"divided"`
}, cmp *qualify.Comparison,
) error {
	l, err := label.Read(c.Barcode)
	if err != nil {
		return err
	}
	p := l.Product
	cmp.Same("pdc", p.Description, c.PDC)
	cmp.Same("family", p.Family, c.Family)
	cmp.Same("collection_type", p.Collection, c.Collection)
	cmp.Same("division", p.Division, c.Division)
	if (p.Divided == nil) != (c.Divided == nil) || p.Divided != nil && *p.Divided != *c.Divided {
		cmp.Wrong = append(cmp.Wrong, "divided differs")
	}
	return nil
}

func scan(c struct {
	Input      string      `json:"input"`
	Structures [][2]string `json:"structures"`
}, cmp *qualify.Comparison,
) error {
	found, err := label.Parse(c.Input)
	if err != nil {
		return err
	}
	cmp.Same("structures", len(found), len(c.Structures))
	for i := range min(len(found), len(c.Structures)) {
		cmp.Same("structure", [2]string{found[i].Number, found[i].Data}, c.Structures[i])
	}
	return nil
}

func typed(c struct {
	Typed string `json:"typed"`
	Valid bool   `json:"valid"`
	DIN   string `json:"din"`
}, cmp *qualify.Comparison,
) error {
	l, err := label.Read(c.Typed)
	cmp.Same("valid", err == nil, c.Valid)
	cmp.Same("din", l.DIN, c.DIN)
	return nil
}
