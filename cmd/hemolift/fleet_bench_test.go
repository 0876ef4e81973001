package main

import (
	"cmp"
	"context"
	wire "encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/gorilla/websocket"
)

const (
	fleetSize   = 10_000
	fleetHz     = 2 // of each drone's fixes
	feedTick    = 100 * time.Millisecond
	frameHeader = 24
	framesTimed = 600
)

// BenchmarkTenThousandDrones opens the live map on a feed of ten thousand moving drones, and
// reports the script time of the main thread between two frames, over 600 frames. With
// HEMOLIFT_SOAK_MINUTES it goes on for so long and reports the heap after collection of each
// minute from the second on.
func BenchmarkTenThousandDrones(b *testing.B) {
	p := startDemo(b, dataDir(b), "-requests-per-hour", "20")
	p.url = newCrowd(b, p.url).url
	w := signIn(b, p, "li.jing", 1440, 900, sliding)
	var renderer string
	w.run("open", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(
			`(function next() { performance.mark("frame"); performance.clearMarks(); requestAnimationFrame(next) })()`).Do(ctx)
		return err
	}), chromedp.Navigate(p.url+"/live"))
	w.eval(`(() => { const gl = document.createElement("canvas").getContext("webgl2"); const x = gl.getExtension("WEBGL_debug_renderer_info");
		return gl.getParameter(x ? x.UNMASKED_RENDERER_WEBGL : gl.RENDERER) })()`, &renderer)
	b.Log("WebGL: ", renderer)
	eventually(b, time.Minute, "all drones are drawn", func() bool {
		var n int
		w.eval(`"hemoliftPositions" in window ? Object.keys(hemoliftPositions()).length : 0`, &n)
		return n >= fleetSize
	})
	began := time.Now()
	ms := scriptOfFrames(w.trace(b, framesTimed+10))
	if len(ms) < framesTimed {
		b.Fatalf("%d frames were traced", len(ms))
	}
	slices.Sort(ms)
	b.ReportMetric(ms[len(ms)/2], "ms-script/frame")
	b.ReportMetric(ms[len(ms)*95/100], "ms-script/frame-p95")
	b.ReportMetric(float64(len(ms))/time.Since(began).Seconds(), "frames/s")
	w.shoot("fleet")
	for at := 2 * time.Minute; at <= soak(); at += time.Minute {
		time.Sleep(time.Until(began.Add(at)))
		b.Logf("after %v: heap after collection %.2f MB", at, w.heapMB())
	}
}

// soak is for how long the fleet is watched.
func soak() time.Duration {
	minutes, _ := strconv.Atoi(os.Getenv("HEMOLIFT_SOAK_MINUTES"))
	return time.Duration(minutes) * time.Minute
}

func (w *person) heapMB() float64 {
	var used float64
	w.run("collect", chromedp.ActionFunc(func(ctx context.Context) error {
		if err := heapprofiler.CollectGarbage().Do(ctx); err != nil {
			return err
		}
		u, _, _, _, err := runtime.GetHeapUsage().Do(ctx)
		used = u / 1e6
		return err
	}))
	return used
}

// traced is what is read of a trace's event; times in µs.
type traced struct {
	Name, Ph string
	Tid      int
	Ts, Dur  float64
}

// trace traces the page over so many frames, and gives the events in order.
func (w *person) trace(b *testing.B, frames int) []traced {
	b.Helper()
	var events []traced
	over := make(chan struct{})
	chromedp.ListenTarget(w.ctx, func(ev any) {
		switch e := ev.(type) {
		case *tracing.EventDataCollected:
			for _, raw := range e.Value {
				var x traced
				if json.Unmarshal(raw, &x) == nil {
					events = append(events, x)
				}
			}
		case *tracing.EventTracingComplete:
			close(over)
		}
	})
	const pass = `new Promise(done => { let n = %d; (function next() { n-- > 0 ? requestAnimationFrame(next) : done() })() })`
	await := func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
	err := chromedp.Run(w.ctx,
		tracing.Start().WithTransferMode(tracing.TransferModeReportEvents).WithTraceConfig(
			&tracing.TraceConfig{IncludedCategories: []string{"devtools.timeline", "blink.user_timing", "v8"}},
		),
		chromedp.Evaluate(fmt.Sprintf(pass, frames), nil, await), tracing.End())
	if err != nil {
		b.Fatal(err)
	}
	<-over
	slices.SortFunc(events, func(x, y traced) int { return cmp.Compare(x.Ts, y.Ts) })
	return events
}

