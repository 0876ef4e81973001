package listen

import (
	"io"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"
)

const generous = time.Minute

func door(t *testing.T, within time.Duration) *Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := New(l, within, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// comes connects from a loopback address, and returns both ends.
func comes(t *testing.T, d *Listener, from string) (outside, inside net.Conn) {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	outside, err := dialer.Dial("tcp", d.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = outside.Close() })
	inside, err = d.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inside.Close() })
	return outside, inside
}

// cut reports whether the door has closed a connection; one that it has not answers.
func cut(t *testing.T, outside, inside net.Conn) bool {
	t.Helper()
	if _, err := inside.Write([]byte{1}); err != nil {
		return true
	}
	_ = outside.SetReadDeadline(time.Now().Add(generous))
	_, err := io.ReadFull(outside, make([]byte, 1))
	return err != nil
}

func TestTheOldestOfAnAddressThatSaysNothingGoes(t *testing.T) {
	d := door(t, generous)
	first, firstIn := comes(t, d, "127.0.0.1")
	admitted, admittedIn := comes(t, d, "127.0.0.1")
	d.Admit(admittedIn)
	other, otherIn := comes(t, d, "127.0.0.2")
	for range newOfAddress - 1 {
		comes(t, d, "127.0.0.1")
	}
	if cut(t, first, firstIn) {
		t.Fatal("cut before there were too many")
	}
	last, lastIn := comes(t, d, "127.0.0.1")
	if !cut(t, first, firstIn) {
		t.Error("the oldest is still there")
	}
	if cut(t, admitted, admittedIn) || cut(t, last, lastIn) || cut(t, other, otherIn) {
		t.Error("another one was cut")
	}
}

func TestTheOldestOfAllGoes(t *testing.T) {
	d := door(t, generous)
	first, firstIn := comes(t, d, "127.0.1.1")
	for i := range newInAll - 1 {
		comes(t, d, net.IPv4(127, 0, 2, byte(i)).String())
	}
	if cut(t, first, firstIn) {
		t.Fatal("cut before there were too many")
	}
	comes(t, d, "127.0.1.2")
	if !cut(t, first, firstIn) {
		t.Error("the oldest is still there")
	}
}

func TestClosedConnectionsAreNotCounted(t *testing.T) {
	d := door(t, generous)
	for range 3 * newOfAddress {
		_, in := comes(t, d, "127.0.0.1")
		_ = in.Close()
		d.Admit(in) // again changes nothing
	}
	if d.new.list.Len() != 0 || len(d.new.of) != 0 {
		t.Errorf("%d wait, of %v", d.new.list.Len(), d.new.of)
	}
}

func TestASilentConnectionRunsOutOfTime(t *testing.T) {
	d := door(t, time.Millisecond)
	_, in := comes(t, d, "127.0.0.1")
	var timeout net.Error
	if _, err := in.Read(make([]byte, 1)); err == nil {
		t.Error("something was read")
	} else if ok := asNet(err, &timeout); !ok || !timeout.Timeout() {
		t.Errorf("got %v", err)
	}
}

func asNet(err error, to *net.Error) bool {
	e, ok := err.(net.Error) //nolint:errorlint // as net returns it
	*to = e
	return ok
}

// short is a listener that runs out of descriptors some times.
type short struct {
	net.Listener
	fails int
}

func (s *short) Accept() (net.Conn, error) {
	if s.fails > 0 {
		s.fails--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return s.Listener.Accept()
}

func TestTheDoorOutlivesALackOfDescriptors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &short{Listener: l, fails: 3}
	d := New(s, generous, slog.New(slog.DiscardHandler))
	outside, inside := comes(t, d, "127.0.0.1")
	if cut(t, outside, inside) || s.fails != 0 {
		t.Error("not accepted")
	}
	_ = d.Close()
	if _, err := d.Accept(); err == nil {
		t.Error("a closed door accepts")
	}
}

// Connections that rest between two questions go too when there are too many, the oldest
// first; one that asks meanwhile does not.
func TestTheOldestThatRestsGoes(t *testing.T) {
	d := door(t, generous)
	admits := func(from string) (net.Conn, net.Conn) {
		outside, inside := comes(t, d, from)
		d.Admit(inside)
		return outside, inside
	}
	asks, asksIn := admits("127.0.0.1")
	d.Rest(asksIn)
	first, firstIn := admits("127.0.0.1")
	d.Rest(firstIn)
	d.Admit(asksIn)
	other, otherIn := admits("127.0.0.2")
	d.Rest(otherIn)
	for range restingOfAddress - 1 {
		_, inside := admits("127.0.0.1")
		d.Rest(inside)
	}
	if cut(t, first, firstIn) {
		t.Fatal("cut before there were too many")
	}
	_, last := admits("127.0.0.1")
	d.Rest(last)
	if !cut(t, first, firstIn) {
		t.Error("the oldest is still there")
	}
	if cut(t, asks, asksIn) || cut(t, other, otherIn) {
		t.Error("another one was cut")
	}
	d.Rest(firstIn) // closed already
	if d.resting.of["127.0.0.1"] != restingOfAddress || d.resting.list.Len() != restingOfAddress+1 {
		t.Errorf("%d of the address and %d in all are counted", d.resting.of["127.0.0.1"], d.resting.list.Len())
	}
}
