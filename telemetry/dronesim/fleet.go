package dronesim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Drone is one simulated drone.
type Drone struct {
	ID     telemetry.DeviceID
	Secret string
	Class  route.Class
	Home   orb.Point
}

// Box is one simulated box.
type Box struct {
	ID        telemetry.DeviceID
	Secret    string
	Design    coldchain.Box
	PackedAtC float64       // what its payload is packed at
	Interval  time.Duration // between readings
	Forgotten bool          // packed with its coolant not frozen, its lid ajar, in the sun
}

// Config is what a fleet needs to know.
type Config struct {
	Broker     string // host:port
	Seed       uint64
	GroundAltM float64
	Memory     string // file that survives a kill
	Log        *slog.Logger
	Drones     []Drone
	Boxes      []Box
}

// Place is where a box is: in the conditioning room, in use on the ground, or in a
// drone.
type Place struct {
	InUse bool
	Drone telemetry.DeviceID // "" on the ground
}

// Fleet runs simulated devices.
type Fleet struct {
	cfg     Config
	weather weather
	clock   clock

	mu     sync.Mutex
	drones map[telemetry.DeviceID]*aircraft
	boxes  map[telemetry.DeviceID]*boxState
	cooler map[telemetry.DeviceID]cooler
	links  map[telemetry.DeviceID]*link
	seq    uint64
	last   time.Time
}

type boxState struct {
	Heat   coldchain.Heat
	Place  Place
	SentAt time.Time
}

// memory is the file's form.
type memory struct {
	Seq    uint64
	Drones map[telemetry.DeviceID]*aircraft
	Boxes  map[telemetry.DeviceID]*boxState
}

const (
	stepEvery = 100 * time.Millisecond // wall time
	saveEvery = time.Second
	maxStepS  = 30.0 // longest simulated step; a longer pause is skipped
	seqJump   = 1_000_000
)

// How often a drone reports, in its own time.
const (
	reportAirborne = time.Second
	reportParked   = 2 * time.Second
)

// New reads the memory, if there is any, and prepares the connections.
func New(cfg Config) (*Fleet, error) {
	f := &Fleet{
		cfg:     cfg,
		weather: newWeather(cfg.Seed),
		drones:  map[telemetry.DeviceID]*aircraft{},
		boxes:   map[telemetry.DeviceID]*boxState{},
		cooler:  map[telemetry.DeviceID]cooler{},
		links:   map[telemetry.DeviceID]*link{},
	}
	m, err := recall(cfg.Memory)
	if err != nil {
		return nil, err
	}
	f.seq = m.Seq + seqJump // whatever was sent after the last save stays below
	for _, d := range cfg.Drones {
		a := m.Drones[d.ID]
		if a == nil {
			a = &aircraft{Point: d.Home, EnergyJ: d.Class.BatteryJ, Phase: telemetry.Parked}
		}
		f.drones[d.ID] = a
		f.links[d.ID] = newLink(cfg.Broker, d.ID, d.Secret, &f.clock, func(c telemetry.Command) { f.command(d.ID, c) })
	}
	for _, b := range cfg.Boxes {
		c := newCooler(b, cfg.Seed)
		if b.Forgotten {
			c.forget()
		}
		f.cooler[b.ID] = c
		s := m.Boxes[b.ID]
		if s == nil {
			s = &boxState{Heat: c.condition()}
		}
		f.boxes[b.ID] = s
		f.links[b.ID] = newLink(cfg.Broker, b.ID, b.Secret, &f.clock, nil)
	}
	return f, nil
}

func recall(file string) (memory, error) {
	var m memory
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return m, fmt.Errorf("fleet memory: %w", err)
	}
	return m, nil
}

// save replaces the file in one move.
func (f *Fleet) save() error {
	f.mu.Lock()
	b, err := json.Marshal(memory{Seq: f.seq, Drones: f.drones, Boxes: f.boxes})
	f.mu.Unlock()
	if err != nil {
		return err
	}
	tmp := f.cfg.Memory + ".new"
	if err := os.MkdirAll(filepath.Dir(tmp), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, f.cfg.Memory)
}

// Run connects the devices and moves the world until ctx ends.
func (f *Fleet) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range f.links {
		g.Go(func() error { return l.run(ctx) })
	}
	g.Go(func() error {
		step, save := time.NewTicker(stepEvery), time.NewTicker(saveEvery)
		defer step.Stop()
		defer save.Stop()
		for {
			select {
			case <-ctx.Done():
				return errors.Join(context.Cause(ctx), f.save())
			case <-step.C:
				f.step()
			case <-save.C:
				if err := f.save(); err != nil { // a full disk keeps no device from flying
					f.cfg.Log.Warn("fleet memory not written", "err", err)
				}
			}
		}
	})
	return g.Wait()
}

// Place tells where the boxes are; one that is not named is being conditioned.
func (f *Fleet) Place(places map[telemetry.DeviceID]Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.cfg.Boxes {
		s, p, c := f.boxes[b.ID], places[b.ID], f.cooler[b.ID]
		if p.InUse && !s.Place.InUse {
			s.Heat = c.condition()
		}
		s.Place = p
	}
}

