package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hemolift/dispatch/network"
	"hemolift/web/api"
)

// machineClock is a machine's clock that a test sets.
type machineClock struct{ off atomic.Int64 }

func (m *machineClock) now() time.Time        { return time.Now().Add(time.Duration(m.off.Load())).Round(0) }
func (m *machineClock) set(off time.Duration) { m.off.Store(int64(off)) }

func TestHowTheClockFollowsTheMachines(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, tt := range []struct {
		step     time.Duration
		off      bool // it is told
		followed bool
		moved    time.Duration
	}{
		{0, false, false, 0},
		{2 * time.Millisecond, false, false, 2 * time.Millisecond},
		{time.Second, false, false, slewBy},
		{-time.Second, false, false, -slewBy},
		{slewWithin - 10*time.Millisecond, false, false, slewBy},
		{slewWithin + time.Second, true, true, slewWithin + time.Second},
		{-slewWithin - time.Second, true, false, 0},
		{jumpWithin - time.Second, true, true, jumpWithin - time.Second},
		{jumpWithin + time.Second, true, false, 0},
		{-2 * time.Hour, true, false, 0},
		{year, true, false, 0},
	} {
		m := &machineClock{}
		c := newClock(m.now(), 1, m.now)
		m.set(tt.step)
		off, followed := c.follow()
		mark := c.mark.Load()
		moved := mark.after(noteEvery, 1).Sub(mark.monotonic.Add(noteEvery).Round(0)) // a second later
		if (off != 0) != tt.off || followed != tt.followed || (moved-tt.moved).Abs() > 500*time.Microsecond+tt.moved.Abs()/10 {
			t.Errorf("a step of %v: off %v, followed %v, moved by %v; want %+v", tt.step, off, followed, moved, tt)
		}
	}
}

// While the machine's clock steps to and fro, the server's never goes back.
func TestTheClockNeverGoesBack(t *testing.T) {
	m := &machineClock{}
	c := newClock(m.now(), 1, m.now)
	last := c.exact()
	for i := range 20_000 {
		m.set(time.Duration(i%7-3) * time.Second)
		c.follow()
		for range 3 {
			now := c.exact()
			if now.Before(last) {
				t.Fatalf("from %v to %v", last, now)
			}
			last = now
		}
	}
}

// A record that cannot be written to for a while ends no server by its clock.
func TestAClockThatCannotBeNotedGoesOn(t *testing.T) {
	m := &machineClock{}
	c := newClock(m.now(), 1, m.now)
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	err := c.note(ctx, slog.New(slog.DiscardHandler), func(context.Context, time.Time) error {
		if tries++; tries == 3 {
			cancel()
		}
		return errors.New("no space left on device")
	})
	if tries != 3 || !errors.Is(err, context.Canceled) {
		t.Errorf("after %d tries: %v", tries, err)
	}
}

func TestWhereADemonstrationGoesOn(t *testing.T) {
	t0 := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name         string
		noted, event time.Time
		want         time.Time
	}{
		{"a fresh record", time.Time{}, time.Time{}, t0},
		{"noted last", t0.Add(time.Hour), t0, t0.Add(time.Hour + 8*time.Second)},
		{"an event since then", t0.Add(time.Hour), t0.Add(time.Hour + 3*time.Second), t0.Add(time.Hour + 11*time.Second)},
		{"an event far ahead", t0.Add(time.Hour), t0.Add(1000 * time.Hour), t0.Add(time.Hour + 8*time.Second)},
	} {
		if got := goOn(t0, tt.noted, tt.event, 4); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// inside is a server that runs within the test, by a machine's clock that the test sets.
type inside struct {
	*app
	admin apiClient
	stop  func()
}

func startInside(t *testing.T, data string, m *machineClock, behind bool) (*inside, error) {
	t.Helper()
	t.Setenv("DATABASE_URL", "")
	s := settings{
		quota: 1,
		addr:  freePort(t), mqttAddr: freePort(t), data: data, rate: 1, networkDir: network.Shenyang(), machine: m.now, clockBehind: behind,
		log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	a, err := build(t.Context(), s)
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	if err := a.firstAdmin(t.Context(), &said); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := a.run(ctx); err != nil {
			t.Error(err)
		}
	})
	i := &inside{app: a, stop: sync.OnceFunc(func() {
		cancel()
		running.Wait()
		a.close()
	})}
	t.Cleanup(i.stop)
	if _, token, ok := strings.Cut(strings.TrimSpace(said.String()), "#"); ok {
		i.admin = signedIn(t, a.url(), token)
	}
	return i, nil
}

// signedIn is the first administrator, who chooses a password by the token of an invitation.
func signedIn(t *testing.T, url, token string) apiClient {
	t.Helper()
	var tok api.Token
	c := apiClient{url: url}
	const password = "several quiet ladders"
	eventually(t, readyWithin, "admin chooses a password", func() bool {
		body := api.ChosenPassword{Password: password}
		return c.call(context.Background(), http.MethodPost, "/invitation", body, nil, "Invitation-Token", token) == nil
	})
	eventually(t, readyWithin, "admin signs in", func() bool {
		return c.call(context.Background(), http.MethodPost, "/tokens", api.Credentials{Login: "admin", Password: password}, &tok) == nil
	})
	return apiClient{url, tok.Token}
}

