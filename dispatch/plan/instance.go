package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Format is the version of the format that Read accepts.
const Format = "blooddrone-dispatch/1"

// Kinds of an Instance: all known at the start, or a stream that is told as it comes.
const (
	KindStatic = "static"
	KindOnline = "online"
)

// Instance is one planning problem. Times count seconds from its time zero.
type Instance struct {
	Format   string `json:"format"`
	Name     string `json:"name"`
	Kind     string `json:"kind"` // KindStatic or KindOnline
	Seed     int64  `json:"seed"`
	HorizonS int64  `json:"horizon_s"` // every drone has landed by then
	PackS    int64  `json:"pack_s"`    // from release to a box ready for loading
	LaunchS  int64  `json:"launch_s"`  // a launch pad is held this long before departure
	UnloadS  int64  `json:"unload_s"`  // a landing pad is held this long after arrival
	TurnS    int64  `json:"turn_s"`    // after landing at home
	HardDue  bool   `json:"hard_due,omitempty"`
	// MaxServe bounds the requests that one mission serves; 0 does not.
	MaxServe int64 `json:"max_serve,omitempty"`

	HoldS    map[string]int64 `json:"hold_s"` // by component, start of loading to hand-over
	UnitG    map[string]int64 `json:"unit_g"`
	BoxUnits map[string]int64 `json:"box_units"`
	BoxG     map[string]int64 `json:"box_g"`
	// Compat lists, by component and recipient, the donor types that may be given,
	// best first. The index is the substitution rank.
	Compat map[string]map[string][]string `json:"compat"`

	Sites    []Site    `json:"sites"`    // centres first, then hospitals
	TimeS    [][]int64 `json:"time_s"`   // [from][to], by index in Sites
	EnergyJ  [][]int64 `json:"energy_j"` // without load, before the class's factor
	Classes  []Class   `json:"classes"`
	Drones   []Drone   `json:"drones"`
	Lots     []Lot     `json:"lots"`
	Requests []Request `json:"requests"`
}

// Kinds of sites.
const (
	Centre   = "centre"
	Hospital = "hospital"
)

// Site is a centre, with launch pads and boxes, or a hospital, with landing pads.
type Site struct {
	ID         string           `json:"id"`
	Kind       string           `json:"kind"`
	LaunchPads int64            `json:"launch_pads,omitempty"`
	Boxes      map[string]int64 `json:"boxes,omitempty"` // by component
	Pads       int64            `json:"pads,omitempty"`
	// Busy are times at which one of the site's pads is taken by flights that are
	// not in the instance: landing pads at a hospital, launch pads at a centre.
	Busy []Interval `json:"busy,omitempty"`
}

// Interval is half-open, in seconds.
type Interval struct {
	FromS int64 `json:"from_s"`
	ToS   int64 `json:"to_s"`
}

// Class is an aircraft type. A leg takes TimeS·TimePermille/1000 and
// EnergyJ·EnergyPermille·(10⁶ + grams·PayloadPPMPerG)/10⁹, both rounded up.
type Class struct {
	ID             string `json:"id"`
	PayloadG       int64  `json:"payload_g"`
	Bays           int64  `json:"bays"` // one box each
	BatteryJ       int64  `json:"battery_j"`
	ReserveJ       int64  `json:"reserve_j"`
	ChargeW        int64  `json:"charge_w"`
	TimePermille   int64  `json:"time_permille"`
	EnergyPermille int64  `json:"energy_permille"`
	PayloadPPMPerG int64  `json:"payload_ppm_per_g"`
	StopJ          int64  `json:"stop_j"` // for each landing away from home
	// Legs, when given, replaces the instance's matrices for this class, [from][to];
	// nil is a leg that the class cannot fly, as where a zone closes the way.
	Legs [][]*Leg `json:"legs,omitempty"`
}

// Leg is one flight without load, before the class's factors.
type Leg struct {
	TimeS   int64 `json:"time_s"`
	EnergyJ int64 `json:"energy_j"`
}

// Drone is at home, with SocJ in its battery, from ReadyS on.
type Drone struct {
	ID     string `json:"id"`
	Class  string `json:"class"`
	Home   string `json:"home"`
	ReadyS int64  `json:"ready_s"`
	SocJ   int64  `json:"soc_j"`
}

// Lot is units of one component and type at one centre.
type Lot struct {
	ID        string `json:"id"`
	Centre    string `json:"centre"`
	Component string `json:"component"`
	Type      string `json:"type"`
	Units     int64  `json:"units"`
	ExpiresS  int64  `json:"expires_s"`
}

// Request is what one hospital needs, known from ReleaseS and wanted by DueS.
type Request struct {
	ID        string   `json:"id"`
	Hospital  string   `json:"hospital"`
	Component string   `json:"component"`
	Type      string   `json:"type"` // of the recipient
	Units     int64    `json:"units"`
	Priority  Priority `json:"priority"`
	ReleaseS  int64    `json:"release_s"`
	DueS      int64    `json:"due_s"`
}

// Priority orders requests; lower is more urgent.
type Priority int

// Priorities. Zero is unset.
const (
	STAT Priority = iota + 1
	Urgent
	Routine
)

var priorities = map[Priority]string{STAT: "STAT", Urgent: "urgent", Routine: "routine"}

// String is the priority as written in instances.
func (p Priority) String() string { return priorities[p] }

// MarshalText writes STAT, urgent or routine.
func (p Priority) MarshalText() ([]byte, error) {
	if s, ok := priorities[p]; ok {
		return []byte(s), nil
	}
	return nil, fmt.Errorf("priority %d is unset", int(p))
}

// UnmarshalText reads STAT, urgent or routine.
func (p *Priority) UnmarshalText(text []byte) error {
	for k, s := range priorities {
		if s == string(text) {
			*p = k
			return nil
		}
	}
	return fmt.Errorf("priority %q is none of STAT, urgent, routine", text)
}

// MaxInstanceBytes bounds what Read takes in.
const MaxInstanceBytes = 64 << 20

// Read decodes and checks one instance.
func Read(r io.Reader) (*Instance, error) {
	var in Instance
	if err := decodeOne(r, &in); err != nil {
		return nil, fmt.Errorf("instance: %w", err)
	}
	if err := in.Check(); err != nil {
		return nil, fmt.Errorf("instance: %w", err)
	}
	if len(in.Drones) == 0 {
		return nil, fmt.Errorf("instance: %w", ErrNoDrones)
	}
	return &in, nil
}

// decodeOne reads exactly one JSON value of bounded length.
func decodeOne(r io.Reader, v any) error {
	data, err := io.ReadAll(io.LimitReader(r, MaxInstanceBytes+1))
	if err != nil {
		return err
	}
	if len(data) > MaxInstanceBytes {
		return fmt.Errorf("longer than %d bytes", MaxInstanceBytes)
	}
	return describe(json.Unmarshal(data, v))
}

// describe names the field of a JSON error in plain words.
func describe(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s: %s is not a %s", wrong.Field, wrong.Value, wrong.Type)
	}
	return err
}
