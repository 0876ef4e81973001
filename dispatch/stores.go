package dispatch

import (
	"context"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/document"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/handover"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
	"hemolift/dispatch/upkeep"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Stores keep the record: each field is one part of it. Every writing method is one
// transaction with its log events.
type Stores struct {
	World     world
	Books     books
	Log       log
	Requests  requests
	Stock     stock
	Alarms    alarms
	Commands  commands
	Zones     zones
	Closures  closures
	Cold      cold
	Legs      legs
	Handovers handovers
	Networks  networks
	Documents documents
	Upkeep    upkeeps
}

// documents keeps the versions of what a blood service decides for itself.
type documents interface {
	// Versions returns all of them, in the order in which they came.
	Versions(ctx context.Context) ([]document.Version, error)
	// Propose keeps a version unless it or decide refuses it beside all there are; decide tells
	// the event. It returns the version with its id.
	Propose(
		ctx context.Context, v document.Version, decide func(v document.Version, all []document.Version) (delivery.Event, error),
	) (document.Version, error)
	// Decide keeps what decide makes of a version; ErrNotFound without it.
	Decide(
		ctx context.Context, id int64, decide func(v document.Version, all []document.Version) (document.Decision, delivery.Event, error),
	) error
	// TakeEffect has a version that was approved count from now on, unless check refuses it for
	// the network, which nobody else changes meanwhile.
	TakeEffect(
		ctx context.Context, id int64, now time.Time,
		check func(v document.Version, all []document.Version, n *network.Network) (delivery.Event, error),
	) error
	// SaveProfiles keeps the versions of profiles that are not known yet.
	SaveProfiles(ctx context.Context, set map[coldchain.ProfileID]coldchain.Profile, now time.Time) error
}

// networks keeps what stands still.
type networks interface {
	// Network reads the network as it stands, with where its boxes are.
	Network(ctx context.Context) (*network.Network, error)
	// ChangeNetwork brings the record to a network, nobody else changing it or sending anything
	// to its sites, has decide compare what it was and is then, and keeps that with its event;
	// with none, and when decide refuses, nothing is kept. It returns the network and the
	// event's sequence, or 0.
	ChangeNetwork(
		ctx context.Context, n *network.Network, now time.Time,
		decide func(was, is *network.Network, flights situation.Flights) (*delivery.Event, error),
	) (*network.Network, uint64, error)
}

// world reads what is under way and what waits, each at one instant.
type world interface {
	Flights(ctx context.Context, now time.Time) (situation.Flights, error)
	World(ctx context.Context, now time.Time) (situation.Flights, situation.Demand, error)
	// Day returns what was asked for between two times, and the units that left for it
	// or are in stock now.
	Day(ctx context.Context, from, to time.Time) ([]delivery.Request, []blood.Unit, error)
}

// requests keeps what hospitals ask for.
type requests interface {
	// FindRequest returns the request of an account and idempotency key, ErrNotFound
	// without one, ErrKeyReused if it was made from another body.
	FindRequest(ctx context.Context, login, key string, bodyHash []byte) (delivery.Request, error)
	// InsertRequest stores a request, with an id, under its account and idempotency key.
	// When the key exists with the same body hash it returns the stored request; with
	// another, ErrKeyReused.
	InsertRequest(ctx context.Context, r delivery.Request, key string, bodyHash []byte) (delivery.Request, error)
}

// stock keeps the units of the centres.
type stock interface {
	// AddUnits puts units into stock, and returns how many were new; one that exists is
	// left as it is. decide sees all of them as they are on record then, and may refuse.
	AddUnits(
		ctx context.Context, units []blood.Unit, actor network.Actor, now time.Time, decide func(onRecord map[blood.UnitKey]blood.Unit) error,
	) (int, error)
	// Known returns those of some units that are on record.
	Known(ctx context.Context, keys []blood.UnitKey) (map[blood.UnitKey]blood.Unit, error)
	// OnShelf returns the keys of the units that are at a centre and should be found there.
	OnShelf(ctx context.Context, s blood.ShelfKey) ([]blood.Unit, error)
}

// alarms keeps those that stand. ChangeAlarms reads them, has decide say what becomes of
// them, and writes that; it returns how many events it logged.
type alarms interface {
	ChangeAlarms(ctx context.Context, now time.Time, decide func(standing []delivery.Alarm) delivery.AlarmChange) (events int, err error)
	// DoAlarm has decide do what a person wishes about one alarm; ErrNotFound without it.
	DoAlarm(
		ctx context.Context, id int64, actor network.Actor, now time.Time, decide func(delivery.Alarm) (delivery.AlarmDeed, error),
	) (events int, err error)
	// NoteWorst keeps what was measured at worst while alarms stood, by their ids.
	NoteWorst(ctx context.Context, worst map[int64]float64) error
}

// commands keeps what drones are told until they answer.
type commands interface {
	// Answer stores a drone's answer, once. It returns the command's mission and kind;
	// the kind is empty when nothing follows from the answer. ErrNotFound is an answer to
	// no command of the drone.
	Answer(ctx context.Context, a telemetry.Ack) (delivery.MissionID, telemetry.CommandKind, error)
	// Expire closes commands whose time is over and returns them.
	Expire(ctx context.Context, now time.Time) ([]telemetry.Command, error)
}

// legs keeps what flown legs took.
type legs interface {
	// RecordLeg keeps a leg; one that is kept already is left as it is.
	RecordLeg(ctx context.Context, leg flight.FlownLeg) error
	// FlownLegs returns a drone's newest legs, at most limit.
	FlownLegs(ctx context.Context, drone telemetry.DeviceID, limit int) ([]route.FlownLeg, error)
}

// upkeeps keeps how devices are kept fit for use, and how much they were used.
type upkeeps interface {
	AddEntry(ctx context.Context, e upkeep.Entry) (upkeep.Entry, error)
	// Strike strikes an entry that stands; ErrNotFound without it.
	Strike(ctx context.Context, device telemetry.DeviceID, id int64, as upkeep.Strike) error
	// Kept is what the dues of all devices follow from: the entries and calibrations that count.
	Kept(ctx context.Context) (map[telemetry.DeviceID]upkeep.Kept, error)
	Past(ctx context.Context, id telemetry.DeviceID) (upkeep.Past, error)
	// LogFlights keeps the flights that drones reported after a time; those kept already are left.
	LogFlights(ctx context.Context, drones []telemetry.DeviceID, after time.Time) error
}

// handovers keeps when units were foretold to be handed over, and when they were.
type handovers interface {
	// Foretell keeps forecasts; one of a request's version that is kept already is left as it is.
	Foretell(ctx context.Context, forecasts map[delivery.RequestID]handover.Forecast) error
	// Past returns the newest forecasts of which it is known what came of them, at most limit,
	// and the newest of as many requests that wait still though their plan has passed.
	Past(ctx context.Context, limit int, now time.Time) ([]handover.Told, error)
}

// cold keeps what is known of units, boxes and their probes.
type cold interface {
	// Journeys returns the judged journeys of a delivery's units.
	Journeys(ctx context.Context, id delivery.ID) ([]delivery.Journey, error)
	// Elsewhere returns the judged journeys of units on other deliveries.
	Elsewhere(ctx context.Context, keys []blood.UnitKey, but delivery.ID) ([]delivery.Journey, error)
	AddProbeCalibration(ctx context.Context, c coldrecord.ProbeCalibration) error
	// ProbeCalibrations returns a box's calibrations, the newest first.
	ProbeCalibrations(ctx context.Context, box telemetry.DeviceID) ([]coldrecord.ProbeCalibration, error)
	// CalibrationDue is when the earliest calibration of a box's probes runs out; zero
	// when none is on record.
	CalibrationDue(ctx context.Context, box telemetry.DeviceID) (time.Time, error)
	// KeepLoggerFile keeps a file as it came, and how it was read. The same one again adds
	// only how it was read then.
	KeepLoggerFile(ctx context.Context, id delivery.ID, file []byte, said []string, a network.Actor, now time.Time) error
	// Sign keeps a signature, and Signatures returns those of a delivery in their order.
	Sign(ctx context.Context, id delivery.ID, hospital network.SiteID, s coldrecord.Signature) error
	Signatures(ctx context.Context, id delivery.ID) ([]coldrecord.Signature, error)
	// LoggerReadings returns how a delivery's files were read, the newest first.
	LoggerReadings(ctx context.Context, id delivery.ID) ([]coldrecord.LoggerReading, error)
}

// closures keeps what is out of service.
type closures interface {
	// ChangeClosures has decide look at what is out of service now or later, nobody else
	// changing it, and writes what it returns: one that begins, or the id of one that
	// ends. It returns the one that began.
	ChangeClosures(
		ctx context.Context,
		a network.Actor,
		now time.Time,
		decide func(inForce []network.Closure) (begins *network.Closure, ends int64, err error),
	) (network.Closure, error)
}

// zones keeps what people drew.
type zones interface {
	InsertZone(ctx context.Context, z airspace.Zone, now time.Time) error
	// EndZone ends a zone that a person drew; ErrNotFound unless it is one that has not
	// ended.
	EndZone(ctx context.Context, id airspace.ZoneID, actor network.Actor, now time.Time) error
	// NoteTouched adds which missions a zone touched when it was drawn, once.
	NoteTouched(ctx context.Context, id airspace.ZoneID, touched []situation.Touched, actor network.Actor, now time.Time) error
	// Touched returns that of every zone that has not ended.
	Touched(ctx context.Context) (map[airspace.ZoneID][]situation.Touched, error)
}

// uplink carries a command to a drone; it may lose it.
type uplink interface {
	Send(ctx context.Context, c telemetry.Command) error
}

// history reads stored samples.
type history interface {
	// Newest returns the newest sample of each kind of every device.
	Newest(ctx context.Context) ([]telemetry.Sample, error)
	// Temperatures returns a box's readings since a time, in order.
	Temperatures(ctx context.Context, box telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
	// Positions returns a drone's positions between two times, in order.
	Positions(ctx context.Context, drone telemetry.DeviceID, from, to time.Time) ([]telemetry.Sample, error)
}

// books changes the record. Change locks what the keys name and what hangs on it, has
// decide change the book, and writes what has become of it with its events in one
// transaction, unless decide refuses. decide may run again. It returns how many events it
// logged.
type books interface {
	Change(ctx context.Context, keys delivery.Keys, decide func(*delivery.Book) error) (events int, err error)
	// Delivery reads one delivery with all that belongs to it, or ErrNotFound.
	Delivery(ctx context.Context, id delivery.ID) (delivery.Record, error)
}

// log is the append-only log.
type log interface {
	Append(ctx context.Context, events ...delivery.Event) error
	// EventsSince returns up to limit events after a sequence, in order.
	EventsSince(ctx context.Context, seq uint64, limit int) ([]delivery.Event, error)
	// Notes returns up to limit of what shifts left to one another, the newest first.
	Notes(ctx context.Context, limit int) ([]delivery.Event, error)
}
