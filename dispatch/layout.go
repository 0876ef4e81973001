package dispatch

import (
	"hemolift/dispatch/blood"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
)

// layout is the network as it is planned with, the airspace above it, and what the blood
// service decided that counts there. Another one takes its place; only zones come to its
// airspace, and go.
type layout struct {
	stated   *network.Network
	limited  *network.Network // by the policy
	set      document.Set
	rules    propose.Rules
	airspace *situation.Airspace
	zones    []airspace.Zone // that it began with
}

// newLayout looks whether a network can be planned with: an error names a class that the
// policy limits and that there is not, or a zone that cannot be planned around.
func newLayout(stated *network.Network, set document.Set, compat blood.Compatibility, zones []airspace.Zone) (*layout, error) {
	limited, err := set.Policy.Limit(stated)
	if err != nil {
		return nil, err
	}
	space, err := situation.NewAirspace(limited, zones)
	l := layout{stated: stated, limited: limited, set: set, airspace: space, zones: zones}
	l.rules = propose.Rules{Compat: compat, Policy: set.Policy}
	return &l, err
}
