// Package plan chooses units, centre, drone, trip and second for every blood request.
//
// It is pure and a leaf: an Instance in, a Plan out, in the format
// blooddrone-dispatch/1. All quantities are integers (seconds, joules, watts, grams),
// names end in their unit, division rounds up, so the same seed and rounds give the
// same bytes everywhere. A Score has nine levels that are compared in order and never
// weighed.
//
// Read on in this order. problem.go indexes an instance. calendar.go is one pad or one
// kind of box over time. mission.go: nobody waits away from home, so a mission is a
// shape and one number, when its loading starts. state.go is a plan, always whole and
// valid, that only add, remove and undo change. insert.go finds the best way to serve
// one request. ruin.go and search.go take missions out and put their requests back in
// another order (Christiaens and Vanden Berghe 2020, 10.1287/trsc.2019.0914). units.go
// gives out units by exact transport once flights stand. exact.go and schedule.go look
// through all plans of a small instance and so prove that none is better. online.go plans while
// requests arrive, with forecast.go to keep drones and units back for STAT (hold.go says
// what to keep to a caller who plans afresh each time) and divert.go to turn a drone in
// the air. explain.go says why, from the same code that
// decides. Package verify checks plans and shares no code with this one.
//
// What it comes to, beside the references that come with the instances (testdata), on
// two noisy cores, 2026-11-23, by go test -run '^$' -bench . -benchtime 1x ./dispatch/plan.
// Medians of ten seeds; a time is the processor's.
//
//	instance     time    this plan (median)        reference
//	tiny-01..10  5 ms    the optimum (tiny-10: 8 seeds of 10), proven in 2 to 19 ms
//	medium-01    50 ms   0 0 0 0 0 0 1  20   70679   0 0 0 0 0 0 1  19   70796
//	medium-02    50 ms   0 3 0 0 1 0 0  24   53481   0 3 0 0 1 0 0  24   49902
//	medium-03    50 ms   0 3 0 0 1 0 0   4   66744   0 3 0 0 1 0 0   4   64473
//	medium-04    50 ms   0 0 0 0 0 0 0  20   55170   0 0 0 0 0 0 0  20   54181
//	large-01     1 s     0 0 0 0 1 0 5  44  401628   0 0 0 0 1 0 5  47  418092
//	large-02     1 s     0 0 0 0 1 0 1  26  402548   0 0 0 0 2 0 0  28  421695
//	mega-01      5 s     0 0 0 0 2 0 0 131 2746430   0 3 0 8 3 0 0 154 2909082
//
// Streams as played by their harness with the usual rounds a reply (1200 or 400); STAT minutes late by seed,
// beside the better simple dispatcher and a planner that knows the whole day before.
//
//	stream       seeds  STAT minutes late                        simple  all known
//	stream-s-01  10     0 in all                                 1       0
//	stream-s-02  10     0 in all                                 0       0
//	stream-s-03  10     0 in 8, 3, 17                            0       0
//	stream-m-01  10     0 in 6, 1 in 3; 1 seed leaves one unmet  8       0
//	stream-m-02  10     0 in 6, 3, 4, 36, 44                     3       0
//	stream-l-01  3      53, 66, 173                              246     22
//
// A first whole plan takes 1 ms on medium-01, 14 ms on large-01, 0.20 s on mega-01.
package plan
