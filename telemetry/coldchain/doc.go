// Package coldchain says what a box's temperature means, and what it will be.
//
// A Profile is the permitted range of a component in transport, with its standard,
// edition, approver, guard band, allowances and hard limits; the set is configuration
// (profiles.csv), each line with its source and how far that source was read. Its
// Version is a digest of the values, and every verdict names it.
//
// A Trace judges readings by a Rule as they come, in any order, with the same answer for
// every order: time and area outside, gaps, and excursions with hysteresis, delays and
// merging. Readings further apart than the rule's longest gap are unmonitored between;
// nothing is assumed there. A breach is judged on raw readings, never on an estimate.
//
// A Monitor is one box while it holds units: the trace, the sensor rules, the forecast,
// and the State that people are shown:
//
//	in range     the newest reading lies inside the guard band, and nothing is forecast
//	near limit   within the guard band, or the early bound reaches a limit in 15 min or
//	             before the hand-over
//	excursion    the newest reading lies outside the range
//	unknown      silent for 4 intervals, a sensor fault, a sensor in doubt
//
// A Box is a thermal design: one node, two nodes, or a coolant that melts, solved
// exactly. A Forecaster learns a box from its readings (an unscented Kalman filter over
// payload, wall or coolant, and insulation) and gives an Outlook: an early bound, a
// median, and what they rest on. Where the coolant melts the temperature says nothing of
// the time left, and the bound is as wide as that; where readings run away from the
// model, their slope is gone by. Nobody can forecast that a lid will be opened.
//
// JudgeUnit gives the Verdict of a unit after its passage, with the life that it had
// before. It advises; a named person decides. Temperatures are integer milli-degrees
// Celsius as stored, float64 °C in maths. Nothing here is medical advice.
//
// BenchmarkForecastOf10000Boxes, seed 20261123, 2026-11-23: shares of boxes whose early
// bound was early, whose median was within a tenth of the truth, and the median of the
// early bound over the truth. Insulation differs from the design by 15 % (standard
// deviation), lids are opened up to twice in the first nine minutes:
//
//	                       n     early   within a tenth   early/truth
//	after 10 min       10000    98.2 %       52.9 %          74.4 %
//	  one node          3039    99.7 %       61.1 %          76.3 %
//	  two nodes         3512    98.1 %       53.7 %          75.0 %
//	  coolant           1692    96.7 %       42.9 %          70.5 %
//	  coolant, payload  1757    97.5 %       46.4 %          73.1 %
//	at half time       10000    99.1 %       75.2 %          84.0 %
//	  one node          3039   100.0 %       97.6 %          86.5 %
//	  two nodes         3512    99.9 %       95.5 %          85.6 %
//	  coolant           1692    96.8 %       28.6 %          54.4 %
//	  coolant, payload  1757    98.0 %       40.6 %          67.5 %
//
// A sample judged whole takes 0.8 to 1.7 µs by model and allocates nothing beyond its
// place in the record; 57.6 million samples of 10,000 boxes take 6 s to judge for
// excursions (-bench, one core of a 2-core Xeon, 2026-11-23).
package coldchain
