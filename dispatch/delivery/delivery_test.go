package delivery_test

import (
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

var (
	t0   = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	anna = network.Actor{Login: "anna", Role: network.RoleDispatcher, Site: "C"}
	bert = network.Actor{Login: "bert", Role: network.RoleDispatcher, Site: "C"}
	ward = network.Actor{Login: "ward", Role: network.RoleHospital, Site: "H"}

	bag, other = blood.UnitKey{DIN: "A999926000001", ProductCode: "E0336V00"}, blood.UnitKey{DIN: "A999926000002", ProductCode: "E0336V00"}
)

// book is one delivery of two bags with its request and mission.
func book(status delivery.Status, mission delivery.MissionStatus) *delivery.Book {
	unit := func(k blood.UnitKey) delivery.Unit {
		u := delivery.Unit{Unit: blood.Unit{Key: k, Component: blood.RedCells, Group: "A+", Site: "C", Status: blood.Reserved}}
		if !status.In(delivery.DAllocated, delivery.DChecked) {
			u.PackedAt, u.Box, u.Unit.Status = t0, "BX-1", blood.Issued
		}
		return u
	}
	d := &delivery.Delivery{
		ID:          "D-1",
		Request:     "R-1",
		Version:     1,
		Mission:     "M-1",
		Drone:       "HL-1",
		Centre:      "C",
		Hospital:    "H",
		Status:      status,
		AllocatedBy: "anna",
		TwoPersons:  true,
		Seal:        "SL-1000",
		Boxes:       []delivery.Box{{Box: "BX-1"}},
		Units:       []delivery.Unit{unit(bag), unit(other)},
	}
	return &delivery.Book{
		Requests: map[delivery.RequestID]*delivery.Request{
			"R-1": {ID: "R-1", Status: delivery.Allocated, Version: 1, Asked: delivery.Asked{Hospital: "H", Units: 2}},
		},
		Missions: map[delivery.MissionID]*delivery.Mission{
			"M-1": {ID: "M-1", Drone: "HL-1", Centre: "C", Hospital: "H", Pad: "H-P1", Status: mission},
		},
		Slots:      map[delivery.MissionID]*delivery.Slot{"M-1": {Pad: "H-P1", Mission: "M-1", From: t0, To: t0.Add(4 * time.Minute)}},
		Deliveries: map[delivery.ID]*delivery.Delivery{"D-1": d},
		Units:      map[blood.UnitKey]*blood.Unit{},
		Made:       map[delivery.RequestID]int{"R-1": 1},
		Numbers:    []int64{77},
	}
}

// step applies a step and writes it into the book.
func step(b *delivery.Book, a network.Actor, s delivery.Step, scan delivery.Scan) error {
	c, err := b.Deliveries["D-1"].Apply(a, s, scan, t0.Add(time.Minute))
	if err != nil {
		return err
	}
	return b.Step("D-1", c)
}

// What each step leaves behind: the delivery's status, the first bag's, the request's, the
// mission's, and whether the box is free.
func TestWhatFollowsFromAStep(t *testing.T) {
	give := func(b *delivery.Book) { b.Deliveries["D-1"].GivenUpAt = t0; b.Requests["R-1"].Status = delivery.Open }
	tests := []struct {
		name    string
		status  delivery.Status
		mission delivery.MissionStatus
		before  func(*delivery.Book)
		actor   network.Actor
		step    delivery.Step
		scan    delivery.Scan
		want    delivery.Status
		bag     blood.UnitStatus
		request delivery.RequestStatus
		flies   delivery.MissionStatus
		free    bool
	}{
		{
			"checked by another",
			delivery.DAllocated,
			delivery.MPlanned,
			nil,
			bert,
			delivery.StepCheck,
			delivery.Scan{},
			delivery.DChecked,
			blood.Reserved,
			delivery.Allocated,
			delivery.MPlanned,
			false,
		},
		{
			"one bag packed",
			delivery.DChecked,
			delivery.MPlanned,
			nil,
			anna,
			delivery.StepPack,
			delivery.Scan{Unit: bag},
			delivery.DChecked,
			blood.Reserved,
			delivery.Allocated,
			delivery.MPlanned,
			false,
		},
		{
			"the last bag packed",
			delivery.DChecked,
			delivery.MPlanned,
			func(b *delivery.Book) { b.Deliveries["D-1"].Units[1].PackedAt = t0 },
			anna,
			delivery.StepPack,
			delivery.Scan{Unit: bag},
			delivery.DPacked,
			blood.Reserved,
			delivery.Allocated,
			delivery.MPlanned,
			false,
		},
		{
			"sealed",
			delivery.DPacked,
			delivery.MPlanned,
			nil,
			anna,
			delivery.StepSeal,
			delivery.Scan{Seal: "SL-2000"},
			delivery.DSealed,
			blood.Issued,
			delivery.Allocated,
			delivery.MPlanned,
			false,
		},
		{
			"loaded",
			delivery.DSealed,
			delivery.MUploaded,
			nil,
			anna,
			delivery.StepLoad,
			delivery.Scan{Box: "BX-1"},
			delivery.DLoaded,
			blood.Issued,
			delivery.Allocated,
			delivery.MUploaded,
			false,
		},
		{
			"taken off",
			delivery.DLoaded,
			delivery.MUploaded,
			nil,
			network.System,
			delivery.StepTakeOff,
			delivery.Scan{},
			delivery.DAirborne,
			blood.Issued,
			delivery.Allocated,
			delivery.MUploaded,
			false,
		},
		{
			"landed",
			delivery.DAirborne,
			delivery.MAtPad,
			nil,
			network.System,
			delivery.StepLand,
			delivery.Scan{},
			delivery.DLanded,
			blood.Issued,
			delivery.Allocated,
			delivery.MAtPad,
			false,
		},
		{
			"seal compared",
			delivery.DLanded,
			delivery.MAtPad,
			nil,
			ward,
			delivery.StepCompare,
			delivery.Scan{Seal: "SL-1000"},
			delivery.DOpened,
			blood.Issued,
			delivery.Allocated,
			delivery.MAtPad,
			false,
		},
		{
			"one received",
			delivery.DOpened,
			delivery.MAtPad,
			nil,
			ward,
			delivery.StepReceive,
			delivery.Scan{Unit: bag},
			delivery.DOpened,
			blood.Received,
			delivery.Allocated,
			delivery.MAtPad,
			false,
		},
		{
			"the last received",
			delivery.DOpened,
			delivery.MAtPad,
			func(b *delivery.Book) { b.Deliveries["D-1"].Units[1].Outcome = blood.Quarantined },
			ward,
			delivery.StepReceive,
			delivery.Scan{Unit: bag},
			delivery.DClosed,
			blood.Received,
			delivery.Fulfilled,
			delivery.MAtPad,
			true,
		},
		{
			"none received",
			delivery.DOpened,
			delivery.MAtPad,
			func(b *delivery.Book) { b.Deliveries["D-1"].Units[1].Outcome = blood.Quarantined },
			ward,
			delivery.StepReject,
			delivery.Scan{Unit: bag, Note: "warm"},
			delivery.DRejected,
			blood.Quarantined,
			delivery.Open,
			delivery.MAtPad,
			true,
		},
		{
			"cancelled",
			delivery.DPacked,
			delivery.MPlanned,
			nil,
			ward,
			delivery.StepCancel,
			delivery.Scan{},
			delivery.DCancelled,
			blood.InStock,
			delivery.Allocated,
			delivery.MAborted,
			true,
		},
		{
			"stood down",
			delivery.DLoaded,
			delivery.MUploaded,
			nil,
			anna,
			delivery.StepStandDown,
			delivery.Scan{Note: "fog"},
			delivery.DCancelled,
			blood.Quarantined,
			delivery.Open,
			delivery.MAborted,
			true,
		},
		{
			"freed",
			delivery.DPacked,
			delivery.MPlanned,
			nil,
			anna,
			delivery.StepFree,
			delivery.Scan{Note: "fog"},
			delivery.DCancelled,
			blood.InStock,
			delivery.Open,
			delivery.MAborted,
			true,
		},
		{
			"one broken",
			delivery.DPacked,
			delivery.MPlanned,
			nil,
			anna,
			delivery.StepBreak,
			delivery.Scan{Unit: bag, Note: "leaks"},
			delivery.DCancelled,
			blood.Quarantined,
			delivery.Open,
			delivery.MAborted,
			true,
		},
		{
			"given up",
			delivery.DAirborne,
			delivery.MOutbound,
			nil,
			anna,
			delivery.StepGiveUp,
			delivery.Scan{Note: "lost"},
			delivery.DAirborne,
			blood.Issued,
			delivery.Open,
			delivery.MOutbound,
			false,
		},
		{
			"kept after all",
			delivery.DAirborne,
			delivery.MOutbound,
			give,
			anna,
			delivery.StepKeep,
			delivery.Scan{},
			delivery.DAirborne,
			blood.Issued,
			delivery.Allocated,
			delivery.MOutbound,
			false,
		},
		{
			"came back",
			delivery.DAirborne,
			delivery.MDone,
			nil,
			network.System,
			delivery.StepReturn,
			delivery.Scan{},
			delivery.DReturned,
			blood.Quarantined,
			delivery.Open,
			delivery.MDone,
			true,
		},
		{
			"came back, given up, and another serves",
			delivery.DAirborne,
			delivery.MDone,
			func(b *delivery.Book) { give(b); b.Requests["R-1"].Status = delivery.Allocated },
			network.System,
			delivery.StepReturn,
			delivery.Scan{},
			delivery.DReturned,
			blood.Quarantined,
			delivery.Allocated,
			delivery.MDone,
			true,
		},
		{
			"arrives though given up, and nothing else serves",
			delivery.DOpened,
			delivery.MAtPad,
			func(b *delivery.Book) { give(b); b.Deliveries["D-1"].Units[1].Outcome = blood.Received },
			ward,
			delivery.StepReceive,
			delivery.Scan{Unit: bag},
			delivery.DClosed,
			blood.Received,
			delivery.Fulfilled,
			delivery.MAtPad,
			true,
		},
		{
			"written off",
			delivery.DAirborne,
			delivery.MOutbound,
			give,
			anna,
			delivery.StepLose,
			delivery.Scan{},
			delivery.DLost,
			blood.Discarded,
			delivery.Open,
			delivery.MAborted,
			false,
		},
		{
			"found",
			delivery.DLost,
			delivery.MAborted,
			give,
			anna,
			delivery.StepFind,
			delivery.Scan{},
			delivery.DReturned,
			blood.Quarantined,
			delivery.Open,
			delivery.MAborted,
			true,
		},
		{
			"diverted",
			delivery.DAirborne,
			delivery.MOutbound,
			nil,
			network.System,
			delivery.StepDivert,
			delivery.Scan{},
			delivery.DDiverted,
			blood.Issued,
			delivery.Open,
			delivery.MOutbound,
			true,
		},
		{
			"another drone",
			delivery.DLoaded,
			delivery.MUploaded,
			nil,
			anna,
			delivery.StepExchange,
			delivery.Scan{Drone: "HL-2"},
			delivery.DSealed,
			blood.Issued,
			delivery.Allocated,
			delivery.MAborted,
			false,
		},
	}
	for _, tt := range tests {
		b := book(tt.status, tt.mission)
		if tt.before != nil {
			tt.before(b)
		}
		if err := step(b, tt.actor, tt.step, tt.scan); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		d := b.Deliveries["D-1"]
		if d.Status != tt.want || d.Units[0].Unit.Status != tt.bag || b.Requests["R-1"].Status != tt.request ||
			b.Missions["M-1"].Status != tt.flies ||
			d.Boxes[0].Released != tt.free {
			t.Errorf(
				"%s: got delivery %s, bag %s, request %s, mission %s, box free %v",
				tt.name,
				d.Status,
				d.Units[0].Unit.Status,
				b.Requests["R-1"].Status,
				b.Missions["M-1"].Status,
				d.Boxes[0].Released,
			)
		}
		if len(b.Added.Custody) != 1 || b.Added.Custody[0].Step != tt.step || len(b.Added.Events) != 1 || b.Added.Events[0].Subject != "D-1" {
			t.Errorf("%s: custody %+v, events %+v", tt.name, b.Added.Custody, b.Added.Events)
		}
		if _, held := b.Slots["M-1"]; held != (tt.flies != delivery.MAborted || tt.mission == delivery.MAborted) {
			t.Errorf("%s: its pad is held: %v", tt.name, held)
		}
		if aborted := tt.flies == delivery.MAborted && tt.mission != delivery.MAborted; aborted != (len(b.Added.Closed) > 0) {
			t.Errorf("%s: commands closed: %+v", tt.name, b.Added.Closed)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	gave := func(b *delivery.Book) { b.Deliveries["D-1"].GivenUpAt = t0 }
	var field refusal.Field
	var scan refusal.Scan
	var state refusal.State
	tests := []struct {
		name   string
		status delivery.Status
		before func(*delivery.Book)
		actor  network.Actor
		step   delivery.Step
		scan   delivery.Scan
		want   func(error) bool
	}{
		{
			"checked by the allocator",
			delivery.DAllocated,
			nil,
			anna,
			delivery.StepCheck,
			delivery.Scan{},
			func(err error) bool { return errors.Is(err, refusal.ErrSamePerson) },
		},
		{
			"by the ward",
			delivery.DAllocated,
			nil,
			ward,
			delivery.StepCheck,
			delivery.Scan{},
			func(err error) bool { return errors.Is(err, refusal.ErrForbidden) },
		},
		{
			"too early",
			delivery.DAllocated,
			nil,
			anna,
			delivery.StepSeal,
			delivery.Scan{Seal: "SL-1"},
			func(err error) bool { return errors.As(err, &state) },
		},
		{
			"no bag",
			delivery.DChecked,
			nil,
			anna,
			delivery.StepPack,
			delivery.Scan{},
			func(err error) bool { return errors.As(err, &field) && field.Field == "din" },
		},
		{
			"another bag",
			delivery.DChecked,
			nil,
			anna,
			delivery.StepPack,
			delivery.Scan{Unit: blood.UnitKey{DIN: "A999926000009", ProductCode: "E0336V00"}},
			func(err error) bool { return errors.As(err, &scan) },
		},
		{
			"the same bag again",
			delivery.DChecked,
			func(b *delivery.Book) { b.Deliveries["D-1"].Units[0].PackedAt = t0 },
			anna,
			delivery.StepPack,
			delivery.Scan{Unit: bag},
			func(err error) bool { return errors.As(err, &scan) },
		},
		{
			"no seal",
			delivery.DPacked,
			nil,
			anna,
			delivery.StepSeal,
			delivery.Scan{Seal: "abc"},
			func(err error) bool { return errors.As(err, &field) && field.Field == "seal" },
		},
		{
			"another box",
			delivery.DSealed,
			nil,
			anna,
			delivery.StepLoad,
			delivery.Scan{Box: "BX-9"},
			func(err error) bool { return errors.As(err, &scan) && scan.Want == "box BX-1" },
		},
		{
			"another seal",
			delivery.DLanded,
			nil,
			ward,
			delivery.StepCompare,
			delivery.Scan{Seal: "SL-9"},
			func(err error) bool { return errors.As(err, &scan) && scan.Want == "SL-1000" },
		},
		{
			"judged again",
			delivery.DOpened,
			func(b *delivery.Book) { b.Deliveries["D-1"].Units[0].Outcome = blood.Received },
			ward,
			delivery.StepReceive,
			delivery.Scan{Unit: bag},
			func(err error) bool { return errors.As(err, &scan) },
		},
		{
			"quarantined without a reason",
			delivery.DOpened,
			nil,
			ward,
			delivery.StepReject,
			delivery.Scan{Unit: bag},
			func(err error) bool { return errors.As(err, &field) && field.Field == "note" },
		},
		{
			"stood down without a reason",
			delivery.DLoaded,
			nil,
			anna,
			delivery.StepStandDown,
			delivery.Scan{Note: " "},
			func(err error) bool { return errors.As(err, &field) },
		},
		{
			"freed without a reason",
			delivery.DPacked,
			nil,
			anna,
			delivery.StepFree,
			delivery.Scan{},
			func(err error) bool { return errors.As(err, &field) },
		},
		{
			"broken without a reason",
			delivery.DPacked,
			nil,
			anna,
			delivery.StepBreak,
			delivery.Scan{Unit: bag},
			func(err error) bool { return errors.As(err, &field) },
		},
		{
			"another one broken",
			delivery.DPacked,
			nil,
			anna,
			delivery.StepBreak,
			delivery.Scan{Note: "x", Unit: blood.UnitKey{DIN: "A999926000009", ProductCode: "E0336V00"}},
			func(err error) bool { return errors.As(err, &scan) },
		},
		{
			"given up twice",
			delivery.DAirborne,
			gave,
			anna,
			delivery.StepGiveUp,
			delivery.Scan{Note: "x"},
			func(err error) bool { return errors.As(err, &state) },
		},
		{
			"given up without a reason",
			delivery.DAirborne,
			nil,
			anna,
			delivery.StepGiveUp,
			delivery.Scan{},
			func(err error) bool { return errors.As(err, &field) },
		},
		{
			"kept, and never given up",
			delivery.DAirborne,
			nil,
			anna,
			delivery.StepKeep,
			delivery.Scan{},
			func(err error) bool { return errors.As(err, &state) },
		},
		{
			"kept, and another serves",
			delivery.DAirborne,
			gave,
			anna,
			delivery.StepKeep,
			delivery.Scan{},
			func(err error) bool { return errors.As(err, &state) && state.What == "its request" },
		},
		{"kept, and the request was amended", delivery.DAirborne, func(b *delivery.Book) {
			gave(b)
			b.Requests["R-1"].Status = delivery.Open
			b.Requests["R-1"].Version = 2
		}, anna, delivery.StepKeep, delivery.Scan{}, func(err error) bool { return errors.As(err, &state) && state.State == "amended since" }},
		{
			"written off, and not given up",
			delivery.DAirborne,
			nil,
			anna,
			delivery.StepLose,
			delivery.Scan{},
			func(err error) bool { return errors.As(err, &state) },
		},
		{
			"exchanged, and given up",
			delivery.DLoaded,
			gave,
			anna,
			delivery.StepExchange,
			delivery.Scan{},
			func(err error) bool { return errors.As(err, &state) },
		},
	}
	for _, tt := range tests {
		b := book(tt.status, delivery.MPlanned)
		if tt.before != nil {
			tt.before(b)
		}
		if err := step(b, tt.actor, tt.step, tt.scan); !tt.want(err) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// Units that went back to stock too warm are set aside, and a unit that was packed
// meanwhile is not forgotten.
func TestJourneysThatEnd(t *testing.T) {
	b := book(delivery.DPacked, delivery.MPlanned)
	d := *b.Deliveries["D-1"]
	c, err := d.Apply(anna, delivery.StepFree, delivery.Scan{Note: "fog"}, t0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.WithJourneys(d, []delivery.Journey{{Unit: bag}}); !errors.Is(err, refusal.ErrTaken) {
		t.Errorf("one was packed since: %v", err)
	}
	stranger := blood.UnitKey{DIN: "A999926000099", ProductCode: "E0336V00"}
	if _, err := c.WithJourneys(d, []delivery.Journey{{Unit: bag}, {Unit: stranger}}); !errors.Is(err, refusal.ErrTaken) {
		t.Errorf("the journey of another unit stands for one: %v", err)
	}
	c, err = c.WithJourneys(
		d,
		[]delivery.Journey{
			{Unit: bag, Verdict: coldchain.Verdict{Advice: coldchain.Quarantine}},
			{Unit: other, Verdict: coldchain.Verdict{Advice: coldchain.Usable}},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Step("D-1", c); err != nil {
		t.Fatal(err)
	}
	got := b.Deliveries["D-1"].Units
	if got[0].Unit.Status != blood.Quarantined || got[1].Unit.Status != blood.InStock || len(b.Added.Journeys) != 2 || !got[0].Released {
		t.Errorf("got %+v", got)
	}
}

func TestMayBeGone(t *testing.T) {
	grounded := t0.Add(10 * time.Minute)
	tests := []struct {
		name    string
		release delivery.Release
		want    bool
	}{
		{"it waits for its answer", delivery.Release{ExpiresAt: t0}, true},
		{"taken five minutes before", delivery.Release{OK: true, AnsweredAt: grounded.Add(-delivery.LeaveWithin)}, true},
		{"taken longer before", delivery.Release{OK: true, AnsweredAt: grounded.Add(-delivery.LeaveWithin - time.Second)}, false},
		{"refused", delivery.Release{AnsweredAt: t0, Reason: "battery", ExpiresAt: grounded}, false},
		{"ran out when it stood", delivery.Release{AnsweredAt: t0, Reason: delivery.NotInTime, ExpiresAt: grounded}, true},
		{"ran out before", delivery.Release{AnsweredAt: t0, Reason: delivery.NotInTime, ExpiresAt: grounded.Add(-time.Second)}, false},
		{"replaced", delivery.Release{AnsweredAt: t0, Reason: delivery.Replaced, ExpiresAt: grounded}, true},
		{"given up", delivery.Release{AnsweredAt: t0, Reason: delivery.GivenUpBy, ExpiresAt: grounded}, true},
	}
	for _, tt := range tests {
		if got := delivery.MayBeGone([]delivery.Release{tt.release}, grounded); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
	if delivery.MayBeGone(nil, grounded) || !delivery.MayBeGone([]delivery.Release{{OK: true, AnsweredAt: t0}}, time.Time{}) {
		t.Error("none was given, or it was not heard on the ground")
	}
}

func TestAMissionFlies(t *testing.T) {
	at := func(m int) time.Time { return t0.Add(time.Duration(m) * time.Minute) }
	b := book(delivery.DLoaded, delivery.MUploaded)
	err := b.Fly("M-1", delivery.MissionChange{
		DepartAt: at(1), ArriveAt: at(15), SlotFrom: at(14), SlotTo: at(18), Actor: "system",
		Commands: []telemetry.Command{{Kind: telemetry.Release}},
	}, at(1))
	if err != nil {
		t.Fatal(err)
	}
	if s := *b.Slots["M-1"]; !s.From.Equal(at(14)) || !s.To.Equal(at(18)) {
		t.Errorf("the pad is held %v to %v", s.From, s.To)
	}
	if c := b.Added.Commands; len(c) != 1 || c[0].Device != "HL-1" || c[0].Mission != "M-1" || c[0].Actor != "system" ||
		len(b.Added.Closed) != 0 {
		t.Errorf("commands %+v, closed %+v", c, b.Added.Closed)
	}
	// It leaves with what it carries; a hold takes the place of what waits in the air.
	take, _ := b.Deliveries["D-1"].Apply(network.System, delivery.StepTakeOff, delivery.Scan{}, at(2))
	if err := b.Fly(
		"M-1",
		delivery.MissionChange{Status: delivery.MOutbound, DepartAt: at(2), Deliveries: map[delivery.ID]delivery.Change{"D-1": take}},
		at(2),
	); err != nil {
		t.Fatal(err)
	}
	if b.Deliveries["D-1"].Status != delivery.DAirborne || b.Missions["M-1"].Status != delivery.MOutbound {
		t.Error("it has not left")
	}
	if err := b.Fly(
		"M-1",
		delivery.MissionChange{Commands: []telemetry.Command{{Kind: telemetry.Hold}}},
		at(3),
	); err != nil || len(b.Added.Closed) != 1 ||
		b.Added.Closed[0].Reason != delivery.Replaced {
		t.Errorf("%v, closed %+v", err, b.Added.Closed)
	}
	// Home: its pad is free from when it left, its boxes stand at home, nothing waits.
	if err := b.Fly("M-1", delivery.MissionChange{Status: delivery.MDone, LeftAt: at(16), HomeAt: at(30), BoxesAt: "C"}, at(30)); err != nil {
		t.Fatal(err)
	}
	if s := *b.Slots["M-1"]; !s.To.Equal(at(16)) || len(b.Added.BoxesAt) != 1 || b.Added.BoxesAt[0].Site != "C" {
		t.Errorf("held until %v, boxes %+v", s.To, b.Added.BoxesAt)
	}
	if last := b.Added.Closed[len(b.Added.Closed)-1]; last.Reason != "mission done" || last.Kinds != nil {
		t.Errorf("closed %+v", last)
	}
	// A slot is never turned round, nor made longer by leaving.
	if err := b.Fly("M-1", delivery.MissionChange{LeftAt: at(5)}, at(31)); err != nil || !b.Slots["M-1"].To.Equal(at(14).Add(time.Second)) {
		t.Errorf("%v, held until %v", err, b.Slots["M-1"].To)
	}
	if err := b.Fly("M-1", delivery.MissionChange{PlanHash: "h", EnergyJ: 5, Pad: "H-P2", Hospital: "I"}, at(32)); err != nil {
		t.Fatal(err)
	}
	if m := b.Missions["M-1"]; m.PlanHash != "h" || m.EnergyJ != 5 || m.Pad != "H-P2" || m.Hospital != "I" {
		t.Errorf("got %+v", m)
	}
}

func TestARequestChangesHands(t *testing.T) {
	b := book(delivery.DPacked, delivery.MPlanned)
	if b.Serving("R-1") == nil || len(b.Payload("M-1")) != 1 {
		t.Fatal("its delivery serves it")
	}
	if err := b.CancelServing("R-1", ward, "patient improved", []delivery.Journey{{Unit: bag}, {Unit: other}}, t0); err != nil {
		t.Fatal(err)
	}
	r := b.ChangeRequest(delivery.Request{ID: "R-1", Status: delivery.Cancelled, Asked: delivery.Asked{Hospital: "H"}}, ward, t0, map[string]string{"what": "cancelled"})
	if r.Status != delivery.Cancelled || b.Deliveries["D-1"].Status != delivery.DCancelled || len(b.Added.Cleared) != 1 {
		t.Errorf("got %+v, delivery %s", r, b.Deliveries["D-1"].Status)
	}
	if b.Serving("R-1") != nil {
		t.Error("a cancelled delivery serves it")
	}
	b.Requests["R-1"].Status = delivery.Allocated
	if err := b.CancelServing("R-1", ward, "x", nil, t0); !errors.Is(err, refusal.ErrTaken) {
		t.Errorf("allocated, and nothing serves it: %v", err)
	}
	// An open request is taken once, as it was seen, and split where there is too little.
	open := delivery.Request{ID: "R-1", Status: delivery.Open, Version: 3, Asked: delivery.Asked{Hospital: "H", Units: 5}}
	*b.Requests["R-1"] = open
	if _, err := b.Take(delivery.Request{ID: "R-1", Version: 2}, t0); !errors.Is(err, refusal.ErrTaken) {
		t.Errorf("amended since: %v", err)
	}
	took, err := b.Take(open, t0)
	if err != nil || took.Status != delivery.Allocated {
		t.Fatalf("got %+v, %v", took, err)
	}
	b.Split(took, 2, t0)
	rest := b.Added.Rests[0]
	if took.Units != 3 || took.Version != 4 || rest.Units != 2 || rest.RestOf != "R-1" || rest.ID != "R-1122-0077" ||
		rest.Status != delivery.Open {
		t.Errorf("split into %+v and %+v", took, rest)
	}
	if _, err := b.Take(open, t0); !errors.Is(err, refusal.ErrTaken) {
		t.Errorf("taken twice: %v", err)
	}
	if d, m := b.Names("R-1"); d != "D-1-2" || m != "M-1-2" {
		t.Errorf("named %s and %s", d, m)
	}
	b.Made["R-1"] = 0
	if d, m := b.Names("R-1"); d != "D-1" || m != "M-1" {
		t.Errorf("first named %s and %s", d, m)
	}
}