// scriptOfFrames are the ms of script on the page's main thread between one frame and the
// next: functions, microtasks and the collector.
func scriptOfFrames(events []traced) []float64 {
	var marks []float64
	var page int // the main thread of the page, where its frames are marked
	for _, e := range events {
		if e.Name == "frame" {
			marks, page = append(marks, e.Ts), e.Tid
		}
	}
	var script [][2]float64 // from, to
	for _, e := range events {
		if e.Tid != page || e.Ph != "X" || !slices.Contains([]string{"FunctionCall", "RunMicrotasks", "EvaluateScript", "MinorGC", "MajorGC"}, e.Name) {
			continue
		}
		if n := len(script); n > 0 && e.Ts <= script[n-1][1] { // within the one before
			script[n-1][1] = max(script[n-1][1], e.Ts+e.Dur)
			continue
		}
		script = append(script, [2]float64{e.Ts, e.Ts + e.Dur})
	}
	var ms []float64
	for i := 1; i < len(marks); i++ {
		sum := 0.0
		for _, s := range script {
			sum += max(0, min(s[1], marks[i])-max(s[0], marks[i-1]))
		}
		ms = append(ms, sum/1000)
	}
	return ms
}

// crowd stands before a server and puts a fleet of its own into the live feed of hemolift.v1,
// beside the server's drones.
type crowd struct {
	url    string
	up     string
	dialer websocket.Dialer
	at     [fleetSize][2]float64 // degrees
	track  [fleetSize]float64    // degrees
}

func newCrowd(b *testing.B, up string) *crowd {
	b.Helper()
	c := &crowd{up: up, dialer: websocket.Dialer{Subprotocols: []string{"hemolift.v1"}}}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range c.at {
		c.at[i] = [2]float64{123.43 + (rnd.Float64()-0.5)*0.7, 41.8 + (rnd.Float64()-0.5)*0.4}
		c.track[i] = rnd.Float64() * 360
	}
	target, err := url.Parse(up)
	if err != nil {
		b.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		if r.In.Header.Get("Origin") != "" {
			r.Out.Header.Set("Origin", up)
		}
	}}
	s := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/live") && websocket.IsWebSocketUpgrade(req) {
			c.feed(res, req)
			return
		}
		pass.ServeHTTP(res, req)
	}))
	b.Cleanup(s.Close)
	c.url = s.URL
	return c
}

