package dispatch

import (
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
)

// layout is the network as it is planned with, and the airspace above it. Another one takes
// its place; only zones come to its airspace, and go.
type layout struct {
	stated   *network.Network
	limited  *network.Network // by the policy
	airspace *situation.Airspace
	zones    []airspace.Zone // that it began with
	seq      uint64          // of the event that made it so
}

// newLayout looks whether a network can be planned with: an error names a class that the
// policy limits and that there is not, or a zone that cannot be planned around.
func newLayout(stated *network.Network, policy propose.Policy, zones []airspace.Zone) (*layout, error) {
	limited, err := policy.Limit(stated)
	if err != nil {
		return nil, err
	}
	space, err := situation.NewAirspace(limited, zones)
	return &layout{stated: stated, limited: limited, airspace: space, zones: zones}, err
}
