package gateway

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// sends counts messages of a box with some rows each at a pace, for as long as it is let,
// and returns how many came through, after how long, and whether the box was cut.
func sends(q *quotas, messages, rows, bytes int, every time.Duration) (stored int, took time.Duration, cut bool) {
	at := noon
	for range messages {
		wait, over := q.message("BX-1", bytes, at)
		if over {
			return stored, at.Sub(noon), true
		}
		at = at.Add(wait)
		if wait, over = q.stores("BX-1", rows, at); over {
			return stored, at.Sub(noon), true
		}
		at = at.Add(wait + every)
		stored += rows
	}
	return stored, at.Sub(noon), false
}

func TestWhatADeviceMaySend(t *testing.T) {
	const ever = 1_000_000
	for _, tt := range []struct {
		name                  string
		times                 float64
		messages, rows, bytes int
		every                 time.Duration
		cut                   bool
		least, most           int // rows that come through
	}{
		{"a drone's own pace", 1, 86_400, 2, 300, 500 * time.Millisecond, false, 172_800, 172_800},
		{"a day's backlog in batches", 1, 1728, 100, 20_000, 5 * time.Millisecond, false, 172_800, 172_800},
		{"single rows as fast as one connection stores them", 1, ever / 10, 1, 150, 6 * time.Millisecond, false, 100_000, 100_000},
		{"messages at full speed", 1, ever, 1, 150, 10 * time.Microsecond, true, messagesAtOnce, messagesAtOnce + 30*messagesASecond},
		{"empty messages at full speed", 1, ever, 0, 2, 10 * time.Microsecond, true, 0, 0},
		{"rows at full speed", 1, ever, MaxBatch, 60_000, time.Millisecond, true, rowsAtOnce - MaxBatch, rowsAtOnce + 30*rowsASecond},
		{"bytes at full speed", 1, ever, 1, MaxPayload, time.Millisecond, true, 48 << 20 / MaxPayload, 300},
		{"with twice the quota", 2, ever, MaxBatch, 60_000, time.Millisecond, true, 2*rowsAtOnce - MaxBatch, 2*rowsAtOnce + 60*rowsASecond},
	} {
		stored, took, cut := sends(newQuotas(tt.times), tt.messages, tt.rows, tt.bytes, tt.every)
		if cut != tt.cut || stored < tt.least || stored > tt.most {
			t.Errorf("%s: %d rows in %v, cut %v; want %d to %d, cut %v", tt.name, stored, took, cut, tt.least, tt.most, tt.cut)
		}
	}
}

// A device that was cut waits before it comes back, and what it has left to send gets
// through in the end; another one is not concerned.
func TestADeviceThatWasCutComesBack(t *testing.T) {
	q := newQuotas(1)
	_, took, cut := sends(q, 1_000, MaxBatch, 60_000, time.Millisecond)
	if !cut {
		t.Fatal("not cut")
	}
	at := noon.Add(took)
	if !q.paused("BX-1", at) || q.paused("BX-2", at) {
		t.Error("the one that was cut does not wait, or another one does")
	}
	for tries := range 100 {
		at = at.Add(cutPause)
		if q.paused("BX-1", at) || !q.connected("BX-1", at) {
			t.Fatalf("try %d: kept out", tries)
		}
		if _, cut := q.message("BX-1", 60_000, at); cut {
			t.Fatalf("try %d: cut by its messages", tries)
		}
		if _, cut := q.stores("BX-1", MaxBatch, at); !cut {
			return
		}
	}
	t.Error("nothing comes through any more")
}

func TestADeviceConnectsSoOften(t *testing.T) {
	q, at, let := newQuotas(1), noon, 0
	for range 600 { // in a minute
		at = at.Add(100 * time.Millisecond)
		if q.connected("BX-1", at) {
			let++
		}
	}
	if most := connectsAtOnce + 30; let < connectsAtOnce || let > most {
		t.Errorf("%d connections, want %d to %d", let, connectsAtOnce, most)
	}
	if !q.connected("BX-2", at) {
		t.Error("another one is kept out")
	}
}
