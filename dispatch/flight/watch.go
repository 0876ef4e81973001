package flight

import (
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Take gives a flight to a controller: one that nobody has, that is offered to them, or that
// they say whom they take from, so that of two who press at once the second is told.
func Take(m delivery.Mission, by network.Actor, from string, now time.Time) (delivery.FlightWatch, error) {
	if err := mayWatch(m, by); err != nil {
		return m.Watch, err
	}
	has, offered := m.Watch.By, m.Watch.Offered
	switch {
	case has == by.Login && offered == "":
		return m.Watch, nil
	case has == "" || has == by.Login || offered == by.Login || offered == delivery.Anybody || from == has:
		return delivery.FlightWatch{By: by.Login, Since: now}, nil
	}
	return m.Watch, refusal.OfState("the flight", "with "+has, "taken")
}

// Offer has a controller's flight be handed over: to somebody, or to anybody. It stays theirs
// until it is taken; to is empty to keep it after all.
func Offer(m delivery.Mission, by network.Actor, to string) (delivery.FlightWatch, error) {
	if err := mayWatch(m, by); err != nil {
		return m.Watch, err
	}
	w := m.Watch
	switch {
	case w.By != by.Login:
		return w, refusal.OfState("the flight", "not yours", "handed over")
	case to == by.Login:
		return w, refusal.OfField("to", "is yourself")
	}
	w.Offered = to
	return w, nil
}

func mayWatch(m delivery.Mission, by network.Actor) error {
	if err := delivery.Permit(by, delivery.OpWatch, m.Centre); err != nil {
		return err
	}
	if !m.Status.Active() {
		return refusal.OfState("the mission", string(m.Status), "watched")
	}
	return nil
}
