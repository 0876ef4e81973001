package web

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/routers"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/notice"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/attempts"
	"hemolift/telemetry/tally"
	"hemolift/web/api"
	"hemolift/web/live"
	"hemolift/web/passkey"
	"hemolift/web/provider"
)

// boards is the reading side of the record.
type boards interface {
	Board(ctx context.Context, site network.SiteID, now time.Time) (delivery.Board, error)
	Delivery(ctx context.Context, id delivery.ID) (delivery.Record, error)
	Request(ctx context.Context, id delivery.RequestID) (delivery.Request, error)
	Requests(ctx context.Context, q delivery.RequestQuery) ([]delivery.Request, map[delivery.RequestID]delivery.ID, error)
}

// eventLog is the log of what was decided, shown and done. What the door alone knows it
// appends itself.
type eventLog interface {
	EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error)
	// EventsOf is EventsSince of one site's events.
	EventsOf(ctx context.Context, site network.SiteID, seq uint64, limit int) ([]delivery.Event, error)
	// Find searches the log, the newest first.
	Find(ctx context.Context, q delivery.EventQuery) ([]delivery.Event, error)
	Append(ctx context.Context, events ...delivery.Event) error
}

// unsigned are the records that wait for a signature.
type unsigned interface {
	Unsigned(ctx context.Context, limit int) ([]coldrecord.Unsigned, error)
}

// shelves are the reading side of the centres' stock.
type shelves interface {
	Units(ctx context.Context, q blood.UnitQuery) ([]blood.Unit, error)
	Unit(ctx context.Context, key blood.UnitKey) (blood.Unit, []delivery.ID, error)
	Shelves(ctx context.Context, now time.Time) ([]blood.Shelf, time.Time, error)
}

// accounts are who may sign in, and their sessions.
type accounts interface {
	Account(ctx context.Context, login string) (network.Account, error)
	OpenSession(ctx context.Context, token, compared string, o network.Session, at time.Time) error
	SessionAccount(
		ctx context.Context, token string, kind network.SessionKind, now time.Time, idle time.Duration,
	) (network.Account, network.Session, error)
	ConfirmSession(ctx context.Context, login, id string, now time.Time) error
	SpendProof(ctx context.Context, login, id string, now time.Time) (bool, error)
	Sessions(ctx context.Context, login string, now time.Time, idle time.Duration) ([]network.Session, error)
	EndSession(ctx context.Context, login, id string, at time.Time) error
	RefuseSignIn(ctx context.Context, login string, at time.Time) error
	AccountOf(
		ctx context.Context, id network.Identity, at time.Time, as func(was network.Account) (network.Account, error),
	) (network.Account, error)
	Join(ctx context.Context, id network.Identity, login string, at time.Time) error
}

// passkeys are the keys by which people sign in.
type passkeys interface {
	Passkeys(ctx context.Context, login string) ([]network.Passkey, error)
	Passkey(ctx context.Context, id []byte) (network.Passkey, error)
	AddPasskey(ctx context.Context, p network.Passkey, session string, at time.Time) error
	UsePasskey(ctx context.Context, id, kept []byte, now time.Time) error
	RemovePasskey(ctx context.Context, login string, id []byte, at time.Time) error
}

// staff is how accounts are managed, and their passwords chosen.
type staff interface {
	Accounts(ctx context.Context, now time.Time) ([]network.AccountState, error)
	AddAccount(
		ctx context.Context, a network.Account, by network.Actor, token string, i network.Invitation, at time.Time,
	) error
	ChangeAccount(
		ctx context.Context, login string, by network.Actor, at time.Time, change func(network.Account) (network.Account, error),
	) error
	ChangePassword(ctx context.Context, login, old, hash, session string, at time.Time) error
	Invite(
		ctx context.Context, login string, by network.Actor, token string, now, at time.Time,
	) (network.Account, network.Invitation, error)
	Withdraw(ctx context.Context, login string, by network.Actor, now, at time.Time) error
	Invited(ctx context.Context, token string, now time.Time) (network.Account, time.Time, error)
	Accept(ctx context.Context, token, passwordHash string, now, at time.Time) error
}

// guestLinks let guests see one delivery each.
type guestLinks interface {
	MakeLink(ctx context.Context, token string, l delivery.GuestLink, site network.SiteID) (delivery.GuestLink, error)
	Links(ctx context.Context, id delivery.ID, now time.Time) ([]delivery.GuestLink, error)
	RevokeLink(ctx context.Context, id delivery.ID, link, by string, site network.SiteID, now time.Time) error
	Guest(ctx context.Context, token string, now time.Time) (delivery.GuestLink, error)
}

// noticeStore keeps how people are told outside the page.
type noticeStore interface {
	Wishes(ctx context.Context, login string) ([]delivery.Urgency, error)
	Wish(ctx context.Context, login string, urgencies []delivery.Urgency) error
	Devices(ctx context.Context, login string) ([]notice.Device, error)
	AddDevice(ctx context.Context, d notice.Device) error
	RemoveDevice(ctx context.Context, login, id string, at time.Time) error
	RemoveSession(ctx context.Context, login, session string, at time.Time) error
	Webhook(ctx context.Context, site network.SiteID) (notice.Webhook, error)
	SetWebhook(ctx context.Context, w notice.Webhook) error
	EndWebhook(ctx context.Context, site network.SiteID, by string, at time.Time) error
}

