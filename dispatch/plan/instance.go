package plan

// Instance is one planning problem. Times count seconds from its time zero.
type Instance struct {
	HorizonS int64            `json:"horizon_s"`
	PackS    int64            `json:"pack_s"`   // from release to a box ready for loading
	LaunchS  int64            `json:"launch_s"` // a launch pad is held this long before departure
	UnloadS  int64            `json:"unload_s"` // a landing pad is held this long after arrival
	TurnS    int64            `json:"turn_s"`   // after landing at home
	HoldS    map[string]int64 `json:"hold_s"`   // by component, loading to hand-over
	UnitG    map[string]int64 `json:"unit_g"`
	BoxUnits map[string]int64 `json:"box_units"`
	BoxG     map[string]int64 `json:"box_g"`
	// Compat lists, by component and recipient, the donors that may be given.
	Compat   map[string]map[string][]Donor `json:"-"`
	Sites    []Site                        `json:"sites"` // centres first
	Classes  map[string]Class              `json:"classes"`
	Drones   []Drone                       `json:"drones"`
	Lots     []Lot                         `json:"lots"`
	Requests []Request                     `json:"requests"`
}

// Donor is a donor type with its substitution rank, 1 best.
type Donor struct {
	Type string
	Rank int
}

// Site is a centre or a hospital.
type Site struct {
	ID         string           `json:"id"`
	Centre     bool             `json:"centre"`
	LaunchPads int              `json:"launch_pads"`
	Boxes      map[string]int64 `json:"boxes"` // by component, at a centre
	Pads       int              `json:"pads"`  // at a hospital
	// Busy are the half-open times at which one of Pads is taken already.
	Busy []Interval `json:"-"`
}

// Interval is half-open.
type Interval struct{ From, To int64 }

// Leg is one flight without load. An unreachable one is absent.
type Leg struct{ TimeS, EnergyJ int64 }

// Class is an aircraft type. Legs is by site indexes; energy rises with load.
type Class struct {
	PayloadG       int64          `json:"payload_g"`
	Bays           int64          `json:"bays"`
	BatteryJ       int64          `json:"battery_j"`
	ReserveJ       int64          `json:"reserve_j"`
	ChargeW        int64          `json:"charge_w"`
	PayloadPPMPerG int64          `json:"payload_ppm_per_g"`
	Legs           map[[2]int]Leg `json:"-"`
}

// energy is what the leg costs with grams on board.
func (c Class) energy(l Leg, grams int64) int64 {
	return ceilDiv(l.EnergyJ*(1_000_000+grams*c.PayloadPPMPerG), 1_000_000)
}

// Drone is at home, with SocJ in its battery, from ReadyS on.
type Drone struct {
	ID     string `json:"id"`
	Class  string `json:"class"`
	Home   int    `json:"home"`
	ReadyS int64  `json:"ready_s"`
	SocJ   int64  `json:"soc_j"`
}

// Lot is units of one component and type at one centre.
type Lot struct {
	ID        string `json:"id"`
	Site      int    `json:"site"`
	Component string `json:"component"`
	Type      string `json:"type"`
	Units     int64  `json:"units"`
	ExpiresS  int64  `json:"expires_s"`
}

// Priority orders requests; lower is more urgent.
type Priority int

const (
	STAT Priority = iota + 1
	Urgent
	Routine
)

// Request is what one hospital needs.
type Request struct {
	ID        string   `json:"id"`
	Hospital  int      `json:"hospital"`
	Component string   `json:"component"`
	Recipient string   `json:"type"`
	Units     int64    `json:"units"`
	Priority  Priority `json:"priority"`
	ReleaseS  int64    `json:"release_s"`
	DueS      int64    `json:"due_s"`
}

// Plan is what is to be flown.
type Plan struct{ Missions []Mission }

// Mission leaves the drone's home at DepartS, visits its stops and returns.
type Mission struct {
	Drone   string
	DepartS int64
	Stops   []Stop
	// EnergyJ is out and back; HomeS is the landing at home.
	EnergyJ, HomeS int64
}

// Stop is one landing at a hospital.
type Stop struct {
	Hospital int
	ArriveS  int64
	Serve    []Serve
}

// Serve is a request served, and from which lots.
type Serve struct {
	Request string
	Lots    []Use
}

// Use is units taken of a lot.
type Use struct {
	Lot   string
	Units int64
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
