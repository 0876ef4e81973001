package plan

import (
	"fmt"
	"slices"
)

// Variant is how a day is to differ from what it was.
type Variant struct {
	Add     []Drone  // more drones, charged as given
	Without []string // drones or centres that are not there
	// TimePermille and EnergyPermille scale every leg, as weather does; 0 leaves them.
	TimePermille   int64
	EnergyPermille int64
	// Reserve units of a donor type are kept at each centre and given to nobody.
	Reserve     int64
	ReserveType string
}

// With returns a changed copy of the instance, or what of the variant is not in it.
func (in *Instance) With(v Variant) (*Instance, error) {
	out := *in
	out.Sites, out.Drones, out.Lots, out.Classes = slices.Clone(in.Sites), slices.Clone(in.Drones), slices.Clone(
		in.Lots,
	), slices.Clone(in.Classes)
	for _, id := range v.Without {
		if err := out.without(id); err != nil {
			return nil, err
		}
	}
	out.Drones = append(out.Drones, v.Add...)
	for i := range out.Classes {
		c := &out.Classes[i]
		if v.TimePermille > 0 {
			c.TimePermille = ceilDiv(c.TimePermille*v.TimePermille, 1000)
		}
		if v.EnergyPermille > 0 {
			c.EnergyPermille = ceilDiv(c.EnergyPermille*v.EnergyPermille, 1000)
		}
	}
	out.reserve(v.Reserve, v.ReserveType)
	if err := out.Check(); err != nil {
		return nil, fmt.Errorf("variant: %w", err)
	}
	return &out, nil
}

// without takes a drone away, or closes a centre.
func (in *Instance) without(id string) error {
	if i := slices.IndexFunc(in.Drones, func(d Drone) bool { return d.ID == id }); i >= 0 {
		in.Drones = slices.Delete(in.Drones, i, i+1)
		return nil
	}
	i := slices.IndexFunc(in.Sites, func(s Site) bool { return s.ID == id && s.Kind == Centre })
	if i < 0 {
		return fmt.Errorf("variant: %q is neither a drone nor a centre", id)
	}
	in.Sites[i].LaunchPads = 0
	return nil
}

// reserve takes the units that live longest out of stock.
func (in *Instance) reserve(n int64, typ string) {
	left := map[string]int64{}
	order := make([]int, len(in.Lots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(in.Lots[b].ExpiresS - in.Lots[a].ExpiresS) })
	for _, i := range order {
		if l := &in.Lots[i]; l.Type == typ {
			kept := min(l.Units, n-left[l.Centre+l.Component])
			left[l.Centre+l.Component] += kept
			l.Units -= kept
		}
	}
}

// Outcome is what people would see of a day.
type Outcome struct {
	Score    Score `json:"score"`
	Missions int   `json:"missions"`
	Served   int   `json:"served"`
	Late     int   `json:"late"`
	// StatResponseS is the mean from release to hand-over of the STAT requests served.
	StatResponseS int64 `json:"stat_response_s"`
	handovers     map[string]int64
}

// Outcome reads a plan, which must keep the rules of the instance.
func (in *Instance) Outcome(p Plan) (Outcome, error) {
	s := newState(compile(in))
	if err := s.load(p); err != nil {
		return Outcome{}, fmt.Errorf("plan: %w", err)
	}
	out := Outcome{Score: s.score.score(), Missions: len(p.Missions), handovers: map[string]int64{}}
	var stat, sum int64
	for r, m := range s.where {
		if m == nil {
			continue
		}
		q := &s.p.requests[r]
		at := m.handover(s.p, m.stopOf(int32(r)))
		out.handovers[q.ID] = at
		out.Served++
		if at > q.DueS {
			out.Late++
		}
		if q.Priority == STAT {
			stat, sum = stat+1, sum+at-q.ReleaseS
		}
	}
	if stat > 0 {
		out.StatResponseS = sum / stat
	}
	return out, nil
}

// SameRequests reports what differs between the requests of two instances, whose
// outcomes cannot be compared then.
func SameRequests(a, b *Instance) error {
	if len(a.Requests) != len(b.Requests) {
		return fmt.Errorf("requests: %d and %d", len(a.Requests), len(b.Requests))
	}
	of := map[string]Request{}
	for _, r := range a.Requests {
		of[r.ID] = r
	}
	for i, r := range b.Requests {
		if o, ok := of[r.ID]; !ok || o.Units != r.Units || o.Priority != r.Priority || o.ReleaseS != r.ReleaseS || o.DueS != r.DueS ||
			o.Hospital != r.Hospital ||
			o.Component != r.Component {
			return fmt.Errorf("requests[%d]: %q is not in both as one", i, r.ID)
		}
	}
	return nil
}

// Comparison is a day beside a variant of it.
type Comparison struct {
	Was  Outcome `json:"was"`
	Is   Outcome `json:"is"`
	Diff Score   `json:"diff"` // by level, Is less Was
	// Gained and Lost are requests served in one only.
	Gained []string `json:"gained"`
	Lost   []string `json:"lost"`
}

// Compare lays one outcome beside another of the same requests.
func Compare(in *Instance, was, is Outcome) Comparison {
	c := Comparison{Was: was, Is: is, Gained: []string{}, Lost: []string{}}
	for i := range c.Diff {
		c.Diff[i] = is.Score[i] - was.Score[i]
	}
	for _, r := range in.Requests {
		_, before := was.handovers[r.ID]
		_, after := is.handovers[r.ID]
		if after && !before {
			c.Gained = append(c.Gained, r.ID)
		}
		if before && !after {
			c.Lost = append(c.Lost, r.ID)
		}
	}
	return c
}
