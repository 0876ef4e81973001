package readings

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Meaning is what a column holds.
type Meaning string

const (
	Time    Meaning = "time"    // with the date, or without when there is a Date
	Date    Meaning = "date"    // where the time stands in another column
	Temp    Meaning = "temp"    // a probe of the box
	Probe2  Meaning = "probe2"  // a further probe
	Ambient Meaning = "ambient" // the air outside the box
	Lid     Meaning = "lid"     // 1 when it is open
	BoxName Meaning = "box"
	Event   Meaning = "event" // what the logger did: such a row need not measure
	Nothing Meaning = ""      // that we use
)

// Meanings are what a caller may say of a column.
var Meanings = []Meaning{Time, Date, Temp, Probe2, Ambient, Lid, BoxName}

// Column is a column of a file and what it was taken for.
type Column struct {
	Index int    // from 0
	Name  string // as the file has it
	As    Meaning
	Unit  Unit   // of a temperature
	From  string // where its unit stands: in the name, the cells, the lines before, as told, or assumed
	same  int    // the index of the same probe in another unit; -1
}

// Names of columns, after plain and in small letters. What is no probe comes first: most
// such names hold "temp" or a unit as well.
var (
	noProbe = regexp.MustCompile(`dew|taupunkt|rosée|rocío|露点|露點|humid|\brh\b|%|feucht|hygro|湿度|濕度|heat ?index|体感|體感|wet ?bulb|` +
		`set ?-?point|soll|设定|設定|consigne|alarm|alert|limit|grenz|threshold|上限|下限|报警|報警|\bmin\b|\bmax\b|minimum|maximum|\bavg\b|average|` +
		`\bmean\b|mittel|mkt|最大|最小|最高|最低|平均|elapsed|duration|serial|s/n|序列|^no\b|^nr\b|^#|^number|序号|序號|编号|編號|^id\b|\bid$|index|battery|` +
		`volt|电池|電池|pressure|hpa|lux|co2|status|state|状态|狀態|flag|\brate\b|slope|offset|uncertain|error|rssi|signal|` +
		`\bstart|\bstop|interval|delay|\bunits?$|std|deviation`)
	// noTemp are words that stand in names of what is no probe, and of probes.
	noTemp   = regexp.MustCompile(`record|light|\bend\b|unit|correct|time|date`)
	tempName = regexp.MustCompile(`temp|probe|sensor|sonde|fühler|celsius|fahrenheit|kelvin|温度|溫度|探头|探頭|通道|\bchannel ?\d*|\bch ?\d+|^t ?\d*\b`)
	weakName = regexp.MustCompile(`^(reading|value|measure\w*|messwert|wert|valeur|valor|数值|數值|测量值)s?$`)
	airName  = regexp.MustCompile(`ambient|ambiant|outside|outdoor|\broom\b|umgebung|außen|ambiente|环境|環境|室温|室溫|外部温度|\bair\b`)
	dateName = regexp.MustCompile(`^(date|datum|日期|fecha|data|day|记录日期|测量日期)\b`)
	timeName = regexp.MustCompile(`time|date|uhrzeit|zeit|datum|heure|hora|时间|時間|日期|时刻|fecha|epoch|unix|yyyy|hh:mm|` +
		`(?:created|recorded|measured|observed|sampled)[_ ]at\b|\bdata\b|\bora\b`)
	noTime = regexp.MustCompile(`time ?zone|\bstart|\bstop|\bend\b|first|last|interval|delay|duration|since|temp|received|upload|server|` +
		`calibrat|download|export|expir|manufact|production|sync|alarm|alert|print|校准|校準|导出|導出|报警|報警|警报|有效|失效|生产|出厂|下载|打印|同步|开始|结束`)
	spanName = regexp.MustCompile(`elapsed|^time_m?s$|^time ?[(\[]? ?(s|secs?|seconds|ms|min|minutes|h|hours)[)\]]?$|` +
		`\brel(ative)?\b|time_(min|h)$|已用|经过`)
	lidName = regexp.MustCompile(`^(lid|door|lid ?open|door ?open|盖|开盖)\b`)
	boxName = regexp.MustCompile(`^(box|logger|device)[ _]?(id|name|no\.?|number)?$`)
	event   = regexp.MustCompile(`connected|stopped|end of file|button|coupler|logged|^events?$|started|事件|(bad|good) battery|marker`)
	aside   = regexp.MustCompile(`\((?:[^()]*\b(?:lgr|sen|lbl|s/n|sn)\b[^()]*)\)`) // a serial number beside a name
)

