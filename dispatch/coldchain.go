package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/coldchain/readings"
)

// coldDesk serves those who watch and judge the cold chain.
type coldDesk struct{ *desk }

// ColdRecord returns the record of a delivery's box. Hospital staff see their own.
func (d coldDesk) ColdRecord(ctx context.Context, a network.Actor, id delivery.ID) (coldrecord.Record, error) {
	rec, err := d.Books.Delivery(ctx, id)
	if err != nil {
		return coldrecord.Record{}, err
	}
	if err := delivery.Permit(a, delivery.OpReadCold, rec.Delivery.Hospital); err != nil {
		return coldrecord.Record{}, err
	}
	return d.signed(ctx, rec, d.Now())
}

// signed is the record of a delivery with its signatures.
func (d coldDesk) signed(ctx context.Context, rec delivery.Record, now time.Time) (coldrecord.Record, error) {
	r, err := d.coldRecord(ctx, rec, now)
	if err != nil {
		return r, err
	}
	if r.Signed, err = d.Cold.Signatures(ctx, rec.Delivery.ID); err != nil {
		return r, fmt.Errorf("signatures: %w", err)
	}
	return r, nil
}

// ProfileOf is the profile by which a box of a delivery is judged, or will be.
func (d coldDesk) ProfileOf(b delivery.Box) coldchain.Profile {
	at := b.PackedAt
	if at.IsZero() {
		at = d.Now()
	}
	return d.decided.at(at).Profiles[b.Profile]
}

// Sign keeps an account's signature on the record of a delivery's box that has ended. It is
// ErrChanged unless the record is still the one that its person saw.
func (d coldDesk) Sign(ctx context.Context, a network.Actor, id delivery.ID, s coldrecord.Signature) (coldrecord.Record, error) {
	rec, err := d.Books.Delivery(ctx, id)
	if err == nil {
		err = delivery.Permit(a, delivery.OpSign, rec.Delivery.Centre)
	}
	if err == nil {
		err = s.Check()
	}
	if err != nil {
		return coldrecord.Record{}, err
	}
	if !rec.Delivery.Status.Ended() {
		return coldrecord.Record{}, refusal.OfState("the delivery", string(rec.Delivery.Status), "signed")
	}
	now := d.Now()
	r, err := d.coldRecord(ctx, rec, now)
	switch {
	case err != nil:
		return r, err
	case r.Digest() != s.Digest:
		return r, refusal.ErrChanged
	}
	if err := r.Signable(); err != nil {
		return r, err
	}
	s.By, s.At = a.Login, now
	if err := d.Cold.Sign(ctx, id, rec.Delivery.Hospital, s); err != nil {
		return r, fmt.Errorf("sign: %w", err)
	}
	d.announce()
	return d.signed(ctx, rec, now)
}

// coldRecord reads the evidence about a delivery and judges it.
func (d *desk) coldRecord(ctx context.Context, rec delivery.Record, now time.Time) (coldrecord.Record, error) {
	del := rec.Delivery
	e := coldrecord.Evidence{Delivery: del, Boxes: coldrecord.Spans(del, rec.Custody, now)}
	var err error
	for i := range e.Boxes {
		b := &e.Boxes[i]
		b.Profiles = d.decided.at(b.From).Profiles
		if b.Samples, err = d.History.Temperatures(ctx, b.Box.Box, b.From, b.To); err != nil {
			return coldrecord.Record{}, fmt.Errorf("readings of %s: %w", b.Box.Box, err)
		}
		if b.CalibrationDue, err = d.Cold.CalibrationDue(ctx, b.Box.Box); err != nil {
			return coldrecord.Record{}, fmt.Errorf("calibrations of %s: %w", b.Box.Box, err)
		}
		b.Live, _ = d.Tracker.Box(now, b.Box.Box)
	}
	if e.Before, err = d.Cold.Elsewhere(ctx, del.Keys(), del.ID); err != nil {
		return coldrecord.Record{}, fmt.Errorf("journeys before: %w", err)
	}
	if e.Decided, err = d.Cold.Journeys(ctx, del.ID); err != nil {
		return coldrecord.Record{}, fmt.Errorf("journeys: %w", err)
	}
	if e.Loggers, err = d.Cold.LoggerReadings(ctx, del.ID); err != nil {
		return coldrecord.Record{}, fmt.Errorf("loggers: %w", err)
	}
	return coldrecord.Judge(e)
}

// journeys are the journeys of units that a person's step ends.
func (d *desk) journeys(
	ctx context.Context,
	a network.Actor,
	id delivery.ID,
	step delivery.Step,
	scan delivery.Scan,
	now time.Time,
) ([]delivery.Journey, error) {
	switch {
	case step.Frees():
		return d.ended(ctx, id, a.Login, scan.Note, now)
	case step != delivery.StepReceive && step != delivery.StepReject:
		return nil, nil
	}
	rec, err := d.Books.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := rec.Delivery.Permit(a, step); err != nil {
		return nil, err
	}
	if _, err := rec.Delivery.Status.Next(step); err != nil {
		return nil, err
	}
	r, err := d.coldRecord(ctx, rec, now)
	if err != nil {
		return nil, err
	}
	j, err := coldrecord.Decide(r, a, step, scan, now)
	if j == nil || err != nil {
		return nil, err
	}
	return []delivery.Journey{*j}, nil
}