// Carry has people bring a drone home by road and switch it on anew there. One that is in
// the air is left alone.
func (f *Fleet) Carry(id telemetry.DeviceID) {
	now, ok := f.clock.at()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.cfg.Drones {
		if ok && d.ID == id && f.drones[id].carry(d.Home) {
			f.sendStatus(id, now)
		}
	}
}

// step moves everything to the present device time, in whole sub-steps.
func (f *Fleet) step() {
	now, ok := f.clock.at()
	if !ok {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last.IsZero() {
		f.announce(now)
	}
	if now.Sub(f.last).Seconds() > maxStepS {
		f.last = now
		return
	}
	seconds := now.Sub(f.last).Seconds()
	if seconds <= 0 {
		return
	}
	for _, d := range f.cfg.Drones {
		f.stepDrone(d, seconds, now)
	}
	for _, b := range f.cfg.Boxes {
		f.stepBox(b, seconds, now)
	}
	f.last = now
}

// announce repeats every drone's phase after a start: the report of its last change
// may have died with the process.
func (f *Fleet) announce(now time.Time) {
	for id, a := range f.drones {
		if a.Mission != "" {
			f.sendStatus(id, now)
		}
	}
}

func (f *Fleet) stepDrone(d Drone, seconds float64, now time.Time) {
	a := f.drones[d.ID]
	wind := f.weather.wind(now)
	if a.step(d.Class, f.loadKg(d.ID), seconds, wind) {
		f.sendStatus(d.ID, now)
	}
	every := reportParked
	if a.Phase.InAir() {
		every = reportAirborne
	}
	if now.Truncate(every).Equal(f.last.Truncate(every)) {
		return
	}
	f.links[d.ID].send("pos", map[string]any{
		"seq": f.next(),
		"t":   now.UnixMilli(),
		"lon": round(a.Point.Lon(), 7),
		"lat": round(a.Point.Lat(), 7),
		"alt_m": round(
			a.HeightM+f.cfg.GroundAltM,
			2,
		),
		"speed_mps": round(a.SpeedMPS, 2),
		"track_deg": round(a.TrackDeg, 2),
		"climb_mps": round(a.ClimbMPS, 2),
		"battery_pct": round(
			100*a.EnergyJ/d.Class.BatteryJ,
			2,
		),
		"link_dbm":      round(-62-0.0018*a.GoneM, 1),
		"wind_mps":      round(wind.SpeedMPS, 2),
		"wind_from_deg": round(wind.FromDeg, 1),
	})
}

// loadKg is the mass of the boxes in a drone, 5.5 kg each with their units.
func (f *Fleet) loadKg(id telemetry.DeviceID) float64 {
	kg := 0.0
	for _, s := range f.boxes {
		if s.Place.Drone == id && id != "" {
			kg += 5.5
		}
	}
	return kg
}

// roomC is the temperature of a packing room.
const roomC = 21

func (f *Fleet) stepBox(b Box, seconds float64, now time.Time) {
	s, c := f.boxes[b.ID], f.cooler[b.ID]
	ambient := float64(roomC)
	if a := f.drones[s.Place.Drone]; a != nil && a.Phase.InAir() {
		ambient = f.weather.airC(now, a.HeightM)
	}
	ambient += c.sunK
	if s.Place.InUse {
		s.Heat = c.Step(s.Heat, seconds, ambient)
	}
	if now.Sub(s.SentAt) < b.Interval {
		return
	}
	s.SentAt = now
	noise := 0.04 * math.Sin(float64(now.Unix()%97)*1.7+float64(len(b.ID)))
	f.links[b.ID].send(
		"temp",
		map[string]any{
			"seq":        f.next(),
			"t":          now.UnixMilli(),
			"temp_mc":    int(math.Round(1000 * (s.Heat.PayloadC + noise))),
			"ambient_mc": int(math.Round(1000 * ambient)),
		},
	)
}

// command obeys, answers, and reports a change of phase.
func (f *Fleet) command(id telemetry.DeviceID, c telemetry.Command) {
	now, ok := f.clock.at()
	if !ok {
		return // it comes again
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.drones[id]
	before := a.Phase
	ack := a.obey(c)
	f.links[id].send(
		"ack",
		map[string]any{"seq": f.next(), "t": now.UnixMilli(), "id": ack.Command, "ok": ack.OK, "reason": ack.Reason, "hash": ack.Hash},
	)
	if a.Phase != before {
		f.sendStatus(id, now)
	}
}

func (f *Fleet) sendStatus(id telemetry.DeviceID, now time.Time) {
	a := f.drones[id]
	f.links[id].send(
		"status",
		map[string]any{"seq": f.next(), "t": now.UnixMilli(), "state": a.Phase.String(), "mission": a.Mission, "leg": a.Leg},
	)
}

func (f *Fleet) next() uint64 {
	f.seq++
	return f.seq
}

func round(v float64, digits int) float64 {
	p := math.Pow(10, float64(digits))
	return math.Round(v*p) / p
}

func toPoints(pairs [][2]float64) []orb.Point {
	pts := make([]orb.Point, len(pairs))
	for i, p := range pairs {
		pts[i] = p
	}
	return pts
}
