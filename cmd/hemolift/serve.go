package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/migrations/backup"
	"hemolift/migrations/localpg"
	"hemolift/telemetry"
	"hemolift/telemetry/gateway"
	"hemolift/telemetry/listen"
	"hemolift/telemetry/telemetrydb"
	"hemolift/web"
	"hemolift/web/notify"
	"hemolift/web/ui"
)

func serve(ctx context.Context, args []string, out io.Writer) error {
	s := settings{rate: 1}
	var networkDir string
	fl := flag.NewFlagSet("serve", flag.ContinueOnError)
	s.serveFlags(fl)
	fl.StringVar(&networkDir, "network", "", "directory of network files to load at the start; see dispatch/network")
	if err := parse(fl, args); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	s.log = s.logger(os.Stderr)
	if networkDir != "" {
		if _, err := readNetwork(networkDir, s.profiles, time.Now()); err != nil {
			return fmt.Errorf("serve: %w", err)
		}
		s.networkDir = os.DirFS(networkDir)
	}
	a, err := build(ctx, s)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.firstAdmin(ctx, out); err != nil {
		return err
	}
	fmt.Fprintf(out, "hemolift serves %s, devices on %s\n", a.url(), a.mqtt.Addr())
	return a.run(ctx)
}

// app is the joined program.
type app struct {
	settings
	clock      *clock
	pg         *localpg.Server // nil with DATABASE_URL
	pool       *dispatchdb.Pool
	db         *dispatchdb.DB
	network    *network.Network
	dispatcher *dispatch.Dispatcher
	recorder   *telemetry.Recorder
	letters    *telemetry.DeadLetters
	intake     *telemetry.Intake
	mqtt       *gateway.MQTT
	web        *web.Server
	sender     *notify.Sender // nil: the server calls nobody
	listener   *listen.Listener
	lease      *dispatchdb.Lease
	archiver   *backup.Archiver // nil: the record's log is not archived
}

// build joins every part, top to bottom.
func build(ctx context.Context, s settings) (_ *app, err error) {
	a := &app{settings: s}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	// The record.
	if err := a.openDatabase(ctx); err != nil {
		return nil, err
	}
	a.db = dispatchdb.New(a.pool.Pool)
	history := a.samples()
	if err := a.startClock(ctx); err != nil {
		return nil, err
	}
	c, err := a.configured(ctx)
	if err != nil {
		return nil, err
	}
	last, err := a.db.Log.LastEvent(ctx)
	if err != nil {
		return nil, err
	}
	metrics, feed := a.newMetrics(), dispatch.NewFeed(last)
	tracker := telemetry.NewTracker(telemetry.DefaultLimits(), a.network.GroundAltM())
	a.recorder = telemetry.NewRecorder(history)
	a.intake = telemetry.NewIntake(tracker, a.recorder, a.clock.now)
	a.letters = telemetry.NewDeadLetters(history, s.log)
	// The door for devices, and who decides.
	encrypted, err := s.deviceTLS()
	if err != nil {
		return nil, err
	}
	a.mqtt, err = gateway.NewMQTT(gateway.Door{
		Addr: s.mqttAddr, TLS: encrypted, Intake: a.intake, Known: a.db.Devices, Now: a.clock.now, Rate: s.rate, Quota: s.quota,
		Letters: a.letters, Log: s.log, Metrics: metrics,
	})
	if err != nil {
		return nil, err
	}
	a.dispatcher, err = dispatch.New(dispatch.Parts{
		Stores: a.stores(), Network: a.network, Compat: c.compat, Sets: c.sets, Tracker: tracker, History: history,
		Uplink: a.mqtt, Feed: feed, Now: a.clock.now, Logger: s.log,
	})
	if err != nil {
		return nil, err
	}
	metrics.MustRegister(append(a.recorder.Metrics(), a.dispatcher.Metrics())...)
	if err := a.dispatcher.Restore(ctx); err != nil {
		return nil, err
	}
	if err := a.makeSender(ctx, feed, metrics); err != nil {
		return nil, err
	}
	// The door for people.
	a.web = web.New(web.Parts{
		Dispatcher: a.dispatcher, Boards: a.db.Boards, Log: a.db.Log, Shelves: a.db.Stock, Door: a.deviceDoor(encrypted != nil),
		Cold: a.db.Cold, Accounts: a.db.Accounts, Keys: a.db.Accounts, KeyDoor: s.outside.keys, Devices: credentials{a.db.Devices, a.mqtt},
		Staff: a.db.Accounts, Guests: a.db.Guests, Notices: a.db.Notices, PushKey: a.sender.Key(), Samples: history, Tracker: tracker, Feed: feed,
		Now: a.clock.now, Rate: s.rate, Viewers: s.viewers, Page: ui.Built(), Basemap: web.Basemap{File: s.basemap}, Demo: s.demo,
		TLS: s.cert != "", Ready: a.ready, Logger: s.log, Metrics: metrics, Provider: s.outside.provider, Mapping: s.outside.mapping,
	})
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		return nil, fmt.Errorf("-addr %s: %w", s.addr, err)
	}
	a.listener = listen.New(l, headersWithin, s.log)
	return a, nil
}

