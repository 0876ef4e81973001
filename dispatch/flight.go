package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// commandLife is how long a command is sent again before it counts as unheard.
const commandLife = 60 * time.Second

// slotSlack is added to a planned arrival when the pad is held for it.
const slotSlack = 60 * time.Second

// FlyOnce moves every active mission on and sends what waits to be sent. Run calls
// it; a simulation on a virtual clock may call it instead.
func (d *Dispatcher) FlyOnce(ctx context.Context, now time.Time) error {
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return fmt.Errorf("missions: %w", err)
	}
	var errs []error
	pending, err := d.Store.PendingCommands(ctx, now)
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	d.tellOverdue(ctx, deliveries, now)
	for _, m := range missions {
		if _, waits := find(pending, func(c telemetry.Command) bool { return c.Mission == string(m.ID) }); !waits {
			errs = append(errs, d.advance(ctx, m, deliveriesOf(m.ID, deliveries), now))
		}
	}
	return errors.Join(append(errs, d.sendPending(ctx, now))...)
}

// tellOverdue raises an alarm for each delivery whose needed-by has passed while it
// is still on its way, and clears it once it has landed.
func (d *Dispatcher) tellOverdue(ctx context.Context, deliveries []Delivery, now time.Time) {
	for _, del := range deliveries {
		landed := oneOf(del.Status, DLanded, DOpened, DClosed, DReturned, DCancelled)
		switch late := now.After(del.NeededBy) && !landed; {
		case late && !d.overdue[del.ID]:
			d.raise(ctx, Alarm{Kind: Overdue, Device: del.Drone, RaisedAt: now, Value: now.Sub(del.NeededBy).Minutes()})
			d.overdue[del.ID] = true
		case landed && d.overdue[del.ID]:
			d.lower(ctx, del.Drone, del.ID, []AlarmKind{Overdue}, now)
			delete(d.overdue, del.ID)
		}
	}
}

func deliveriesOf(id MissionID, all []Delivery) []Delivery {
	var own []Delivery
	for _, del := range all {
		if del.Mission == id {
			own = append(own, del)
		}
	}
	return own
}

// advance releases a mission's next leg when all is ready for it, and keeps its
// pad while the drone stands there. It is called while no command waits.
func (d *Dispatcher) advance(ctx context.Context, m Mission, own []Delivery, now time.Time) error {
	switch {
	case m.Status == MPlanned:
		return d.upload(ctx, m, now)
	case m.Status == MUploaded && all(own, DLoaded):
		return d.releaseOut(ctx, m, now)
	case m.Status == MAtPad && all(own, DClosed):
		return d.command(ctx, m, System, now, MissionChange{}, telemetry.Command{Kind: telemetry.Release, Leg: 1})
	case m.Status == MAtPad:
		return d.holdPad(ctx, m, now)
	}
	return nil
}

func all(own []Delivery, s DeliveryStatus) bool {
	for _, del := range own {
		if del.Status != s {
			return false
		}
	}
	return len(own) > 0
}

func points(track []geo.Fix4D) []orb.Point {
	pts := make([]orb.Point, len(track))
	for i, f := range track {
		pts[i] = f.Point
	}
	return pts
}

// upload sends the approved plan; the drone's answer makes the mission uploaded.
func (d *Dispatcher) upload(ctx context.Context, m Mission, now time.Time) error {
	drone, _ := d.Network.Drone(m.Drone)
	class, _ := d.Network.Class(drone.Class)
	p := flightPlan(class, points(m.Out), points(m.Back))
	return d.command(ctx, m, System, now, MissionChange{}, telemetry.Command{Kind: telemetry.LoadMission, Plan: &p})
}

