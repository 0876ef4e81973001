package intake

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/label"
	"hemolift/telemetry/stated"
	"hemolift/telemetry/tables"
)

// MaxLines bounds the units of one list.
const MaxLines = 5000

// Options are what a caller says of a list.
type Options struct {
	Site blood.SiteID   // of lines that name none
	Zone *time.Location // of times without an offset
}

// Line is one bag as the list states it. A line with a fault has what could be read.
type Line struct {
	No     int // counted from 1
	Unit   blood.Unit
	Column string // the column of the fault; empty where it is the whole line's
	Fault  string // empty: none
}

var wanted = []string{"din", "product_code", "component", "blood_group", "mass_g", "expires_at"}

// Read reads a whole list. The faults are what is wrong with it as a whole: it is no table, a
// column is missing, or it is too long.
func Read(r io.Reader, o Options) ([]Line, tables.Faults) {
	const name = "list"
	t := tables.Read(name, r)
	var whole tables.Faults
	var lines []Line
	for _, f := range t.Faults {
		if f.Line <= 1 {
			whole.Add(f)
			continue
		}
		lines = append(lines, Line{No: f.Line, Column: f.Column, Fault: f.Reason})
	}
	need := wanted
	if o.Site == "" {
		need = append(slices.Clone(wanted), "site")
	}
	for _, column := range need {
		if t.Header != nil && !slices.Contains(t.Header, column) {
			whole.Add(tables.Fault{File: name, Line: 1, Column: column, Reason: "is missing"})
		}
	}
	if n := len(t.Rows) + len(lines); n > MaxLines {
		whole.Add(tables.Fault{File: name, Reason: fmt.Sprintf("has %d lines, of which at most %d are read at once", n, MaxLines)})
	}
	if len(whole) > 0 {
		return nil, whole
	}
	for _, row := range t.Rows {
		lines = append(lines, lineOf(row, o))
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return a.No - b.No })
	return lines, nil
}

// lineOf reads a line up to its first fault.
func lineOf(row tables.Row, o Options) Line {
	l := Line{No: row.Line, Unit: blood.Unit{Status: blood.InStock, Site: o.Site}}
	for _, read := range []struct {
		column string
		into   func(*blood.Unit, string) string
	}{
		{"din", readDIN},
		{"product_code", readProduct},
		{"division", func(u *blood.Unit, cell string) string { u.Key.Division = cell; return "" }},
		{"component", func(u *blood.Unit, cell string) string {
			u.Component = blood.Component(strings.ToLower(cell))
			return ""
		}},
		{"blood_group", readGroup},
		{"mass_g", readMass},
		{"expires_at", func(u *blood.Unit, cell string) string { return readExpiry(u, cell, o.Zone) }},
		{"site", func(u *blood.Unit, cell string) string {
			if cell != "" {
				u.Site = blood.SiteID(cell)
			}
			return ""
		}},
	} {
		if fault := read.into(&l.Unit, row.Cells[read.column]); fault != "" {
			l.Column, l.Fault = read.column, fault
			return l
		}
	}
	return l
}

// scanned is what a cell holds as a scanner types it; false for one that a person wrote.
func scanned(cell string) (l label.Label, is bool, fault string) {
	if !strings.HasPrefix(cell, "=") && !strings.HasPrefix(cell, "&") {
		return l, false, ""
	}
	l, err := label.Read(cell)
	if err != nil {
		return l, true, "is a bar code that cannot be read: " + err.Error()
	}
	return l, true, ""
}

func readDIN(u *blood.Unit, cell string) string {
	l, is, fault := scanned(cell)
	switch {
	case fault != "":
		return fault
	case is && l.DIN == "":
		return "is another bar code than a donation identification number"
	case is:
		u.Key.DIN = l.DIN
	default:
		u.Key.DIN = strings.ToUpper(strings.ReplaceAll(cell, " ", ""))
	}
	return ""
}

func readProduct(u *blood.Unit, cell string) string {
	l, is, fault := scanned(cell)
	switch {
	case fault != "":
		return fault
	case is && l.Code == "":
		return "is another bar code than a product code"
	case is:
		u.Key.ProductCode = l.Code
	default:
		u.Key.ProductCode = cell
	}
	return ""
}

func readGroup(u *blood.Unit, cell string) string {
	l, is, fault := scanned(cell)
	switch {
	case fault != "":
		return fault
	case is && l.Group == nil:
		return "is another bar code than a blood group"
	case is && !l.Group.Ordinary():
		return fmt.Sprintf("is the code %s, which says more than a group: %s", l.Group.Code, strings.ReplaceAll(l.Group.Use, "_", " "))
	case is:
		u.Group = l.Group.Group
	default:
		u.Group = blood.Group(strings.ToUpper(cell))
	}
	return ""
}

func readMass(u *blood.Unit, cell string) string {
	x, ok := tables.Number(cell)
	if !ok || x != float64(int(x)) {
		return "is no whole number of grams"
	}
	u.MassG = int(x)
	return ""
}

// forms are those of a time without an offset; the first is a label's.
var forms = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"}

func readExpiry(u *blood.Unit, cell string, zone *time.Location) string {
	l, is, fault := scanned(cell)
	switch {
	case fault != "":
		return fault
	case is && l.Expires == "":
		return "is another bar code than a date of expiry"
	case is:
		cell = l.Expires
	}
	at, err := timeOf(cell, zone)
	if err != nil {
		return "is no time as 2026-12-31 23:59, 2026-12-31 or 2026-12-31T23:59:00+08:00"
	}
	if err := stated.Check(at); err != nil {
		return err.Error()
	}
	u.ExpiresAt = at.UTC()
	return ""
}

func timeOf(cell string, zone *time.Location) (time.Time, error) {
	for _, form := range forms {
		if at, err := time.ParseInLocation(form, cell, zone); err == nil {
			return at, nil
		}
	}
	if day, err := time.ParseInLocation(time.DateOnly, cell, zone); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Minute), nil // 23:59, as a label of a day has it
	}
	return time.Parse(time.RFC3339, cell)
}
