package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Plan is what is to be flown, as in the format.
type Plan struct {
	Instance string    `json:"instance"`
	Missions []Mission `json:"missions"`
}

// Mission leaves the drone's home at DepartS, visits its stops in order and returns.
type Mission struct {
	Drone   string `json:"drone"`
	DepartS int64  `json:"depart_s"`
	Stops   []Stop `json:"stops"`
	// Returned are units that a diverted flight brings back.
	Returned []Use `json:"returned,omitempty"`
}

// Stop is one landing at a hospital.
type Stop struct {
	Hospital string  `json:"hospital"`
	Serve    []Serve `json:"serve"`
	Divert   *Divert `json:"divert,omitempty"`
}

// Serve is a request served, and the lots it is served from.
type Serve struct {
	Request string `json:"request"`
	Lots    []Use  `json:"lots"`
}

// Use is units of a lot.
type Use struct {
	Lot   string `json:"lot"`
	Units int64  `json:"units"`
}

// Divert says that the leg to a stop began towards another site, and when it was
// given up.
type Divert struct {
	AtS  int64  `json:"at_s"`
	From string `json:"from"`
}

// ReadPlan decodes a plan. Whether it keeps the rules is for package verify to say.
func ReadPlan(r io.Reader) (Plan, error) {
	var p Plan
	if err := decodeOne(r, &p); err != nil {
		return Plan{}, fmt.Errorf("plan: %w", err)
	}
	return p, nil
}

// Write encodes a plan, one line.
func (p Plan) Write(w io.Writer) error { return json.NewEncoder(w).Encode(p) }

// export turns the state into a plan, by departure and then by drone.
func (s *state) export() Plan {
	out := Plan{Instance: s.p.in.Name, Missions: []Mission{}}
	for _, route := range s.routes {
		for _, m := range route {
			out.Missions = append(out.Missions, s.p.exportMission(m))
		}
	}
	slices.SortStableFunc(out.Missions, func(a, b Mission) int { return cmp.Compare(a.DepartS, b.DepartS) })
	return out
}

func (p *problem) exportMission(m *mission) Mission {
	out := Mission{Drone: p.drones[m.drone].id, DepartS: m.depart(p)}
	for i := range m.stops {
		stop := Stop{Hospital: p.in.Sites[m.stops[i].site].ID}
		for k := m.first(i); k < m.stops[i].upto; k++ {
			serve := Serve{Request: p.requests[m.seq[k]].ID, Lots: []Use{}}
			for _, t := range m.takes {
				if t.request == m.seq[k] {
					serve.Lots = append(serve.Lots, Use{p.lots[t.lot].id, t.units})
				}
			}
			stop.Serve = append(stop.Serve, serve)
		}
		for _, d := range m.diverts {
			if d.stop == i {
				stop.Divert = &Divert{d.at, p.in.Sites[d.from].ID}
			}
		}
		out.Stops = append(out.Stops, stop)
	}
	for _, t := range m.returned {
		out.Returned = append(out.Returned, Use{p.lots[t.lot].id, t.units})
	}
	return out
}

// Solution is a plan with its score and how it was found.
type Solution struct {
	Plan   Plan
	Score  Score
	Rounds int
	// Proven is set when no better plan exists.
	Proven bool
}

// Solve plans all requests of a checked instance: a first whole plan, then rounds of
// search until the budget is spent. The same seed and rounds give the same plan.
func Solve(in *Instance, seed uint64, b Budget) Solution {
	s := newSearch(newState(compile(in)), seed)
	s.construct()
	rounds := s.improve(b)
	s.advance()
	s.construct() // blinks may have left out what fits
	return Solution{Plan: s.export(), Score: s.score.score(), Rounds: rounds}
}
