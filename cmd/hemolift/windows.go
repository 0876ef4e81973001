package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"time"

	"hemolift/geo/mesh"
	"hemolift/geo/route"
)

// windowColumns are read of a file of windows; the others hold answers.
var windowColumns = []string{"id", "half_m", "thick_m", "mode", "at_s", "v_mps", "sx_m", "sy_m", "tx_m", "ty_m"}

// answerWindows plans flights past one wall that opens or closes on the way.
func answerWindows(w *csv.Writer, path string) error {
	if err := w.Write([]string{"id", "arrival_s"}); err != nil {
		return err
	}
	return readTable(path, windowColumns, func(v []string) error {
		zone, q, err := windowCase(v)
		if err != nil {
			return err
		}
		space, err := route.NewSpace([]route.Zone{zone}, 0)
		if err != nil {
			return err
		}
		p, err := space.Snapshot().Plan(q)
		if err != nil {
			return fmt.Errorf("%s: %w", v[0], err)
		}
		return w.Write([]string{v[0], digits(p.Cost)})
	})
}

// windowCase makes the wall |x| <= half, 0 <= y <= thick, and the flight past it.
func windowCase(v []string) (z route.Zone, q route.Query, err error) {
	number := map[string]float64{}
	for i, name := range windowColumns {
		if name == "id" || name == "mode" {
			continue
		}
		if number[name], err = strconv.ParseFloat(v[i], 64); err != nil {
			return z, q, fmt.Errorf("%s: %w", name, err)
		}
	}
	point := func(x, y float64) mesh.Point {
		p, err2 := route.LatticePoint(int64(math.Round(x*stepsPerM)), int64(math.Round(y*stepsPerM)))
		if err2 != nil {
			err = err2
		}
		return p
	}
	half, thick := number["half_m"], number["thick_m"]
	depart := time.Unix(0, 0)
	z = route.Zone{ID: "wall", UpperM: 1, Rings: [][]mesh.Point{{point(-half, 0), point(half, 0), point(half, thick), point(-half, thick)}}}
	at := depart.Add(time.Duration(math.Round(number["at_s"] * float64(time.Second))))
	switch v[3] {
	case "opens":
		z.Until = at
	case "closes":
		z.From = at
	default:
		return z, q, fmt.Errorf("mode %q is neither opens nor closes", v[3])
	}
	q = route.Query{
		From: point(number["sx_m"], number["sy_m"]), To: point(number["tx_m"], number["ty_m"]), Depart: depart,
		Air: route.Air{Speed: number["v_mps"] * stepsPerM},
	}
	return z, q, err
}
