package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
	"hemolift/web/api"
)

const listHead = "din,product_code,component,blood_group,mass_g,expires_at\n"

// imports sends a list; query is what is said of it besides.
func (p person) imports(list, query string) answer {
	p.t.Helper()
	return p.asks("POST", "/unit-lists?site=SYBC&"+query, list, "Content-Type", "text/csv")
}

// A list is looked at first, line by line, and then added whole; the same list again adds nothing.
func TestASuppliersList(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	expires := d.Now().AddDate(0, 0, 20).Format(time.DateOnly)
	list := listHead +
		"A999926000001,E0336V00,red_cells,O-,320," + expires + "\n" +
		"=A99992600000200,=<E0336V00,red_cells,=%5100,320," + expires + "\n"
	bad := list + "A999926000003,E0336V00,red_cells,Z,320," + expires + "\nA999926000001,E0336V00,red_cells,O-,320," + expires + "\nA99992,x\n"
	var r api.IntakeReport
	anna.imports(bad, "").gives(http.StatusOK, &r)
	if r.Fresh != 2 || r.Refused != 3 || r.Added != 0 || len(r.Lines) != 5 {
		t.Fatalf("%+v", r)
	}
	for i, column := range map[int]string{2: "blood_group", 3: "key", 4: "mass_g"} {
		if got := given(r.Lines[i].Column); got != column || given(r.Lines[i].Reason) == "" {
			t.Errorf("line %d: %q %q, want %q", r.Lines[i].Line, got, given(r.Lines[i].Reason), column)
		}
	}
	anna.imports(bad, "preview=false").refuses(http.StatusUnprocessableEntity, "line 4 blood_group")
	anna.imports(list, "preview=false").gives(http.StatusOK, &r)
	if r.Added != 2 {
		t.Errorf("added %d", r.Added)
	}
	anna.imports(list, "preview=false").gives(http.StatusOK, &r)
	if r.Added != 0 || r.OnRecord != 2 || r.Fresh != 0 {
		t.Errorf("again: %+v", r)
	}
	anna.imports(strings.Replace(list, ",O-,", ",A-,", 1), "preview=false").refuses(http.StatusUnprocessableEntity, "line 2 key")
	anna.imports("din\nx\n", "").refuses(http.StatusUnprocessableEntity, "list product_code")
	anna.imports(list, "zone=Nowhere/None").refuses(http.StatusUnprocessableEntity, "zone")
	anna.asks("POST", "/unit-lists", list, "Content-Type", "text/csv").refuses(http.StatusUnprocessableEntity, "list site")
	anna.asks("POST", "/unit-lists?site=SY06", list, "Content-Type", "text/csv").gives(http.StatusOK, &r)
	if r.Refused != 2 || given(r.Lines[0].Column) != "site" {
		t.Errorf("a hospital's: %+v", r)
	}
	carl := network.Actor{Login: "carl", Role: network.RoleDispatcher, Site: "SYN2"}
	d.Signs(carl, "")
	other := d.as(carl)
	other.imports(list, "").gives(http.StatusOK, &r)
	if r.Refused != 2 || !strings.Contains(given(r.Lines[0].Reason), "may not") {
		t.Errorf("another centre's: %+v", r)
	}
}

// Units are found page by page, by what is asked for, and each tells its past.
func TestUnitsAreFound(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	all := d.Stocks("O-", blood.RedCells, 5)
	d.Stocks("AB+", blood.Plasma, 2)
	var found []string
	after := ""
	for range 10 {
		var page []api.StockUnit
		anna.asks("GET", "/units?blood_group=O-&site=SYBC&status=in_stock&limit=2&after="+after, nil).gives(http.StatusOK, &page)
		for _, u := range page {
			found = append(found, u.Key.Din)
			after = u.Key.Din + "/" + u.Key.ProductCode + "/" + given(u.Key.Division)
		}
		if len(page) < 2 {
			break
		}
	}
	if len(found) != 5 {
		t.Errorf("found %v of %d", found, len(all))
	}
	k := all[0].Key
	var moved []api.StockUnit
	anna.asks("POST", "/unit-moves", api.UnitMove{
		Move: "quarantine", Units: []api.UnitKey{keyView(k)}, Reason: some("a leak"),
	}).gives(http.StatusOK, &moved)
	var h api.UnitHistory
	anna.asks("GET", fmt.Sprintf("/units/%s/%s", k.DIN, k.ProductCode), nil).gives(http.StatusOK, &h)
	if h.Unit.Status != "quarantined" || len(h.Events) != 2 || h.Events[0].Detail["reason"] != "a leak" || h.Events[0].Actor != desktest.Anna.Login {
		t.Errorf("%+v", h)
	}
	anna.asks("GET", "/units/A999926999999/E0336V00", nil).gives(http.StatusNotFound, nil)
	anna.asks("GET", "/units?after=x", nil).refuses(http.StatusBadRequest, "after")
	anna.asks("POST", "/unit-moves", `{"move":"eat","units":[]}`).gives(http.StatusUnprocessableEntity, nil)
	anna.asks("POST", "/unit-moves", api.UnitMove{Move: "discard", Units: []api.UnitKey{keyView(k)}}).refuses(http.StatusUnprocessableEntity, "reason")
	root := d.as(root)
	var events []api.Event
	root.asks("GET", "/audit?about="+k.DIN+"&actor=anna&kind=stock", nil).gives(http.StatusOK, &events)
	if len(events) != 2 || events[0].Detail["what"] != "quarantine" {
		t.Errorf("the audit finds %+v", events)
	}
	root.asks("GET", fmt.Sprintf("/audit?about=%s&before=%d", k.DIN, events[0].Seq), nil).gives(http.StatusOK, &events)
	if len(events) != 1 || events[0].Detail["what"] != "added" {
		t.Errorf("the audit's next page is %+v", events)
	}
}

