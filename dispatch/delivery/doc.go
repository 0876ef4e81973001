// Package delivery holds the lives that a blood service keeps record of: requests,
// deliveries, missions and the custody of units.
//
//	request.go, delivery.go, mission.go  each life with the one table of its transitions
//	step.go      what a step of a delivery is: Apply returns a Change and does nothing
//	permit.go    who may do what: one table, and what it does not list is refused; operation.go
//	             what can be asked, by name
//	alarm.go     the kinds of alarms, each in one row; alarmstate.go how they stand with the
//	             people who see them; event.go the kinds of the log
//	action.go    what deciders ask the desk to do
//	book.go      the locked part of the record that a decision is made on
//	follow.go    what follows from a change for requests, units, boxes, slots and commands
//	stock.go     what people do with units on shelves
//	journey.go   what a unit went through in a box; record.go a delivery with its custody
//
// It knows blood and the network, and no clock, store or tracker.
package delivery
