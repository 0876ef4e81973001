package print

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
	"time"

	"hemolift/dispatch/coldrecord"
	"hemolift/telemetry/coldchain"
)

// The curve is drawn by hand: no chart library with a permissive licence draws on a PDF
// and as SVG. Lengths are mm.
const (
	curveW, curveH          = 180.0, 78.0
	plotLeft, plotRight     = 14.0, 178.0
	plotTop, plotBottom     = 3.0, 68.0
	tickMM, labelGap, halfX = 1.2, 1.4, 1.1
)

// surface is what a curve is drawn on: a PDF page or an SVG picture.
type surface interface {
	line(x0, y0, x1, y1 float64, s stroke)
	area(x0, y0, x1, y1 float64, fill colour)
	label(x, y float64, text string, align string) // align: start, middle or end
}

type colour struct{ r, g, b int }

type stroke struct {
	colour colour
	width  float64
	dashed bool
}

var (
	inBand    = colour{0xe2, 0xf3, 0xee}
	outEvent  = colour{0xf7, 0xdc, 0xdb}
	inGap     = colour{0xee, 0xee, 0xee}
	axisLine  = stroke{colour{0x5c, 0x6b, 0x7c}, 0.2, false}
	limitLine = stroke{colour{0x5c, 0x6b, 0x7c}, 0.2, true}
	firstLine = stroke{colour{0x10, 0x18, 0x20}, 0.35, false}
	otherLine = stroke{colour{0x0b, 0x61, 0xc4}, 0.3, false}
)