// The shelves count what is at hand, what is not, and how long it lasts.
func TestShelves(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	units := d.Stocks("A+", blood.RedCells, 6)
	r := d.submits(order(2))
	if _, err := d.Pool.Exec(t.Context(), `UPDATE delivery SET status = 'airborne' WHERE id = $1`, d.loads(r.Id).Id); err != nil {
		t.Fatal(err)
	}
	anna.asks("POST", "/unit-moves", api.UnitMove{
		Move: "quarantine", Units: []api.UnitKey{keyView(units[5].Key)}, Reason: some("a leak"),
	}).gives(http.StatusOK, nil)
	d.SetNow(d.Now().Add(36 * time.Hour))
	var s api.Shelves
	anna.asks("GET", "/shelves", nil).gives(http.StatusOK, &s)
	if len(s.Shelves) != 1 || s.UsedDays != 1.5 {
		t.Fatalf("%+v", s)
	}
	got := s.Shelves[0]
	if got.InStock != 3 || got.Quarantined != 1 || got.Used != 2 || got.First == nil || given(got.DaysOfCover) != 3*1.5/2 {
		t.Errorf("%+v, %g days", got, given(got.DaysOfCover))
	}
	d.SetNow(units[4].ExpiresAt.Add(-time.Hour))
	var later api.Shelves
	anna.asks("GET", "/shelves", nil).gives(http.StatusOK, &later)
	if got := later.Shelves[0]; got.InStock != 1 || got.Soon != 1 || got.Expired != 2 || got.DaysOfCover != nil {
		t.Errorf("later: %+v", got)
	}
	var c api.UnitCounted
	anna.asks("POST", "/unit-counts", api.UnitCount{Site: "SYBC", Units: []api.UnitKey{keyView(units[4].Key)}}).gives(http.StatusOK, &c)
	if len(c.Missing) != 3 || len(c.Surplus) != 0 {
		t.Errorf("counted: %+v", c)
	}
}

// What is stated finely, in another case or in another order is refused by its field, or kept once.
func TestUnitsInOtherForms(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	u := api.NewUnit{
		Key: api.UnitKey{Din: "A999926000001", ProductCode: "E0336V00"}, Component: "red_cells", BloodGroup: "A+", MassG: 300,
		ExpiresAt: d.Now().Add(240*time.Hour + 123456789), Site: "SYBC",
	}
	for range 2 { // the record keeps microseconds
		anna.asks("POST", "/units", api.NewUnits{Units: []api.NewUnit{u}}).gives(http.StatusOK, nil)
	}
	for field, change := range map[string]func(*api.UnitKey){
		"units[0].product_code": func(k *api.UnitKey) { k.ProductCode = "e0336v00" },
		"units[0].division":     func(k *api.UnitKey) { k.Division = some("a/b c") },
	} {
		other := u
		change(&other.Key)
		anna.asks("POST", "/units", api.NewUnits{Units: []api.NewUnit{other}}).refuses(http.StatusUnprocessableEntity, field)
	}
	anna.asks("GET", "/units?after=A999926999999/E0336V00/", nil).refuses(http.StatusUnprocessableEntity, "after")
	anna.asks("GET", "/units?after=//", nil).refuses(http.StatusBadRequest, "after")
	long := strings.Repeat("冷", 200)
	anna.asks("POST", "/unit-moves", api.UnitMove{Move: "quarantine", Units: []api.UnitKey{u.Key}, Reason: &long}).gives(http.StatusOK, nil)
	anna.asks("POST", "/unit-moves", api.UnitMove{Move: "return", Units: []api.UnitKey{u.Key}, To: some("SYN2"), Reason: &long}).
		refuses(http.StatusUnprocessableEntity, "units[0]")

	// The same units, at once, in two orders.
	list := make([]api.NewUnit, 400)
	for i := range list {
		list[i] = u
		list[i].Key.Din = fmt.Sprintf("A99992601%04d", i)
	}
	turned := slices.Clone(list)
	slices.Reverse(turned)
	var both sync.WaitGroup
	for _, units := range [][]api.NewUnit{list, turned} {
		both.Go(func() { anna.asks("POST", "/units", api.NewUnits{Units: units}).gives(http.StatusOK, nil) })
	}
	both.Wait()
}

// A unit that a hospital put aside comes back to a centre, and no shelf is a hospital's.
func TestAUnitComesBackFromAHospital(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	k := d.Stocks("O-", blood.RedCells, 1)[0].Key
	if _, err := d.Pool.Exec(t.Context(), `UPDATE unit SET status = 'quarantined', site_id = 'SY06' WHERE din = $1`, k.DIN); err != nil {
		t.Fatal(err)
	}
	anna := d.as(desktest.Anna)
	var s api.Shelves
	anna.asks("GET", "/shelves", nil).gives(http.StatusOK, &s)
	if len(s.Shelves) != 0 {
		t.Errorf("shelves of a hospital: %+v", s.Shelves)
	}
	var moved []api.StockUnit
	anna.asks("POST", "/unit-moves", api.UnitMove{Move: "return", Units: []api.UnitKey{keyView(k)}, To: some("SYBC"), Reason: some("brought back")}).
		gives(http.StatusOK, &moved)
	if moved[0].Site != "SYBC" || moved[0].Status != "quarantined" {
		t.Errorf("%+v", moved)
	}
}
