// Package telemetry knows drones and boxes: what they report, what it means, and
// who is told.
//
// One sample travels so: a gateway turns bytes into a Sample and hands it to
// Intake.Accept; the Recorder gathers samples for some milliseconds and stores
// them in one transaction; only then does the Tracker fold them, and only then is
// the device acknowledged. So whatever was acknowledged is stored, and whatever
// was shown is stored too.
//
// A box is a device of its own: it logs from packing, changes drones, and a drone
// may carry several. The Tracker keeps the newest state of each device, judges
// silence, temperature, zones, energy and conformance to the plan, and returns Events: changes that people
// or the record must hear of. Late samples count for their box's record but never
// move a drone back.
//
// A Picture is what the Tracker knows at one instant; it never changes, and whoever
// decides reads that. An ActiveLeg is what the Tracker is told of a flight to judge it by.
//
// Times: At of a Sample is by the device's clock, bounded by package stated, and ReceivedAt
// by ours; an Event goes by ours. Heights end in AltM (AMSL) or HeightM (AGL). The
// subpackages hold the cold chain, the doors for devices, the Postgres tables and simulated
// devices.
package telemetry
