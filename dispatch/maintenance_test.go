package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/upkeep"
	"hemolift/telemetry"
	"hemolift/telemetry/telemetrydb"
)

// says stores what a drone reports, so many minutes from now.
func (d *desk) says(id telemetry.DeviceID, mission delivery.MissionID, phases map[int]telemetry.Phase) {
	d.T.Helper()
	var samples []telemetry.Sample
	for minute, p := range phases {
		samples = append(samples, telemetry.Sample{
			Device: id, Seq: d.Serial(), At: d.Now().Add(time.Duration(minute) * time.Minute), ReceivedAt: d.Now(),
			Reading: telemetry.Status{Phase: p, Mission: string(mission)},
		})
	}
	if err := telemetrydb.New(d.Pool).StoreSamples(context.Background(), samples); err != nil {
		d.T.Fatal(err)
	}
}

func (d *desk) deviceRecord(id telemetry.DeviceID) upkeep.Record {
	d.T.Helper()
	r, err := d.DeviceRecord(context.Background(), anna, id)
	if err != nil {
		d.T.Fatal(err)
	}
	return r
}

// A flight is from a take-off to the landing after it, whatever is said between; it is logged when
// the drone lands, once, and what was missed at the next start.
func TestFlightsAreLogged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Loads(d.Accepts(d.Submits(order(1), "KEY-00001")), "KEY-00001")
	other := d.Network().Drones[0].ID
	if other == del.Drone {
		other = d.Network().Drones[1].ID
	}
	d.says(del.Drone, del.Mission, map[int]telemetry.Phase{
		-90: telemetry.Airborne, // it was in the air already: nobody knows since when
		-60: telemetry.Parked, -31: telemetry.Parked, -30: telemetry.Airborne, -25: telemetry.Holding, -20: telemetry.Airborne,
		-12: telemetry.Landed, -5: telemetry.Airborne,
	})
	d.Flies(del)
	r := d.deviceRecord(del.Drone)
	if r.Flights != 1 || r.Flown != 18*time.Minute || r.Newest[0].Mission != del.Mission {
		t.Errorf("after a landing: %d flights, %v: %+v", r.Flights, r.Flown, r.Newest)
	}
	d.says(del.Drone, del.Mission, map[int]telemetry.Phase{0: telemetry.Parked})
	const longAgo = -30 * 24 * 60 // it stood since then
	d.says(other, "", map[int]telemetry.Phase{longAgo: telemetry.Landed, -39: telemetry.Airborne, -9: telemetry.Parked})
	for range 2 {
		d.Restarts()
	}
	if r = d.deviceRecord(del.Drone); r.Flights != 2 || r.Flown.Truncate(time.Minute) != 23*time.Minute || r.Newest[0].LandedAt.Before(r.Newest[1].LandedAt) {
		t.Errorf("after a start: %d flights, %v: %+v", r.Flights, r.Flown, r.Newest)
	}
	if r = d.deviceRecord(other); r.Flights != 1 || r.Flown != 30*time.Minute || r.Newest[0].Mission != "" {
		t.Errorf("of no mission: %d flights, %v: %+v", r.Flights, r.Flown, r.Newest)
	}
	box := del.Boxes[0].Box
	d.grounds(box)
	r = d.deviceRecord(box)
	if r.Journeys != 1 || r.Carried[0].Delivery != del.ID || r.Carried[0].Hospital != ward.Site || len(r.Outages) != 1 || r.Kind != telemetry.BoxKind {
		t.Errorf("of the box: %+v", r)
	}
}

// A maintenance log is added to; a wrong entry is struck once, with a reason, and counts no more.
func TestAMaintenanceLog(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := context.Background()
	today := network.Today(d.Now())
	entry := upkeep.Entry{Device: "HL-01", Kind: upkeep.Inspection, DoneOn: today.AddDate(0, -1, 0), What: " 50 h ", DueOn: today.AddDate(0, 0, -1)}
	first, err := d.AddMaintenance(ctx, anna, entry)
	if err != nil || first.What != "50 h" || first.By != anna.Login {
		t.Fatalf("added %+v, %v", first, err)
	}
	dues, err := d.Dues(ctx, anna)
	if err != nil || len(dues["HL-01"]) != 1 || dues["HL-01"][0].State != upkeep.Overdue || len(dues["HL-02"]) != 0 {
		t.Errorf("due: %+v, %v", dues, err)
	}
	entry.DoneOn, entry.DueOn, entry.DueHours, entry.Reference = today, today.AddDate(1, 0, 0), 50, "WO-7"
	if _, err := d.AddMaintenance(ctx, anna, entry); err != nil {
		t.Fatal(err)
	}
	if r := d.deviceRecord("HL-01"); len(r.Dues) != 1 || r.Dues[0].State != upkeep.Later || r.Dues[0].Hours != 50 || r.Log[0].Reference != "WO-7" {
		t.Errorf("after the next: %+v", r)
	}
	if err := d.StrikeMaintenance(ctx, anna, "HL-02", first.ID, "of another"); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("struck by another device's page: %v", err)
	}
	second := d.deviceRecord("HL-01").Log[0]
	if err := d.StrikeMaintenance(ctx, anna, "HL-01", second.ID, "of another drone"); err != nil {
		t.Fatal(err)
	}
	var state refusal.State
	if err := d.StrikeMaintenance(ctx, anna, "HL-01", second.ID, "again"); !errors.As(err, &state) {
		t.Errorf("struck twice: %v", err)
	}
	r := d.deviceRecord("HL-01")
	if len(r.Log) != 2 || r.Log[0].Struck.Why != "of another drone" || r.Dues[0].State != upkeep.Overdue {
		t.Errorf("after the strike: %+v", r)
	}
	if _, err := d.AddMaintenance(ctx, ward, entry); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("by a ward: %v", err)
	}
	there := anna
	there.Site = "SYN2"
	if _, err := d.AddMaintenance(ctx, there, entry); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("by another centre: %v", err)
	}
	if _, err := d.DeviceRecord(ctx, anna, "XX-01"); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("of no device: %v", err)
	}
	events, err := d.DB.Log.Find(ctx, delivery.EventQuery{Subject: "HL-01", Kind: delivery.EvDevice, Limit: 10})
	if err != nil || len(events) != 3 || events[0].Detail["what"] != "maintenance struck" || events[0].Detail["reason"] != "of another drone" {
		t.Errorf("the log says %+v, %v", events, err)
	}
}
