package dispatch

import (
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
)

// Dispatcher is the desk of one network. Its methods are safe for concurrent use; only
// Run plans by itself.
type Dispatcher struct {
	*desk
	requestDesk
	stockDesk
	deliveryDesk
	flightDesk
	coldDesk
	placeDesk
	alarmDesk
	networkDesk
}

// New returns a dispatcher; Restore and Run must follow. An error names a zone that
// cannot be planned around, or a limit of the policy for a class that there is not.
func New(p Parts) (*Dispatcher, error) {
	first, err := newLayout(p.Network, p.Policy, notPast(p.Network.Zones, p.Now()))
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	d := &desk{
		Parts: p, rules: propose.Rules{Compat: p.Compat, Policy: p.Policy}, zones: first.zones,
		wake: make(chan struct{}, 1), news: make(chan struct{}, 1), judged: map[delivery.ID]judged{},
		touched: map[airspace.ZoneID][]situation.Touched{},
		noted:   situation.Noted{RetryAt: map[delivery.MissionID]time.Time{}},
	}
	d.layout.Store(first)
	flights, places := flightDesk{d}, placeDesk{d}
	return &Dispatcher{
		desk:         d,
		requestDesk:  requestDesk{d},
		stockDesk:    stockDesk{d},
		deliveryDesk: deliveryDesk{d, flights, places},
		flightDesk:   flights,
		coldDesk:     coldDesk{d},
		placeDesk:    places,
		alarmDesk:    alarmDesk{d},
		networkDesk:  networkDesk{d, flights, places},
	}, nil
}
