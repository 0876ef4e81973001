package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"hemolift/dispatch/desktest"
	"hemolift/telemetry/attempts"
)

// enters counts requests at one instant, for as long as they need not wait, and returns how
// many that were.
func enters(t *testing.T, turns *turns, key string, n int, bytes int64, feed bool) (let int) {
	t.Helper()
	now := time.Now()
	for range n {
		x, delay, err := turns.enter(key, bytes, feed, now)
		switch {
		case err == nil && delay == 0:
			let++
			if !feed {
				turns.leave(x, feed)
			}
		case err == nil:
			turns.leave(x, feed)
			return let
		case !errors.As(err, new(attempts.WaitError)):
			t.Fatal(err)
		}
	}
	return let
}

func TestWhatOneAccountMayAskFor(t *testing.T) {
	all := newTurns(1)
	if let := enters(t, all, "anna", 10*asksAtOnce, 0, false); let != asksAtOnce {
		t.Errorf("%d requests were let, want %d", let, asksAtOnce)
	}
	if let := enters(t, all, "bert", 10, 0, false); let != 10 {
		t.Errorf("another account: %d of 10", let)
	}
	if let := enters(t, newTurns(1), "anna", 100, 512<<10, false); let != asksAtOnce/129 {
		t.Errorf("%d large bodies were let", let)
	}
	if let := enters(t, newTurns(1), "anna", 1, 1<<40, false); let != 1 {
		t.Error("one enormous body is not for this place to refuse")
	}
	if let := enters(t, newTurns(1), "anna", 2*feedsOfAccount, 0, true); let != feedsOfAccount {
		t.Errorf("%d feeds, want %d", let, feedsOfAccount)
	}
}

// A request that comes a little too early waits, one that comes much too early is refused,
// after a while; long work counts too.
func TestWhoComesTooEarlyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newTurns(1)
		take := func() (time.Duration, error) {
			begun := time.Now()
			leave, err := all.take(t.Context(), "anna", 0, false)
			if err == nil {
				leave()
			}
			return time.Since(begun), err
		}
		for range asksAtOnce {
			if took, err := take(); took > 0 || err != nil {
				t.Fatalf("waited %v, %v", took, err)
			}
		}
		if took, err := take(); took != time.Second/asksASecond || err != nil {
			t.Errorf("a little too early: waited %v, %v", took, err)
		}
		leave, err := all.take(t.Context(), "anna", 0, false)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // of work
		leave()
		if _, err := take(); err != nil { // the bucket was full by then, and half of it was taken
			t.Errorf("after long work: %v", err)
		}
		all.each["anna"].asks.ReserveN(time.Now(), asksAtOnce)
		if took, err := take(); took != slowMost || !errors.As(err, new(attempts.WaitError)) {
			t.Errorf("much too early: waited %v, %v", took, err)
		}
	})
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
		if _, _, err := all.enter(fmt.Sprint("@", i), 0, i == 0, begun); err != nil {
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
	for range asksAtOnce + 2*asksASecond { // more than may wait
		if _, _, err := d.turns.enter("anna", 0, false, time.Now()); err != nil {
			break
		}
	}
	got := anna.asks("GET", "/sessions", nil)
	got.refuses(http.StatusTooManyRequests, "")
	if got.header.Get("Retry-After") != "1" {
		t.Errorf("to wait for %q", got.header.Get("Retry-After"))
	}
	d.as(desktest.Ward).asks("GET", "/sessions", nil).gives(http.StatusOK, nil)
}

// A body whose length is not said costs as much as one of the greatest length.
func TestABodyOfUnknownLength(t *testing.T) {
	unknown := enters(t, newTurns(1), "anna", 2*asksAtOnce, -1, false)
	greatest := enters(t, newTurns(1), "anna", 2*asksAtOnce, 1<<40, false)
	if none := enters(t, newTurns(1), "anna", 2*asksAtOnce, 0, false); unknown != greatest || unknown >= none {
		t.Errorf("%d of unknown length, %d of the greatest, %d without", unknown, greatest, none)
	}
}

// The server holds the quota of feeds: one too many is told to wait, and has its place when
// another one has gone.
func TestSoManyFeedsOfAnAccountAreOpen(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	anna := d.as(desktest.Anna)
	now := time.Now()
	for range feedsOfAccount - 1 {
		if _, _, err := d.turns.enter("anna", 0, true, now); err != nil {
			t.Fatal(err)
		}
	}
	last := anna.watch("", "hemolift.v1.json")
	until(t, last, "hello", ofKind("hello"))
	if _, res, err := anna.dial("", "hemolift.v1.json"); err == nil || res == nil || res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one too many: %+v, %v", res, err)
	}
	if conn, _, err := d.as(desktest.Ward).dial("", "hemolift.v1.json"); err != nil {
		t.Errorf("another account: %v", err)
	} else {
		_ = conn.Close()
	}
}
