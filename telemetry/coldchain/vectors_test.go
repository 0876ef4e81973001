package coldchain_test

import (
	"os"
	"path/filepath"
	"testing"

	"hemolift/telemetry/coldchain/vectors"
	"hemolift/telemetry/qualify"
)

// The published cases are this package's own tests.
func TestThePublishedVectors(t *testing.T) {
	files, err := filepath.Glob("vectors/testdata/*.json")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		verdicts, err := qualify.Recompute(f, vectors.Kinds)
		if err != nil || len(verdicts) == 0 {
			t.Errorf("%s: %v, %d cases", name, err, len(verdicts))
		}
		for _, v := range verdicts {
			if len(v.Wrong) > 0 {
				t.Errorf("%s: %s: %v", name, v.ID, v.Wrong)
			}
		}
	}
}
