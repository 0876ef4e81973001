package readings

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"hemolift/telemetry/coldchain"
)

var (
	start    = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	shanghai = time.FixedZone("UTC+8", 8*3600)
)

var builtIn = sync.OnceValues(coldchain.Profiles)

func redCells(t testing.TB) (coldchain.Profile, map[coldchain.ProfileID]coldchain.Profile) {
	t.Helper()
	set, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	return set["hemolift-rbc-2-10"], set
}

// read reads what must be read.
func read(t testing.TB, text string, o Options) Table {
	t.Helper()
	table, err := Read(strings.NewReader(text), o)
	if err != nil {
		t.Fatalf("%v, of %q", err, text[:min(len(text), 300)])
	}
	return table
}

func adviceOf(t testing.TB, table Table) coldchain.Advice {
	t.Helper()
	p, set := redCells(t)
	v, _ := coldchain.JudgeUnit(p, set, coldchain.Life{}, coldchain.PassageOf(p, table.Readings, table.Lost))
	return v.Advice
}

// temps are the readings' temperatures in milli-°C.
func temps(table Table) (out []int32) {
	for _, r := range table.Readings {
		out = append(out, r.TempMC)
	}
	return out
}

// steadily is a table of n rows a minute apart, by a form of times and of temperatures.
func steadily(n int, layout, head, row string, value func(i int) string) string {
	var b strings.Builder
	b.WriteString(head + "\n")
	for i := range n {
		fmt.Fprintf(&b, row+"\n", start.Add(time.Duration(i)*time.Minute).In(shanghai).Format(layout), value(i))
	}
	return b.String()
}

