// Package route plans flights: the shortest or fastest way around zones, how long
// each leg takes in the wind, and what it costs in energy.
//
// A Space holds zones on an integer lattice, one step being 1 mm in Hemolift. A
// Snapshot is the space at one moment; it never changes and any number of readers
// may plan in it while zones come and go. A Planner is the same over the Earth,
// with lon/lat and the zones of geo/airspace, and keeps a margin from each zone; a
// Chart is a Planner at one moment.
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
// A Class says what a leg takes: at its cruising airspeed (Fly), at the airspeed
// that takes least (PlanFrugal), and by what an aircraft itself was measured to take
// (Calibration).
//
// Measured with hemolift route -scene ... -bench 51, medians of 7 runs on a quiet
// 2-core Xeon machine, 2026-11-23; a query's figure is the median of its calls.
// The same machine is slower by half when it is busy:
//
//	scene            vertices  prepare ms  median µs  worst µs  best run's worst
//	convex-10              91        0.27       1.3        2.5        2.5
//	convex-100            848        2.1        4.3       19         13
//	nonconvex             840        2.4        4.3       14         14
//	traps                1455        5.2       10         95         85
//	touching              442        1.1        4.4       20         14
//	shenyang             5202       22         16       2130       1780
//	map-32room_000       2622        7.7       33        194        170
//	map-8room_000        8514       23        116       1200       1040
//	convex-1000          8555       26         27        354        296
//	11,700 zones        99236      360        910       6600       5500  (37 MB)
//
// A zone of 24 corners is live in 0.45 ms at 5,202 vertices, 0.18 ms at 1,108
// (BenchmarkZoneGoesLive, and -updates). The last row is
// BenchmarkHundredThousandVertices.
//
// dispatch calls it to plan and telemetry to judge a flight's conformance.
package route
