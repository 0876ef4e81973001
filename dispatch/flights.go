package dispatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/upkeep"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// flightDesk serves flight control, and what drones report.
type flightDesk struct{ *desk }

// FlyOnce moves every active mission on, tells what stands, and sends what waits to be
// sent. Run calls it; a simulation on a virtual clock may call it instead.
func (d flightDesk) FlyOnce(ctx context.Context, now time.Time) error {
	expired, err := d.Commands.Expire(ctx, now)
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	s, err := d.observe(ctx, now)
	if err != nil {
		return err
	}
	errs := []error{d.carryOut(ctx, s, flight.Unanswered(s, expired))}
	if missed := flight.Missed(s); len(missed) > 0 {
		for _, e := range missed {
			errs = append(errs, d.phase(ctx, e))
		}
		if s, err = d.observe(ctx, now); err != nil { // the missions have moved on
			return errors.Join(append(errs, err)...)
		}
	}
	_, err = d.look(ctx, s)
	errs = append(errs, err, d.gauge(ctx, s))
	actions := flight.Next(s)
	errs = append(errs, d.carryOut(ctx, s, actions))
	if len(actions) > 0 {
		if s, err = d.observe(ctx, now); err != nil { // with what is to be sent now
			return errors.Join(append(errs, err)...)
		}
	}
	return errors.Join(append(errs, d.carryOut(ctx, s, flight.Pending(s)))...)
}

// OnTelemetry acts on what telemetry observed, in the order in which it is given.
func (d flightDesk) OnTelemetry(ctx context.Context, events []telemetry.Event) {
	for _, e := range events {
		var err error
		switch e.Kind {
		case telemetry.PhaseChanged:
			err = d.phase(ctx, e)
		case telemetry.TempChanged:
			err = d.tellBox(ctx, e)
		default:
			err = d.tell(ctx, e)
		}
		if err != nil {
			d.Logger.ErrorContext(ctx, "act on what was heard", "device", e.Device, "err", err)
		}
	}
}

// phase moves the drone's mission and its deliveries by what the drone did.
func (d flightDesk) phase(ctx context.Context, e telemetry.Event) error {
	if !e.Status.Phase.InAir() {
		d.logFlights(ctx, d.Now(), e.Device)
	}
	id := delivery.MissionID(e.Status.Mission)
	if id == "" {
		return nil
	}
	came, err := d.cameBack(ctx, id, e)
	if err != nil {
		return err
	}
	s := d.picture(d.Now())
	var moved delivery.Mission
	var payload []delivery.Delivery
	events, err := d.Books.Change(ctx, delivery.Keys{Mission: id}, func(b *delivery.Book) error {
		payload = b.Payload(id)
		c, err := flight.Phase(s, *b.Missions[id], payload, e, came)
		if err != nil {
			return err
		}
		err = b.Fly(id, c, e.At)
		moved = *b.Missions[id]
		return err
	})
	if errors.Is(err, refusal.ErrNotFound) || err == nil && events == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("phase of flight: %w", err)
	}
	d.settle(ctx, s.At)
	d.publish()
	d.learn(ctx, s, moved, payload, e)
	if flight.LeftGivenUp(moved, payload) {
		d.callHome(ctx, network.System, moved, payload)
	}
	return nil
}

// callHome orders a drone that can be heard back; should that fail, people see the drone
// where it is and may order it again.
func (d flightDesk) callHome(ctx context.Context, a network.Actor, m delivery.Mission, payload []delivery.Delivery) {
	if !flight.CalledHome(d.picture(d.Now()), m, payload) {
		return
	}
	if err := d.order(ctx, a, d.picture(d.Now()), m.ID, flight.Order{Kind: telemetry.Return}); err != nil {
		d.Logger.WarnContext(ctx, "call home", "mission", m.ID, "err", err)
	}
}

// TakeFlight gives a flight to a controller; from is whom they take it from, where it is not
// offered to them.
func (d flightDesk) TakeFlight(ctx context.Context, a network.Actor, id delivery.MissionID, from string) error {
	return d.watch(ctx, a, id, "taken", func(m delivery.Mission) (delivery.FlightWatch, error) { return flight.Take(m, a, from, d.Now()) })
}

