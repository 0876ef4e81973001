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
	switch {
	case first != nil:
		return *first, nil
	case numbered(o.Columns):
		return bare(rows, o)
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

// bare is the head of a file without one.
func bare(rows []row, o Options) (head, error) {
	for _, comma := range separators {
		cells, err := rows[0].cells(comma)
		if err != nil || len(cells) < 2 {
			continue
		}
		h := head{at: -1, comma: comma, width: len(cells)}
		for i := range cells {
			h.columns = append(h.columns, Column{Index: i, Name: fmt.Sprintf("%d", i+1), same: -1})
		}
		all, err := told(h.columns, o.Columns)
		h.columns = all
		return h, err
	}
	return head{}, ErrNoHeader
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