// ended are the journeys of a delivery's packed units that end without a ward's decision.
func (d *desk) ended(ctx context.Context, id delivery.ID, by, note string, now time.Time) ([]delivery.Journey, error) {
	rec, err := d.Books.Delivery(ctx, id)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(rec.Delivery.Units, func(u delivery.Unit) bool { return !u.PackedAt.IsZero() }) {
		return nil, nil
	}
	r, err := d.coldRecord(ctx, rec, now)
	if err != nil {
		return nil, fmt.Errorf("journeys: %w", err)
	}
	return coldrecord.End(r, by, note, now), nil
}

// journeysOf is ended for the delivery under way of a request, if there is one.
func (d *desk) journeysOf(ctx context.Context, id delivery.RequestID, by, note string, now time.Time) ([]delivery.Journey, error) {
	flights, err := d.World.Flights(ctx, now)
	if err != nil {
		return nil, err
	}
	for _, del := range flights.Deliveries {
		if del.Request == id && del.Serves() && !del.Status.Ended() {
			return d.ended(ctx, del.ID, by, note, now)
		}
	}
	return nil, nil
}

// CompareLogger keeps a logger's file as it is, and compares what can be read of it with
// the delivery's record.
func (d coldDesk) CompareLogger(
	ctx context.Context,
	a network.Actor,
	id delivery.ID,
	file []byte,
	o readings.Options,
) (coldrecord.Comparison, error) {
	r, err := d.ColdRecord(ctx, a, id)
	if err != nil {
		return coldrecord.Comparison{}, err
	}
	if o.Box != string(r.Box) {
		return coldrecord.Comparison{}, refusal.OfField("logger", "is not "+string(r.Box)+", the delivery's box")
	}
	o.Now = d.Now()
	c, wrong := coldrecord.Compare(r, d.decided.at(r.From).Profiles, file, o)
	if err := d.Cold.KeepLoggerFile(ctx, id, file, coldrecord.SaidOf(c, wrong), a, o.Now); err != nil { // also one that cannot be read
		return coldrecord.Comparison{}, err
	}
	return c, wrong
}

// AddProbeCalibration keeps a calibration; it counts at once.
func (d coldDesk) AddProbeCalibration(ctx context.Context, a network.Actor, c coldrecord.ProbeCalibration) error {
	now := d.Now()
	if !delivery.May(a, delivery.OpAddProbe) {
		return refusal.ErrForbidden
	}
	box, known := d.Network().Box(c.Box)
	if !known {
		return refusal.ErrNotFound
	}
	if err := delivery.Permit(a, delivery.OpAddProbe, box.Site); err != nil {
		return err
	}
	if err := c.Check(now); err != nil {
		return err
	}
	c.By, c.At = a.Login, now
	return d.Cold.AddProbeCalibration(ctx, c)
}

// ProbeCalibrations returns a box's calibrations, the newest first.
func (d coldDesk) ProbeCalibrations(ctx context.Context, a network.Actor, box telemetry.DeviceID) ([]coldrecord.ProbeCalibration, error) {
	if err := delivery.Permit(a, delivery.OpReadProbes); err != nil {
		return nil, err
	}
	if _, known := d.Network().Box(box); !known {
		return nil, refusal.ErrNotFound
	}
	return d.Cold.ProbeCalibrations(ctx, box)
}

// BoxView is one box as the cold-chain view shows it.
type BoxView struct {
	State    telemetry.BoxState
	Type     network.BoxTypeID
	Site     network.SiteID // where it stood when the network was read
	Delivery delivery.ID
	Drone    telemetry.DeviceID
}

// Boxes returns all boxes, those with the least time to their limit first, then those
// that are watched, then by name.
func (d coldDesk) Boxes(ctx context.Context, a network.Actor) ([]BoxView, error) {
	if err := delivery.Permit(a, delivery.OpReadBoxes); err != nil {
		return nil, err
	}
	now := d.Now()
	flights, err := d.World.Flights(ctx, now)
	if err != nil {
		return nil, err
	}
	var views []BoxView
	for _, b := range d.Network().Boxes {
		state, ok := d.Tracker.Box(now, b.ID)
		if !ok {
			continue
		}
		v := BoxView{State: state, Type: b.Type, Site: b.Site}
		for _, del := range flights.Deliveries {
			if !del.Status.Ended() && slices.ContainsFunc(del.Boxes, func(x delivery.Box) bool { return x.Box == b.ID }) {
				v.Delivery, v.Drone = del.ID, del.Drone
			}
		}
		views = append(views, v)
	}
	slices.SortStableFunc(views, func(x, y BoxView) int {
		return cmp.Or(cmp.Compare(y.urgency(), x.urgency()), cmp.Compare(x.early(), y.early()), cmp.Compare(x.State.ID, y.State.ID))
	})
	return views, nil
}

// urgency is how much a box's state asks for eyes.
func (v BoxView) urgency() int {
	if !v.State.Watched {
		return 0
	}
	switch v.State.State {
	case coldchain.Excursion:
		return 4
	case coldchain.NearLimit:
		return 3
	case coldchain.Unknown:
		return 2
	case coldchain.InRange:
	}
	return 1
}

func (v BoxView) early() time.Duration {
	if !v.State.HasOutlook {
		return coldchain.NoLimit
	}
	return v.State.Outlook.Early
}
