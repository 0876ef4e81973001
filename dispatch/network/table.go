package network

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hemolift/telemetry/tables"
)

// record is one line of a table, read by the names of its columns.
type record struct {
	loader *loader
	at     place
	cells  map[string]string
}

const longest = 200 // characters of a cell that is kept

// table reads a file line by line and returns whether there is one. key is the column that
// names each line's thing.
func (l *loader) table(dir fs.FS, name, key string, read func(record)) bool {
	f, err := dir.Open(name)
	switch at := (place{file: name}); {
	case errors.Is(err, fs.ErrNotExist) && (name == "pads.csv" || name == RolesFile):
		return false
	case errors.Is(err, fs.ErrNotExist):
		l.fault(at, "", "is missing")
		return true
	case err != nil:
		l.fault(at, "", "cannot be read: "+err.Error())
		return true
	}
	defer f.Close()
	t := tables.Read(name, f)
	for _, x := range t.Faults {
		l.faults.Add(x)
	}
	if t.Header != nil && !slices.Contains(t.Header, key) { // also where no line beneath asks for it
		record{l, place{file: name}, nil}.lacks(key)
	}
	for _, row := range t.Rows {
		read(record{l, place{name, row.Line}, row.Cells})
	}
	return true
}

func (r record) fault(column, reason string) { r.loader.fault(r.at, column, reason) }

// lacks tells once that a table has no such column.
func (r record) lacks(column string) {
	header := place{r.at.file, 1}
	key := fmt.Sprintf("column %s of %s", column, header.file)
	if _, told := r.loader.once[key]; !told {
		r.loader.once[key] = header
		r.loader.fault(header, column, "there is no such column")
	}
}

// text is a cell that must not be empty.
func (r record) text(column string) string {
	v, ok := r.cells[column]
	switch {
	case !ok:
		r.lacks(column)
	case v == "":
		r.fault(column, "is missing")
	case utf8.RuneCountInString(v) > longest:
		r.fault(column, fmt.Sprintf("is longer than %d characters", longest))
	case strings.ContainsFunc(v, unicode.IsControl):
		r.fault(column, "holds a control character")
	}
	return v
}

// id is a text of the signs that ids have.
func (r record) id(column string) string {
	v := r.text(column)
	bad := func(c rune) bool {
		return !(c < utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsDigit(c))) && !strings.ContainsRune("-_.", c)
	}
	if len(v) > maxID || strings.ContainsFunc(v, bad) {
		r.fault(column, fmt.Sprintf("%q is no id: 1 to %d letters, digits, dots and strokes", v, maxID))
	}
	return v
}

const maxID = 40

// coded is an id as it is on labels and in messages: capitals, digits and dashes.
func (r record) coded(column string, most int) string {
	v := r.text(column)
	bad := func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' }
	if v != "" && (len(v) < 2 || len(v) > most || strings.ContainsFunc(v, bad)) {
		r.fault(column, fmt.Sprintf("%q is no id of this kind: 2 to %d of A-Z, 0-9 and dashes", v, most))
	}
	return v
}

const (
	maxSiteID   = 16
	maxDeviceID = 24
)

// short is a text that may be empty, and is not long.
func (r record) short(column string) string {
	if r.cells[column] == "" {
		return ""
	}
	return r.text(column)
}

// number is a value within what the table of bounds has for the column.
func (r record) number(column string) float64 {
	v := r.text(column)
	if v == "" {
		return 0
	}
	within, ok := bounds[column]
	if !ok {
		panic("no bounds of " + column) // it is tested
	}
	x, ok := tables.Number(v)
	switch {
	case !ok:
		r.fault(column, fmt.Sprintf("%q is not a number", v))
	case x < within.least || x > within.most:
		r.fault(column, fmt.Sprintf("%v %s is not within %v to %v", x, within.unit, within.least, within.most))
	case within.whole && x != math.Trunc(x):
		r.fault(column, fmt.Sprintf("%v is no whole number", x))
	}
	return x
}

// optional is a number that may be empty.
func (r record) optional(column string) float64 {
	if r.cells[column] == "" {
		return 0
	}
	return r.number(column)
}

// bound is what a person would give a number, in the column's unit.
type bound struct {
	least, most float64
	unit        string
	whole       bool
}

// bounds are those of every number of a network's tables: wide enough for whatever flies
// with blood, narrow enough to find a slip of the pen.
var bounds = map[string]bound{
	"lon":             {-180, 180, "degrees", false},
	"lat":             {-90, 90, "degrees", false},
	"elevation_m":     {-450, 6000, "m", false},
	"empty_kg":        {0.1, 2000, "kg", false},
	"payload_kg":      {0.1, 1000, "kg", false},
	"bays":            {1, 20, "", true},
	"cruise_mps":      {1, 150, "m/s", false},
	"climb_mps":       {0.1, 50, "m/s", false},
	"descent_mps":     {0.1, 50, "m/s", false},
	"battery_wh":      {10, 1_000_000, "Wh", false},
	"reserve_pct":     {0, 90, "%", false},
	"charge_w":        {1, 1_000_000, "W", false},
	"hover_w":         {1, 1_000_000, "W", false},
	"hover_w_per_kg":  {0, 10_000, "W/kg", false},
	"cruise_w":        {1, 1_000_000, "W", false},
	"cruise_w_per_kg": {0, 10_000, "W/kg", false},
	"wind_max_mps":    {1, 60, "m/s", false},
	"height_m":        {10, 3000, "m", false},
	"lateral_m":       {1, 5000, "m", false},
	"vertical_m":      {1, 1000, "m", false},
	"delay_min":       {0.1, 1440, "min", false},
	"lost_link_s":     {1, 3600, "s", false},
	"box_g":           {10, 500_000, "g", false},
	"units":           {1, 200, "", true},
	"ua_w_per_k":      {0.0001, 100, "W/K", false},
	"pcm_kj":          {0, 100_000, "kJ", false},
	"pcm_c":           {-200, 60, "°C", false},
	"cp_j_per_k":      {1, 10_000_000, "J/K", false},
	"inner_w_per_k":   {0, 10_000, "W/K", false},
	"wall_j_per_k":    {0, 10_000_000, "J/K", false},
	"hold_h_at_30c":   {0.1, 2000, "h", false},
}
