// Package coldrecord is the record of a delivery's temperatures: what its boxes measured
// between packing and opening, and what that means for each unit.
//
// Evidence is what is on record; Judge makes a Record of it, Decide a person's decision
// about a unit, Compare a look at a logger's own file, a Signature a person's word on the whole
// (signature.go). The verdicts themselves are
// telemetry/coldchain's. No store and no clock is known here: the desk reads, this judges.
package coldrecord
