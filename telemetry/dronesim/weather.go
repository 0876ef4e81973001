package dronesim

import (
	"math"
	"math/rand/v2"
	"time"

	"hemolift/geo/route"
	"hemolift/telemetry/coldchain"
)

// weather is a wind whose mean wanders between 3 and 8 m/s, and the air's
// temperature. It is a function of the seed and the time, so that it goes on where
// it was after a restart.
type weather struct{ phase [6]float64 }

func newWeather(seed uint64) weather {
	rng := rand.New(rand.NewPCG(seed, 0x77696e64))
	var w weather
	for i := range w.phase {
		w.phase[i] = rng.Float64() * 2 * math.Pi
	}
	return w
}

func (w weather) wave(i int, at time.Time, period time.Duration) float64 {
	return math.Sin(w.phase[i] + 2*math.Pi*float64(at.UnixMilli()%(1000*int64(period.Seconds())))/(1000*period.Seconds()))
}

// wind is the mean wind and its gust on top.
func (w weather) wind(at time.Time) route.Wind {
	mean := 5.5 + 1.6*w.wave(0, at, 47*time.Minute) + 0.9*w.wave(1, at, 13*time.Minute)
	from := 240 + 25*w.wave(2, at, 3*time.Hour) + 8*w.wave(3, at, 17*time.Minute)
	gust := 0.4 * w.wave(4, at, 40*time.Second)
	return route.Wind{SpeedMPS: mean + gust, FromDeg: from}
}

// airC is the outside temperature at a height above ground.
func (w weather) airC(at time.Time, heightM float64) float64 {
	return coldchain.AloftC(14+6*w.wave(5, at, 24*time.Hour), heightM)
}
