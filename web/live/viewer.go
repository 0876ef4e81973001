package live

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
)

const (
	writeWait    = 15 * time.Second
	pongWait     = 60 * time.Second
	pingEvery    = 20 * time.Second
	maxFromPage  = 4 << 10
	saysAtOnce   = 60       // messages of a page, and one a second after
	sendBuffer   = 64 << 10 // small, so that a reader that wakes up gets no minutes of old ticks
	eventsAtOnce = 500
)

var upgrader = websocket.Upgrader{
	Subprotocols:     subprotocols[:],
	ReadBufferSize:   512,
	WriteBufferSize:  4096,
	WriteBufferPool:  &sync.Pool{}, // who waits for the next frame holds none
	HandshakeTimeout: 10 * time.Second,
}

// hello is the first message: the dictionary and where things stand. It is said again before
// anything is told of a device that joined the network since.
type hello struct {
	Drones []string `json:"drones"`
	Boxes  []string `json:"boxes"`
	Seq    uint64   `json:"seq"` // of the newest event
	Rate   float64  `json:"rate"`
	Resync bool     `json:"resync"` // events after ?after are too many: read the board anew
}

// Session is whose connection it is, and what it may see.
type Session struct {
	Site network.SiteID // to whose carriers it is limited; empty: it sees all
	Who  Person
	// Sees says whether an event is for it, and Signed whether its account is still
	// signed in.
	Sees   func(delivery.Event) bool
	Signed func() bool
	After  uint64 // the last event that it has
	Left   func() // is called when the connection has ended, once it began
}

// viewer is one live connection. Its goroutine writes; another one reads.
type viewer struct {
	live    *Live
	conn    *websocket.Conn
	enc     encoding
	session Session
	group   *group
	cursor  uint64
	events  uint64 // the last event sent
	words   int    // of the dictionary that it was told
	hidden  chan bool
	silent  bool // the tab is hidden: events only
}

// Errors of a request that is not upgraded.
var (
	ErrFull = errors.New("as many live connections are open as the server was given memory for")
	ErrOver = errors.New("the server is stopping")
)

// Spoken reports whether a request offers one of the feed's subprotocols.
func Spoken(r *http.Request) bool { return spoken(r) < encodings }

// spoken is the encoding that will be chosen: the first one that the client offers.
func spoken(r *http.Request) encoding {
	for _, p := range websocket.Subprotocols(r) {
		if i := slices.Index(subprotocols[:], p); i >= 0 {
			return encoding(i)
		}
	}
	return encodings
}

// Serve upgrades a request and has it fed until it ends, by a goroutine of its own: the server of HTTP
// is through with it. begun reports whether there is such a connection; an error means that nothing was
// answered yet.
func (l *Live) Serve(w http.ResponseWriter, r *http.Request, s Session) (begun bool, err error) {
	enc := spoken(r)
	g, ok := l.hub.join(s.Site, s.Who, enc)
	if !ok {
		return false, fmt.Errorf("%w (%d)", ErrFull, l.Most)
	}
	leave := func() { l.hub.leave(g, s.Who, enc) }
	if !l.begin() {
		leave()
		return false, ErrOver
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		l.viewers.Done()
		leave()
		return false, nil // Upgrade has answered
	}
	go func() {
		defer l.viewers.Done()
		defer s.Left()
		defer leave()
		v := &viewer{live: l, conn: conn, enc: enc, session: s, group: g, events: s.After, hidden: make(chan bool, 1)}
		v.serve()
	}()
	return true, nil
}

// serve feeds a connection until it ends, or the server does.
func (v *viewer) serve() {
	defer func() {
		_ = v.conn.Close()
		if p := recover(); p != nil { // one connection's end is no other's
			v.live.Logger.Error("live connection", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	tcp := v.conn.NetConn()
	if encrypted, ok := tcp.(*tls.Conn); ok {
		tcp = encrypted.NetConn()
	}
	if tcp, ok := tcp.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // the default works too, less well
	}
	ctx, cancel := context.WithCancel(v.live.ctx)
	defer cancel()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer cancel()
		v.read()
	}()
	v.write(ctx)
	_ = v.conn.Close()
	<-gone
}

// read takes what the page says until the connection ends.
func (v *viewer) read() {
	v.conn.SetReadLimit(maxFromPage)
	extend := func(string) error { return v.conn.SetReadDeadline(time.Now().Add(pongWait)) }
	_ = extend("")
	v.conn.SetPongHandler(extend)
	said := rate.NewLimiter(rate.Every(time.Second), saysAtOnce)
	for {
		var msg struct {
			Hidden *bool `json:"hidden"`
		}
		_, data, err := v.conn.ReadMessage()
		if err != nil || !said.Allow() || json.Unmarshal(data, &msg) != nil {
			return
		}
		if msg.Hidden != nil {
			select {
			case <-v.hidden:
			default:
			}
			v.hidden <- *msg.Hidden
		}
	}
}

// write sends hello, a snapshot, and then events and ticks until ctx ends.
func (v *viewer) write(ctx context.Context) {
	if v.greet() != nil || v.sendSnapshot() != nil {
		return
	}
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		more, err := v.sendEvents(ctx)
		if err != nil {
			return
		}
		var ticks <-chan struct{}
		if !v.silent {
			if ticks, err = v.sendTicks(); err != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-more:
		case <-ticks:
		case hidden := <-v.hidden:
			if v.silent = hidden; !hidden && v.sendSnapshot() != nil {
				return
			}
		case <-ping.C:
			if v.ended() {
				return
			}
			if v.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) != nil {
				return
			}
		}
	}
}

