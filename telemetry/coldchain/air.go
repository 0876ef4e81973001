package coldchain

// lapseKPerM is how much colder the air is a metre further up, in the standard
// atmosphere below 11 km (ICAO Doc 7488/3).
const lapseKPerM = 0.0065

// AloftC is the air temperature at a height in metres above ground, by that on the
// ground.
func AloftC(groundC, heightM float64) float64 { return groundC - lapseKPerM*heightM }

// GroundC is the inverse of AloftC.
func GroundC(aloftC, heightM float64) float64 { return aloftC + lapseKPerM*heightM }
