package airspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/paulmach/orb"
)

// ed269Zone is a UASZone of EUROCAE ED-269 (edition of June 2020; field names as
// authorities publish them).
type ed269Zone struct {
	Identifier    label  `json:"identifier"`
	Name          text   `json:"name"`
	Restriction   string `json:"restriction"`
	Applicability []struct {
		Permanent string `json:"permanent"`
		period
	} `json:"applicability"`
	Geometry []ed269Volume `json:"geometry"`
}

type ed269Volume struct {
	Unit     string   `json:"uomDimensions"`
	Lower    *float64 `json:"lowerLimit"`
	LowerRef string   `json:"lowerVerticalReference"`
	Upper    *float64 `json:"upperLimit"`
	UpperRef string   `json:"upperVerticalReference"`
	Shape    struct {
		Type        string      `json:"type"`
		Coordinates orb.Polygon `json:"coordinates"`
		Center      *orb.Point  `json:"center"`
		Radius      float64     `json:"radius"`
	} `json:"horizontalProjection"`
}

// ParseED269 reads an ED-269 document. Each volume and each window of a zone's
// applicability within the horizon becomes a zone; zones without restriction are
// left out. A fault refuses the whole document and names its path in it. Radii are
// metres, whatever the unit of the heights.
func ParseED269(doc []byte, h Horizon) ([]Zone, error) {
	var d struct {
		Features []json.RawMessage `json:"features"`
		List     []json.RawMessage `json:"UASZoneList"`
	}
	if err := unambiguous(doc); err != nil {
		return nil, err
	}
	if err := decodeOne(doc, &d); err != nil {
		return nil, fmt.Errorf("zones: %w", err)
	}
	switch {
	case d.Features != nil && d.List != nil:
		return nil, errors.New("zones: there are both features and UASZoneList; one of them is the list")
	case d.Features != nil:
		return collect(d.Features, "features", h, readED269)
	case d.List != nil:
		return collect(d.List, "UASZoneList", h, readED269)
	}
	return nil, errors.New("zones: neither features nor UASZoneList")
}

func readED269(raw json.RawMessage) (published, error) {
	var z ed269Zone
	if err := decodeOne(raw, &z); err != nil {
		return published{}, err
	}
	p := published{id: string(z.Identifier), name: string(z.Name), periodsPath: "applicability"}
	if z.Identifier == "" {
		return p, errors.New("identifier: is empty")
	}
	if strings.ToUpper(z.Restriction) == noRestriction {
		return p, nil
	}
	var err error
	if p.kind, err = kindOf(z.Restriction, "restriction"); err != nil {
		return p, err
	}
	for _, a := range z.Applicability {
		if strings.EqualFold(a.Permanent, "YES") {
			p.periods = nil
			break
		}
		p.periods = append(p.periods, a.period)
	}
	if len(z.Geometry) == 0 {
		return p, errors.New("geometry: is empty")
	}
	for i, v := range z.Geometry {
		path := fmt.Sprintf("geometry[%d]", i)
		poly, err := v.polygon()
		if err != nil {
			return p, fmt.Errorf("%s.horizontalProjection: %w", path, err)
		}
		p.parts = append(p.parts, part{polygon: poly, path: path, layer: layer{v.Lower, v.Upper, v.LowerRef, v.UpperRef, v.Unit}})
	}
	return p, nil
}

func (v ed269Volume) polygon() (orb.Polygon, error) {
	switch {
	case strings.EqualFold(v.Shape.Type, "Polygon"):
		return v.Shape.Coordinates, nil
	case strings.EqualFold(v.Shape.Type, "Circle") && v.Shape.Center != nil:
		return circle(*v.Shape.Center, v.Shape.Radius)
	case strings.EqualFold(v.Shape.Type, "Circle"):
		return nil, errors.New("center: is missing")
	}
	return nil, fmt.Errorf("type: %q is neither Polygon nor Circle", v.Shape.Type)
}
