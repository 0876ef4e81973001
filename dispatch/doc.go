// Package dispatch is the desk: it observes the world, asks the deciders, and acts.
//
// One instant is read once into a situation.Situation (observe.go). The deciders are
// functions of it: propose answers requests, recovery what fails, flight what missions do
// next. What they return, the desk carries out (act.go): each change in one transaction,
// with its deciding condition looked at again on the locked rows.
//
//	requests.go    a hospital's requests: submit, estimate, amend, cancel, by road
//	deliveries.go  accept, do a step, add stock
//	recover.go     what a person chose about a delivery that fails, or of a diversion
//	flights.go     what drones do, answer and are told
//	coldchain.go   what boxes measured, read for coldrecord
//	places.go      sites, pads and devices out of service; zones that people draw
//	alarms.go      alarms that begin and end
//	settle.go      the tracker learns what is flown and watched
//	loops.go       the loops of Run; restore.go its beginning; feed.go the log as it grows
//
// Only this package knows a store, a clock, a lock and the live tracker. Locks are held
// over no I/O. Interfaces of the store stand where they are used; dispatchdb implements
// them.
package dispatch
