// Package dispatch is the desk: it observes the world, asks the deciders, and acts.
//
// One instant is read once into a situation.Situation (observe.go). The deciders are
// functions of it: propose answers requests, recovery what fails, flight what missions do
// next. What they return, the desk carries out (act.go): each change in one transaction,
// with its deciding condition looked at again on the locked rows.
//
//	dispatcher.go  the whole; desk.go what all its parts share; stores.go what they ask
//	               of the record, of drones and of history
//	requests.go    a hospital's requests: submit, amend, cancel, by road; day.go a day as it was
//	stock.go       the units of the centres: intake, shelves, counts
//	estimates.go   what a request would get, and when units will be handed over
//	deliveries.go  accept, do a step; what a person chose about one that fails, or of a diversion
//	flights.go     what drones do, answer and are told
//	coldchain.go   what boxes measured, read for coldrecord
//	maintenance.go maintenance logs of drones and boxes, flights, what is due
//	places.go      sites, pads and devices out of service; zones that people draw
//	layout.go      the network, the airspace above it, policy and profiles as they count; lay.go lays them;
//	               networks.go how a network changes while it is in use
//	documents.go   policy and profiles are proposed, decided and take effect; decided.go what was decided
//	alarms.go      alarms that begin and end, what is measured of them, what people do about them
//	settle.go      the tracker learns what is flown and watched
//	loops.go       the loops of Run; restore.go its beginning; feed.go the log as it grows
//
// Only this package knows a store, a clock, a lock and the live tracker. Locks are held
// over no I/O. dispatchdb implements the stores.
package dispatch
