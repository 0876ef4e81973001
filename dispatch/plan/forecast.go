package plan

import (
	"math"
	"math/rand/v2"
	"slices"
)

// forecast expects the rest of the day to be like what was seen of it: each future
// request asks for what some past one did, where another one was.
type forecast struct {
	p      *problem
	rng    *rand.Rand
	seen   []int32
	stat   float64   // STAT requests among them
	before int64     // seconds before time zero in which requests were seen too
	near   [][]int32 // centres by site, the nearest first

	pools map[pool]int32
	of    []int32 // pool by lot
	homes []pool
	stock []int64
	left  []int64
	hits  [Routine + 1][]int64
}

// pool is the units of one group at one centre, whatever their age.
type pool struct {
	centre, part int
	typ          string
}

func newForecast(p *problem, rng *rand.Rand) *forecast {
	f := &forecast{p: p, rng: rng, near: make([][]int32, p.sites), pools: map[pool]int32{}}
	for h := p.centres; h < p.sites; h++ {
		for c := range p.centres {
			f.near[h] = append(f.near[h], int32(c))
		}
		slices.SortStableFunc(f.near[h], func(a, b int32) int { return int(p.in.TimeS[a][h] - p.in.TimeS[b][h]) })
	}
	for _, l := range p.lots {
		k := pool{l.centre, l.part, l.typ}
		if _, ok := f.pools[k]; !ok {
			f.pools[k] = int32(len(f.homes))
			f.homes = append(f.homes, k)
		}
		f.of = append(f.of, f.pools[k])
	}
	f.stock, f.left = make([]int64, len(f.homes)), make([]int64, len(f.homes))
	for i := range f.hits {
		f.hits[i] = make([]int64, len(f.homes))
	}
	return f
}

func (f *forecast) see(q *request) {
	f.seen = append(f.seen, q.index)
	if q.Priority == STAT {
		f.stat++
	}
}

// futures is how many are played, and riskSteps how finely their share is told apart.
const (
	futures   = 48
	riskSteps = 8
	unseen    = 30 // requests that what is in stock counts for
)

// rate is the requests expected in a time.
func (f *forecast) rate(now int64, seconds float64) float64 {
	return float64(len(f.seen)) / float64(f.before+now+600) * seconds
}

// risks is, by priority and lot, in how many of the futures a more urgent request
// lacks units that the lot's pool could have given.
func (f *forecast) risks(now int64, stock []int64, risk *[Routine + 1][]int64) {
	for i := range f.stock {
		f.stock[i] = 0
		for k := range f.hits {
			f.hits[k][i] = 0
		}
	}
	for i, n := range stock {
		if f.p.lots[i].expires > now {
			f.stock[f.of[i]] += n
		}
	}
	seconds := float64(max(0, f.p.in.HorizonS*3/4-now))
	if len(f.seen) > 0 {
		for range futures {
			f.play(f.poisson(f.rate(now, seconds)))
		}
	}
	for p := Urgent; p <= Routine; p++ {
		for i := range risk[p] {
			risk[p][i] = f.hits[p][f.of[i]] * riskSteps / futures
		}
	}
}

// play serves n future requests from stock and notes what those unserved lack.
func (f *forecast) play(n int) {
	copy(f.left, f.stock)
	var lack [Routine + 1]map[int32]bool
	for range n {
		q := f.kind()
		h := f.p.requests[f.seen[f.rng.IntN(len(f.seen))]].hospital
		if f.rng.IntN(4) == 0 {
			h = f.p.centres + f.rng.IntN(f.p.sites-f.p.centres)
		}
		if q.Priority == Routine || f.serve(q, h) {
			continue
		}
		if lack[q.Priority] == nil {
			lack[q.Priority] = map[int32]bool{}
		}
		f.each(q, h, func(pools []int32) bool {
			for _, k := range pools {
				lack[q.Priority][k] = true
			}
			return false
		})
	}
	for k := range lack[STAT] {
		f.hits[Urgent][k]++
		f.hits[Routine][k]++
	}
	for k := range lack[Urgent] {
		if !lack[STAT][k] {
			f.hits[Routine][k]++
		}
	}
}

// kind is what a future request asks for: as a past one did, or, the more likely the
// less was seen, of a kind that the centres stock.
func (f *forecast) kind() *request {
	q := &f.p.requests[f.seen[f.rng.IntN(len(f.seen))]]
	if len(f.p.lots) == 0 || f.rng.IntN(len(f.seen)+unseen) < len(f.seen) {
		return q
	}
	l := &f.p.lots[f.rng.IntN(len(f.p.lots))]
	like := *q
	like.part, like.Component, like.Type = l.part, f.p.parts[l.part], l.typ
	return &like
}

// each calls f with the pools of every centre that is in time, the nearest first, until it
// returns true.
func (f *forecast) each(q *request, h int, use func([]int32) bool) bool {
	in := f.p.in
	reach := q.DueS - q.ReleaseS - in.PackS - in.LaunchS - in.UnloadS
	var pools [16]int32
	for _, c := range f.near[h] {
		if in.TimeS[c][h] > reach {
			return false
		}
		n := pools[:0]
		for _, t := range in.Compat[q.Component][q.Type] {
			if k, ok := f.pools[pool{int(c), q.part, t}]; ok {
				n = append(n, k)
			}
		}
		if use(n) {
			return true
		}
	}
	return false
}

func (f *forecast) serve(q *request, h int) bool {
	return f.each(q, h, func(pools []int32) bool {
		var there int64
		for _, k := range pools {
			there += f.left[k]
		}
		if there < q.Units {
			return false
		}
		need := q.Units
		for _, k := range pools {
			n := min(need, f.left[k])
			f.left[k] -= n
			need -= n
		}
		return true
	})
}

func (f *forecast) poisson(mean float64) int {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*f.rng.NormFloat64())))
	}
	n, p := 0, math.Exp(-mean)
	for u := f.rng.Float64(); n < 200; n++ {
		if u < p {
			break
		}
		u -= p
		p *= mean / float64(n+1)
	}
	return n
}

// keep is how many STAT requests the hospitals nearest to a centre may make while a
// drone is away: the number that is passed with less than the chance.
func (f *forecast) keep(centre int, now int64, h Holding) int {
	if len(f.seen) == 0 {
		return 1
	}
	hospitals, share := float64(f.p.sites-f.p.centres), 0.0
	for h := f.p.centres; h < f.p.sites; h++ {
		if int(f.near[h][0]) == centre {
			share += 1 / hospitals
		}
	}
	for _, r := range f.seen {
		if int(f.near[f.p.requests[r].hospital][0]) == centre {
			share += 1 / hospitals
		}
	}
	share /= 1 + float64(len(f.seen))/hospitals
	mean := f.rate(now, float64(h.AbsentS)) * f.stat / float64(len(f.seen)) * share
	n := 0
	for n < 100 && tail(mean, float64(n+1)) >= h.Chance {
		n++
	}
	return n
}

// tail is the chance that a Poisson number of that mean reaches n.
func tail(mean, n float64) float64 {
	sum, term := 0.0, math.Exp(-mean)
	for k := 0.0; k < n && k < 400; k++ {
		sum += term
		term *= mean / (k + 1)
	}
	return max(0, 1-sum)
}
