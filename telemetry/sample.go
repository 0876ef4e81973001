package telemetry

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/telemetry/coldchain"
)

// DeviceID names a drone or a box, like HL-07 or BX-032.
type DeviceID string

// DeviceKind tells drones from boxes.
type DeviceKind string

const (
	DroneKind DeviceKind = "drone"
	BoxKind   DeviceKind = "box"
)

// Sample is one report of one device. Its key is (Device, At, Seq).
type Sample struct {
	Device     DeviceID
	Seq        uint64    // rises with each sample of the device
	At         time.Time // when the device measured, to the millisecond
	ReceivedAt time.Time // when we got it
	Reading    Reading
}

// Reading is what was measured: a Position, a Temperature or a Status.
type Reading interface {
	// Check refuses values that cannot be.
	Check() error
}

// Position is where a drone is and how it fares.
type Position struct {
	Point       orb.Point // lon/lat, degrees, WGS 84
	AltM        float64   // above mean sea level
	SpeedMPS    float64   // over ground
	TrackDeg    float64   // over ground, true
	ClimbMPS    float64
	BatteryPct  float64
	LinkDBm     float64
	WindMPS     float64 // the drone's estimate; negative when it has none
	WindFromDeg float64
}

// Temperature is what a box measured. Milli-degrees Celsius.
type Temperature struct {
	TempMC    int32
	SecondMC  int32 // of a second probe, if HasSecond
	HasSecond bool
	AmbientMC int32 // coldchain.NoAmbientMC without such a sensor
	LidOpen   bool
	Fault     bool // the sensor must not be believed
}

// Status is a drone's phase of flight, sent when it changes.
type Status struct {
	Phase   Phase
	Mission string // the mission it flies, if any
	Leg     int    // 0 is the first leg
}

// Phase is what a drone is doing.
type Phase int

const (
	Parked Phase = iota + 1 // at its home pad
	Airborne
	Holding
	Returning // flying home at a command or after link loss
	Landed    // on the ground away from home
	Landing   // coming down where it is, at a command
)

var phaseNames = map[Phase]string{
	Parked: "parked", Airborne: "airborne", Holding: "holding", Returning: "returning", Landed: "landed", Landing: "landing",
}

func (p Phase) String() string { return phaseNames[p] }

// ParsePhase is the inverse of String.
func ParsePhase(s string) (Phase, error) {
	for p, name := range phaseNames {
		if name == s {
			return p, nil
		}
	}
	return 0, fmt.Errorf("phase %q is unknown", s)
}

// InAir reports whether a drone in this phase flies.
func (p Phase) InAir() bool { return p == Airborne || p == Holding || p == Returning || p == Landing }

// OnItsWay reports whether a drone in this phase flies to the goal of its way.
func (p Phase) OnItsWay() bool { return p == Airborne || p == Returning }

// Bounds of a sample. They are wide: they catch faults of units and sensors, not
// unusual flights.
const (
	minAltM, maxAltM     = -450, 9000
	maxSpeedMPS          = 120
	minTempMC, maxTempMC = -200_000, 100_000
	maxMissionIDLen      = 40
)

// Check refuses what no drone can report.
func (p Position) Check() error {
	if err := geo.CheckPoint(p.Point); err != nil {
		return err
	}
	for _, f := range []struct {
		name           string
		v, least, most float64
	}{
		{"alt_m", p.AltM, minAltM, maxAltM},
		{"speed_mps", p.SpeedMPS, 0, maxSpeedMPS},
		{"track_deg", p.TrackDeg, 0, 360},
		{"climb_mps", p.ClimbMPS, -50, 50},
		{"battery_pct", p.BatteryPct, 0, 100},
		{"link_dbm", p.LinkDBm, -200, 50},
		{"wind_mps", p.WindMPS, -1, 80},
		{"wind_from_deg", p.WindFromDeg, 0, 360},
	} {
		if math.IsNaN(f.v) || f.v < f.least || f.v > f.most {
			return fmt.Errorf("%s: %v is not within %v to %v", f.name, f.v, f.least, f.most)
		}
	}
	return nil
}

// Reading is a sample of a temperature as the cold chain takes it.
func (t Temperature) Reading(s Sample) coldchain.Reading {
	return coldchain.Reading{
		At:         s.At,
		Seq:        s.Seq,
		ReceivedAt: s.ReceivedAt,
		TempMC:     t.TempMC,
		SecondMC:   t.SecondMC,
		HasSecond:  t.HasSecond,
		AmbientMC:  t.AmbientMC,
		LidOpen:    t.LidOpen,
		Fault:      t.Fault,
	}
}

// Check refuses what no sensor of ours spans.
func (t Temperature) Check() error {
	for name, v := range map[string]int32{"temp_mc": t.TempMC, "temp2_mc": t.SecondMC, "ambient_mc": t.AmbientMC} {
		if (v < minTempMC || v > maxTempMC) && (name != "ambient_mc" || v != coldchain.NoAmbientMC) {
			return fmt.Errorf("%s: %d is not within %d to %d", name, v, minTempMC, maxTempMC)
		}
	}
	return nil
}

// Check refuses an unknown phase, a negative leg or an overlong mission.
func (s Status) Check() error {
	if phaseNames[s.Phase] == "" {
		return errors.New("state: unknown phase")
	}
	if s.Leg < 0 || s.Leg > 100 {
		return fmt.Errorf("leg: %d is not within 0 to 100", s.Leg)
	}
	if len(s.Mission) > maxMissionIDLen {
		return fmt.Errorf("mission: longer than %d characters", maxMissionIDLen)
	}
	return nil
}

// Limits of a sample's time against ours.
const (
	MaxClockSkew = coldchain.MostAhead
	MaxAge       = 7 * 24 * time.Hour
)

// Refusals of a sample, beside those of its reading.
var (
	ErrFromFuture = errors.New("time is more than 30 s ahead of the server's clock")
	ErrTooOld     = errors.New("time is more than 7 days behind the server's clock")
)

// HeardAt is when a device was heard for sure: at the time that it states, or when that came
// in if its clock is ahead.
func (s Sample) HeardAt() time.Time {
	if !s.ReceivedAt.IsZero() && s.At.After(s.ReceivedAt) {
		return s.ReceivedAt
	}
	return s.At
}

// Check refuses a sample that cannot be stored at this time.
func (s Sample) Check(now time.Time) error {
	switch {
	case s.Device == "":
		return errors.New("device: is empty")
	case s.At.After(now.Add(MaxClockSkew)):
		return fmt.Errorf("t: %w", ErrFromFuture)
	case s.At.Before(now.Add(-MaxAge)):
		return fmt.Errorf("t: %w", ErrTooOld)
	case s.Seq > math.MaxInt64:
		return errors.New("seq: too large")
	}
	return s.Reading.Check()
}
