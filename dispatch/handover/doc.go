// Package handover foretells when units will be handed over, and keeps account of how well
// that held.
//
// A plan says when the last unit should be handed over, with the wind, the queue and every
// stage as they ought to be. What such flights took beside their plans is on record. Reckon
// adds that, as a share of how far the plan looked ahead, to the plan: by P50 half of such
// flights had been handed over, by P90 nine tenths. The ranks are those of a split conformal
// forecast (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, section
// 2.2): they need no shape of the errors, only that the next flight is like those measured.
// Where it is not, as in a queue that grows, each outcome moves the ranks, so that in the long
// run half and a tenth come too late all the same (Gibbs and Candes, Adaptive Conformal
// Inference Under Distribution Shift, 2021, equation 2). Hold counts how often that held.
//
// It is a leaf: times only, no store and no clock.
package handover
