package document

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
)

// Kind is what a document rules.
type Kind string

const (
	Policy   Kind = "policy"
	Profiles Kind = "profiles"
)

// Origin is where a version comes from.
type Origin string

const (
	Shipped  Origin = "shipped" // built into the program
	FromFile Origin = "file"    // the operator's, at a start
	ByPerson Origin = "person"
)

// Bounds of a document.
const (
	MaxText     = 256 << 10 // bytes
	MaxDates    = 40        // later ones from which profiles of a version count
	MaxWaiting  = 20        // versions of one kind that nobody has decided about
	longestNote = 400       // characters
	longestWait = 366 * 24 * time.Hour
)

// Version is one version of a document.
type Version struct {
	ID       int64
	Kind     Kind
	Text     string
	Origin   Origin
	By       string // the login of who proposed it; "" unless it is by a person
	At       time.Time
	Reason   string
	Decision *Decision // the last one; nil: nobody has decided
	TookAt   time.Time // when it took effect; zero: it has not
}

// Decision is what somebody decided about a version.
type Decision struct {
	By, NameZH, NameEN string
	At                 time.Time
	Approved           bool
	Note               string
	From               time.Time // from when it counts; of one that counts already, when it took effect
}

// Digest is the SHA-256 of the text, hexadecimal.
func (v Version) Digest() string {
	sum := sha256.Sum256([]byte(v.Text))
	return hex.EncodeToString(sum[:])
}

// State is where a version stands.
type State string

const (
	Waiting    State = "waiting"
	Rejected   State = "rejected"
	Approved   State = "approved" // counts later
	InForce    State = "in_force"
	Superseded State = "superseded"
)

// StateIn is where a version stands among all of its kind.
func (v Version) StateIn(all []Version) State {
	switch {
	case !v.TookAt.IsZero():
		if last, _ := lastOf(all, v.Kind); last.ID != v.ID {
			return Superseded
		}
		return InForce
	case v.Decision == nil:
		return Waiting
	case !v.Decision.Approved:
		return Rejected
	}
	if last, ok := lastOf(all, v.Kind); ok && last.from().After(v.from()) {
		return Superseded // one for a later time has taken effect before it could
	}
	return Approved
}

// lastOf is the version of a kind that took effect last.
func lastOf(all []Version, k Kind) (last Version, ok bool) {
	for _, v := range all {
		if v.Kind == k && !v.TookAt.IsZero() && (!ok || inOrder(last, v) <= 0) {
			last, ok = v, true
		}
	}
	return last, ok
}

// from is the time for which a version was decided, or at which a start loaded it.
func (v Version) from() time.Time {
	if v.Origin == ByPerson && v.Decision != nil {
		return v.Decision.From
	}
	return v.TookAt
}

// inOrder compares versions by when they took effect, and at the same moment by their own times.
func inOrder(a, b Version) int {
	return cmp.Or(a.TookAt.Compare(b.TookAt), a.from().Compare(b.from()))
}

// TextInForce is the text of the version of a kind that counts; "" without one on record.
func TextInForce(all []Version, k Kind) string {
	last, _ := lastOf(all, k)
	return last.Text
}

// Before is the text that a version took the place of, or would take.
func (v Version) Before(all []Version) string {
	if v.TookAt.IsZero() {
		return TextInForce(all, v.Kind)
	}
	earlier := slices.DeleteFunc(slices.Clone(all), func(x Version) bool { return x.ID == v.ID || inOrder(x, v) > 0 })
	return TextInForce(earlier, v.Kind)
}

// Due are the versions that were approved and have not taken effect, in the order of their times.
func Due(all []Version) []Version {
	due := slices.DeleteFunc(slices.Clone(all), func(v Version) bool { return v.StateIn(all) != Approved })
	slices.SortStableFunc(due, func(a, b Version) int { return a.Decision.From.Compare(b.Decision.From) })
	return due
}

// Supersedes is whether a text that the program was started with takes effect: a file that is
// another one than the last that was loaded, and the built-in text where nobody decided anything.
func (v Version) Supersedes(all []Version) bool {
	var loaded *Version
	for i, x := range all {
		if x.Kind == v.Kind && x.Origin != ByPerson {
			loaded = &all[i]
		}
	}
	last, any := lastOf(all, v.Kind)
	if v.Origin == Shipped && any && (last.Origin != Shipped || last.Decision != nil) {
		return false
	}
	return loaded == nil || loaded.Text != v.Text || loaded.Origin != v.Origin
}

// Decide is a decision about a version as its person saw it: it is made complete, or refused. Who
// proposed a version cannot approve it.
func (v Version) Decide(d Decision, digest string, all []Version, now time.Time) (Decision, error) {
	state := v.StateIn(all)
	d.At, d.Note = now, strings.TrimSpace(d.Note)
	switch {
	case digest != v.Digest():
		return d, refusal.ErrChanged
	case utf8.RuneCountInString(d.Note) > longestNote:
		return d, refusal.OfField("note", fmt.Sprintf("is longer than %d characters", longestNote))
	case !d.Approved && d.Note == "":
		return d, refusal.OfField("note", "is needed to reject a version")
	case !d.Approved && (state == Waiting || state == Approved):
		d.From = time.Time{}
		return d, nil
	case !d.Approved:
		return d, refusal.OfState("the version", string(state), "rejected: propose another one")
	case v.By != "" && v.By == d.By:
		return d, refusal.ErrSamePerson
	case state == InForce && v.Decision == nil:
		d.From = v.TookAt
		return d, nil
	case state != Waiting:
		return d, refusal.OfState("the version", string(state), "approved")
	case d.From.IsZero():
		d.From = now
	case d.From.Before(now.Add(-time.Minute)):
		return d, refusal.OfField("from", "is past")
	case d.From.After(now.Add(longestWait)):
		return d, refusal.OfField("from", "is more than a year away")
	}
	if d.From.Before(now) {
		d.From = now
	}
	return d, nil
}

// Check refuses a version that cannot be proposed, beside all there are.
func (v Version) Check(all []Version) error {
	if err := delivery.CheckWhy(v.Reason); err != nil {
		return err
	}
	waiting := 0
	for _, x := range all {
		switch x.StateIn(all) {
		case Waiting:
			if x.Kind == v.Kind {
				waiting++
			}
		case InForce:
			if x.Kind == v.Kind && x.Text == v.Text {
				return refusal.OfField("text", "is the version that is in force")
			}
		case Rejected, Approved, Superseded:
		}
	}
	if waiting >= MaxWaiting {
		return refusal.OfField("kind", fmt.Sprintf("has %d versions that nobody has decided about: decide first", waiting))
	}
	return nil
}
