package upkeep

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// Kind is what was done to a device.
type Kind string

const (
	Inspection Kind = "inspection"
	Repair     Kind = "repair"
	Part       Kind = "part"       // replaced, as a battery
	Firmware   Kind = "firmware"   // another version; Reference says which
	Validation Kind = "validation" // that a box holds its temperatures
	// Calibration of a box's probe has a record of its own, in coldrecord.
	Calibration Kind = "calibration"
)

// Kinds are those that a log has.
func Kinds() []Kind { return []Kind{Inspection, Repair, Part, Firmware, Validation} }

// Entry is one of a device's maintenance log: work that was done.
type Entry struct {
	ID        int64
	Device    telemetry.DeviceID
	Kind      Kind
	DoneOn    time.Time // a day, at midnight UTC
	What      string
	Reference string    // of the work order, certificate or version; may be empty
	DueOn     time.Time // the day by which the same is due again; zero: none
	DueHours  float64   // flight hours of the drone by which the same is due again; 0: none
	By        string    // login
	At        time.Time
	Struck    Strike
}

// Strike is who struck an entry, why and when; its zero value is of one that stands.
type Strike struct {
	By, Why string
	At      time.Time
}

// Stands reports whether nobody struck an entry.
func (e Entry) Stands() bool { return e.Struck.By == "" }

const (
	longestWhat      = 500 // characters
	longestReference = 80
	mostHours        = 100_000
	mostAhead        = 20 * 366 * 24 * time.Hour
)

// Check refuses an entry that cannot be, naming the field.
func (e Entry) Check(n *network.Network, now time.Time) error {
	_, drone := n.Drone(e.Device)
	if _, box := n.Box(e.Device); !drone && !box {
		return refusal.ErrNotFound
	}
	switch {
	case !slices.Contains(Kinds(), e.Kind):
		return refusal.OfField("kind", fmt.Sprintf("%q is none of %v", e.Kind, Kinds()))
	case e.Kind == Validation && drone:
		return refusal.OfField("kind", "is of boxes: a drone is not validated")
	case e.DoneOn.IsZero() || e.DoneOn.After(network.Today(now)):
		return refusal.OfField("done_on", "is missing or in the future")
	case !e.DueOn.IsZero() && (!e.DueOn.After(e.DoneOn) || e.DueOn.After(e.DoneOn.Add(mostAhead))):
		return refusal.OfField("due_on", "is not within twenty years after done_on")
	case e.DueHours != 0 && !drone:
		return refusal.OfField("due_hours", "is of drones: a box has no flight hours")
	case !(e.DueHours >= 0 && e.DueHours <= mostHours): // NaN too
		return refusal.OfField("due_hours", fmt.Sprintf("is not within 0 to %d", mostHours))
	}
	if err := checkText("what", e.What, 1, longestWhat); err != nil {
		return err
	}
	return checkText("reference", e.Reference, 0, longestReference)
}

// Check refuses a strike without a reason.
func (s Strike) Check() error { return checkText("why", s.Why, 1, longestWhat) }

func checkText(field, text string, least, most int) error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(text)); {
	case n < least || n > most:
		return refusal.OfField(field, fmt.Sprintf("is not %d to %d characters", least, most))
	case strings.ContainsFunc(text, network.Misleads):
		return refusal.OfField(field, "holds a control character, or one that turns the direction of what follows")
	}
	return nil
}
