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
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"github.com/prometheus/client_golang/prometheus"

	"hemolift/telemetry"
	"hemolift/telemetry/attempts"
	"hemolift/telemetry/listen"
	"hemolift/telemetry/tally"
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
	caps.ReceiveMaximum = 64
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
	d.Metrics.MustRegister(m.refused, accepted)
	m.refused.WithLabelValues(overQuota) // counted from nothing on, so that their rates are known
	for _, leaf := range []string{"pos", "temp", "status"} {
		accepted.WithLabelValues(leaf)
	}
	m.hook = &hook{intake: d.Intake, known: d.Known, gateway: m, accepted: accepted}
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
	accepted *prometheus.CounterVec
}

func (h *hook) ID() string { return "hemolift" }

func (h *hook) Provides(b byte) bool {
	return bytes.Contains([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPacketRead, mqtt.OnPublish}, []byte{b})
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

// OnPublish stores what a device reports before it is acknowledged.
func (h *hook) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline {
		return pk, nil
	}
	_, id := who(cl)
	leaf := pk.TopicName[strings.LastIndexByte(pk.TopicName, '/')+1:]
	b, err := h.store(id, leaf, pk.Payload)
	var refused *telemetry.RefusedError
	var some telemetry.Refusals
	switch {
	case err == nil:
		return pk, packets.CodeSuccessIgnore
	case errors.Is(err, errOverQuota):
		h.gateway.overrun(cl, id)
		return pk, packets.ErrRejectPacket
	case errors.As(err, &refused):
		h.gateway.refuse(id, leaf, telemetry.Refusals{*refused})
		h.gateway.letter(id, leaf, nil, refused.Err, pk.Payload)
		return pk, packets.CodeSuccessIgnore
	case errors.As(err, &some):
		h.gateway.refuse(id, leaf, some)
		for _, r := range some[:min(len(some), lettersOfOne)] {
			h.gateway.letter(id, leaf, &r.Index, r.Err, b.Raw[r.Index])
		}
		return pk, packets.CodeSuccessIgnore
	}
	if !errors.Is(err, context.Canceled) { // the program ends; the device sends it again
		if n := h.gateway.faults.Add("not stored", time.Now()); n > 0 {
			h.gateway.log.Error("device message not stored", "device", id, "topic", leaf, "err", err, "count", n)
		}
	}
	cl.Stop(err)
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

// store keeps what a message reports. Beside Refusals it returns what they are of.
func (h *hook) store(id telemetry.DeviceID, leaf string, payload []byte) (Batch, error) {
	ctx := context.Background()
	if leaf == "ack" {
		a, err := DecodeAck(id, payload)
		if err != nil {
			return Batch{}, &telemetry.RefusedError{Err: err}
		}
		return Batch{}, h.acks.Acknowledge(ctx, a)
	}
	decodeLeaf := map[string]func(telemetry.DeviceID, []byte) (Batch, error){
		"pos": DecodePositions, "temp": DecodeTemperatures, "status": DecodeStatuses,
	}[leaf]
	b, err := decodeLeaf(id, payload)
	if err != nil { // the batch as a whole
		return b, &telemetry.RefusedError{Err: err}
	}
	if err := within(h.gateway.quotas.stores(id, len(b.Samples), time.Now())); err != nil {
		return b, err
	}
	var refused telemetry.Refusals
	if err := h.intake.Accept(ctx, b.Samples); err != nil && !errors.As(err, &refused) {
		return b, err
	}
	h.accepted.WithLabelValues(leaf).Add(float64(len(b.Samples) - len(refused)))
	for _, r := range refused {
		b.Refused = append(b.Refused, telemetry.RefusedError{Index: b.Index[r.Index], Err: r.Err})
	}
	if len(b.Refused) > 0 {
		return b, b.Refused
	}
	return b, nil
}