// OfferFlight has a controller's flight be handed over to somebody, to delivery.Anybody, or
// to nobody after all.
func (d flightDesk) OfferFlight(ctx context.Context, a network.Actor, id delivery.MissionID, to string) error {
	return d.watch(ctx, a, id, "offered", func(m delivery.Mission) (delivery.FlightWatch, error) { return flight.Offer(m, a, to) })
}

func (d flightDesk) watch(
	ctx context.Context, a network.Actor, id delivery.MissionID, what string, decide func(delivery.Mission) (delivery.FlightWatch, error),
) error {
	if !delivery.May(a, delivery.OpWatch) {
		return refusal.ErrForbidden
	}
	return d.change(ctx, delivery.Keys{Mission: id}, func(b *delivery.Book) error {
		m := b.Missions[id]
		w, err := decide(*m)
		if err != nil || w == m.Watch {
			return err
		}
		b.Added.Events = append(b.Added.Events, delivery.Event{
			At: d.Now(), Kind: delivery.EvMission, Actor: a.Login, Subject: string(id),
			Detail: map[string]string{"what": what, "from": m.Watch.By, "offered": w.Offered},
		})
		m.Watch = w
		return nil
	})
}

// notesShown is how many notes are read back.
const notesShown = 20

// WriteNote leaves a note to the next shift.
func (d flightDesk) WriteNote(ctx context.Context, a network.Actor, text string) error {
	if err := delivery.Permit(a, delivery.OpNote); err != nil {
		return err
	}
	note, err := delivery.NewNote(a, text, d.Now())
	if err != nil {
		return err
	}
	if err := d.Log.Append(ctx, note); err != nil {
		return fmt.Errorf("write note: %w", err)
	}
	d.announce()
	return nil
}

// Notes are the newest that shifts left to one another.
func (d flightDesk) Notes(ctx context.Context, a network.Actor) ([]delivery.Note, error) {
	if err := delivery.Permit(a, delivery.OpReadNotes); err != nil {
		return nil, err
	}
	events, err := d.Log.Notes(ctx, notesShown)
	if err != nil {
		return nil, fmt.Errorf("notes: %w", err)
	}
	return delivery.Notes(events), nil
}

// Command is a person's order to a drone in flight. The flight loop sends it.
func (d flightDesk) Command(ctx context.Context, a network.Actor, id delivery.MissionID, o flight.Order) error {
	if !delivery.May(a, delivery.OpCommand) {
		return refusal.ErrForbidden
	}
	if o.Kind == telemetry.Reroute { // which pads are free is in the record
		s, err := d.observe(ctx, d.Now())
		if err != nil {
			return err
		}
		return d.order(ctx, a, s, id, o)
	}
	return d.order(ctx, a, d.picture(d.Now()), id, o)
}

func (d flightDesk) order(ctx context.Context, a network.Actor, s *situation.Situation, id delivery.MissionID, o flight.Order) error {
	err := d.change(ctx, delivery.Keys{Mission: id}, func(b *delivery.Book) error {
		c, err := o.Change(s, *b.Missions[id], b.Payload(id), a)
		if err != nil {
			return err
		}
		return b.Fly(id, c, s.At)
	})
	if err != nil {
		return fmt.Errorf("command: %w", err)
	}
	if o.Kind == telemetry.Reroute {
		d.settle(ctx, s.At)
	}
	return nil
}

// TakenAway ends the mission of a drone that people took from its pad.
func (d flightDesk) TakenAway(ctx context.Context, a network.Actor, id delivery.MissionID) error {
	if !delivery.May(a, delivery.OpTaken) {
		return refusal.ErrForbidden
	}
	s := d.picture(d.Now())
	err := d.change(ctx, delivery.Keys{Mission: id}, func(b *delivery.Book) error {
		c, err := flight.Taken(s, *b.Missions[id], b.Payload(id), a)
		if err != nil {
			return err
		}
		return b.Fly(id, c, s.At)
	})
	if err != nil {
		return fmt.Errorf("taken away: %w", err)
	}
	d.settle(ctx, s.At)
	return nil
}

// Alternates returns the pads at which a mission's drone could land now.
func (d flightDesk) Alternates(ctx context.Context, a network.Actor, id delivery.MissionID) ([]flight.Alternate, error) {
	if err := delivery.Permit(a, delivery.OpAlternates); err != nil {
		return nil, err
	}
	s, err := d.observe(ctx, d.Now())
	if err != nil {
		return nil, err
	}
	m, ok := s.Mission(id)
	if !ok {
		return nil, refusal.ErrNotFound
	}
	return flight.Alternates(s, m), nil
}

