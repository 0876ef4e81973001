package coldchain

import (
	"math"
	"time"
)

// Comparison is a logger's file beside what was received live.
type Comparison struct {
	Logged, Live, Matched      int
	MissingLive, MissingLogged int
	Differing                  int     // matched, but more than 0.5 °C apart
	WorstC                     float64 // greatest difference of matched readings
}

// differMC is by how much matched readings may differ: the uncertainty of a class 1
// sensor.
const differMC = 500

// Compare matches readings that were taken within half an interval of each other. Both
// lists must be in order of time.
func Compare(logged, live []Reading, interval time.Duration) Comparison {
	c := Comparison{Logged: len(logged), Live: len(live)}
	i, j := 0, 0
	for i < len(logged) && j < len(live) {
		switch off := logged[i].At.Sub(live[j].At); {
		case off > interval/2:
			j, c.MissingLogged = j+1, c.MissingLogged+1
		case off < -interval/2:
			i, c.MissingLive = i+1, c.MissingLive+1
		default:
			apart := math.Abs(float64(logged[i].TempMC - live[j].TempMC))
			if apart > differMC {
				c.Differing++
			}
			c.WorstC = max(c.WorstC, apart/1000)
			i, j, c.Matched = i+1, j+1, c.Matched+1
		}
	}
	c.MissingLive, c.MissingLogged = c.MissingLive+len(logged)-i, c.MissingLogged+len(live)-j
	return c
}
