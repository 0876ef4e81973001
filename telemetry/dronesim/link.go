package dronesim

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"hemolift/telemetry"
)

// maxQueued bounds what a device keeps while it has no link; the oldest go first.
const maxQueued = 20_000

const (
	batchSize  = 100
	ackTimeout = 10 * time.Second
)

// link is one device's connection: reports wait in a queue until they are
// acknowledged, which means stored.
type link struct {
	id     telemetry.DeviceID
	client mqtt.Client
	now    *clock

	mu    sync.Mutex
	queue []report
	wake  chan struct{}
}

type report struct {
	leaf string
	body map[string]any
}

// clock is the server's time as heard on the clock topic.
type clock struct {
	mu   sync.Mutex
	t    time.Time // server time at wall
	wall time.Time
	rate float64
}

// at returns server time now, false before it has been heard.
func (c *clock) at() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wall.IsZero() {
		return time.Time{}, false
	}
	return c.t.Add(time.Duration(float64(time.Since(c.wall)) * c.rate)).Truncate(time.Millisecond).UTC(), true
}

func (c *clock) hear(payload []byte) {
	var m struct {
		T    int64   `json:"t"`
		Rate float64 `json:"rate"`
	}
	if json.Unmarshal(payload, &m) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t, c.wall, c.rate = time.UnixMilli(m.T), time.Now(), m.Rate
}

// newLink prepares a connection; commands are given to onCommand.
func newLink(broker string, id telemetry.DeviceID, secret string, now *clock, onCommand func(telemetry.Command)) *link {
	l := &link{id: id, now: now, wake: make(chan struct{}, 1)}
	o := mqtt.NewClientOptions().AddBroker("tcp://" + broker).SetClientID(string(id)).SetUsername(string(id)).SetPassword(secret).
		SetCleanSession(
			true,
		).SetAutoReconnect(true).SetConnectRetry(true).SetConnectRetryInterval(time.Second).SetMaxReconnectInterval(5 * time.Second).
		SetKeepAlive(30 * time.Second).SetOrderMatters(false).SetWriteTimeout(ackTimeout)
	o.SetOnConnectHandler(func(c mqtt.Client) {
		c.Subscribe("hl/v1/clock", 0, func(_ mqtt.Client, m mqtt.Message) { now.hear(m.Payload()) })
		if onCommand != nil {
			c.Subscribe("hl/v1/"+string(id)+"/cmd", 1, func(_ mqtt.Client, m mqtt.Message) {
				if cmd, err := decodeCommand(m.Payload()); err == nil {
					onCommand(cmd)
				}
			})
		}
	})
	l.client = mqtt.NewClient(o)
	return l
}

// decodeCommand reads what the broker sends on a cmd topic.
func decodeCommand(payload []byte) (telemetry.Command, error) {
	var d struct {
		ID        int64                 `json:"id"`
		Kind      telemetry.CommandKind `json:"kind"`
		Mission   string                `json:"mission"`
		Leg       int                   `json:"leg"`
		Legs      [][][2]float64        `json:"legs"`
		HeightM   float64               `json:"height_m"`
		CruiseMPS float64               `json:"cruise_mps"`
	}
	if err := json.Unmarshal(payload, &d); err != nil {
		return telemetry.Command{}, fmt.Errorf("decode command: %w", err)
	}
	c := telemetry.Command{ID: d.ID, Kind: d.Kind, Mission: d.Mission, Leg: d.Leg}
	if len(d.Legs) > 0 {
		c.Plan = &telemetry.FlightPlan{HeightM: d.HeightM, CruiseMPS: d.CruiseMPS}
		for _, leg := range d.Legs {
			c.Plan.Legs = append(c.Plan.Legs, toPoints(leg))
		}
	}
	return c, nil
}

// send queues a report.
func (l *link) send(leaf string, body map[string]any) {
	l.mu.Lock()
	l.queue = append(l.queue, report{leaf, body})
	if drop := len(l.queue) - maxQueued; drop > 0 {
		l.queue = l.queue[drop:]
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run connects and sends the queue in order until ctx ends: one message at a time,
// reports of one kind together, again until acknowledged.
func (l *link) run(ctx context.Context) error {
	l.client.Connect() // retries by itself
	defer l.client.Disconnect(100)
	for {
		batch := l.peek()
		if batch == nil {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-l.wake:
			}
			continue
		}
		if !l.publish(ctx, batch) {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(500 * time.Millisecond):
			}
			continue
		}
		l.mu.Lock()
		l.queue = l.queue[min(len(batch), len(l.queue)):]
		l.mu.Unlock()
	}
}

// peek returns the oldest reports of one kind, at most batchSize; an ack goes alone.
func (l *link) peek() []report {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(l.queue) && n < batchSize && l.queue[n].leaf == l.queue[0].leaf && (n == 0 || l.queue[0].leaf != "ack") {
		n++
	}
	if n == 0 {
		return nil
	}
	return append([]report{}, l.queue[:n]...)
}

func (l *link) publish(ctx context.Context, batch []report) bool {
	if !l.client.IsConnectionOpen() {
		return false
	}
	var body any = batch[0].body
	if len(batch) > 1 {
		list := make([]map[string]any, len(batch))
		for i, r := range batch {
			list[i] = r.body
		}
		body = list
	}
	payload, err := json.Marshal(body)
	if err != nil {
		return true // cannot ever be sent
	}
	token := l.client.Publish("hl/v1/"+string(l.id)+"/"+batch[0].leaf, 1, false, payload)
	select {
	case <-token.Done():
		return token.Error() == nil
	case <-time.After(ackTimeout):
		return false
	case <-ctx.Done():
		return false
	}
}
