package delivery_test

import (
	"cmp"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"
)

// Bags are packed one by one: the box counts from the first, each bag from its own scan.
func TestBagsArePackedOneByOne(t *testing.T) {
	b := book(delivery.DChecked, delivery.MPlanned)
	d := b.Deliveries["D-1"]
	d.AllocatedBy, d.CheckedBy = "anna", "bert"
	pack := func(k blood.UnitKey, at time.Time) {
		c, err := d.Apply(anna, delivery.StepPack, delivery.Scan{Unit: k}, at)
		if err == nil {
			err = b.Step("D-1", c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	pack(bag, t0.Add(time.Minute))
	if !d.Units[0].PackedAt.Equal(t0.Add(time.Minute)) || !d.Units[1].PackedAt.IsZero() || d.Units[1].Box != "" || d.Status != delivery.DChecked {
		t.Errorf("after the first: %+v", d.Units)
	}
	if _, err := d.Apply(anna, delivery.StepPack, delivery.Scan{Unit: bag}, t0); !strings.Contains(errOf(err), other.String()) {
		t.Errorf("the first again: %v", err)
	}
	pack(other, t0.Add(2*time.Minute))
	if !d.Boxes[0].PackedAt.Equal(t0.Add(time.Minute)) || !d.Units[1].PackedAt.Equal(t0.Add(2*time.Minute)) || d.Status != delivery.DPacked {
		t.Errorf("after the second: %+v, %+v", d.Boxes, d.Units)
	}
	if _, err := d.Apply(anna, delivery.StepPack, delivery.Scan{Unit: bag}, t0); err == nil {
		t.Error("a third was packed")
	}
}

func errOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A bag that was judged is refused, with what is expected.
func TestABagIsJudgedOnce(t *testing.T) {
	b := book(delivery.DOpened, delivery.MAtPad)
	if err := step(b, ward, delivery.StepReceive, delivery.Scan{Unit: bag}); err != nil {
		t.Fatal(err)
	}
	d := b.Deliveries["D-1"]
	if d.Units[0].Outcome != blood.Received || d.Units[0].Unit.Site != "H" || d.Units[1].Outcome != "" || d.Units[1].Unit.Site != "C" {
		t.Errorf("got %+v", d.Units)
	}
	err := step(b, ward, delivery.StepReceive, delivery.Scan{Unit: bag})
	var scan refusal.Scan
	if !errors.As(err, &scan) || !strings.Contains(scan.Want, other.String()) || strings.Contains(scan.Want, bag.String()) {
		t.Errorf("received again: %v", err)
	}
}

// Who is not sure to be the person judges every bag but the last, which ends the delivery.
func TestTheLastBagIsConfirmed(t *testing.T) {
	for name, scan := range map[string]delivery.Scan{"received": {}, "quarantined": {Note: "leaks"}} {
		does := delivery.StepReceive
		if scan.Note != "" {
			does = delivery.StepReject
		}
		b := book(delivery.DOpened, delivery.MAtPad)
		scan.Unconfirmed = true
		for i, key := range []blood.UnitKey{bag, other} {
			scan.Unit = key
			err := step(b, ward, does, scan)
			if want := i == 1; errors.Is(err, refusal.ErrUnconfirmed) != want || (err != nil) != want {
				t.Errorf("%s, bag %d of 2: %v", name, i+1, err)
			}
		}
		if d := b.Deliveries["D-1"]; d.Status != delivery.DOpened || d.Units[1].Outcome != "" {
			t.Errorf("%s: unconfirmed it is %s", name, d.Status)
		}
		scan.Unconfirmed = false
		if err := step(b, ward, does, scan); err != nil || b.Deliveries["D-1"].Status == delivery.DOpened {
			t.Errorf("%s: confirmed it is %s, %v", name, b.Deliveries["D-1"].Status, err)
		}
	}
}

// Bags come back to stock free, and those diverted are the other delivery's.
func TestWhichBagsAreFree(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  delivery.Change
		free    bool
		becomes blood.UnitStatus
	}{
		{"back to stock", delivery.Change{Status: delivery.DCancelled, UnitsBecome: blood.InStock}, true, blood.InStock},
		{"diverted", delivery.Change{Status: delivery.DDiverted}, true, blood.Issued},
		{"issued", delivery.Change{Status: delivery.DSealed, UnitsBecome: blood.Issued}, false, blood.Issued},
		{"suspect", delivery.Change{
			Status: delivery.DCancelled, UnitsBecome: blood.InStock, Suspect: []blood.UnitKey{bag},
		}, true, blood.Quarantined},
	} {
		b := book(delivery.DAirborne, delivery.MOutbound)
		if err := b.Step("D-1", tt.change); err != nil {
			t.Fatal(err)
		}
		if u := b.Deliveries["D-1"].Units[0]; u.Released != tt.free || u.Unit.Status != tt.becomes {
			t.Errorf("%s: %+v", tt.name, u)
		}
	}
}

// What a change of a mission leaves alone stays, and the log says what changed.
func TestAFlightKeepsWhatIsNotChanged(t *testing.T) {
	track := []geo.Fix4D{{Point: orb.Point{123.4, 41.8}}, {Point: orb.Point{123.5, 41.8}}}
	other := []geo.Fix4D{{Point: orb.Point{123.6, 41.8}}, {Point: orb.Point{123.7, 41.8}}}
	fresh := func() (*delivery.Book, *delivery.Mission) {
		b := book(delivery.DAirborne, delivery.MOutbound)
		m := b.Missions["M-1"]
		m.Out, m.Back, m.PlanHash, m.EnergyJ, m.ArriveAt, m.DepartAt = track, track, "h", 5, t0, t0
		return b, m
	}
	logged := func(b *delivery.Book, key string) bool {
		for _, e := range b.Added.Events {
			if _, ok := e.Detail[key]; ok {
				return true
			}
		}
		return false
	}
	tests := []struct {
		name   string
		change delivery.MissionChange
		key    string // that the log names
	}{
		{"out", delivery.MissionChange{Out: other}, "route"},
		{"back", delivery.MissionChange{Back: other}, "route"},
		{"pad", delivery.MissionChange{Pad: "H-P2"}, "pad"},
		{"status", delivery.MissionChange{Status: delivery.MAtPad}, "status"},
		{"arrival", delivery.MissionChange{ArriveAt: t0.Add(time.Hour)}, "status"},
		{"departure", delivery.MissionChange{DepartAt: t0.Add(time.Hour)}, "status"},
		{"home", delivery.MissionChange{HomeAt: t0.Add(time.Hour)}, "status"},
		{"command", delivery.MissionChange{Commands: []telemetry.Command{{Kind: telemetry.Hold}}}, "kind"},
	}
	for _, tt := range tests {
		b, m := fresh()
		if err := b.Fly("M-1", tt.change, t0.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"route", "pad", "status", "kind"} {
			if logged(b, key) != (key == tt.key) {
				t.Errorf("%s: the log has %s: %v", tt.name, key, logged(b, key))
			}
		}
		if (m.Out[0] == other[0]) != (tt.name == "out") || (m.Back[0] == other[0]) != (tt.name == "back") || m.PlanHash != "h" || m.EnergyJ != 5 ||
			(m.Pad == "H-P2") != (tt.name == "pad") || m.ArriveAt.Equal(t0) == (tt.name == "arrival") {
			t.Errorf("%s: %+v", tt.name, m)
		}
		if closed := len(b.Added.Closed) > 0; closed != (tt.name == "command") { // the orders before it are void
			t.Errorf("%s: closed %+v", tt.name, b.Added.Closed)
		}
	}
}

// Only the deliveries of a mission stand where it landed.
func TestWhereTheBoxesStand(t *testing.T) {
	b := book(delivery.DAirborne, delivery.MOutbound)
	b.Deliveries["D-2"] = &delivery.Delivery{ID: "D-2", Mission: "M-2", Boxes: []delivery.Box{{Box: "BX-2"}}}
	if err := b.Fly("M-1", delivery.MissionChange{BoxesAt: "H"}, t0); err != nil {
		t.Fatal(err)
	}
	if at := b.Added.BoxesAt; len(at) != 1 || at[0].ID != "BX-1" || at[0].Site != "H" {
		t.Errorf("got %+v", at)
	}
}

// What a delivery is refused, its flight is refused.
func TestAFlightIsRefusedWithItsDelivery(t *testing.T) {
	b := book(delivery.DAirborne, delivery.MOutbound)
	b.Requests["R-1"].Status = delivery.Fulfilled
	c := delivery.MissionChange{Deliveries: map[delivery.ID]delivery.Change{"D-1": {Keep: true, Custody: delivery.CustodyEvent{At: t0}}}}
	if err := b.Fly("M-1", c, t0); err == nil {
		t.Error("a delivery whose request is fulfilled serves it again")
	}
}

func TestARequestsDeliveryIsCancelledWithIt(t *testing.T) {
	b := book(delivery.DAllocated, delivery.MPlanned)
	if err := b.CancelServing("R-1", ward, "not needed", nil, t0); err != nil || b.Deliveries["D-1"].Status != delivery.DCancelled {
		t.Errorf("%s, %v", b.Deliveries["D-1"].Status, err)
	}
	packed := book(delivery.DPacked, delivery.MPlanned)
	if err := packed.CancelServing("R-1", ward, "not needed", nil, t0); !errors.Is(err, refusal.ErrTaken) {
		t.Errorf("packed since it was judged: %v", err)
	}
	none := book(delivery.DAllocated, delivery.MPlanned)
	delete(none.Deliveries, "D-1")
	if err := none.CancelServing("R-1", ward, "not needed", nil, t0); !errors.Is(err, refusal.ErrTaken) {
		t.Errorf("one that changes hands: %v", err)
	}
	none.Requests["R-1"].Status = delivery.Open
	if err := none.CancelServing("R-1", ward, "not needed", nil, t0); err != nil {
		t.Errorf("one that waits: %v", err)
	}
}

// Nothing is sealed for, or loaded onto, a mission that is over.
func TestAMissionThatIsOverGetsNoBox(t *testing.T) {
	for status, ok := range map[delivery.MissionStatus]bool{
		delivery.MPlanned: true, delivery.MUploaded: true, delivery.MDone: false, delivery.MAborted: false,
	} {
		for step, from := range map[delivery.Step]delivery.Status{delivery.StepSeal: delivery.DPacked, delivery.StepLoad: delivery.DSealed} {
			b := book(from, status)
			d := b.Deliveries["D-1"]
			c, err := d.Apply(anna, step, delivery.Scan{Seal: cmp.Or(d.Seal, "SL-1"), Drone: d.Drone, Box: "BX-1"}, t0)
			if err != nil {
				t.Fatalf("%s: %v", step, err)
			}
			if err := b.Step("D-1", c); (err == nil) != ok || !ok && b.Deliveries["D-1"].Status != from {
				t.Errorf("%s for a mission that is %s: %v", step, status, err)
			}
		}
	}
}
