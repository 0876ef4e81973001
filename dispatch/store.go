package dispatch

import (
	"context"
	"time"

	"hemolift/geo"
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
	FindRequest(ctx context.Context, login, key string, bodyHash []byte) (Request, error)
	// InsertRequest stores a request under its account and idempotency key. When
	// the key exists with the same body hash it returns the stored request and no
	// events; with another, ErrKeyReused.
	InsertRequest(ctx context.Context, r Request, key string, bodyHash []byte) (Request, []Event, error)
	// ChangeRequest loads and locks a request with its delivery, if it has one, and
	// writes what decide returns.
	ChangeRequest(ctx context.Context, id RequestID, actor Actor, now time.Time, decide func(Request, *Delivery) (RequestChange, error)) (Request, []Event, error)
	// Allocate makes mission, pad slot, delivery and reservations. It returns
	// ErrTaken when any of them is taken.
	Allocate(ctx context.Context, a Allocation) (Delivery, []Event, error)
	// ChangeDelivery loads and locks a delivery and writes what decide returns.
	ChangeDelivery(ctx context.Context, id DeliveryID, now time.Time, decide func(Delivery) (Change, error)) (Delivery, []Event, error)
	// ChangeMission loads and locks a mission with its deliveries and writes what
	// decide returns.
	ChangeMission(ctx context.Context, id MissionID, now time.Time, decide func(Mission, []Delivery) (MissionChange, error)) (Mission, []Event, error)
	// Exchange ends the mission of a delivery on the ground and gives it another one; it
	// returns ErrReleased when its drone may be gone, which MayBeGone tells beforehand.
	Exchange(ctx context.Context, x Exchange, decide func(Delivery) (Change, error)) ([]Event, error)
	MayBeGone(ctx context.Context, m MissionID, grounded time.Time) (bool, error)
	// Divert ends a delivery in the air and begins another one with its box and units.
	Divert(ctx context.Context, t Turn) (Delivery, []Event, error)
	// ActiveMissions returns missions that hold a drone, with their deliveries.
	ActiveMissions(ctx context.Context) ([]Mission, []Delivery, error)
	// RaiseAlarm opens an alarm unless one of its kind, device and delivery is open.
	RaiseAlarm(ctx context.Context, a Alarm) ([]Event, error)
	ClearAlarms(ctx context.Context, device telemetry.DeviceID, delivery DeliveryID, kinds []AlarmKind, now time.Time) ([]Event, error)
	AckAlarm(ctx context.Context, id int64, actor Actor, now time.Time) ([]Event, error)
	// PendingCommands returns commands that are neither acknowledged nor expired.
	PendingCommands(ctx context.Context, now time.Time) ([]telemetry.Command, error)
	// AckCommand stores a drone's answer; repeated answers change nothing.
	AckCommand(ctx context.Context, a telemetry.Ack) (MissionID, telemetry.CommandKind, []Event, error)
	// ExpireCommands closes commands whose time is over and returns them.
	ExpireCommands(ctx context.Context, now time.Time) ([]telemetry.Command, error)
	// Delivery reads one delivery with all that belongs to it, or ErrNotFound.
	Delivery(ctx context.Context, id DeliveryID) (DeliveryRecord, error)
	// Passages returns the judged journeys of a delivery's units.
	Passages(ctx context.Context, id DeliveryID) ([]UnitPassage, error)
	// Lives returns what units went through on other deliveries.
	Lives(ctx context.Context, keys []UnitKey, but DeliveryID) (map[UnitKey]coldchain.Life, error)
	AddProbeCalibration(ctx context.Context, c ProbeCalibration) error
	ProbeCalibrations(ctx context.Context, box telemetry.DeviceID) ([]ProbeCalibration, error)
	// CalibrationDue is when the earliest calibration of a box's probes runs out; zero
	// when none is on record.
	CalibrationDue(ctx context.Context, box telemetry.DeviceID) (time.Time, error)
	// KeepLoggerFile keeps a file as it came; the same one again changes nothing.
	KeepLoggerFile(ctx context.Context, id DeliveryID, file []byte, a Actor, now time.Time) error
	// RecordLeg keeps what a leg took; one that is kept already is left as it is.
	// FlownLegs returns a drone's newest ones, at most limit.
	RecordLeg(ctx context.Context, leg FlownLeg) error
	FlownLegs(ctx context.Context, drone telemetry.DeviceID, limit int) ([]route.FlownLeg, error)
	// InsertZone stores a zone that a person drew; EndZone ends it, ErrNotFound
	// unless it is one that has not ended.
	InsertZone(ctx context.Context, z airspace.Zone, now time.Time) ([]Event, error)
	EndZone(ctx context.Context, id airspace.ZoneID, actor Actor, now time.Time) ([]Event, error)
	// Day returns what was asked for between two times, and the units that left for it or
	// are in stock now.
	Day(ctx context.Context, from, to time.Time) ([]Request, []Unit, error)
	// Closures are those that end after now.
	Closures(ctx context.Context, now time.Time) ([]Closure, error)
	// InsertClosure takes a site or pad out of service; EndClosure puts it back, unless
	// decide refuses, ErrNotFound when it is in service.
	InsertClosure(ctx context.Context, c Closure) (Closure, []Event, error)
	EndClosure(ctx context.Context, id int64, actor Actor, now time.Time, decide func(Closure) error) ([]Event, error)
	// AddUnits puts units into stock; one that exists is left as it is.
	AddUnits(ctx context.Context, units []Unit, actor Actor, now time.Time) (int, []Event, error)
	// EventsSince returns up to limit events after a sequence, in order.
	EventsSince(ctx context.Context, seq uint64, limit int) ([]Event, error)
	// Log appends events that change nothing else.
	Log(ctx context.Context, events ...Event) ([]Event, error)
}