// devices have credentials.
type devices interface {
	SetDeviceSecret(ctx context.Context, id telemetry.DeviceID, secret string, by network.Actor, now time.Time) error
	RevokeDeviceSecret(ctx context.Context, id telemetry.DeviceID, by network.Actor, now, at time.Time) error
	Credentials(ctx context.Context, now time.Time) ([]network.Credential, error)
	AddEnrolment(ctx context.Context, code string, e network.Enrolment, at time.Time) error
	Enrol(ctx context.Context, id telemetry.DeviceID, code, secret string, now, at time.Time) error
}

// samples is the reading side of telemetry's store.
type samples interface {
	Temperatures(ctx context.Context, box telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
	Positions(ctx context.Context, drone telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
	Letters(ctx context.Context, device telemetry.DeviceID, limit int) ([]telemetry.DeadLetter, error)
}

// Parts are what a Server is joined from.
type Parts struct {
	Dispatcher *dispatch.Dispatcher
	Boards     boards
	Log        eventLog
	Shelves    shelves
	Cold       unsigned
	Accounts   accounts
	Staff      staff
	Devices    devices
	Guests     guestLinks
	Notices    noticeStore
	PushKey    string             // of the server, for push services; empty: nobody is told outside the page
	Provider   *provider.Provider // by which people may sign in; nil: by passwords alone
	Mapping    provider.Mapping   // the roles that it gives
	Keys       passkeys
	KeyDoor    *passkey.Door // nil: no passkeys
	Samples    samples
	Tracker    *telemetry.Tracker
	Feed       *dispatch.Feed
	Now        func() time.Time // server time
	Rate       float64          // seconds of server time in a second
	Viewers    int              // live connections at most; 0: DefaultViewers
	Page       fs.ReadDirFS     // the built page
	Basemap    Basemap
	Demo       bool
	TLS        bool // cookies are marked Secure
	Door       api.DeviceDoor
	Ready      func(context.Context) error
	Logger     *slog.Logger
	Metrics    *prometheus.Registry
}

// DefaultViewers are as many live connections as 160 MB have room for.
const DefaultViewers = 10_000

// Server answers HTTP.
type Server struct {
	Parts
	live        *live.Live
	guard       *attempts.Guard // of sign-ins, each of which takes 64 MB for a moment
	turns       *turns
	forbidden   *tally.Tally // by account and operation
	failed      *tally.Tally // by operation
	decoy       string
	description routers.Router
	problems    *prometheus.CounterVec
}

// New returns a server; its Run must be started and its Handler served.
func New(p Parts) *Server {
	s := &Server{
		Parts:       p,
		guard:       attempts.New(time.Now),
		forbidden:   tally.New(),
		failed:      tally.New(),
		turns:       newTurns(max(1, p.Rate)),
		description: newDescription(),
		decoy:       newDecoy(),
		problems: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "hemolift_problems_total", Help: "Requests refused or failed, by type of problem."},
			[]string{"type"},
		),
	}
	s.live = live.New(live.Parts{
		Tracker: p.Tracker, Feed: p.Feed, Log: p.Log, Network: p.Dispatcher.Network, Carriers: p.Dispatcher.Carriers, Gauges: p.Dispatcher.Gauges,
		EventView: func(e delivery.Event) any { return eventView(e, false) }, Now: p.Now, Rate: p.Rate, Metrics: p.Metrics,
		Most: cmp.Or(p.Viewers, DefaultViewers), Logger: p.Logger,
	})
	p.Metrics.MustRegister(s.problems)
	for _, typ := range []string{"internal", "unavailable"} { // counted from nothing on, so that their rates are known
		s.problems.WithLabelValues(typ)
	}
	return s
}

// Run feeds the live connections until ctx ends.
func (s *Server) Run(ctx context.Context) error { return s.live.Run(ctx) }

// Handler returns all routes.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	all := handlers{
		s,
		people{s},
		watchers{s},
		guests{s},
		told{s},
		invited{s},
		enrolled{s},
		shelved{s},
		signing{s},
		laying{s},
		provided{s},
		ruling{s},
		kept{s},
		keyed{s},
	}
	api.HandlerWithOptions(all, api.StdHTTPServerOptions{
		BaseURL: "/api/v1", BaseRouter: mux,
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, badParameter(err)) },
	})
	mux.HandleFunc("GET /api/v1/live", s.serveLive)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, refusal.ErrNotFound) })
	mux.HandleFunc("GET /api.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
		_, _ = w.Write(description)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET "+providerPaths+"start", provided{s}.start)
	mux.HandleFunc("GET "+providerPaths+"callback", provided{s}.finish)
	mux.HandleFunc("GET /basemap/default.pmtiles", s.Basemap.serve)
	mux.Handle("/", page(s.Page))
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errOrigin) }))
	return s.secured(s.wellFormed(s.unbroken(compressed(origins.Handler(s.identified(s.described(mux)))))))
}

// readyz says whether the server can serve; what is wrong, to operators only.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	err := s.Ready(r.Context())
	if err == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	s.Logger.WarnContext(r.Context(), "not ready", "err", err)
	text := "not ready"
	if _, forbidden := s.permitted(r, "readyz"); forbidden == nil {
		text += ": " + err.Error()
	}
	http.Error(w, text, http.StatusServiceUnavailable)
}

// metrics are for operators: they tell of devices, loads and refusals.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if _, err := s.permitted(r, "metrics"); err != nil {
		s.fail(w, r, err)
		return
	}
	promhttp.HandlerFor(s.Parts.Metrics, promhttp.HandlerOpts{}).ServeHTTP(w, r)
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
