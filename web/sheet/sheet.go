// Package sheet writes tables that people open in a spreadsheet (RFC 4180): no cell of ours
// is taken for a formula, and a spreadsheet is told the encoding where somebody asks for it.
package sheet

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Form is how a table is written.
type Form struct {
	Spreadsheet bool // a UTF-8 mark first and CRLF at the ends of lines, as Excel takes them
}

// Write writes a table, its header first. Text that a spreadsheet would take for a formula
// gets an apostrophe before it; numbers are left as they are.
func Write(w io.Writer, form Form, header []string, rows [][]string) error {
	if form.Spreadsheet {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = form.Spreadsheet
	for _, row := range append([][]string{header}, rows...) {
		harmless := make([]string, len(row))
		for i, cell := range row {
			harmless[i] = text(cell)
		}
		if err := out.Write(harmless); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// formulas are the characters with which a spreadsheet begins to compute, and those after
// which it looks for one; also in the full-width forms of an input method.
const formulas = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

func text(cell string) string {
	first, _ := utf8.DecodeRuneInString(cell)
	if cell == "" || !strings.ContainsRune(formulas, first) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}
