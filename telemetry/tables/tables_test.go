package tables_test

import (
	"fmt"
	"strings"
	"testing"

	"hemolift/telemetry/tables"
)

func TestOneTableInManyForms(t *testing.T) {
	for name, text := range map[string]string{
		"plain":           "id,height_m,name\nA,1.5,x\nB,-2,\"y,z\"\n",
		"a mark":          "\ufeffid,height_m,name\nA,1.5,x\nB,-2,\"y,z\"\n",
		"CRLF":            "id,height_m,name\r\nA,1.5,x\r\nB,-2,\"y,z\"\r\n",
		"CR":              "id,height_m,name\rA,1.5,x\rB,-2,\"y,z\"",
		"semicolons":      "id;height_m;name\nA;1,5;x\nB;-2;y,z\n",
		"tabs":            "id\theight_m\tname\nA\t1,5\tx\nB\t-2\ty,z\n",
		"empty cells":     "id\t\theight_m\tname\nA\t\t1.5\tx\nB\t\t-2\ty,z\n",
		"capitals":        " ID , Height_M,NAME \nA,1.5,x\nB,-2,\"y,z\"\n",
		"another order":   "name,id,height_m\nx,A,1.5\n\"y,z\",B,-2\n",
		"empty lines":     "id,height_m,name\n\nA,1.5,x\n,,\nB,-2,\"y,z\"\n ,\n",
		"cells after all": "id,height_m,name\nA,1.5,x,,\nB,-2,\"y,z\",\n",
	} {
		got := tables.Read("t.csv", strings.NewReader(text))
		if err := got.Faults.Err(); err != nil || len(got.Rows) != 2 {
			t.Errorf("%s: %d rows, %v", name, len(got.Rows), err)
			continue
		}
		for i, want := range []map[string]string{{"id": "A", "height_m": "1.5", "name": "x"}, {"id": "B", "height_m": "-2", "name": "y,z"}} {
			for column, cell := range want {
				if got.Rows[i].Cells[column] != cell {
					t.Errorf("%s: row %d, %s: %q", name, i, column, got.Rows[i].Cells[column])
				}
			}
		}
	}
}

func TestWhatIsWrongWithATable(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "t.csv:1: names no columns",
		"a,b\n1,2,3\n4,5":         "t.csv:2: has 3 cells, the header 2",
		"a,b,a\n1,2,3":            "t.csv:1: a: is named twice",
		"a,b\n1,\"2\n3,4":         "t.csv:3: ", // a quote that does not end
		"a,b\n1,2\x00":            "save it as",
		"\xff\xfea\x00,\x00b\x00": "save it as",
	} {
		got := tables.Read("t.csv", strings.NewReader(text))
		if err := got.Faults.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	short := tables.Read("t.csv", strings.NewReader("a;b;c\n1\n2,600;1,5;x\n"))
	if cells := short.Rows[0].Cells; len(cells) != 3 || cells["a"] != "1" || cells["c"] != "" {
		t.Errorf("a short line: %v", cells)
	}
	if cells := short.Rows[1].Cells; cells["a"] != "2,600" || cells["b"] != "1.5" { // thousands, or a decimal comma
		t.Errorf("commas in numbers: %v", cells)
	}
	for cell, want := range map[string]bool{"1": true, "-1.5": true, ".5": true, "2e3": true, "1e999": false, "0x10p0": false, "2_400": false, "2,600": false, "NaN": false, "": false} {
		if _, ok := tables.Number(cell); ok != want {
			t.Errorf("%q is a number: %v", cell, ok)
		}
	}
	got := tables.Read("t.csv", strings.NewReader("a,b\n1,2,3\n4,5\n6,7,8\n"))
	if len(got.Faults) != 2 || len(got.Rows) != 1 || got.Rows[0].Line != 3 {
		t.Errorf("one bad line costs more than itself: %+v", got)
	}
}

// However long a file is and however much is wrong with it, little is kept.
func TestATableIsBounded(t *testing.T) {
	if got := tables.Read("t.csv", strings.NewReader(strings.Repeat("x", 17<<20))); !strings.Contains(fmt.Sprint(got.Faults), "longer than 16 MB") {
		t.Errorf("too long: %.100v", got.Faults)
	}
	if got := tables.Read("t.csv", strings.NewReader("a\n"+strings.Repeat("x\n", 100_001))); len(got.Rows) != 100_000 || len(got.Faults) != 1 {
		t.Errorf("too many: %d rows, %.100v", len(got.Rows), got.Faults)
	}
	if got := tables.Read("t.csv", strings.NewReader("a\n"+strings.Repeat("x,y\n", 5000))); len(got.Faults) != 1001 {
		t.Errorf("%d faults", len(got.Faults))
	}
	var b strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&b, "c%d,", i)
	}
	if got := tables.Read("t.csv", strings.NewReader(b.String())); !strings.Contains(fmt.Sprint(got.Faults), "names 1000001 columns") {
		t.Errorf("a million columns: %.200v", got.Faults)
	}
}
