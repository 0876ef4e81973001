package label

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

const checkCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"

// Check is the check character of a donation identification number of 13 characters, by
// ISO/IEC 7064 MOD 37-2 (ST-001, appendix A). It is printed in a box beside the number and
// stands in no symbol.
func Check(din string) byte { return checkCharacters[Checksum(din)] }

// Checksum is the check character's value, 0 to 36.
func Checksum(din string) int {
	s := 0
	for _, c := range []byte(din) {
		s = (s + strings.IndexByte(checkCharacters, c)) * 2 % 37
	}
	return (38 - s) % 37
}

// Printed is a number as it stands on the bag for the eye: facility, year, serial number
// and check character.
func Printed(din string) string {
	if !dinForm.MatchString(din) {
		return din
	}
	return din[:5] + " " + din[5:7] + " " + din[7:] + " " + string(Check(din))
}

var (
	dinForm   = regexp.MustCompile(`^[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{10}$`)
	flagsForm = regexp.MustCompile(`^[0-9A-HJ-NPR-Y]{2}$`)
)

// Flags that say on what a number stands that is not the bag's own label (ST-001, table 3).
var notTheBag = map[string]string{
	"06": "a pilot tube",
	"07": "a test tube",
	"08": "a donor record",
	"09": "a sample for nucleic acid tests",
	"10": "a sample for bacterial tests",
	"11": "a label to match with the unit",
}

// checkDIN judges a number with its flags, 15 characters.
func checkDIN(data string) error {
	din, flags := data[:13], data[13:]
	switch {
	case !dinForm.MatchString(din):
		return fmt.Errorf("is not of the form of one: a letter but O or a digit but 0, two letters but O or digits, ten digits")
	case !flagsForm.MatchString(flags):
		return fmt.Errorf("has flags %q, which are none", flags)
	}
	if what, ok := notTheBag[flags]; ok {
		return fmt.Errorf("has flags %s: it stands on %s, not on the bag", flags, what)
	}
	if sum, is := flagsChecksum(flags); is && sum != Checksum(din) {
		return fmt.Errorf("has flags %s, which must be %d for this number: it was misread", flags, 60+Checksum(din))
	}
	return nil
}

// flagsChecksum is the checksum that flags of type 3 carry.
func flagsChecksum(flags string) (int, bool) {
	n, err := strconv.Atoi(flags)
	return n - 60, err == nil && n >= 60 && n <= 96
}

// What people type has its length from what it holds: number 13, flags 2, check character
// 1, product code 8.
var typedForm = regexp.MustCompile(
	`^(?:([0-9A-Za-z]{13})(?:([0-9A-Za-z]{2})([0-9A-Za-z*])|([0-9A-Za-z]{2})|([0-9A-Za-z*]))?)?([0-9A-Za-z]{8})?$`,
)

// typed takes apart what is printed for the eye: a number with its check character, with
// or without its flags, and a product code; either may stand alone.
func typed(text string) ([]Structure, error) {
	bare := strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1 // how it is spaced for the eye
		}
		return r
	}, text)
	m := typedForm.FindStringSubmatch(bare)
	if m == nil {
		return nil, fmt.Errorf("%q is neither a symbol of ISBT 128 (which begins with = or &) nor a number or a code as printed", short(text))
	}
	din, flags, check, product := strings.ToUpper(m[1]), strings.ToUpper(m[2]+m[4]), strings.ToUpper(m[3]+m[5]), m[6]
	var found []Structure
	if din != "" {
		if err := checkTyped(din, flags, check); err != nil {
			return nil, fmt.Errorf("holds the typed %s %q: %w", spoken(NameDIN), din, err)
		}
		found = append(found, Structure{dinKind.number, NameDIN, "", din + flags})
	}
	if product != "" {
		product = strings.ToUpper(product[:6]) + product[6:] // a division's case tells two apart
		if err := checkTypedProduct(product); err != nil {
			return nil, fmt.Errorf("holds the typed %s %q: %w", spoken(NameProduct), product, err)
		}
		found = append(found, Structure{"003", NameProduct, "", product})
	}
	return found, nil
}

func checkTyped(din, flags, check string) error {
	whole := din + flags
	if flags == "" {
		whole += "00"
	}
	if err := checkDIN(whole); err != nil {
		return err
	}
	_, verified := flagsChecksum(flags)
	switch want := string(Check(din)); {
	case check == "" && !verified:
		return fmt.Errorf("the check character is missing, which is printed in a box after it")
	case check != "" && check != want:
		return fmt.Errorf("the check character %s does not fit: a character was mistyped", check)
	}
	return nil
}
