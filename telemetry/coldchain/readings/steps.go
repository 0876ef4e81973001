package readings

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/stated"
)

// times gives each entry its time as the clock showed it, then as an instant.
func (p *reader) times() error {
	col, day := p.column(Time), p.column(Date)
	stamps, raw := make([]string, len(p.entries)), make([]string, len(p.entries))
	var numbers []float64
	spans, filled := 0, 0
	for i, e := range p.entries {
		cells, why := p.cellsOf(e.row)
		if why != "" {
			continue
		}
		s := cell(cells, col)
		if day >= 0 {
			s = cell(cells, day) + " " + s
		}
		raw[i] = s
		if stamps[i] = stamp(s); strings.TrimSpace(stamps[i]) == "" {
			continue
		}
		filled++
		if x, ok := numberOf(plain(s)); ok && !compact.MatchString(stamps[i]) {
			numbers = append(numbers, x)
		}
		if clockSpan.MatchString(stamps[i]) {
			spans++
		}
	}
	read, err := p.form(stamps, numbers, filled, spans, p.columnName(col))
	if err != nil {
		return err
	}
	said := stamps
	if 2*len(numbers) > filled {
		said = raw
	}
	for i := range p.entries {
		if said[i] != "" {
			p.entries[i].wall = read(said[i])
		}
	}
	return p.resolve(p.columnName(col), stamps)
}

func (p *reader) columnName(i int) string {
	for _, c := range p.head.columns {
		if c.Index == i {
			return c.Name
		}
	}
	return ""
}

// form tells how the stamps of a file are written.
func (p *reader) form(stamps []string, numbers []float64, filled, spans int, column string) (func(string) wall, error) {
	switch {
	case filled == 0: // each line says why
		return func(string) wall { return wall{} }, nil
	case 2*len(numbers) > filled:
		sc, err := numeric(numbers, column)
		if err != nil {
			return nil, err
		}
		p.table.Lines.Times, p.table.Elapsed = sc.name, strings.HasSuffix(sc.name, "start")
		return func(s string) wall {
			x, ok := numberOf(plain(s))
			if !ok {
				return wall{}
			}
			return sc.wall(x)
		}, nil
	case 2*spans > filled && spanName.MatchString(strings.ToLower(plain(column))):
		p.table.Lines.Times, p.table.Elapsed = "hours and minutes since the start", true
		return spanWall, nil
	}
	o := p.options
	if said := p.saidOrder(column); o.Dates == "" && said != "" {
		o.Dates = said
	}
	read, order, err := dated(stamps, o)
	if err != nil {
		return nil, err
	}
	p.table.Lines.Times = map[Order]string{YMD: "year, month, day", DMY: "day, month, year", MDY: "month, day, year"}[order]
	return read, nil
}

// saidOrder is the order of dates by the name of their column, or by a line before that
// speaks of dates.
func (p *reader) saidOrder(column string) Order {
	if day := p.column(Date); day >= 0 {
		column += " " + p.columnName(day)
	}
	if said := orderIn(column); said != "" {
		return said
	}
	for _, r := range p.before {
		if strings.Contains(strings.ToLower(r.text), "date") {
			if said := orderIn(r.text); said != "" {
				return said
			}
		}
	}
	return ""
}

func spanWall(s string) wall {
	m := clockSpan.FindStringSubmatch(s)
	if m == nil {
		return wall{}
	}
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	sec, _ := strconv.Atoi(m[3]) // 0 where there are none
	return after(Epoch, float64(h*3600+min*60+sec), time.Second, true)
}

// resolve turns what clocks showed into instants, in the order of the record.
func (p *reader) resolve(column string, stamps []string) error {
	ws := make([]wall, len(p.entries))
	local, zoned := "", 0
	for i, e := range p.entries {
		switch ws[i] = e.wall; {
		case e.wall.zoned:
			zoned++
		case e.wall.ok && local == "":
			local = stamps[i]
		}
	}
	if 2*zoned > len(ws) { // the others lost their offset
		local = ""
		for i := range ws {
			ws[i].ok = ws[i].ok && ws[i].zoned
		}
	}
	newestFirst := backward(ws)
	if newestFirst {
		slices.Reverse(ws)
		slices.Reverse(p.entries)
	}
	if local != "" {
		s, names := zoneOf(column, p.before)
		zone := s.zone
		switch {
		case zone != nil:
			p.table.Lines.Times += ", " + zone.String() + ", " + s.from
			if told := p.options.Zone; told != nil && told.String() != zone.String() {
				p.assume("the times are of %s, %s, and not of %s, which was told", zone, s.from, told)
			}
		case names && p.options.Zone == nil:
			return fmt.Errorf("%w: the file names %q, which is not understood", ErrNoZone, clip(s.text))
		case p.options.Zone != nil:
			zone = p.options.Zone
			p.table.Lines.Times += ", " + zone.String() + ", as told"
			if names {
				p.assume("the file names the zone %q, which is not understood; the one that was told is taken", clip(s.text))
			}
		case p.options.Local:
			zone = time.UTC
			p.assume("the times have no offset; they are taken as UTC")
		default:
			return fmt.Errorf("%w: %q", ErrNoZone, clip(local))
		}
		if a := instants(ws, zone); a != "" {
			p.assume("%s", a)
		}
	}
	for i := range p.entries {
		e := &p.entries[i]
		e.at, e.timed = ws[i].at.UTC(), ws[i].ok
		switch {
		case e.why != "":
		case !ws[i].ok:
			e.why = p.untimed(e.row)
		case stated.Check(e.at) != nil:
			e.timed, e.why = false, "the time "+stated.ErrBounds.Error()
		case !p.options.Now.IsZero() && e.at.After(p.options.Now):
			e.timed, e.why = false, "the time is in the future"
		}
	}
	return nil
}

