package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestQualifySaysWhatPassed(t *testing.T) {
	const published = "../../telemetry/coldchain/vectors/testdata/mkt_vectors.json"
	write := func(text string) string {
		name := filepath.Join(t.TempDir(), "vectors.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	wrong := write(`{"kind":"mkt","tolerance_c":1,"vectors":{"samples":[{"id":"warm","temps_c":[5],"mkt_c":9}]}}`)
	tests := []struct {
		name      string
		args      []string
		out, fail string
	}{
		{"published", []string{published}, " passed, 0 failed\n", ""},
		{"labels", []string{"../../dispatch/label/testdata/isbt128_vectors.json"}, "83 passed, 0 failed\n", ""},
		{"one is wrong", []string{wrong, published}, "vectors.json: warm: mkt_c: got", "1 of"},
		{"no case", []string{write(`{"kind":"mkt","vectors":{}}`)}, "0 passed", "no case was recomputed"},
		{"another kind", []string{write(`{"kind":"tea","vectors":{}}`)}, "", `"tea" is none`},
		{"no such file", []string{"none.json"}, "", "none.json"},
		{"no file", nil, "", "name one or more"},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		err := qualifyFiles(context.Background(), tt.args, &out)
		if !strings.Contains(out.String(), tt.out) || tt.fail == "" && err != nil || tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail)) {
			t.Errorf("%s: %v\n%s", tt.name, err, &out)
		}
	}
}
