package tally

import (
	"fmt"
	"testing"
	"time"
)

func TestEachKindIsToldOnceAMinute(t *testing.T) {
	f, now := New(), time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	if n := f.Add("BX-1", now); n != 1 {
		t.Errorf("the first: %d", n)
	}
	for i := range 1000 {
		if n := f.Add("BX-1", now.Add(time.Duration(i)*50*time.Millisecond)); n != 0 {
			t.Fatalf("told again after %d: %d", i, n)
		}
	}
	if n := f.Add("BX-2", now); n != 1 {
		t.Errorf("of another: %d", n)
	}
	if n := f.Add("BX-1", now.Add(time.Minute)); n != 1001 {
		t.Errorf("after a minute: %d", n)
	}
}

func TestKindsAreForgotten(t *testing.T) {
	f, now := New(), time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	for i := range 3 * kept {
		f.Add(fmt.Sprint(i), now)
	}
	if len(f.each) > kept {
		t.Errorf("%d are kept", len(f.each))
	}
}
