package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/web/api"
)

// aircraft is a drone that a test flies, by the devices' protocol and from outside: it takes
// the place of the simulated one.
type aircraft struct {
	client mqtt.Client
	id     string

	mu      sync.Mutex
	at      orb.Point
	path    []orb.Point // that it flies; none: it stays where it is
	phase   telemetry.Phase
	mission string
	deaf    bool // it hears no command
	said    bool // its phase
	seq     int64
	clock   struct {
		t    int64
		rate float64
		wall time.Time
	}
}

// command is what comes down to a drone.
type command struct {
	ID   int64         `json:"id"`
	Kind string        `json:"kind"`
	Legs [][]orb.Point `json:"legs"`
}

// fly takes over the drone of a delivery in the air, which stays where it is until it is told
// another way.
func fly(t *testing.T, p *process, d api.Delivery) *aircraft {
	t.Helper()
	var track []orb.Point
	path := "/drones/" + d.Mission.Drone + "/track"
	if err := p.as("admin").call(context.Background(), "GET", path, nil, &track); err != nil || len(track) == 0 {
		t.Fatalf("%s: %v, %v", path, track, err)
	}
	a := &aircraft{id: d.Mission.Drone, at: track[len(track)-1], phase: telemetry.Airborne, mission: d.Mission.Id}
	a.takesOff(t, p)
	return a
}

// takesOff connects it, by a credential of its own, and has it report until the test ends.
func (a *aircraft) takesOff(t *testing.T, p *process) {
	t.Helper()
	var s api.Secret
	if err := p.as("admin").call(context.Background(), "POST", "/devices/"+a.id+"/secret", nil, &s); err != nil {
		t.Fatal(err)
	}
	a.seq = time.Now().UnixNano()
	a.client = mqtt.NewClient(
		mqtt.NewClientOptions().AddBroker("tcp://" + p.mqtt).SetClientID(a.id).SetUsername(a.id).SetPassword(s.Secret).SetAutoReconnect(false),
	)
	if tok := a.client.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatalf("connect as %s: %v", a.id, tok.Error())
	}
	a.client.Subscribe("hl/v1/clock", 0, func(_ mqtt.Client, m mqtt.Message) { a.hearClock(m.Payload()) })
	a.client.Subscribe("hl/v1/"+a.id+"/cmd", 1, func(_ mqtt.Client, m mqtt.Message) { a.obey(m.Payload()) })
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				a.client.Disconnect(100)
				return
			case <-tick.C:
				a.report()
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-done })
}

func (a *aircraft) hearClock(payload []byte) {
	var m struct {
		T    int64   `json:"t"`
		Rate float64 `json:"rate"`
	}
	if json.Unmarshal(payload, &m) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clock.t, a.clock.rate, a.clock.wall = m.T, m.Rate, time.Now()
}

// now is the server's time in ms; 0 before it was heard. The lock is held.
func (a *aircraft) now() int64 {
	if a.clock.wall.IsZero() {
		return 0
	}
	return a.clock.t + int64(float64(time.Since(a.clock.wall).Milliseconds())*a.clock.rate)
}

// hears says whether commands come through to it.
func (a *aircraft) hears(well bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.deaf = !well
}

// strays moves it so many metres aside of its way to a goal.
func (a *aircraft) strays(goal orb.Point, metres float64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, bearing := geo.Inverse(a.at, goal)
	a.at = geo.Direct(a.at, bearing+90, metres)
}

// report says where it is; one that was told a way is a little further on each time.
func (a *aircraft) report() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.now() == 0 {
		return
	}
	if !a.said {
		a.becomes(a.phase)
	}
	const stepM = 20
	if a.phase == telemetry.Airborne && len(a.path) > 1 {
		length, bearing := geo.Inverse(a.at, a.path[1])
		a.at = geo.Direct(a.at, bearing, min(length, stepM))
		if length <= stepM {
			a.path = a.path[1:]
		}
	}
	a.seq++
	altM, speed := 165.0, 14.0
	if !a.phase.InAir() {
		altM, speed = 45, 0
	}
	a.publish("pos", fmt.Sprintf(
		`{"seq":%d,"t":%d,"lon":%.7f,"lat":%.7f,"alt_m":%v,"speed_mps":%v,"track_deg":0,"battery_pct":72,"link_dbm":-70}`,
		a.seq, a.now(), a.at.Lon(), a.at.Lat(), altM, speed,
	))
}

func (a *aircraft) publish(leaf, body string) {
	a.client.Publish("hl/v1/"+a.id+"/"+leaf, 1, false, body)
}

// becomes is another phase of its flight. The lock is held.
func (a *aircraft) becomes(phase telemetry.Phase) {
	a.phase, a.said = phase, true
	a.seq++
	a.publish("status", fmt.Sprintf(`{"seq":%d,"t":%d,"state":%q,"mission":%q,"leg":0}`, a.seq, a.now(), phase, a.mission))
}

// obey does what it is told and answers.
func (a *aircraft) obey(payload []byte) {
	var c command
	if json.Unmarshal(payload, &c) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.deaf {
		return
	}
	a.publish("ack", fmt.Sprintf(`{"t":%d,"id":%d,"ok":true}`, a.now(), c.ID))
	switch telemetry.CommandKind(c.Kind) {
	case telemetry.Hold:
		a.becomes(telemetry.Holding)
	case telemetry.Resume:
		a.becomes(telemetry.Airborne)
	case telemetry.Reroute:
		a.path = c.Legs[0]
		a.becomes(telemetry.Airborne)
	case telemetry.Land:
		a.becomes(telemetry.Landing)
	case telemetry.LoadMission, telemetry.Release, telemetry.Return:
	}
}

// touches down where it is.
func (a *aircraft) touches() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.becomes(telemetry.Landed)
}
