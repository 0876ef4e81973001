package readings

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// row is one line of a file, or several where a quoted cell holds newlines. Its number is
// that of its first line, counted from 1.
type row struct {
	line int
	text string
	ends bool // with a newline
}

// lines cuts a text into rows of one line each, whatever ends a line, and no more than most.
func lines(s string, most int) ([]row, error) {
	s = strings.ReplaceAll(s, "\r\r\n", "\n")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	if strings.Count(s, "\n") >= most {
		return nil, fmt.Errorf("%w: it is longer than %d lines", ErrNoTable, most)
	}
	var rows []row
	for n := 1; s != ""; n++ {
		line, rest, ends := strings.Cut(s, "\n")
		rows = append(rows, row{n, line, ends})
		s = rest
	}
	return rows, nil
}

// separators are what may stand between cells.
var separators = []rune{',', ';', '\t', '|'}

var separatorNames = map[rune]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "bar"}

// Faults of a row.
var (
	errTooLong = errors.New("the line is too long")
	errQuotes  = errors.New("its quotes do not match")
)

// cells splits a row. Odd quotes in a row whose cells can be told all the same are no
// fault.
func (r row) cells(comma rune) ([]string, error) {
	if len(r.text) > maxRow {
		return nil, errTooLong
	}
	if !strings.Contains(r.text, `"`) {
		if strings.Count(r.text, string(comma)) >= maxCells {
			return nil, fmt.Errorf("has more than %d cells", maxCells)
		}
		return strings.Split(r.text, string(comma)), nil
	}
	rd := csv.NewReader(strings.NewReader(r.text))
	rd.Comma, rd.FieldsPerRecord = comma, -1
	cells, err := rd.Read()
	if err != nil {
		return nil, errQuotes
	}
	if _, err := rd.Read(); !errors.Is(err, io.EOF) {
		return nil, errQuotes
	}
	if len(cells) > maxCells {
		return nil, fmt.Errorf("has more than %d cells", maxCells)
	}
	return cells, nil
}

// loose splits a row whose quotes do not match, as if they were letters; of one that is too
// long, its beginning.
func (r row) loose(comma rune) []string {
	return strings.Split(strings.ReplaceAll(r.text[:min(len(r.text), maxRow)], `"`, ""), string(comma))
}

// begins is the outline of a row's first cell, by which one that begins with a time is told.
func begins(text string, comma rune) string {
	first, _, _ := strings.Cut(text, string(comma))
	if !strings.ContainsAny(first, "0123456789") {
		return text // nobody else's
	}
	return outline(strings.Trim(first, `" `))
}

// maxJoined is over how many lines a quoted cell may go.
const maxJoined = 8

// joined is the row that begins at rows[i] with the lines that its quotes go over, and how
// many lines that are; it must have as many cells as want, if want is not 0. A quote that
// nothing closes costs its own line, not those after it.
func joined(rows []row, i int, comma rune, want int) (row, int) {
	r := rows[i]
	if strings.Count(r.text, `"`)%2 == 0 {
		return r, 1
	}
	whole := r
	for k := 1; k < maxJoined && i+k < len(rows); k++ {
		if begins(rows[i+k].text, comma) == begins(r.text, comma) { // a row of its own
			break
		}
		whole.text += "\n" + rows[i+k].text
		whole.ends = rows[i+k].ends
		if len(whole.text) > maxRow {
			break
		}
		if strings.Count(whole.text, `"`)%2 == 0 {
			if cells, err := whole.cells(comma); err == nil && (want == 0 || len(cells) == want) {
				return whole, k + 1
			}
			break
		}
	}
	return r, 1
}
