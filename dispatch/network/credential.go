package network

import (
	"time"

	"hemolift/telemetry"
)

// Enrolment lets a device have its secret for a code, once. The code itself is kept nowhere.
type Enrolment struct {
	Device            telemetry.DeviceID
	MadeBy            string // login
	MadeAt, ExpiresAt time.Time
}

// EnrolledWithin is how long an enrolment stands: the code is short, and read out.
const EnrolledWithin = time.Hour

// Enrol makes an enrolment of a device; now is wall time.
func Enrol(id telemetry.DeviceID, by string, now time.Time) Enrolment {
	now = now.UTC().Truncate(time.Second)
	return Enrolment{Device: id, MadeBy: by, MadeAt: now, ExpiresAt: now.Add(EnrolledWithin)}
}

// Credential is what is known of a device's secret, and of its enrolment.
type Credential struct {
	Device    telemetry.DeviceID
	HasSecret bool
	SecretAt  time.Time // server time; zero: not known
	OpenUntil time.Time // wall time until which an enrolment stands; zero: none does
}
