package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hemolift/web/api"
)

// liveFrame is what the test reads of the JSON feed.
type liveFrame struct {
	Kind   string
	Seq    uint64
	Drones []struct{ ID, Phase string }
	Event  *api.Event
}

// liveFeed connects to the JSON feed and hands its frames on until it closes.
func liveFeed(t *testing.T, p *process, c apiClient, query string) <-chan liveFrame {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"hemolift.v1.json"}}
	conn, _, err := d.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/api/v1/live"+query, http.Header{"Authorization": {"Bearer " + c.token}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	frames := make(chan liveFrame, 1024)
	go func() {
		defer close(frames)
		for {
			var f liveFrame
			if conn.ReadJSON(&f) != nil {
				return
			}
			frames <- f
		}
	}()
	return frames
}

// next waits for a frame that fits.
func next(t *testing.T, frames <-chan liveFrame, what string, ok func(liveFrame) bool) liveFrame {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case f, open := <-frames:
			if !open {
				t.Fatalf("the feed closed before %s", what)
			}
			if ok(f) {
				return f
			}
		case <-deadline:
			t.Fatalf("no %s", what)
		}
	}
}
