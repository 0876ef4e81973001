package live

import (
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hemolift/dispatch/delivery"
)

// told are the newest events as they go over the wire: each is encoded once for all who may see it.
type told struct {
	mu     sync.Mutex
	frames [keptEvents]toldEvent // by sequence
}

const (
	keptEvents = 256
	freshFor   = 100 * time.Millisecond // a frame says what time it is: an older one is made anew
)

// toldEvent is one event in the encodings that were asked for.
type toldEvent struct {
	seq uint64
	at  [encodings]time.Time // when it was made, server time
	msg frame
}

// event is the message of an event in an encoding, now; view is how it goes over the wire.
func (all *told) event(e delivery.Event, view func(delivery.Event) any, now time.Time, enc encoding) (*websocket.PreparedMessage, error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	t := &all.frames[e.Seq%keptEvents]
	if t.seq != e.Seq {
		*t = toldEvent{seq: e.Seq}
	}
	if t.msg[enc] == nil || now.Sub(t.at[enc]).Abs() > freshFor {
		msg, err := prepareBody(kindEvent, e.Seq, now, view(e), enc)
		if err != nil {
			return nil, err
		}
		t.msg[enc], t.at[enc] = msg, now
	}
	return t.msg[enc], nil
}
