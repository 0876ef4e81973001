package dispatch

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"

	"github.com/samber/lo"
)

// reconcile brings a mission to where its drone says that it is. A change of phase
// is told once; what was not acted upon then, by a failure or a restart, is made
// good here, one status at a time.
func (d *Dispatcher) reconcile(ctx context.Context, m delivery.Mission, own []delivery.Delivery) error {
	state, ok := d.Tracker.Drone(m.Drone)
	if ok && d.broughtHome(m, own, state) {
		state.Status = telemetry.Status{Phase: telemetry.Parked, Mission: string(m.ID), Leg: 1}
	}
	if !ok || state.Status.Mission != string(m.ID) {
		return nil
	}
	e := telemetry.Event{Kind: telemetry.PhaseChanged, Device: m.Drone, At: state.StatusAt, Status: implied(m.Status, state.Status)}
	if c, err := flown(m, own, e); err != nil || c.Status == "" {
		return err
	}
	return d.phase(ctx, e)
}

// implied is the next phase that must have been, for a drone to be where it is.
func implied(s delivery.MissionStatus, now telemetry.Status) telemetry.Status {
	was := now
	switch {
	case s == delivery.MUploaded && (now.Leg > 0 || now.Phase == telemetry.Landed || now.Phase == telemetry.Returning):
		was.Phase, was.Leg = telemetry.Airborne, 0
	case s == delivery.MOutbound && now.Leg > 0:
		was.Phase, was.Leg = telemetry.Landed, 0
	case s == delivery.MAtPad && now.Phase == telemetry.Parked && now.Leg > 0:
		was.Phase = telemetry.Airborne
	}
	return was
}

// tellOverdue raises an alarm for each delivery whose needed-by has passed while it
// is on its way. The store clears it when the delivery lands or ends.
func (d *Dispatcher) tellOverdue(ctx context.Context, deliveries []delivery.Delivery, now time.Time) {
	late := map[delivery.DeliveryID]bool{}
	for _, del := range deliveries {
		if !now.After(del.NeededBy) || del.Status.Ended() || del.Status.In(delivery.DLanded, delivery.DOpened) {
			continue
		}
		late[del.ID] = true
		if !d.overdue[del.ID] {
			d.raise(ctx, delivery.Alarm{Kind: delivery.Overdue, Device: del.Drone, RaisedAt: now, Value: now.Sub(del.NeededBy).Minutes()})
		}
	}
	d.overdue = late
}

// Heard acts on what telemetry observed.
func (d *Dispatcher) Heard(ctx context.Context, events []telemetry.Event) {
	for _, e := range events {
		if e.Kind == telemetry.PhaseChanged {
			if err := d.phase(ctx, e); err != nil {
				d.Log.ErrorContext(ctx, "phase of flight", "device", e.Device, "err", err)
			}
			continue
		}
		if e.Kind == telemetry.TempChanged {
			d.keepShown(ctx, e)
		}
		v := judge(e)
		if e.Kind == telemetry.SensorFault && !d.newFault(e) {
			continue // the alarm stands
		}
		if len(v.lower) > 0 {
			d.lower(ctx, e.Device, "", v.lower, e.At)
		}
		if v.raise != nil {
			d.raise(ctx, *v.raise)
		}
	}
}

// newFault reports whether a box's sensor has another fault than it was told for last.
func (d *Dispatcher) newFault(e telemetry.Event) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	another := d.faults[e.Device] != e.Sensor.Fault
	d.faults[e.Device] = e.Sensor.Fault
	return another
}

func (d *Dispatcher) forgetFault(box telemetry.DeviceID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.faults, box)
}

// keepShown logs the state that a box is shown in from now on: late data may change what
// is known of the past, but not what people saw.
func (d *Dispatcher) keepShown(ctx context.Context, e telemetry.Event) {
	events, err := d.Store.Log(ctx, delivery.Event{At: e.At, Kind: delivery.EvBox, Subject: string(e.Device), Detail: map[string]string{"state": e.Temp.State.String(), "temp_mc": strconv.Itoa(int(e.Temp.Newest.TempMC)),
		"out": e.Temp.OutOfRange.Round(time.Second).String(), "unmonitored": e.Temp.Unmonitored.Round(time.Second).String(), "breached": strconv.FormatBool(e.Temp.Breached), "late": strconv.FormatBool(e.LateBreach)}})
	if err != nil {
		d.Log.ErrorContext(ctx, "log the state of a box", "box", e.Device, "err", err)
		return
	}
	d.announce(events)
}

// raise fills in what the alarm concerns and stores it.
func (d *Dispatcher) raise(ctx context.Context, a delivery.Alarm) (stored bool) {
	a.Priority = delivery.Priorities[a.Kind]
	_, deliveries, err := d.Store.ActiveMissions(ctx)
	if err == nil {
		for _, del := range deliveries {
			_, carries := lo.Find(del.Boxes, func(b delivery.Box) bool { return b.Box == a.Device })
			if (del.Drone == a.Device || carries) && (a.Delivery == "" || !del.Status.Ended()) {
				a.Delivery, a.Site = del.ID, del.Hospital
			}
		}
		var events []delivery.Event
		if events, err = d.Store.RaiseAlarm(ctx, a); err == nil {
			d.publish(events)
			return true
		}
	}
	d.Log.ErrorContext(ctx, "raise alarm", "kind", a.Kind, "device", a.Device, "err", err)
	return false
}