// One and the same record in every encoding, separator, date form and unit is read alike.
func TestOneRecordInManyForms(t *testing.T) {
	const n = 30
	mc := func(i int) int32 { return int32(4000 + 10*i) }
	want := make([]int32, n)
	for i := range want {
		want[i] = mc(i)
	}
	c := func(i int) string { return fmt.Sprintf("%.2f", float64(mc(i))/1000) }
	comma := func(i int) string { return strings.Replace(c(i), ".", ",", 1) }
	f := func(i int) string { return fmt.Sprintf("%.3f", float64(mc(i))/1000*1.8+32) }
	k := func(i int) string { return fmt.Sprintf("%.2f", float64(mc(i))/1000+273.15) }
	iso, zone := "2006-01-02 15:04:05", Options{Zone: shanghai}
	enc := func(s string, to interface{ String(string) (string, error) }) string {
		out, err := to.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	latin, gb := charmap.Windows1252.NewEncoder(), simplifiedchinese.GB18030.NewEncoder()
	plainText := steadily(n, iso, "Time,Temp (°C)", "%s,%s", c)
	tests := []struct {
		name, text string
		o          Options
	}{
		{"plain", plainText, zone},
		{"UTF-8 with mark", "\ufeff" + plainText, zone},
		{"UTF-16 LE", enc(plainText, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()), zone},
		{"UTF-16 BE", enc(plainText, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder()), zone},
		{"UTF-16 without mark", enc(plainText, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder()), zone},
		{"Windows-1252", enc(plainText, latin), zone},
		{"GB18030", enc(steadily(n, iso, "时间,温度(℃)", "%s,%s", c), gb), zone},
		{"Chinese date", steadily(n, "2006年01月02日 15时04分05秒", "测量时间,温度（℃）", "%s,%s", c), zone},
		{"Chinese noon", steadily(n, "2006/1/2 上午 3:04:05", "记录时间,通道1温度(℃)", "%s,%s", c), zone},
		{"CRLF", strings.ReplaceAll(plainText, "\n", "\r\n"), zone},
		{"CR", strings.ReplaceAll(plainText, "\n", "\r"), zone},
		{"CR CR LF", strings.ReplaceAll(plainText, "\n", "\r\r\n"), zone},
		{"no last end", strings.TrimSuffix(plainText, "\n"), zone},
		{"semicolons, decimal comma", steadily(n, iso, "Zeit;Temperatur °C", "%s;%s", comma), zone},
		{"tabs, decimal comma", steadily(n, "02.01.2006 15:04:05", "Datum/Zeit\tTemperatur [°C]", "%s\t%s", comma), zone},
		{"commas, quoted decimal comma", steadily(n, iso, "Time,Temp (°C)", `%s,"%s"`, comma), zone},
		{"quoted newline in a name", steadily(n, iso, "Time,\"Temp\n(°C)\"", "%s,%s", c), zone},
		{"day first", steadily(n, "02/01/2006 15:04", "Date/Time,Temp (°C)", "%s,%s", c), zone},
		{"month first, noon", steadily(n, "01/02/2006 03:04:05 PM", "Date/Time,Temp (°C)", "%s,%s", c), zone},
		{"month by name", steadily(n, "02-Jan-2006 15:04:05", "Date/Time,Temp (°C)", "%s,%s", c), zone},
		{"no marks", steadily(n, "20060102150405", "Time,Temp (°C)", "%s,%s", c), zone},
		{"two columns", steadily(n, "2006/01/02,15:04:05", "Date,Time,Temp (°C)", "%s,%s", c), zone},
		{"offset in the cell", steadily(n, "2006-01-02T15:04:05-0700", "Time,Temp (°C)", "%s,%s", c), Options{}},
		{"offset in the header", steadily(n, iso, `"Date Time, GMT+08:00",Temp (°C)`, "%s,%s", c), Options{}},
		{"offset before", "Time zone: UTC+8\n" + plainText, Options{}},
		{"zone before", "Time zone,Asia/Shanghai\n" + plainText, Options{}},
		{"Fahrenheit", steadily(n, iso, "Time,Temp (°F)", "%s,%s", f), zone},
		{"Fahrenheit in one sign", steadily(n, iso, "Time,Temp ℉", "%s,%s", f), zone},
		{"Fahrenheit, other sign", steadily(n, iso, "Time,Temp ºF", "%s,%s", f), zone},
		{"Fahrenheit, deg", steadily(n, iso, "Time,Temp (deg F)", "%s,%s", f), zone},
		{"Fahrenheit, plain", steadily(n, iso, "Time,Temp F", "%s,%s", f), zone},
		{"Fahrenheit, Windows-1252", enc(steadily(n, iso, "Time,Temp °F", "%s,%s", f), latin), zone},
		{"Fahrenheit twice encoded", steadily(n, iso, "Time,Temp Â°F", "%s,%s", f), zone},
		{"Fahrenheit, lost sign", steadily(n, iso, "Time,Temp (?F)", "%s,%s", f), zone},
		{"Fahrenheit in cells", steadily(n, iso, "Time,Temp", "%s,%s°F", f), zone},
		{"Fahrenheit before", "Temperature Unit:,F\n" + steadily(n, iso, "Time,Temp", "%s,%s", f), zone},
		{"Fahrenheit by a line of units", steadily(n, iso, "Time,Temp\n,°F", "%s,%s", f), zone},
		{"Fahrenheit told", steadily(n, iso, "Time,Temp", "%s,%s", f), Options{Zone: shanghai, Unit: Fahrenheit}},
		{"Kelvin", steadily(n, iso, "Time,Temp (K)", "%s,%s", k), zone},
		{"full width", steadily(n, iso, "Time,Temp (°C)", "%s,%s", func(i int) string {
			return strings.NewReplacer("0", "０", "1", "１", "2", "２", "4", "４", ".", "．").Replace(c(i))
		}), zone},
		{"spreadsheet's days", steadily(n, "", "Date,Temp (°C)", "%s%s", func(i int) string {
			return fmt.Sprintf("%.6f,%s", start.Add(8*time.Hour+time.Duration(i)*time.Minute).Sub(excelEpoch).Hours()/24, c(i))
		}), zone},
		{"epoch", steadily(n, "", "timestamp,Temp (°C)", "%s%s", func(i int) string { return fmt.Sprintf("%d,%s", start.Unix()+int64(60*i), c(i)) }), Options{}},
		{"epoch, ms", steadily(n, "", "timestamp,Temp (°C)", "%s%s", func(i int) string { return fmt.Sprintf("%d,%s", start.UnixMilli()+int64(60_000*i), c(i)) }), Options{}},
		{"epoch, thousands", steadily(n, "", "timestamp;Temp (°C)", "%s%s", func(i int) string {
			s := fmt.Sprint(start.Unix() + int64(60*i))
			return s[:1] + "," + s[1:4] + "," + s[4:7] + "," + s[7:] + ";" + c(i)
		}), Options{}},
		{"newest first", backwards(plainText), zone},
		{"told columns", steadily(n, iso, "A,B,C", "%s,17,%s", c), Options{Zone: shanghai, Columns: map[Meaning]string{Time: "a", Temp: "C"}}},
		{"numbered columns", strings.SplitN(plainText, "\n", 2)[1], Options{Zone: shanghai, Columns: map[Meaning]string{Time: "1", Temp: "2"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, tt.text, tt.o)
			if !reflect.DeepEqual(temps(got), want) || got.Lines.Read != n || got.Lines.Lost != 0 || len(got.Lost) != 0 {
				t.Fatalf("%+v: %v", got.Lines, temps(got))
			}
			for i, r := range got.Readings {
				if at := start.Add(time.Duration(i) * time.Minute); r.At.Sub(at).Abs() > time.Second {
					t.Fatalf("reading %d at %s, not %s", i, r.At, at)
				}
			}
		})
	}
}

// backwards turns the lines behind the header round.
func backwards(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, j := 1, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return strings.Join(lines, "\n") + "\n"
}

// A record of red cells: in range, but for what warm says.
func trace(n int, warm func(i int) bool) []string {
	rows := []string{"time,temp_c,probe 2 (°C),ambient_c"}
	for i := range n {
		c := 5.2
		if warm(i) {
			c = 11.5
		}
		rows = append(rows, fmt.Sprintf("%s,%.1f,%.1f,21.0", start.Add(time.Duration(i)*15*time.Second).Format(time.RFC3339), c, c+0.1))
	}
	return rows
}

var garbage = []string{
	"garbage", "???", "2026-11-", ",,,", "\xff\xfe\x00", "\"", `","`, strings.Repeat("9", 200), "<html>", "=1+1", "NC,NC,NC,NC", "2026-11-20T02:00:00Z", "\ufffd\ufffd", "0",
}

// Any one line that is made unreadable gives a verdict at least as bad, or quarantine where
// it stood beside a reading out of range or at the end, and is told.
func TestNoLineThatIsLostFlatters(t *testing.T) {
	for name, warm := range map[string]func(int) bool{
		"in range": func(int) bool { return false }, "warm in the middle": func(i int) bool { return i > 20 && i < 30 },
		"warm at the end": func(i int) bool { return i > 50 }, "warm at the start": func(i int) bool { return i < 10 },
		"frozen": func(int) bool { return false },
	} {
		rows := trace(60, warm)
		if name == "frozen" {
			for i := range rows[1:] {
				rows[i+1] = strings.Replace(rows[i+1], ",5.2,", ",-9.0,", 1)
			}
		}
		before := adviceOf(t, read(t, strings.Join(rows, "\n")+"\n", Options{}))
		for i := 1; i < len(rows); i++ {
			for _, g := range garbage {
				broken := append([]string{}, rows...)
				broken[i] = g
				got, err := Read(strings.NewReader(strings.Join(broken, "\n")+"\n"), Options{})
				if err != nil {
					t.Fatalf("%s, line %d as %q: %v", name, i+1, g, err)
				}
				advice := adviceOf(t, got)
				must := i == len(rows)-1 || i > 1 && warm(i-2) || i < len(rows)-1 && warm(i)
				if got.Lines.Lost == 0 && got.Lines.LostCells == 0 || before.Graver(advice) && !must || must && coldchain.Quarantine.Graver(advice) && g != ",,," {
					t.Fatalf("%s, line %d as %q: %s, before %s; %+v", name, i+1, g, advice, before, got.Lines)
				}
			}
		}
	}
}

// Any one cell that is made unreadable is told and loses nothing else.
func TestACellThatIsLostLosesItself(t *testing.T) {
	rows := trace(40, func(i int) bool { return i > 20 && i < 30 })
	whole := read(t, strings.Join(rows, "\n")+"\n", Options{})
	for i := 1; i < len(rows); i++ {
		for c := 1; c < 4; c++ {
			for _, g := range []string{"---", "NC", "ERR", "OPEN", "?", "#N/A", "n/a", "##", "5..2", "1e999", "0x5"} {
				broken := append([]string{}, rows...)
				cells := strings.Split(broken[i], ",")
				cells[c] = g
				broken[i] = strings.Join(cells, ",")
				got := read(t, strings.Join(broken, "\n")+"\n", Options{})
				if len(got.Readings) != len(whole.Readings) || got.Lines.LostCells != 1 || got.Lines.Lost != 0 || adviceOf(t, got) != adviceOf(t, whole) {
					t.Fatalf("line %d, cell %d as %q: %+v, %s", i+1, c, g, got.Lines, adviceOf(t, got))
				}
			}
		}
	}
}

// Cut at any byte, a file says no reading that the whole one does not say.
func TestACutFileSaysNothingElse(t *testing.T) {
	text := strings.Join(trace(12, func(i int) bool { return i > 5 }), "\n") + "\n"
	whole := map[coldchain.Reading]bool{}
	for _, r := range read(t, text, Options{}).Readings {
		whole[r] = true
	}
	for cut := range text {
		part, err := Read(strings.NewReader(text[:cut]), Options{})
		if err != nil {
			continue
		}
		for _, r := range part.Readings {
			if !whole[r] {
				t.Fatalf("cut at %d: %+v", cut, r)
			}
		}
	}
	short := "time,temp_c\n2026-11-20T02:00:00Z,5.5\n2026-11-20T02:01:00Z,12.5\n2026-11-20T02:02:00Z,12.5\n"
	for cut := len(short) - 5; cut < len(short)-1; cut++ {
		if got, err := Read(strings.NewReader(short[:cut]), Options{}); err == nil && adviceOf(t, got) != coldchain.Quarantine && cut < len(short)-1 {
			t.Errorf("%q: %s", short[:cut], adviceOf(t, got))
		}
	}
}

// Words for what could not be measured, in the middle, for long and at the end.
func TestWordsInThePlaceOfTemperatures(t *testing.T) {
	with := func(word string, from, to int) string {
		rows := []string{"time,temp (°C)"}
		for i := range 240 {
			v := "5.2"
			if i >= from && i < to {
				v = word
			}
			rows = append(rows, start.Add(time.Duration(i)*time.Minute).Format(time.RFC3339)+","+v)
		}
		return strings.Join(rows, "\n") + "\n"
	}
	for _, word := range []string{"NC", "N/C", "---", "", "ERR", "Err", "OPEN", "NaN", "null", "#N/A", "断线", "n.a.", "-", "*", "no probe", "999.9", "-300"} {
		for name, at := range map[string][2]int{"for an hour": {60, 120}, "at the end": {239, 240}, "for the last hour": {180, 240}} {
			got := read(t, with(word, at[0], at[1]), Options{})
			if a := adviceOf(t, got); a != coldchain.Quarantine || got.Lines.Lost != at[1]-at[0] {
				t.Errorf("%q %s: %s, %+v", word, name, a, got.Lines)
			}
		}
		if got := read(t, with(word, 60, 61), Options{}); adviceOf(t, got) != coldchain.Usable || got.Lines.Lost != 1 {
			t.Errorf("%q once: %s", word, adviceOf(t, got))
		}
		if _, err := Read(strings.NewReader(with(word, 0, 240)), Options{}); !errors.Is(err, ErrNoReading) {
			t.Errorf("%q only: %v", word, err)
		}
	}
	for side, words := range map[coldchain.Side][]string{
		coldchain.High: {"HI", "Hi", "HIGH", "OL", "+OL", "O.L.", ">70", "> 70.0", ">70 °C", "≥70", "over range", "OVER", "+Inf", "高", "超上限"},
		coldchain.Low:  {"LO", "Low", "-OL", "<-40", "< -40.0 °C", "≤-40", "under range", "UNDER", "-Inf", "低", "超下限"},
	} {
		for _, word := range words {
			got := read(t, with(word, 60, 61), Options{})
			if adviceOf(t, got) != coldchain.Quarantine || len(got.Lost) != 1 || got.Lost[0].Beyond != side {
				t.Errorf("%q: %s, %+v", word, adviceOf(t, got), got.Lost)
			}
		}
	}
}

// What names of columns mean.
func TestWhatColumnsMean(t *testing.T) {
	for _, tt := range []struct {
		header string
		temps  int
		air    bool
	}{
		{"Time,Celsius(°C),Humidity(%rh),Dew Point(°C),Serial Number", 1, false},
		{"Time,Temperature °C,Heat Index °C,Set point °C", 1, false},
		{"No.,Time,Temperature(°C),High Alarm(°C),Low Alarm(°C)", 1, false},
		{"Time,Min Temp (°C),Max Temp (°C),Average Temp (°C),Temp (°C)", 1, false},
		{"Time,Elapsed Time,Temp 1 (°C),Temp 2 (°C)", 2, false},
		{"Time,Temp (°C),Ambient temp (°C)", 1, true},
		{"序号,时间,温度(℃),湿度(%RH)", 1, false},
		{"时间,探头1温度(℃),探头2温度(℃),环境温度(℃)", 2, true},
		{`#,"Date Time, GMT+08:00","Temp, °C (LGR S/N: 10274341, SEN S/N: 10274341)",Host Connected,Stopped,End Of File`, 1, false},
		{"Timestamp,Celsius(°C),Fahrenheit(°F)", 1, false},
		{"Time,Temperature (°C),Temperature (°F)", 1, false},
		{"Time,CH1 (°C),CH2 (%RH)", 1, false},
		{"Time,Value,Battery voltage", 1, false},
		{"Datum,Uhrzeit,Fühler 1 [°C],Taupunkt [°C]", 1, false},
		{"Time,Wet bulb (°C),Temp (°C),Temperature alarm status", 1, false},
		{"Time,Temp (°C),Mean kinetic temperature (°C)", 1, false},
	} {
		cells, err := row{text: tt.header}.cells(',')
		if err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			switch low := strings.ToLower(c); {
			case strings.Contains(low, "date time"), low == "time", low == "timestamp", c == "时间":
				line[i] = "2026-11-20 10:00:00"
			case low == "datum":
				line[i] = "20.11.2026"
			case low == "uhrzeit":
				line[i] = "10:00:00"
			case strings.Contains(low, "°f"):
				line[i] = "41.36"
			default:
				line[i] = "5.2"
			}
		}
		got := read(t, tt.header+"\n"+strings.Join(line, ",")+"\n", Options{Zone: time.UTC})
		n, air := 0, false
		for _, c := range got.Lines.Columns {
			if c.As == Temp {
				n++
			}
			air = air || c.As == Ambient
		}
		if n != tt.temps || air != tt.air || got.Readings[0].TempMC != 5200 {
			t.Errorf("%s: %+v", tt.header, got.Lines)
		}
	}
}

