package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/prometheus/client_golang/prometheus"

	"hemolift/telemetry"
	"hemolift/telemetry/attempts"
	"hemolift/telemetry/listen"
	"hemolift/telemetry/tally"
	"hemolift/telemetry/timing"
)

// credentials know the devices.
type credentials interface {
	// Authenticate returns the device's kind, or false for an unknown device or
	// a wrong secret.
	Authenticate(ctx context.Context, id telemetry.DeviceID, secret string) (telemetry.DeviceKind, bool, error)
}

// acknowledger takes drones' answers to commands.
type acknowledger interface {
	// Acknowledge stores a drone's answer. One to an unknown command is a
	// *telemetry.RefusedError.
	Acknowledge(ctx context.Context, a telemetry.Ack) error
}

const (
	topicRoot  = "hl/v1/"
	clockTopic = topicRoot + "clock"
	clockEvery = time.Second
	maxClients = 10_000

	connectWithin = 10 * time.Second // a connection is to say who it is
	longestID     = 64               // bytes of a device's id
	mostKeepalive = 300              // s; devices that ask for more, or for none, get this
)

// MQTT is the broker inside the program.
type MQTT struct {
	server  *mqtt.Server
	door    *listen.Listener
	hook    *hook
	now     func() time.Time
	rate    float64
	log     *slog.Logger
	refused *prometheus.CounterVec
	faults  *tally.Tally
	quotas  *quotas
	guard   *attempts.Guard // of devices' secrets
	looks   chan struct{}   // secrets that are looked at
	late    chan struct{}   // refusals that wait
	letters *telemetry.DeadLetters
}

// Door is what the door for devices is joined from.
type Door struct {
	Addr    string      // host:port to listen on
	TLS     *tls.Config // nil = plain text
	Intake  *telemetry.Intake
	Known   credentials
	Now     func() time.Time
	Rate    float64 // seconds of server time in a second; devices are told both on the clock topic
	Letters *telemetry.DeadLetters
	Quota   float64 // how many times the usual a device may send
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// NewMQTT prepares a broker; Run must be started.
func NewMQTT(d Door) (*MQTT, error) {
	caps := mqtt.NewDefaultServerCapabilities()
	caps.MaximumPacketSize = MaxPayload + 1024
	caps.MaximumClients = maxClients
	caps.MaximumInflight = 256
	caps.ReceiveMaximum = window
	caps.MaximumClientWritesPending = 1024
	caps.MaximumSessionExpiryInterval = 24 * 60 * 60
	caps.RetainAvailable = 0
	caps.WildcardSubAvailable = 0
	caps.SharedSubAvailable = 0
	told := tally.New()
	server := mqtt.New(&mqtt.Options{Capabilities: caps, InlineClient: true, Logger: slog.New(brokerLog{d.Log.Handler(), told})})
	m := &MQTT{
		server:  server,
		now:     d.Now,
		rate:    d.Rate,
		letters: d.Letters,
		log:     d.Log,
		faults:  told,
		quotas:  newQuotas(d.Quota * max(1, d.Rate)),
		looks:   make(chan struct{}, looksAtOnce),
		late:    make(chan struct{}, mostLate),
		guard:   attempts.New(time.Now),
		refused: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "hemolift_device_refused_total", Help: "Device messages and connections refused, by reason."},
			[]string{"reason"},
		),
	}
	accepted := prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "hemolift_device_samples_total", Help: "Samples committed, by topic."},
		[]string{"topic"},
	)
	acked := timing.New("hemolift_device_ack_seconds", "From when a message of a device was read until it was acknowledged.")
	d.Metrics.MustRegister(m.refused, accepted, acked)
	m.refused.WithLabelValues(overQuota) // counted from nothing on, so that their rates are known
	m.hook = &hook{
		intake: d.Intake, known: d.Known, gateway: m, acked: acked, accepted: map[string]prometheus.Counter{},
		pipes: pipes{of: map[*mqtt.Client]*pipe{}},
	}
	for _, leaf := range []string{"pos", "temp", "status"} {
		m.hook.accepted[leaf] = accepted.WithLabelValues(leaf)
	}
	if err := server.AddHook(m.hook, nil); err != nil {
		return nil, fmt.Errorf("mqtt: %w", err)
	}
	l, err := net.Listen("tcp", d.Addr)
	if err != nil {
		return nil, fmt.Errorf("mqtt: %w", err)
	}
	m.door = listen.New(l, connectWithin, d.Log)
	served := net.Listener(m.door)
	if d.TLS != nil {
		served = tls.NewListener(served, d.TLS)
	}
	if err := server.AddListener(listeners.NewNet("tcp", served)); err != nil {
		return nil, fmt.Errorf("mqtt: %w", err)
	}
	return m, nil
}

