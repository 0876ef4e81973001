package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// faults has a box's sensor show a fault, and be well again.
func faults(d *desk, box telemetry.DeviceID, fault coldchain.SensorFault) {
	d.OnTelemetry(context.Background(), []telemetry.Event{
		{Kind: telemetry.SensorFault, Device: box, At: d.Now(), Sensor: coldchain.SensorEvent{Fault: fault}},
	})
}

// lost has a drone's link be lost, or come back.
func lost(d *desk, drone telemetry.DeviceID, kind telemetry.EventKind) {
	d.OnTelemetry(context.Background(), []telemetry.Event{{Kind: kind, Device: drone, At: d.Now(), Value: 10}})
}

// shown is the only alarm on the board.
func shown(t *testing.T, d *desk) delivery.Alarm {
	t.Helper()
	list, err := d.alarmsShown(context.Background())
	if err != nil || len(list) != 1 {
		t.Fatalf("the board shows %+v, %v", list, err)
	}
	return list[0]
}

// An alarm about blood is silenced by two people of two roles, stays on the shelf while its
// condition comes and goes, and is heard again when the shelf runs out.
func TestAnAlarmAboutBloodIsShelvedByTwo(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := context.Background()
	faults(d, "BX-001", coldchain.Stuck)
	a := shown(t, d)
	if a.State(d.Now()) != delivery.Unacknowledged {
		t.Fatalf("it is %s", a.State(d.Now()))
	}
	if err := d.ShelveAlarm(ctx, desktest.Tower, a.ID, "the probe is being changed", 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if a = shown(t, d); a.State(d.Now()) != delivery.Unacknowledged || a.Shelf.By != "tower" {
		t.Errorf("one person's wish made it %s: %+v", a.State(d.Now()), a.Shelf)
	}
	if err := d.ConfirmShelf(ctx, desktest.Tower, a.ID, a.Shelf.By, a.Shelf.Until); !errors.Is(err, refusal.ErrSamePerson) {
		t.Errorf("the same person confirms: %v", err)
	}
	if err := d.ConfirmShelf(ctx, desktest.Ward, a.ID, a.Shelf.By, a.Shelf.Until); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("a hospital confirms: %v", err)
	}
	if err := d.ConfirmShelf(ctx, desktest.Anna, a.ID, a.Shelf.By, a.Shelf.Until); err != nil {
		t.Fatal(err)
	}
	d.Tick(time.Minute)
	faults(d, "BX-001", coldchain.Gap) // another fault takes the place of the first
	if a = shown(t, d); a.State(d.Now()) != delivery.Shelved || a.Detail != string(coldchain.Gap) {
		t.Errorf("it is %s: %+v", a.State(d.Now()), a)
	}
	d.Tick(8*time.Minute + 59*time.Second)
	d.FliesOnce()
	if a = shown(t, d); a.State(d.Now()) != delivery.Shelved {
		t.Errorf("a second before its end it is %s", a.State(d.Now()))
	}
	d.Tick(time.Second)
	d.FliesOnce()
	if a = shown(t, d); a.State(d.Now()) != delivery.Unacknowledged || a.Shelf.By != "" {
		t.Errorf("at its end it is %s: %+v", a.State(d.Now()), a.Shelf)
	}
	if err := d.AckAlarm(ctx, desktest.Anna, a.ID); err != nil {
		t.Fatal(err)
	}
	if a = shown(t, d); a.State(d.Now()) != delivery.Acknowledged || a.AckedBy != "anna" {
		t.Errorf("it is %s", a.State(d.Now()))
	}
	if err := d.AckAlarm(ctx, desktest.Anna, 999_999); !errors.Is(err, refusal.ErrNotFound) {
		t.Errorf("no such alarm: %v", err)
	}
}

