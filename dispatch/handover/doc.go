// Package handover foretells when units will be handed over, and keeps account of how well
// that held.
//
// A plan says when the last unit should be handed over, with the wind, the queue and every
// stage as they ought to be; an expectation counts the more urgent requests, too, that nobody has
// made yet. By how much such flights came after their plans is on record.
// Reckon adds that to the plan: by P50 half of such flights had been handed over, by P90 nine
// tenths. The ranks are those of a split conformal forecast (Vovk, Gammerman and Shafer,
// Algorithmic Learning in a Random World, 2005, section 2.2): they need no shape of the errors,
// only that the next flight is like those measured. Those that wait still count by how long they
// have waited at least (Kaplan and Meier, Nonparametric Estimation from Incomplete Observations,
// 1958): else, in a queue that grows, only the quick would speak. Hold counts how often that
// held.
//
// It is a leaf: times only, no store and no clock.
package handover