// What cannot be told is refused, and the refusal says what would tell it.
func TestWhatIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name, text, says string
		o                Options
	}{
		{"empty", "", "empty", Options{}},
		{"no header", "a,b\n1,2\n", "names a column", Options{}},
		{"header alone", "time,temp_c\n", "none behind the header", Options{}},
		{"no zone", "time,temp_c\n2026-11-20 10:00:00,5\n", "-zone", Options{}},
		{"day or month", "time,temp_c\n03/04/2026 10:00,5\n03/04/2026 10:01,5\n", "-dates", Options{Zone: time.UTC}},
		{"numbers of nothing", "time,temp_c\n1,5\n2,5\n", "time_s", Options{}},
		{"two units in a name", "time,temp °C/°F\n2026-11-20T10:00:00Z,5\n", "names two", Options{}},
		{"unit told otherwise", "time,temp °C\n2026-11-20T10:00:00Z,5\n", "was told", Options{Unit: Fahrenheit}},
		{"units spoken of", "alarm 8 °C or 46 °F\ntime,temp\n2026-11-20T10:00:00Z,5\n", "-unit", Options{}},
		{"another box", "Box: BX-026\ntime,temp_c\n2026-11-20T10:00:00Z,5\n", "BX-026", Options{Box: "BX-025"}},
		{"no such column", "time,temp_c\n2026-11-20T10:00:00Z,5\n", "there is no column", Options{Columns: map[Meaning]string{Temp: "taste"}}},
		{"decimal commas", "time,temp_c\n2026-11-20T10:00:00Z,10,5\n", "3 cells, the header 2", Options{}},
		{"unknown dates", "time,temp_c\nyesterday,5\nat noon,5\n", "YESTERDAY", Options{}},
		{"a workbook", "PK\x03\x04rest", "workbook", Options{}},
		{"compressed", "\x1f\x8b\x08", "gzip", Options{}},
		{"a PDF", "%PDF-1.7", "PDF", Options{}},
		{"only a dew point", "time,dew point (°C)\n2026-11-20T10:00:00Z,5\n", "names a column", Options{}},
		{"a million columns", "time,temp_c" + strings.Repeat(",x", 1_000_000) + "\n", "longer than", Options{}},
		{"too many lines", "time,temp_c\n" + strings.Repeat("x\n", 50), "longer than 50 lines", Options{MaxRows: 50}},
		{"one endless line", strings.Repeat("x", 1<<20), "longer than", Options{}},
	} {
		if _, err := Read(strings.NewReader(tt.text), tt.o); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	long := strings.NewReader(strings.Repeat("x", maxBytes+1))
	if _, err := Read(long, Options{}); !errors.Is(err, ErrNoTable) {
		t.Errorf("too long: %v", err)
	}
}

