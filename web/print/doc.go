// Package print draws the record of a delivery's box for paper and files: the curve
// with its range, gaps and excursions as SVG, and a page or two of PDF with the
// curve, the events, the profile's version, calibrations, verdicts and who signed.
//
// It decides nothing: it prints a coldrecord.Record and the custody record. Text is
// in English and Latin letters only, as the fonts of a PDF without embedded fonts have;
// what they lack is printed by its code point.
package print
