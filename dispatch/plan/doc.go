// Package plan chooses units, drone, trip and departure for every request at once.
//
// It is pure and a leaf: an Instance in, a Plan out, all quantities integers
// (seconds, joules, watts, grams), so that the same input gives the same bytes on
// every platform. Names end in their unit. Division rounds up.
//
// The types are those of the format blooddrone-dispatch/1; the score is nine
// levels compared in order, never weighed. Solve is a greedy insertion: requests
// by urgency, then due time, each on the mission that arrives first. It returns
// with every choice the candidates that lost and why. dispatch converts its
// snapshot to an Instance and a choice back to units, boxes and pads.
package plan