// releaseOut lets a loaded drone go when route, energy, wind and pad still hold.
func (d *Dispatcher) releaseOut(ctx context.Context, m Mission, now time.Time) error {
	drone, _ := d.Network.Drone(m.Drone)
	class, _ := d.Network.Class(drone.Class)
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok || state.Link == telemetry.LinkStale || state.Status.Phase != telemetry.Parked {
		return nil
	}
	for _, track := range [][]geo.Fix4D{m.Out, m.Back} {
		if hit := d.router.conflicts(points(track), class.HeightM, now); hit != nil {
			return fmt.Errorf("mission %s is not released: its route enters zones %v", m.ID, hit)
		}
	}
	wind, _ := d.Wind(now)
	out, err := class.Fly(points(m.Out), m.LoadKg, wind)
	if err != nil {
		return nil // waits for the wind to drop; the mission shows it by not leaving
	}
	back, err := class.Fly(points(m.Back), m.LoadKg, wind)
	if err != nil || out.EnergyJ+back.EnergyJ+class.ReserveJ() > class.BatteryJ*state.Position.BatteryPct/100 {
		return nil // charges on
	}
	arrive := now.Add(out.Duration)
	err = d.command(ctx, m, System, now, MissionChange{DepartAt: now, ArriveAt: arrive, SlotFrom: arrive.Add(-slotSlack), SlotTo: arrive.Add(unloadTime)},
		telemetry.Command{Kind: telemetry.Release})
	if errors.Is(err, ErrTaken) {
		return nil // the pad is taken then; tried again until it is free
	}
	return err
}

// holdAhead is how long before its end a slot is extended, and by how much more.
const holdAhead = time.Minute

// holdPad extends the slot of a drone that stands on its pad longer than planned.
func (d *Dispatcher) holdPad(ctx context.Context, m Mission, now time.Time) error {
	if now.Before(m.ArriveAt.Add(unloadTime-holdAhead)) || now.Before(d.held[m.ID]) {
		return nil
	}
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(Mission, []Delivery) (MissionChange, error) {
		return MissionChange{SlotTo: now.Add(2 * holdAhead)}, nil
	})
	if errors.Is(err, ErrTaken) {
		return nil // another slot follows; its drone waits, since release asks for a free pad
	}
	d.held[m.ID] = now.Add(holdAhead)
	d.Feed.Publish(events...)
	return err
}

// command stores a command with a mission's change; sendPending sends it.
func (d *Dispatcher) command(ctx context.Context, m Mission, a Actor, now time.Time, c MissionChange, cmd telemetry.Command) error {
	cmd.Expires = now.Add(commandLife)
	c.Commands, c.Actor = []telemetry.Command{cmd}, a.Login
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(Mission, []Delivery) (MissionChange, error) { return c, nil })
	if err != nil {
		return fmt.Errorf("command %s to %s: %w", cmd.Kind, m.Drone, err)
	}
	d.publish(events)
	return nil
}

// Command is a person's order to a drone in flight: hold, resume or return.
func (d *Dispatcher) Command(ctx context.Context, a Actor, id MissionID, kind telemetry.CommandKind) error {
	if a.Role != RoleDispatcher && a.Role != RoleController {
		return ErrForbidden
	}
	now := d.Now()
	if !oneOf(kind, telemetry.Hold, telemetry.Resume, telemetry.Return) {
		return FieldError{"kind", fmt.Sprintf("%q is neither hold, resume nor return", kind)}
	}
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m Mission, _ []Delivery) (MissionChange, error) {
		if a.Site != "" && a.Site != m.Centre {
			return MissionChange{}, ErrForbidden
		}
		if m.Status != MOutbound && m.Status != MInbound {
			return MissionChange{}, StateError{"the mission", string(m.Status), "told to " + string(kind)}
		}
		cmd := telemetry.Command{Kind: kind, Expires: now.Add(commandLife)}
		if kind == telemetry.Return {
			p, err := d.wayHome(m, now)
			if err != nil {
				return MissionChange{}, err
			}
			cmd.Plan = &p
		}
		return MissionChange{Commands: []telemetry.Command{cmd}, Actor: a.Login}, nil
	})
	if err != nil {
		return fmt.Errorf("command: %w", err)
	}
	d.publish(events)
	return d.sendPending(ctx, now)
}

