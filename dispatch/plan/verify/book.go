package verify

// book is an instance as read.
type book struct {
	Kind     string
	Horizon  int64                          `json:"horizon_s"`
	Pack     int64                          `json:"pack_s"`
	Launch   int64                          `json:"launch_s"`
	Unload   int64                          `json:"unload_s"`
	Turn     int64                          `json:"turn_s"`
	HardDue  bool                           `json:"hard_due"`
	MaxServe int                            `json:"max_serve"`
	Hold     map[string]int64               `json:"hold_s"`
	UnitG    map[string]int64               `json:"unit_g"`
	BoxUnits map[string]int64               `json:"box_units"`
	BoxG     map[string]int64               `json:"box_g"`
	Compat   map[string]map[string][]string `json:"compat"`
	Time     [][]int64                      `json:"time_s"`
	Energy   [][]int64                      `json:"energy_j"`
	Sites    []place
	Classes  []kind
	Drones   []aircraft
	Lots     []lot
	Requests []ask

	site  map[string]int
	class map[string]*kind
	drone map[string]*aircraft
	lot   map[string]*lot
	ask   map[string]*ask
}

type place struct {
	ID, Kind   string
	LaunchPads int64 `json:"launch_pads"`
	Pads       int64
	Boxes      map[string]int64
	Busy       []struct {
		From int64 `json:"from_s"`
		To   int64 `json:"to_s"`
	}
}

type kind struct {
	ID      string
	Payload int64 `json:"payload_g"`
	Bays    int64
	Battery int64 `json:"battery_j"`
	Reserve int64 `json:"reserve_j"`
	Charge  int64 `json:"charge_w"`
	Slow    int64 `json:"time_permille"`
	Thirst  int64 `json:"energy_permille"`
	PPM     int64 `json:"payload_ppm_per_g"`
	Stop    int64 `json:"stop_j"`
	Legs    [][]*struct {
		Time   int64 `json:"time_s"`
		Energy int64 `json:"energy_j"`
	}
}

type aircraft struct {
	ID, Class, Home string
	Ready           int64 `json:"ready_s"`
	Soc             int64 `json:"soc_j"`
}

type lot struct {
	ID, Centre, Component, Type string
	Units                       int64
	Expires                     int64 `json:"expires_s"`
}

type ask struct {
	ID, Hospital, Component, Type, Priority string
	Units                                   int64
	Release                                 int64 `json:"release_s"`
	Due                                     int64 `json:"due_s"`
}

// sortie is a mission as read.
type sortie struct {
	Drone    string
	Depart   int64 `json:"depart_s"`
	Stops    []halt
	Returned []portion
}

type halt struct {
	Hospital string
	Serve    []serving
	Divert   *struct {
		At   int64 `json:"at_s"`
		From string
	}
}

type serving struct {
	Request string
	Lots    []portion
}

type portion struct {
	Lot   string
	Units int64
}

func (b *book) index() {
	b.site, b.class, b.drone, b.lot, b.ask = map[string]int{}, map[string]*kind{}, map[string]*aircraft{}, map[string]*lot{}, map[string]*ask{}
	for i := range b.Sites {
		b.site[b.Sites[i].ID] = i
	}
	for i := range b.Classes {
		b.class[b.Classes[i].ID] = &b.Classes[i]
	}
	for i := range b.Drones {
		b.drone[b.Drones[i].ID] = &b.Drones[i]
	}
	for i := range b.Lots {
		b.lot[b.Lots[i].ID] = &b.Lots[i]
	}
	for i := range b.Requests {
		b.ask[b.Requests[i].ID] = &b.Requests[i]
	}
}

// upward divides, rounding up.
func upward(a, b int64) int64 {
	q := a / b
	if a%b != 0 {
		q++
	}
	return q
}

// seconds of a leg; ok is false when the class cannot fly it.
func (b *book) seconds(c *kind, i, j int) (s int64, ok bool) {
	s = b.Time[i][j]
	if c.Legs != nil {
		if c.Legs[i][j] == nil {
			return 0, false
		}
		s = c.Legs[i][j].Time
	}
	return upward(s*c.Slow, 1000), true
}

func (b *book) joules(c *kind, i, j int, grams int64) int64 {
	e := b.Energy[i][j]
	if c.Legs != nil && c.Legs[i][j] != nil {
		e = c.Legs[i][j].Energy
	}
	return upward(e*c.Thirst*(1_000_000+grams*c.PPM), 1_000_000_000)
}
