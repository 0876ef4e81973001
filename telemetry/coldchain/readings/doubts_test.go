package readings

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// minutely writes n lines, one a minute from ten o'clock.
func minutely(from, n int, line func(at string, i int) string) string {
	var b strings.Builder
	for i := from; i < from+n; i++ {
		at := time.Date(2026, 11, 20, 10, i, 0, 0, time.UTC).Format(time.DateTime)
		b.WriteString(line(at, i) + "\n")
	}
	return b.String()
}

// Files that hold an hour at 14 °C, or that say it in another way, in places where it could
// be overlooked: each is refused, or the hour is among what was read or lost.
func TestBadNewsInOddPlaces(t *testing.T) {
	good := func(at string, _ int) string { return at + ",5.2" }
	alike := func(text string) func(string, int) string {
		return func(at string, _ int) string { return strings.ReplaceAll(text, "@", at) }
	}
	counted := func(step float64, temp string) string {
		var b strings.Builder
		for i := range 60 {
			fmt.Fprintf(&b, "%.3f,%s\n", float64(i)*step, temp)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"one instant":                  "Time,Temp (°C)\n" + strings.Repeat("2026-11-20 10:00,14.0\n", 60),
		"days of a sheet, cut short":   "Time,Temp (°C)\n" + strings.Repeat("46346.42,14.0\n", 60),
		"the calibration's date first": "Calibration date,Date/Time,Temp (°C)\n" + minutely(0, 60, alike("2026-01-05,@,14.0")),
		"the export's time first":      "导出时间,记录时间,温度(℃)\n" + minutely(0, 60, alike("2026-11-21 08:00:00,@,14.0")),
		"hours since the start":        "Elapsed Time (hr),Temp (°C)\n" + counted(1./60, "14.0"),
		"days since the start":         "Elapsed Time (days),Temp (°C)\n" + counted(1./1440, "14.0"),
		"nobody says in what":          "Elapsed Time,Temp (°C)\n" + counted(1, "14.0"),
		"administrative hours":         "Elapsed administrative hours,Temp (°C)\n" + counted(1./60, "14.0"),
		"Chinese hours":                "经过时间(小时),温度(℃)\n" + counted(1./60, "14.0"),
		"another header":               "Time,Temp (°C),Setpoint (°C)\n" + minutely(0, 60, alike("@,5.2,5.0")) + "Time,Setpoint (°C),Temp (°C)\n" + minutely(60, 60, alike("@,5.0,14.0")),
		"another unit's header":        "Time,Temp (°C)\n" + minutely(0, 60, good) + "Time,Temp (°F)\n" + minutely(60, 60, alike("@,6.8")),
		"another unit's line":          "Time,Temp (°C)\n" + minutely(0, 60, good) + "Unit: °F\n" + minutely(60, 60, alike("@,6.8")),
		"behind the end":               "Time,Temp (°C)\n" + minutely(0, 60, good) + "End of record 1\n" + minutely(60, 60, alike("@,HI")),
		"behind a check sum":           "Time,Temp (°C)\n" + minutely(0, 60, good) + "CRC: 4f3a\n" + minutely(60, 60, alike("@,---")),
		"events of failure":            "Time,Temp (°C),Event\n" + minutely(0, 60, alike("@,5.2,")) + minutely(60, 60, alike("@,,Sensor failure")),
		"a probe that came off":        "Time,Temp (°C),Event\n" + minutely(0, 60, alike("@,5.2,")) + "2026-11-20 12:00:00,,Probe disconnected\n",
		"stopped each minute":          "Time,Temp (°C),Stopped\n" + minutely(0, 60, alike("@,5.2,")) + minutely(60, 60, alike("@,,Logged")),
		"a probe with stars":           "Time,T1 (°C),T2 (°C)\n" + minutely(0, 60, alike("@,5.2,14.0 C*")),
		"a probe in brackets":          "Time,T1 (°C),T2 (°C)\n" + minutely(0, 60, alike("@,5.2,(3.0)")),
		"a probe of 9999":              "Time,T1 (°C),T2 (°C)\n" + minutely(0, 60, alike("@,5.2,9999")),
		"°F as TempF":                  "Time,TempF\n" + minutely(0, 60, alike("@,6.8")),
		"°F as temp_degF":              "Time,temp_degF\n" + minutely(0, 60, alike("@,6.8")),
		"°F as Temp in F.":             "Time,Temp in F.\n" + minutely(0, 60, alike("@,6.8")),
		"°F as Fahr.":                  "Time,Temp (Fahr.)\n" + minutely(0, 60, alike("@,6.8")),
		"°F as TEMP-F":                 "Time,TEMP-F\n" + minutely(0, 60, alike("@,6.8")),
		"°F as 温度F":                    "时间,温度F\n" + minutely(0, 60, alike("@,6.8")),
		"Rankine":                      "Time,Temp (°R)\n" + minutely(0, 60, alike("@,5.2")),
		"°F spoken of":                 "Ambient alarm at 104 °F\nTime,Temp\n" + minutely(0, 60, alike("@,40.0")),
		"the right end":                "Time,Temp left (°C),Temp right end (°C)\n" + minutely(0, 60, alike("@,5.2,14.0")),
		"a logged probe":               "Time,Temp 1 (°C),Temp 2 logged (°C)\n" + minutely(0, 60, alike("@,5.2,14.0")),
		"a corrected probe":            "Time,Temp (°C),Temp corrected (°C)\n" + minutely(0, 60, alike("@,5.2,14.0")),
		"no name":                      "Time,Temp (°C),\n" + minutely(0, 60, alike("@,5.2,14.0")),
		"a comma in a number":          "Time,Temp (°C),\n" + minutely(0, 60, alike("@,10,9")),
		"a comma before a marker":      "Time,Temp (°C),Marker\n" + minutely(0, 60, alike("@,10,9")),
		"twins that disagree":          "Time,Temp (°C),Temp (°F)\n" + minutely(0, 60, alike("@,5.2,57.2")),
		"probes C and F":               "Time,Probe C,Probe F\n" + minutely(0, 60, alike("@,5.2,57.2")),
		"a quote that swallows":        "Time,Temp (°C),Note\n" + minutely(0, 60, alike("@,5.2,")) + minutely(60, 1, alike("@,5.2,\"box opened")) + minutely(61, 5, alike("@,14.0,")) + minutely(66, 1, alike("@,5.2,closed again\"")),
	} {
		table, err := Read(strings.NewReader(text), Options{Zone: time.UTC})
		warm := false
		for _, r := range table.Readings {
			warm = warm || r.TempMC > 12_000 || r.TempMC < 0 || r.HasSecond && r.SecondMC > 12_000
		}
		if err == nil && !warm && len(table.Lost) == 0 {
			t.Errorf("%s: %d readings, nothing lost: %+v", name, len(table.Readings), table.Lines)
		}
		if n := len(table.Readings); err == nil && n > 1 && table.Readings[n-1].At.Sub(table.Readings[0].At) < 30*time.Minute {
			t.Errorf("%s: an hour is %s", name, table.Readings[n-1].At.Sub(table.Readings[0].At))
		}
	}
}

// What looks like those and is right is read as before.
func TestWhatOnlyLooksDoubtful(t *testing.T) {
	steady := func(text string) string {
		return minutely(0, 30, func(at string, _ int) string { return strings.ReplaceAll(text, "@", at) })
	}
	for name, text := range map[string]string{
		"when it was created":     "created_at,Temp (°C)\n" + steady("@,5.2"),
		"the header again":        "Time,Temp (°C)\n" + steady("@,5.2") + "Time,Temp (°C)\n",
		"a note over two lines":   "Time,Temp (°C),Note\n" + steady("@,5.2,") + "2026-11-20 10:30:00,5.2,\"opened\nand closed\"\n",
		"twins that agree":        "Time,Temp (°C),Temp (°F)\n" + steady("@,5.2,41.4"),
		"one event at the end":    "Time,Temp (°C),Event\n" + steady("@,5.2,") + "2026-11-20 10:30:00,,Host connected\n",
		"a certificate behind":    "Time,Temp (°C)\n" + steady("@,5.2") + "Certificate: 4711\nSignature: ab12\n",
		"a probe not connected":   "Time,T1 (°C),T2 (°C)\n" + steady("@,5.2,---"),
		"seconds since the start": "time_s,temp_c\n" + strings.TrimSpace("0,5.2\n15,5.2\n30,5.2\n") + "\n",
		"minutes since the start": "Elapsed (min);Temp (°C)\n0;5,2\n1;5,2\n2;5,2\n",
		"offsets in one digit":    "Time,Temp (°C)\n" + steady("@ UTC+8,5.2"),
		"offsets of one digit":    "Time,Temp (°C)\n" + steady("@ +8:00,5.2"),
		"numbers as text":         "Time,Temp (°C)\n" + steady("@,\"=\"\"5.2\"\"\""),
		"degrees alone":           "Time,Temp (°C)\n" + steady("@,5.2°"),
		"a name for nothing":      "Time,Temp (°C),\n" + steady("@,5.2,"),
	} {
		table, err := Read(strings.NewReader(text), Options{Zone: time.UTC})
		if err != nil || len(table.Lost) > 0 {
			t.Errorf("%s: %v, lost %+v", name, err, table.Lost)
		}
	}
}

// A zone is what it is named, or it is not understood: never UTC because the letters are
// there.
func TestZonesAsFilesNameThem(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{ // how far east; 100 h: refused
		"Time (UTC+8h),T (°C)":                            8 * time.Hour,
		"Time (UTC (+8)),T (°C)":                          8 * time.Hour,
		"Time (UTC 8),T (°C)":                             8 * time.Hour,
		"Time UTC offset +8:00,T (°C)":                    8 * time.Hour,
		"Time (UTC+0530),T (°C)":                          5*time.Hour + 30*time.Minute,
		"Time (UTC+5.5),T (°C)":                           5*time.Hour + 30*time.Minute,
		"Time (GMT-03:30),T (°C)":                         -3*time.Hour - 30*time.Minute,
		"Time (UTC),T (°C)":                               0,
		"time_utc,T (°C)":                                 0,
		"Time (UTC+30),T (°C)":                            100 * time.Hour,
		"Time zone: UTC offset +8:00\nTime,T (°C)":        8 * time.Hour,
		"Time zone,UTC,+8\nTime,T (°C)":                   8 * time.Hour,
		"Time zone: Etc/GMT-8\nTime,T (°C)":               8 * time.Hour,
		"Time zone: Asia/Shanghai\nTime,T (°C)":           8 * time.Hour,
		"Time zone: UTC, daylight saving +1\nTime,T (°C)": 100 * time.Hour,
		"Time zone: China Standard Time\nTime,T (°C)":     100 * time.Hour,
		"Time zone: Asia/Shangai\nTime,T (°C)":            100 * time.Hour,
		"时区：东八区\n时间,温度(℃)":                                100 * time.Hour,
	} {
		text += "\n2026-11-20 10:00:00,5.2\n"
		table, err := Read(strings.NewReader(text), Options{})
		switch {
		case want == 100*time.Hour && err == nil:
			t.Errorf("%q is read as %s", text, table.Lines.Times)
		case want != 100*time.Hour && (err != nil || !table.Readings[0].At.Equal(at.Add(-want))):
			t.Errorf("%q: %+v, %v", text, table.Readings, err)
		}
		table, err = Read(strings.NewReader(text), Options{Zone: shanghai})
		if err != nil || want != 8*time.Hour && len(table.Lines.Assumed) == 0 {
			t.Errorf("%q in Shanghai: %v, %+v", text, err, table.Lines)
		}
	}
}
