// Package propose answers open requests: which units, centre, box, drone, way and pad
// would serve each, when, why that, and why no other.
//
// A situation becomes an instance of dispatch/plan, in integers (instance.go); its plan
// becomes proposals again, reckoned exactly (propose.go), with what decided each part
// (reason.go). What a blood service decides beyond what is compatible, cold enough and in
// reach is data (policy.go), and kept by version with each proposal. day.go writes a day
// of the record as an instance that can be played again; courier.go is the road that every
// proposal competes with.
//
// Everything here is a function of a situation.
package propose
