package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/coldchain/readings"
	"hemolift/web/sheet"
)

// coldChain is the command `hemolift coldchain`.
func coldChain(_ context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("coldchain: say judge, logger or profiles; coldchain -h explains them")
	}
	switch args[0] {
	case "judge":
		return judgeFile("judge", args[1:], out)
	case "logger":
		return judgeFile("logger", args[1:], out)
	case "profiles":
		return listProfiles(args[1:], out)
	case "-h", "--help", "help":
		_, err := io.WriteString(out, coldChainHelp)
		return err
	}
	return fmt.Errorf("coldchain: %q is none of judge, logger and profiles", args[0])
}

const coldChainHelp = `usage: hemolift coldchain judge -profile ID [-profiles FILE.csv] FILE
       hemolift coldchain logger -profile ID -box ID [-profiles FILE.csv] FILE
       hemolift coldchain profiles [-profiles FILE.csv] [-csv]

judge and logger read a table of readings and print a JSON verdict with what was read, what was
assumed, and what was left out and why. judge takes a trace (time_s,temp_c[,probe2_c,ambient_c,lid]);
logger takes the file of the logger that lay in a box, as its maker's program wrote it. Where a file
does not say it, both are told:
  -zone Asia/Shanghai        where the clock was whose times have no offset
  -unit c|f|k                the unit of the temperatures
  -dates ymd|dmy|mdy         the order of day and month
  -columns time=NAME,temp=NAME[,date=,probe2=,ambient=,lid=,box=]   by name, or by number from 1

profiles lists the profiles with edition, source and approver.
`

// loadProfiles reads the profiles that are valid at a time, the built-in ones if no file
// is named.
func loadProfiles(file string, at time.Time) (map[coldchain.ProfileID]coldchain.Profile, error) {
	if file == "" {
		return coldchain.Profiles()
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	defer f.Close()
	return coldchain.ParseProfiles(filepath.Base(file), f, at)
}

func listProfiles(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("coldchain profiles", flag.ContinueOnError)
	file := fs.String("profiles", "", "CSV file of profiles, instead of the built-in set")
	spreadsheet := fs.Bool("spreadsheet", false, "a UTF-8 mark and CRLF, as Excel takes them")
	asCSV := fs.Bool("csv", false, "print the built-in set as a file, to begin one's own with")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *asCSV {
		text := coldchain.ProfileText()
		if *spreadsheet {
			text = "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")
		}
		_, err := io.WriteString(out, text)
		return err
	}
	set, err := loadProfiles(*file, time.Now())
	if err != nil {
		return err
	}
	header := []string{"profile_id", "version", "component", "low_c", "high_c", "standard", "edition", "approver", "valid_from", "confidence"}
	var rows [][]string
	for _, id := range slices.Sorted(maps.Keys(set)) {
		p := set[id]
		rows = append(rows, []string{
			string(id),
			p.Version,
			p.Component,
			orEmpty(p.LowC()),
			orEmpty(p.HighC()),
			p.Standard,
			p.Edition,
			p.Approver,
			p.ValidFrom.Format(time.DateOnly),
			p.Confidence,
		})
	}
	return sheet.Write(out, sheet.Form{Spreadsheet: *spreadsheet}, header, rows)
}

func orEmpty(x float64) string {
	if math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// judgeFile is `coldchain judge`, and `coldchain logger` of the logger in a box.
func judgeFile(command string, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("coldchain "+command, flag.ContinueOnError)
	id := fs.String("profile", "", "id of the profile that judges")
	file := fs.String("profiles", "", "CSV file of profiles, instead of the built-in set")
	o := readings.Options{Local: command == "judge"}
	if command == "logger" {
		fs.StringVar(&o.Box, "box", "", "the box that the logger lay in")
		o.Now = time.Now()
	}
	readingFlags(fs, &o)
	files, err := parseWithFiles(fs, args)
	if err != nil {
		return err
	}
	set, err := loadProfiles(*file, time.Now())
	if err != nil {
		return err
	}
	p, ok := set[coldchain.ProfileID(*id)]
	switch {
	case *id == "":
		return fmt.Errorf("coldchain %s: say which -profile judges; coldchain profiles lists them", command)
	case !ok:
		return fmt.Errorf("coldchain %s: profile %q is unknown; coldchain profiles lists them", command, *id)
	case !p.HasRange():
		return fmt.Errorf("coldchain %s: profile %q has no range to judge by", command, *id)
	case command == "logger" && o.Box == "":
		return errors.New("coldchain logger: say which -box the logger lay in")
	case len(files) != 1:
		return fmt.Errorf("coldchain %s: name one file", command)
	}
	f, err := os.Open(files[0])
	if err != nil {
		return fmt.Errorf("coldchain %s: %w", command, err)
	}
	defer f.Close()
	t, err := readings.Read(f, o)
	if err != nil {
		return fmt.Errorf("coldchain %s: %s: %w", command, files[0], err)
	}
	j := judgeReadings(p, set, t)
	j.Box = o.Box
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(j)
}

// readingFlags say what a file does not.
func readingFlags(fs *flag.FlagSet, o *readings.Options) {
	fs.Func("zone", "IANA zone of times without an offset, as Asia/Shanghai", func(name string) (err error) {
		if o.Zone, err = time.LoadLocation(name); err != nil || name == "" || name == "Local" {
			return errors.New("is no IANA zone, as Asia/Shanghai")
		}
		return nil
	})
	fs.Func("unit", "unit of the temperatures where the file does not say it: c, f or k", func(s string) (err error) {
		o.Unit, err = readings.ParseUnit(s)
		return err
	})
	fs.Func("dates", "order of day, month and year where the file does not tell: ymd, dmy or mdy", func(s string) (err error) {
		o.Dates, err = readings.ParseOrder(s)
		return err
	})
	fs.Func("columns", "what columns hold: time=NAME,temp=NAME,... by name, or by number from 1", func(s string) (err error) {
		o.Columns, err = readings.ParseColumns(s)
		return err
	})
}
