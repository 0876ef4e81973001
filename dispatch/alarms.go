package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/telemetry"
)

// alarmDesk serves those who see alarms.
type alarmDesk struct{ *desk }

// AckAlarm notes that a person has seen an alarm.
func (d alarmDesk) AckAlarm(ctx context.Context, a network.Actor, id int64) error {
	return d.do(ctx, a, delivery.OpAckAlarm, id, func(x delivery.Alarm, now time.Time) (delivery.AlarmDeed, error) {
		return x.Acknowledge(a, now)
	})
}

// ShelveAlarm silences an alarm for a while; one about blood when ConfirmShelf follows.
func (d alarmDesk) ShelveAlarm(ctx context.Context, a network.Actor, id int64, reason string, span time.Duration) error {
	return d.do(ctx, a, delivery.OpShelve, id, func(x delivery.Alarm, now time.Time) (delivery.AlarmDeed, error) {
		return x.Shelve(a, reason, now.Add(span), now)
	})
}

// ConfirmShelf is the second person's word on a shelf that was asked for: by whom, and until
// when.
func (d alarmDesk) ConfirmShelf(ctx context.Context, a network.Actor, id int64, asked string, until time.Time) error {
	return d.do(ctx, a, delivery.OpConfirm, id, func(x delivery.Alarm, now time.Time) (delivery.AlarmDeed, error) {
		return x.Confirm(a, asked, until, now)
	})
}

// UnshelveAlarm ends a shelf, or the wish for one, before its time.
func (d alarmDesk) UnshelveAlarm(ctx context.Context, a network.Actor, id int64) error {
	return d.do(ctx, a, delivery.OpUnshelve, id, func(x delivery.Alarm, now time.Time) (delivery.AlarmDeed, error) {
		return x.Unshelve(now)
	})
}

// do has a person do something about an alarm.
func (d alarmDesk) do(
	ctx context.Context, a network.Actor, op delivery.Operation, id int64, deed func(delivery.Alarm, time.Time) (delivery.AlarmDeed, error),
) error {
	if err := delivery.Permit(a, op); err != nil {
		return err
	}
	now := d.Now()
	events, err := d.Alarms.DoAlarm(ctx, id, a, now, func(x delivery.Alarm) (delivery.AlarmDeed, error) { return deed(x, now) })
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	if events > 0 {
		d.publish()
	}
	return nil
}

// Gauges are what is measured now of the alarms that stand, and their version: it changes
// with them. The list must not be changed.
func (d *desk) Gauges() (list []delivery.Gauge, version uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gauges, d.gauged
}

// gauge measures the alarms that stand, and keeps what was worst.
func (d *desk) gauge(ctx context.Context, s *situation.Situation) error {
	next := situation.Gauges(s)
	d.mu.Lock()
	if !slices.Equal(d.gauges, next) {
		d.gauges = next
		d.gauged++
	}
	d.mu.Unlock()
	if worst := situation.Worsened(s.Alarms, next); len(worst) > 0 {
		return d.Alarms.NoteWorst(ctx, worst)
	}
	return nil
}

// changeAlarms writes what becomes of the standing alarms, and tells of it.
func (d *desk) changeAlarms(ctx context.Context, now time.Time, decide func(standing []delivery.Alarm) delivery.AlarmChange) error {
	events, err := d.Alarms.ChangeAlarms(ctx, now, decide)
	if err != nil {
		return fmt.Errorf("alarms: %w", err)
	}
	if events > 0 {
		d.publish()
	}
	return nil
}

// tellStanding raises and clears the alarms that conditions of a situation give. What
// could not be stored is tried again at the next look.
func (d *desk) tellStanding(ctx context.Context, s *situation.Situation, failing []situation.Failing) error {
	now := s.Standing(failing)
	for i := range now {
		now[i] = now[i].Concerning(s.Deliveries)
	}
	decide := func(standing []delivery.Alarm) delivery.AlarmChange {
		c := situation.Reconcile(standing, now)
		c.Loud = delivery.Expiring(standing, s.At)
		return c
	}
	if decide(s.Alarms).Empty() {
		return nil
	}
	return d.changeAlarms(ctx, s.At, decide)
}

// raise tells of something that is no condition.
func (d *desk) raise(ctx context.Context, s *situation.Situation, a delivery.Alarm) error {
	a = a.Concerning(s.Deliveries)
	return d.changeAlarms(ctx, s.At, func(standing []delivery.Alarm) delivery.AlarmChange { return delivery.Raising(standing, a) })
}

// clear ends the alarms of some kinds of a device.
func (d *desk) clear(ctx context.Context, device telemetry.DeviceID, kinds []delivery.AlarmKind, now time.Time) error {
	return d.changeAlarms(ctx, now, func(standing []delivery.Alarm) delivery.AlarmChange {
		return delivery.Clearing(standing, device, kinds...)
	})
}

// ClockOff tells people that the machine's clock is off the server's, and of the end of that.
func (d alarmDesk) ClockOff(ctx context.Context, off time.Duration, followed bool) error {
	now := d.Now()
	told := situation.TellClock(now, off, followed)
	return d.changeAlarms(ctx, now, func(standing []delivery.Alarm) delivery.AlarmChange {
		if told.Raise == nil {
			return delivery.Clearing(standing, situation.TheServer, told.Clear...)
		}
		return told.Against(standing)
	})
}

// tell does to the alarms what telemetry observed.
func (d *desk) tell(ctx context.Context, e telemetry.Event) error {
	told := situation.Tell(e)
	if told.Raise == nil {
		if len(told.Clear) == 0 {
			return nil
		}
		return d.clear(ctx, e.Device, told.Clear, e.At)
	}
	if class, _ := d.Network().ClassOf(e.Device); e.Kind == telemetry.LinkLost {
		told.Raise.Detail = class.LostLinkDoes
	}
	flights, err := d.World.Flights(ctx, d.Now())
	if err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	*told.Raise = told.Raise.Concerning(flights.Deliveries)
	return d.changeAlarms(ctx, e.At, told.Against)
}

// tellBox logs the state that a box is shown in from now on, and does to the alarms what
// it means.
func (d *desk) tellBox(ctx context.Context, e telemetry.Event) error {
	return errors.Join(d.logBoxState(ctx, e), d.tell(ctx, e))
}

// logBoxState logs the state that a box is shown in from now on: late data may change what
// is known of the past, but not what people saw.
func (d *desk) logBoxState(ctx context.Context, e telemetry.Event) error {
	err := d.Log.Append(ctx, delivery.Event{At: e.At, Kind: delivery.EvBox, Subject: string(e.Device), Detail: map[string]string{
		"state":       e.Temp.State.String(),
		"temp_mc":     strconv.Itoa(int(e.Temp.Newest.TempMC)),
		"out":         e.Temp.OutOfRange.Round(time.Second).String(),
		"unmonitored": e.Temp.Unmonitored.Round(time.Second).String(),
		"breached":    strconv.FormatBool(e.Temp.Breached),
		"late":        strconv.FormatBool(e.LateBreach),
	}})
	d.announce()
	return err
}