// Nothing that is read ends in a panic, and readings lie within what can be.
func FuzzRead(f *testing.F) {
	f.Add("time,temp_c\n2026-11-20T02:00:00Z,5.2\n")
	f.Add(strings.Join(trace(5, func(i int) bool { return i > 2 }), "\n"))
	f.Add("\"Plot Title: 1\"\n\"#\",\"Date Time, GMT+08:00\",\"Temp, °F\"\n1,11/20/26 10:00:00 AM,41.36\n")
	f.Add("Time zone: Europe/Berlin\nZeit;Temp °C\n25.10.2026 02:30;5,2\n25.10.2026 02:00;HI\n")
	f.Add("\xff\xfet\x00,\x00")
	f.Add("序号,时间,温度(℃)\n1,2026/11/20 上午 10:00:00,5.2\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read(strings.NewReader(text), Options{Zone: time.UTC, Box: "BX-025"})
		if err != nil {
			return
		}
		if len(got.Readings) == 0 || got.Lines.Read != len(got.Readings) || got.Lines.Read+got.Lines.Lost != got.Lines.Total {
			t.Fatalf("%+v", got.Lines)
		}
		for _, r := range got.Readings {
			if r.TempMC < -273_150 || r.TempMC > 300_000 {
				t.Fatalf("%+v", r)
			}
		}
		for _, l := range got.Lost {
			if l.To.Before(l.From) || l.From.IsZero() {
				t.Fatalf("%+v", l)
			}
		}
		adviceOf(t, got)
	})
}

