package web

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/network"
)

// operation is a row of api.yaml.
type operation struct{ id, method, path string }

// described are the operations of the API, with what stands for a parameter filled in.
func described(t *testing.T) []operation {
	t.Helper()
	spec, err := os.ReadFile("api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("{date}", "2026-11-22", "/alarms/{id}", "/alarms/7", "/closures/{id}", "/closures/7", "/documents/{id}", "/documents/7", "{entry}", "7", "{key}", "X-1", "{id}", "X-1", "{login}", "hana")
	var list []operation
	var path, method string
	row := regexp.MustCompile(`(?m)^  (/\S*):$|^    (get|post|put|patch|delete):$|^      operationId: (\w+)$`)
	for _, f := range row.FindAllStringSubmatch(string(spec), -1) {
		switch {
		case f[1] != "":
			path = f[1]
		case f[2] != "":
			method = strings.ToUpper(f[2])
		default:
			list = append(list, operation{f[3], method, fill.Replace(path)})
		}
	}
	if len(list) < 30 {
		t.Fatalf("found %d operations", len(list))
	}
	return list
}

func TestEveryOperationOfTheAPIHasARowOfPermits(t *testing.T) {
	for _, op := range described(t) {
		if !delivery.Known(delivery.Operation(op.id)) {
			t.Errorf("%s has no row in the table of permits", op.id)
		}
	}
}

// Each operation is asked by everybody: by nobody, and by each role with a body that
// says nothing. What the table does not allow is refused before anything else is looked
// at, and only that.
func TestTheServerAsksTheTableOfPermits(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, op := range described(t) {
		if delivery.Public(delivery.Operation(op.id)) {
			continue
		}
		path, key := op.path, []string{"Idempotency-Key", "12345678"}
		if op.id == "compareLogger" {
			path += "?logger=BX-1"
		}
		person{door: d}.asks(op.method, path, "{}", key...).refuses(http.StatusUnauthorized, "")
		for _, a := range []network.Actor{desktest.Ward, desktest.Anna, desktest.Tower, root} {
			got := d.as(a).asks(op.method, path, "{}", key...)
			may := delivery.May(a, delivery.Operation(op.id))
			if !may && got.status != http.StatusForbidden || got.status >= http.StatusInternalServerError {
				t.Errorf("%s as %s: got %d %s", op.id, a.Role, got.status, got.body)
			}
		}
	}
}
