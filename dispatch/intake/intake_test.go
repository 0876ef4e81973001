package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/intake"
)

var shanghai = time.FixedZone("+8", 8*3600)

const head = "din,product_code,component,blood_group,mass_g,expires_at\n"

func read(text string) ([]intake.Line, error) {
	lines, whole := intake.Read(strings.NewReader(text), intake.Options{Site: "SYBC", Zone: shanghai})
	if len(whole) > 0 {
		return lines, whole
	}
	return lines, nil
}

// One bag, in every way in which lists state it.
func TestOneBagInManyLists(t *testing.T) {
	t.Parallel()
	want := blood.Unit{
		Key: blood.UnitKey{DIN: "A999926123456", ProductCode: "E0398V00"}, Component: blood.RedCells, Group: "O-", MassG: 320,
		ExpiresAt: time.Date(2026, 12, 31, 15, 59, 0, 0, time.UTC), Site: "SYBC", Status: blood.InStock,
	}
	for name, list := range map[string]string{
		"plain":           head + "A999926123456,E0398V00,red_cells,O-,320,2026-12-31T23:59:00+08:00\n",
		"local time":      head + "A999926123456,E0398V00,red_cells,O-,320,2026-12-31 23:59\n",
		"a day":           head + "A999926123456,E0398V00,red_cells,O-,320,2026-12-31\n",
		"as scanned":      head + "=A99992612345600,=<E0398V00,red_cells,=%9500,320,&>0263652359\n",
		"printed":         head + "A9999 26 123456,E0398V00,RED_CELLS,o-,320,2026-12-31\n",
		"a mark":          "\ufeff" + head + "A999926123456,E0398V00,red_cells,O-,320,2026-12-31\n",
		"semicolons":      strings.ReplaceAll(head, ",", ";") + "A999926123456;E0398V00;red_cells;O-;320,0;2026-12-31\n",
		"another order":   "Note,MASS_G,expires_at,blood_group,component,product_code,DIN\nx,320,2026-12-31,O-,red_cells,E0398V00,A999926123456\n",
		"its own site":    "site," + head + "SYBC,A999926123456,E0398V00,red_cells,O-,320,2026-12-31\r\n",
		"an empty line":   head + "\n,,,,,\nA999926123456,E0398V00,red_cells,O-,320,2026-12-31\n",
		"ends of lines":   strings.ReplaceAll(head+"A999926123456,E0398V00,red_cells,O-,320,2026-12-31\n", "\n", "\r"),
		"an empty site":   "site," + head + ",A999926123456,E0398V00,red_cells,O-,320,2026-12-31\n",
		"no end of lines": head + "A999926123456,E0398V00,red_cells,O-,320,2026-12-31",
	} {
		lines, err := read(list)
		if err != nil || len(lines) != 1 || lines[0].Fault != "" || lines[0].Unit != want {
			t.Errorf("%s: %v, %+v", name, err, lines)
		}
	}
}

// A fault costs its own line, and names the column.
func TestFaultsOfLines(t *testing.T) {
	t.Parallel()
	good := "A999926123456,E0398V00,red_cells,O-,320,2026-12-31\n"
	for bad, column := range map[string]string{
		"=%9500,E0398V00,red_cells,O-,320,2026-12-31":                            "din",
		"=A99992612,E0398V00,red_cells,O-,320,2026-12-31":                        "din",
		"A999926123456,=%9500,red_cells,O-,320,2026-12-31":                       "product_code",
		"A999926123456,E0398V00,red_cells,=%Mq00,320,2026-12-31":                 "blood_group",
		"A999926123456,E0398V00,red_cells,=%9600,320,2026-12-31":                 "blood_group",
		"A999926123456,E0398V00,red_cells,O-,0x10,2026-12-31":                    "mass_g",
		"A999926123456,E0398V00,red_cells,O-,320.5,2026-12-31":                   "mass_g",
		"A999926123456,E0398V00,red_cells,O-,,2026-12-31":                        "mass_g",
		"A999926123456,E0398V00,red_cells,O-,320,31.12.2026":                     "expires_at",
		"A999926123456,E0398V00,red_cells,O-,320,2026-02-30":                     "expires_at",
		"A999926123456,E0398V00,red_cells,O-,320,9999-12-31":                     "expires_at",
		"A999926123456,E0398V00,red_cells,O-,320,":                               "expires_at",
		"A999926123456,E0398V00,red_cells,O-,320,2026-12-31,one,cell,too,many":   "",
		"\"A99992\"6123456,E0398V00,red_cells,O-,320,2026-12-31":                 "",
		"A999926123456,E0398V00,red_cells,O-,99999999999999999999999,2026-12-31": "mass_g",
	} {
		lines, err := read(head + good + bad + "\n" + good)
		if err != nil || len(lines) != 3 || lines[0].Fault != "" || lines[2].Fault != "" {
			t.Errorf("%s: %v, %+v", bad, err, lines)
			continue
		}
		if l := lines[1]; l.Fault == "" || l.Column != column || l.No != 3 {
			t.Errorf("%s: %+v, want a fault of %q", bad, l, column)
		}
	}
}

func TestFaultsOfLists(t *testing.T) {
	t.Parallel()
	long := head + strings.Repeat("A999926123456,E0398V00,red_cells,O-,320,2026-12-31\n", intake.MaxLines+1)
	for list, says := range map[string]string{
		"":                             "names no columns",
		"din,product_code\nx,y\n":      "list:1: component: is missing",
		"\xff\xfed\x00i\x00":           "UTF-8",
		"din," + head:                  "named twice",
		strings.Repeat("x,", 2000):     "columns",
		long:                           "at most 5000",
		head + "A999926123456\x00,,,,": "UTF-8",
	} {
		if lines, err := read(list); err == nil || !strings.Contains(err.Error(), says) || lines != nil {
			t.Errorf("%.20q: %v, want %q", list, err, says)
		}
	}
	if _, whole := intake.Read(strings.NewReader(head), intake.Options{Zone: shanghai}); len(whole) != 1 || whole[0].Column != "site" {
		t.Errorf("no site: %v", whole)
	}
	if lines, err := read(head); err != nil || len(lines) != 0 {
		t.Errorf("no lines: %v, %v", lines, err)
	}
}

// Whatever comes in: every line is in order, and has a fault or what a unit needs to be looked at.
func FuzzRead(f *testing.F) {
	f.Add(head + "A999926123456,E0398V00,red_cells,O-,320,2026-12-31\n")
	f.Add("site;" + head + "=A99992612345600;=<E0398V00;x;=%9500;1;&>0263652359")
	f.Add("\ufeffdin\tproduct_code\tcomponent\tblood_group\tmass_g\texpires_at\r\n\"\t")
	f.Fuzz(func(t *testing.T, text string) {
		lines, whole := intake.Read(strings.NewReader(text), intake.Options{Site: "SYBC", Zone: shanghai})
		if len(whole) > 0 && lines != nil {
			t.Error("lines of a list that is refused")
		}
		no := 1
		for _, l := range lines {
			if l.No < no {
				t.Errorf("line %d after line %d", l.No, no)
			}
			no = l.No
			_ = fmt.Sprint(l.Unit.Check(time.Now()))
			if l.Fault == "" && (l.Unit.Site == "" || l.Unit.ExpiresAt.IsZero()) {
				t.Errorf("%+v", l)
			}
		}
	})
}