// The clock of a logger: changes of its zone's time, a step back, several readings a stamp.
func TestClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	local := func(from time.Time, n int, warmFrom, warmTo int) string {
		rows := []string{"time,temp_c"}
		for i := range n {
			c := 5.0
			if i >= warmFrom && i < warmTo {
				c = 31
			}
			rows = append(rows, fmt.Sprintf("%s,%.1f", from.Add(time.Duration(i)*time.Minute).In(berlin).Format("2006-01-02 15:04"), c))
		}
		return strings.Join(rows, "\n") + "\n"
	}
	back := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC) // 02:00 in Berlin, an hour before the change
	got := read(t, local(back, 180, 70, 100), Options{Zone: berlin})
	if len(got.Readings) != 180 || !got.Readings[179].At.Equal(back.Add(179*time.Minute)) || adviceOf(t, got) != coldchain.DiscardAdvised || len(got.Lines.Assumed) != 1 {
		t.Errorf("the repeated hour: %+v, %s", got.Lines, adviceOf(t, got))
	}
	got = read(t, backwards(local(back, 180, 70, 100)), Options{Zone: berlin})
	if len(got.Readings) != 180 || !got.Readings[0].At.Equal(back) || adviceOf(t, got) != coldchain.DiscardAdvised {
		t.Errorf("the repeated hour, newest first: %+v", got.Lines)
	}
	rows := "time,temp_c\n"
	for i := range 180 { // a clock that knows no summer time
		rows += time.Date(2026, 3, 29, 1, i, 0, 0, time.UTC).Format("2006-01-02 15:04") + ",5.0\n"
	}
	got = read(t, rows, Options{Zone: berlin})
	if len(got.Readings) != 180 || got.Readings[179].At.Sub(got.Readings[0].At) != 179*time.Minute || len(got.Lines.Assumed) != 1 {
		t.Errorf("the missing hour: %+v", got.Lines)
	}

	set := "time,temp_c\n"
	for i := range 60 {
		set += start.Add(time.Duration(i)*time.Minute).Format(time.RFC3339) + ",5.0\n"
	}
	for i := range 60 { // set back by half an hour, and warm since
		set += start.Add(time.Duration(30+i)*time.Minute).Add(time.Second).Format(time.RFC3339) + ",12.0\n"
	}
	got = read(t, set, Options{})
	p, _ := redCells(t)
	pass := coldchain.PassageOf(p, got.Readings, got.Lost)
	if len(got.Readings) != 120 || coldchain.Quarantine.Graver(adviceOf(t, got)) || len(pass.Report.Events) != 1 || pass.Report.High < 58*time.Minute {
		t.Errorf("a clock set back: %+v, %+v", got.Lines, pass.Report)
	}
	if got = read(t, strings.ReplaceAll(set, ",12.0", ",5.0"), Options{}); adviceOf(t, got) != coldchain.Quarantine {
		t.Errorf("a clock set back, in range: %s", adviceOf(t, got))
	}

	minutes := "time,temp_c\n"
	for i := range 120 { // four a minute, one of them warm for an hour
		c := 5.0
		if i%4 == 2 && i >= 40 {
			c = 12
		}
		minutes += fmt.Sprintf("%s,%.1f\n", start.Add(time.Duration(i/4)*time.Minute).Format("2006-01-02 15:04"), c)
	}
	if got = read(t, minutes, Options{Zone: time.UTC}); len(got.Readings) != 120 || adviceOf(t, got) != coldchain.Quarantine {
		t.Errorf("four a minute: %d, %s", len(got.Readings), adviceOf(t, got))
	}

	late := strings.Split(strings.TrimSpace(set), "\n")[:61]
	late[20], late[40] = late[40], late[20]
	if got = read(t, strings.Join(late, "\n")+"\n", Options{}); len(got.Readings) != 60 || adviceOf(t, got) != coldchain.Usable || len(got.Lines.Assumed) != 1 {
		t.Errorf("two lines changed places: %+v", got.Lines)
	}
	twice := strings.Join(trace(30, func(int) bool { return false }), "\n") + "\n"
	if got = read(t, twice+twice, Options{}); len(got.Readings) != 30 || adviceOf(t, got) != coldchain.Usable {
		t.Errorf("two downloads in one: %+v, %s", got.Lines, adviceOf(t, got))
	}
	days := "time,temp_c\n"
	for i := range 60 { // over midnight from 3 to 4 April: the month does not leap
		days += time.Date(2026, 4, 3, 23, 30+i, 0, 0, time.UTC).Format("02/01/2006 15:04") + ",5.0\n"
	}
	if got = read(t, days, Options{Zone: time.UTC}); got.Readings[59].At.Month() != time.April {
		t.Errorf("over midnight: %+v", got.Lines)
	}
	if _, err := Read(strings.NewReader(strings.ReplaceAll(days, "04/04", "03/04")), Options{Zone: time.UTC}); !errors.Is(err, ErrOrder) {
		t.Errorf("day or month: %v", err)
	}
	if got = read(t, "time,temp_c\n01/12/2026 10:00,5\n01/12/2026 10:01,5\n", Options{Zone: time.UTC, Now: start}); got.Readings[0].At.Month() != time.January {
		t.Errorf("one order is in the future: %+v", got.Lines)
	}
}

