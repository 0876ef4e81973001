package readings

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/telemetry/coldchain"
)

// maker is a made-up sample of a maker's form, and what is right for it. The form is that of
// a public description or a public reader, which is named; the numbers are our own. "id" is
// that of a stored public file whose repository the index does not tell.
type maker struct {
	file        string
	o           Options
	n           int    // readings
	first, last string // instants, UTC
	firstMC     int32  // milli-°C
	probes      []string
	line        int    // of the first reading
	events      int    // lines behind it that measure nothing
	sep         string // between cells
	cells       []int  // of the probes, from 0
	warm        string // 12 °C
	missing     string // the maker's own marker; empty where no public text shows one
	minutes     int    // between readings
}

// byNumber are columns told by their numbers, for forms without a header.
func byNumber(date, clock, temp string) map[Meaning]string {
	if date == "" {
		return map[Meaning]string{Time: clock, Temp: temp}
	}
	return map[Meaning]string{Date: date, Time: clock, Temp: temp}
}

const ten, ended = "2026-11-20T02:00:00Z", "2026-11-20T03:28:00Z" // 10:00 and 11:28 in Shanghai

var (
	local  = Options{Zone: shanghai}
	ofABox = Options{Zone: shanghai, Box: "BX-025"}
)

var makers = []maker{
	// LogTag 30-day recorders: keys and values, then number, date, time, temperature:
	// msupply-foundation/temperature-sensor src/logtag.rs. It does not name the columns; Date
	// and Time are so named in vitale232/Thesis-Code fix_files.py.
	{"logtag-30-day.csv", local, 45, ten, ended, 3900, []string{"Temperature"}, 9, 0, ",", []int{3}, "12.0", "", 2},
	// LogTag without a header, month first, a remark behind: id 68892380416 (parseLogTagCsv).
	{
		"logtag-no-header.csv",
		Options{Zone: shanghai, Columns: byNumber("2", "3", "4")},
		45, ten, ended, 3900,
		[]string{"4"},
		1, 0, ",",
		[]int{3},
		"12.0", "", 2,
	},

	// Elitech RC-51H, the .txt of ElitechLog: Windows-1252, tabs, decimal commas, "NC":
	// yannickkk/Pyrtick sondes/server.R and sondes/global.R. Its header has an empty cell that
	// its rows do not have, so that °C stands over the humidity.
	{"elitech-rc-51h.txt", Options{}, 45, "2026-11-20T10:00:00Z", "2026-11-20T11:28:00Z", 3900, []string{"°C"}, 27, 0, "\t", []int{2}, "12,0", "NC", 2},

	// Elitech RC-4 and RC-5 by elitech-datareader: civic/elitech-datareader README.md.
	{
		"elitech-datareader.txt",
		Options{Zone: shanghai, Columns: byNumber("", "2", "3")},
		45, ten, ended, 3900,
		[]string{"3"},
		2, 0, "\t",
		[]int{2},
		"12.0", "", 2,
	},

	// Elitech as a preset reads it, which says itself that it saw no genuine export:
	// LSUDOKO/CargoFlow packages/gateway README.md. "NC" as above.
	{"elitech-preset.csv", Options{}, 45, ten, ended, 3889, []string{"Temperature(°F)"}, 6, 0, ",", []int{2}, "53.6", "NC", 2},

	// Berlinger Fridge-tag 2 L and Q-tag CLm doc: msupply-foundation/temperature-sensor
	// src/berlinger.rs and data/; "--.-" in data/FridgeTag UL.
	{
		"berlinger-fridge-tag-2l.txt", local, 40, ten, "2026-11-20T05:15:00Z", 3900,
		[]string{"T"},
		60, 0, "\t",
		[]int{2},
		"12.0", "--.-", 5,
	},
	{
		"berlinger-q-tag-clm-doc.txt", local, 40, ten, "2026-11-20T05:15:00Z", 3900,
		[]string{"T"},
		43, 0, "\t",
		[]int{2},
		"12.0", "--.-", 5,
	},

	// Berlinger and Sensitech as laboratories send them, tabs or spaces and no header:
	// https://adams-help.wada-ama.org/hc/en-us/articles/4408029734674-Importing-a-Temp-Logger-in-ADAMS
	{
		"berlinger-adams.txt",
		Options{Zone: shanghai, Columns: byNumber("1", "2", "3")},
		40, ten, "2026-11-20T05:15:00Z", 3900,
		[]string{"3"},
		1, 0, "\t",
		[]int{2},
		"12.0", "--.-", 5,
	},
	{
		"sensitech-adams.txt",
		Options{Zone: shanghai, Columns: byNumber("2", "3", "4")},
		45, "2026-11-20T01:02:58Z", "2026-11-20T02:30:58Z", 3940,
		[]string{"4"},
		1, 0, "\t",
		[]int{3},
		"12.00", "", 2,
	},
	//

	// Testo Smart: semicolons, a column a logger: m4yz/pphg-temperature-analyzer "app (1).py".
	{
		"testo-smart.csv", local, 45, ten, ended, 3900,
		[]string{"Blood box 7 lid: Temperature", "Blood box 7 base: Temperature"},
		2, 0, ";",
		[]int{1, 2},
		"12.0", "", 2,
	},

	// Onset HOBOware: gsc-permafrost/parseFiles example_data, nationalparkservice/hobo-py
	// hobo.py. The marker: https://www.onsetcomp.com/resources/tech-notes/88888-data-values
	{
		"hobo-hoboware.csv", Options{}, 45, ten, ended, 3927, []string{
			"Temp, °C (LGR S/N: 99100417, SEN S/N: 99100417, LBL: lid)", "Temp, °C (LGR S/N: 99100417, SEN S/N: 99100417, LBL: base)",
		}, 3, 1, ",", []int{2, 3}, "12.000", "-888.888", 2,
	},
	{
		"hobo-hoboware-f.csv",
		Options{},
		45, "2026-11-20T15:00:00Z", "2026-11-20T16:28:00Z", 3927,
		[]string{"Temp, °F (LGR S/N: 99100417, SEN S/N: 99100417, LBL: box)"},
		3, 1, ",",
		[]int{2},
		"53.600", "-888.888", 2,
	},
	// HOBO MX with the average of each interval alone: putmanlab/strawberry-macrophomina-soilmoisture
	// 3_analysis/z_not-shown_greenhouse_logger.r.
	// HOBO by BoxCar: https://github.com/nationalparkservice/hobo-py/issues/2
	{
		"hobo-boxcar.txt", local, 45, ten, ended, 3900,
		[]string{"Temperature (*C) c:1", "High-Res Temp (*C) c:1 2"},
		2, 0, "\t",
		[]int{1, 2},
		"12.00", "", 2,
	},

	// Lascar EasyLog: lncoll/lascar-elusb2 main.pas (LoadSamplesEasyLog); with alarms, id
	// 59686699816 (parseEasyLog); date and time apart, collinlaconto/calibrationautomation
	// logger_formats.json.
	{"lascar-el-usb-2.txt", local, 45, ten, ended, 3900, []string{"Celsius(°C)"}, 2, 0, ",", []int{2}, "12.0", "", 2},
	{"lascar-el-usb-1.txt", local, 45, ten, ended, 3900, []string{"Celsius(°C)"}, 2, 0, ",", []int{2}, "12.0", "", 2},
	{"lascar-easylog.csv", ofABox, 45, ten, ended, 3900, []string{"Temperature (°C)"}, 5, 0, ",", []int{2}, "12.0", "", 2},
	//
	{
		"lascar-easylog-early.csv", local, 45, "2026-11-05T02:00:00Z", "2026-11-05T03:28:00Z", 3900,
		[]string{"Temperature (°C)"},
		5, 0, ",",
		[]int{2},
		"12.0", "", 2,
	},

	// MadgeTech 4, its sheet saved as CSV: zlt298/hcl_perdb "raw/PERdb test files/M43358.csv" and
	// src/madgetech/madgetech_4.py; its CSV: collinlaconto/calibrationautomation logger_formats.json.
	{"madgetech-4-sheet.csv", ofABox, 45, ten, ended, 3900, []string{"Temperature (°C)"}, 8, 0, ",", []int{2}, "12.00", "", 2},
	{"madgetech-4.csv", ofABox, 45, ten, ended, 3930, []string{"Temperature, °C"}, 5, 0, ",", []int{3}, "12.00", "", 2},
	// MadgeTech 2: zlt298/madgetech madgetech_2.py.
	{
		"madgetech-2.csv",
		Options{Zone: time.UTC},
		45, "2026-11-20T10:00:00Z", "2026-11-20T11:28:00Z", 3930,
		[]string{"# Temperature (°C) #"},
		15, 0, ",",
		[]int{2},
		"12.00", "", 2,
	},

	// Chinese exports: a cold store's, where what is missing is empty (id 61043507461), a node's
	// (id 71611443363), one with numbers (id 53561551889), of samples in custody (id
	// 69754770484), and a test report (id 52729400215), here in GB18030.
	{"cn-cold-store.csv", local, 45, ten, ended, 3900, []string{"温度(℃)"}, 2, 0, ",", []int{1}, "12.0", "", 2},
	{"cn-node.csv", local, 45, ten, ended, 3900, []string{"温度(℃)"}, 2, 0, ",", []int{1}, "12.0", "", 2},
	{"cn-numbered.csv", local, 45, ten, ended, 3900, []string{"温度(°C)"}, 2, 0, ",", []int{2}, "12.0", "", 2},
	{"cn-custody.csv", local, 45, ten, ended, 3900, []string{"温度"}, 2, 0, ",", []int{1}, "12.0", "", 2},
	{"cn-report-gb.csv", local, 45, ten, ended, 3900, []string{"温度(℃)"}, 2, 0, ",", []int{2}, "12.0", "", 2},
}

