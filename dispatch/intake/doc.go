// Package intake reads the lists in which suppliers and laboratories state the units that
// they send: tables as people keep them in spreadsheets (package tables).
//
// A list has a line for each bag, and these columns in any order; what else it has is passed
// over:
//
//	din           donation identification number: 13 characters, or the bar code's data as a
//	              scanner types it (=A99992612345600)
//	product_code  8 characters, or the bar code's data
//	division      of data structure 032; may be missing
//	component     red_cells, plasma, platelets, cryoprecipitate
//	blood_group   O-, O+, A-, ... AB+, or the bar code's data
//	mass_g        of the full bag, g
//	expires_at    2026-12-31T23:59:00+08:00; or 2026-12-31 23:59, or 2026-12-31 for the end of
//	              that day, in the list's zone; or the bar code's data
//	site          the centre; may be missing where the caller names one for all lines
//
// It reads, and decides nothing: whether a unit may be added, the desk says.
package intake
