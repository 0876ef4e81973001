// Package vectors recomputes vectors of the cold chain by the functions that the server
// runs: excursions, boxes that warm, estimates, and mean kinetic temperatures.
package vectors

import "hemolift/telemetry/qualify"

// Kinds are the files that are recomputed here.
var Kinds = qualify.Kinds{
	"excursion": qualifyExcursions,
	"thermal":   qualifyThermal,
	"mkt":       qualifyMKT,
}
