// Package tables reads the tables that people keep in spreadsheets, and lists what is
// wrong with them by file, line and column.
//
// A table is UTF-8 with or without a mark, with commas, semicolons or tabs, and any ends of
// lines. Its first line names the columns, whatever their order and case. Where no comma
// separates, numbers may have a decimal comma. A line that cannot be read costs only
// itself: all faults are told, up to a bound.
package tables
