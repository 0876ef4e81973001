package label

import (
	"fmt"
	"regexp"
	"strings"
)

// Structure is one data structure of a scan, or one that a person typed.
type Structure struct {
	Number     string // of the standard's table, as "001"; empty where this table has none
	Name       string // as "donation_identification_number"
	Identifier string // the characters that announced it; empty where it was typed
	Data       string // its content
}

// Names of the structures that a bag is known by.
const (
	NameDIN      = "donation_identification_number"
	NameGroup    = "blood_groups"
	NameProduct  = "product_code"
	NameExpiry   = "expiry_date"
	NameExpires  = "expiry_date_and_time"
	NameDivision = "product_divisions"

	nameOther = "other_structure"
	nameLocal = "local_structure"
)

// kind is what the standard says of one structure (ST-001, table 2).
type kind struct {
	number, name, identifier string
	length                   int // of the content; 0: it goes on to what is no content
	check                    func(data string) error
}

// kinds are the structures whose length is known here, found by their identifier.
var kinds = []kind{
	{"002", NameGroup, "=%", 4, checkGroup},
	{"003", NameProduct, "=<", 8, checkProduct},
	{"004", NameExpiry, "=>", 6, checkDate},
	{"005", NameExpires, "&>", 10, checkDate},
	{"006", "collection_date", "=*", 6, checkDate},
	{"007", "collection_date_and_time", "&*", 10, checkDate},
	{"008", "production_date", "=}", 6, checkDate},
	{"009", "production_date_and_time", "&}", 10, checkDate},
	{"010", "special_testing", "&(", 5, nil},
	{"012", "red_cell_antigens", `=\`, 18, nil},
	{"019", "donor_identification_number", "=;", 21, nil},
	{"023", nameCompound, "=+", 5, checkCompound},
	{"024", "patient_birth_date", "=#", 10, nil},
	{"028", "product_consignment", "=$", 16, nil},
	{"032", NameDivision, "=,", 6, nil},
	{"038", "single_european_code", "&,4", 40, nil},
	{"039", "global_registration_identifier", "&:", 19, nil},
	{"040", "chain_of_identity", "&/", 15, nil},
}

const nameCompound = "compound_message"

// dinKind is apart: the second character of its identifier is the first of its content.
var dinKind = kind{"001", NameDIN, "=", 15, checkDIN}

var (
	beginsDIN   = regexp.MustCompile(`^=[A-Za-z0-9]`)
	beginsLocal = regexp.MustCompile(`^&[a-z]`)
	beginsOther = regexp.MustCompile("^[=&][!-%'-/:-<>-@\\[-`{-~]")
	// between stand characters that scanners put around symbols: separators as such or
	// spelled out, and the identifier of the symbol's kind (ISO/IEC 15424).
	between   = regexp.MustCompile(`^(?:[\s\x00-\x1f\x7f\x{241d}\x{241e}\x{2404}\x{feff}]|\][A-Za-z][0-9A-Za-z]|\^\]|<GS>|\{GS\}|\[GS\])+`)
	ofALabel  = regexp.MustCompile(`^[!-~]+$`)
	separator = regexp.MustCompile(`[=&\x00-\x1f\x{241d}\x{241e}\x{2404}]|$`) // or what announces the next
)

// Parse takes one scan apart. The error says which structure was met and what is wrong
// with it; nothing of such a scan is taken.
func Parse(scan string) ([]Structure, error) {
	text, err := clean(scan)
	if err != nil {
		return nil, err
	}
	var found []Structure
	for {
		if text = text[len(between.FindString(text)):]; text == "" {
			break
		}
		s, rest, err := next(text)
		if err != nil {
			return nil, err
		}
		found, text = append(found, s...), rest
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("holds nothing")
	}
	return found, countCompound(found)
}

// next takes the structure at the beginning of a text, or what was typed there.
func next(text string) ([]Structure, string, error) {
	if strings.IndexAny(text, "=&") != 0 {
		end := strings.IndexAny(text, "=&")
		if end < 0 {
			end = len(text)
		}
		s, err := typed(text[:end])
		return s, text[end:], err
	}
	k, ok := kindOf(text)
	if !ok {
		return nil, "", fmt.Errorf("begins with %q, which announces no structure of ISBT 128", short(text))
	}
	end := len(k.identifier) + k.length
	if k.number == dinKind.number {
		end = 1 + k.length
	}
	if k.length == 0 {
		end += separator.FindStringIndex(text[end:])[0]
	}
	if len(text) < end {
		got := k.length - (end - len(text))
		return nil, "", fmt.Errorf("holds a %s of %d characters instead of %d", named(k.name, k.identifier), got, k.length)
	}
	data := text[len(k.identifier):end]
	if k.length > 0 && !ofALabel.MatchString(data) {
		return nil, "", fmt.Errorf("holds a %s %q with characters that no label has", named(k.name, k.identifier), data)
	}
	if k.check != nil {
		if err := k.check(data); err != nil {
			return nil, "", fmt.Errorf("holds a %s %q: %w", named(k.name, k.identifier), data, err)
		}
	}
	return []Structure{{k.number, k.name, k.identifier, data}}, text[end:], nil
}

func kindOf(text string) (kind, bool) {
	if beginsDIN.MatchString(text) {
		return dinKind, true
	}
	for _, k := range kinds {
		if strings.HasPrefix(text, k.identifier) {
			return k, true
		}
	}
	switch {
	case beginsLocal.MatchString(text):
		return kind{name: nameLocal, identifier: text[:2]}, true
	case beginsOther.MatchString(text):
		return kind{name: nameOther, identifier: beginsOther.FindString(text)}, true
	}
	return kind{}, false
}

// checkCompound: two digits for how many structures follow, three for their sequence.
func checkCompound(data string) error {
	if !allDigits(data) {
		return fmt.Errorf("is not of digits")
	}
	return nil
}

// countCompound refuses a compound message of which structures are missing or too many.
func countCompound(found []Structure) error {
	for i, s := range found {
		if s.Name != nameCompound {
			continue
		}
		want := int(s.Data[0]-'0')*10 + int(s.Data[1]-'0')
		if got := len(found) - i - 1; got != want {
			return fmt.Errorf("holds a compound message (=+) of %d structures and %d of them", want, got)
		}
	}
	return nil
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// spoken is a name for sentences.
func spoken(name string) string { return strings.ReplaceAll(name, "_", " ") }

// short is the beginning of a text, for a refusal.
func short(text string) string {
	if r := []rune(text); len(r) > 12 {
		return string(r[:12]) + "…"
	}
	return text
}
