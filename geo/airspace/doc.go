// Package airspace holds UAS geographical zones: where, between which heights,
// and when a drone must not fly.
//
// A zone is closed: a point on its wall is inside. Its heights are metres above
// ground (AGL) or above mean sea level (AMSL) as Reference says, half-open as
// [LowerM, UpperM). Its time window is half-open too; a missing end is for ever.
//
// They are read from GeoJSON, EUROCAE ED-269 and ED-318, and written to them.
// Schedules, with daylight events, become windows within a horizon.
//
// geo/route plans around zones, telemetry judges positions against them.
package airspace
