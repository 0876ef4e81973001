// Package situation is the world at one instant: what the record says is under way, what
// drones and boxes reported last, wind, zones, closures and margins. It is frozen: the
// desk observes it once, and every decider reads the same.
//
// It answers what several deciders ask, each in one place:
//
//	clearance.go   may this leg be flown? One ordered table of checks
//	failure.go     will this delivery serve its request as planned?
//	standing.go    which conditions are alarms now?
//	gauge.go       what is measured now of an alarm that stands?
//	around.go      is a zone ahead, and what way leads around it?
//	airway.go      routes, energy and the wind
//	whereabouts.go where is the drone, and since when is it silent?
//	pads.go        which pads are held, closed or stood upon?
//	handshake.go   has the ward said that its pad is clear?
//	cold.go        do the boxes stay within their limits?
//
// The constants are choices of this product, not of a standard. No clock, lock, store or
// live tracker is known here; times are the server's.
package situation
