package readings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ErrDoubt is returned for a file that says two things, of which one would be the better
// news: nothing of it is taken.
var ErrDoubt = errors.New("the file cannot be read without doubt")

// doubts refuses what the rows show of the whole file: another header among them, another
// unit, figures where no column is named, a probe of which not one cell can be read.
func (p *reader) doubts() error {
	times := p.column(Time)
	for _, e := range p.entries {
		cells, why := p.cellsOf(e.row)
		if why != "" {
			cells = e.row.loose(p.head.comma)
		}
		if strings.ContainsAny(cell(cells, times), "0123456789") {
			continue // it has a time
		}
		if again, is := columnsOf(cells); is && len(again) > 1 {
			return fmt.Errorf("%w: line %d names columns once more, and others than line %d: cut the file before it",
				ErrDoubt, e.row.line, p.table.Lines.Header)
		}
		u, says := unitOfLine(cells)
		if says && slices.ContainsFunc(p.head.columns, func(c Column) bool { return c.As == Temp && c.Unit != u }) {
			return fmt.Errorf("%w: line %d says %s, and the lines before are read otherwise: cut the file before it",
				ErrDoubt, e.row.line, unitNames[u])
		}
	}
	return p.shifted()
}

var figures = regexp.MustCompile(`^\d{1,3}$`)

// shifted refuses figures in a column that has no name, and figures behind whole
// temperatures where the name of their column stands for none: a decimal comma may have
// parted them.
func (p *reader) shifted() error {
	if len(p.options.Columns) > 0 {
		return nil
	}
	for _, c := range p.head.columns {
		mark := c.As == Event && c.Index > 0 && p.head.columns[c.Index-1].As == Temp
		if c.Name != "" && !mark {
			continue
		}
		filled, whole := 0, 0
		for _, e := range p.entries {
			cells, why := p.cellsOf(e.row)
			if why != "" {
				continue
			}
			said := plain(cell(cells, c.Index))
			if _, is := numberOf(said); !is {
				continue
			}
			filled++
			if figures.MatchString(said) && !strings.ContainsAny(cell(cells, c.Index-1), ".,") {
				whole++
			}
		}
		switch {
		case c.Name == "" && filled > 0:
			return fmt.Errorf("%w: column %d has no name and holds figures (say -columns what is to be read)", ErrDoubt, c.Index+1)
		case mark && filled > 0 && 2*whole > filled && p.head.comma == ',':
			return fmt.Errorf("%w: column %q holds figures behind whole temperatures, as a decimal comma leaves them (say -columns)",
				ErrDoubt, clip(c.Name))
		}
	}
	return nil
}

// standing refuses a record of several lines that all bear one instant: it says nothing of
// how long.
func (p *reader) standing() error {
	n := 0
	for i, r := range p.table.Readings {
		if n++; i > 0 && !r.At.Equal(p.table.Readings[0].At) {
			return nil
		}
	}
	if n < 3 {
		return nil
	}
	column := clip(p.columnName(p.column(Time)))
	return fmt.Errorf("%w: all %d lines bear one time, in column %q (-columns says where the times stand)", ErrDoubt, n, column)
}

// notConnected are cells of a probe that nobody plugged in.
var notConnected = regexp.MustCompile(
	`(?i)^(|-+|n\.?/?c\.?|n\.?/?a\.?|no probe|not connected|none|null|nil|open|off|disabled|无|未接|未连接|\.+|/+|\\)$`,
)

// unread refuses a probe that says something, of which not one cell can be read.
func (p *reader) unread(c Column) error {
	for _, e := range p.entries {
		cells, why := p.cellsOf(e.row)
		if said := plain(cell(cells, c.Index)); why == "" && !notConnected.MatchString(said) {
			return fmt.Errorf("%w: not one temperature of column %q can be read, as %q (-columns says which are to be read)",
				ErrDoubt, clip(c.Name), clip(said))
		}
	}
	return nil
}
