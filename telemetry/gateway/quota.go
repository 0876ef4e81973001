package gateway

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"hemolift/telemetry"
)

// What one device may send, in wall time: a second, and at once after a silence. It is
// many times what a drone or box sends, and lets in a day's backlog in batches; it keeps
// one device from the disk and the time of the others.
const (
	messagesASecond, messagesAtOnce = 200, 2_000
	bytesASecond, bytesAtOnce       = 256 << 10, 48 << 20
	rowsASecond, rowsAtOnce         = 50, 200_000
	connectsASecond, connectsAtOnce = 0.5, 20
)

// A device over its quota is slowed; one that would have to wait for longer than slowMost,
// or is slowed for longer than slowFor without a break, is cut, and stays out for a pause.
const (
	slowMost = 2 * time.Second
	slowFor  = 20 * time.Second
	cutPause = 5 * time.Second
)

// quotas meter what devices send. They hold as many meters as there are devices.
type quotas struct {
	times float64 // the usual

	mu   sync.Mutex
	each map[telemetry.DeviceID]*meter
}

// meter is what one device has left.
type meter struct {
	messages, bytes, rows, connects *rate.Limiter

	slowed time.Time // since when without a break; zero = it is not
	until  time.Time // before which it may not connect
}

func newQuotas(times float64) *quotas {
	return &quotas{times: times, each: map[telemetry.DeviceID]*meter{}}
}

func (q *quotas) limiter(aSecond float64, atOnce int) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(aSecond*q.times), int(float64(atOnce)*q.times))
}

// of returns a device's meter. The lock is held.
func (q *quotas) of(id telemetry.DeviceID) *meter {
	m := q.each[id]
	if m == nil {
		m = &meter{
			messages: q.limiter(messagesASecond, messagesAtOnce),
			bytes:    q.limiter(bytesASecond, bytesAtOnce),
			rows:     q.limiter(rowsASecond, rowsAtOnce),
			connects: rate.NewLimiter(connectsASecond, connectsAtOnce),
		}
		q.each[id] = m
	}
	return m
}

// paused reports whether a device was cut so lately that it may not come back yet. It
// costs nothing, whoever asks.
func (q *quotas) paused(id telemetry.DeviceID, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.each[id]
	return m != nil && now.Before(m.until)
}

// connected counts a connection of a device that has shown its secret, and reports whether
// it may have it.
func (q *quotas) connected(id telemetry.DeviceID, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.of(id).connects.AllowN(now, 1)
}

// message counts a message of a device. The caller waits for as long as it says, or cuts
// the device.
func (q *quotas) message(id telemetry.DeviceID, bytes int, now time.Time) (wait time.Duration, cut bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.of(id)
	a, b := m.messages.ReserveN(now, 1), m.bytes.ReserveN(now, bytes)
	wait, cut = m.judge(max(a.DelayFrom(now), b.DelayFrom(now)), now)
	if cut {
		a.CancelAt(now)
		b.CancelAt(now)
	}
	return wait, cut
}

// stores counts rows that a message of a device holds, like message.
func (q *quotas) stores(id telemetry.DeviceID, rows int, now time.Time) (wait time.Duration, cut bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.of(id)
	r := m.rows.ReserveN(now, rows)
	delay := r.DelayFrom(now)
	if delay == 0 { // whether it is slowed was judged by its messages
		return 0, false
	}
	if wait, cut = m.judge(delay, now); cut {
		r.CancelAt(now)
	}
	return wait, cut
}

// judge notes that a device is slowed, or cuts it.
func (m *meter) judge(delay time.Duration, now time.Time) (wait time.Duration, cut bool) {
	switch {
	case delay == 0:
		m.slowed = time.Time{}
		return 0, false
	case m.slowed.IsZero():
		m.slowed = now
	}
	if delay > slowMost || now.Sub(m.slowed) > slowFor {
		m.slowed, m.until = time.Time{}, now.Add(cutPause)
		return 0, true
	}
	return delay, false
}
