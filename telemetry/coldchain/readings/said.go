package readings

import (
	"fmt"
	"strings"
)

// maxSaid bounds how many lines, and how many cells, are told one by one in sentences.
const maxSaid = 10

// Said tells in sentences how a table was read: what was taken for what, assumed and left
// out.
func (l Lines) Said() []string {
	header := "no header"
	if l.Header > 0 {
		header = fmt.Sprintf("header in line %d", l.Header)
	}
	said := []string{fmt.Sprintf("%d of %d lines read, %d lost, %d cells not used (%s, separator %s, %s, times as %s)",
		l.Read, l.Total, l.Lost, l.LostCells, l.Encoding, l.Separator, header, l.Times)}
	for _, c := range l.Columns {
		as := string(c.As)
		if c.Unit != "" {
			as += " in " + strings.ToUpper(string(c.Unit))
		}
		said = append(said, fmt.Sprintf("column %q was taken for %s", c.Name, as))
	}
	if len(l.Unused) > 0 {
		said = append(said, "not used: "+strings.Join(l.Unused, ", "))
	}
	said = append(said, l.Assumed...)
	said = append(said, faultsSaid(l.LeftOut, l.Lost)...)
	return append(said, faultsSaid(l.Cells, l.LostCells)...)
}

func faultsSaid(faults []Fault, all int) (said []string) {
	for _, f := range faults[:min(len(faults), maxSaid)] {
		said = append(said, fmt.Sprintf("line %d: %s", f.Line, f.Reason))
	}
	if more := all - len(said); more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	return said
}
