package readings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hemolift/telemetry/coldchain"
)

// probes reads the probes of a row. The row is lost only where none can be read.
func (p *reader) probes(e *entry, cells []string, columns []Column) {
	var read []int32
	for _, c := range columns {
		v := p.read(c, cells)
		switch {
		case v.ok:
			read = append(read, v.mC)
		case v.beyond != "" && e.beyond == "":
			e.beyond = v.beyond
			fallthrough
		default:
			e.parts = append(e.parts, part{v.beyond, v.why})
		}
	}
	if len(read) == 0 {
		e.why, e.parts = e.parts[0].why, nil
		return
	}
	e.ok, e.beyond = true, ""
	switch len(read) {
	case 1:
		e.reading.TempMC = read[0]
	case 2:
		e.reading.TempMC, e.reading.SecondMC, e.reading.HasSecond = read[0], read[1], true
	default: // of more probes the warmest and the coldest count
		e.reading.TempMC, e.reading.SecondMC, e.reading.HasSecond = slices.Max(read), slices.Min(read), true
	}
	for _, part := range e.parts {
		p.leaveCell(e.row.line, part.why)
	}
}

// beside reads what a reading is taken with but can be without.
func (p *reader) beside(e *entry, cells []string, lid int) {
	for _, c := range p.head.columns {
		if c.As != Ambient || cell(cells, c.Index) == "" {
			continue
		}
		if v := p.read(c, cells); v.ok {
			e.reading.AmbientMC = v.mC
		} else {
			p.leaveCell(e.row.line, "ambient: "+v.why)
		}
	}
	switch s := strings.ToLower(plain(cell(cells, lid))); s {
	case "", "0", "0.0", "no", "false", "closed", "关", "zu":
	case "1", "1.0", "yes", "true", "open", "开", "auf":
		e.reading.LidOpen = true
	default:
		p.leaveCell(e.row.line, fmt.Sprintf("lid: %q is neither 0 nor 1", clip(s)))
	}
}

// finish puts the readings in order of time, and what was lost between them.
func (p *reader) finish() {
	p.lastLine()
	set := p.order()
	before, behind := p.around()
	for i, e := range p.entries {
		switch {
		case e.ok:
			p.table.Readings = append(p.table.Readings, e.reading)
			for _, part := range e.parts {
				p.lose(i, before[i], behind[i], coldchain.Lost{Part: true, Beyond: part.beyond, What: part.why})
			}
		case e.skip:
			p.leave(e.row.line, e.why)
		default:
			p.leave(e.row.line, e.why)
			p.lose(i, before[i], behind[i], coldchain.Lost{Beyond: e.beyond, What: e.why})
		}
	}
	for _, i := range set {
		p.lose(i, before[i], i, coldchain.Lost{Doubt: true, What: fmt.Sprintf("the clock was set back before line %d", p.entries[i].row.line)})
	}
	slices.SortStableFunc(p.table.Readings, func(a, b coldchain.Reading) int { return a.At.Compare(b.At) })
	p.table.Lines.Read = len(p.table.Readings)
	for _, c := range p.head.columns {
		switch {
		case c.As != Nothing:
			p.table.Lines.Columns = append(p.table.Lines.Columns, c)
		case c.Name != "" && !slices.ContainsFunc(p.head.columns, func(x Column) bool { return x.same == c.Index }):
			p.table.Lines.Unused = append(p.table.Lines.Unused, c.Name)
		}
	}
}

// around are, for each entry, the readings before and behind it; -1 where there is none.
func (p *reader) around() (before, behind []int) {
	before, behind = make([]int, len(p.entries)), make([]int, len(p.entries))
	last := -1
	for i, e := range p.entries {
		if before[i] = last; e.ok {
			last = i
		}
	}
	last = -1
	for i := len(p.entries) - 1; i >= 0; i-- {
		if behind[i] = last; p.entries[i].ok {
			last = i
		}
	}
	return before, behind
}

// lose adds what was lost at an entry: from the reading before to the one behind, or its
// own time at either end. What was lost together is one.
func (p *reader) lose(i, before, behind int, l coldchain.Lost) {
	var from, to, own time.Time
	if before >= 0 {
		from = p.entries[before].at
	}
	if behind >= 0 {
		to = p.entries[behind].at
	}
	if p.entries[i].timed {
		own = p.entries[i].at
	}
	l.From, l.To, l.Ends = firstOf(from, own, to), firstOf(to, own, from), behind < 0
	if l.To.Before(l.From) {
		l.To = l.From
	}
	if n := len(p.table.Lost); n > 0 {
		last := &p.table.Lost[n-1]
		if last.From.Equal(l.From) && last.Beyond == l.Beyond && last.Part == l.Part && last.Doubt == l.Doubt && last.Ends == l.Ends {
			if l.To.After(last.To) {
				last.To = l.To
			}
			return
		}
	}
	p.table.Lost = append(p.table.Lost, l)
}

