package readings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// headWithin is how many lines may stand before the header.
const headWithin = 200

// head is the header of a file and what stands before it.
type head struct {
	at      int // index of the row; -1 where a caller numbered the columns of a file without one
	next    int // index of the first row behind it
	comma   rune
	columns []Column
	width   int // cells of the header
}

// find looks for the header: the first line that names times and probes and is followed
// by a row that measures, else the first that names them.
func find(rows []row, o Options) (head, error) {
	if numbered(o.Columns) {
		return bare(rows, o)
	}
	var first *head
	for i := range rows[:min(len(rows), headWithin)] {
		if strings.TrimSpace(rows[i].text) == "" {
			continue
		}
		for _, comma := range separators {
			r, n := joined(rows, i, comma, 0)
			cells, err := r.cells(comma)
			if err != nil || len(cells) < 2 {
				continue
			}
			h := head{at: i, next: i + n, comma: comma, width: len(cells)}
			var is bool
			if h.columns, is = columnsOf(cells); h.columns == nil {
				continue
			}
			if len(o.Columns) > 0 {
				all, err := told(slices.Clone(h.columns), o.Columns)
				h.columns, is = all, err == nil && count(all, Time) == 1 && count(all, Temp) > 0
			}
			if !is {
				continue
			}
			if h.followed(rows) {
				return h, nil
			}
			if first == nil {
				first = &h
			}
		}
	}
	if first != nil {
		return *first, nil
	}
	return head{}, noHeader(rows, o)
}

// followed reports whether a row behind the header has something of a measurement in the
// place of its time.
func (h head) followed(rows []row) bool {
	for _, r := range rows[min(h.next, len(rows)):min(h.next+5, len(rows))] {
		cells, err := r.cells(h.comma)
		if err != nil {
			cells = r.loose(h.comma)
		}
		for _, c := range h.columns {
			if c.As == Time && c.Index < len(cells) && strings.ContainsAny(plain(cells[c.Index]), "0123456789") {
				return true
			}
		}
	}
	return false
}

// numbered reports whether a caller said the columns by their numbers alone.
func numbered(by map[Meaning]string) bool {
	for _, name := range by {
		if strings.Trim(name, "0123456789") != "" {
			return false
		}
	}
	return by[Time] != "" && (by[Temp] != "" || by[Probe2] != "")
}

// bare is the head of a file whose columns were told by number: the first row that has a
// figure in the place of its time and a temperature in that of a probe. What stands above
// it names the columns where it can.
func bare(rows []row, o Options) (head, error) {
	for i := range rows[:min(len(rows), headWithin)] {
		for _, comma := range separators {
			cells, err := rows[i].cells(comma)
			if err != nil || len(cells) < 2 {
				continue
			}
			h := head{at: -1, next: i, comma: comma, width: len(cells)}
			names, err := rows[max(i-1, 0)].cells(comma)
			if i > 0 && err == nil && len(names) == len(cells) {
				h.at = i - 1
			}
			for k := range cells {
				c := Column{Index: k, Name: fmt.Sprint(k + 1), same: -1}
				if h.at >= 0 && strings.TrimSpace(names[k]) != "" {
					c.Name = strings.TrimSpace(names[k])
				}
				h.columns = append(h.columns, c)
			}
			if h.columns, err = told(h.columns, o.Columns); err == nil && h.measures(cells) {
				return h, nil
			}
		}
	}
	return head{}, ErrNoHeader
}

// measures reports whether a row has a time and a temperature in their places, by their looks.
func (h head) measures(cells []string) bool {
	timed, warm := false, false
	for _, c := range h.columns {
		v := plain(cell(cells, c.Index))
		switch c.As {
		case Time:
			timed = strings.ContainsAny(v, "0123456789")
		case Temp:
			bare, _ := splitUnit(strings.ToLower(v))
			_, is := numberOf(bare)
			warm = warm || is
		case Date, Probe2, Ambient, Lid, BoxName, Event, Nothing:
		}
	}
	return timed && warm
}

// noHeader says why no header was found, and what the caller named that is not there.
func noHeader(rows []row, o Options) error {
	if len(o.Columns) > 0 {
		for m, name := range o.Columns {
			found := false
			for _, r := range rows[:min(len(rows), headWithin)] {
				found = found || strings.Contains(strings.ToLower(plain(r.text)), strings.ToLower(plain(name)))
			}
			if !found {
				return fmt.Errorf("%w %q, which is to be the column %s", ErrNoColumn, name, m)
			}
		}
	}
	for _, r := range rows[:min(len(rows), headWithin)] {
		if len(r.text) > maxRow || strings.Count(r.text, ",") >= maxCells {
			return fmt.Errorf("%w; line %d is longer than %d bytes or %d cells", ErrNoHeader, r.line, maxRow, maxCells)
		}
	}
	for _, r := range rows[:min(len(rows), headWithin)] {
		if s := strings.TrimSpace(r.text); s != "" {
			return fmt.Errorf("%w; line %d is %q", ErrNoHeader, r.line, clip(s))
		}
	}
	return ErrNoHeader
}

// boxLine is a line before the header that names whose file it is.
var boxLine = regexp.MustCompile(`(?i)^\W*(?:box|logger|device)(?:[ _]?(?:id|no\.?|number|name))?\W*[:,;=\t]\W*([\p{L}\d_-]+)`)

// shape is a name with its digits alike, for names that are given in one way.
func shape(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '9'
		}
		return r
	}, strings.ToUpper(name))
}

// other reports whether a name is that of another box: named as boxes are, and not so. A
// model or a serial number is neither.
func other(name, box string) bool {
	return box != "" && shape(name) == shape(box) && !strings.EqualFold(name, box)
}

// realigned is a header without its empty names, where every row has as many empty cells at
// its end, and cells where the names are empty: such a name stands for nothing, and those
// behind it would be of other columns.
func (h head) realigned(entries []entry) head {
	var named []Column
	for _, c := range h.columns {
		if c.Name != "" {
			named = append(named, c)
		}
	}
	gaps := len(h.columns) - len(named)
	if gaps == 0 || len(entries) == 0 {
		return h
	}
	for _, e := range entries {
		cells, err := e.row.cells(h.comma)
		if err != nil {
			continue // told later
		}
		for _, c := range h.columns {
			last := c.Index >= len(h.columns)-gaps
			if last && cell(cells, c.Index) != "" || !last && c.Name == "" && cell(cells, c.Index) == "" {
				return h
			}
		}
	}
	for i := range named {
		named[i].Index = i
	}
	for len(named) < len(h.columns) {
		named = append(named, Column{Index: len(named), same: -1})
	}
	h.columns = named
	return h
}
