package readings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/stated"
)

// unitRow takes a row right behind the header that holds units and no figures.
func (p *reader) unitRow(r row) bool {
	cells, why := p.cellsOf(r)
	if why != "" || strings.ContainsAny(r.text, "0123456789") {
		return false
	}
	found := false
	for _, c := range p.head.columns {
		if c.As == Temp || c.As == Ambient {
			if us := unitsIn(cell(cells, c.Index)); len(us) == 1 {
				p.head.columns[c.Index].Unit, p.head.columns[c.Index].From = us[0], "its second line of names"
				found = true
			}
		}
	}
	return found
}

// units settles the unit of each column of temperatures: by its name, by a line before
// that says the unit, by its cells, as told; °C only where nothing speaks against it.
func (p *reader) units() error {
	line, from := Unit(""), 0
	mentioned := map[Unit]bool{}
	for _, r := range p.before {
		cells, err := r.cells(p.head.comma)
		if err != nil {
			continue
		}
		if u, ok := unitOfLine(cells); ok {
			if line != "" && line != u {
				return fmt.Errorf("%w: line %d says %s and line %d %s", ErrUnit, from, unitNames[line], r.line, unitNames[u])
			}
			line, from = u, r.line
		}
		for _, u := range mentions(r.text) {
			mentioned[u] = true
		}
	}
	for i := range p.head.columns {
		c := &p.head.columns[i]
		if c.As != Temp && c.As != Ambient {
			continue
		}
		us := unitsIn(c.Name)
		switch {
		case len(us) > 1:
			return fmt.Errorf("%w: column %q names two", ErrUnit, clip(c.Name))
		case len(us) == 1:
			c.Unit, c.From = us[0], "its name"
		case c.Unit == "" && line != "":
			c.Unit, c.From = line, fmt.Sprintf("line %d", from)
		}
		if c.Unit == "" {
			c.Unit, c.From = p.unitOfCells(c.Index)
		}
		if c.Unit != "" {
			mentioned[c.Unit] = true
			if p.options.Unit != "" && p.options.Unit != c.Unit {
				return fmt.Errorf("%w: column %q is in %s by %s, and was told to be in %s",
					ErrUnit, clip(c.Name), unitNames[c.Unit], c.From, unitNames[p.options.Unit])
			}
		}
	}
	return p.assumeUnits(mentioned)
}

// assumeUnits gives a unit to the columns for which nothing names one.
func (p *reader) assumeUnits(mentioned map[Unit]bool) error {
	for i := range p.head.columns {
		c := &p.head.columns[i]
		if c.As != Temp && c.As != Ambient || c.Unit != "" {
			continue
		}
		switch others := mentioned[Fahrenheit] || mentioned[Kelvin]; {
		case p.options.Unit != "":
			c.Unit, c.From = p.options.Unit, "told"
		case others && (mentioned[Celsius] || mentioned[Fahrenheit] && mentioned[Kelvin]):
			return fmt.Errorf("%w: column %q names none, and the file speaks of several (say -unit c, f or k)", ErrUnit, clip(c.Name))
		case others:
			c.Unit, c.From = Fahrenheit, "assumed"
			if mentioned[Kelvin] {
				c.Unit = Kelvin
			}
			p.assume("column %q names no unit; it is taken to be in %s, of which the file speaks", clip(c.Name), unitNames[c.Unit])
		default:
			c.Unit, c.From = Celsius, "assumed"
			p.assume("column %q names no unit; it is taken to be in °C", clip(c.Name))
		}
	}
	twins(p.head.columns)
	return nil
}

// mentions are units that a sentence speaks of; a lone letter is none.
func mentions(s string) (found []Unit) {
	s = strings.ToLower(plain(s))
	for _, m := range []struct {
		unit  Unit
		words []string
	}{
		{Celsius, []string{"°c", "° c", "celsius", "deg c", "摄氏"}},
		{Fahrenheit, []string{"°f", "° f", "fahrenheit", "deg f", "华氏"}},
		{Kelvin, []string{"kelvin"}},
	} {
		if slices.ContainsFunc(m.words, func(w string) bool { return strings.Contains(s, w) }) {
			found = append(found, m.unit)
		}
	}
	return found
}

// unitOfCells is the unit that a column's cells name, when they name one.
func (p *reader) unitOfCells(col int) (Unit, string) {
	n := map[Unit]int{}
	for _, e := range p.entries {
		if cells, why := p.cellsOf(e.row); why == "" {
			if bare, u := splitUnit(strings.ToLower(plain(cell(cells, col)))); u != "" {
				if _, is := numberOf(bare); is {
					n[u]++
				}
			}
		}
	}
	best := Unit("")
	for _, u := range []Unit{Celsius, Fahrenheit, Kelvin} {
		if n[u] > 0 && (best == "" || n[u] > n[best]) {
			best = u
		}
	}
	return best, "its cells"
}

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
		zone, from := zoneOf(column, p.before)
		switch {
		case zone != nil:
			p.table.Lines.Times += ", " + zone.String() + ", " + from
		case p.options.Zone != nil:
			zone = p.options.Zone
			p.table.Lines.Times += ", " + zone.String() + ", as told"
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
func (p *reader) values() {
	box, lid, did := p.column(BoxName), p.column(Lid), p.column(Event)
	connected := p.connected()
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
		if !e.ok && did >= 0 && p.happened(cells) && allEmpty(cells, p.head.columns) {
			e.skip, e.why = true, "says what the logger did, and measures nothing"
			continue
		}
		p.beside(e, cells, lid)
	}
}

// allEmpty reports whether a row has no temperature that could be one.
func allEmpty(cells []string, columns []Column) bool {
	return !slices.ContainsFunc(columns, func(c Column) bool { return c.As == Temp && cell(cells, c.Index) != "" })
}

func (p *reader) happened(cells []string) bool {
	return slices.ContainsFunc(p.head.columns, func(c Column) bool { return c.As == Event && cell(cells, c.Index) != "" })
}

// read reads a column's cell, or its twin's in another unit where that says more.
func (p *reader) read(c Column, cells []string) value {
	v := valueOf(cell(cells, c.Index), c.Unit)
	if !v.ok && v.beyond == "" && c.same >= 0 {
		if w := valueOf(cell(cells, c.same), p.head.columns[c.same].Unit); w.ok || w.beyond != "" {
			return w
		}
	}
	return v
}

// connected are the columns of probes in which at least one row says something.
func (p *reader) connected() []Column {
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
		return all
	}
	for _, c := range all {
		if !slices.ContainsFunc(on, func(x Column) bool { return x.Index == c.Index }) {
			p.assume("column %q holds not one reading: no probe was connected", clip(c.Name))
			p.head.columns[c.Index].As = Nothing
		}
	}
	return on
}