// Curve draws a record's temperatures as SVG. A gap is drawn as a gap.
func Curve(w io.Writer, c coldrecord.Record) error {
	var s svg
	fmt.Fprintf(
		&s,
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%gmm" height="%gmm" `+
			`font-family="Helvetica, Arial, sans-serif" font-size="2.8">`,
		curveW,
		curveH,
		curveW,
		curveH,
	)
	fmt.Fprintf(
		&s,
		`<title>%s %s</title><rect width="%g" height="%g" fill="#fff"/>`,
		html.EscapeString(string(c.Delivery)),
		html.EscapeString(string(c.Box)),
		curveW,
		curveH,
	)
	drawCurve(&s, c)
	s.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

// axes place times and temperatures on a surface.
type axes struct {
	from, to  time.Time
	low, high float64
}

func (a axes) x(at time.Time) float64 {
	share := at.Sub(a.from).Seconds() / a.to.Sub(a.from).Seconds()
	return plotLeft + min(max(share, 0), 1)*(plotRight-plotLeft)
}

func (a axes) y(c float64) float64 {
	share := (c - a.low) / (a.high - a.low)
	return plotBottom - min(max(share, 0), 1)*(plotBottom-plotTop)
}

func drawCurve(s surface, c coldrecord.Record) {
	a := axes{from: c.From, to: c.To}
	if a.to.Sub(a.from) < time.Minute {
		a.to = a.from.Add(time.Minute)
	}
	a.low, a.high = extent(c)
	s.area(plotLeft, a.y(min(c.Profile.HighC(), a.high)), plotRight, a.y(max(c.Profile.LowC(), a.low)), inBand)
	for _, e := range c.Report.Events {
		s.area(a.x(e.Start), plotTop, a.x(e.End), plotBottom, outEvent)
	}
	for _, limit := range []float64{c.Profile.LowC(), c.Profile.HighC()} {
		if !math.IsInf(limit, 0) {
			s.line(plotLeft, a.y(limit), plotRight, a.y(limit), limitLine)
		}
	}
	drawProbe(s, a, c, otherLine, func(r coldchain.Reading) (int32, bool) { return r.SecondMC, r.HasSecond })
	drawProbe(s, a, c, firstLine, func(r coldchain.Reading) (int32, bool) { return r.TempMC, true })
	drawAxes(s, a)
}

// drawProbe draws one probe, and shades what nobody measured.
func drawProbe(s surface, a axes, c coldrecord.Record, pen stroke, value func(coldchain.Reading) (int32, bool)) {
	var last time.Time
	var lastC float64
	for _, r := range c.Readings {
		mc, ok := value(r)
		if !ok || !c.Profile.Believed(r) {
			continue
		}
		now := float64(mc) / 1000
		switch {
		case last.IsZero():
		case r.At.Sub(last) > c.Profile.MaxGap:
			s.area(a.x(last), plotTop, a.x(r.At), plotBottom, inGap)
		default:
			s.line(a.x(last), a.y(lastC), a.x(r.At), a.y(now), pen)
		}
		last, lastC = r.At, now
	}
}

func drawAxes(s surface, a axes) {
	s.line(plotLeft, plotTop, plotLeft, plotBottom, axisLine)
	s.line(plotLeft, plotBottom, plotRight, plotBottom, axisLine)
	step := niceStep(a.high-a.low, 1, 2, 5, 10, 20, 50)
	for c := math.Ceil(a.low/step) * step; c <= a.high; c += step {
		s.line(plotLeft-tickMM, a.y(c), plotLeft, a.y(c), axisLine)
		s.label(plotLeft-tickMM-labelGap, a.y(c)+halfX, fmt.Sprintf("%g", c), "end")
	}
	minutes := niceStep(a.to.Sub(a.from).Minutes(), 1, 5, 10, 30, 60, 180, 360, 720, 1440, 2880)
	every := time.Duration(minutes) * time.Minute
	for at := a.from.Truncate(every).Add(every); !at.After(a.to); at = at.Add(every) {
		s.line(a.x(at), plotBottom, a.x(at), plotBottom+tickMM, axisLine)
		s.label(a.x(at), plotBottom+4.2, at.UTC().Format("15:04"), "middle")
	}
	s.label(plotLeft, plotBottom+8.2, "°C over UTC; dashed: limits; red: excursions; grey: unmonitored", "start")
}

// niceStep is the smallest step that divides a span into eight or fewer.
func niceStep(span float64, steps ...float64) float64 {
	for _, s := range steps {
		if span/s <= 8 {
			return s
		}
	}
	return math.Ceil(span / 8)
}

// extent is the range of the axis: all readings and the limits, with some room.
func extent(c coldrecord.Record) (low, high float64) {
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

// svg is a picture in the making.
type svg struct{ strings.Builder }

func (c colour) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

func (s *svg) line(x0, y0, x1, y1 float64, p stroke) {
	dash := ""
	if p.dashed {
		dash = ` stroke-dasharray="1 1"`
	}
	fmt.Fprintf(
		s,
		`<line x1="%.2f" y1="%.2f" x2="%.2f" y2="%.2f" stroke="%s" stroke-width="%g" stroke-linecap="round"%s/>`,
		x0,
		y0,
		x1,
		y1,
		p.colour.hex(),
		p.width,
		dash,
	)
}

func (s *svg) area(x0, y0, x1, y1 float64, fill colour) {
	fmt.Fprintf(s, `<rect x="%.2f" y="%.2f" width="%.2f" height="%.2f" fill="%s"/>`, x0, y0, max(0, x1-x0), max(0, y1-y0), fill.hex())
}

func (s *svg) label(x, y float64, text, align string) {
	fmt.Fprintf(s, `<text x="%.2f" y="%.2f" text-anchor="%s" fill="#47555f">%s</text>`, x, y, align, html.EscapeString(text))
}

// sheet draws on a PDF page, from a height on.
type sheet struct {
	page
	top float64
}

func (s sheet) line(x0, y0, x1, y1 float64, p stroke) {
	s.SetDrawColor(p.colour.r, p.colour.g, p.colour.b)
	s.SetLineWidth(p.width)
	if p.dashed {
		s.SetDashPattern([]float64{1, 1}, 0)
		defer s.SetDashPattern(nil, 0)
	}
	s.Line(marginMM+x0, s.top+y0, marginMM+x1, s.top+y1)
}

func (s sheet) area(x0, y0, x1, y1 float64, fill colour) {
	s.SetFillColor(fill.r, fill.g, fill.b)
	s.Rect(marginMM+x0, s.top+y0, max(0, x1-x0), max(0, y1-y0), "F")
}

func (s sheet) label(x, y float64, text, align string) {
	s.SetFont("Helvetica", "", 7)
	text = s.latin(text)
	switch w := s.GetStringWidth(text); align {
	case "middle":
		x -= w / 2
	case "end":
		x -= w
	}
	s.Text(marginMM+x, s.top+y, text)
}