// Addr returns the address that the broker listens on.
func (m *MQTT) Addr() string { return m.door.Addr().String() }

// Run serves devices until ctx ends; answers to commands go to acks.
func (m *MQTT) Run(ctx context.Context, acks acknowledger) error {
	m.hook.acks = acks
	if err := m.server.Serve(); err != nil {
		return fmt.Errorf("mqtt: %w", err)
	}
	defer m.server.Close()
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-m.door.Ended():
			return errors.New("mqtt: the door takes no devices any more")
		case <-tick.C:
			msg := fmt.Appendf(nil, `{"t":%d,"rate":%g}`, m.now().UnixMilli(), m.rate)
			if err := m.server.Publish(clockTopic, msg, false, 0); err != nil {
				m.log.ErrorContext(ctx, "publish clock", "err", err)
			}
		}
	}
}

// Send gives a command to the drone's connection, if it has one. Delivery is known
// only by the drone's ack.
func (m *MQTT) Send(_ context.Context, c telemetry.Command) error {
	payload, err := encodeCommand(c)
	if err != nil {
		return fmt.Errorf("send command %d: %w", c.ID, err)
	}
	return m.server.Publish(topicRoot+string(c.Device)+"/cmd", payload, false, 1)
}

// held counts messages that the broker waits for the end of.
func (m *MQTT) held(n int64) { atomic.AddInt64(&m.server.Info.Inflight, n) }

// Cut ends a device's connection, if it has one: its credential is another one now.
func (m *MQTT) Cut(id telemetry.DeviceID) {
	if cl, ok := m.server.Clients.Get(string(id)); ok {
		cl.Stop(packets.ErrNotAuthorized)
	}
}

// hook judges every connection, topic and message.
type hook struct {
	mqtt.HookBase
	intake   *telemetry.Intake
	known    credentials
	acks     acknowledger
	gateway  *MQTT
	accepted map[string]prometheus.Counter // by topic
	acked    prometheus.Histogram
	pipes    pipes
}

func (h *hook) ID() string { return "hemolift" }

func (h *hook) Provides(b byte) bool {
	return bytes.Contains([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPacketRead, mqtt.OnPublish, mqtt.OnDisconnect}, []byte{b})
}

// OnConnectAuthenticate wants the device's id as both client id and user name, so
// that no device can push another off by taking its client id.
func (h *hook) OnConnectAuthenticate(cl *mqtt.Client, pk packets.Packet) bool {
	id := string(pk.Connect.Username)
	if id == "" || len(id) > longestID || id != cl.ID || notText(pk.Connect.Username) != nil {
		h.gateway.refused.WithLabelValues("client id is not the user name").Inc()
		return false
	}
	if pk.Connect.WillFlag { // the broker would deliver it past the check of topics
		h.gateway.refused.WithLabelValues("last will").Inc()
		return false
	}
	kind, why := h.gateway.judge(telemetry.DeviceID(id), string(pk.Connect.Password), addressOf(cl), h.known)
	if why != "" {
		h.gateway.refused.WithLabelValues(why).Inc()
		return false
	}
	cl.Properties.Username = append([]byte(kind+"/"), pk.Connect.Username...)
	h.gateway.admit(cl)
	return true
}

// addressOf is the host that a connection comes from.
func addressOf(cl *mqtt.Client) string {
	host, _, err := net.SplitHostPort(cl.Net.Remote)
	if err != nil {
		return cl.Net.Remote
	}
	return host
}

// admit lets a device stay as long as it keeps itself alive.
func (m *MQTT) admit(cl *mqtt.Client) {
	if k := cl.State.Keepalive; k == 0 || k > mostKeepalive {
		cl.State.Keepalive, cl.State.ServerKeepalive = mostKeepalive, true
		_ = cl.Net.Conn.SetReadDeadline(time.Now().Add(mostKeepalive * 3 / 2 * time.Second)) // the broker renews it with each packet
	}
	m.door.Admit(cl.Net.Conn)
}

// who returns the kind and id that OnConnectAuthenticate left on the connection.
func who(cl *mqtt.Client) (telemetry.DeviceKind, telemetry.DeviceID) {
	kind, id, _ := strings.Cut(string(cl.Properties.Username), "/")
	return telemetry.DeviceKind(kind), telemetry.DeviceID(id)
}

