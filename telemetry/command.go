package telemetry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"time"

	"github.com/paulmach/orb"
)

// CommandKind is what a drone is told to do.
type CommandKind string

const (
	LoadMission CommandKind = "mission" // keep this plan; answer with its hash
	Release     CommandKind = "release" // take off on the leg
	Hold        CommandKind = "hold"    // stop and hover
	Resume      CommandKind = "resume"  // go on after a hold
	Return      CommandKind = "return"  // abandon the leg and fly home
	Reroute     CommandKind = "reroute" // fly another way to the leg's goal, or to another one
	Land        CommandKind = "land"    // come down where it is
)

// Command goes down to one drone. It is sent again until the drone acknowledges
// its ID or Expires passes; the drone answers a repeated ID with the same ack.
type Command struct {
	ID      int64
	Device  DeviceID
	Kind    CommandKind
	Mission string
	Leg     int         // Release
	Plan    *FlightPlan // LoadMission; Return and Reroute: the way from here as the only leg
	Expires time.Time
	// PlanHash is what the plan to be released hashes to. It is filled in when the
	// command is sent; a drone that keeps another plan refuses.
	PlanHash string `db:"-"`
}

// FlightPlan is what a drone flies: each leg is a path from pad to pad.
type FlightPlan struct {
	Legs      [][]orb.Point // lon/lat, degrees
	HeightM   float64       // cruising height above ground
	CruiseMPS float64       // airspeed
}

// Hash identifies a plan: lower-case hex SHA-256 of the lines "h <HeightM in mm>",
// "v <CruiseMPS in mm/s>", and for each waypoint "<leg> <lon> <lat>" with degrees
// in 1e-7, each line ended by a newline. The drone computes it from what it keeps.
func (p FlightPlan) Hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "h %d\nv %d\n", int64(math.Round(p.HeightM*1000)), int64(math.Round(p.CruiseMPS*1000)))
	for i, leg := range p.Legs {
		writeLeg(h, i, leg)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeLeg(h hash.Hash, i int, leg []orb.Point) {
	for _, pt := range leg {
		fmt.Fprintf(h, "%d %d %d\n", i, int64(math.Round(pt.Lon()*1e7)), int64(math.Round(pt.Lat()*1e7)))
	}
}

// Ack is a drone's answer to a command.
type Ack struct {
	Command  int64
	Device   DeviceID
	OK       bool
	Reason   string    // why not
	Hash     string    // of the plan it keeps, for LoadMission
	At       time.Time // when it was received
	StatedAt time.Time // by the device's clock
}
