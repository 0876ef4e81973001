package live

import (
	"encoding/json"
	"time"

	"github.com/gorilla/websocket"

	"hemolift/dispatch/delivery"
)

// encoding is a subprotocol.
type encoding int

const (
	asBinary encoding = iota
	asJSON
	encodings
)

var subprotocols = [encodings]string{asBinary: "hemolift.v1", asJSON: "hemolift.v1.json"}

// frame is one message, prepared once for each encoding that is used.
type frame [encodings]*websocket.PreparedMessage

// prepare encodes rows as messages: drones (or a heartbeat), boxes, and what is gone.
func prepare(r rows, dict *dictionary, want [encodings]bool) []frame {
	frames := make([]frame, 1)
	if want[asBinary] {
		binaries := [][]byte{encodeDrones(r, dict)}
		if len(r.boxes) > 0 || r.kind == kindSnapshot {
			binaries = append(binaries, encodeBoxes(r, dict))
		}
		if len(r.gone.drones) > 0 {
			binaries = append(binaries, encodeGone(r, 0, r.gone.drones, dict))
		}
		if len(r.gone.boxes) > 0 {
			binaries = append(binaries, encodeGone(r, flagBoxes, r.gone.boxes, dict))
		}
		frames = make([]frame, len(binaries))
		for i, b := range binaries {
			frames[i][asBinary], _ = websocket.NewPreparedMessage(websocket.BinaryMessage, b) // fails for a bad message type only
		}
	}
	if !want[asJSON] {
		return frames
	}
	if text, err := json.Marshal(jsonRows(r)); err == nil { // one message says it all
		frames[0][asJSON], _ = websocket.NewPreparedMessage(websocket.TextMessage, text)
	}
	return frames
}

// prepareGauges encodes gauges as one message.
func prepareGauges(gauges []delivery.Gauge, seq uint64, now time.Time, want [encodings]bool) frame {
	list := jsonGauges(gauges)
	return prepareJSON(kindAlarms, list, jsonFrame{Seq: seq, Now: now, Alarms: list}, want)
}

// preparePeople encodes who is connected as one message.
func preparePeople(people []Person, seq uint64, now time.Time, want [encodings]bool) frame {
	return prepareJSON(kindPresence, people, jsonFrame{Seq: seq, Now: now, People: people}, want)
}

// prepareJSON is a message whose body is JSON in both encodings.
func prepareJSON(kind byte, body any, whole jsonFrame, want [encodings]bool) (f frame) {
	whole.Kind = kindNames[kind]
	if b, err := encodeJSONPayload(kind, whole.Seq, whole.Now, body); err == nil && want[asBinary] {
		f[asBinary], _ = websocket.NewPreparedMessage(websocket.BinaryMessage, b)
	}
	if !want[asJSON] {
		return f
	}
	if b, err := json.Marshal(whole); err == nil {
		f[asJSON], _ = websocket.NewPreparedMessage(websocket.TextMessage, b)
	}
	return f
}

// prepareBody is a message with a hello or an event.
func prepareBody(kind byte, seq uint64, now time.Time, body any, enc encoding) (*websocket.PreparedMessage, error) {
	if enc == asBinary {
		msg, err := encodeJSONPayload(kind, seq, now, body)
		if err != nil {
			return nil, err
		}
		return websocket.NewPreparedMessage(websocket.BinaryMessage, msg)
	}
	f := jsonFrame{Kind: kindNames[kind], Seq: seq, Now: now}
	if kind == kindHello {
		f.Hello = body
	} else {
		f.Event = body
	}
	msg, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	return websocket.NewPreparedMessage(websocket.TextMessage, msg)
}