// feed passes the server's feed on, with the fleet in its dictionary and rows of it between.
func (c *crowd) feed(res http.ResponseWriter, req *http.Request) {
	head := http.Header{"Cookie": req.Header["Cookie"], "Origin": {c.up}}
	from, answer, err := c.dialer.DialContext(req.Context(), "ws"+strings.TrimPrefix(c.up, "http")+req.URL.RequestURI(), head)
	if err != nil {
		http.Error(res, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close(); _ = from.Close() }()
	to, err := (&websocket.Upgrader{Subprotocols: []string{"hemolift.v1"}}).Upgrade(res, req, nil)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	go func() { // what the page says
		for {
			kind, b, err := to.ReadMessage()
			if err != nil || from.WriteMessage(kind, b) != nil {
				_ = from.Close()
				return
			}
		}
	}()
	frames := make(chan []byte)
	go func() {
		defer close(frames)
		for {
			_, b, err := from.ReadMessage()
			if err != nil {
				return
			}
			frames <- b
		}
	}()
	c.mix(to, frames)
}

func (c *crowd) mix(to *websocket.Conn, frames <-chan []byte) {
	tick := time.NewTicker(feedTick)
	defer tick.Stop()
	var own int // the server's own drones stand first in the dictionary
	var base int64
	var baseAt time.Time
	for part := 0; ; {
		var err error
		select {
		case b, ok := <-frames:
			if !ok {
				return
			}
			base, baseAt = int64(wire.LittleEndian.Uint64(b[16:])), time.Now()
			if b[1] == 5 { // hello
				b, own = withFleet(b)
			}
			err = to.WriteMessage(websocket.BinaryMessage, b)
		case now := <-tick.C:
			if own == 0 {
				continue
			}
			parts := int(time.Second / feedTick / fleetHz)
			err = to.WriteMessage(websocket.BinaryMessage, c.rows(part, parts, own, base+now.Sub(baseAt).Microseconds()))
			part = (part + 1) % parts
		}
		if err != nil {
			return
		}
	}
}

// withFleet is a hello with the fleet at the end of its drones, and how many there were before.
func withFleet(b []byte) ([]byte, int) {
	var hello map[string]any
	if json.Unmarshal(b[frameHeader:], &hello) != nil {
		return b, 0
	}
	drones := hello["drones"].([]any)
	own := len(drones)
	for i := range fleetSize {
		drones = append(drones, fmt.Sprintf("T-%04d", i))
	}
	hello["drones"] = drones
	body, _ := json.Marshal(hello)
	return append(slices.Clone(b[:frameHeader]), body...), own
}

// rows moves every parts-th drone on and is its delta, as web/live/frame.go describes it.
func (c *crowd) rows(part, parts, own int, base int64) []byte {
	le := wire.LittleEndian
	const mps, mPerDeg = 17.0, 111_320.0
	n := (fleetSize - part + parts - 1) / parts
	b := make([]byte, frameHeader, frameHeader+40*n)
	b[0], b[1] = 1, 2
	le.PutUint32(b[4:], uint32(n))
	le.PutUint64(b[16:], uint64(base))
	each := func(put func(i int)) {
		for i := part; i < fleetSize; i += parts {
			put(i)
		}
	}
	each(func(i int) {
		rad := c.track[i] * math.Pi / 180
		c.at[i][0] += math.Sin(rad) * mps / fleetHz / mPerDeg / math.Cos(c.at[i][1]*math.Pi/180)
		c.at[i][1] += math.Cos(rad) * mps / fleetHz / mPerDeg
		c.track[i] = math.Mod(c.track[i]+1, 360) // in a circle, so that all stay on the map
	})
	each(func(i int) { b = le.AppendUint32(b, uint32(int32(math.Round(c.at[i][0]*1e7)))) })
	each(func(i int) { b = le.AppendUint32(b, uint32(int32(math.Round(c.at[i][1]*1e7)))) })
	each(func(int) { b = le.AppendUint32(b, 600) })             // ETA
	each(func(int) { b = le.AppendUint32(b, 9000) })            // to go
	each(func(i int) { b = le.AppendUint16(b, uint16(own+i)) }) // index
	each(func(int) { b = le.AppendUint16(b, 1) })               // age
	each(func(int) { b = le.AppendUint16(b, 1200) })            // height
	each(func(int) { b = le.AppendUint16(b, mps*100) })
	each(func(i int) { b = le.AppendUint16(b, uint16(c.track[i]*100)) })
	for range 5 { // climb, battery, need, off, behind
		each(func(int) { b = le.AppendUint16(b, 0) })
	}
	each(func(int) { b = append(b, 0xb0) }) // link, dBm
	for range 2 {                           // off its height, outside
		each(func(int) { b = append(b, 0) })
	}
	each(func(int) { b = append(b, 2|1<<3|1<<5) }) // airborne, live, heard
	return b
}
