package telemetrydb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
)

func TestOnlyTheNewestLettersOfADeviceAreKept(t *testing.T) {
	store := New(pgtest.New(t))
	devices(t, store, "BX-1", "BX-2")
	for from := 0; from < 130; from += 13 {
		var letters []telemetry.DeadLetter
		for i := range 13 {
			place := from + i
			letters = append(letters, telemetry.DeadLetter{
				Device: "BX-1", At: t0.Add(time.Duration(place) * time.Second), Topic: "temp", Place: &place, Reason: "no", Payload: []byte("\x00\xff"),
			})
		}
		if err := store.KeepLetters(t.Context(), letters); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.KeepLetters(t.Context(), []telemetry.DeadLetter{{Device: "BX-2", At: t0, Topic: "ack", Reason: "not JSON", Payload: []byte("{")}}); err != nil {
		t.Fatal(err)
	}
	got, err := store.Letters(t.Context(), "BX-1", 1000)
	if err != nil || len(got) != telemetry.LettersKept || *got[0].Place != 129 || *got[99].Place != 30 || string(got[0].Payload) != "\x00\xff" {
		t.Errorf("%d letters, %v: %+v", len(got), err, got[0])
	}
	if got, err = store.Letters(t.Context(), "", 1000); err != nil || len(got) != 101 || got[100].Place != nil {
		t.Errorf("%d letters in all, %v", len(got), err)
	}
}

// A device that sends rubbish all day fills no table, and what is kept is short and text.
func TestLettersAreBounded(t *testing.T) {
	store := New(pgtest.New(t))
	devices(t, store, "BX-1", "BX-2")
	box := telemetry.NewDeadLetters(store, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	payload := []byte(strings.Repeat("x", 5000))
	for i := range 500 {
		box.Put(telemetry.DeadLetter{Device: "BX-1", At: t0, Topic: "temp", Reason: fmt.Sprint(i, "\x00\xff", strings.Repeat("é", 400)), Payload: payload})
	}
	payload[0] = '!' // as a buffer that is used again
	box.Put(telemetry.DeadLetter{Device: "BX-2", At: t0, Topic: "temp", Reason: "last"})
	go func() { done <- box.Run(ctx) }()
	deadline, poll := time.After(30*time.Second), time.NewTicker(5*time.Millisecond)
	defer poll.Stop()
	for {
		got, err := store.Letters(t.Context(), "BX-2", 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 1 {
			break
		}
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatal("the last letter is not kept")
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	got, err := store.Letters(t.Context(), "BX-1", 1000)
	if err != nil || len(got) < 20 || len(got) > 25 {
		t.Fatalf("%d letters, %v", len(got), err)
	}
	for _, l := range got {
		if len(l.Payload) != 1024 || l.Payload[0] != 'x' || len(l.Reason) > 500 {
			t.Errorf("%d bytes of payload, first %c, reason of %d", len(l.Payload), l.Payload[0], len(l.Reason))
		}
	}
}

func devices(t *testing.T, store *Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := store.pool.Exec(t.Context(), `INSERT INTO device (id, kind) VALUES ($1, 'box')`, id); err != nil {
			t.Fatal(err)
		}
	}
}
