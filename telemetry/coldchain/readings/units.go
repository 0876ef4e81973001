package readings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Unit is a unit of temperature.
type Unit string

const (
	Celsius    Unit = "c"
	Fahrenheit Unit = "f"
	Kelvin     Unit = "k"
)

var unitNames = map[Unit]string{Celsius: "°C", Fahrenheit: "°F", Kelvin: "K"}

// celsius turns a value in a unit into °C.
func (u Unit) celsius(x float64) float64 {
	switch u {
	case Fahrenheit:
		return (x - 32) / 1.8
	case Kelvin:
		return x - 273.15
	case Celsius:
	}
	return x
}

// plain is a text with one way to write each sign: one degree sign, one minus, digits
// and letters of one width, single spaces.
func plain(s string) string {
	if isASCII(s) {
		return strings.TrimSpace(s)
	}
	s = strings.NewReplacer("Â°", "°", "º", "°", "˚", "°", "&deg;", "°", "−", "-", "–", "-", "‑", "-", "﹣", "-").Replace(s)
	return strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// How units are written in names of columns and in sentences, after plain and in small
// letters.
var unitForms = map[Unit]*regexp.Regexp{
	Celsius: regexp.MustCompile(`[°?*¡\x{fffd}] ?c\b|\bdegrees? ?c|\bdeg\.? ?c\b|celsius|centigrade|[(\[]c[)\]]|[_,;:/ ]c$|^c$|摄氏`),
	Fahrenheit: regexp.MustCompile(`[°?*¡\x{fffd}] ?f\b|f ?°|\bf deg|\bdegrees? ?f|(?:\b|_)deg\.? ?f\b|` +
		`fahrenheit|fahr\b\.?|_fahr|[(\[]f[)\]]|[_,;:/ -]f\.?$|^f$|华氏|` +
		`temp(?:erature)?f\b|(?:温度|溫度) ?f\b`),
	Kelvin: regexp.MustCompile(`kelvin|[(\[]k[)\]]|[_,;:/ -]k\.?$|^k$|° ?k\b|开尔文|temp(?:erature)?k\b`),
}

// otherUnits are units of temperature that are not read.
var otherUnits = regexp.MustCompile(`[°?*¡\x{fffd}] ?r(?:é|e)?\b|rankine|r[ée]aumur|°? ?delisle`)

// unitsIn are the units that a text names.
func unitsIn(s string) []Unit {
	s = strings.ToLower(plain(s))
	var found []Unit
	for _, u := range []Unit{Celsius, Fahrenheit, Kelvin} {
		if unitForms[u].MatchString(s) {
			found = append(found, u)
		}
	}
	return found
}

// cellUnit takes a unit from the end of a cell.
var cellUnit = regexp.MustCompile(`(?i)^(.*?\d.*?) ?(?:[°?*\x{fffd}] ?|deg\.? ?|degrees? )?(c|f|k|celsius|fahrenheit|kelvin)$`)

// splitUnit parts a cell, already plain, from its unit; "" when it names none.
func splitUnit(cell string) (string, Unit) {
	if n := len(cell); n == 0 || cell[n-1] >= '0' && cell[n-1] <= '9' {
		return cell, ""
	}
	m := cellUnit.FindStringSubmatch(cell)
	if m == nil {
		return cell, ""
	}
	return strings.TrimSpace(m[1]), Unit(strings.ToLower(m[2][:1]))
}

// unitLine is a line before the header that names the unit and nothing else.
var unitLine = regexp.MustCompile(`(?i)(\bunits?\b|einheit|unité|unidad|unità|单位|單位|温标)`)

// unitRest is what stands behind the key of such a line.
var unitWords = regexp.MustCompile(`(?i)^\W*(°? ?[cfk]|celsius|fahrenheit|kelvin|deg\.? ?[cfk]|degrees? [cf]\w*|摄氏度?|华氏度?)\W*$`)

// unitOfLine is the unit that such a line names.
func unitOfLine(cells []string) (Unit, bool) {
	if len(cells) == 1 {
		cells = strings.FieldsFunc(cells[0], func(r rune) bool { return r == ':' || r == '=' })
	}
	for i, c := range cells {
		if !unitLine.MatchString(c) {
			continue
		}
		for _, v := range cells[i+1:] {
			if v = plain(v); unitWords.MatchString(v) {
				switch low := strings.ToLower(v); {
				case strings.Contains(low, "华氏"), strings.Contains(low, "fahr"):
					return Fahrenheit, true
				case strings.Contains(low, "摄氏"), strings.Contains(low, "cels"):
					return Celsius, true
				case strings.Contains(low, "kelvin"):
					return Kelvin, true
				default:
					low = strings.TrimRight(low, " .)]")
					return Unit(low[len(low)-1:]), true
				}
			}
		}
	}
	return "", false
}

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
	mentioned, spoken := map[Unit]bool{}, map[Unit]bool{}
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
			mentioned[u], spoken[u] = true, true
		}
	}
	for i := range p.head.columns {
		c := &p.head.columns[i]
		if c.As != Temp && c.As != Ambient {
			continue
		}
		us := unitsIn(c.Name)
		switch {
		case otherUnits.MatchString(strings.ToLower(plain(c.Name))):
			return fmt.Errorf("%w: column %q names one that is not read", ErrUnit, clip(c.Name))
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
	return p.assumeUnits(mentioned, spoken)
}

// assumeUnits gives a unit to the columns for which nothing names one.
func (p *reader) assumeUnits(mentioned, spoken map[Unit]bool) error {
	for i := range p.head.columns {
		c := &p.head.columns[i]
		if c.As != Temp && c.As != Ambient || c.Unit != "" {
			continue
		}
		switch others := mentioned[Fahrenheit] || mentioned[Kelvin]; {
		case p.options.Unit != "":
			c.Unit, c.From = p.options.Unit, "told"
		case spoken[Fahrenheit] || spoken[Kelvin]:
			return fmt.Errorf("%w: column %q names none, and a line before speaks of another than °C (say -unit c, f or k)", ErrUnit, clip(c.Name))
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
