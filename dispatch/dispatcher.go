package dispatch

import (
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
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
	layDesk
	networkDesk
	documentDesk
	upkeepDesk
}

// New returns a dispatcher; Restore and Run must follow. An error names a zone that
// cannot be planned around, or a limit of the policy for a class that there is not.
func New(p Parts) (*Dispatcher, error) {
	first, err := newLayout(p.Network, p.Sets.At(p.Now()), p.Compat, notPast(p.Network.Zones, p.Now()))
	if err != nil {
		return nil, fmt.Errorf("dispatch: %w", err)
	}
	d := &desk{
		Parts: p, zones: first.zones, stated: p.Network,
		rounds: newRounds(), wake: make(chan struct{}, 1), news: make(chan struct{}, 1), judged: map[delivery.ID]judged{},
		touched: map[airspace.ZoneID][]situation.Touched{},
		noted:   situation.Noted{RetryAt: map[delivery.MissionID]time.Time{}},
	}
	d.layout.Store(first)
	d.decided.take(p.Sets, nil)
	flights, places := flightDesk{d}, placeDesk{d}
	lays := layDesk{d, flights, places}
	return &Dispatcher{
		desk:         d,
		requestDesk:  requestDesk{d},
		stockDesk:    stockDesk{d},
		deliveryDesk: deliveryDesk{d, flights, places},
		flightDesk:   flights,
		coldDesk:     coldDesk{d},
		placeDesk:    places,
		alarmDesk:    alarmDesk{d},
		layDesk:      lays,
		networkDesk:  networkDesk{lays},
		documentDesk: documentDesk{lays},
		upkeepDesk:   upkeepDesk{d},
	}, nil
}
