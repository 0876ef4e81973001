package web

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hemolift/dispatch"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/web/api"
	"hemolift/web/live"
)

// boards is the reading side of the record.
type boards interface {
	Board(ctx context.Context, site network.SiteID, now time.Time) (delivery.Board, error)
	Delivery(ctx context.Context, id delivery.ID) (delivery.Record, error)
	Request(ctx context.Context, id delivery.RequestID) (delivery.Request, error)
	Requests(ctx context.Context, site network.SiteID, limit int) ([]delivery.Request, error)
}

// eventLog is the log of what was decided, shown and done.
type eventLog interface {
	EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error)
}

// accounts are who may sign in, and their sessions.
type accounts interface {
	Account(ctx context.Context, login string) (network.Account, error)
	OpenSession(ctx context.Context, token, login, kind string, now, expires time.Time) error
	SessionAccount(ctx context.Context, token, kind string, now time.Time) (network.Account, error)
	CloseSession(ctx context.Context, token string) error
}

// devices have credentials.
type devices interface {
	SetDeviceSecret(ctx context.Context, id telemetry.DeviceID, secret string) error
}

// samples is the reading side of telemetry's store.
type samples interface {
	Temperatures(ctx context.Context, box telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
	Positions(ctx context.Context, drone telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
}

// Parts are what a Server is joined from.
type Parts struct {
	Dispatcher *dispatch.Dispatcher
	Boards     boards
	Log        eventLog
	Accounts   accounts
	Devices    devices
	Samples    samples
	Tracker    *telemetry.Tracker
	Feed       *dispatch.Feed
	Now        func() time.Time // server time
	Rate       float64          // seconds of server time in a second
	Page       fs.FS            // the built page
	Basemap    Basemap
	Demo       bool
	TLS        bool // cookies are marked Secure
	Ready      func(context.Context) error
	Logger     *slog.Logger
	Metrics    *prometheus.Registry
}

// Server answers HTTP.
type Server struct {
	Parts
	live     *live.Live
	guard    *signInGuard
	problems *prometheus.CounterVec
}

// New returns a server; its Run must be started and its Handler served.
func New(p Parts) *Server {
	s := &Server{
		Parts: p,
		guard: newSignInGuard(),
		problems: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "hemolift_problems_total", Help: "Requests refused or failed, by type of problem."},
			[]string{"type"},
		),
	}
	s.live = live.New(live.Parts{
		Tracker: p.Tracker, Feed: p.Feed, Log: p.Log, Network: p.Dispatcher.Network, Carriers: p.Dispatcher.Carriers,
		EventView: func(e delivery.Event) any { return eventView(e) }, Now: p.Now, Rate: p.Rate, Metrics: p.Metrics,
	})
	p.Metrics.MustRegister(s.problems)
	return s
}

// Run feeds the live connections until ctx ends.
func (s *Server) Run(ctx context.Context) error { return s.live.Run(ctx) }

// Handler returns all routes.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	api.HandlerWithOptions(handlers{s}, api.StdHTTPServerOptions{
		BaseURL: "/api/v1", BaseRouter: mux,
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, badParameter(err)) },
	})
	mux.HandleFunc("GET /api/v1/live", s.serveLive)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, refusal.ErrNotFound) })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /basemap/default.pmtiles", s.Basemap.serve)
	mux.Handle("/", page(s.Page))
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errOrigin) }))
	return secured(origins.Handler(mux))
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if err := s.Ready(r.Context()); err != nil {
		http.Error(w, "not ready: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// badParameter makes the generated code's errors name the parameter.
func badParameter(err error) error {
	switch e := err.(type) {
	case *api.RequiredHeaderError:
		return fieldError{e.ParamName, "is missing"}
	case *api.RequiredParamError:
		return fieldError{e.ParamName, "is missing"}
	case *api.InvalidParamFormatError:
		return fieldError{e.ParamName, "has the wrong form"}
	case *api.TooManyValuesForParamError:
		return fieldError{e.ParamName, "is given more than once"}
	}
	return fieldError{"parameters", err.Error()}
}

// secured sets the headers that every answer carries.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set(
			"Content-Security-Policy",
			"default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; "+
				"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "geolocation=(), microphone=(), camera=()")
		next.ServeHTTP(w, r)
	})
}
