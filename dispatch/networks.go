package dispatch

import (
	"context"
	"fmt"
	"slices"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
	"hemolift/telemetry/tables"
)

// networkDesk serves those who change the network while it is in use.
type networkDesk struct {
	*desk
	flights flightDesk
	places  placeDesk
}

// NetworkFiles returns the network's files and the version that they are; where the boxes stand
// is in them, and no part of it.
func (d networkDesk) NetworkFiles(ctx context.Context, a network.Actor) (files network.Files, version string, err error) {
	if err := delivery.Permit(a, delivery.OpReadFiles); err != nil {
		return nil, "", err
	}
	n, err := d.Networks.Network(ctx)
	if err != nil {
		return nil, "", err
	}
	if files, err = n.Files(); err != nil {
		return nil, "", err
	}
	version, err = n.Version()
	return files, version, err
}

// NetworkChange is what somebody wishes to make of the network.
type NetworkChange struct {
	Files   network.Files
	Version string // of the files that it was made from
	Reason  string
	Preview bool // nothing is written
}

// NetworkChanged is what becomes of the network, and of what is under way.
type NetworkChanged struct {
	Differences []network.Difference
	Version     string
	Touched     []situation.Touched
}

// nobodys is the site to which the network belongs: none, so that it is for those of all sites.
const nobodys network.SiteID = ""

// ChangeNetwork brings the network to its files: what they do not name stays, but for zones and
// roles, which end. Whoever plans, watches or is told the next moment does so with the new one.
// Faults of the files are tables.Faults.
func (d networkDesk) ChangeNetwork(ctx context.Context, a network.Actor, c NetworkChange) (NetworkChanged, error) {
	now := d.Now()
	if err := delivery.Permit(a, delivery.OpChangeNetwork, nobodys); err != nil {
		return NetworkChanged{}, err
	}
	if err := delivery.CheckWhy(c.Reason); err != nil && !c.Preview {
		return NetworkChanged{}, err
	}
	n, err := c.Files.Network(d.Profiles, now)
	if err != nil {
		return NetworkChanged{}, err
	}
	if err := delivery.CheckRoles(n.Roles); err != nil {
		return NetworkChanged{}, tables.Faults{{File: network.RolesFile, Reason: err.Error()}}
	}
	if err := n.Succeeds(d.layout.Load().stated); err != nil { // before the record would refuse it with less words
		return NetworkChanged{}, err
	}
	ctx = context.WithoutCancel(ctx) // what is written counts at once, whoever asked has gone or not
	var out NetworkChanged
	is, seq, err := d.Networks.ChangeNetwork(ctx, n, now, func(was, is *network.Network, f situation.Flights) (*delivery.Event, error) {
		if out, err = d.weigh(f, was, n, is, c); err != nil || c.Preview || len(out.Differences) == 0 {
			return nil, err
		}
		e := delivery.NetworkChanged(a, now, c.Reason, out.Version, out.Differences)
		return &e, nil
	})
	if err != nil || seq == 0 {
		return out, err
	}
	if err := d.lay(ctx, is, seq); err != nil {
		return out, err
	}
	d.publish()
	out.Touched, err = d.places.leadAround(ctx, now)
	if err != nil { // it stands all the same, and the flight loop tries again
		d.Logger.ErrorContext(ctx, "lead around the network's zones", "err", err)
	}
	return out, nil
}

// weigh tells what a change does, and refuses what cannot be planned with or would change
// what is under way.
func (d networkDesk) weigh(f situation.Flights, was, wanted, is *network.Network, c NetworkChange) (out NetworkChanged, err error) {
	before, err := was.Version()
	if err != nil {
		return out, err
	}
	if out.Version, err = is.Version(); err != nil {
		return out, err
	}
	out.Differences = network.Differences(was, is)
	if c.Version != "" && c.Version != before {
		return out, refusal.OfState("the network", "another one by now", "changed from these files")
	}
	if err := wanted.Succeeds(was); err != nil {
		return out, err
	}
	if err := situation.CheckUnmoved(f, was, out.Differences); err != nil {
		return out, err
	}
	if _, err := newLayout(is, d.rules.Policy, notPast(is.Zones, d.Now())); err != nil {
		return out, refusal.OfField("files", err.Error())
	}
	return out, nil
}

// lay puts a network in the place of the one before, unless a newer one was quicker.
func (d networkDesk) lay(ctx context.Context, is *network.Network, seq uint64) error {
	was := d.Network()
	for done := false; !done; {
		zones, version := d.places.zonesNow()
		next, err := newLayout(is, d.rules.Policy, slices.Concat(
			slices.DeleteFunc(notPast(is.Zones, d.Now()), drawn),
			slices.DeleteFunc(slices.Clone(zones), func(z airspace.Zone) bool { return !drawn(z) }),
		))
		if err != nil {
			return fmt.Errorf("lay out the network: %w", err)
		}
		next.seq = seq
		done = d.laid(next, version)
	}
	d.know()
	for _, drone := range d.Network().Drones {
		before, _ := was.ClassOf(drone.ID)
		if after, _ := d.Network().ClassOf(drone.ID); before != after {
			if err := d.flights.calibrate(ctx, drone.ID); err != nil { // its class as stated flies too
				d.Logger.ErrorContext(ctx, "calibrate", "drone", drone.ID, "err", err)
			}
		}
	}
	d.settle(ctx, d.Now())
	return nil
}

func drawn(z airspace.Zone) bool { return z.DrawnBy != "" }

// laid reports whether the next layout has taken its place, or a newer one has: not when
// somebody has drawn or ended a zone since its zones were of that version.
func (d networkDesk) laid(next *layout, version uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if next.seq <= d.layout.Load().seq {
		return true
	}
	if d.zoned != version {
		return false
	}
	d.layout.Store(next)
	d.places.setZones(next.zones)
	return true
}

// know tells the tracker how high the ground is, and which drones and boxes there are.
func (d networkDesk) know() {
	n := d.Network()
	d.Tracker.SetGround(n.GroundAltM())
	for _, drone := range n.Drones {
		d.Tracker.Know(drone.ID)
	}
	for _, b := range n.Boxes {
		bt, _ := n.BoxType(b.Type)
		d.Tracker.KnowBox(b.ID, d.Profiles[bt.Profile], bt.Thermal)
	}
}
