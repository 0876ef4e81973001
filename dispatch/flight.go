package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"hemolift/geo"
	"hemolift/geo/route"
	"hemolift/telemetry"
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
	pending, err := d.Store.PendingCommands(ctx, now)
	if err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	d.tellOverdue(ctx, deliveries, now)
	var errs []error
	for _, m := range missions {
		own := deliveriesOf(m.ID, deliveries)
		errs = append(errs, d.reconcile(ctx, m, own))
		if _, waits := find(pending, func(c telemetry.Command) bool { return c.Mission == string(m.ID) }); !waits && d.mayRetry(m.ID, now) {
			errs = append(errs, d.advance(ctx, m, own, missions, now))
		}
	}
	return errors.Join(append(errs, d.sendPending(ctx, missions, now))...)
}

// reconcile brings a mission to where its drone says that it is. A change of phase
// is told once; what was not acted upon then, by a failure or a restart, is made
// good here, one status at a time.
func (d *Dispatcher) reconcile(ctx context.Context, m Mission, own []Delivery) error {
	state, ok := d.Tracker.Drone(m.Drone)
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
func implied(s MissionStatus, now telemetry.Status) telemetry.Status {
	was := now
	switch {
	case s == MUploaded && (now.Leg > 0 || now.Phase == telemetry.Landed || now.Phase == telemetry.Returning):
		was.Phase, was.Leg = telemetry.Airborne, 0
	case s == MOutbound && now.Leg > 0:
		was.Phase, was.Leg = telemetry.Landed, 0
	case s == MAtPad && now.Phase == telemetry.Parked && now.Leg > 0:
		was.Phase = telemetry.Airborne
	}
	return was
}

// retryAfter is how long a mission waits after its drone refused a command.
const retryAfter = 20 * time.Second

func (d *Dispatcher) mayRetry(id MissionID, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !now.Before(d.retryAt[id])
}

func (d *Dispatcher) retryLater(id MissionID, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.retryAt[id] = now.Add(retryAfter)
}

// tellOverdue raises an alarm for each delivery whose needed-by has passed while it
// is on its way. The store clears it when the delivery lands or ends.
func (d *Dispatcher) tellOverdue(ctx context.Context, deliveries []Delivery, now time.Time) {
	late := map[DeliveryID]bool{}
	for _, del := range deliveries {
		if !now.After(del.NeededBy) || del.Status.Ended() || oneOf(del.Status, DLanded, DOpened) {
			continue
		}
		late[del.ID] = true
		if !d.overdue[del.ID] {
			d.raise(ctx, Alarm{Kind: Overdue, Device: del.Drone, RaisedAt: now, Value: now.Sub(del.NeededBy).Minutes()})
		}
	}
	d.overdue = late
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
func (d *Dispatcher) advance(ctx context.Context, m Mission, own []Delivery, missions []Mission, now time.Time) error {
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok {
		return nil
	}
	switch {
	case m.Status == MPlanned:
		return d.upload(ctx, m, now)
	case m.Status == MUploaded && all(own, DLoaded):
		return d.releaseOut(ctx, m, missions, now)
	case m.Status == MAtPad && all(own, DClosed, DRejected) && state.Status.Phase == telemetry.Landed:
		return d.releaseBack(ctx, m, own, now)
	case m.Status == MAtPad:
		return d.holdPad(ctx, m, now)
	}
	return nil
}

func all(own []Delivery, any ...DeliveryStatus) bool {
	for _, del := range own {
		if !oneOf(del.Status, any...) {
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

// releaseOut lets a loaded drone go when both ways, energy, wind and pad still hold.
func (d *Dispatcher) releaseOut(ctx context.Context, m Mission, missions []Mission, now time.Time) error {
	if state, _ := d.Tracker.Drone(m.Drone); state.Status.Phase != telemetry.Parked {
		return nil
	}
	out, okOut := d.clear(ctx, m, m.Out, m.LoadKg, now)
	back, okBack := d.clear(ctx, m, m.Back, m.LoadKg, now)
	arrive := now.Add(out.Duration)
	if !okOut || !okBack || !d.charged(m, out.EnergyJ+back.EnergyJ) || d.padOccupied(m, missions, arrive, now) {
		return nil
	}
	err := d.command(ctx, m, System, now, MissionChange{DepartAt: now, ArriveAt: arrive, SlotFrom: arrive.Add(-slotSlack), SlotTo: arrive.Add(unloadTime)},
		telemetry.Command{Kind: telemetry.Release})
	if errors.Is(err, ErrTaken) {
		return nil // the pad is taken then; tried again until it is free
	}
	return err
}

// releaseBack lets a drone leave its pad for home under the same conditions.
func (d *Dispatcher) releaseBack(ctx context.Context, m Mission, own []Delivery, now time.Time) error {
	back, ok := d.clear(ctx, m, m.Back, d.emptyKg(own), now)
	if !ok || !d.charged(m, back.EnergyJ) {
		return d.holdPad(ctx, m, now)
	}
	return d.command(ctx, m, System, now, MissionChange{}, telemetry.Command{Kind: telemetry.Release, Leg: 1})
}

// clear looks at a leg as it would be flown now: in touch with its drone, outside
// zones and within the wind. What it takes is returned.
func (d *Dispatcher) clear(ctx context.Context, m Mission, track []geo.Fix4D, loadKg float64, now time.Time) (route.Leg, bool) {
	drone, _ := d.Network.Drone(m.Drone)
	class, _ := d.Network.Class(drone.Class)
	state, ok := d.Tracker.Drone(m.Drone)
	if !ok || state.Link == telemetry.LinkStale {
		return route.Leg{}, false
	}
	if hit := d.router.conflicts(points(track), class.HeightM, now); hit != nil {
		d.Log.WarnContext(ctx, "not released: the route enters zones", "mission", m.ID, "zones", hit)
		return route.Leg{}, false
	}
	wind, _ := d.Wind(now)
	leg, err := class.Fly(points(track), loadKg, wind)
	return leg, err == nil
}

// charged reports whether the drone's battery covers the energy and the reserve.
func (d *Dispatcher) charged(m Mission, energyJ float64) bool {
	state, _ := d.Tracker.Drone(m.Drone)
	return energyJ+m.ReserveJ <= m.BatteryJ*state.Position.BatteryPct/100
}

// padOccupied reports whether another drone overstays on the pad, or would still be
// there. Slots keep plans apart; this keeps what happens apart.
func (d *Dispatcher) padOccupied(m Mission, missions []Mission, arrive, now time.Time) bool {
	for _, o := range missions {
		if o.ID == m.ID || o.Pad != m.Pad {
			continue
		}
		state, _ := d.Tracker.Drone(o.Drone)
		switch o.Status {
		case MAtPad:
			if now.After(o.ArriveAt.Add(unloadTime)) {
				return true
			}
		case MOutbound:
			if eta := state.ETA; eta.Before(arrive.Add(unloadTime)) && arrive.Before(eta.Add(unloadTime)) {
				return true
			}
		}
	}
	return false
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
	if errors.Is(err, ErrTaken) { // another drone is to land here: people must decide
		d.raise(ctx, Alarm{Kind: PadTaken, Device: m.Drone, RaisedAt: now, Detail: string(m.Pad)})
		err = nil
	}
	d.held[m.ID] = now.Add(holdAhead)
	d.Feed.Publish(events...)
	return err
}

// command stores a command with a mission's change; sendPending sends it.
func (d *Dispatcher) command(ctx context.Context, m Mission, a Actor, now time.Time, c MissionChange, cmd telemetry.Command) error {
	cmd.Expires = now.Add(commandLife)
	c.Commands, c.Actor = []telemetry.Command{cmd}, a.Login
	_, events, err := d.Store.ChangeMission(ctx, m.ID, now, func(locked Mission, _ []Delivery) (MissionChange, error) {
		if locked.Status != m.Status { // aborted or moved on meanwhile
			return MissionChange{}, nil
		}
		return c, nil
	})
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
	d.publish(events) // the flight loop sends it
	return nil
}

// wayHome plans from where the drone is to its home, around the zones.
func (d *Dispatcher) wayHome(m Mission, now time.Time) (telemetry.FlightPlan, error) {
	state, ok := d.Tracker.Drone(m.Drone)
	drone, _ := d.Network.Drone(m.Drone)
	class, _ := d.Network.Class(drone.Class)
	home, _ := d.Network.Site(m.Centre)
	if !ok || !state.Heard || state.Link == telemetry.LinkStale {
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
func (d *Dispatcher) sendPending(ctx context.Context, missions []Mission, now time.Time) error {
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
		if c.Kind == telemetry.Return { // from where the drone is now, not when it was ordered
			if m, ok := find(missions, func(m Mission) bool { return string(m.ID) == c.Mission }); ok {
				if p, err := d.wayHome(m, now); err == nil {
					c.Plan = &p
				}
			}
		}
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
		return d.planAgain(ctx, mission, kind, now)
	}
	d.lower(ctx, a.Device, "", []AlarmKind{CommandUnacked}, now)
	if kind != telemetry.LoadMission {
		return nil
	}
	return d.confirmPlan(ctx, mission, a, now)
}

// planAgain has the plan sent anew, after a while, to a drone that would not fly it.
func (d *Dispatcher) planAgain(ctx context.Context, id MissionID, kind telemetry.CommandKind, now time.Time) error {
	d.retryLater(id, now)
	if kind != telemetry.Release {
		return nil
	}
	_, events, err := d.Store.ChangeMission(ctx, id, now, func(m Mission, _ []Delivery) (MissionChange, error) {
		if m.Status != MUploaded {
			return MissionChange{}, nil
		}
		return MissionChange{Status: MPlanned, Actor: string(m.Drone)}, nil
	})
	if err != nil {
		return fmt.Errorf("plan again: %w", err)
	}
	d.publish(events)
	return nil
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
		d.retryLater(id, now)
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
		c.Status, c.LeftAt = MInbound, e.At
	case e.Status.Phase == telemetry.Returning:
		c.Status, c.LeftAt = MInbound, e.At
	case e.Status.Phase == telemetry.Parked:
		c.Status, c.LeftAt, c.HomeAt, step, c.BoxesAt = MDone, e.At, e.At, StepReturn, m.Centre
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
	d.guiding.Lock()
	defer d.guiding.Unlock()
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
		if d.Tracker.SetGuide(drone.ID, guides[drone.ID]) { // judged anew on the new leg
			d.lower(ctx, drone.ID, "", []AlarmKind{LowEnergy, OffRoute}, now)
		}
	}
	d.noteCarriers(deliveries)
	return d.watchBoxes(ctx, deliveries, now)
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
		if del.Status.Ended() {
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

// watchBoxes starts the record of boxes that hold units, with what they reported
// since packing, and ends that of others.
func (d *Dispatcher) watchBoxes(ctx context.Context, deliveries []Delivery, now time.Time) error {
	watched := map[telemetry.DeviceID]DeliveryBox{}
	for _, del := range deliveries {
		if del.Status.Ended() {
			continue
		}
		for _, b := range del.Boxes {
			if !b.PackedAt.IsZero() {
				watched[b.Box] = b
			}
		}
	}
	for _, b := range d.Network.Boxes {
		state, _ := d.Tracker.Box(now, b.ID)
		holds, on := watched[b.ID]
		switch {
		case on && !state.Watched:
			if err := d.watch(ctx, holds, now); err != nil {
				return err
			}
		case !on && state.Watched:
			d.Tracker.Unwatch(b.ID)
			d.lower(ctx, b.ID, "", []AlarmKind{TempExcursion, TempNearLimit, TempUnknown}, now)
		}
	}
	return nil
}

func (d *Dispatcher) watch(ctx context.Context, b DeliveryBox, now time.Time) error {
	readings, err := d.History.Temperatures(ctx, b.Box, b.PackedAt, now)
	if err != nil {
		return fmt.Errorf("readings of box %s: %w", b.Box, err)
	}
	d.Tracker.Watch(b.Box, d.Profiles[b.Profile])
	for _, s := range readings {
		d.Tracker.Observe(now, s)
	}
	d.retell(ctx, b.Box, now)
	return nil
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
// samples, guides, and the boxes' records since packing. Alarms that are open stay
// one; those that only a new sample can judge are cleared and raised again by it.
func (d *Dispatcher) Restore(ctx context.Context) error {
	now := d.Now()
	for _, drone := range d.Network.Drones {
		d.Tracker.Know(drone.ID)
	}
	for _, b := range d.Network.Boxes {
		bt, _ := d.Network.BoxType(b.Type)
		d.Tracker.KnowBox(b.ID, d.Profiles[bt.Profile])
	}
	d.Tracker.SetZones(d.Network.Zones)
	newest, err := d.History.Newest(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, s := range newest {
		d.Tracker.Observe(now, s)
	}
	if err := d.guideAll(ctx, now); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	missions, _, err := d.Store.ActiveMissions(ctx)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, drone := range d.Network.Drones {
		d.lower(ctx, drone.ID, "", []AlarmKind{LowEnergy, OffRoute, InZone}, now)
	}
	for _, m := range missions {
		if state, ok := d.Tracker.Drone(m.Drone); ok && state.Heard && state.Link == telemetry.LinkStale && state.Status.Phase.InAir() {
			d.raise(ctx, Alarm{Kind: LinkLoss, Device: m.Drone, RaisedAt: now, Value: now.Sub(state.At).Seconds()})
		}
	}
	return nil
}
