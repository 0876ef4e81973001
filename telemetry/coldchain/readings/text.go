package readings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Bounds of a file.
const (
	maxBytes = 64 << 20
	maxRows  = 1_000_000
	maxRow   = 16 << 10 // bytes of a row
	maxCells = 256
)

// ErrNoTable is returned for a file that is something else than a table of text.
var ErrNoTable = errors.New("is no table of text")

// formats are what people send in the place of a table, by how the files begin.
var formats = []struct{ begins, name string }{
	{"PK\x03\x04", "a zip archive or a workbook (.xlsx): export the sheet as CSV"},
	{"\x1f\x8b", "compressed (gzip): unpack it"},
	{"7z\xbc\xaf", "compressed (7z): unpack it"},
	{"Rar!", "compressed (rar): unpack it"},
	{"BZh", "compressed (bzip2): unpack it"},
	{"\xfd7zXZ", "compressed (xz): unpack it"},
	{"%PDF", "a PDF: export the readings as CSV"},
	{"\xd0\xcf\x11\xe0", "an old workbook (.xls) or a maker's own file: export the readings as CSV"},
	{"\x89PNG", "a picture"},
	{"\xff\xd8\xff", "a picture"},
	{"SQLite format", "a database"},
	{"<?xml", "XML: export the readings as CSV"},
	{"<!DOCTYPE", "a web page: export the readings as CSV"},
	{"<html", "a web page: export the readings as CSV"},
}

// text reads a file and says how its letters are written.
func text(r io.Reader) (s, name string, err error) {
	b, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	switch {
	case err != nil:
		return "", "", fmt.Errorf("cannot be read: %w", err)
	case len(b) > maxBytes:
		return "", "", fmt.Errorf("%w: it is longer than %d MB", ErrNoTable, maxBytes>>20)
	}
	for _, f := range formats {
		if bytes.HasPrefix(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), []byte(f.begins)) {
			return "", "", fmt.Errorf("%w: it is %s", ErrNoTable, f.name)
		}
	}
	name, how := encodingOf(b)
	if how == nil {
		return strings.ToValidUTF8(strings.TrimPrefix(string(b), "\ufeff"), "\ufffd"), name, nil
	}
	if b, err = how.NewDecoder().Bytes(b); err != nil {
		return "", "", fmt.Errorf("%w: as %s it cannot be read: %w", ErrNoTable, name, err)
	}
	return strings.TrimPrefix(string(b), "\ufeff"), name, nil
}

// encodingOf tells an encoding by a mark, by the NULs of UTF-16, or by what the lines
// with letters beyond ASCII can be; nil is UTF-8. A line that was damaged has one vote.
func encodingOf(b []byte) (string, encoding.Encoding) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return "UTF-8 with mark", nil
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return "UTF-16 LE", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return "UTF-16 BE", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	var nul [2]int
	for i, c := range b {
		if c == 0 {
			nul[i%2]++
		}
	}
	switch few := len(b) / 4; { // of some 2 NULs a letter in ASCII
	case nul[1] > few && nul[1] > nul[0]:
		return "UTF-16 LE without mark", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case nul[0] > few:
		return "UTF-16 BE without mark", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	votes := map[string]int{}
	best := "ASCII"
	for line := range bytes.Lines(b) {
		if v := vote(line); v != "" {
			if votes[v]++; votes[v] > votes[best] { // equal ones: who came first
				best = v
			}
		}
	}
	switch best {
	case "GB18030":
		return best, simplifiedchinese.GB18030
	case "Windows-1252":
		return best, charmap.Windows1252
	}
	return best, nil
}

// vote is what one line says of its encoding; nothing when it is plain ASCII. Chinese text
// is made of pairs of high bytes; Western text has single ones, as the degree sign.
func vote(line []byte) string {
	high, pairs, single := false, 0, 0
	for i := 0; i < len(line); i++ {
		if line[i] < utf8.RuneSelf {
			continue
		}
		high = true
		if i+1 < len(line) && line[i] >= 0xa1 && line[i] <= 0xf7 && line[i+1] >= 0xa1 {
			pairs++
			i++
			continue
		}
		single++
	}
	switch {
	case !high:
		return ""
	case utf8.Valid(line):
		return "UTF-8"
	case pairs > single:
		return "GB18030"
	}
	return "Windows-1252"
}
