// Package listen bounds the connections of a door that ask for nothing: those that have not
// said yet who they are, and those that rest between two questions. A silent socket costs
// whoever opens it nothing and the server a descriptor; so only so many of each kind are
// kept, of one address and in all, and the oldest go first. Those that have not said who
// they are have a deadline too. Running out of descriptors makes the door wait, not end.
package listen

import (
	"container/list"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// How many connections of a kind are kept, of one address and in all.
const (
	newOfAddress, newInAll         = 64, 128 // that have not said who they are
	restingOfAddress, restingInAll = 64, 192

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
	new     *queue
	resting *queue
}

// queue is the connections of one kind, the oldest first.
type queue struct {
	list             *list.List // of *conn
	of               map[string]int
	ofAddress, inAll int
}

func newQueue(ofAddress, inAll int) *queue {
	return &queue{list: list.New(), of: map[string]int{}, ofAddress: ofAddress, inAll: inAll}
}

// New bounds l: a connection is to say within some time who it is.
func New(l net.Listener, within time.Duration, log *slog.Logger) *Listener {
	return &Listener{
		Listener: l, within: within, log: log, ended: make(chan struct{}),
		new: newQueue(newOfAddress, newInAll), resting: newQueue(restingOfAddress, restingInAll),
	}
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
	l.enter(w, l.new)
	return w
}

// enter puts a connection into a queue, and closes the one that has been there for longest
// where there are too many.
func (l *Listener) enter(w *conn, q *queue) {
	l.mu.Lock()
	var goes *conn
	if !w.closed {
		w.leave()
		w.in, w.place = q, q.list.PushBack(w)
		q.of[w.address]++
		goes = q.tooMany(w.address)
	}
	l.mu.Unlock()
	if goes != nil {
		_ = goes.Close()
	}
}

// tooMany is the connection that goes where there are too many.
func (q *queue) tooMany(address string) *conn {
	if q.of[address] > q.ofAddress {
		for e := q.list.Front(); e != nil; e = e.Next() {
			if c := e.Value.(*conn); c.address == address {
				return c
			}
		}
	}
	if q.list.Len() > q.inAll {
		return q.list.Front().Value.(*conn)
	}
	return nil
}

// Admit takes a connection, or the one that it stands on, out of those that are counted. Its
// deadlines are its own from now on.
func (l *Listener) Admit(c net.Conn) {
	if w := l.own(c); w != nil {
		l.mu.Lock()
		w.leave()
		l.mu.Unlock()
	}
}

// Rest counts a connection that asks for nothing now, until it is admitted again. It may be
// closed any time from now on.
func (l *Listener) Rest(c net.Conn) {
	if w := l.own(c); w != nil {
		l.enter(w, l.resting)
	}
}

// own is the door's own connection that c is or stands on, if it is one.
func (l *Listener) own(c net.Conn) *conn {
	if under, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = under.NetConn()
	}
	if w, ok := c.(*conn); ok && w.door == l {
		return w
	}
	return nil
}

// conn is a connection that may be in a queue.
type conn struct {
	net.Conn
	door    *Listener
	address string

	in     *queue // nil when it is in none
	place  *list.Element
	closed bool
}

// leave takes a connection out of its queue. The lock is held.
func (c *conn) leave() {
	q := c.in
	if q == nil {
		return
	}
	q.list.Remove(c.place)
	c.in, c.place = nil, nil
	if q.of[c.address]--; q.of[c.address] == 0 {
		delete(q.of, c.address)
	}
}

func (c *conn) Close() error {
	c.door.mu.Lock()
	c.closed = true
	c.leave()
	c.door.mu.Unlock()
	return c.Conn.Close()
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}
