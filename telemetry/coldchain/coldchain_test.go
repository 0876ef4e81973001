package coldchain

import (
	"encoding/csv"
	"errors"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/telemetry/tables"

	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func redCells(t testing.TB) Profile {
	t.Helper()
	set, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	return set["hemolift-rbc-2-10"]
}

func TestStateAtAndBesideEachLimit(t *testing.T) {
	p := redCells(t)
	tests := []struct {
		tempMC int32
		age    time.Duration
		fault  bool
		want   State
	}{
		{1999, 0, false, Excursion},
		{2000, 0, false, NearLimit},
		{2499, 0, false, NearLimit},
		{2500, 0, false, InRange},
		{9500, 0, false, InRange},
		{9501, 0, false, NearLimit},
		{10000, 0, false, NearLimit},
		{10001, 0, false, Excursion},
		{6000, 60 * time.Second, false, InRange},
		{6000, 60*time.Second + 1, false, Unknown},
		{12000, 61 * time.Second, false, Unknown},
		{6000, 0, true, Unknown},
	}
	for _, tt := range tests {
		m := NewMonitor(p)
		m.Fold(Reading{At: t0, TempMC: tt.tempMC, Fault: tt.fault})
		if got := m.Judge(t0.Add(tt.age)).State; got != tt.want {
			t.Errorf("%d m°C, age %v, fault %v: got %v, want %v", tt.tempMC, tt.age, tt.fault, got, tt.want)
		}
	}
	if got := NewMonitor(p).Judge(t0).State; got != Unknown {
		t.Errorf("no reading: got %v, want unknown", got)
	}
}

func TestTimeOutOfRangeAndGaps(t *testing.T) {
	m := NewMonitor(redCells(t))
	for _, r := range []struct {
		s      int
		tempMC int32
	}{{0, 9000}, {15, 11000}, {60, 11000}, {75, 9000}, {400, 9000}} {
		m.Fold(Reading{At: t0.Add(time.Duration(r.s) * time.Second), TempMC: r.tempMC})
	}
	s := m.Judge(t0.Add(401 * time.Second))
	if s.OutOfRange != 60*time.Second || s.Unmonitored != 325*time.Second || !s.Breached || s.State != InRange {
		t.Errorf(
			"got %v out, %v unmonitored, breached %v, %v; want 1m0s, 5m25s, true, in range",
			s.OutOfRange,
			s.Unmonitored,
			s.Breached,
			s.State,
		)
	}
	if s = m.Judge(t0.Add(461 * time.Second)); s.State != Unknown || s.Unmonitored != 386*time.Second {
		t.Errorf("silent: got %v, %v unmonitored", s.State, s.Unmonitored)
	}
}

func TestArrivalOrderDoesNotMatter(t *testing.T) {
	p := redCells(t)
	rapid.Check(t, func(t *rapid.T) {
		var rs []Reading
		at := t0
		for range rapid.IntRange(1, 40).Draw(t, "n") {
			at = at.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "dt")) * time.Second)
			rs = append(rs, Reading{At: at, TempMC: int32(rapid.IntRange(0, 12000).Draw(t, "temp"))})
		}
		inOrder, shuffled := NewMonitor(p), NewMonitor(p)
		for _, r := range rs {
			inOrder.Fold(r)
		}
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
		for _, r := range append(rs, rs...) { // all redelivered
			shuffled.Fold(r)
		}
		if a, b := inOrder.Judge(at), shuffled.Judge(at); a != b {
			t.Fatalf("in order %+v, shuffled %+v", a, b)
		}
	})
}