// wayHome plans from where the drone is to its home, around the zones.
func (d *Dispatcher) wayHome(m Mission, now time.Time) (telemetry.FlightPlan, error) {
	state, ok := d.Tracker.Drone(m.Drone)
	drone, _ := d.Network.Drone(m.Drone)
	class, _ := d.Network.Class(drone.Class)
	home, _ := d.Network.Site(m.Centre)
	if !ok || !state.Heard {
		return telemetry.FlightPlan{}, StateError{"drone " + string(m.Drone), "silent", "given a way home"}
	}
	r, err := d.router.planner.Plan(query(state.Position.Point, home.Point, class.HeightM, now))
	if err != nil {
		return telemetry.FlightPlan{}, fmt.Errorf("way home of %s: %w", m.Drone, err)
	}
	return flightPlan(class, r.Points), nil
}

// sendPending sends every command that waits for its ack, and turns those whose
// time is over into alarms.
func (d *Dispatcher) sendPending(ctx context.Context, now time.Time) error {
	expired, err := d.Store.ExpireCommands(ctx, now)
	if err != nil {
		return err
	}
	for _, c := range expired {
		d.raise(ctx, Alarm{Kind: CommandUnacked, Device: c.Device, RaisedAt: now, Detail: string(c.Kind)})
	}
	pending, err := d.Store.PendingCommands(ctx, now)
	if err != nil {
		return err
	}
	for _, c := range pending {
		if err := d.Uplink.Send(ctx, c); err != nil {
			d.Log.WarnContext(ctx, "send command", "device", c.Device, "err", err)
		}
	}
	return nil
}

// Acknowledge takes a drone's answer to a command.
func (d *Dispatcher) Acknowledge(ctx context.Context, a telemetry.Ack) error {
	now := d.Now()
	mission, kind, events, err := d.Store.AckCommand(ctx, a)
	if errors.Is(err, ErrNotFound) {
		return &telemetry.RefusedError{Err: fmt.Errorf("command %d was not given to this device", a.Command)}
	}
	if err != nil {
		return fmt.Errorf("acknowledge: %w", err)
	}
	d.publish(events)
	if !a.OK {
		d.raise(ctx, Alarm{Kind: CommandUnacked, Device: a.Device, RaisedAt: now, Detail: string(kind) + ": " + a.Reason})
		return nil
	}
	d.lower(ctx, a.Device, "", []AlarmKind{CommandUnacked}, now)
	if kind != telemetry.LoadMission {
		return nil
	}
	return d.confirmPlan(ctx, mission, a, now)
}

// confirmPlan compares the drone's plan with the approved one.
func (d *Dispatcher) confirmPlan(ctx context.Context, id MissionID, a telemetry.Ack, now time.Time) error {
	mismatch := false
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m Mission, _ []Delivery) (MissionChange, error) {
		mismatch = m.Status == MPlanned && m.PlanHash != a.Hash
		if m.Status != MPlanned || mismatch { // an aborted mission's plan does not matter any more
			return MissionChange{}, nil
		}
		return MissionChange{Status: MUploaded, Actor: string(a.Device)}, nil
	})
	if err != nil {
		return fmt.Errorf("confirm plan: %w", err)
	}
	if mismatch {
		d.raise(ctx, Alarm{Kind: PlanMismatch, Device: a.Device, RaisedAt: now, Detail: string(id)})
		return nil
	}
	d.lower(ctx, a.Device, "", []AlarmKind{PlanMismatch}, now)
	d.publish(events)
	return nil
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
		v := judge(e)
		if v.raise != nil {
			d.raise(ctx, *v.raise)
		}
		if len(v.lower) > 0 {
			d.lower(ctx, e.Device, "", v.lower, e.At)
		}
	}
}

// raise fills in what the alarm concerns and stores it.
func (d *Dispatcher) raise(ctx context.Context, a Alarm) {
	a.Priority = priorities[a.Kind]
	_, deliveries, err := d.Store.ActiveMissions(ctx)
	if err == nil {
		for _, del := range deliveries {
			_, carries := find(del.Boxes, func(b DeliveryBox) bool { return b.Box == a.Device })
			if del.Drone == a.Device || carries {
				a.Delivery, a.Site = del.ID, del.Hospital
			}
		}
		var events []Event
		if events, err = d.Store.RaiseAlarm(ctx, a); err == nil {
			d.publish(events)
			return
		}
	}
	d.Log.ErrorContext(ctx, "raise alarm", "kind", a.Kind, "device", a.Device, "err", err)
}

