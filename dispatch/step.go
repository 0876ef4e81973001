package dispatch

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"hemolift/telemetry"
)

// Role is what an account may do.
type Role string

const (
	RoleDispatcher Role = "dispatcher" // a blood centre's staff
	RoleHospital   Role = "hospital"   // one hospital's staff
	RoleController Role = "controller" // flight control
	RoleAdmin      Role = "admin"
)

// Actor is who acts.
type Actor struct {
	Login     string
	Role      Role
	Site      SiteID // of hospital staff; a dispatcher's centre, or empty for all
	Automated bool
}

// System is the program itself.
var System = Actor{Login: "system"}

// Scan is what a person scanned or typed for a step.
type Scan struct {
	Unit  UnitKey            // pack, receive, quarantine
	Box   telemetry.DeviceID // load
	Drone telemetry.DeviceID // exchange: the other one
	Seal  string             // seal, compare_seal
	Note  string             // the reason, for quarantine and cancel
}

// Change is what a step writes. Empty fields change nothing.
type Change struct {
	Status    DeliveryStatus
	CheckedBy string
	Seal      string
	Packed    *UnitKey
	Outcome   UnitStatus // of Judged
	Judged    []UnitKey
	// UnitsBecome is the status that all units of the delivery take.
	UnitsBecome UnitStatus
	Release     bool // boxes and, when cancelled, units are free again
	Request     RequestStatus
	// RequestFrom are the statuses from which alone the request changes, and only while
	// it is as it was when the delivery was allocated; nil is any.
	RequestFrom []RequestStatus
	RoadAt      time.Time // with ByRoad
	GiveUp      bool
	Keep        bool
	Mission     MissionStatus
	Custody     CustodyEvent
	GroundedAt  time.Time     // the drone has been heard on the ground at that time
	Passages    []UnitPassage // that end with the step
	Suspect     []UnitKey     // of those that go back to stock: quarantined instead
}

var sealForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{3,31}$`)

// may says whether the actor may do the step on this delivery.
func (d Delivery) may(a Actor, step Step) error {
	switch step {
	case StepCheck, StepPack, StepSeal, StepLoad, StepStandDown, StepFree, StepBreak, StepGiveUp, StepKeep, StepLose, StepFind, StepExchange:
		if a.Role == RoleDispatcher && (a.Site == "" || a.Site == d.Centre) {
			return nil
		}
	case StepCompare, StepReceive, StepReject:
		if a.Role == RoleHospital && a.Site == d.Hospital {
			return nil
		}
	case StepCancel:
		if a.Role == RoleDispatcher || a.Role == RoleHospital && a.Site == d.Hospital {
			return nil
		}
	case StepLand: // people say so of a drone that cannot be heard
		if a == System || a.Role == RoleHospital && a.Site == d.Hospital || a.Role == RoleDispatcher && (a.Site == "" || a.Site == d.Centre) {
			return nil
		}
	case StepTakeOff, StepReturn, StepDivert:
		if a == System {
			return nil
		}
	}
	return ErrForbidden
}

// Apply decides a step: what to write, or why not. It changes nothing itself.
func (d Delivery) Apply(a Actor, step Step, scan Scan, now time.Time) (Change, error) {
	if err := d.may(a, step); err != nil {
		return Change{}, err
	}
	next, err := d.Status.next(step)
	if err != nil {
		return Change{}, err
	}
	c := Change{Custody: CustodyEvent{Step: step, Actor: a.Login, At: now, Detail: scan.Note}}
	switch step {
	case StepCheck:
		if d.TwoPersons && a.Login == d.AllocatedBy {
			return Change{}, ErrSamePerson
		}
		c.Status, c.CheckedBy = next, a.Login
	case StepPack:
		return d.pack(c, next, scan.Unit)
	case StepSeal:
		if !sealForm.MatchString(scan.Seal) {
			return Change{}, FieldError{"seal", "is not 4 to 32 capital letters, digits or hyphens"}
		}
		c.Status, c.Seal, c.UnitsBecome, c.Custody.Scan = next, scan.Seal, Issued, scan.Seal
	case StepLoad:
		if _, ok := find(d.Boxes, func(b DeliveryBox) bool { return b.Box == scan.Box }); !ok {
			return Change{}, ScanError{Step: "load", Got: string(scan.Box), Want: "box " + d.boxList()}
		}
		c.Status, c.Custody.Scan = next, string(scan.Box)
	case StepCompare:
		if scan.Seal != d.Seal {
			return Change{}, ScanError{Step: "compare seal", Got: scan.Seal, Want: d.Seal}
		}
		c.Status, c.Custody.Scan = next, scan.Seal
	case StepReceive:
		c, err = d.judge(c, next, scan.Unit, Received)
		return d.unlessReplaced(c), err
	case StepReject:
		if strings.TrimSpace(scan.Note) == "" {
			return Change{}, FieldError{"note", "must say why"}
		}
		c, err = d.judge(c, next, scan.Unit, Quarantined)
		return d.unlessReplaced(c), err
	case StepCancel:
		c.Status, c.Release, c.UnitsBecome, c.Mission = next, true, InStock, MAborted
	case StepStandDown: // sealed units are judged again before they are stock
		if strings.TrimSpace(scan.Note) == "" {
			return Change{}, FieldError{"note", "must say why"}
		}
		c.Status, c.Release, c.UnitsBecome, c.Mission, c.Request = next, true, Quarantined, MAborted, Open
	case StepFree:
		if strings.TrimSpace(scan.Note) == "" {
			return Change{}, FieldError{"note", "must say why"}
		}
		c.Status, c.Release, c.UnitsBecome, c.Mission, c.Request = next, true, InStock, MAborted, Open
	case StepBreak:
		return d.broken(c, next, scan)
	case StepGiveUp:
		if strings.TrimSpace(scan.Note) == "" {
			return Change{}, FieldError{"note", "must say why"}
		}
		if d.GivenUp() {
			return Change{}, StateError{"the delivery", "given up", string(step)}
		}
		c.GiveUp, c.Request = true, Open
	case StepKeep:
		if !d.GivenUp() {
			return Change{}, StateError{"the delivery", "not given up", string(step)}
		}
		c.Keep, c.Request, c.RequestFrom = true, Allocated, []RequestStatus{Open}
	case StepReturn:
		c.Status, c.Release, c.UnitsBecome, c.Request = next, true, Quarantined, Open
	case StepLose:
		if !d.GivenUp() {
			return Change{}, StateError{"the delivery", "not given up", "written off"}
		}
		c.Status, c.UnitsBecome, c.Mission = next, Discarded, MAborted // its boxes stay out of service
	case StepFind: // the request has long been another's
		c.Status, c.Release, c.UnitsBecome = next, true, Quarantined
	case StepDivert:
		c.Status, c.Release, c.Request = next, true, Open
	case StepExchange: // a loaded box comes out of its drone
		if c.Mission, c.Custody.Scan = MAborted, string(scan.Drone); d.GivenUp() {
			return Change{}, StateError{"the delivery", "given up", "exchanged"}
		}
		if d.Status == DLoaded {
			c.Status = DSealed
		}
	case StepTakeOff, StepLand:
		c.Status = next
	}
	return d.unlessReplaced(c), nil
}

// GivenUp reports whether another delivery may serve the request.
func (d Delivery) GivenUp() bool { return !d.GivenUpAt.IsZero() }

// unlessReplaced leaves the request of a delivery that was given up to the one that
// serves it instead; while there is none, units that arrive all the same fulfil it.
func (d Delivery) unlessReplaced(c Change) Change {
	switch {
	case !d.GivenUp() || c.Keep:
	case c.Request == Fulfilled:
		c.RequestFrom = []RequestStatus{Open, ByRoad}
	default:
		c.Request = ""
	}
	return c
}

// broken sets one unit aside and frees the others: the request is planned anew.
func (d Delivery) broken(c Change, next DeliveryStatus, scan Scan) (Change, error) {
	if strings.TrimSpace(scan.Note) == "" {
		return Change{}, FieldError{"note", "must say why"}
	}
	if err := scan.Unit.Check(); err != nil {
		return Change{}, err
	}
	if _, ok := find(d.Units, func(u DeliveryUnit) bool { return u.Unit.Key == scan.Unit }); !ok {
		return Change{}, ScanError{Step: string(StepBreak), Got: scan.Unit.String(), Want: d.unitList(func(DeliveryUnit) bool { return true })}
	}
	c.Status, c.Release, c.UnitsBecome, c.Mission, c.Request = next, true, InStock, MAborted, Open
	c.Suspect, c.Custody.Scan = []UnitKey{scan.Unit}, scan.Unit.String()
	return c, nil
}

// pack takes one unit into the box; the last one leads on.
func (d Delivery) pack(c Change, next DeliveryStatus, key UnitKey) (Change, error) {
	if err := key.Check(); err != nil {
		return Change{}, err
	}
	u, ok := find(d.Units, func(u DeliveryUnit) bool { return u.Unit.Key == key })
	if !ok {
		return Change{}, ScanError{Step: "pack", Got: key.String(), Want: d.unitList(func(u DeliveryUnit) bool { return u.PackedAt.IsZero() })}
	}
	if !u.PackedAt.IsZero() {
		return Change{}, ScanError{Step: "pack", Got: key.String() + " again", Want: d.unitList(func(u DeliveryUnit) bool { return u.PackedAt.IsZero() })}
	}
	c.Packed, c.Custody.Scan = &key, key.String()
	if d.count(func(u DeliveryUnit) bool { return u.PackedAt.IsZero() }) == 1 {
		c.Status = next
	}
	return c, nil
}

// judge notes one unit's outcome; the last one closes the delivery.
func (d Delivery) judge(c Change, next DeliveryStatus, key UnitKey, outcome UnitStatus) (Change, error) {
	if err := key.Check(); err != nil {
		return Change{}, err
	}
	u, ok := find(d.Units, func(u DeliveryUnit) bool { return u.Unit.Key == key })
	if !ok || u.Outcome != "" {
		return Change{}, ScanError{Step: string(c.Custody.Step), Got: key.String(), Want: d.unitList(func(u DeliveryUnit) bool { return u.Outcome == "" })}
	}
	c.Outcome, c.Judged, c.Custody.Scan = outcome, []UnitKey{key}, key.String()
	if d.count(func(u DeliveryUnit) bool { return u.Outcome == "" }) > 1 {
		return c, nil
	}
	c.Status, c.Release, c.Request = next, true, Fulfilled
	if outcome == Quarantined && d.count(func(u DeliveryUnit) bool { return u.Outcome == Received }) == 0 {
		c.Status, c.Request = DRejected, Open // the need stands
	}
	return c, nil
}

func (d Delivery) count(ok func(DeliveryUnit) bool) int {
	n := 0
	for _, u := range d.Units {
		if ok(u) {
			n++
		}
	}
	return n
}

func (d Delivery) unitList(ok func(DeliveryUnit) bool) string {
	var keys []string
	for _, u := range d.Units {
		if ok(u) {
			keys = append(keys, u.Unit.Key.String())
		}
	}
	if len(keys) == 0 {
		return "no further unit"
	}
	return fmt.Sprintf("one of %s", strings.Join(keys, ", "))
}

func (d Delivery) boxList() string {
	ids := make([]string, len(d.Boxes))
	for i, b := range d.Boxes {
		ids[i] = string(b.Box)
	}
	return strings.Join(ids, " or ")
}