// Random bytes at random places lose no more than they stand on.
func TestBytesAtRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	rows := trace(60, func(int) bool { return false })
	text := strings.Join(rows, "\n") + "\n"
	begin := len(rows[0]) + 1
	for range 2000 {
		b := []byte(text)
		at := begin + rng.IntN(len(b)-begin-1)
		if b[at] == '\n' || b[at-1] == '\n' {
			continue
		}
		b[at] = "x\"\x00\xff;"[rng.IntN(5)]
		got, err := Read(strings.NewReader(string(b)), Options{})
		if err != nil || got.Lines.Read < 59 {
			t.Fatalf("%q at %d: %+v, %v", b[at], at, got.Lines, err)
		}
	}
}

// Times that no record can hold are no times, and the lines that state them are lost.
func TestTimesBeyondTheRecord(t *testing.T) {
	for _, at := range []string{"1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"} {
		got := read(t, "time,temp_c\n2026-11-20T10:00:00Z,5\n"+at+",5\n2026-11-20T10:01:00Z,5\n", Options{})
		if got.Lines.Read != 2 || got.Lines.Lost != 1 || !strings.Contains(got.Lines.LeftOut[0].Reason, "2000 to 2099") {
			t.Errorf("%s: %+v", at, got.Lines)
		}
	}
}
