// Package desktest joins a dispatcher to a real database for tests: the demonstration's
// network, a clock that goes when a test says so, and drones that do what a test has them
// do. Tests of the record and of the doors for people stand on it.
package desktest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/telemetrydb"
)

// T0 is when a desk's clock begins.
var T0 = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

// The people of a desk: two dispatchers, two hospitals and a flight controller.
var (
	Anna  = network.Actor{Login: "anna", Role: network.RoleDispatcher}
	Bert  = network.Actor{Login: "bert", Role: network.RoleDispatcher}
	Ward  = network.Actor{Login: "ward", Role: network.RoleHospital, Site: "SY06"}
	Other = network.Actor{Login: "other", Role: network.RoleHospital, Site: "CMU1"}
	Tower = network.Actor{Login: "tower", Role: network.RoleController}
)

// Desk is a dispatcher on a database of its own. It stands between the dispatcher and
// the drones: what is sent waits in Sent.
type Desk struct {
	*dispatch.Dispatcher
	T    testing.TB
	Pool *pgxpool.Pool
	DB   *dispatchdb.DB
	Sent []telemetry.Command

	mu     sync.Mutex
	now    time.Time
	serial uint64
}

// New is a desk at T0 whose drones stand at home and whose boxes are cold.
func New(t testing.TB) *Desk {
	t.Helper()
	return NewBy(t, func(*propose.Policy) {})
}

