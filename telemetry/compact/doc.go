// Package compact keeps samples of long ago in little room: what a device sampled within an hour is
// a CSV file, compressed as Zstandard (RFC 8878). Any program reads it in thirty years: the first row names
// the columns as the tables of samples have them, times are RFC 3339 in UTC, positions lon/lat in degrees
// of WGS 84, temperatures milli-degrees Celsius, and numbers have as many digits as give them back exactly.
//
// Temperatures are kept whole. Of positions, Thin keeps so many that a straight line from each to
// the next passes what it leaves out within some metres.
package compact