// RequestChange is what is written to a request, and to its delivery.
type RequestChange struct {
	Request  Request // with Version raised
	Delivery *Change // cancels it
	What     string  // amended or cancelled
}

// Allocation is an accepted proposal.
type Allocation struct {
	Proposal Proposal
	Request  Request
	Mission  Mission
	Profile  string
	// TwoPersons has another person than the actor check the units.
	TwoPersons bool
	Actor      Actor
	Now        time.Time
}

// Turn is an accepted diversion.
type Turn struct {
	Diversion Diversion
	Gains     Request
	Mission   MissionChange
	Alarm     Alarm // of the hospital that loses
	// TwoPersons has the check of the units be another person's than the actor's; Checked
	// says whose it is, or refuses.
	TwoPersons bool
	Checked    func(Delivery) (string, error)
	CheckedBy  string // filled in
	Actor      Actor
	Now        time.Time
	// Decide says what the step means for the delivery that ends; an error refuses.
	Decide func(Mission, Delivery) (Change, error)
}

// MissionChange is what is written to a mission. Zero fields change nothing.
type MissionChange struct {
	Status   MissionStatus
	Pad      PadID  // another one, with its slot
	Hospital SiteID // another one, with its pad
	DepartAt time.Time
	ArriveAt time.Time
	HomeAt   time.Time
	SlotTo   time.Time // the pad slot ends then
	SlotFrom time.Time
	LeftAt   time.Time           // the pad is free from then on
	Out      []geo.Fix4D         // another way out
	Back     []geo.Fix4D         // another way back
	PlanHash string              // of a new plan; uploads of older ones are void
	EnergyJ  float64             // of the new plan
	Commands []telemetry.Command // to be sent; ID, Device and Mission are filled in
	Actor    string
	// Deliveries are the steps that the flight makes them take.
	Deliveries map[DeliveryID]Change
	// BoxesAt is where the mission's boxes stand from now on.
	BoxesAt SiteID
	Note    string
}