// Acknowledge takes a drone's answer to a command. An answer to no command of the drone is
// a *telemetry.RefusedError.
func (d flightDesk) Acknowledge(ctx context.Context, a telemetry.Ack) error {
	a.At = d.Now()
	id, kind, err := d.Commands.Answer(ctx, a)
	if errors.Is(err, refusal.ErrNotFound) {
		return &telemetry.RefusedError{Err: fmt.Errorf("command %d was not given to this device", a.Command)}
	}
	if err != nil || kind == "" {
		return err
	}
	d.publish()
	s, err := d.observe(ctx, a.At)
	if err != nil {
		return err
	}
	m, active := s.Mission(id)
	if !active {
		m = delivery.Mission{ID: id, Drone: a.Device, Status: delivery.MAborted}
	}
	return d.carryOut(ctx, s, flight.Answered(s, m, s.Payload(id), kind, a))
}

// cameBack are the journeys of units that come home unopened with a drone.
func (d flightDesk) cameBack(ctx context.Context, id delivery.MissionID, e telemetry.Event) (map[delivery.ID][]delivery.Journey, error) {
	if e.Status.Phase != telemetry.Parked {
		return nil, nil
	}
	flights, err := d.World.Flights(ctx, d.Now())
	if err != nil {
		return nil, err
	}
	came := map[delivery.ID][]delivery.Journey{}
	for _, del := range delivery.Of(id, flights.Deliveries) {
		if del.Status != delivery.DAirborne {
			continue
		}
		if came[del.ID], err = d.ended(ctx, del.ID, network.System.Login, "came back", d.Now()); err != nil {
			return nil, err
		}
	}
	return came, nil
}

// learn measures the leg that has just ended, keeps it and calibrates its drone
// anew. A flight never depends on it: what fails is logged.
func (d flightDesk) learn(ctx context.Context, s *situation.Situation, m delivery.Mission, payload []delivery.Delivery, e telemetry.Event) {
	ended, ok := flight.LegEnded(s, m, payload, e)
	if !ok {
		return
	}
	samples, err := d.History.Positions(ctx, m.Drone, ended.From, e.StatedAt)
	if err == nil {
		leg, known := ended.Measure(s, samples)
		if !known {
			return
		}
		err = errors.Join(d.Legs.RecordLeg(ctx, leg), d.calibrate(ctx, m.Drone))
	}
	if err != nil {
		d.Logger.ErrorContext(ctx, "learn from a leg", "mission", m.ID, "err", err)
	}
}

// logFlights keeps the flights that have ended of some drones.
func (d flightDesk) logFlights(ctx context.Context, now time.Time, drones ...telemetry.DeviceID) {
	if err := d.Upkeep.LogFlights(ctx, drones, now.Add(-upkeep.LoggedFrom)); err != nil {
		d.Logger.ErrorContext(ctx, "log flights", "drones", drones, "err", err) // the next landing or start logs them
	}
}

// calibrate fits the calibrations of aircraft to the legs on record.
func (d flightDesk) calibrate(ctx context.Context, drones ...telemetry.DeviceID) error {
	fitted := map[telemetry.DeviceID]route.Calibration{}
	for _, id := range drones {
		flown, err := d.Legs.FlownLegs(ctx, id, flight.CalibratingLegs)
		if err != nil {
			return fmt.Errorf("calibrate %s: %w", id, err)
		}
		fitted[id] = route.Calibrate(flown)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, c := range d.legs {
		if _, anew := fitted[id]; !anew {
			fitted[id] = c
		}
	}
	d.legs = maps.Clone(fitted)
	return nil
}

// Calibration returns what is known of one aircraft.
func (d flightDesk) Calibration(a network.Actor, id telemetry.DeviceID) (route.Calibration, error) {
	if err := delivery.Permit(a, delivery.OpReadAircraft); err != nil {
		return route.Calibration{}, err
	}
	if _, ok := d.Network().Drone(id); !ok {
		return route.Calibration{}, refusal.ErrNotFound
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.legs[id], nil
}