// untimed says why a row has no time.
func (p *reader) untimed(r row) string {
	cells, why := p.cellsOf(r)
	if why != "" {
		return why
	}
	s := cell(cells, p.column(Time))
	if s == "" {
		return "the time is empty"
	}
	return fmt.Sprintf("%q is no time", clip(s))
}

// values reads the temperatures of the rows that have a time, and what stands beside them.
func (p *reader) values() error {
	box, lid, did := p.column(BoxName), p.column(Lid), p.column(Event)
	connected, err := p.connected()
	if err != nil {
		return err
	}
	told := p.happenings(did)
	for i := range p.entries {
		e := &p.entries[i]
		cells, why := p.cellsOf(e.row)
		if why != "" || !e.timed || e.why != "" {
			continue
		}
		if name := cell(cells, box); other(name, p.options.Box) {
			e.skip, e.why = true, fmt.Sprintf("is of %q, another box", clip(name))
			continue
		} else if box >= 0 && p.options.Box != "" && !strings.EqualFold(name, p.options.Box) {
			p.leaveCell(e.row.line, fmt.Sprintf("%q names no box; the line is taken to be of %s", clip(name), p.options.Box))
		}
		e.reading = coldchain.Reading{Seq: uint64(e.row.line), At: e.at, ReceivedAt: e.at, AmbientMC: coldchain.NoAmbientMC}
		p.probes(e, cells, connected)
		if !e.ok && told && p.happened(cells) && allEmpty(cells, p.head.columns) {
			e.skip, e.why = true, "says what the logger did, and measures nothing"
			continue
		}
		p.beside(e, cells, lid)
	}
	return nil
}

// deed is something that a logger does or that is done to it, after which it goes on or
// ends; that a probe failed or was too warm is none.
var (
	deed = regexp.MustCompile(`(?i)stop|end of|\bhost|\bconnected|coupler|button|start|launch|read ?out|download|\bmark|` +
		`停止|开始|读取|标记|good battery|bad battery`)
	noDeed = regexp.MustCompile(`(?i)\bnot\b|\bno\b|dis|fail|err|lost|alarm|over|under|故障|报警|断开|超`)
)

// mostDeeds is how many rows of a file may say what the logger did and measure nothing:
// more of them stand for readings.
const mostDeeds = 10

// happenings reports whether rows without a temperature may be what the logger did.
func (p *reader) happenings(did int) bool {
	n := 0
	for _, e := range p.entries {
		if cells, why := p.cellsOf(e.row); why == "" && allEmpty(cells, p.head.columns) && p.happened(cells) {
			n++
		}
	}
	return did >= 0 && n <= mostDeeds
}

// allEmpty reports whether a row has no temperature that could be one.
func allEmpty(cells []string, columns []Column) bool {
	return !slices.ContainsFunc(columns, func(c Column) bool { return c.As == Temp && cell(cells, c.Index) != "" })
}

// happened reports whether a row says a deed: in words, or by a mark under its name.
func (p *reader) happened(cells []string) bool {
	return slices.ContainsFunc(p.head.columns, func(c Column) bool {
		said := strings.ToLower(cell(cells, c.Index))
		mark := said == "logged" || said == "x" || said == "1" || said == "yes"
		does := deed.MatchString(said) && !noDeed.MatchString(said) || mark && deed.MatchString(c.Name)
		return c.As == Event && said != "" && does
	})
}

// read reads a column's cell, or its twin's in another unit where that says more.
func (p *reader) read(c Column, cells []string) value {
	v := valueOf(cell(cells, c.Index), c.Unit)
	if c.same < 0 {
		return v
	}
	w := valueOf(cell(cells, c.same), p.head.columns[c.same].Unit)
	switch said := w.ok || w.beyond != ""; {
	case !v.ok && v.beyond == "" && said:
		return w
	case v.ok && said && (!w.ok || w.mC-v.mC > twinsWithinMC || v.mC-w.mC > twinsWithinMC):
		return value{beyond: w.beyond, why: fmt.Sprintf("columns %q and %q are one probe in two units, and disagree",
			clip(c.Name), clip(p.head.columns[c.same].Name))}
	}
	return v
}

// twinsWithinMC is by how much roundings of one temperature in two units may differ.
const twinsWithinMC = 1100

// connected are the columns of probes in which at least one row says something.
func (p *reader) connected() ([]Column, error) {
	var all, on []Column
	for _, c := range p.head.columns {
		if c.As == Temp {
			all = append(all, c)
		}
	}
	for _, c := range all {
		if slices.ContainsFunc(p.entries, func(e entry) bool {
			cells, why := p.cellsOf(e.row)
			if why != "" {
				return false
			}
			v := p.read(c, cells)
			return v.ok || v.beyond != ""
		}) {
			on = append(on, c)
		}
	}
	if len(on) == 0 {
		return all, nil
	}
	for _, c := range all {
		if !slices.ContainsFunc(on, func(x Column) bool { return x.Index == c.Index }) {
			if err := p.unread(c); err != nil {
				return nil, err
			}
			p.assume("column %q holds not one reading: no probe was connected", clip(c.Name))
			p.head.columns[c.Index].As = Nothing
		}
	}
	return on, nil
}
