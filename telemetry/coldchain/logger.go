package coldchain

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hemolift/telemetry/stated"
)

// LoggerOptions say what a logger's file does not.
type LoggerOptions struct {
	Box        string         // the box that the file must be of, where it names one
	Zone       *time.Location // of times without an offset; nil refuses them
	Fahrenheit bool           // where the file names no unit
	Now        time.Time      // readings later than this are flagged; zero flags none
}

// LoggerFile is what could be read of a logger's file.
type LoggerFile struct {
	Readings []Reading // in the file's order
	Flagged  []LineFault
	// Broken is where the file ends in the middle of something; what came before
	// stands. Its line is 0 when the file is whole.
	Broken LineFault
}

// LineFault is a line that was not used, and why. Lines count from 1.
type LineFault struct {
	Line   int
	Reason string
}

// Bounds of a logger's file.
const (
	maxLoggerLines = 1_000_000
	maxLoggerLine  = 4096
	maxFlagged     = 1000
	headWithin     = 64 // lines before the header
)

// Refusals of a whole file.
var (
	ErrOtherBox   = errors.New("the file is of another box")
	ErrNoHeader   = errors.New("no line names a column of times and one of temperatures")
	ErrLoggerUnit = errors.New("the unit of the temperatures is given twice, and differently")
)