func (d *Dispatcher) lower(ctx context.Context, device telemetry.DeviceID, del delivery.DeliveryID, kinds []delivery.AlarmKind, now time.Time) (stored bool) {
	events, err := d.Store.ClearAlarms(ctx, device, del, kinds, now)
	if err != nil {
		d.Log.ErrorContext(ctx, "clear alarms", "device", device, "err", err)
		return false
	}
	d.publish(events)
	return true
}

// phase moves the drone's mission and its deliveries by what the drone did.
func (d *Dispatcher) phase(ctx context.Context, e telemetry.Event) error {
	if e.Status.Mission == "" {
		return nil
	}
	came, err := d.cameBack(ctx, e)
	if err != nil {
		return err
	}
	var carried []delivery.Delivery
	m, events, err := d.Store.ChangeMission(ctx, delivery.MissionID(e.Status.Mission), e.At, func(m delivery.Mission, own []delivery.Delivery) (delivery.MissionChange, error) {
		carried = own
		if m.Drone != e.Device {
			return delivery.MissionChange{}, nil
		}
		c, err := flown(m, own, e)
		if c.Status == delivery.MAtPad && d.elsewhere(m) { // it is down, but nobody's delivery has landed
			c.Deliveries, c.BoxesAt, c.LeftAt, c.Note = nil, "", e.At, "down elsewhere"
			return c, err
		}
		for _, del := range own {
			ch, ok := c.Deliveries[del.ID]
			if ok && e.Status.Phase == telemetry.Parked {
				if ch, err = ch.WithJourneys(del, came[del.ID]); err != nil {
					return delivery.MissionChange{}, err
				}
				c.Deliveries[del.ID] = ch
			}
		}
		return d.homePlan(m, own, c, d.Now()), err
	})
	if errors.Is(err, refusal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	d.settle(ctx, d.Now())
	d.publish(events)
	if len(events) > 0 {
		d.learn(ctx, m, carried, e)
		if m.Status == delivery.MOutbound && slices.ContainsFunc(carried, delivery.Delivery.GivenUp) { // it left all the same
			d.callHome(ctx, network.Actor{Login: network.System.Login, Role: network.RoleController}, m)
		}
	}
	return nil
}

// cameBack are the journeys of units that come home unopened with a drone.
func (d *Dispatcher) cameBack(ctx context.Context, e telemetry.Event) (map[delivery.DeliveryID][]delivery.Journey, error) {
	if e.Status.Phase != telemetry.Parked {
		return nil, nil
	}
	_, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return nil, err
	}
	came := map[delivery.DeliveryID][]delivery.Journey{}
	for _, del := range deliveriesOf(delivery.MissionID(e.Status.Mission), deliveries) {
		if del.Status != delivery.DAirborne {
			continue
		}
		if came[del.ID], err = d.journeys(ctx, del.ID, network.System.Login, "came back", d.Now()); err != nil {
			return nil, err
		}
	}
	return came, nil
}

// flown is what a phase of flight means for a mission. A phase that does not fit
// the mission's status, as after a repeated report, changes nothing.
func flown(m delivery.Mission, own []delivery.Delivery, e telemetry.Event) (delivery.MissionChange, error) {
	c := delivery.MissionChange{Actor: string(e.Device), Deliveries: map[delivery.DeliveryID]delivery.Change{}}
	step := delivery.Step("")
	switch leg := e.Status.Leg; {
	case e.Status.Phase == telemetry.Airborne && leg == 0:
		c.Status, c.DepartAt, step = delivery.MOutbound, e.At, delivery.StepTakeOff
	case e.Status.Phase == telemetry.Landed && leg == 0:
		c.Status, c.ArriveAt, step, c.BoxesAt = delivery.MAtPad, e.At, delivery.StepLand, m.Hospital
	case e.Status.Phase == telemetry.Airborne && leg == 1:
		c.Status, c.LeftAt = delivery.MInbound, e.At
	case e.Status.Phase == telemetry.Returning:
		c.Status, c.LeftAt = delivery.MInbound, e.At
	case e.Status.Phase == telemetry.Parked:
		c.Status, c.LeftAt, c.HomeAt, step, c.BoxesAt = delivery.MDone, e.At, e.At, delivery.StepReturn, m.Centre
	default:
		return delivery.MissionChange{}, nil
	}
	if !m.Status.CanBecome(c.Status) || m.Status == delivery.MAtPad && c.Status != delivery.MInbound && !anyAirborne(own) {
		return delivery.MissionChange{}, nil // from its pad it goes home; from elsewhere it may fly on, or be brought
	}
	for _, del := range own {
		if ch, err := del.Apply(network.System, step, delivery.Scan{}, e.At); step != "" && err == nil {
			ch.Custody.Actor = string(e.Device)
			c.Deliveries[del.ID] = ch
		}
	}
	return c, nil
}
