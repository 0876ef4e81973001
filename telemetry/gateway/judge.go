package gateway

import (
	"context"
	"time"

	"hemolift/telemetry"
)

const (
	looksAtOnce = 4               // secrets that are looked at in the record at the same time
	lookWithin  = 5 * time.Second // a turn and the look
	mostLate    = 256             // refusals that wait; further ones are given at once
	cutAnswer   = time.Second     // for which the refusal of a device that was cut waits
)

// Reasons to refuse a connection.
const (
	overQuota     = "over quota"
	badCredential = "bad credential"
	notLookedUp   = "not looked up"
)

// judge looks at a device's secret. The right one is let in whatever others try; the answer
// to a wrong one waits for longer and longer by device and address, and so does that to a
// device that was cut or connects all the time: the next try comes after the answer. It
// returns the device's kind, or why it is refused.
func (m *MQTT) judge(id telemetry.DeviceID, secret, address string, known credentials) (kind telemetry.DeviceKind, why string) {
	if m.quotas.paused(id, time.Now()) {
		m.answerLate(cutAnswer)
		return "", overQuota
	}
	kind, right, err := m.look(id, secret, known)
	switch {
	case err != nil:
		if n := m.faults.Add(notLookedUp, time.Now()); n > 0 {
			m.log.Error("authenticate device", "device", id, "err", err, "count", n)
		}
		return "", notLookedUp
	case !right:
		m.answerLate(m.guard.Wrong(string(id), address))
		return "", badCredential
	}
	m.guard.Right(string(id), address)
	if !m.quotas.connected(id, time.Now()) {
		m.answerLate(cutAnswer)
		return "", overQuota
	}
	return kind, ""
}

// look asks the record, of which a flood of connections takes only a part.
func (m *MQTT) look(id telemetry.DeviceID, secret string, known credentials) (telemetry.DeviceKind, bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
	defer cancel()
	select {
	case m.looks <- struct{}{}:
		defer func() { <-m.looks }()
		return known.Authenticate(ctx, id, secret)
	case <-ctx.Done():
		return "", false, ctx.Err()
	}
}

func (m *MQTT) answerLate(by time.Duration) {
	select {
	case m.late <- struct{}{}:
		time.Sleep(by)
		<-m.late
	default:
	}
}