// samples are what devices sent.
func (a *app) samples() *telemetrydb.Store {
	s := telemetrydb.New(a.pool.Pool)
	s.Log = a.log
	return s
}

// configured is with what the program begins, beside the network.
type configured struct {
	compat blood.Compatibility
	sets   document.Sets
}

// configured loads what the blood service decided, and the network.
func (a *app) configured(ctx context.Context) (c configured, err error) {
	if c.compat, err = blood.LoadCompatibility(); err != nil {
		return c, err
	}
	loaded, all, err := a.loadedDocuments(ctx)
	if err != nil {
		return c, err
	}
	if c.sets, err = a.setsOf(ctx, all); err != nil {
		return c, err
	}
	if err := a.loadNetwork(ctx, c); err != nil {
		return c, err
	}
	if err := a.keepDocuments(ctx, loaded); err != nil {
		return c, err
	}
	return c, a.keepConfiguration(ctx, c)
}

// stores are the parts of the record as the dispatcher uses them.
func (a *app) stores() dispatch.Stores {
	return dispatch.Stores{
		World:     a.db.World,
		Books:     a.db.Books,
		Log:       a.db.Log,
		Requests:  a.db.Requests,
		Stock:     a.db.Stock,
		Alarms:    a.db.Alarms,
		Commands:  a.db.Commands,
		Zones:     a.db.Zones,
		Closures:  a.db.Closures,
		Cold:      a.db.Cold,
		Legs:      a.db.Legs,
		Handovers: a.db.Handovers,
		Networks:  a.db.Networks,
		Documents: a.db.Documents,
		Upkeep:    a.db.Upkeep,
	}
}

// firstAdmin makes the first account of a new server, and shows the link by which its person
// chooses the password: a new one at each start while no administrator of all sites could sign in,
// or for the account that the operator names, who may have lost the password.
func (a *app) firstAdmin(ctx context.Context, out io.Writer) error {
	first := network.Account{
		Login: "admin", NameZH: "管理员", NameEN: "Administrator", Role: network.RoleAdmin, PasswordHash: network.NoPassword,
	}
	if _, err := a.db.Accounts.SaveAccount(ctx, first); err != nil {
		return err
	}
	login := a.invite
	if login == "" {
		list, err := a.db.Accounts.Accounts(ctx, time.Now())
		able := func(s network.AccountState) bool {
			return s.Role == network.RoleAdmin && s.Site == "" && !s.Disabled && s.PasswordHash != network.NoPassword
		}
		if err != nil || slices.ContainsFunc(list, able) {
			return err
		}
		login = first.Login
	}
	token := rand.Text()
	_, _, err := a.db.Accounts.Invite(ctx, login, network.System, token, time.Now(), a.clock.now())
	switch {
	case errors.Is(err, refusal.ErrNotFound) && a.invite != "":
		return fmt.Errorf("-invite %s: there is no such account", a.invite)
	case err != nil && a.invite != "":
		return fmt.Errorf("-invite %s: %w", a.invite, err)
	case err != nil:
		a.log.WarnContext(ctx, "no administrator can sign in, and admin cannot be invited; see -invite", "err", err)
		return nil
	}
	fmt.Fprintf(out, "account %s: its person chooses the password within %.0f hours, once, at %s/invitation#%s\n",
		login, network.InvitedFor.Hours(), a.url(), token)
	return nil
}

