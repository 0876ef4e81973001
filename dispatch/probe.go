package dispatch

import (
	"context"
	"strings"
	"time"

	"hemolift/telemetry"
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
func (d *Dispatcher) AddProbeCalibration(ctx context.Context, a Actor, c ProbeCalibration) error {
	now := d.Now()
	switch _, known := find(d.Network.Boxes, func(b Box) bool { return b.ID == c.Box }); {
	case a.Role != RoleDispatcher && a.Role != RoleAdmin:
		return ErrForbidden
	case !known:
		return ErrNotFound
	case c.Probe != 1 && c.Probe != 2:
		return FieldError{"probe", "is not 1 or 2"}
	case strings.TrimSpace(c.Certificate) == "" || len(c.Certificate) > 80:
		return FieldError{"certificate", "is not 1 to 80 characters"}
	case c.CalibratedOn.After(now):
		return FieldError{"calibrated_on", "is in the future"}
	case !c.DueOn.After(c.CalibratedOn):
		return FieldError{"due_on", "is not after calibrated_on"}
	}
	c.By, c.At = a.Login, now
	return d.Store.AddProbeCalibration(ctx, c)
}

// ProbeCalibrations returns a box's calibrations, the newest first.
func (d *Dispatcher) ProbeCalibrations(ctx context.Context, a Actor, box telemetry.DeviceID) ([]ProbeCalibration, error) {
	if a.Role == RoleHospital {
		return nil, ErrForbidden
	}
	if _, known := find(d.Network.Boxes, func(b Box) bool { return b.ID == box }); !known {
		return nil, ErrNotFound
	}
	return d.Store.ProbeCalibrations(ctx, box)
}
