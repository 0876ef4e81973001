// Package listen bounds the connections of a door that have not said yet who they are. A
// silent socket costs whoever opens it nothing and the server a descriptor; so only so
// many of them wait, of one address and in all, the oldest go first, and each has a
// deadline. Those that were admitted are not counted any more. Running out of descriptors
// makes the door wait, not end.
package listen

import (
	"container/list"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

const (
	fromAddress = 64  // of one address that have not said who they are
	inAll       = 128 // of all addresses

	firstPause = 20 * time.Millisecond // after an Accept that failed, doubled until
	mostPause  = time.Second
)

// Listener is a listener whose connections are to be admitted. It is safe for concurrent
// use.
type Listener struct {
	net.Listener
	within time.Duration
	log    *slog.Logger
	ended  chan struct{}
	end    sync.Once

	mu      sync.Mutex
	waiting *list.List // of *conn, the oldest first
	of      map[string]int
}

// New bounds l: a connection is to say within some time who it is.
func New(l net.Listener, within time.Duration, log *slog.Logger) *Listener {
	return &Listener{Listener: l, within: within, log: log, ended: make(chan struct{}), waiting: list.New(), of: map[string]int{}}
}

// Accept waits for a connection. It ends with the listener only.
func (l *Listener) Accept() (net.Conn, error) {
	pause := firstPause
	for {
		c, err := l.Listener.Accept()
		switch {
		case err == nil:
			return l.wait(c), nil
		case errors.Is(err, net.ErrClosed):
			l.end.Do(func() { close(l.ended) })
			return nil, err
		}
		l.log.Warn("connection not accepted", "door", l.Addr().String(), "err", err)
		time.Sleep(pause)
		pause = min(2*pause, mostPause)
	}
}

// Ended is closed once no connection is accepted any more.
func (l *Listener) Ended() <-chan struct{} { return l.ended }

// wait counts a connection until it is admitted or closed, and makes room for it.
func (l *Listener) wait(c net.Conn) net.Conn {
	_ = c.SetReadDeadline(time.Now().Add(l.within)) // one that is gone already fails soon
	w := &conn{Conn: c, door: l, address: hostOf(c.RemoteAddr())}
	l.mu.Lock()
	w.place = l.waiting.PushBack(w)
	l.of[w.address]++
	goes := l.tooMany(w.address)
	l.mu.Unlock()
	if goes != nil {
		_ = goes.Close()
	}
	return w
}

// tooMany is the connection that has waited for longest where too many wait.
func (l *Listener) tooMany(address string) *conn {
	if l.of[address] > fromAddress {
		for e := l.waiting.Front(); e != nil; e = e.Next() {
			if c := e.Value.(*conn); c.address == address {
				return c
			}
		}
	}
	if l.waiting.Len() > inAll {
		return l.waiting.Front().Value.(*conn)
	}
	return nil
}

// Admit takes a connection, or the one that it stands on, out of those that are counted. Its
// deadlines are its own from now on.
func (l *Listener) Admit(c net.Conn) {
	if under, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = under.NetConn()
	}
	if w, ok := c.(*conn); ok && w.door == l {
		l.leave(w)
	}
}

func (l *Listener) leave(w *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.place == nil {
		return
	}
	l.waiting.Remove(w.place)
	w.place = nil
	if l.of[w.address]--; l.of[w.address] == 0 {
		delete(l.of, w.address)
	}
}

// conn is a connection that may be waiting.
type conn struct {
	net.Conn
	door    *Listener
	address string
	place   *list.Element // nil once it does not wait
}

func (c *conn) Close() error {
	c.door.leave(c)
	return c.Conn.Close()
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}
