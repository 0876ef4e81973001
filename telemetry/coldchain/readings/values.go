package readings

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"hemolift/telemetry/coldchain"
)

// value is what a cell of a temperature says: a temperature, that it lies beyond the
// probe's span on a side, or nothing that can be read.
type value struct {
	mC     int32 // milli-°C
	ok     bool
	beyond coldchain.Side // "" for none
	why    string         // where ok is false
}

// Temperatures beyond these are no measurement of anything that carries blood.
const coldestC, hottestC = -273.15, 300

var (
	number = regexp.MustCompile(`^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$`)
	// Words of loggers for a temperature beyond the span; whole cells, in small letters.
	aboveSpan = regexp.MustCompile(
		`^(\+?hi+|h+|high|hot|over( ?range| ?flow| ?load)?|\+?o\.?l\.?|ofl?|ovr|ovf|above.*|>+|\++|↑+|` +
			`\+?inf(inity)?|\+?∞|max|高+|超上限|超出上限|过高|高温|超量程|上限)$`)
	belowSpan = regexp.MustCompile(
		`^(lo+|l+|low|cold|under( ?range| ?flow)?|-o\.?l\.?|u\.?l\.?|ufl?|udr|below.*|<+|↓+|-inf(inity)?|-∞|min|低+|超下限|超出下限|过低|低温|下限)$`)
	aboveMark = regexp.MustCompile(`^(>|>=|≥|＞|over|above|高于|大于) ?([-+]?\d[\d.,]*)$`)
	belowMark = regexp.MustCompile(`^(<|<=|≤|＜|under|below|低于|小于) ?([-+]?\d[\d.,]*)$`)
)

// valueOf reads a cell in the unit of its column.
func valueOf(cell string, column Unit) value {
	said := plain(cell)
	cell = strings.ToLower(bareOf(said))
	bare, own := splitUnit(cell)
	if x, ok := numberOf(bare); ok {
		switch {
		case own == "":
			own = column
		case own != column && column != "":
			return value{why: fmt.Sprintf("%q is in another unit than its column", clip(said))}
		}
		c := own.celsius(x)
		if !(c >= coldestC && c <= hottestC) {
			return value{why: fmt.Sprintf("%q is no temperature that can be", clip(said))}
		}
		return value{mC: int32(math.Round(1000 * c)), ok: true}
	}
	switch {
	case aboveSpan.MatchString(cell), aboveMark.MatchString(bare):
		return value{beyond: coldchain.High, why: fmt.Sprintf("%q says that the probe's span was passed upwards", clip(said))}
	case belowSpan.MatchString(cell), belowMark.MatchString(bare):
		return value{beyond: coldchain.Low, why: fmt.Sprintf("%q says that the probe's span was passed downwards", clip(said))}
	case cell == "":
		return value{why: "the temperature is empty"}
	}
	return value{why: fmt.Sprintf("%q is no temperature", clip(said))}
}

// asText is how spreadsheets keep a number as text.
var asText = regexp.MustCompile(`^(?:="(.*)"|'(.*))$`)

// bareOf is a cell without what a spreadsheet puts around it, and without a lone degree sign.
func bareOf(cell string) string {
	if m := asText.FindStringSubmatch(cell); m != nil {
		cell = m[1] + m[2]
	}
	return strings.TrimRight(strings.TrimSuffix(cell, "°"), " ")
}

// numberOf reads a number with a decimal point or comma, and with marks between thousands.
func numberOf(s string) (float64, bool) {
	s = strings.ToLower(s)
	if strings.HasPrefix(s, "- ") || strings.HasPrefix(s, "+ ") {
		s = s[:1] + s[2:]
	}
	if strings.ContainsAny(s, " '’") {
		if !grouped.MatchString(s) {
			return 0, false
		}
		s = strings.NewReplacer(" ", "", "'", "", "’", "").Replace(s)
	}
	switch point, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ','); {
	case point >= 0 && comma >= 0: // the last one is the decimal mark
		thousands, decimal := ",", "."
		if comma > point {
			thousands, decimal = ".", ","
		}
		if strings.Count(s, decimal) > 1 {
			return 0, false
		}
		s = strings.Replace(strings.ReplaceAll(s, thousands, ""), decimal, ".", 1)
	case strings.Count(s, ",") == 1:
		s = strings.Replace(s, ",", ".", 1)
	case strings.Count(s, ",") > 1:
		if !grouped.MatchString(s) {
			return 0, false
		}
		s = strings.ReplaceAll(s, ",", "")
	}
	if !number.MatchString(s) {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}

// grouped is a number with marks between its thousands.
var grouped = regexp.MustCompile(`^[-+]?\d{1,3}([ '’,]\d{3})+([.,]\d+)?$`)

// clip keeps what is quoted in a message short.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