// OnACLCheck allows a device its own topics and nothing else.
func (h *hook) OnACLCheck(cl *mqtt.Client, topic string, write bool) bool {
	kind, id := who(cl)
	leaf, own := strings.CutPrefix(topic, topicRoot+string(id)+"/")
	ok := false
	switch {
	case !write:
		ok = topic == clockTopic || own && (leaf == "cmd" || leaf == "refused")
	case own:
		switch leaf {
		case "pos", "ack":
			ok = kind == telemetry.DroneKind
		case "temp":
			ok = kind == telemetry.BoxKind
		case "status":
			ok = kind == telemetry.DroneKind
		}
	}
	if !ok {
		h.gateway.refused.WithLabelValues("topic not allowed").Inc()
	}
	return ok
}

// OnPacketRead meters all that a device sends, before the broker looks at it: what it
// drops without a word, as what is not the device's to say, takes time all the same.
func (h *hook) OnPacketRead(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	_, id := who(cl)
	if id == "" { // it has not said yet who it is
		return pk, nil
	}
	if within(h.gateway.quotas.message(id, pk.FixedHeader.Remaining, time.Now())) != nil {
		h.gateway.overrun(cl, id)
		return pk, packets.ErrRejectPacket
	}
	// The broker would drop these unanswered, and the device send them for ever.
	if pk.FixedHeader.Type == packets.Publish && !mqtt.IsValidFilter(pk.TopicName, true) {
		h.gateway.refused.WithLabelValues("topic not allowed").Inc()
		_ = h.gateway.server.DisconnectClient(cl, packets.ErrTopicNameInvalid) // it may be gone already
		return pk, packets.ErrRejectPacket
	}
	return pk, nil
}

// OnPublish sends what a device reports on its way to the record. It is acknowledged when it has
// come there (pipe.go): the broker is to take it for rejected, and say nothing.
func (h *hook) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline {
		return pk, nil
	}
	_, id := who(cl)
	a := &arrival{device: id, read: time.Now(), leaf: pk.TopicName[strings.LastIndexByte(pk.TopicName, '/')+1:], packet: pk}
	if err := h.begin(a); err != nil {
		h.gateway.overrun(cl, id)
		return pk, packets.ErrRejectPacket
	}
	h.pipes.push(cl, a, h.answer)
	return pk, packets.ErrRejectPacket
}

// errOverQuota cuts a device.
var errOverQuota = errors.New("over its quota")

// within slows a device, or says that it is to be cut.
func within(wait time.Duration, cut bool) error {
	if cut {
		return errOverQuota
	}
	time.Sleep(wait)
	return nil
}

// overrun cuts a device that sends more than its quota. What it sent last is not stored and
// not acknowledged.
func (m *MQTT) overrun(cl *mqtt.Client, id telemetry.DeviceID) {
	m.refused.WithLabelValues(overQuota).Inc()
	if n := m.faults.Add("over quota: "+string(id), time.Now()); n > 0 {
		m.log.Warn("device cut: it sends more than its quota", "device", id, "count", n)
	}
	m.hook.intake.Overran(id)
	_ = m.server.DisconnectClient(cl, packets.ErrQuotaExceeded) // it may be gone already
}

// begin reads a message and sends it on its way. It is errOverQuota when the device may send no
// more; what else is wrong is known when it is waited for.
func (h *hook) begin(a *arrival) error {
	refused := func(err error) { a.wait = func(context.Context) error { return &telemetry.RefusedError{Err: err} } }
	if a.leaf == "ack" {
		answer, err := DecodeAck(a.device, a.packet.Payload)
		if err != nil {
			refused(err)
			return nil
		}
		a.wait = func(ctx context.Context) error { return h.acks.Acknowledge(ctx, answer) }
		return nil
	}
	var err error
	switch a.leaf {
	case "pos":
		a.batch, err = DecodePositions(a.device, a.packet.Payload)
	case "temp":
		a.batch, err = DecodeTemperatures(a.device, a.packet.Payload)
	case "status":
		a.batch, err = DecodeStatuses(a.device, a.packet.Payload)
	}
	if err != nil { // the batch as a whole
		refused(err)
		return nil
	}
	if err := within(h.gateway.quotas.stores(a.device, len(a.batch.Samples), time.Now())); err != nil {
		return err
	}
	a.wait = h.intake.Begin(context.Background(), a.batch.Samples)
	return nil
}
