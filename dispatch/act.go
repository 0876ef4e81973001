package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
)

// carryOut does what deciders asked for, in their order. What fails is reported together:
// it is decided anew the next time.
func (d *desk) carryOut(ctx context.Context, s *situation.Situation, actions []delivery.Action) error {
	var errs []error
	for _, a := range actions {
		switch a := a.(type) {
		case delivery.ChangeMission:
			errs = append(errs, d.changeMission(ctx, a, s.At))
		case delivery.Retry:
			d.retryAt(a.Mission, a.At)
		case delivery.RaiseAlarm:
			errs = append(errs, d.raise(ctx, s, a.Alarm))
		case delivery.ClearAlarms:
			errs = append(errs, d.clear(ctx, a.Device, a.Kinds, s.At))
		case delivery.Send:
			if err := d.Uplink.Send(ctx, a.Command); err != nil {
				d.Logger.WarnContext(ctx, "send command", "device", a.Command.Device, "err", err)
			}
		case delivery.HoldBack:
			d.Logger.WarnContext(ctx, "command not sent", "device", a.Command.Device, "kind", a.Command.Kind, "err", a.Reason)
		}
	}
	return errors.Join(errs...)
}

// changeMission writes a change to a mission that is still as it was seen. A pad that was
// taken meanwhile is no error: it is decided anew.
func (d *desk) changeMission(ctx context.Context, a delivery.ChangeMission, now time.Time) error {
	err := d.change(ctx, delivery.Keys{Mission: a.Seen.ID}, func(b *delivery.Book) error {
		if !a.Stands(*b.Missions[a.Seen.ID], b.Payload(a.Seen.ID)) {
			return nil
		}
		return b.Fly(a.Seen.ID, a.Change, now)
	})
	if errors.Is(err, refusal.ErrTaken) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("change mission %s: %w", a.Seen.ID, err)
	}
	if len(a.Change.Deliveries) > 0 {
		d.settle(ctx, now)
	}
	return nil
}

// retryAt has a mission be left alone until a time.
func (d *desk) retryAt(id delivery.MissionID, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted.RetryAt[id] = at
}

// remember notes how long missions have stood, and drops what is remembered of missions
// and deliveries that are not under way any more. What was seen later counts: false when a
// later situation was looked at already.
func (d *desk) remember(s *situation.Situation, stays map[delivery.MissionID]situation.Stay) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.At.Before(d.notedAt) || s.Seq < d.notedSeq {
		return false
	}
	d.notedAt, d.notedSeq, d.noted.Stays = s.At, s.Seq, stays
	for id := range d.noted.RetryAt {
		if _, active := s.Mission(id); !active {
			delete(d.noted.RetryAt, id)
		}
	}
	for id := range d.judged {
		if _, spoiled := s.Spoiled[id]; !spoiled {
			delete(d.judged, id)
		}
	}
	return true
}

// look finds what fails in a situation, and unless a later one was looked at already, tells
// what stands and keeps what is to be remembered of it.
func (d *desk) look(ctx context.Context, s *situation.Situation) ([]situation.Failing, error) {
	failing, stays := s.Failing()
	if !d.remember(s, stays) {
		return failing, nil
	}
	return failing, d.tellStanding(ctx, s, failing)
}