func (a *app) url() string {
	scheme := "http"
	if a.cert != "" {
		scheme = "https"
	}
	return scheme + "://" + a.listener.Addr().String()
}

// leaseWithin is how long a server waits for another one on its record to end.
const leaseWithin = 15 * time.Second

// headersWithin bounds what a connection takes to ask for something.
const headersWithin = 10 * time.Second

// stopWithin bounds a clean stop, with some seconds for Postgres on top.
const stopWithin = 4 * time.Second

// run serves until ctx ends, then stops in order: people, devices, then the record.
// more are further loops, like a simulation.
func (a *app) run(ctx context.Context, more ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	srv := &http.Server{
		Handler:           a.web.Handler(),
		ReadHeaderTimeout: headersWithin,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(c net.Conn, state http.ConnState) {
			switch state {
			case http.StateActive: // it has asked for something
				a.listener.Admit(c)
			case http.StateIdle:
				a.listener.Rest(c)
			case http.StateNew, http.StateHijacked, http.StateClosed:
			}
		},
	}
	g.Go(func() error {
		var err error
		if a.cert != "" {
			err = srv.ServeTLS(a.listener, a.cert, a.key)
		} else {
			err = srv.Serve(a.listener)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return err
	})
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		return srv.Shutdown(stop)
	})
	for _, loop := range append(a.loops(), more...) {
		g.Go(func() error { return loop(ctx) })
	}
	err := g.Wait()
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// loops are what goes on beside the door for people.
func (a *app) loops() []func(context.Context) error {
	loops := []func(context.Context) error{
		a.lease.Hold, a.recorder.Run, a.letters.Run, a.dispatcher.Run, a.web.Run,
		a.sender.Run, func(ctx context.Context) error { return a.intake.Run(ctx, a.dispatcher.OnTelemetry) },
		func(ctx context.Context) error { return a.mqtt.Run(ctx, a.dispatcher) },
		func(ctx context.Context) error { return a.clock.note(ctx, a.log, a.db.Clock.Note) },
		func(ctx context.Context) error { return a.samples().Ahead(ctx, a.clock.now) },
	}
	if a.longAgo.days > 0 {
		c := telemetrydb.Compactor{
			Store: a.samples(), After: time.Duration(a.longAgo.days) * 24 * time.Hour, WithinM: a.longAgo.withinM,
			Now: a.clock.now, Log: a.log,
		}
		loops = append(loops, c.Run)
	}
	if a.archiver != nil {
		loops = append(loops, a.archiver.Run)
	}
	if a.pg != nil {
		loops = append(loops, a.pg.Run)
	}
	if !a.demo {
		loops = append(loops, func(ctx context.Context) error { return a.clock.watch(ctx, a.log, a.dispatcher.ClockOff) })
	}
	return loops
}

func (a *app) close() {
	if a.listener != nil {
		a.listener.Close()
	}
	if a.pool != nil {
		a.pool.Close()
	}
	if a.lease != nil {
		a.lease.Release()
	}
	if a.pg != nil {
		if err := a.pg.Stop(); err != nil {
			a.log.Error("stop Postgres", "err", err)
		}
	}
}
