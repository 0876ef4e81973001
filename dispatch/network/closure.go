package network

import (
	"fmt"
	"strings"
	"time"

	"github.com/samber/lo"

	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// Closure is a site, one of its pads, a drone or a box out of service for a while,
// half-open. Nothing leaves a closed centre, nothing is to land on a closed pad, and a
// closed drone or box leaves nowhere; what is in the air flies on.
type Closure struct {
	ID          int64
	Site        SiteID             // of a drone its centre, of a box where it stood when the network was read
	Pad         PadID              // empty: the whole site, or the device
	Device      telemetry.DeviceID // empty: the site or pad
	Reason      string
	By          string // login
	ByRole      Role   // and in which role, of which site
	BySite      SiteID
	From, Until time.Time
}

const (
	maxClosedFor = 7 * 24 * time.Hour
	maxReason    = 200 // bytes
)

// Check refuses a closure that makes no sense, naming the field.
func (c Closure) Check(n *Network, now time.Time) error {
	if err := c.checkPlace(n); err != nil {
		return err
	}
	if r := strings.TrimSpace(c.Reason); r == "" || len(r) > maxReason {
		return refusal.OfField("reason", fmt.Sprintf("is empty or longer than %d bytes", maxReason))
	}
	if !c.Until.After(now) || c.Until.After(now.Add(maxClosedFor)) {
		return refusal.OfField("until", "is not within seven days from now")
	}
	return nil
}

// mostClosed is how many closures of one person may be in force.
const mostClosed = 100

// CheckRoom refuses another closure to a person who has as many in force as one may.
func (c Closure) CheckRoom(inForce []Closure) error {
	own := 0
	for _, x := range inForce {
		if x.By == c.By {
			own++
		}
	}
	if own >= mostClosed {
		return refusal.OfState("the list", fmt.Sprintf("full with %d closures by %s", own, c.By), "given another")
	}
	return nil
}

func (c Closure) checkPlace(n *Network) error {
	if c.Device != "" {
		if c.Site != "" || c.Pad != "" {
			return refusal.OfField("device", "does not go with a site or pad: it is closed wherever it stands")
		}
		if _, ok := n.Home(c.Device); !ok {
			return refusal.OfField("device", fmt.Sprintf("%q is neither a drone nor a box of this network", c.Device))
		}
		return nil
	}
	site, ok := n.Site(c.Site)
	if !ok || site.Kind == DonationHouse {
		return refusal.OfField("site", fmt.Sprintf("%q is neither a blood centre nor a hospital of this network", c.Site))
	}
	if pad, ok := n.Pad(c.Pad); c.Pad != "" && (!ok || pad.Site != c.Site) {
		return refusal.OfField("pad", fmt.Sprintf("%q is not a pad of %s", c.Pad, c.Site))
	}
	return nil
}

// PadClosed returns what keeps a pad closed at some time between two.
func PadClosed(list []Closure, p Pad, from, to time.Time) (Closure, bool) {
	return lo.Find(list, func(c Closure) bool {
		return c.Covers(p) && c.From.Before(to) && from.Before(c.Until)
	})
}

// Covers reports whether a closure is of a pad, or of its whole site.
func (c Closure) Covers(p Pad) bool {
	return c.Device == "" && c.Site == p.Site && (c.Pad == "" || c.Pad == p.ID)
}

func (c Closure) holdsAt(at time.Time) bool { return !at.Before(c.From) && at.Before(c.Until) }

// SiteClosed returns what keeps a whole site closed at a time.
func SiteClosed(list []Closure, s SiteID, at time.Time) (Closure, bool) {
	return lo.Find(list, func(c Closure) bool { return c.Device == "" && c.Site == s && c.Pad == "" && c.holdsAt(at) })
}

// DeviceClosed returns what keeps a drone or box closed at a time.
func DeviceClosed(list []Closure, id telemetry.DeviceID, at time.Time) (Closure, bool) {
	return lo.Find(list, func(c Closure) bool { return c.Device == id && c.holdsAt(at) })
}

// Says reports whether a closure says already what another would: the same person, thing
// and reason, for at least as long.
func (c Closure) Says(other Closure) bool {
	return c.Site == other.Site && c.Pad == other.Pad && c.Device == other.Device && c.By == other.By && c.Reason == other.Reason &&
		!c.Until.Before(other.Until)
}