func sampleOf(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "makers", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// spared is how many readings stand before those that a variant changes.
const spared = 8

// with is a sample with another temperature in n readings.
func (m maker) with(text string, n int, value string) string {
	lines := strings.Split(text, "\n")
	for i := range n {
		line := &lines[m.line-1+m.events+spared+i]
		cells := strings.Split(*line, m.sep)
		for _, c := range m.cells {
			if strings.HasPrefix(cells[c], `"`) {
				cells[c] = `"` + value + `"`
				continue
			}
			cells[c] = value
		}
		*line = strings.Join(cells, m.sep)
	}
	return strings.Join(lines, "\n")
}

// Files of the makers of loggers are read, and what is warm or missing in them counts.
func TestMakers(t *testing.T) {
	for _, m := range makers {
		t.Run(m.file, func(t *testing.T) {
			text := sampleOf(t, m.file)
			got := read(t, text, m.o)
			var probes []string
			for _, c := range got.Lines.Columns {
				if c.As == Temp {
					probes = append(probes, c.Name)
				}
			}
			first, last := got.Readings[0], got.Readings[len(got.Readings)-1]
			if len(got.Readings) != m.n || first.At.Format(time.RFC3339) != m.first || last.At.Format(time.RFC3339) != m.last ||
				first.TempMC != m.firstMC || first.HasSecond != (len(m.probes) > 1) || !slices.Equal(probes, m.probes) || len(got.Lost) != 0 {
				t.Errorf("%d from %s to %s, first %d, probes %q, lost %+v; %+v", len(got.Readings), first.At, last.At, first.TempMC, probes, got.Lost, got.Lines)
			}
			if a := adviceOf(t, got); a != coldchain.Usable {
				t.Errorf("as it is: %s", a)
			}

			warm := read(t, m.with(text, 10, m.warm), m.o)
			if a := adviceOf(t, warm); coldchain.Quarantine.Graver(a) || len(warm.Readings) != m.n || warm.Readings[spared].TempMC != 12_000 {
				t.Errorf("warm for ten readings: %s, %d readings; %+v", a, len(warm.Readings), warm.Lines)
			}

			hour := 60 / m.minutes
			gone := read(t, m.with(text, hour, m.missing), m.o)
			if a := adviceOf(t, gone); coldchain.Quarantine.Graver(a) || len(gone.Readings) != m.n-hour || len(gone.Lost) != 1 || gone.Lines.Lost-got.Lines.Lost != hour {
				t.Errorf("%q for an hour: %s, %d readings, lost %+v; %+v", m.missing, a, len(gone.Readings), gone.Lost, gone.Lines)
			}
		})
	}
}

// A Fridge-tag 2 without a log holds a minimum and a maximum a day and no reading (form as
// above): it is refused.
func TestMakersWithoutReadings(t *testing.T) {
	if got, err := Read(strings.NewReader(sampleOf(t, "berlinger-fridge-tag-2.txt")), local); !errors.Is(err, ErrNoHeader) {
		t.Errorf("%v, %+v", err, got.Lines)
	}
}