func (i *inside) board(t *testing.T) api.Board {
	t.Helper()
	var b api.Board
	if err := i.admin.call(context.Background(), http.MethodGet, "/board", nil, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// clockAlarm is the alarm of the clock that stands, or the newest one that was told.
func clockAlarm(b api.Board) (standing *api.Alarm) {
	for _, a := range b.Alarms {
		if a.Kind == "clock_off" && a.ClearedAt == nil {
			return &a
		}
	}
	return nil
}

// A machine's clock that steps while the desk works, back by two hours, on by a year and to
// and fro, is told, moves nothing, and is told to be right again; what a sleep explains is
// followed. The log goes on in order all the while, but for the moment that a change takes.
func TestTheMachinesClockSteps(t *testing.T) {
	m := &machineClock{}
	s, err := startInside(t, dataDir(t), m, false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var load sync.WaitGroup
	load.Go(func() { closeAndReopen(ctx, s.admin) })
	begun, wall := s.board(t).Now, time.Now()
	for _, off := range []time.Duration{-2 * time.Hour, 365 * 24 * time.Hour, -20 * time.Second, 100 * 365 * 24 * time.Hour} {
		m.set(off)
		eventually(t, time.Minute, fmt.Sprint("told of ", off), func() bool {
			a := clockAlarm(s.board(t))
			return a != nil && a.Device == "server"
		})
		if now := s.board(t).Now; (now.Sub(begun) - time.Since(wall)).Abs() > 2*time.Second {
			t.Errorf("after a step of %v it is %v, and was %v %v ago", off, now, begun, time.Since(wall))
		}
		m.set(0)
		eventually(t, time.Minute, "told that it is right again", func() bool { return clockAlarm(s.board(t)) == nil })
	}
	for i := range 40 { // to and fro under load
		m.set(time.Duration(i%2*2-1) * time.Hour * 3)
		_ = s.board(t)
	}
	slept := s.board(t).Now
	m.set(10 * time.Minute) // a sleep
	eventually(t, time.Minute, "a sleep is followed", func() bool { return s.board(t).Now.Sub(begun) > 10*time.Minute })
	cancel()
	load.Wait()
	var back, events int
	// What was under way while the sleep was followed is dated before it, and may be written after.
	const q = `SELECT count(*) FILTER (WHERE at < before - interval '1 s'
			AND NOT (at BETWEEN $1::timestamptz - interval '10 s' AND $1::timestamptz + interval '1 min' AND before > $1::timestamptz + interval '5 min')), count(*)
		FROM (SELECT at, lag(at) OVER (ORDER BY seq) AS before FROM event_log) e`
	if err := s.pool.QueryRow(t.Context(), q, slept).Scan(&back, &events); err != nil || back > 0 || events < 20 {
		t.Errorf("%d of %d events are dated before the one before them, %v", back, events, err)
	}
}

// closeAndReopen keeps the desk busy until ctx ends.
func closeAndReopen(ctx context.Context, c apiClient) {
	for pace(ctx, 10*time.Millisecond) {
		var closed api.Closure
		until := time.Now().Add(time.Hour)
		if c.call(ctx, http.MethodPost, "/closures", api.NewClosure{Site: ptr("SY06"), Reason: "exercise", Until: until}, &closed) == nil {
			_ = c.call(ctx, http.MethodDelete, fmt.Sprint("/closures/", closed.Id), nil, nil)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// A server whose machine's clock is behind the record is refused with both times, unless it
// is told to go on.
func TestAStartBehindTheRecord(t *testing.T) {
	m, data := &machineClock{}, dataDir(t)
	m.set(2 * time.Hour)
	first, err := startInside(t, data, m, false)
	if err != nil {
		t.Fatal(err)
	}
	written := first.board(t).Now
	eventually(t, time.Minute, "the clock is noted", func() bool {
		noted, _, err := first.db.Clock.Last(t.Context())
		return err == nil && !noted.Before(written)
	})
	first.stop()
	m.set(0)
	_, err = startInside(t, data, m, false)
	if err == nil || !strings.Contains(err.Error(), m.now().UTC().Format("2006-01-02T15:")) || !strings.Contains(err.Error(), written.UTC().Format("2006-01-02T15:")) {
		t.Fatalf("started, or refused without both times: %v", err)
	}
	second, err := startInside(t, data, m, true)
	if err != nil {
		t.Fatal(err)
	}
	second.admin = apiClient{second.url(), first.admin.token}
	if now := second.board(t).Now; now.Sub(m.now()).Abs() > 5*time.Second {
		t.Errorf("told to go on by the machine's clock, it is %v", now)
	}
}
