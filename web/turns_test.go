package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"hemolift/dispatch/desktest"
	"hemolift/telemetry/attempts"
)

// takes asks as often as it is let, and returns how often that was.
func takes(t *testing.T, turns *turns, key string, n int, bytes int64, feed bool) (let int) {
	t.Helper()
	for range n {
		leave, err := turns.take(context.Background(), key, bytes, feed)
		switch {
		case err == nil:
			let++
			if !feed {
				leave()
			}
		case !errors.As(err, new(attempts.WaitError)):
			t.Fatal(err)
		}
	}
	return let
}

func TestWhatOneAccountMayAskFor(t *testing.T) {
	all := newTurns(1)
	if let := takes(t, all, "anna", 10*asksAtOnce, 0, false); let < asksAtOnce || let > 5*asksAtOnce {
		t.Errorf("%d requests were let, want about %d", let, asksAtOnce)
	}
	if let := takes(t, all, "bert", 10, 0, false); let != 10 {
		t.Errorf("another account: %d of 10", let)
	}
	if let := takes(t, newTurns(1), "anna", 100, 512<<10, false); let < 3 || let > 20 {
		t.Errorf("%d large bodies were let", let)
	}
	if let := takes(t, newTurns(1), "anna", 1, 1<<40, false); let != 1 {
		t.Error("one enormous body is not for this place to refuse")
	}
	if let := takes(t, newTurns(1), "anna", 2*feedsOfAccount, 0, true); let != feedsOfAccount {
		t.Errorf("%d feeds, want %d", let, feedsOfAccount)
	}
}

func TestSoManyRequestsOfAnAccountAreWorkedOn(t *testing.T) {
	all := newTurns(1)
	var leave []func()
	for range workedOn {
		l, err := all.take(t.Context(), "anna", 0, false)
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := all.take(ctx, "anna", 0, false); !errors.Is(err, context.Canceled) {
		t.Errorf("one too many: %v", err)
	}
	if l, err := all.take(t.Context(), "bert", 0, false); err != nil {
		t.Errorf("another account: %v", err)
	} else {
		l()
	}
	for _, l := range leave {
		l()
	}
	if l, err := all.take(t.Context(), "anna", 0, false); err != nil {
		t.Errorf("afterwards: %v", err)
	} else {
		l()
	}
	if x := all.each["anna"]; x.present != 0 {
		t.Errorf("%d are still counted", x.present)
	}
}

func TestOldTurnsAreForgotten(t *testing.T) {
	all := newTurns(1)
	begun := time.Now()
	for i := range 2 * turnsKept {
		if _, err := all.enter(fmt.Sprint("@", i), 0, i == 0, begun); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			all.each[fmt.Sprint("@", i)].present--
		}
	}
	if len(all.each) > turnsKept {
		t.Errorf("%d are kept", len(all.each))
	}
	if all.each["@0"] == nil {
		t.Error("one with an open feed was forgotten")
	}
}

// An account that asks at full speed is told to wait; another one is not concerned.
func TestAnAccountAtFullSpeed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	for range 3 * asksAtOnce {
		got := anna.asks("GET", "/sessions", nil)
		if got.status == http.StatusTooManyRequests {
			if got.header.Get("Retry-After") != "1" {
				t.Errorf("to wait for %q", got.header.Get("Retry-After"))
			}
			d.as(desktest.Ward).asks("GET", "/sessions", nil).gives(http.StatusOK, nil)
			return
		}
	}
	t.Error("never told to wait")
}
