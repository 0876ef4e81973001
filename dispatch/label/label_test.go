package label_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/label"
	"hemolift/dispatch/label/vectors"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry/qualify"
)

func TestThePublishedVectors(t *testing.T) {
	f, err := os.Open("testdata/isbt128_vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	verdicts, err := qualify.Recompute(f, vectors.Kinds)
	if err != nil || len(verdicts) != 83 {
		t.Errorf("%v, %d cases", err, len(verdicts))
	}
	for _, v := range verdicts {
		if len(v.Wrong) > 0 {
			t.Errorf("%s: %v", v.ID, v.Wrong)
		}
	}
}

// One bag, in every way in which it comes in.
func TestOneBagInManyForms(t *testing.T) {
	want := blood.UnitKey{DIN: "A999926123456", ProductCode: "E0398V00"}
	check := string(label.Check(want.DIN))
	checked := "=A999926123456" + "60"
	for flags := range 37 {
		s := "=A999926123456" + string([]byte{byte('6' + flags/10), byte('0' + flags%10)})
		if _, err := label.Parse(s); err == nil {
			checked = s
		}
	}
	forms := map[string][]string{
		"two symbols in one":            {"=A99992612345600=<E0398V00"},
		"one symbol a scan":             {"=A99992612345600", "=<E0398V00"},
		"the other way round":           {"=<E0398V00", "=A99992612345600"},
		"with what it does not need":    {"=<E0398V00", "=%6200", "&>0273652359", "=*026001", "&(N0001", "=A99992612345600"},
		"twice":                         {"=A99992612345600", "=A99992612345600", "=<E0398V00", "=<E0398V00"},
		"AIM identifiers":               {"]C0=A99992612345600", "]C0=<E0398V00"},
		"AIM identifiers in one":        {"]C0=A99992612345600]C0=<E0398V00"},
		"Data Matrix":                   {"]d1=+04000=A99992612345600=%6200=<E0398V00&>0273652359"},
		"group separators":              {"\x1d=A99992612345600\x1d=<E0398V00\x1d"},
		"group separators, spelled out": {"=A99992612345600^]=<E0398V00<GS>"},
		"shown separators":              {"=A99992612345600␝=<E0398V00␞"},
		"line ends":                     {"=A99992612345600\r\n", "=<E0398V00\r"},
		"tabs":                          {"=A99992612345600\t=<E0398V00\t"},
		"spaces":                        {"  =A99992612345600   =<E0398V00 "},
		"a mark before":                 {"\ufeff=A99992612345600=<E0398V00"},
		"flags that check":              {checked, "=<E0398V00"},
		"flags of a second container":   {"=A99992612345602", "=<E0398V00"},
		"full width":                    {"＝Ａ９９９９２６１２３４５６００", "＝＜Ｅ０３９８Ｖ００"},
		"an input method's brackets":    {"=A99992612345600=《E0398V00"},
		"local structures between":      {"=A99992612345600", "&aWHATEVER the site likes", "=<E0398V00"},
		"a structure without a row":     {"=)KZ0110001\x1d&)12345678", "=A99992612345600", "=<E0398V00"},
		"as printed":                    {"A9999 26 123456 " + check, "E0398V00"},
		"as printed, with flags":        {"A9999 26 123456 00 " + check + " E0398V00"},
		"as printed, in one":            {"a999926123456" + strings.ToLower(check) + "E0398V00"},
		"as printed, with hyphens":      {"A9999-26-123456-" + check + " E0398V00"},
		"number typed, product scanned": {"A9999 26 123456 " + check, "]C0=<E0398V00"},
		"number scanned, product typed": {"=A99992612345600 e0398V00"},
		"small letters":                 {"a999926123456" + strings.ToLower(check), "e0398v00"},
		"a lot in one scan":             {"=+03000=A99992612345600=)KZ01100010=<E0398V00"},
		"full width, typed":             {"Ａ９９９９　２６　１２３４５６　" + check + "　Ｅ０３９８Ｖ００"},
		"flags that check, typed":       {checked[1:], "E0398V00"},
	}
	for name, scans := range forms {
		l, err := label.Read(scans...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := l.Key(); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// What is refused says what was met, and what would be right.
func TestWhatIsRefused(t *testing.T) {
	const din, product = "=A99992612345600", "=<E0398V00"
	for name, tt := range map[string]struct {
		scans []string
		says  []string
	}{
		"nothing":                   {nil, []string{"1 to 20"}},
		"too many":                  {make([]string, 21), []string{"1 to 20"}},
		"an empty scan":             {[]string{din, " "}, []string{"scans[1]", "nothing"}},
		"too long":                  {[]string{din + strings.Repeat(" ", label.MaxScan)}, []string{"scans[0]", "1000"}},
		"bad UTF-8":                 {[]string{"\xff"}, []string{"UTF-8"}},
		"another bag's number":      {[]string{din, "=A99992612345700"}, []string{"scans[1]", "A999926123457", "two bags"}},
		"another product":           {[]string{din, product, "=<E0336V00"}, []string{"scans[2]", "E0336V00", "E0398V00"}},
		"another group":             {[]string{"=%6200", "=%5100"}, []string{"blood groups", "two bags"}},
		"another day":               {[]string{"&>0260011200", "=>026002"}, []string{"expiry date"}},
		"a test tube":               {[]string{"=A99992612345607"}, []string{"test tube", "not on the bag"}},
		"a label to match":          {[]string{"=A99992612345611"}, []string{"not on the bag"}},
		"misread flags":             {[]string{"=A99992612345699"[:14] + "60"}, []string{"misread"}},
		"no check character":        {[]string{"A9999 26 123456"}, []string{"check character is missing"}},
		"flags in its place":        {[]string{"A9999 26 123456 00"}, []string{"check character is missing"}},
		"a wrong check character":   {[]string{"A9999 26 123456 Z"}, []string{"check character Z", "mistyped"}},
		"two digits changed round":  {[]string{"G1234 17 654312 A"}, []string{"mistyped"}},
		"the letter O for a zero":   {[]string{"G1234 17 65432O A"}, []string{"ten digits"}},
		"cut":                       {[]string{"=A9999261234"}, []string{"donation identification number", "11", "15"}},
		"a cut product":             {[]string{"=<E0398V0"}, []string{"product code (=<)", "7", "8"}},
		"an impossible day":         {[]string{"&>0263661200"}, []string{"366", "2026"}},
		"an impossible time":        {[]string{"&>0260012460"}, []string{"24:60"}},
		"a compound cut short":      {[]string{"=+03000" + din + product}, []string{"compound", "3", "2"}},
		"a lower-case facility":     {[]string{"=a99992612345600"}, []string{"donation identification number"}},
		"another keyboard":          {[]string{"´A99992612345600"}, []string{"neither", "= or &"}},
		"a box's code":              {[]string{"BX-014"}, []string{"neither"}},
		"an identifier cut off":     {[]string{"=\x1d"}, []string{"announces no structure"}},
		"no identifier":             {[]string{"&␝x"}, []string{"announces no structure"}},
		"a second bag behind a lot": {[]string{"=A99992112345600=<E0398V00=)KZ01100010=A99992112345700"}, []string{"two bags"}},
		"a tube behind a local one": {[]string{"=A99992112345600=<E0398V00&aX=A99992112345607"}, []string{"not on the bag"}},
		"a box for a product":       {[]string{"BX-000123"}, []string{"product code"}},
		"a seal for a product":      {[]string{"SL-471100"}, []string{"product code"}},
		"a word for a product":      {[]string{"HOSPITAL"}, []string{"product code"}},
		"control characters":        {[]string{"=A9999\x1d2612345600"}, []string{"no label has"}},
	} {
		_, err := label.Read(tt.scans...)
		if err == nil {
			t.Errorf("%s was taken", name)
			continue
		}
		for _, want := range tt.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", name, err, want)
			}
		}
	}
}

func TestWhatIsWanted(t *testing.T) {
	for _, tt := range []struct{ scan, met, wanted string }{
		{"=A99992612345600", "donation identification number (=)", "wanted: the product code (=<)"},
		{"=<E0398V00", "product code (=<)", "wanted: the donation identification number (=)"},
		{"&>0273652359=%6200", "expiry date and time (&>), the blood groups (=%)", "number (=), the product code (=<)"},
		{"=A99992612345600=<E0398V99", "product code", "wanted: the product divisions (=,)"},
	} {
		l, err := label.Read(tt.scan)
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Key()
		var field refusal.Field
		if !errors.As(err, &field) || field.Field != "scans" || !strings.Contains(field.Reason, tt.met) || !strings.Contains(field.Reason, tt.wanted) {
			t.Errorf("%s: %v", tt.scan, err)
		}
	}
	l, err := label.Read("=A99992612345600=<E0398V99", "=,00A012")
	if key, err2 := l.Key(); err != nil || err2 != nil || key.Division != "00A012" {
		t.Errorf("%v, %v, %v", key, err, err2)
	}
	l, err = label.Read("=A99992612345600=<E0398V00=,00A012")
	if key, err2 := l.Key(); err != nil || err2 != nil || key.Division != "" {
		t.Errorf("%v, %v, %v", key, err, err2)
	}
}

func TestPlain(t *testing.T) {
	for scan, want := range map[string]string{
		"]C0sl-4711\r\n": "SL-4711", "ＳＬ－４７１１": "SL-4711", " BX-014\t": "BX-014", "\x1dbx-014\x1d": "BX-014", "SL-1": "SL-1", "": "",
	} {
		if got, err := label.Plain(scan); err != nil || got != want {
			t.Errorf("%q: %q, %v", scan, got, err)
		}
	}
}

// Any one character of a typed number that is another, and any two neighbours that
// changed places, are noticed: that is what the check character is for.
func TestEverySlipOfAFingerIsNoticed(t *testing.T) {
	const right = "G123417654321A"
	slips := 0
	for i := range right {
		for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*" {
			s := right[:i] + string(c) + right[i+1:]
			if _, err := label.Read(s); s != right && err == nil {
				t.Errorf("%s was taken", s)
			}
			slips++
		}
		if i > 0 && right[i] != right[i-1] {
			s := right[:i-1] + right[i:i+1] + right[i-1:i] + right[i+1:]
			if _, err := label.Read(s); err == nil {
				t.Errorf("%s was taken", s)
			}
			slips++
		}
	}
	if slips < 500 {
		t.Errorf("only %d", slips)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"=A99992612345600=<E0398V00", "]C0=%6200&>0273652359", "G1234 17 654321 A", "=+02000=A99992612345600=<E0398V00", "&aX\x1d=,00A012", "＝＜Ｅ０３９８Ｖ００",
	} {
		f.Add(s, "=<E0398V99")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		l, err := label.Read(a, b)
		if err != nil {
			return
		}
		if len(l.Structures) < 2 {
			t.Errorf("%q, %q: taken, with %d structures", a, b, len(l.Structures))
		}
		key, err := l.Key()
		if err == nil && key.Check() != nil {
			t.Errorf("%q, %q: %v: %v", a, b, key, key.Check())
		}
		other, err2 := label.Read(b, a) // the order of scans says nothing
		if k, err3 := other.Key(); err2 != nil || (err == nil) != (err3 == nil) || k != key {
			t.Errorf("%q, %q: %v, but the other way round %v: %v, %v", a, b, key, k, err2, err3)
		}
	})
}