// NewBy is a desk whose policy is the built-in one but for what change does.
func NewBy(t testing.TB, change func(*propose.Policy)) *Desk {
	t.Helper()
	ctx := context.Background()
	d := &Desk{T: t, Pool: pgtest.New(t), now: T0}
	d.DB = dispatchdb.New(d.Pool)
	profiles, err := coldchain.Profiles()
	d.must(err)
	n, err := network.Load(network.Shenyang(), profiles, T0)
	d.must(err)
	compat, err := blood.LoadCompatibility()
	d.must(err)
	policy, err := propose.BuiltinPolicy()
	d.must(err)
	change(&policy)
	d.must(d.DB.Networks.SaveNetwork(ctx, n, compat, T0))
	d.must(d.DB.Documents.SaveProfiles(ctx, profiles, T0))
	for _, p := range []network.Actor{Anna, Bert, Ward, Other, Tower} {
		d.Signs(p, "x")
	}
	d.joins(dispatch.Parts{
		Stores:  stores(d.DB),
		Compat:  compat,
		Sets:    document.Sets{{Policy: policy, Profiles: profiles}},
		History: telemetrydb.New(d.Pool),
		Uplink:  d,
		Feed:    dispatch.NewFeed(0),
		Now:     d.Now,
		Logger:  slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	d.Hear()
	return d
}

func (d *Desk) must(err error) {
	d.T.Helper()
	if err != nil {
		d.T.Fatal(err)
	}
}

// joins makes the dispatcher from parts, with the network as stored and a new tracker.
func (d *Desk) joins(parts dispatch.Parts) {
	d.T.Helper()
	var err error
	parts.Network, err = d.DB.Networks.Network(context.Background())
	d.must(err)
	parts.Tracker = telemetry.NewTracker(telemetry.DefaultLimits(), parts.Network.GroundAltM())
	d.With(func(p *dispatch.Parts) { *p = parts })
}

// With joins the desk anew from parts that a test has changed.
func (d *Desk) With(change func(*dispatch.Parts)) {
	d.T.Helper()
	var parts dispatch.Parts
	if d.Dispatcher != nil {
		parts = d.Parts
	}
	change(&parts)
	var err error
	d.Dispatcher, err = dispatch.New(parts)
	d.must(err)
	d.must(d.Restore(context.Background()))
}

// Restarts puts another program in the place of this one: it knows what was stored.
func (d *Desk) Restarts() {
	d.T.Helper()
	d.joins(d.Parts)
}

// Signs stores an account for a person, with the hash of a password.
func (d *Desk) Signs(p network.Actor, hash string) {
	d.T.Helper()
	d.Adds(network.Account{Login: p.Login, Role: cmp.Or(p.Named, p.Role), Site: p.Site, PasswordHash: hash})
}

// Adds stores an account, which is named after its login.
func (d *Desk) Adds(a network.Account) {
	d.T.Helper()
	a.NameZH, a.NameEN = a.Login, a.Login
	_, err := d.DB.Accounts.SaveAccount(context.Background(), a)
	d.must(err)
}

// stores are a database's repositories as the dispatcher uses them.
func stores(db *dispatchdb.DB) dispatch.Stores {
	return dispatch.Stores{
		World: db.World, Books: db.Books, Log: db.Log, Requests: db.Requests, Stock: db.Stock, Alarms: db.Alarms, Commands: db.Commands,
		Zones: db.Zones, Closures: db.Closures, Cold: db.Cold, Legs: db.Legs, Handovers: db.Handovers, Networks: db.Networks,
		Documents: db.Documents, Upkeep: db.Upkeep,
	}
}

// Now is the desk's time.
func (d *Desk) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// SetNow sets the desk's time.
func (d *Desk) SetNow(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = at
}

// Tick lets time go on.
func (d *Desk) Tick(by time.Duration) { d.SetNow(d.Now().Add(by)) }

// Serial is a number that this desk has not used.
func (d *Desk) Serial() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.serial++
	return d.serial
}

// Send takes what the dispatcher sends to a drone.
func (d *Desk) Send(_ context.Context, c telemetry.Command) error {
	d.Sent = append(d.Sent, c)
	return nil
}

// Observes lets the tracker hear of a device now.
func (d *Desk) Observes(id telemetry.DeviceID, r telemetry.Reading) {
	d.Tracker.Observe(d.Now(), telemetry.Sample{Device: id, Seq: d.Serial(), At: d.Now(), Reading: r})
}

// Hear lets every drone report from its home pad, and every box that it is cold.
func (d *Desk) Hear() {
	for _, x := range d.Network().Drones {
		home, _ := d.Network().Site(x.Home)
		d.Observes(x.ID, telemetry.Position{Point: home.Point, AltM: 45, BatteryPct: 100, WindMPS: -1})
	}
	d.Cools()
}

// Cools lets every box report what it is packed at.
func (d *Desk) Cools() {
	for _, b := range d.Network().Boxes {
		bt, _ := d.Network().BoxType(b.Type)
		d.Observes(b.ID, telemetry.Temperature{TempMC: int32(1000 * bt.PackedAtC()), AmbientMC: 20_000})
	}
}

// Logs stores readings of a box from a time on, every 15 s, and moves the clock there.
func (d *Desk) Logs(box telemetry.DeviceID, temps func(min float64) int32, minutes int) {
	d.T.Helper()
	start := d.Now()
	var samples []telemetry.Sample
	for s := 0; s <= 60*minutes; s += 15 {
		samples = append(
			samples,
			telemetry.Sample{
				Device:     box,
				Seq:        d.Serial(),
				At:         start.Add(time.Duration(s) * time.Second),
				ReceivedAt: start,
				Reading:    telemetry.Temperature{TempMC: temps(float64(s) / 60), AmbientMC: 20_000},
			},
		)
	}
	d.must(telemetrydb.New(d.Pool).StoreSamples(context.Background(), samples))
	d.SetNow(start.Add(time.Duration(minutes) * time.Minute))
	d.Hear()
}

// Stocks adds units to the stock of the centre SYBC.
func (d *Desk) Stocks(group blood.Group, c blood.Component, n int) []blood.Unit {
	d.T.Helper()
	var units []blood.Unit
	for range n {
		i := d.Serial()
		units = append(units, blood.Unit{
			Key: blood.UnitKey{DIN: fmt.Sprintf("A999926%06d", i), ProductCode: "E0336V00"}, Component: c, Group: group, MassG: 350,
			ExpiresAt: T0.Add(time.Duration(10+i) * 24 * time.Hour), Site: "SYBC",
		})
	}
	if added, err := d.AddUnits(context.Background(), Anna, units); err != nil || added != n {
		d.T.Fatalf("added %d, %v", added, err)
	}
	return units
}

// Order is what Ward asks for: red cells at once.
func Order(units int) delivery.Asked {
	return delivery.Asked{
		Hospital:  "SY06",
		Pad:       "SY06-P1",
		Component: blood.RedCells,
		Group:     "A+",
		Units:     units,
		Urgency:   delivery.STAT,
		NeededBy:  T0.Add(time.Hour),
	}
}

// Submits stores a request of Ward's under an idempotency key.
func (d *Desk) Submits(o delivery.Asked, key string) delivery.Request {
	d.T.Helper()
	r, err := d.Submit(context.Background(), Ward, o, key, []byte(key))
	if err != nil {
		d.T.Fatal(err)
	}
	return r
}

// Accepts has Anna accept what is proposed for a request.
func (d *Desk) Accepts(r delivery.Request) delivery.Delivery {
	d.T.Helper()
	del, err := d.Accept(context.Background(), Anna, r.ID, "", nil)
	if err != nil {
		d.T.Fatal(err)
	}
	return del
}

// Does has a person do a step of a delivery.
func (d *Desk) Does(a network.Actor, id delivery.ID, step delivery.Step, s delivery.Scan) error {
	_, err := d.Do(context.Background(), a, id, step, s)
	return err
}

// Loads brings a fresh delivery of one unit to loaded: Bert checks, Anna does the rest.
func (d *Desk) Loads(del delivery.Delivery, key string) delivery.Delivery {
	d.T.Helper()
	for _, s := range []struct {
		a    network.Actor
		step delivery.Step
		scan delivery.Scan
	}{
		{Bert, delivery.StepCheck, delivery.Scan{}},
		{Anna, delivery.StepPack, delivery.Scan{Unit: del.Units[0].Unit.Key}},
		{Anna, delivery.StepSeal, delivery.Scan{Seal: "SL-" + key}},
		{Anna, delivery.StepLoad, delivery.Scan{Box: del.Boxes[0].Box}},
	} {
		if err := d.Does(s.a, del.ID, s.step, s.scan); err != nil {
			d.T.Fatal(err)
		}
	}
	d.Cools() // the boxes are watched now
	return del
}

// Active are the missions under way, with their deliveries.
func (d *Desk) Active() ([]delivery.Mission, []delivery.Delivery, error) {
	f, err := d.DB.World.Flights(context.Background(), d.Now())
	return f.Missions, f.Deliveries, err
}

// Mission is one that is under way.
func (d *Desk) Mission(id delivery.MissionID) delivery.Mission {
	d.T.Helper()
	missions, _, err := d.Active()
	d.must(err)
	for _, m := range missions {
		if m.ID == id {
			return m
		}
	}
	d.T.Fatalf("no active mission %s", id)
	return delivery.Mission{}
}
