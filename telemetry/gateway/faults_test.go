package gateway

import (
	"testing"
	"time"
)

func TestFaultsAreToldOnceAMinute(t *testing.T) {
	f, now := newFaults(), time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	if n := f.count("BX-1", now); n != 1 {
		t.Errorf("the first: %d", n)
	}
	for i := range 1000 {
		if n := f.count("BX-1", now.Add(time.Duration(i)*50*time.Millisecond)); n != 0 {
			t.Fatalf("told again after %d: %d", i, n)
		}
	}
	if n := f.count("BX-2", now); n != 1 {
		t.Errorf("of another device: %d", n)
	}
	if n := f.count("BX-1", now.Add(time.Minute)); n != 1001 {
		t.Errorf("after a minute: %d", n)
	}
}
