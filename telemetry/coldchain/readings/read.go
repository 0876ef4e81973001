package readings

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"hemolift/telemetry/coldchain"
)

// Options say what a file does not.
type Options struct {
	Box     string             // the box that the file must be of, where it names one
	Zone    *time.Location     // of times without an offset
	Local   bool               // times without an offset or a zone are taken as UTC, and that is said
	Unit    Unit               // where the file names none
	Columns map[Meaning]string // by name, or by number from 1
	Dates   Order              // where the rows do not tell
	Now     time.Time          // readings later than this are not used; zero: all are
	MaxRows int                // that the file may have; zero: a million, of some 300 bytes of memory each
}

// Table is what could be read of a file.
type Table struct {
	Readings []coldchain.Reading // in order of time; Seq is the line
	Lost     []coldchain.Lost
	Elapsed  bool // times are counted since the start, from Epoch
	Lines    Lines
}

// Lines say how a file was read.
type Lines struct {
	Total     int // that should be readings
	Read      int
	LeftOut   []Fault // the first of them
	Lost      int     // how many there were
	Cells     []Fault // that were not used of lines that were
	LostCells int
	Assumed   []string
	Columns   []Column // that were used
	Unused    []string // names of the others
	Encoding  string
	Separator string
	Header    int // the line; 0 where there is none
	Times     string
}

// Fault is a line or a cell of it that was not used, and why. Lines count from 1.
type Fault struct {
	Line   int
	Reason string
}

// maxFaults bounds how many faults are told; all are counted.
const maxFaults = 1000

// Errors of a whole file.
var (
	ErrOtherBox  = errors.New("the file is of another box")
	ErrUnit      = errors.New("the unit of the temperatures is not certain")
	ErrNoReading = errors.New("no line holds a reading")
)

// Read reads a table. It refuses what cannot be told, and a table without one reading.
func Read(r io.Reader, o Options) (Table, error) {
	s, enc, err := text(r)
	if err != nil {
		return Table{}, err
	}
	rows, err := lines(s, cmp.Or(o.MaxRows, maxRows))
	if err != nil {
		return Table{}, err
	}
	if strings.TrimSpace(s) == "" {
		return Table{}, fmt.Errorf("%w: it is empty", ErrNoTable)
	}
	h, err := find(rows, o)
	if err != nil {
		return Table{}, err
	}
	p := reader{options: o, head: h, before: rows[:max(h.at, 0)]}
	p.table.Lines.Encoding, p.table.Lines.Separator = enc, separatorNames[h.comma]
	if h.at >= 0 {
		p.table.Lines.Header = rows[h.at].line
	}
	if err := p.whose(); err != nil {
		return Table{}, err
	}
	p.split(rows[h.next:])
	for _, settle := range []func() error{p.units, p.doubts, p.times, p.values} {
		if err := settle(); err != nil {
			return p.table, err
		}
	}
	p.finish()
	if len(p.table.Readings) == 0 {
		return p.table, p.noReading()
	}
	return p.table, p.standing()
}

// reader is one reading of a file.
type reader struct {
	options Options
	head    head
	before  []row
	table   Table
	entries []entry
}

// entry is one row behind the header.
type entry struct {
	row     row
	wall    wall
	at      time.Time // of the reading, when it is timed
	timed   bool
	reading coldchain.Reading
	ok      bool
	skip    bool // it is nothing that was measured in this box
	parts   []part
	why     string
	beyond  coldchain.Side
}

// part is one probe of a row that was lost while another one was read.
type part struct {
	beyond coldchain.Side
	why    string
}

func (p *reader) assume(format string, args ...any) {
	p.table.Lines.Assumed = append(p.table.Lines.Assumed, fmt.Sprintf(format, args...))
}

func (p *reader) leave(line int, reason string) {
	p.table.Lines.Lost++
	if len(p.table.Lines.LeftOut) < maxFaults {
		p.table.Lines.LeftOut = append(p.table.Lines.LeftOut, Fault{line, reason})
	}
}

func (p *reader) leaveCell(line int, reason string) {
	p.table.Lines.LostCells++
	if len(p.table.Lines.Cells) < maxFaults {
		p.table.Lines.Cells = append(p.table.Lines.Cells, Fault{line, reason})
	}
}

// whose refuses the file of another box where a line before the header names one.
func (p *reader) whose() error {
	for _, r := range p.before {
		if m := boxLine.FindStringSubmatch(r.text); m != nil && p.options.Box != "" {
			if other(m[1], p.options.Box) {
				return fmt.Errorf("line %d: %w: %s, not %s", r.line, ErrOtherBox, clip(m[1]), p.options.Box)
			}
			if !strings.EqualFold(m[1], p.options.Box) {
				p.assume("line %d names %q, which is taken for the logger in box %s", r.line, clip(m[1]), p.options.Box)
			}
		}
	}
	return nil
}

