package dispatch

import (
	"context"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/telemetry/tables"
)

// networkDesk serves those who change the network while it is in use.
type networkDesk struct{ layDesk }

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
	n, err := c.Files.Network(d.layout.Load().set.Profiles, now)
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
	d.replace(is, seq)
	if err := d.lay(ctx); err != nil {
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
	if _, err := newLayout(is, d.layout.Load().set, d.Compat, notPast(is.Zones, d.Now())); err != nil {
		return out, refusal.OfField("files", err.Error())
	}
	for _, set := range d.decided.from(d.Now()) {
		if err := (document.Part{Policy: &set.Policy, Profiles: set.Profiles}).Fits(is); err != nil {
			return out, refusal.OfField("files", err.Error())
		}
	}
	return out, nil
}

// replace takes in a network that is on record, unless a newer one is known.
func (d networkDesk) replace(is *network.Network, seq uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if seq > d.statedSeq {
		d.stated, d.statedSeq = is, seq
		d.basis++
	}
}
