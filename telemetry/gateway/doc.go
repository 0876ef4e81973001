// Package gateway holds the doors for devices: each turns bytes of a protocol into
// telemetry samples and carries commands down. The JSON forms are described for
// device makers in docs/devices.md.
//
// The MQTT door is an embedded broker (3.1.1 and 5). A PUBACK means committed: the broker
// acknowledges nothing by itself, and a connection's messages are acknowledged in their order when
// the record has them, while the next ones are read (pipe.go). A sample of a batch that cannot
// be kept costs only itself; what is refused is acknowledged all the same, because sending
// it again is useless, and the device is told on its "refused" topic, by the sample's
// place. If the record cannot be written the connection is closed unacknowledged, so that the device sends again.
//
// telemetry/listen bounds the connections that have not said who they are; a connection
// ends with its credential, and faulty messages are logged once a minute (telemetry/tally).
// What one device sends is metered (quota.go): over its quota it is slowed, then cut, and
// the tracker knows. The answer to a wrong secret waits for longer and longer, by
// telemetry/attempts; the right one is let in at once (judge.go).
package gateway
