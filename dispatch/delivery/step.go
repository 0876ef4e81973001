package delivery

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// Scan is what a person scanned or typed for a step.
type Scan struct {
	Unit  blood.UnitKey      // pack, receive, quarantine
	Group blood.Group        // as the bag's label says it, where that was scanned; without RhD, its ABO half
	Bars  string             // what on the label keeps the bag from use; empty where nothing does
	Box   telemetry.DeviceID // load
	Drone telemetry.DeviceID // exchange: the other one
	Seal  string             // seal, compare_seal
	Pad   network.PadID      // pad_clear, pad_taken: which one was looked at
	Note  string             // the reason, for quarantine and cancel
	// Unconfirmed is of a person who did not show again that it is them: what ends a delivery at
	// the ward is refused then.
	Unconfirmed bool
}

var sealForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{3,31}$`)

// Permit refuses a step on this delivery to an actor who may not do it. What both sites
// may do, each may do on its own.
func (d Delivery) Permit(a network.Actor, step Step) error {
	return Permit(a, OfStep(step), d.Centre, d.Hospital)
}

// Apply decides a step: what to write, or why not. It changes nothing itself.
func (d Delivery) Apply(a network.Actor, step Step, scan Scan, now time.Time) (Change, error) {
	if err := d.Permit(a, step); err != nil {
		return Change{}, err
	}
	next, err := d.Status.Next(step)
	if err != nil {
		return Change{}, err
	}
	if step.needsReason() && blank(scan.Note) {
		return Change{}, refusal.OfField("note", "must say why")
	}
	c := Change{Custody: CustodyEvent{Step: step, Actor: a.Login, At: now, Detail: scan.Note}}
	if slices.Contains(outward, step) {
		c, err = d.prepare(c, next, scan)
	} else {
		c, err = d.end(c, next, scan)
	}
	if err != nil {
		return Change{}, err
	}
	return d.unlessReplaced(c), nil
}

// outward are the steps of a delivery that goes as it should.
var outward = []Step{
	StepCheck, StepPack, StepSeal, StepLoad, StepTakeOff, StepPadClear, StepPadTaken, StepLand, StepCompare, StepReceive, StepReject,
}

// needsReason reports whether a step is done only with a reason for it.
func (s Step) needsReason() bool {
	return s.Frees() || s == StepReject || s == StepGiveUp || s == StepPadTaken
}

// prepare decides a step on the way from stock to the ward.
func (d Delivery) prepare(c Change, next Status, scan Scan) (Change, error) {
	switch c.Custody.Step {
	case StepCheck:
		if d.TwoPersons && c.Custody.Actor == d.AllocatedBy {
			return c, refusal.ErrSamePerson
		}
		c.Status, c.CheckedBy = next, c.Custody.Actor
	case StepPack:
		return d.pack(c, next, scan)
	case StepSeal:
		if !sealForm.MatchString(scan.Seal) {
			return c, refusal.OfField("seal", "is not 4 to 32 capital letters, digits or hyphens")
		}
		c.Status, c.Seal, c.UnitsBecome, c.Custody.Scan = next, scan.Seal, blood.Issued, scan.Seal
	case StepLoad:
		if !slices.ContainsFunc(d.Boxes, func(b Box) bool { return b.Box == scan.Box }) {
			return c, refusal.OfScan("load", string(scan.Box), "box "+d.boxList())
		}
		c.Status, c.Custody.Scan = next, string(scan.Box)
	case StepCompare:
		if scan.Seal != d.Seal {
			return c, refusal.OfScan("compare seal", scan.Seal, d.Seal)
		}
		c.Status, c.Custody.Scan = next, scan.Seal
	case StepReceive:
		return d.judge(c, next, scan, blood.Received)
	case StepReject:
		return d.judge(c, next, scan, blood.Quarantined)
	case StepTakeOff, StepLand:
		c.Status = next
	case StepPadClear:
		if w := d.PadWord; w.Taken && w.By != c.Custody.Actor && blank(scan.Note) {
			return c, refusal.OfField("note", "must say why: "+w.By+" said that the pad is taken")
		}
		c.PadWord, c.Custody.Scan = &PadWord{By: c.Custody.Actor, At: c.Custody.At, Pad: scan.Pad}, string(scan.Pad)
	case StepPadTaken:
		c.PadWord, c.Custody.Scan = &PadWord{By: c.Custody.Actor, At: c.Custody.At, Pad: scan.Pad, Taken: true}, string(scan.Pad)
	default:
	}
	return c, nil
}

// end decides a step by which a delivery ends otherwise, or changes hands.
func (d Delivery) end(c Change, next Status, scan Scan) (Change, error) {
	c.Status = next
	switch step := c.Custody.Step; step {
	case StepCancel:
		c.Release, c.UnitsBecome, c.Mission = true, blood.InStock, MAborted
	case StepStandDown: // sealed units are judged again before they are stock
		c.Release, c.UnitsBecome, c.Mission, c.Request = true, blood.Quarantined, MAborted, Open
	case StepFree:
		c.Release, c.UnitsBecome, c.Mission, c.Request = true, blood.InStock, MAborted, Open
	case StepBreak:
		return d.broken(c, scan)
	case StepGiveUp:
		if d.GivenUp() {
			return c, refusal.OfState("the delivery", "given up", deliverySteps[step].done)
		}
		c.GiveUp, c.Request = true, Open
	case StepKeep:
		if !d.GivenUp() {
			return c, refusal.OfState("the delivery", "not given up", deliverySteps[step].done)
		}
		c.Keep, c.Request, c.RequestFrom = true, Allocated, []RequestStatus{Open}
	case StepReturn:
		c.Release, c.UnitsBecome, c.Request = true, blood.Quarantined, Open
	case StepLose:
		if !d.GivenUp() {
			return c, refusal.OfState("the delivery", "not given up", "written off")
		}
		c.UnitsBecome, c.Mission = blood.Discarded, MAborted // its boxes stay out of service
	case StepFind: // the request has long been another's
		c.Release, c.UnitsBecome = true, blood.Quarantined
	case StepDivert:
		c.Release, c.Request = true, Open
	case StepExchange: // a loaded box comes out of its drone
		if c.Mission, c.Custody.Scan = MAborted, string(scan.Drone); d.GivenUp() {
			return c, refusal.OfState("the delivery", "given up", "exchanged")
		}
		if d.Status == DLoaded {
			c.Status = DSealed
		}
	default:
	}
	return c, nil
}

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
func (d Delivery) broken(c Change, scan Scan) (Change, error) {
	if err := scan.Unit.Check(); err != nil {
		return c, err
	}
	if _, ok := lo.Find(d.Units, func(u Unit) bool { return u.Unit.Key == scan.Unit }); !ok {
		return c, refusal.OfScan(string(StepBreak), scan.Unit.String(), d.unitList(func(Unit) bool { return true }))
	}
	c.Release, c.UnitsBecome, c.Mission, c.Request = true, blood.InStock, MAborted, Open
	c.Suspect, c.Custody.Scan = []blood.UnitKey{scan.Unit}, scan.Unit.String()
	return c, nil
}

// pack takes one unit into the box; the last one leads on.
func (d Delivery) pack(c Change, next Status, scan Scan) (Change, error) {
	key := scan.Unit
	if err := key.Check(); err != nil {
		return Change{}, err
	}
	u, ok := lo.Find(d.Units, func(u Unit) bool { return u.Unit.Key == key })
	if !ok {
		return Change{}, refusal.Scan{Step: "pack", Got: key.String(), Want: d.unitList(func(u Unit) bool { return u.PackedAt.IsZero() })}
	}
	if !u.PackedAt.IsZero() {
		return Change{}, refusal.Scan{
			Step: "pack",
			Got:  key.String() + " again",
			Want: d.unitList(func(u Unit) bool { return u.PackedAt.IsZero() }),
		}
	}
	if err := scan.speaksFor(u.Unit, "pack"); err != nil {
		return Change{}, err
	}
	c.Packed, c.Custody.Scan = &key, key.String()
	if d.count(func(u Unit) bool { return u.PackedAt.IsZero() }) == 1 {
		c.Status = next
	}
	return c, nil
}

// judge notes one unit's outcome; the last one closes the delivery.
func (d Delivery) judge(c Change, next Status, scan Scan, outcome blood.UnitStatus) (Change, error) {
	key := scan.Unit
	if err := key.Check(); err != nil {
		return Change{}, err
	}
	u, ok := lo.Find(d.Units, func(u Unit) bool { return u.Unit.Key == key })
	if !ok || u.Outcome != "" {
		return Change{}, refusal.Scan{
			Step: string(c.Custody.Step),
			Got:  key.String(),
			Want: d.unitList(func(u Unit) bool { return u.Outcome == "" }),
		}
	}
	if outcome == blood.Received {
		if err := scan.speaksFor(u.Unit, string(c.Custody.Step)); err != nil {
			return Change{}, err
		}
	}
	c.Outcome, c.Judged, c.Custody.Scan = outcome, []blood.UnitKey{key}, key.String()
	if d.count(func(u Unit) bool { return u.Outcome == "" }) > 1 {
		return c, nil
	}
	if scan.Unconfirmed {
		return Change{}, refusal.ErrUnconfirmed
	}
	c.Status, c.Release, c.Request = next, true, Fulfilled
	if outcome == blood.Quarantined && d.count(func(u Unit) bool { return u.Outcome == blood.Received }) == 0 {
		c.Status, c.Request = DRejected, Open // the need stands
	}
	return c, nil
}

// speaksFor refuses a bag whose label says another group than the record, or that it is
// not for any patient: one of the two is wrong, and a person must find out which.
func (s Scan) speaksFor(u blood.Unit, step string) error {
	switch {
	case !u.Group.Reads(s.Group):
		want := fmt.Sprintf("group %s, as the record says; set the unit aside", u.Group)
		return refusal.OfScan(step, fmt.Sprintf("%s of group %s", u.Key, s.Group), want)
	case s.Bars != "":
		return refusal.OfScan(step, fmt.Sprintf("%s, of which the label says: %s", u.Key, s.Bars), "a unit for any patient; set this one aside")
	}
	return nil
}

func (d Delivery) count(ok func(Unit) bool) int {
	n := 0
	for _, u := range d.Units {
		if ok(u) {
			n++
		}
	}
	return n
}

func (d Delivery) unitList(ok func(Unit) bool) string {
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
