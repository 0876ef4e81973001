package dispatch

import (
	"context"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// store keeps the record. Each writing method is one transaction; it returns the
// log events it wrote, in the order of their sequence, to be published after.
type store interface {
	// Snapshot reads everything but what telemetry knows.
	Snapshot(ctx context.Context, now time.Time) (Snapshot, error)
	// FindRequest returns the request of an account and idempotency key, ErrNotFound
	// without one, ErrKeyReused if it was made from another body.
	FindRequest(ctx context.Context, login, key string, bodyHash []byte) (delivery.Request, error)
	// InsertRequest stores a request under its account and idempotency key. When
	// the key exists with the same body hash it returns the stored request and no
	// events; with another, ErrKeyReused.
	InsertRequest(ctx context.Context, r delivery.Request, key string, bodyHash []byte) (delivery.Request, []delivery.Event, error)
	// ChangeRequest loads and locks a request with its delivery, if it has one, and
	// writes what decide returns.
	ChangeRequest(ctx context.Context, id delivery.RequestID, actor network.Actor, now time.Time, decide func(delivery.Request, *delivery.Delivery) (delivery.RequestChange, error)) (delivery.Request, []delivery.Event, error)
	// Allocate makes mission, pad slot, delivery and reservations. It returns
	// ErrTaken when any of them is taken.
	Allocate(ctx context.Context, a Allocation) (delivery.Delivery, []delivery.Event, error)
	// ChangeDelivery loads and locks a delivery and writes what decide returns.
	ChangeDelivery(ctx context.Context, id delivery.DeliveryID, now time.Time, decide func(delivery.Delivery) (delivery.Change, error)) (delivery.Delivery, []delivery.Event, error)
	// ChangeMission loads and locks a mission with its deliveries and writes what
	// decide returns.
	ChangeMission(ctx context.Context, id delivery.MissionID, now time.Time, decide func(delivery.Mission, []delivery.Delivery) (delivery.MissionChange, error)) (delivery.Mission, []delivery.Event, error)
	// Exchange ends the mission of a delivery on the ground and gives it another one; it
	// returns ErrReleased when its drone may be gone, which MayBeGone tells beforehand.
	Exchange(ctx context.Context, x Exchange, decide func(delivery.Delivery) (delivery.Change, error)) ([]delivery.Event, error)
	MayBeGone(ctx context.Context, m delivery.MissionID, grounded time.Time) (bool, error)
	// Divert ends a delivery in the air and begins another one with its box and units.
	Divert(ctx context.Context, t Turn) (delivery.Delivery, []delivery.Event, error)
	// ActiveMissions returns missions that hold a drone, with their deliveries.
	ActiveMissions(ctx context.Context) ([]delivery.Mission, []delivery.Delivery, error)
	// RaiseAlarm opens an alarm unless one of its kind, device and delivery is open.
	RaiseAlarm(ctx context.Context, a delivery.Alarm) ([]delivery.Event, error)
	ClearAlarms(ctx context.Context, device telemetry.DeviceID, delivery delivery.DeliveryID, kinds []delivery.AlarmKind, now time.Time) ([]delivery.Event, error)
	AckAlarm(ctx context.Context, id int64, actor network.Actor, now time.Time) ([]delivery.Event, error)
	// PendingCommands returns commands that are neither acknowledged nor expired.
	PendingCommands(ctx context.Context, now time.Time) ([]telemetry.Command, error)
	// AckCommand stores a drone's answer; repeated answers change nothing.
	AckCommand(ctx context.Context, a telemetry.Ack) (delivery.MissionID, telemetry.CommandKind, []delivery.Event, error)
	// ExpireCommands closes commands whose time is over and returns them.
	ExpireCommands(ctx context.Context, now time.Time) ([]telemetry.Command, error)
	// Delivery reads one delivery with all that belongs to it, or ErrNotFound.
	Delivery(ctx context.Context, id delivery.DeliveryID) (delivery.Record, error)
	// Passages returns the judged journeys of a delivery's units.
	Passages(ctx context.Context, id delivery.DeliveryID) ([]delivery.Journey, error)
	// Lives returns what units went through on other deliveries.
	Lives(ctx context.Context, keys []blood.UnitKey, but delivery.DeliveryID) (map[blood.UnitKey]coldchain.Life, error)
	AddProbeCalibration(ctx context.Context, c ProbeCalibration) error
	ProbeCalibrations(ctx context.Context, box telemetry.DeviceID) ([]ProbeCalibration, error)
	// CalibrationDue is when the earliest calibration of a box's probes runs out; zero
	// when none is on record.
	CalibrationDue(ctx context.Context, box telemetry.DeviceID) (time.Time, error)
	// KeepLoggerFile keeps a file as it came; the same one again changes nothing.
	KeepLoggerFile(ctx context.Context, id delivery.DeliveryID, file []byte, a network.Actor, now time.Time) error
	// RecordLeg keeps what a leg took; one that is kept already is left as it is.
	// FlownLegs returns a drone's newest ones, at most limit.
	RecordLeg(ctx context.Context, leg FlownLeg) error
	FlownLegs(ctx context.Context, drone telemetry.DeviceID, limit int) ([]route.FlownLeg, error)
	// InsertZone stores a zone that a person drew; EndZone ends it, ErrNotFound
	// unless it is one that has not ended.
	InsertZone(ctx context.Context, z airspace.Zone, now time.Time) ([]delivery.Event, error)
	EndZone(ctx context.Context, id airspace.ZoneID, actor network.Actor, now time.Time) ([]delivery.Event, error)
	// Day returns what was asked for between two times, and the units that left for it or
	// are in stock now.
	Day(ctx context.Context, from, to time.Time) ([]delivery.Request, []blood.Unit, error)
	// Closures are those that end after now.
	Closures(ctx context.Context, now time.Time) ([]network.Closure, error)
	// InsertClosure takes a site or pad out of service; EndClosure puts it back, unless
	// decide refuses, ErrNotFound when it is in service.
	InsertClosure(ctx context.Context, c network.Closure) (network.Closure, []delivery.Event, error)
	EndClosure(ctx context.Context, id int64, actor network.Actor, now time.Time, decide func(network.Closure) error) ([]delivery.Event, error)
	// AddUnits puts units into stock; one that exists is left as it is.
	AddUnits(ctx context.Context, units []blood.Unit, actor network.Actor, now time.Time) (int, []delivery.Event, error)
	// EventsSince returns up to limit events after a sequence, in order.
	EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error)
	// Log appends events that change nothing else.
	Log(ctx context.Context, events ...delivery.Event) ([]delivery.Event, error)
}

// Allocation is an accepted proposal.
type Allocation struct {
	Proposal Proposal
	Request  delivery.Request
	Mission  delivery.Mission
	Profile  string
	// TwoPersons has another person than the actor check the units.
	TwoPersons bool
	Actor      network.Actor
	Now        time.Time
}

// Turn is an accepted diversion.
type Turn struct {
	Diversion Diversion
	Gains     delivery.Request
	Mission   delivery.MissionChange
	Alarm     delivery.Alarm // of the hospital that loses
	// TwoPersons has the check of the units be another person's than the actor's; Checked
	// says whose it is, or refuses.
	TwoPersons bool
	Checked    func(delivery.Delivery) (string, error)
	CheckedBy  string // filled in
	Actor      network.Actor
	Now        time.Time
	// Decide says what the step means for the delivery that ends; an error refuses.
	Decide func(delivery.Mission, delivery.Delivery) (delivery.Change, error)
}
