package coldchain

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

const loggerText = "Logger: BX-07\nInterval,60 s\n\nNo,Date/Time,Temp (°C),Probe 2 (°C),Ambient temp (°C)\n" +
	"1,2026-01-01T12:00:00Z,5.0,5.2,21\n2,2026-01-01T12:01:00Z,5.1,5.3,21\n3,2026-01-01T12:02:00Z,11.5,5.3,21\n4,2026-01-01T12:03:00Z,11.5,5.3,21\n5,2026-01-01T12:04:00Z,5.5,5.3,21\n"

func TestLoggerFilesAreReadAsTheyAreWritten(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		o          LoggerOptions
	}{
		{"commas", loggerText, LoggerOptions{Box: "BX-07"}},
		{
			"semicolons, Windows",
			"\ufeffSerial;BX-07\r\n" + strings.ReplaceAll(strings.ReplaceAll(strings.SplitN(loggerText, "\n\n", 2)[1], ",", ";"), "\n", "\r\n"),
			LoggerOptions{Box: "BX-07"},
		},
		{"local times", strings.ReplaceAll(strings.ReplaceAll(loggerText, "T12:", " 20:"), "0Z", "0"), LoggerOptions{Zone: shanghai}},
		{
			"Fahrenheit",
			strings.NewReplacer(
				"°C",
				"°F",
				",5.0,5.2,21",
				",41,41.36,69.8",
				",5.1,5.3,21",
				",41.18,41.54,69.8",
				",11.5,5.3,21",
				",52.7,41.54,69.8",
				",5.5,5.3,21",
				",41.9,41.54,69.8",
			).Replace(loggerText),
			LoggerOptions{},
		},
	}
	want := []int32{5000, 5100, 11500, 11500, 5500}
	for _, tt := range tests {
		f, err := ParseLogger(strings.NewReader(tt.text), tt.o)
		if err != nil || len(f.Readings) != 5 || len(f.Flagged) > 0 || f.Broken.Line > 0 {
			t.Errorf("%s: got %+v, %v", tt.name, f, err)
			continue
		}
		for i, r := range f.Readings {
			if r.TempMC != want[i] || !r.At.Equal(t0.Add(time.Duration(i)*time.Minute)) || !r.HasSecond || r.AmbientMC != 21_000 {
				t.Errorf("%s: reading %d is %+v", tt.name, i, r)
			}
		}
	}
}