// A condition that comes and goes is one row that says so, acknowledged as one.
func TestAFlappingConditionIsOneRow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 50 {
		lost(d, "HL-01", telemetry.LinkLost)
		d.Tick(2 * time.Second)
		lost(d, "HL-01", telemetry.LinkRestored)
		d.Tick(2 * time.Second)
	}
	a := shown(t, d)
	if a.State(d.Now()) != delivery.Returned || a.Times != 50 || !a.Chattering {
		t.Errorf("it is %s, %d times, chatters %v", a.State(d.Now()), a.Times, a.Chattering)
	}
	b, err := d.DB.Boards.Board(context.Background(), "", d.Now())
	if err != nil || !b.AlarmRate.Flood() || b.AlarmRate[delivery.RateBins-1] != 50 {
		t.Errorf("the rate is %v, %v", b.AlarmRate, err)
	}
	d.Tick(6 * time.Minute)
	if a = shown(t, d); a.Chattering {
		t.Error("it chatters six minutes later")
	}
	lost(d, "HL-01", telemetry.LinkLost)
	if a = shown(t, d); a.State(d.Now()) != delivery.Unacknowledged || a.Times != 51 {
		t.Errorf("it is %s, %d times", a.State(d.Now()), a.Times)
	}
	if err := d.AckAlarm(context.Background(), desktest.Anna, a.ID); err != nil {
		t.Fatal(err)
	}
	if a = shown(t, d); a.State(d.Now()) != delivery.Acknowledged || a.Times != 1 {
		t.Errorf("acknowledged, it is %s, %d times", a.State(d.Now()), a.Times)
	}
	lost(d, "HL-01", telemetry.LinkRestored)
	if list, err := d.alarmsShown(context.Background()); err != nil || len(list) != 0 {
		t.Errorf("when it is over the board shows %+v, %v", list, err)
	}
	d.Tick(3 * time.Hour)
	if b, err = d.DB.Boards.Board(context.Background(), "", d.Now()); err != nil || b.AlarmRate.Flood() {
		t.Errorf("three hours later the rate is %v, %v", b.AlarmRate, err)
	}
}

// A shelf that people ended does not come back with an older alarm of the condition.
func TestAnEndedShelfStaysEnded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := context.Background()
	lost(d, "HL-01", telemetry.LinkLost)
	if err := d.ShelveAlarm(ctx, desktest.Tower, shown(t, d).ID, "a known gap", 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	lost(d, "HL-01", telemetry.LinkRestored)
	d.Tick(time.Minute)
	lost(d, "HL-01", telemetry.LinkLost)
	a := shown(t, d)
	if a.State(d.Now()) != delivery.Shelved {
		t.Fatalf("it is %s", a.State(d.Now()))
	}
	if err := d.UnshelveAlarm(ctx, desktest.Tower, a.ID); err != nil {
		t.Fatal(err)
	}
	lost(d, "HL-01", telemetry.LinkRestored)
	d.Tick(time.Minute)
	lost(d, "HL-01", telemetry.LinkLost)
	if a = shown(t, d); a.State(d.Now()) != delivery.Unacknowledged {
		t.Errorf("after its shelf was ended it is %s", a.State(d.Now()))
	}
}

// Two people press at the same moment: one of them has shelved it, the other is told.
func TestTwoShelveAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	lost(d, "HL-01", telemetry.LinkLost)
	a := shown(t, d)
	said := make(chan error)
	for _, who := range []struct{ by int }{{0}, {1}} {
		go func() {
			by := desktest.Tower
			if who.by == 1 {
				by = desktest.Anna
			}
			said <- d.ShelveAlarm(context.Background(), by, a.ID, "seen", 5*time.Minute)
		}()
	}
	one, other := <-said, <-said
	if (one == nil) == (other == nil) {
		t.Errorf("they were told %v and %v", one, other)
	}
	if err := errors.Join(one, other); !errors.As(err, new(refusal.State)) {
		t.Errorf("the second was told %v", err)
	}
	if a = shown(t, d); a.State(d.Now()) != delivery.Shelved {
		t.Errorf("it is %s", a.State(d.Now()))
	}
	if err := d.UnshelveAlarm(context.Background(), desktest.Tower, a.ID); err != nil {
		t.Fatal(err)
	}
	if a = shown(t, d); a.State(d.Now()) != delivery.Unacknowledged {
		t.Errorf("taken from the shelf it is %s", a.State(d.Now()))
	}
}
