// Package readings reads tables of readings: what loggers, spreadsheets and laboratories
// write. One reader serves `coldchain judge`, `coldchain logger` and the import of a
// logger's file, so that all of them read the same in the same bytes.
//
// A file is read in steps, a file of this package each:
//
//	text.go      bytes into text: UTF-8, UTF-16, GB18030 or Windows-1252; never a guess by one line
//	rows.go      text into rows: commas, semicolons or tabs; CR, LF or CRLF; quoted newlines
//	header.go    which line names the columns, and what stands before it
//	columns.go   what a column holds, by its name: a time, a probe, the ambient, nothing of ours
//	units.go     °C, °F or K of a column, by its name, its cells or the lines before
//	stamps.go    the form of the times, told by all rows together: day before month or after
//	clock.go     from times to instants: zones, clock changes, a clock that was set back
//	values.go    a cell into a temperature, or what it says instead
//	read.go      the steps in their order
//
// A row that cannot be read is never nothing. It is Lost: from the reading before it to
// the one after it the box was not monitored, and a verdict knows of it (coldchain.Lost).
// A word for "beyond my span" is evidence of that side. A cell that is not needed loses
// itself alone. What was taken for what, assumed and left out stands in Lines, which goes
// with every answer.
//
// What cannot be told is refused, with what would tell it: no zone, a day and a month that
// may change places, two units. Sizes are bounded before anything is kept.
package readings
