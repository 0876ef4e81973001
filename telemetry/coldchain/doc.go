// Package coldchain says what a box's temperature means.
//
// A Profile is the permitted range of a component in transport, with its
// standard, its guard band and the logging interval; the set is configuration
// (profiles.csv), each line with its source and how far that source was read.
// A Monitor folds one box's readings, in any order, into a State:
//
//	in range     the newest reading lies inside the guard band
//	near limit   inside the range but within the guard band of a limit
//	excursion    outside the range
//	unknown      no reading for 4 intervals, or a sensor fault
//
// Silence is never in range. Time out of range counts raw readings, joined by
// straight lines; time without readings is unmonitored and counted apart.
// Temperatures are integer milli-degrees Celsius as stored, float64 °C in maths.
//
// Model and its kinds describe how a closed box warms, for forecasts and for
// simulated boxes. Nothing here is medical advice.
package coldchain