// Each column that is a number or a time refuses what is none, by its name.
func TestEachColumnOfAProfileIsBounded(t *testing.T) {
	lines := strings.Split(profilesCSV, "\n")
	header := strings.Split(lines[0], ",")
	row := func(column, value string) string {
		rd := csv.NewReader(strings.NewReader(lines[1]))
		cells, err := rd.Read()
		if err != nil {
			t.Fatal(err)
		}
		cells[slices.Index(header, column)] = value
		var b strings.Builder
		w := csv.NewWriter(&b)
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		return lines[0] + "\n" + b.String()
	}
	for _, column := range []string{"open_s", "close_s", "max_gap_s", "log_interval_s"} {
		for _, bad := range []string{"-1", "1000001", "NaN", "Inf", "soon"} {
			if _, err := ParseProfiles("p.csv", strings.NewReader(row(column, bad)), time.Time{}); err == nil || !strings.Contains(err.Error(), "p.csv:2: "+column+": ") {
				t.Errorf("%s of %s: %v", column, bad, err)
			}
		}
	}
	if _, err := ParseProfiles("p.csv", strings.NewReader(row("max_gap_s", "1000000")), time.Time{}); err != nil {
		t.Errorf("as long as may be: %v", err)
	}
}

func TestProfilesNameTheFaultyLine(t *testing.T) {
	for was, is := range map[string][2]string{ // what it becomes, and what is said
		",1,10,": {",10,1,", "p.csv:2: low_c: low_c 10 is not below high_c 1"}, ",2026-11-01,transport,1,10,": {",yesterday,transport,1,10,", "p.csv:2: valid_from: "},
		",1,10,0.5,,0,no time": {",1,ten,0.5,,0,no time", "p.csv:2: high_c: \"ten\""}, "uk-rbc-equipfail,,,,no": {"uk-rbc-nothing,,,,no", "allowances: profile \"uk-rbc-nothing\" is unknown"},
	} {
		bad := strings.Replace(profilesCSV, was, is[0], 1)
		if _, err := ParseProfiles("p.csv", strings.NewReader(bad), time.Time{}); err == nil || !strings.Contains(err.Error(), is[1]) {
			t.Errorf("%s: got %v, want %s", is[0], err, is[1])
		}
	}
	head, first, _ := strings.Cut(profilesCSV, "\n")
	first, _, _ = strings.Cut(first, "\n")
	if _, err := ParseProfiles(
		"p.csv",
		strings.NewReader(head+"\n"+first+"\n"+first+"\n"),
		time.Time{},
	); err == nil ||
		!strings.Contains(err.Error(), "p.csv:3: profile_id: profile \"us-fda-rbc\" appears twice") {
		t.Errorf("twice: got %v", err)
	}
	if _, err := ParseProfiles(
		"p.csv",
		strings.NewReader("profile_id\nx\n"),
		time.Time{},
	); err == nil ||
		!strings.Contains(err.Error(), "p.csv:1: component: there is no such column") {
		t.Errorf("columns: got %v", err)
	}
}

func TestAProfileIsValidFromItsDay(t *testing.T) {
	head, rest, _ := strings.Cut(profilesCSV, "\n")
	line, _, _ := strings.Cut(rest, "\n")
	later := strings.NewReplacer("2026-11-01", "2027-03-01", ",1,10,0.5,", ",2,10,0.5,").Replace(line)
	text := head + "\n" + later + "\n" + line + "\n"
	for day, low := range map[string]int32{"2026-11-01": 1000, "2027-02-28": 1000, "2027-03-01": 2000, "": 2000} {
		at, _ := time.Parse(time.DateOnly, day)
		set, err := ParseProfiles("p.csv", strings.NewReader(text), at)
		if p := set["us-fda-rbc"]; err != nil || p.LowMC != low {
			t.Errorf("on %s: low %d m°C, %v; want %d", day, p.LowMC, err, low)
		}
	}
	if set, err := ParseProfiles("p.csv", strings.NewReader(text), t0); err != nil || len(set) != 0 {
		t.Errorf("before any is valid: %d profiles, %v", len(set), err)
	}
}