// split takes the rows behind the header. Empty ones between others were readings once,
// unless every second one is.
func (p *reader) split(rows []row) {
	for len(rows) > 0 && strings.TrimSpace(rows[len(rows)-1].text) == "" {
		rows = rows[:len(rows)-1]
	}
	empty := 0
	for _, r := range rows {
		if strings.TrimSpace(r.text) == "" {
			empty++
		}
	}
	header := ""
	if p.head.at >= 0 {
		header = p.head.name()
	}
	for i := 0; i < len(rows); {
		r, n := joined(rows, i, p.head.comma, p.head.width)
		i += n
		switch blank := strings.TrimSpace(r.text) == ""; {
		case blank && (3*empty > len(rows) || len(p.entries) == 0):
		case blank:
			p.entries = append(p.entries, entry{row: r, why: "the line is empty"})
		case header != "" && headerName(r, p.head.comma) == header:
			p.assume("line %d is the header once more", r.line)
		default:
			p.entries = append(p.entries, entry{row: r})
		}
	}
	if len(p.entries) > 0 && p.unitRow(p.entries[0].row) {
		p.entries = p.entries[1:]
	}
	p.endOfTable()
	if h := p.head.realigned(p.entries); h.columns[len(h.columns)-1].Name != p.head.columns[len(p.head.columns)-1].Name {
		p.head = h
		p.assume("the header has an empty name for which there is no column")
	}
	p.table.Lines.Total = len(p.entries)
}

// endLine is what loggers write behind their last reading.
var endLine = regexp.MustCompile(
	`(?i)^\W*(cert(ificate)?\W|sig(nature)?\W|checksum|crc\b|end reading|end of (file|data|table|record)|eof\b)`,
)

// endOfTable takes what stands behind such a line for no reading, unless one of them is timed.
func (p *reader) endOfTable() {
	at := slices.IndexFunc(p.entries, func(e entry) bool { return endLine.MatchString(e.row.text) })
	if at < 0 {
		return
	}
	for _, e := range p.entries[at:] {
		if cells, why := p.cellsOf(e.row); why == "" && (p.head.measures(cells) || p.looksTimed(cells)) {
			return
		}
	}
	for i := range p.entries[at:] {
		e := &p.entries[at+i]
		e.skip, e.why = true, "stands behind the end of the table"
	}
}

// looksTimed reports whether a row has in the place of its time what looks as that of the
// first row.
func (p *reader) looksTimed(cells []string) bool {
	for _, c := range p.head.columns {
		if c.As != Time {
			continue
		}
		first, why := p.cellsOf(p.entries[0].row)
		said := stamp(cell(cells, c.Index))
		return why == "" && said != "" && outline(said) == outline(stamp(cell(first, c.Index)))
	}
	return false
}

func (h head) name() string {
	var names []string
	for _, c := range h.columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, "\x00")
}

func headerName(r row, comma rune) string {
	cells, err := r.cells(comma)
	if err != nil {
		return ""
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return strings.Join(cells, "\x00")
}

// cellsOf are the cells of a row, as many as the header has or fewer; what it says of
// itself when they cannot be told.
func (p *reader) cellsOf(r row) ([]string, string) {
	cells, err := r.cells(p.head.comma)
	if errors.Is(err, errQuotes) {
		if cells = r.loose(p.head.comma); len(cells) != p.head.width {
			return nil, err.Error()
		}
	} else if err != nil {
		return nil, err.Error()
	}
	for len(cells) > p.head.width && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) > p.head.width {
		why := fmt.Sprintf("has %d cells, the header %d", len(cells), p.head.width)
		if p.head.comma == ',' {
			why += " (a decimal comma needs quotes, or another separator)"
		}
		return nil, why
	}
	return cells, ""
}

func cell(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[i])
}

// column is the first column of a meaning.
func (p *reader) column(m Meaning) int {
	for _, c := range p.head.columns {
		if c.As == m {
			return c.Index
		}
	}
	return -1
}

// noReading says why there is none, with the first causes.
func (p *reader) noReading() error {
	if p.table.Lines.Total == 0 {
		return fmt.Errorf("%w: there is none behind the header", ErrNoReading)
	}
	var why []string
	for _, f := range p.table.Lines.LeftOut[:min(3, len(p.table.Lines.LeftOut))] {
		why = append(why, fmt.Sprintf("line %d: %s", f.Line, f.Reason))
	}
	return fmt.Errorf("%w of %d: %s", ErrNoReading, p.table.Lines.Total, strings.Join(why, "; "))
}

// ParseUnit reads c, f or k.
func ParseUnit(s string) (Unit, error) {
	u := Unit(strings.ToLower(s))
	if _, ok := unitNames[u]; !ok {
		return "", errors.New("is none of c, f and k")
	}
	return u, nil
}

// ParseOrder reads ymd, dmy or mdy.
func ParseOrder(s string) (Order, error) {
	o := Order(strings.ToLower(s))
	if o != YMD && o != DMY && o != MDY {
		return "", errors.New("is none of ymd, dmy and mdy")
	}
	return o, nil
}

// ParseColumns reads MEANING=NAME,... where a name is that of a column or its number.
func ParseColumns(s string) (map[Meaning]string, error) {
	by := map[Meaning]string{}
	for _, pair := range strings.Split(s, ",") {
		m, name, ok := strings.Cut(pair, "=")
		meaning := Meaning(strings.ToLower(strings.TrimSpace(m)))
		name = strings.TrimSpace(name)
		switch _, twice := by[meaning]; {
		case !ok || name == "":
			return nil, fmt.Errorf("%q is not MEANING=NAME", clip(pair))
		case !slices.Contains(Meanings, meaning):
			return nil, fmt.Errorf("%q is none of %v", clip(m), Meanings)
		case twice:
			return nil, fmt.Errorf("%s is said twice", meaning)
		}
		by[meaning] = name
	}
	return by, nil
}
