package readings

import (
	"regexp"
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
	Celsius:    regexp.MustCompile(`[°?*\x{fffd}] ?c\b|\bdegrees? ?c|\bdeg\.? ?c\b|celsius|centigrade|[(\[]c[)\]]|[_,;:/ ]c$|^c$|摄氏`),
	Fahrenheit: regexp.MustCompile(`[°?*\x{fffd}] ?f\b|\bdegrees? ?f|\bdeg\.? ?f\b|fahrenheit|[(\[]f[)\]]|[_,;:/ ]f$|^f$|华氏`),
	Kelvin:     regexp.MustCompile(`kelvin|[(\[]k[)\]]|[_,;:/ ]k$|^k$|° ?k\b|开尔文`),
}

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