// meaningOf is what a column's name says.
func meaningOf(name string) (m Meaning, weak bool) {
	n := strings.ToLower(plain(name))
	if n = strings.TrimSpace(aside.ReplaceAllString(n, "")); len(n) > 1 {
		n = strings.Trim(n, "# ")
	}
	unit := len(unitsIn(n)) > 0
	switch {
	case n == "":
		return Nothing, false
	case event.MatchString(n) && !unit:
		return Event, false
	case lidName.MatchString(n):
		return Lid, false
	case boxName.MatchString(n):
		return BoxName, false
	case spanName.MatchString(n):
		return Time, true
	case timeName.MatchString(n) && !noTime.MatchString(n) && !unit:
		if dateName.MatchString(n) && !strings.Contains(strings.TrimPrefix(n, "date"), "time") && !strings.Contains(n, "时间") {
			return Date, false
		}
		return Time, false
	case noProbe.MatchString(strings.ReplaceAll(n, "s/n", "serial")), noTemp.MatchString(n) && !unit:
		return Nothing, false
	case airName.MatchString(n) && (unit || tempName.MatchString(n) || airName.FindString(n) == n):
		return Ambient, false
	case tempName.MatchString(n) || unit:
		return Temp, false
	case weakName.MatchString(n):
		return Temp, true
	}
	return Nothing, false
}

// columnsOf tells the columns of a header, and whether it is one: it has times and probes.
func columnsOf(cells []string) ([]Column, bool) {
	var all []Column
	has := map[Meaning]bool{}
	for i, name := range cells {
		if looksMeasured(name) {
			return nil, false
		}
		m, weak := meaningOf(name)
		c := Column{Index: i, Name: strings.TrimSpace(name), As: m, same: -1}
		if weak {
			c.From = weakly
		}
		all = append(all, c)
		has[m] = has[m] || !weak
	}
	settleTimes(all, has)
	for i := range all { // a weak name counts where no better one is
		if all[i].As == Temp && all[i].From == weakly && has[Temp] {
			all[i].As = Nothing
		}
		all[i].From = ""
	}
	return all, count(all, Time) == 1 && count(all, Temp) > 0
}

const weakly = "weakly"

// settleTimes leaves one column of times, with a date at most: a stated instant before a
// span since the start, the first of several.
func settleTimes(all []Column, has map[Meaning]bool) {
	first := map[Meaning]bool{}
	for i, c := range all {
		switch {
		case c.As == Time && c.From == weakly && (has[Time] || has[Date]):
			all[i].As = Nothing
		case c.As == Time || c.As == Date:
			if first[c.As] {
				all[i].As = Nothing
			}
			first[c.As] = true
		}
	}
	if !first[Time] && first[Date] { // a lone date holds the time too, or the rows say that it does not
		for i := range all {
			if all[i].As == Date {
				all[i].As = Time
			}
		}
	}
}

func count(all []Column, m Meaning) (n int) {
	for _, c := range all {
		if c.As == m {
			n++
		}
	}
	return n
}

var measured = regexp.MustCompile(`^[-+]?\d[\d.,:/\- ]*([TtZz][\d:.]*)?$`)

// looksMeasured reports whether a cell is a value and so no name.
func looksMeasured(cell string) bool { return measured.MatchString(strings.TrimSpace(cell)) }

// told puts what a caller said of columns, by their names or numbers from 1, in the place
// of what was found. What is not named for a meaning that the caller used is not used.
func told(all []Column, by map[Meaning]string) ([]Column, error) {
	if len(by) == 0 {
		return all, nil
	}
	if by[Temp] != "" || by[Probe2] != "" {
		for i := range all {
			if all[i].As == Temp {
				all[i].As = Nothing
			}
		}
	}
	for _, m := range Meanings {
		name := by[m]
		if name == "" {
			continue
		}
		at := slices.IndexFunc(all, func(c Column) bool { return strings.EqualFold(plain(c.Name), plain(name)) })
		if n, err := strconv.Atoi(name); at < 0 && err == nil && n >= 1 && n <= len(all) {
			at = n - 1
		}
		if at < 0 {
			return nil, fmt.Errorf("%w %q, which is to be the column %s", ErrNoColumn, name, m)
		}
		for i := range all {
			if all[i].As == m || (m == Time || m == Date) && by[Time] != "" && by[Date] == "" && all[i].As == Date {
				all[i].As = Nothing
			}
		}
		if all[at].As = m; m == Probe2 {
			all[at].As = Temp
		}
	}
	return all, nil
}

// twins joins columns that are one probe in two units: what is in °C is read, the other
// where that cannot be.
func twins(all []Column) {
	base := func(c Column) string {
		n := strings.ToLower(plain(c.Name))
		for _, f := range unitForms {
			n = f.ReplaceAllString(n, " ")
		}
		return strings.Join(strings.FieldsFunc(n, func(r rune) bool { return !letterOrDigit(r) }), " ")
	}
	for i := range all {
		for k := range all[:i] {
			a, b := &all[k], &all[i]
			inTwo := a.Unit != b.Unit && a.Unit != "" && b.Unit != ""
			if inTwo && a.As == b.As && (a.As == Temp || a.As == Ambient) && a.same < 0 && base(*a) == base(*b) {
				if b.Unit == Celsius {
					a, b = b, a
				}
				a.same, b.As = b.Index, Nothing
			}
		}
	}
}

func letterOrDigit(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 0x7f && r != '°'
}
