package tables

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a table.
const (
	maxTable   = 16 << 20
	maxRows    = 100_000
	maxColumns = 1000
)

// Row is one line by the names of its columns, without the spaces around its cells.
type Row struct {
	Line  int // counted from 1
	Cells map[string]string
}

// Table is what could be read of a file.
type Table struct {
	File   string
	Header []string // lower case
	Rows   []Row
	Faults Faults
}

// Fault notes what is wrong with a cell; column may be empty.
func (t *Table) Fault(row Row, column, reason string) {
	t.Faults.Add(Fault{t.File, row.Line, column, reason})
}

// Read reads a whole table.
func Read(file string, r io.Reader) Table {
	t := Table{File: file}
	whole := func(reason string) Table {
		t.Faults.Add(Fault{File: file, Reason: reason})
		return t
	}
	b, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	switch {
	case err != nil:
		return whole("cannot be read: " + err.Error())
	case len(b) > maxTable:
		return whole(fmt.Sprintf("cannot be read: it is longer than %d MB", maxTable>>20))
	case !utf8.Valid(b) || slices.Contains(b, 0):
		return whole(`is no UTF-8; save it as "CSV UTF-8"`)
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	if !strings.Contains(text, "\r\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	rd := csv.NewReader(strings.NewReader(text))
	rd.FieldsPerRecord, rd.Comma = -1, separator(text)
	rd.TrimLeadingSpace = rd.Comma != '\t' // which is a space too: empty cells would be lost
	t.rows(rd)
	return t
}

// separator is what stands most often in the header.
func separator(text string) rune {
	header, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, r := range []rune{';', '\t'} {
		if strings.Count(header, string(r)) > strings.Count(header, string(best)) {
			best = r
		}
	}
	return best
}

// decimalComma is a number with one. Three digits behind it may be thousands as well: such
// a number is left as it is, and refused where it is wanted.
var decimalComma = regexp.MustCompile(`^([+-]?[0-9]+),([0-9]{1,2}|[0-9]{4,})$`)

// plain is a number as people write it: no hexadecimal one, and none with marks.
var plain = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)

// Number reads a number.
func Number(cell string) (float64, bool) {
	if !plain.MatchString(cell) {
		return 0, false
	}
	x, err := strconv.ParseFloat(cell, 64)
	return x, err == nil
}

func (t *Table) rows(rd *csv.Reader) {
	var err error
	if t.Header, err = rd.Read(); err != nil {
		t.Fault(Row{Line: 1}, "", "names no columns")
		return
	}
	if n := len(t.Header); n > maxColumns {
		t.Header = nil
		t.Fault(Row{Line: 1}, "", fmt.Sprintf("names %d columns, of which at most %d are read", n, maxColumns))
		return
	}
	for i, name := range t.Header {
		t.Header[i] = strings.ToLower(strings.TrimSpace(name))
		if slices.Contains(t.Header[:i], t.Header[i]) && t.Header[i] != "" {
			t.Fault(Row{Line: 1}, t.Header[i], "is named twice")
		}
	}
	for range maxRows {
		cells, err := rd.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			t.Fault(Row{Line: wrong.Line}, "", wrong.Err.Error())
			continue
		}
		if err != nil {
			t.Fault(Row{}, "", err.Error())
			return
		}
		t.row(rd, cells)
	}
	t.Fault(Row{}, "", fmt.Sprintf("is longer than %d lines", maxRows))
}

func (t *Table) row(rd *csv.Reader, cells []string) {
	line, _ := rd.FieldPos(0)
	row := Row{line, map[string]string{}}
	if strings.TrimSpace(strings.Join(cells, "")) == "" {
		return
	}
	if extra := cells[min(len(t.Header), len(cells)):]; strings.TrimSpace(strings.Join(extra, "")) != "" {
		t.Fault(row, "", fmt.Sprintf("has %d cells, the header %d", len(cells), len(t.Header)))
		return
	}
	for i, name := range t.Header {
		if i >= len(cells) {
			row.Cells[name] = "" // what is missing at the end is empty
			continue
		}
		cell := strings.TrimSpace(cells[i])
		if rd.Comma != ',' {
			cell = decimalComma.ReplaceAllString(cell, "$1.$2")
		}
		row.Cells[name] = cell
	}
	t.Rows = append(t.Rows, row)
}
