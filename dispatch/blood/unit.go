package blood

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"hemolift/dispatch/refusal"
)

// UnitKey identifies one bag. The DIN alone names a donation, of which there may
// be several bags.
type UnitKey struct {
	DIN         string // 13 characters, without flags and check character
	ProductCode string // 8 characters
	Division    string // of data structure 032, usually empty
}

func (k UnitKey) String() string { return k.DIN + " " + k.ProductCode + k.Division }

var (
	dinForm      = regexp.MustCompile(`^[A-NP-Z1-9][A-NP-Z0-9]{4}[0-9]{8}$`)
	productForm  = regexp.MustCompile(`^[A-Z][A-Z0-9]{4}[0-9A-Za-z]{3}$`)
	divisionForm = regexp.MustCompile(`^[A-Z0-9]{0,6}$`)
)

// Check refuses a key that is not of the form of ISBT 128 (ST-001, 2.4.1).
func (k UnitKey) Check() error {
	if !dinForm.MatchString(k.DIN) {
		return refusal.OfField("din", "is not a 13-character donation identification number")
	}
	if !productForm.MatchString(k.ProductCode) {
		return refusal.OfField("product_code", "is not an 8-character product code: a capital letter, four capitals or digits, and three more")
	}
	if !divisionForm.MatchString(k.Division) {
		return refusal.OfField("division", "is not at most 6 capital letters and digits")
	}
	return nil
}

// SiteID names a site of the network. It stands here since a unit always lies at one.
type SiteID string

// UnitStatus is where a bag is in its life.
type UnitStatus string

const (
	InStock     UnitStatus = "in_stock"
	InTransit   UnitStatus = "in_transit" // to another centre by road; its site is that centre
	Reserved    UnitStatus = "reserved"   // for one delivery
	Issued      UnitStatus = "issued"     // sealed in a box
	Received    UnitStatus = "received"
	Quarantined UnitStatus = "quarantined"
	Discarded   UnitStatus = "discarded"
)

// Unit is one bag.
type Unit struct {
	Key       UnitKey
	Component Component
	Group     Group
	MassG     int
	ExpiresAt time.Time
	Site      SiteID
	Status    UnitStatus
}

// Check refuses a unit that cannot enter stock.
func (u Unit) Check(now time.Time) error {
	if err := u.Key.Check(); err != nil {
		return err
	}
	if !slices.Contains(components, u.Component) {
		return refusal.OfField("component", fmt.Sprintf("%q is unknown", u.Component))
	}
	if !slices.Contains(donorGroups, u.Group) {
		return refusal.OfField("blood_group", fmt.Sprintf("%q is not a unit's group", u.Group))
	}
	if u.MassG < 10 || u.MassG > 2000 {
		return refusal.OfField("mass_g", "is not within 10 to 2000")
	}
	if !u.ExpiresAt.After(now) {
		return refusal.OfField("expires_at", "has passed")
	}
	return nil
}
