// Package route plans flights: the shortest or fastest way around zones, how long
// each leg takes in the wind, and what it costs in energy.
//
// A Space holds zones on an integer lattice, one step being 1 mm in Hemolift. A
// Snapshot is the space at one moment; it never changes and any number of readers
// may plan in it while zones come and go. A Planner is the same over the Earth,
// with lon/lat and the zones of geo/airspace, and keeps a margin from each zone.
//
// A zone is a closed set. A route is the infimum over the open complement of the
// active zones: it may graze a wall or a corner, but not slip through the crack
// between two zones that share an edge nor through a point at which they touch.
// Nothing but zones bounds the plane. Every answer is exact on the lattice: what is
// visible is decided by 64-bit orientations, and rounding only enters the length.
//
// One triangulation (geo/mesh) serves every height and time: a triangle knows the
// zones over it, and a view marks those that count. The search is Polyanya's with
// cones bounded by vertices, and three prunings of our own: a cone that leaves a
// triangle by one edge slides on unranked, a cone is dropped when its interval is
// reached cheaper along its edge, and pockets with one way in are left out.
//
// A start inside a zone is said as such; Escape gives the shortest way out. A
// search that runs out of its budget says so. Refused zones change nothing.
//
// dispatch calls it to plan and telemetry to judge a flight's conformance.
package route
