// Package upkeep is how drones and boxes are kept fit for use: the maintenance log of each, what is due
// by a day or by flight hours, and how much each was used.
//
// An entry of a log is never changed; what was entered wrongly is struck, with a reason, and stays to
// be read. What an entry says is due again counts until a later entry of its kind. A warning stops
// nothing: who wants a device to stay on the ground takes it out of service.
//
//	log.go  an entry, and who struck it
//	due.go  what is due, from logs and calibrations
//	use.go  flights, flight hours, journeys, and the record of one device
package upkeep