func (d *Dispatcher) lower(ctx context.Context, device telemetry.DeviceID, del DeliveryID, kinds []AlarmKind, now time.Time) {
	events, err := d.Store.ClearAlarms(ctx, device, del, kinds, now)
	if err != nil {
		d.Log.ErrorContext(ctx, "clear alarms", "device", device, "err", err)
		return
	}
	d.publish(events)
}

// phase moves the drone's mission and its deliveries by what the drone did.
func (d *Dispatcher) phase(ctx context.Context, e telemetry.Event) error {
	if e.Status.Mission == "" {
		return nil
	}
	_, events, err := d.Store.ChangeMission(ctx, MissionID(e.Status.Mission), e.At, func(m Mission, own []Delivery) (MissionChange, error) {
		if m.Drone != e.Device {
			return MissionChange{}, nil
		}
		return flown(m, own, e)
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	d.settle(ctx, d.Now())
	d.publish(events)
	return nil
}

// flown is what a phase of flight means for a mission. A phase that does not fit
// the mission's status, as after a repeated report, changes nothing.
func flown(m Mission, own []Delivery, e telemetry.Event) (MissionChange, error) {
	c := MissionChange{Actor: string(e.Device), Deliveries: map[DeliveryID]Change{}}
	step := Step("")
	switch leg := e.Status.Leg; {
	case e.Status.Phase == telemetry.Airborne && leg == 0:
		c.Status, c.DepartAt, step = MOutbound, e.At, StepTakeOff
	case e.Status.Phase == telemetry.Landed && leg == 0:
		c.Status, c.ArriveAt, step, c.BoxesAt = MAtPad, e.At, StepLand, m.Hospital
	case e.Status.Phase == telemetry.Airborne && leg == 1:
		c.Status, c.SlotTo = MInbound, e.At
	case e.Status.Phase == telemetry.Returning:
		c.Status, c.SlotTo = MInbound, e.At
	case e.Status.Phase == telemetry.Parked:
		c.Status, c.HomeAt, step, c.BoxesAt = MDone, e.At, StepReturn, m.Centre
	default:
		return MissionChange{}, nil
	}
	if !m.Status.canBecome(c.Status) {
		return MissionChange{}, nil
	}
	for _, del := range own {
		if ch, err := del.Apply(System, step, Scan{}, e.At); step != "" && err == nil {
			ch.Custody.Actor = string(e.Device)
			c.Deliveries[del.ID] = ch
		}
	}
	return c, nil
}

// guideAll tells the tracker what every drone flies and which boxes are watched.
func (d *Dispatcher) guideAll(ctx context.Context, now time.Time) error {
	missions, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return err
	}
	guides := map[telemetry.DeviceID]*telemetry.Guide{}
	wind, _ := d.Wind(now)
	for _, m := range missions {
		drone, _ := d.Network.Drone(m.Drone)
		class, _ := d.Network.Class(drone.Class)
		g := &telemetry.Guide{Mission: string(m.ID), Path: points(m.Out), Class: class, LoadKg: m.LoadKg, Wind: wind}
		if m.Status == MAtPad || m.Status == MInbound {
			g.Leg, g.Path, g.LoadKg = 1, points(m.Back), d.emptyKg(deliveriesOf(m.ID, deliveries))
		}
		guides[m.Drone] = g
	}
	for _, drone := range d.Network.Drones {
		d.Tracker.SetGuide(drone.ID, guides[drone.ID])
	}
	d.watchBoxes(ctx, deliveries, now)
	d.noteCarriers(deliveries)
	return nil
}

// emptyKg is the mass of the deliveries' boxes without units.
func (d *Dispatcher) emptyKg(own []Delivery) float64 {
	var boxes []Box
	for _, del := range own {
		for _, b := range del.Boxes {
			if known, ok := find(d.Network.Boxes, func(x Box) bool { return x.ID == b.Box }); ok {
				boxes = append(boxes, known)
			}
		}
	}
	return emptyKg(d.Network, boxes)
}

func (d *Dispatcher) noteCarriers(deliveries []Delivery) {
	to := map[SiteID]map[telemetry.DeviceID]bool{}
	for _, del := range deliveries {
		if del.Status == DClosed || del.Status == DCancelled || del.Status == DReturned {
			continue
		}
		if to[del.Hospital] == nil {
			to[del.Hospital] = map[telemetry.DeviceID]bool{}
		}
		to[del.Hospital][del.Drone] = true
		for _, b := range del.Boxes {
			to[del.Hospital][b.Box] = true
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.carriers = to
}

// watchBoxes starts the record of boxes that hold units and ends that of others.
func (d *Dispatcher) watchBoxes(ctx context.Context, deliveries []Delivery, now time.Time) {
	watched := map[telemetry.DeviceID]coldchain.ProfileID{}
	for _, del := range deliveries {
		if del.Status == DClosed || del.Status == DCancelled || del.Status == DReturned {
			continue
		}
		for _, b := range del.Boxes {
			if !b.PackedAt.IsZero() {
				watched[b.Box] = b.Profile
			}
		}
	}
	for _, b := range d.Network.Boxes {
		state, _ := d.Tracker.Box(now, b.ID)
		profile, on := watched[b.ID]
		switch {
		case on && !state.Watched:
			d.Tracker.Watch(b.ID, d.Profiles[profile])
		case !on && state.Watched:
			d.Tracker.Unwatch(b.ID)
			d.lower(ctx, b.ID, "", []AlarmKind{TempExcursion, TempNearLimit, TempUnknown}, now)
		}
	}
}

// retell raises what a box's record means now: the change may have been stored but
// not told before the program died. An alarm that is open already stays one.
func (d *Dispatcher) retell(ctx context.Context, box telemetry.DeviceID, now time.Time) {
	if state, ok := d.Tracker.Box(now, box); ok && state.Watched {
		d.Heard(ctx, []telemetry.Event{{Kind: telemetry.TempChanged, Device: box, At: now, Temp: state.Summary, Profile: state.Profile}})
	}
}

// history reads stored samples for Restore.
type history interface {
	// Newest returns the newest sample of each kind of every device.
	Newest(ctx context.Context) ([]telemetry.Sample, error)
	// Temperatures returns a box's readings since a time, in order.
	Temperatures(ctx context.Context, box telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
}

// Restore brings the tracker to where the record stands: known devices, newest
// samples, guides, and the boxes' records since packing. No event is told twice:
// alarms that are open already stay one.
func (d *Dispatcher) Restore(ctx context.Context, h history) error {
	now := d.Now()
	for _, drone := range d.Network.Drones {
		d.Tracker.Know(drone.ID)
	}
	for _, b := range d.Network.Boxes {
		bt, _ := d.Network.BoxType(b.Type)
		d.Tracker.KnowBox(b.ID, d.Profiles[bt.Profile])
	}
	d.Tracker.SetZones(d.Network.Zones)
	newest, err := h.Newest(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, s := range newest {
		d.Tracker.Observe(now, s)
	}
	if err := d.guideAll(ctx, now); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	_, deliveries, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, del := range deliveries {
		for _, b := range del.Boxes {
			if b.PackedAt.IsZero() {
				continue
			}
			readings, err := h.Temperatures(ctx, b.Box, b.PackedAt, now)
			if err != nil {
				return fmt.Errorf("restore box %s: %w", b.Box, err)
			}
			for _, s := range readings {
				d.Tracker.Observe(now, s)
			}
			d.retell(ctx, b.Box, now)
		}
	}
	// A phase that was stored but not acted upon before the program died.
	for _, s := range newest {
		if st, ok := s.Reading.(telemetry.Status); ok {
			d.Heard(ctx, []telemetry.Event{{Kind: telemetry.PhaseChanged, Device: s.Device, At: s.At, Status: st}})
		}
	}
	return nil
}