func TestFaultyLoggerFilesAreRefusedOrFlaggedByLine(t *testing.T) {
	refused := []struct {
		name, text, says string
		o                LoggerOptions
		is               error
	}{
		{"another box", loggerText, "line 1", LoggerOptions{Box: "BX-08"}, ErrOtherBox},
		{"both units", loggerText, "line 4", LoggerOptions{Fahrenheit: true}, ErrLoggerUnit},
		{"no header", "a,b\n1,2\n", "", LoggerOptions{}, ErrNoHeader},
		{"empty", "", "", LoggerOptions{}, ErrNoHeader},
	}
	for _, tt := range refused {
		if _, err := ParseLogger(strings.NewReader(tt.text), tt.o); !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	head := "time,temp_c\n"
	for line, says := range map[string]string{
		"2026-01-01 12:00:00,5": "local time", "yesterday,5": "is no time", "2026-01-01T12:00:00Z,NaN": "is no temperature", "2026-01-01T12:00:00Z,": "is no temperature",
		"2026-01-01T12:00:00Z,9999": "not within", "2027-01-01T12:00:00Z,5": "future", "\"2026-01-01T12:00:00Z,5": "no CSV", "2026-01-01T11:00:00Z,5": "there before",
	} {
		f, err := ParseLogger(strings.NewReader(head+"2026-01-01T11:00:00Z,4\n"+line+"\n"), LoggerOptions{Now: t0.Add(time.Hour)})
		if err != nil || len(f.Readings) != 1 || len(f.Flagged) != 1 || f.Flagged[0].Line != 3 || !strings.Contains(f.Flagged[0].Reason, says) {
			t.Errorf("%q: got %+v, %v", line, f, err)
		}
	}
}

// Cut at any byte, a file says nothing that the whole one does not say.
func TestACutFileNeverChangesWhatCameBefore(t *testing.T) {
	whole, err := ParseLogger(strings.NewReader(loggerText), LoggerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := redCells(t)
	for cut := range loggerText {
		part, err := ParseLogger(strings.NewReader(loggerText[:cut]), LoggerOptions{})
		if err != nil {
			continue // before the header ends
		}
		n := len(part.Readings)
		if !reflect.DeepEqual(part.Readings, whole.Readings[:n]) && n > 0 {
			t.Fatalf("cut at %d: %+v", cut, part.Readings)
		}
		if got, want := Judged(p, part.Readings), Judged(p, whole.Readings[:n]); !reflect.DeepEqual(got, want) {
			t.Fatalf("cut at %d: %+v, %+v", cut, got, want)
		}
		if loggerText[cut-1] != '\n' && part.Broken.Line == 0 {
			t.Fatalf("cut at %d: not said", cut)
		}
	}
}

func TestALoggerIsComparedWithWhatWasLive(t *testing.T) {
	at := func(min int, mc int32) Reading {
		return Reading{At: t0.Add(time.Duration(min) * time.Minute), TempMC: mc}
	}
	logged := []Reading{at(0, 5000), at(1, 5000), at(2, 5000), at(3, 5600)}
	live := []Reading{at(1, 5100), at(3, 5000), at(4, 5000)}
	want := Comparison{Logged: 4, Live: 3, Matched: 2, MissingLive: 2, MissingLogged: 1, Differing: 1, WorstC: 0.6}
	if got := Compare(logged, live, time.Minute); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	back := Comparison{Logged: 3, Live: 4, Matched: 2, MissingLive: 1, MissingLogged: 2, Differing: 1, WorstC: 0.6}
	if got := Compare(live, logged, time.Minute); got != back {
		t.Errorf("the other way %+v, want %+v", got, back)
	}
	// Apart by half an interval is matched, and by half a degree is alike.
	half := []Reading{{At: t0.Add(30 * time.Second), TempMC: 5500}, {At: t0.Add(time.Minute), TempMC: 4500}, {At: t0.Add(2*time.Minute + 31*time.Second), TempMC: 5000}}
	want = Comparison{Logged: 3, Live: 3, Matched: 2, MissingLive: 1, MissingLogged: 1, WorstC: 0.5}
	if got := Compare(half, []Reading{at(0, 5000), at(1, 5000), at(2, 5000)}, time.Minute); got != want {
		t.Errorf("at the edges %+v, want %+v", got, want)
	}
}

// Where columns stand, and what is not there.
func TestTheColumnsOfALogger(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		box        string
		want       Reading
	}{
		{"no ambient", "time,temp_c\n2026-01-01T12:00:00Z,5\n", "", Reading{TempMC: 5000, AmbientMC: NoAmbientMC}},
		{"a cell less than the header", "time,temp_c,ambient temp_c\n2026-01-01T12:00:00Z,5\n", "", Reading{TempMC: 5000, AmbientMC: NoAmbientMC}},
		{"temperature first", "temp_c,time\n5,2026-01-01T12:00:00Z\n", "", Reading{TempMC: 5000, AmbientMC: NoAmbientMC}},
		{"of a box that is not named", "time,temp_c\n2026-01-01T12:00:00Z,5\n", "BX-07", Reading{TempMC: 5000, AmbientMC: NoAmbientMC}},
		{"a box a line", "temp_c,time,box\n5,2026-01-01T12:00:00Z,bx-07\n", "BX-07", Reading{TempMC: 5000, AmbientMC: NoAmbientMC}},
		{"as cold as is measured", "time,temp_c\n2026-01-01T12:00:00Z,-200\n", "", Reading{TempMC: -200_000, AmbientMC: NoAmbientMC}},
		{"as warm as is measured", "time,temp_c\n2026-01-01T12:00:00Z,125\n", "", Reading{TempMC: 125_000, AmbientMC: NoAmbientMC}},
	} {
		f, err := ParseLogger(strings.NewReader(tt.text), LoggerOptions{Box: tt.box})
		tt.want.At, tt.want.ReceivedAt, tt.want.Seq = t0, t0, 2
		if err != nil || len(f.Readings) != 1 || f.Readings[0] != tt.want {
			t.Errorf("%s: got %+v, %v", tt.name, f, err)
		}
	}
	other, err := ParseLogger(strings.NewReader("temp_c,time,box\n5,2026-01-01T12:00:00Z,BX-08\n"), LoggerOptions{Box: "BX-07"})
	if err != nil || len(other.Readings) != 0 || len(other.Flagged) != 1 {
		t.Errorf("a line of another box: %+v, %v", other, err)
	}
}

func TestTheBoundsOfALoggersFile(t *testing.T) {
	const head, row = "time,temp_c\n", "2026-01-01T12:00:00Z,5\n"
	if f, err := ParseLogger(strings.NewReader(strings.Repeat("about\n", headWithin-1)+head+row), LoggerOptions{}); err != nil || len(f.Readings) != 1 {
		t.Errorf("a header on the last line where it may be: %+v, %v", f, err)
	}
	if _, err := ParseLogger(strings.NewReader(strings.Repeat("about\n", headWithin)+head+row), LoggerOptions{}); !errors.Is(err, ErrNoHeader) {
		t.Errorf("a header further down: %v", err)
	}
	f, err := ParseLogger(strings.NewReader(head+strings.Repeat("2026-01-01T12:00:00Z,warm\n", maxFlagged+5)+row), LoggerOptions{})
	if err != nil || len(f.Flagged) != maxFlagged || len(f.Readings) != 1 {
		t.Errorf("%d flagged, %d read, %v", len(f.Flagged), len(f.Readings), err)
	}
}

func FuzzParseLogger(f *testing.F) {
	f.Add(loggerText)
	f.Add("time;temp °F\n2026-01-01 12:00;40\n")
	f.Add("box: X\ntime,temp\n\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		whole, err := ParseLogger(strings.NewReader(text), LoggerOptions{Zone: time.UTC})
		if err != nil {
			return
		}
		for _, r := range whole.Readings {
			if r.TempMC < coldestC*1000 || r.TempMC > hottestC*1000 {
				t.Fatalf("%+v", r)
			}
		}
		part, err := ParseLogger(strings.NewReader(text[:len(text)/2]), LoggerOptions{Zone: time.UTC})
		if err == nil && len(part.Readings) > len(whole.Readings) {
			t.Fatal("a part says more than the whole")
		}
	})
}
