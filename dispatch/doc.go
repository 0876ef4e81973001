// Package dispatch knows blood, requests and deliveries, and decides.
//
// Vocabulary: a request is what a hospital asks for; a delivery is its fulfilment;
// a mission is the plan one drone flies, out and back; a unit is one bag, keyed by
// DIN, product code and division; a box holds units and is a device of its own.
//
// Each thing that has a life has one transition table: requests and units in
// request.go and unit.go, deliveries and missions in delivery.go. The Dispatcher
// is the one way in: Submit, Amend and Cancel for hospitals (submit.go), Accept and
// Do for people at the centre (accept.go), Heard for what telemetry observed. It
// reads a Snapshot, decides in pure functions (propose.go, step.go, dispatch/plan),
// and commits the decision in one transaction of the store, whose schema holds the
// same invariants once more. flight.go moves missions on, command.go talks to
// drones, guide.go tells the tracker what is flown and watched.
//
// Failure is a plan: failure.go says what is wrong with a delivery under way,
// recovery.go plans anew what fails together with all that waits and ranks what can be
// done, recover.go does it, exchange.go gives a box another drone. leave.go says what a
// drone waits for, carried.go what becomes of one that stands where it should not,
// standing.go keeps the alarms of all that. divert.go turns a drone in the air where that
// is better on the levels of STAT, closure.go takes places and devices out of service,
// road.go hands a request to a courier. What a blood service decides is data (policy.go),
// kept by version with each delivery.
//
// Who calls it: web for people and systems, cmd for telemetry's events. It imports
// neither HTTP nor Postgres; dispatchdb implements its store.
package dispatch