func TestTheBuiltInProfilesSayWhatTheyShould(t *testing.T) {
	set, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	p := set["hemolift-rbc-2-10"]
	if p.LowMC != 2000 || p.HighMC != 10000 || p.GuardMC != 500 || p.Interval != 15*time.Second || p.HardLowMC != 1000 ||
		p.HardOut != 30*time.Minute ||
		p.MaxGap != 5*time.Minute ||
		p.Irreplaceable ||
		len(p.Version) != 12 {
		t.Errorf("red cells: got %+v", p)
	}
	if n := set["hemolift-ln2-150"]; n.HasLow() || n.HighMC != -150_000 || n.HardHighMC != -135_000 || !n.Irreplaceable {
		t.Errorf("nitrogen: got %+v", n)
	}
	if e := set["uk-rbc-equipfail"]; e.Occasions != 1 || e.MaxTransit != 5*time.Hour {
		t.Errorf("one occasion: got %+v", e)
	}
	if len(set) != 34 {
		t.Errorf("%d profiles", len(set))
	}
	changed, err := ParseProfiles(
		"p.csv",
		strings.NewReader(
			strings.Replace(
				profilesCSV,
				"hemolift-rbc-2-10,product_default,RBC / whole blood,strictest of UK/EU/CN transport,Hemolift 2026-11,,",
				"hemolift-rbc-2-10,product_default,RBC / whole blood,strictest of UK/EU/CN transport,Hemolift 2026-11,Dr Zhao,",
				1,
			),
		),
		time.Time{},
	)
	if q := changed["hemolift-rbc-2-10"]; err != nil || q.Approver != "Dr Zhao" || q.Version == p.Version ||
		changed["eu-rbc"].Version != set["eu-rbc"].Version {
		t.Errorf("an approved line must have another version, and only it: %v", err)
	}
}

// What a spreadsheet makes of the file is the same set, with the same versions.
func TestProfilesAsSpreadsheetsWriteThem(t *testing.T) {
	want, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(profilesCSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	written := func(comma rune, decimal string) string {
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.Comma = comma
		number := regexp.MustCompile(`^(-?[0-9]+)\.([0-9]+)$`)
		for _, row := range rows {
			cells := slices.Clone(row)
			for i := range cells {
				cells[i] = number.ReplaceAllString(cells[i], "${1}"+decimal+"${2}")
			}
			_ = w.Write(cells)
		}
		w.Flush()
		return b.String()
	}
	for name, text := range map[string]string{
		"a mark":         "\ufeff" + profilesCSV,
		"CRLF":           "\ufeff" + strings.ReplaceAll(profilesCSV, "\n", "\r\n"),
		"CR":             strings.ReplaceAll(profilesCSV, "\n", "\r"),
		"semicolons":     written(';', "."),
		"decimal commas": "\ufeff" + written(';', ","),
		"tabs":           written('\t', ","),
		"capitals":       strings.Replace(profilesCSV, "profile_id,kind", " Profile_ID ,Kind", 1),
		"an empty line":  profilesCSV + "\n,,,\n",
	} {
		got, err := ParseProfiles("p.csv", strings.NewReader(text), time.Time{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d profiles, %.200v", name, len(got), err)
		}
	}
}

// Every fault is told at once, and the other profiles are there.
func TestAllFaultsOfProfilesAreTold(t *testing.T) {
	text := strings.NewReplacer("us-fda-wb,", ",", ",1,10,0.5,,0,no time", ",warm,1e9,0.5,,0,no time").Replace(profilesCSV)
	set, err := ParseProfiles("p.csv", strings.NewReader(text), time.Time{})
	var faults tables.Faults
	if !errors.As(err, &faults) || len(faults) < 3 || len(set) != 34 {
		t.Errorf("%d profiles, %d faults: %v", len(set), len(faults), err)
	}
}

func FuzzParseProfiles(f *testing.F) {
	head, rest, _ := strings.Cut(profilesCSV, "\n")
	first, _, _ := strings.Cut(rest, "\n")
	f.Add(head + "\n" + first)
	f.Add("\ufeff" + strings.ReplaceAll(head+"\n"+first, ",", ";"))
	f.Add("profile_id\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		set, err := ParseProfiles("p.csv", strings.NewReader(text), time.Time{})
		if err != nil {
			return
		}
		for id, p := range set {
			if id == "" || p.LowMC >= p.HighMC || p.Interval <= 0 || p.GuardMC < 0 || p.MaxGap < 0 || p.HasLow() && p.LowMC < -273_000 || p.HasHigh() && p.HighMC > 100_000 {
				t.Errorf("taken: %+v", p)
			}
		}
	})
}
