package dispatch

import (
	"context"
	"fmt"
	"strings"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/upkeep"
	"hemolift/telemetry"
)

// upkeepDesk serves those who keep drones and boxes fit for use.
type upkeepDesk struct{ *desk }

// AddMaintenance adds to a device's maintenance log.
func (d upkeepDesk) AddMaintenance(ctx context.Context, a network.Actor, e upkeep.Entry) (upkeep.Entry, error) {
	if err := d.mayKeep(a, delivery.OpAddMaintenance, e.Device); err != nil {
		return e, err
	}
	e.What, e.Reference = strings.TrimSpace(e.What), strings.TrimSpace(e.Reference)
	e.By, e.At = a.Login, d.Now()
	if err := e.Check(d.Network(), e.At); err != nil {
		return e, err
	}
	e, err := d.Upkeep.AddEntry(ctx, e)
	if err != nil {
		return e, fmt.Errorf("maintenance of %s: %w", e.Device, err)
	}
	d.announce()
	return e, nil
}

// StrikeMaintenance strikes an entry of a device's log that was entered wrongly.
func (d upkeepDesk) StrikeMaintenance(ctx context.Context, a network.Actor, id telemetry.DeviceID, entry int64, why string) error {
	if err := d.mayKeep(a, delivery.OpStrikeMaintenance, id); err != nil {
		return err
	}
	s := upkeep.Strike{By: a.Login, Why: strings.TrimSpace(why), At: d.Now()}
	if err := s.Check(); err != nil {
		return err
	}
	if err := d.Upkeep.Strike(ctx, id, entry, s); err != nil {
		return fmt.Errorf("maintenance of %s: %w", id, err)
	}
	d.announce()
	return nil
}

// mayKeep refuses to change the log of a device that is not there, or is another centre's.
func (d upkeepDesk) mayKeep(a network.Actor, op delivery.Operation, id telemetry.DeviceID) error {
	if !delivery.May(a, op) {
		return refusal.ErrForbidden
	}
	home, known := d.Network().Home(id)
	if !known {
		return refusal.ErrNotFound
	}
	return delivery.Permit(a, op, home)
}

// DeviceRecord is one device with its past; ErrNotFound for one that is not of the network.
func (d upkeepDesk) DeviceRecord(ctx context.Context, a network.Actor, id telemetry.DeviceID) (r upkeep.Record, err error) {
	if err := delivery.Permit(a, delivery.OpReadDevice); err != nil {
		return r, err
	}
	n := d.Network()
	drone, isDrone := n.Drone(id)
	box, isBox := n.Box(id)
	switch {
	case isDrone:
		r = upkeep.Record{Device: id, Kind: telemetry.DroneKind, Type: drone.Class, Site: drone.Home}
	case isBox:
		r = upkeep.Record{Device: id, Kind: telemetry.BoxKind, Type: string(box.Type), Site: box.Site}
	default:
		return r, refusal.ErrNotFound
	}
	if r.Past, err = d.Upkeep.Past(ctx, id); err != nil {
		return r, fmt.Errorf("record of %s: %w", id, err)
	}
	r.Dues = upkeep.Dues(r.Kept, d.Now())
	return r, nil
}

// Dues are what devices need again.
func (d upkeepDesk) Dues(ctx context.Context, a network.Actor) (map[telemetry.DeviceID][]upkeep.Due, error) {
	if err := delivery.Permit(a, delivery.OpListDevices); err != nil {
		return nil, err
	}
	kept, err := d.Upkeep.Kept(ctx)
	if err != nil {
		return nil, fmt.Errorf("dues: %w", err)
	}
	return upkeep.AllDues(kept, d.Now()), nil
}
