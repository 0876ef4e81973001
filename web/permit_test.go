package web

import (
	"os"
	"regexp"
	"testing"

	"hemolift/dispatch/delivery"
)

func TestEveryOperationOfTheAPIHasARowOfPermits(t *testing.T) {
	spec, err := os.ReadFile("api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`operationId: (\w+)`).FindAllStringSubmatch(string(spec), -1)
	if len(found) < 30 {
		t.Fatalf("found %d operations", len(found))
	}
	for _, f := range found {
		if !delivery.Known(delivery.Operation(f[1])) {
			t.Errorf("%s has no row in the table of permits", f[1])
		}
	}
}
