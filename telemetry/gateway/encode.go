package gateway

import (
	"encoding/json"

	"hemolift/telemetry"
)

// downCommand is the payload of a cmd topic.
type downCommand struct {
	ID        int64                 `json:"id"`
	Kind      telemetry.CommandKind `json:"kind"`
	Mission   string                `json:"mission,omitempty"`
	Leg       int                   `json:"leg"`
	Legs      [][][2]float64        `json:"legs,omitempty"` // lon/lat
	HeightM   float64               `json:"height_m,omitempty"`
	CruiseMPS float64               `json:"cruise_mps,omitempty"`
	ExpiresMS int64                 `json:"expires"`
	PlanHash  string                `json:"plan_hash,omitempty"`
}

// encodeCommand is the inverse of DecodeCommand.
func encodeCommand(c telemetry.Command) ([]byte, error) {
	d := downCommand{ID: c.ID, Kind: c.Kind, Mission: c.Mission, Leg: c.Leg, ExpiresMS: c.Expires.UnixMilli(), PlanHash: c.PlanHash}
	if c.Plan != nil {
		d.HeightM, d.CruiseMPS = c.Plan.HeightM, c.Plan.CruiseMPS
		for _, leg := range c.Plan.Legs {
			pts := make([][2]float64, len(leg))
			for i, p := range leg {
				pts[i] = p
			}
			d.Legs = append(d.Legs, pts)
		}
	}
	return json.Marshal(d)
}
