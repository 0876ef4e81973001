package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
	"golang.org/x/sync/semaphore"

	"hemolift/telemetry"
)

// Of a connection, so many messages and so many bytes of them may be on their way to the record.
// Beyond that it is read no further until the first of them is committed.
const (
	window     = 256
	windowSize = 1 << 20
)

// pipes are the messages of each connection that are not acknowledged yet, in their order. A
// connection does not wait for one message to be committed before the next is read.
type pipes struct {
	mu sync.Mutex
	of map[*mqtt.Client]*pipe
}

type pipe struct {
	room *semaphore.Weighted // of bytes

	mu       sync.Mutex
	arrivals []*arrival
	answered bool // somebody answers them just now
}

// arrival is a message that is on its way to the record.
type arrival struct {
	device telemetry.DeviceID
	leaf   string
	read   time.Time // wall time
	packet packets.Packet
	batch  Batch                       // what was read of it
	wait   func(context.Context) error // until it is committed
}

// size is what it takes of the room of its connection.
func (a *arrival) size() int64 { return int64(max(len(a.packet.Payload), windowSize/window)) }

// push adds a message to its connection's, and returns once there is room for it. answer is called
// for each, one after the other.
func (p *pipes) push(cl *mqtt.Client, a *arrival, answer func(*mqtt.Client, *arrival)) {
	p.mu.Lock()
	of, there := p.of[cl]
	if !there {
		of = &pipe{room: semaphore.NewWeighted(windowSize)}
		p.of[cl] = of
	}
	p.mu.Unlock()
	_ = of.room.Acquire(context.Background(), a.size()) // it never ends
	of.mu.Lock()
	defer of.mu.Unlock()
	of.arrivals = append(of.arrivals, a)
	if !of.answered {
		of.answered = true
		go of.answerAll(func(a *arrival) { answer(cl, a) })
	}
}

// answerAll answers what there is, and what comes meanwhile.
func (p *pipe) answerAll(answer func(*arrival)) {
	for {
		p.mu.Lock()
		if len(p.arrivals) == 0 {
			p.arrivals, p.answered = nil, false
			p.mu.Unlock()
			return
		}
		a := p.arrivals[0]
		p.arrivals = p.arrivals[1:]
		p.mu.Unlock()
		answer(a)
		p.room.Release(a.size())
	}
}

// end forgets a connection that is read no more: what it sent is answered still.
func (p *pipes) end(cl *mqtt.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, cl)
}

// OnDisconnect is called when a connection is read no more.
func (h *hook) OnDisconnect(cl *mqtt.Client, _ error, _ bool) { h.pipes.end(cl) }

// answer waits until a message is committed, and acknowledges it. What is refused is
// acknowledged too: sending it again is useless. What could not be stored ends the connection
// unacknowledged, so that the device sends it again.
func (h *hook) answer(cl *mqtt.Client, a *arrival) {
	err := a.wait(context.Background())
	var refused *telemetry.RefusedError
	var some telemetry.Refusals
	switch {
	case err == nil:
		h.counted(a, nil)
	case errors.As(err, &refused):
		h.gateway.refuse(a.device, a.leaf, telemetry.Refusals{*refused})
		h.gateway.letter(a.device, a.leaf, nil, refused.Err, a.packet.Payload)
	case errors.As(err, &some):
		h.counted(a, some)
	default:
		if !errors.Is(err, telemetry.ErrStopped) && !errors.Is(err, context.Canceled) { // the program ends; the device sends it again
			if n := h.gateway.faults.Add("not stored", time.Now()); n > 0 {
				h.gateway.log.Error("device message not stored", "device", a.device, "topic", a.leaf, "err", err, "count", n)
			}
		}
		cl.Stop(err)
		return
	}
	h.acknowledge(cl, a.packet)
	h.acked.Observe(time.Since(a.read).Seconds())
}

// counted tells of what a message held: how much of it is stored, and which of it was refused.
func (h *hook) counted(a *arrival, refused telemetry.Refusals) {
	if counter := h.accepted[a.leaf]; counter != nil {
		counter.Add(float64(len(a.batch.Samples) - len(refused)))
	}
	all := a.batch.Refused
	for _, r := range refused {
		all = append(all, telemetry.RefusedError{Index: a.batch.Index[r.Index], Err: r.Err})
	}
	if len(all) == 0 {
		return
	}
	h.gateway.refuse(a.device, a.leaf, all)
	for _, r := range all[:min(len(all), lettersOfOne)] {
		h.gateway.letter(a.device, a.leaf, &r.Index, r.Err, a.batch.Raw[r.Index])
	}
}

// acknowledge says to a device that a message is kept, as its quality of service wants it said.
func (h *hook) acknowledge(cl *mqtt.Client, of packets.Packet) {
	ack := packets.Packet{PacketID: of.PacketID, ReasonCode: packets.CodeSuccess.Code, Created: time.Now().Unix()}
	switch of.FixedHeader.Qos {
	case 0:
		return
	case 1:
		ack.FixedHeader.Type = packets.Puback
	default: // the broker goes on from here
		ack.FixedHeader.Type = packets.Pubrec
		cl.State.Inflight.DecreaseReceiveQuota()
		if cl.State.Inflight.Set(ack) {
			h.gateway.held(1)
		}
	}
	_ = cl.WritePacket(ack) // it may be gone: the device sends it again
}
