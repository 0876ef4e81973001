package dispatch

import (
	"context"
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"

	"github.com/samber/lo"
)

// ProbeCalibration is one calibration of a box's probe.
type ProbeCalibration struct {
	Box          telemetry.DeviceID
	Probe        int // 1 or 2
	Certificate  string
	CalibratedOn time.Time
	DueOn        time.Time
	By           string
	At           time.Time
}

// AddProbeCalibration keeps a calibration; it counts at once.
func (d *Dispatcher) AddProbeCalibration(ctx context.Context, a network.Actor, c ProbeCalibration) error {
	now := d.Now()
	switch _, known := lo.Find(d.Network.Boxes, func(b network.Box) bool { return b.ID == c.Box }); {
	case a.Role != network.RoleDispatcher && a.Role != network.RoleAdmin:
		return refusal.ErrForbidden
	case !known:
		return refusal.ErrNotFound
	case c.Probe != 1 && c.Probe != 2:
		return refusal.OfField("probe", "is not 1 or 2")
	case strings.TrimSpace(c.Certificate) == "" || len(c.Certificate) > 80:
		return refusal.OfField("certificate", "is not 1 to 80 characters")
	case c.CalibratedOn.After(now):
		return refusal.OfField("calibrated_on", "is in the future")
	case !c.DueOn.After(c.CalibratedOn):
		return refusal.OfField("due_on", "is not after calibrated_on")
	}
	c.By, c.At = a.Login, now
	return d.Store.AddProbeCalibration(ctx, c)
}

// ProbeCalibrations returns a box's calibrations, the newest first.
func (d *Dispatcher) ProbeCalibrations(ctx context.Context, a network.Actor, box telemetry.DeviceID) ([]ProbeCalibration, error) {
	if a.Role == network.RoleHospital {
		return nil, refusal.ErrForbidden
	}
	if _, known := lo.Find(d.Network.Boxes, func(b network.Box) bool { return b.ID == box }); !known {
		return nil, refusal.ErrNotFound
	}
	return d.Store.ProbeCalibrations(ctx, box)
}
