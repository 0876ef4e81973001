package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hemolift/dispatch/propose"
)

func TestPolicyCommand(t *testing.T) {
	ctx := context.Background()
	var out bytes.Buffer
	if err := printPolicy(ctx, nil, &out); err != nil || out.String() != propose.PolicyText() {
		t.Errorf("%v: %s", err, &out)
	}
	file := filepath.Join(t.TempDir(), "policy.csv")
	if err := os.WriteFile(file, []byte(strings.Replace(out.String(), "version,,2", "version,,2026-11", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := printPolicy(ctx, []string{"-check", file}, &out); err != nil || !strings.HasPrefix(out.String(), "policy 2026-11,") {
		t.Errorf("%v: %s", err, &out)
	}
	if err := printPolicy(ctx, []string{"-check", "missing.csv"}, &out); err == nil {
		t.Error("a missing file was read")
	}
}
