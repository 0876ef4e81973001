package gateway

import (
	"encoding/json"
	"time"

	"hemolift/telemetry"
)

// toldAtOnce bounds how many samples of one message are named to a device; all are counted.
const toldAtOnce = 50

// lettersOfOne bounds how many elements of one message become dead letters.
const lettersOfOne = 5

// letter keeps what can never be stored, for an operator to read.
func (m *MQTT) letter(id telemetry.DeviceID, leaf string, place *int, why error, payload []byte) {
	m.letters.Put(telemetry.DeadLetter{Device: id, At: m.now(), Topic: leaf, Place: place, Reason: why.Error(), Payload: payload})
}

// refuse counts, logs and tells the device what was wrong, by the samples' places.
func (m *MQTT) refuse(id telemetry.DeviceID, leaf string, refused telemetry.Refusals) {
	err := error(refused)
	m.refused.WithLabelValues("bad " + leaf).Add(float64(len(refused)))
	if n := m.faults.Add(string(id), time.Now()); n > 0 {
		m.log.Warn("device message refused", "device", id, "topic", leaf, "err", err, "count", n)
	}
	type sample struct {
		Index  int    `json:"index"`
		Reason string `json:"reason"`
	}
	told := make([]sample, 0, min(len(refused), toldAtOnce))
	for _, r := range refused[:min(len(refused), toldAtOnce)] {
		told = append(told, sample{r.Index, r.Err.Error()})
	}
	msg, jsonErr := json.Marshal(map[string]any{"topic": leaf, "reason": err.Error(), "count": len(refused), "samples": told})
	if jsonErr != nil {
		return
	}
	if err := m.server.Publish(topicRoot+string(id)+"/refused", msg, false, 0); err != nil {
		m.log.Error("tell device of refusal", "device", id, "err", err)
	}
}
