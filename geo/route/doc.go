// Package route plans flights: the way around zones, how long each leg takes in
// the wind, and what it costs in energy.
//
// A Planner is an immutable snapshot of the zones and may be shared by any
// number of readers; a changed zone means a new Planner. Routes keep a margin
// from every active zone and are checked, leg by leg, before they are returned.
// Positions are lon/lat on WGS 84; inside, everything happens on a geo.Plane.
//
// The search is A* over points set off from the zones' corners by the margin,
// with legs tested on demand. Its answers are safe; beside a corner they are a
// few metres longer than the shortest.
//
// dispatch calls it to plan and telemetry to judge a flight's conformance.
package route
