package coldchain

import "math"

// trend is the least-squares slope of the newest readings.
type trend struct {
	at   [trendMost]int64 // µs
	c    [trendMost]float64
	n    int // readings at hand
	next int
}

// A trend looks at five minutes, and says nothing of fewer than eight readings.
const (
	trendMost   = 32
	trendLeast  = 8
	trendWindow = 5 * 60 * 1_000_000 // µs
)

func (t *trend) add(at int64, c float64) {
	t.at[t.next], t.c[t.next] = at, c
	t.next = (t.next + 1) % trendMost
	t.n = min(t.n+1, trendMost)
}

// newest is the newest reading.
func (t *trend) newest() float64 { return t.c[(t.next+trendMost-1)%trendMost] }

// perMin is the slope in °C a minute; NaN when there are too few readings.
func (t *trend) perMin() float64 {
	newest := t.at[(t.next+trendMost-1)%trendMost]
	var n, sx, sy, sxx, sxy float64
	for i := range t.n {
		k := (t.next + trendMost - 1 - i) % trendMost
		if newest-t.at[k] > trendWindow {
			break
		}
		x, y := float64(t.at[k]-newest)/60e6, t.c[k]
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if det := n*sxx - sx*sx; n >= trendLeast && det > 0 {
		return (n*sxy - sx*sy) / det
	}
	return math.NaN()
}