func (v *viewer) greet() error {
	h := v.introduce()
	_, _, ok := v.live.Feed.Since(v.events)
	// A page that knows more than there is saw a record that this one is not.
	if v.events > h.Seq || !ok && h.Seq-v.events > eventsAtOnce {
		h.Resync, v.events = true, h.Seq
	}
	return v.sendHello(h)
}

// introduce is a hello with the devices that there are now.
func (v *viewer) introduce() hello {
	dict := v.live.hub.dict.Load()
	v.words = dict.words()
	return hello{Drones: dict.drones, Boxes: dict.boxes, Seq: v.live.Feed.Last(), Rate: v.live.Rate}
}

// sendHello writes a hello in the connection's encoding.
func (v *viewer) sendHello(h hello) error {
	msg, err := prepareBody(kindHello, h.Seq, v.live.Now(), h, v.enc)
	if err != nil {
		return err
	}
	return v.put(msg)
}

func (v *viewer) put(msg *websocket.PreparedMessage) error {
	_ = v.conn.SetWriteDeadline(time.Now().Add(writeWait))
	return v.conn.WritePreparedMessage(msg)
}

// ended reports whether the session has ended, and tells the page so.
func (v *viewer) ended() bool {
	if v.session.Signed() {
		return false
	}
	why := websocket.FormatCloseMessage(websocket.ClosePolicyViolation, errSignedOut.Error())
	_ = v.conn.WriteControl(websocket.CloseMessage, why, time.Now().Add(writeWait)) // the page may have gone
	return true
}

// errSignedOut ends the connection of a session that has ended.
var errSignedOut = errors.New("signed out")

// sendEvents sends every event after the last one, each in a frame of its own, and
// from the record when the feed has forgotten it.
func (v *viewer) sendEvents(ctx context.Context) (<-chan struct{}, error) {
	for {
		events, more, ok := v.live.Feed.Since(v.events)
		if !ok {
			var err error
			if events, err = v.live.Log.EventsSince(ctx, v.events, eventsAtOnce); err != nil {
				return nil, err
			}
		}
		for _, e := range events {
			v.events = e.Seq
			if v.concerned(e) && v.ended() {
				return nil, errSignedOut
			}
			if !v.session.Sees(e) {
				continue
			}
			msg, err := v.live.told.event(e, v.live.EventView, v.live.Now(), v.enc)
			if err == nil {
				err = v.put(msg)
			}
			if err != nil {
				return nil, err
			}
		}
		if ok || len(events) == 0 {
			return more, nil
		}
	}
}

// concerned reports whether an event may change what the viewer may see.
func (v *viewer) concerned(e delivery.Event) bool {
	switch e.Kind {
	case delivery.EvAccount:
		return e.Subject == v.session.Who.Login
	case delivery.EvConfig:
		return e.Subject == delivery.ChangedNetwork
	}
	return false
}

func (v *viewer) sendTicks() (<-chan struct{}, error) {
	frames, seq, more, behind := v.group.after(v.cursor)
	if behind {
		return more, v.sendSnapshot()
	}
	v.cursor = seq
	return more, v.send(frames)
}

func (v *viewer) sendSnapshot() error {
	s := v.live.hub.snapshot(v.group, v.enc)
	v.cursor = s.seq
	return v.send(s.frames)
}

func (v *viewer) send(frames []frame) error {
	if v.live.hub.dict.Load().words() > v.words {
		if err := v.sendHello(v.introduce()); err != nil {
			return err
		}
	}
	for _, f := range frames {
		if f[v.enc] == nil {
			continue
		}
		if err := v.put(f[v.enc]); err != nil {
			return err
		}
	}
	return nil
}
