package sheet_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"hemolift/web/sheet"
)

func TestNoCellIsAFormula(t *testing.T) {
	cells := map[string]string{
		"=1+1": "'=1+1", `=HYPERLINK("http://x","y")`: `'=HYPERLINK("http://x","y")`, "+31 24": "'+31 24", "-cmd": "'-cmd", "@sum": "'@sum",
		"\t=1": "'\t=1", "\n=1": "'\n=1", "＝1+1": "'＝1+1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x",
		"-5.2": "-5.2", "+5.2": "+5.2", "-1e3": "-1e3", "A+": "A+", "O-": "O-", "": "", "plain": "plain", "a,b": "a,b", `"q"`: `"q"`, "沈阳": "沈阳",
		"-": "'-", "--": "'--", "-5 °C": "'-5 °C",
	}
	var row, want []string
	for cell, harmless := range cells {
		row, want = append(row, cell), append(want, harmless)
	}
	var b strings.Builder
	if err := sheet.Write(&b, sheet.Form{}, row, nil); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(b.String())).Read()
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\ngot  %q\nwant %q", err, got, want)
	}
}

func TestForms(t *testing.T) {
	for form, want := range map[sheet.Form]string{
		{}:                  "温度,x\n1,\"a,b\"\n",
		{Spreadsheet: true}: "\ufeff温度,x\r\n1,\"a,b\"\r\n",
	} {
		var b strings.Builder
		if err := sheet.Write(&b, form, []string{"温度", "x"}, [][]string{{"1", "a,b"}}); err != nil || b.String() != want {
			t.Errorf("%+v: %q, %v", form, b.String(), err)
		}
	}
}
