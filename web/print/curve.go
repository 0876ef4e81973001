package print

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"hemolift/dispatch"
	"hemolift/telemetry/coldchain"
)

// Format is how a curve is drawn.
type Format string

const (
	SVG Format = "svg"
	PNG Format = "png"
)

var (
	bandColour  = color.NRGBA{0x4c, 0xc2, 0xa0, 0x30}
	eventColour = color.NRGBA{0xc8, 0x23, 0x1d, 0x28}
	limitColour = color.NRGBA{0x5c, 0x6b, 0x7c, 0xff}
	curveColour = color.NRGBA{0x10, 0x18, 0x20, 0xff}
	otherColour = color.NRGBA{0x0b, 0x61, 0xc4, 0xff}
)

// Curve draws a record's temperatures. A gap is drawn as a gap.
func Curve(w io.Writer, c dispatch.ColdRecord, f Format) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "UTC", "°C"
	p.X.Tick.Marker = plot.TimeTicks{Format: "15:04", Time: plot.UTCUnixTime}
	first, second := runs(c, func(r coldchain.Reading) (int32, bool) { return r.TempMC, true }), runs(c, func(r coldchain.Reading) (int32, bool) { return r.SecondMC, r.HasSecond })
	low, high := extent(c)
	from, to := float64(c.From.Unix()), math.Max(float64(c.To.Unix()), float64(c.From.Unix())+60)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = from, to, low, high
	bandLow, bandHigh := math.Max(c.Profile.LowC(), low), math.Min(c.Profile.HighC(), high)
	if err := addBox(p, from, to, bandLow, bandHigh, bandColour); err != nil {
		return err
	}
	for _, e := range c.Report.Events {
		if err := addBox(p, float64(e.Start.Unix()), float64(e.End.Unix()), low, high, eventColour); err != nil {
			return err
		}
	}
	for _, limit := range []float64{c.Profile.LowC(), c.Profile.HighC()} {
		if !math.IsInf(limit, 0) {
			if err := addLine(p, plotter.XYs{{X: from, Y: limit}, {X: to, Y: limit}}, limitColour, vg.Points(3)); err != nil {
				return err
			}
		}
	}
	for _, run := range second {
		if err := addLine(p, run, otherColour, 0); err != nil {
			return err
		}
	}
	for _, run := range first {
		if err := addLine(p, run, curveColour, 0); err != nil {
			return err
		}
	}
	wt, err := p.WriterTo(vg.Points(520), vg.Points(230), string(f))
	if err != nil {
		return fmt.Errorf("curve: %w", err)
	}
	_, err = wt.WriteTo(w)
	return err
}

// runs are the readings of one probe between gaps.
func runs(c dispatch.ColdRecord, value func(coldchain.Reading) (int32, bool)) []plotter.XYs {
	var all []plotter.XYs
	var last time.Time
	for _, r := range c.Readings {
		mc, ok := value(r)
		if !ok || !c.Profile.Believed(r) {
			continue
		}
		if len(all) == 0 || r.At.Sub(last) > c.Profile.MaxGap {
			all = append(all, nil)
		}
		last = r.At
		all[len(all)-1] = append(all[len(all)-1], plotter.XY{X: float64(r.At.UnixMilli()) / 1000, Y: float64(mc) / 1000})
	}
	return all
}

// extent is the range of the axis: all readings and the limits, with some room.
func extent(c dispatch.ColdRecord) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	take := func(x float64) {
		if !math.IsInf(x, 0) {
			low, high = min(low, x), max(high, x)
		}
	}
	take(c.Profile.LowC())
	take(c.Profile.HighC())
	for _, r := range c.Readings {
		if c.Profile.Believed(r) {
			take(float64(r.TempMC) / 1000)
			if r.HasSecond {
				take(float64(r.SecondMC) / 1000)
			}
		}
	}
	if low > high {
		return 0, 1
	}
	room := max(0.1*(high-low), 1)
	return low - room, high + room
}

func addLine(p *plot.Plot, xys plotter.XYs, c color.Color, dash vg.Length) error {
	l, err := plotter.NewLine(xys)
	if err != nil {
		return fmt.Errorf("curve: %w", err)
	}
	l.Color, l.Width = c, vg.Points(1)
	if dash > 0 {
		l.Dashes = []vg.Length{dash, dash}
	}
	p.Add(l)
	return nil
}

func addBox(p *plot.Plot, x0, x1, y0, y1 float64, c color.Color) error {
	b, err := plotter.NewPolygon(plotter.XYs{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
	if err != nil {
		return fmt.Errorf("curve: %w", err)
	}
	b.Color, b.LineStyle.Width = c, 0
	p.Add(b)
	return nil
}