// ParseLogger reads a logger's CSV file: some lines about the logger, a header that
// names a column of times and one or two of temperatures, and a line a reading, with
// commas, semicolons or tabs. Only lines that end are read, so that a file that was cut
// says nothing that the whole file does not say.
func ParseLogger(r io.Reader, o LoggerOptions) (LoggerFile, error) {
	p := loggerParser{options: o, fahrenheit: o.Fahrenheit, seen: map[int64]bool{}}
	rd := bufio.NewReaderSize(r, maxLoggerLine)
	for line := 1; ; line++ {
		text, err := rd.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			if len(bytes.TrimSpace(text)) > 0 {
				p.file.Broken = LineFault{line, "the line does not end"}
			}
			if p.columns == nil {
				return p.file, ErrNoHeader
			}
			return p.file, nil
		case err != nil:
			p.file.Broken = LineFault{line, fmt.Sprintf("cannot be read: %v", err)}
			return p.file, nil
		case line > maxLoggerLines:
			return p.file, fmt.Errorf("line %d: the file is longer than %d lines", line, maxLoggerLines)
		}
		if err := p.line(line, strings.TrimRight(string(text), "\r\n")); err != nil {
			return p.file, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

type loggerParser struct {
	options    LoggerOptions
	file       LoggerFile
	comma      rune
	columns    *loggerColumns // nil before the header
	fahrenheit bool           // as said
	celsius    bool           // as said by the file
	seen       map[int64]bool // instants
}

// loggerColumns are the places of what counts; second, air and box are -1 where there
// are none.
type loggerColumns struct{ time, temp, second, air, box int }

var (
	boxLine = regexp.MustCompile(
		`(?i)^\W*(?:box|serial|device|logger|unit|sensor)(?:\s*(?:id|no\.?|number|name|serial))?\s*[:,;=\t]\s*"?([A-Za-z0-9_-]+)`,
	)
	unitLine = regexp.MustCompile(`(?i)^\W*(?:temperature\s*)?units?\s*[:,;=\t]\s*"?\W*(c|f)(?:elsius|ahrenheit)?\b`)
	boxName  = regexp.MustCompile(`(?i)^\W*(box|serial|device|logger)(\s*(id|no\.?|number))?\W*$`)
	cellUnit = regexp.MustCompile(`(?i)\s*°?\s*([cf])$`)
	timeName = regexp.MustCompile(`(?i)time|date`)
	tempName = regexp.MustCompile(`(?i)temp|probe|°\s*[cf]`)
	airName  = regexp.MustCompile(`(?i)ambient|outside|air`)
	inF      = regexp.MustCompile(`(?i)°\s*f|\(f\)|_f\b|fahrenheit|\[f\]`)
	inC      = regexp.MustCompile(`(?i)°\s*c|\(c\)|_c\b|celsius|\[c\]`)
)

func (p *loggerParser) line(n int, text string) error {
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if p.columns == nil {
		return p.head(n, text)
	}
	cells, err := splitLine(text, p.comma)
	if err != nil {
		p.flag(n, err.Error())
		return nil
	}
	if reading, reason := p.reading(cells); reason != "" {
		p.flag(n, reason)
	} else {
		reading.Seq = uint64(n)
		p.file.Readings = append(p.file.Readings, reading)
	}
	return nil
}

func splitLine(text string, comma rune) ([]string, error) {
	rd := csv.NewReader(strings.NewReader(text))
	rd.Comma, rd.LazyQuotes, rd.FieldsPerRecord = comma, false, -1
	cells, err := rd.Read()
	if err != nil {
		return nil, errors.New("is no CSV")
	}
	return cells, nil
}

func (p *loggerParser) flag(n int, reason string) {
	if len(p.file.Flagged) < maxFlagged {
		p.file.Flagged = append(p.file.Flagged, LineFault{n, reason})
	}
}

// head reads a line before the readings.
func (p *loggerParser) head(n int, text string) error {
	if m := unitLine.FindStringSubmatch(text); m != nil {
		return p.unit("(" + m[1] + ")")
	}
	if m := boxLine.FindStringSubmatch(text); m != nil && !timeName.MatchString(text) && p.other(m[1]) {
		return fmt.Errorf("%w: %s, not %s", ErrOtherBox, m[1], p.options.Box)
	}
	for _, comma := range []rune{',', ';', '\t'} {
		cells, err := splitLine(text, comma)
		if err != nil || len(cells) < 2 {
			continue
		}
		c := loggerColumns{-1, -1, -1, -1, -1}
		for i, name := range cells {
			switch {
			case boxName.MatchString(name):
				c.box = i
			case timeName.MatchString(name) && c.time < 0:
				c.time = i
			case airName.MatchString(name) && tempName.MatchString(name):
				c.air = i
			case tempName.MatchString(name) && c.temp < 0:
				c.temp = i
			case tempName.MatchString(name) && c.second < 0:
				c.second = i
			}
		}
		if c.time >= 0 && c.temp >= 0 {
			p.columns, p.comma = &c, comma
			return p.unit(cells[c.temp])
		}
	}
	if n >= headWithin {
		return ErrNoHeader
	}
	return nil
}

func (p *loggerParser) other(box string) bool {
	return p.options.Box != "" && !strings.EqualFold(box, p.options.Box)
}

// unit takes the unit from the header or a line before it, which must not contradict
// what was said.
func (p *loggerParser) unit(name string) error {
	f, c := inF.MatchString(name), inC.MatchString(name)
	if f && c || c && p.fahrenheit || f && p.celsius {
		return ErrLoggerUnit
	}
	p.fahrenheit, p.celsius = p.fahrenheit || f, p.celsius || c
	return nil
}

func (p *loggerParser) reading(cells []string) (r Reading, reason string) {
	cell := func(i int) string {
		if i < 0 || i >= len(cells) {
			return ""
		}
		return strings.TrimSpace(cells[i])
	}
	at, err := p.when(cell(p.columns.time))
	if err != nil {
		return r, err.Error()
	}
	if !p.options.Now.IsZero() && at.After(p.options.Now) {
		return r, "the time is in the future"
	}
	if box := cell(p.columns.box); box != "" && p.other(box) {
		return r, fmt.Sprintf("is of %q, another box", clip(box))
	}
	r = Reading{At: at, ReceivedAt: at, AmbientMC: NoAmbientMC}
	if r.TempMC, err = p.temperature(cell(p.columns.temp)); err != nil {
		return r, err.Error()
	}
	if text := cell(p.columns.second); text != "" {
		if r.SecondMC, err = p.temperature(text); err != nil {
			return r, "second probe: " + err.Error()
		}
		r.HasSecond = true
	}
	if text := cell(p.columns.air); text != "" {
		if r.AmbientMC, err = p.temperature(text); err != nil {
			return r, "ambient: " + err.Error()
		}
	}
	if p.seen[at.UnixMicro()] {
		return r, "the time was there before"
	}
	p.seen[at.UnixMicro()] = true
	return r, ""
}

// Times as loggers write them, with an offset and without.
var (
	absoluteForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700"}
	localForms    = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/01/02 15:04:05", "2006/01/02 15:04"}
)

func (p *loggerParser) when(text string) (time.Time, error) {
	for _, form := range absoluteForms {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), stated.Check(at)
		}
	}
	for _, form := range localForms {
		if at, err := time.ParseInLocation(form, text, time.UTC); err == nil {
			if p.options.Zone == nil {
				return at, fmt.Errorf("%q is a local time, and no zone was given", clip(text))
			}
			at, _ = time.ParseInLocation(form, text, p.options.Zone)
			return at.UTC(), stated.Check(at)
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time", clip(text))
}

// Temperatures beyond these are no measurement of a box.
const coldestC, hottestC = -200, 125

func (p *loggerParser) temperature(text string) (int32, error) {
	if m := cellUnit.FindStringSubmatch(text); m != nil {
		if strings.EqualFold(m[1], "f") != p.fahrenheit {
			return 0, fmt.Errorf("%q is in another unit than the file", clip(text))
		}
		text = text[:len(text)-len(m[0])]
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%q is no temperature", clip(text))
	}
	if p.fahrenheit {
		x = (x - 32) / 1.8
	}
	if x < coldestC || x > hottestC {
		return 0, fmt.Errorf("%.1f °C is not within %d to %d", x, coldestC, hottestC)
	}
	return int32(math.Round(1000 * x)), nil
}

// clip keeps what is quoted in a message short.
func clip(text string) string { return text[:min(len(text), 40)] }

// Comparison is a logger's file beside what was received live.
type Comparison struct {
	Logged, Live, Matched      int
	MissingLive, MissingLogged int
	Differing                  int     // matched, but more than 0.5 °C apart
	WorstC                     float64 // greatest difference of matched readings
}

// differMC is by how much matched readings may differ: the uncertainty of a class 1
// sensor.
const differMC = 500

// Compare matches readings that were taken within half an interval of each other. Both
// lists must be in order of time.
func Compare(logged, live []Reading, interval time.Duration) Comparison {
	c := Comparison{Logged: len(logged), Live: len(live)}
	i, j := 0, 0
	for i < len(logged) && j < len(live) {
		switch off := logged[i].At.Sub(live[j].At); {
		case off > interval/2:
			j, c.MissingLogged = j+1, c.MissingLogged+1
		case off < -interval/2:
			i, c.MissingLive = i+1, c.MissingLive+1
		default:
			apart := math.Abs(float64(logged[i].TempMC - live[j].TempMC))
			if apart > differMC {
				c.Differing++
			}
			c.WorstC = max(c.WorstC, apart/1000)
			i, j, c.Matched = i+1, j+1, c.Matched+1
		}
	}
	c.MissingLive, c.MissingLogged = c.MissingLive+len(logged)-i, c.MissingLogged+len(live)-j
	return c
}
