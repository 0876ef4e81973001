// Package delivery holds the lives that a blood service keeps record of: requests,
// deliveries, missions and the custody of units.
//
// Each life has one table of its transitions: request.go, delivery.go, mission.go. A step
// of a delivery is decided by Delivery.Apply (step.go), which returns a Change and does
// nothing itself. alarm.go lists the kinds of alarms, event.go those of the log.
//
// It knows blood and the network, and no clock, store or tracker.
package delivery