func firstOf(ts ...time.Time) time.Time {
	for _, t := range ts {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// lastLine reads a last line without an end only where it is as whole as the others: a
// file that was cut says nothing that the whole one does not say.
func (p *reader) lastLine() {
	if len(p.entries) == 0 {
		return
	}
	i := 0 // the newest may stand first
	for k := range p.entries {
		if p.entries[k].row.line > p.entries[i].row.line {
			i = k
		}
	}
	e := &p.entries[i]
	if e.row.ends || !e.ok {
		return
	}
	cells, _ := p.cellsOf(e.row)
	if p.whole(i, cells) {
		p.assume("the last line does not end; it looks whole and was read")
		return
	}
	e.ok, e.parts, e.why = false, nil, "the line does not end, and may have been cut"
}

// whole reports whether a row has as many cells as the others, and in its last one as many
// figures behind the decimal mark; of whole numbers, whether it is near the one before.
func (p *reader) whole(last int, cells []string) bool {
	col, near := len(cells)-1, p.readingBefore(last)
	if near == last {
		near = min(last+1, len(p.entries)-1)
	}
	if near == last || !p.entries[near].ok {
		return false // there is none to compare it with
	}
	least := -1
	for i, e := range p.entries {
		if i == last || !e.ok {
			continue
		}
		others, _ := p.cellsOf(e.row)
		if i == near && len(others) > len(cells) {
			return false
		}
		if n := tail(cell(others, col)); least < 0 || n < least {
			least = n
		}
	}
	if tail(cells[col]) < least {
		return false
	}
	const nearMC = 2000
	d := p.entries[last].reading.TempMC - p.entries[near].reading.TempMC
	return least > 0 || d <= nearMC && d >= -nearMC
}

// tail is how many figures a number has behind its decimal mark, of what is no number how
// long it is.
func tail(s string) int {
	s = strings.TrimSpace(s)
	if _, ok := numberOf(plain(s)); !ok {
		return len(s)
	}
	if at := strings.LastIndexAny(s, ".,"); at >= 0 {
		return len(s) - at - 1
	}
	return 0
}

// mostSet is how often a clock may have been set back in a file that is read so.
const mostSet = 3

// order puts the entries in the order in which they were measured, and returns those
// before which the clock was set back. A logger writes in that order: where its clock goes
// back, what stands before the step is taken to end one interval before what stands
// behind it.
func (p *reader) order() []int {
	back := p.steps()
	if len(back) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for i := range p.entries {
		if e := &p.entries[i]; e.ok && seen[e.row.text] {
			e.ok, e.skip, e.parts, e.why = false, true, nil, "is there twice"
		} else {
			seen[e.row.text] = true
		}
	}
	if back = p.steps(); len(back) == 0 {
		return nil
	}
	if len(back) > mostSet || !p.wasSet(back) {
		p.assume("the lines are not in order of time, and were put in it")
		slices.SortStableFunc(p.entries, func(a, b entry) int {
			if a.timed != b.timed {
				if a.timed {
					return -1
				}
				return 1
			}
			return a.at.Compare(b.at)
		})
		return nil
	}
	var shift time.Duration
	end := len(p.entries)
	for k := len(back) - 1; k >= -1; k-- {
		start := 0
		if k >= 0 {
			start = back[k]
		}
		for i := start; i < end; i++ {
			p.entries[i].at = p.entries[i].at.Add(shift)
			p.entries[i].reading.At, p.entries[i].reading.ReceivedAt = p.entries[i].at, p.entries[i].at
		}
		if k >= 0 {
			prev := p.readingBefore(start)
			p.assume("the clock was set back before line %d; the lines before are taken to end just before it", p.entries[start].row.line)
			shift = p.entries[start].at.Sub(p.entries[prev].at) - p.entries[prev].at.Sub(p.entries[p.readingBefore(prev)].at)
		}
		end = start
	}
	return back
}

// steps are the readings that are earlier than the one before.
func (p *reader) steps() (back []int) {
	last := -1
	for i, e := range p.entries {
		if !e.ok {
			continue
		}
		if last >= 0 && e.at.Before(p.entries[last].at) {
			back = append(back, i)
		}
		last = i
	}
	return back
}

// readingBefore is the reading before an entry, or the entry itself.
func (p *reader) readingBefore(i int) int {
	for k := i - 1; k >= 0; k-- {
		if p.entries[k].ok {
			return k
		}
	}
	return i
}

// wasSet reports whether each step is one of the clock, and not a line in another place: a
// few readings before it and behind it lie in order, and no single one of them explains it.
func (p *reader) wasSet(back []int) bool {
	const several = 3
	var at []time.Time
	var steps []int
	for i, e := range p.entries {
		if e.ok {
			if len(steps) < len(back) && i == back[len(steps)] {
				steps = append(steps, len(at))
			}
			at = append(at, e.at)
		}
	}
	last := 0
	for _, k := range steps {
		if k-last < several || len(at)-k < several || !at[k].Before(at[k-2]) || !at[k+1].Before(at[k-1]) {
			return false
		}
		last = k
	}
	return true
}
