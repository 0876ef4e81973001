package coldrecord

import (
	"strings"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
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

// Check refuses a calibration that cannot be, naming the field.
func (c ProbeCalibration) Check(now time.Time) error {
	switch {
	case c.Probe != 1 && c.Probe != 2:
		return refusal.OfField("probe", "is not 1 or 2")
	case strings.TrimSpace(c.Certificate) == "" || len(c.Certificate) > 80:
		return refusal.OfField("certificate", "is not 1 to 80 characters")
	case c.CalibratedOn.After(network.Today(now)):
		return refusal.OfField("calibrated_on", "is in the future")
	case !c.DueOn.After(c.CalibratedOn):
		return refusal.OfField("due_on", "is not after calibrated_on")
	}
	return nil
}
