package delivery_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

var oneHospital = &network.Network{
	Sites: []network.Site{{ID: "H", Kind: network.Hospital}, {ID: "C", Kind: network.BloodCentre}},
	Pads:  []network.Pad{{ID: "H-P1", Site: "H"}, {ID: "C-P1", Site: "C"}},
}

func asked() delivery.Asked {
	return delivery.Asked{
		Hospital: "H", Pad: "H-P1", Component: blood.RedCells, Group: "A+", Units: 2, Urgency: delivery.Urgent, NeededBy: t0.Add(time.Hour),
	}
}

func TestWhatMayBeAskedFor(t *testing.T) {
	if err := asked().Check(oneHospital, t0); err != nil {
		t.Error(err)
	}
	unknown := asked()
	if unknown.Group = blood.UnknownGroup; unknown.Check(oneHospital, t0) != nil {
		t.Error("an unknown group was refused")
	}
	tests := []struct {
		field  string
		change func(*delivery.Asked)
	}{
		{"hospital", func(a *delivery.Asked) { a.Hospital = "X" }},
		{"hospital", func(a *delivery.Asked) { a.Hospital, a.Pad = "C", "C-P1" }},
		{"pad", func(a *delivery.Asked) { a.Pad = "X" }},
		{"pad", func(a *delivery.Asked) { a.Pad = "C-P1" }},
		{"component", func(a *delivery.Asked) { a.Component = "milk" }},
		{"blood_group", func(a *delivery.Asked) { a.Group = "C+" }},
		{"units", func(a *delivery.Asked) { a.Units = 0 }},
		{"units", func(a *delivery.Asked) { a.Units = delivery.MaxUnits + 1 }},
		{"urgency", func(a *delivery.Asked) { a.Urgency = "soon" }},
		{"needed_by", func(a *delivery.Asked) { a.NeededBy = t0.Add(59 * time.Second) }},
		{"needed_by", func(a *delivery.Asked) { a.NeededBy = t0.Add(7*24*time.Hour + time.Second) }},
		{"patient.sex", func(a *delivery.Asked) { a.Patient.Sex = "x" }},
		{"patient.age", func(a *delivery.Asked) { a.Patient.Age = "x" }},
	}
	for _, tt := range tests {
		a := asked()
		tt.change(&a)
		var field refusal.Field
		if err := a.Check(oneHospital, t0); !errors.As(err, &field) || field.Field != tt.field {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
	for _, n := range []int{1, delivery.MaxUnits} {
		a := asked()
		if a.Units = n; a.Check(oneHospital, t0) != nil {
			t.Errorf("%d units were refused", n)
		}
	}
	for _, at := range []time.Time{t0.Add(time.Minute), t0.Add(7 * 24 * time.Hour)} {
		a := asked()
		if a.NeededBy = at; a.Check(oneHospital, t0) != nil {
			t.Errorf("needed by %v was refused", at)
		}
	}
}

func TestARequestsLife(t *testing.T) {
	amend := func(r delivery.Request) (delivery.Request, error) {
		a := asked()
		a.Units = 5
		return r.Amend(a, 0)
	}
	road := func(s delivery.RoadStep) func(delivery.Request) (delivery.Request, error) {
		return func(r delivery.Request) (delivery.Request, error) { return r.Road(s, t0.Add(time.Hour), "SYBC") }
	}
	all := []delivery.RequestStatus{delivery.Open, delivery.Allocated, delivery.ByRoad, delivery.Fulfilled, delivery.Cancelled}
	tests := []struct {
		name string
		do   func(delivery.Request) (delivery.Request, error)
		from map[delivery.RequestStatus]delivery.RequestStatus // to what
	}{
		{"amend", amend, map[delivery.RequestStatus]delivery.RequestStatus{delivery.Open: delivery.Open, delivery.Allocated: delivery.Open}},
		{"cancel", delivery.Request.Cancel, map[delivery.RequestStatus]delivery.RequestStatus{
			delivery.Open: delivery.Cancelled, delivery.Allocated: delivery.Cancelled, delivery.ByRoad: delivery.Cancelled,
		}},
		{"send by road", road(delivery.RoadSend), map[delivery.RequestStatus]delivery.RequestStatus{delivery.Open: delivery.ByRoad}},
		{"arrived by road", road(delivery.RoadArrived), map[delivery.RequestStatus]delivery.RequestStatus{delivery.ByRoad: delivery.Fulfilled}},
		{"recall", road(delivery.RoadRecall), map[delivery.RequestStatus]delivery.RequestStatus{delivery.ByRoad: delivery.Open}},
		{"walk", road("walk"), nil},
	}
	for _, tt := range tests {
		for _, from := range all {
			r := delivery.NewRequest(asked(), ward, t0)
			r.Status = from
			got, err := tt.do(r)
			want, ok := tt.from[from]
			if (err == nil) != ok || ok && got.Status != want || !ok && got != r {
				t.Errorf("%s of one %s: %s, %v; want %q", tt.name, from, got.Status, err, want)
			}
		}
	}
	var field refusal.Field
	if err := delivery.RoadStep("walk").Check(); !errors.As(err, &field) || field.Field != "step" || delivery.RoadRecall.Check() != nil {
		t.Errorf("a step that is none: %v", err)
	}
	r := delivery.NewRequest(asked(), ward, t0)
	if r.Version != 1 || r.CreatedBy != "ward" || r.Class != "A+" {
		t.Errorf("got %+v", r)
	}
	if more, err := amend(r); err != nil || more.Version != 2 || more.Units != 5 {
		t.Errorf("got %+v, %v", more, err)
	}
	if sent, _ := r.Road(delivery.RoadSend, t0.Add(time.Hour), "SYBC"); !sent.RoadAt.Equal(t0.Add(time.Hour)) {
		t.Errorf("the courier comes at %v", sent.RoadAt)
	}
	if gone, err := r.Cancel(); err != nil || gone.Version != 2 {
		t.Errorf("cancelled: %+v, %v", gone, err)
	}
	elsewhere := asked()
	elsewhere.Hospital = "X"
	if _, err := r.Amend(elsewhere, 0); err == nil {
		t.Error("a request moved to another hospital")
	}
}

// A refused step is said in words: "the delivery is sealed, so it cannot be packed".
func TestARefusedStepIsSaidInWords(t *testing.T) {
	for _, step := range []delivery.Step{
		delivery.StepCheck, delivery.StepPack, delivery.StepSeal, delivery.StepLoad, delivery.StepTakeOff, delivery.StepLand, delivery.StepCompare,
		delivery.StepReceive, delivery.StepReject, delivery.StepReturn, delivery.StepCancel, delivery.StepStandDown, delivery.StepFree,
		delivery.StepBreak, delivery.StepGiveUp, delivery.StepKeep, delivery.StepLose, delivery.StepDivert, delivery.StepExchange,
	} {
		_, err := delivery.DClosed.Next(step)
		if err == nil || !strings.HasPrefix(err.Error(), "the delivery is closed, so it cannot be ") || strings.HasSuffix(err.Error(), " "+string(step)) ||
			strings.HasSuffix(err.Error(), " ") {
			t.Errorf("%s: %v", step, err)
		}
	}
}

func TestUrgenciesInOrder(t *testing.T) {
	for i, a := range delivery.Urgencies() {
		for j, b := range delivery.Urgencies() {
			if a.Graver(b) != (i < j) {
				t.Errorf("%s graver than %s: %v", a, b, a.Graver(b))
			}
		}
	}
}

func TestAMissionsLife(t *testing.T) {
	next := map[delivery.MissionStatus][]delivery.MissionStatus{
		delivery.MPlanned:  {delivery.MUploaded, delivery.MAborted, delivery.MOutbound},
		delivery.MUploaded: {delivery.MOutbound, delivery.MAborted, delivery.MPlanned},
		delivery.MOutbound: {delivery.MAtPad, delivery.MInbound, delivery.MDone},
		delivery.MAtPad:    {delivery.MInbound, delivery.MOutbound, delivery.MDone},
		delivery.MInbound:  {delivery.MDone},
	}
	all := []delivery.MissionStatus{
		delivery.MPlanned, delivery.MUploaded, delivery.MOutbound, delivery.MAtPad, delivery.MInbound, delivery.MDone, delivery.MAborted,
	}
	for _, from := range all {
		over := from.In(delivery.OverStatuses()...)
		if from.Active() == over {
			t.Errorf("%s is active and over", from)
		}
		for _, to := range all {
			if from.CanBecome(to) != to.In(next[from]...) || over && from.CanBecome(to) {
				t.Errorf("%s becomes %s: %v", from, to, from.CanBecome(to))
			}
		}
	}
}

func TestAChangeStandsWhileNothingMoved(t *testing.T) {
	m := delivery.Mission{ID: "M-1", Status: delivery.MUploaded, PlanHash: "h", Pad: "H-P1"}
	d := delivery.Delivery{ID: "D-1", Status: delivery.DLoaded}
	c := delivery.ChangeMission{Seen: m, Payload: []delivery.Delivery{d}}
	if !c.Stands(m, []delivery.Delivery{d}) {
		t.Error("what was seen does not stand")
	}
	for name, change := range map[string]func(*delivery.Mission, *delivery.Delivery){
		"the mission's status":  func(m *delivery.Mission, _ *delivery.Delivery) { m.Status = delivery.MOutbound },
		"its plan":              func(m *delivery.Mission, _ *delivery.Delivery) { m.PlanHash = "other" },
		"its pad":               func(m *delivery.Mission, _ *delivery.Delivery) { m.Pad = "H-P2" },
		"the delivery":          func(_ *delivery.Mission, d *delivery.Delivery) { d.ID = "D-2" },
		"the delivery's status": func(_ *delivery.Mission, d *delivery.Delivery) { d.Status = delivery.DAirborne },
		"given up":              func(_ *delivery.Mission, d *delivery.Delivery) { d.GivenUpAt = t0 },
	} {
		m, d := m, d
		change(&m, &d)
		if c.Stands(m, []delivery.Delivery{d}) {
			t.Errorf("%s changed, and it stands", name)
		}
	}
	if c.Stands(m, nil) {
		t.Error("it carries nothing any more, and it stands")
	}
}

func TestEveryAlarmHasItsRow(t *testing.T) {
	seen := map[delivery.AlarmKind]bool{}
	for _, s := range []delivery.Source{delivery.ByReading, delivery.ByEvent, delivery.ByPosition, delivery.ByCondition, delivery.ByDeed} {
		for _, k := range delivery.AlarmKinds(s) {
			if seen[k] || k.Source() != s || k.Next() == "" || k.Priority() == "" {
				t.Errorf("%s of source %d: %s, %s", k, s, k.Next(), k.Priority())
			}
			seen[k] = true
		}
	}
	if len(seen) < 19 || delivery.AlarmKind("new").Priority() != delivery.Critical {
		t.Errorf("%d kinds", len(seen))
	}
}

func TestWhatAnAlarmConcerns(t *testing.T) {
	list := []delivery.Delivery{
		{ID: "D-1", Hospital: "H", Status: delivery.DClosed, Drone: "HL-1"},
		{ID: "D-3", Hospital: "H", Status: delivery.DClosed, Drone: "HL-3"},
		{ID: "D-2", Hospital: "I", Status: delivery.DAirborne, Drone: "HL-1", Boxes: []delivery.Box{{Box: "BX-1"}}},
	}
	for device, want := range map[telemetry.DeviceID]delivery.ID{"HL-1": "D-2", "BX-1": "D-2", "HL-3": "D-3", "HL-9": ""} {
		if a := (delivery.Alarm{Device: device}).Concerning(list); a.Delivery != want {
			t.Errorf("%s: %q, want %q", device, a.Delivery, want)
		}
	}
	if a := (delivery.Alarm{Device: "HL-1", Delivery: "D-9"}).Concerning(list); a.Delivery != "D-9" {
		t.Errorf("got %s", a.Delivery)
	}
}

func TestAlarmsAreRaisedOnceAndCleared(t *testing.T) {
	standing := []delivery.Alarm{{ID: 1, Kind: delivery.LinkLoss, Device: "HL-1"}, {ID: 2, Kind: delivery.Overdue, Device: "HL-1"}}
	again := delivery.Alarm{Kind: delivery.LinkLoss, Device: "HL-1"}
	if c := delivery.Raising(standing, again); len(c.Raise) != 0 {
		t.Errorf("twice: %+v", c)
	}
	again.ClearedAt = t0
	if c := delivery.Raising(standing, again); len(c.Raise) != 1 {
		t.Error("a past one was not kept")
	}
	for _, a := range []delivery.Alarm{
		{Kind: delivery.LinkLoss, Device: "HL-2"}, {Kind: delivery.OffRoute, Device: "HL-1"}, {Kind: delivery.LinkLoss, Device: "HL-1", Delivery: "D-1"},
	} {
		if c := delivery.Raising(standing, a); len(c.Raise) != 1 {
			t.Errorf("not raised: %+v", a)
		}
	}
	if c := delivery.Clearing(standing, "HL-1", delivery.LinkLoss, delivery.InZone); len(c.Clear) != 1 || c.Clear[0] != 1 {
		t.Errorf("got %+v", c)
	}
	if c := delivery.Clearing(standing, "HL-2", delivery.LinkLoss); len(c.Clear) != 0 {
		t.Errorf("got %+v", c)
	}
}

func TestWhatAMissionCarries(t *testing.T) {
	all := []delivery.Delivery{
		{ID: "D-1", Mission: "M-1", Status: delivery.DLoaded, Drone: "HL-1", Boxes: []delivery.Box{{Box: "BX-1"}}},
		{ID: "D-2", Mission: "M-2", Status: delivery.DAirborne, DivertedFrom: "D-0"},
		{ID: "D-3", Mission: "M-2", Status: delivery.DClosed},
		{ID: "D-4", Mission: "M-3", Status: delivery.DLoaded},
	}
	one, two := delivery.Of("M-1", all), delivery.Of("M-2", all)
	if len(one) != 1 || len(two) != 2 {
		t.Fatalf("got %d and %d", len(one), len(two))
	}
	if !delivery.Ready(one) || delivery.Ready(two) || delivery.AnyAirborne(one) || !delivery.AnyAirborne(two) || delivery.Turned(one) ||
		!delivery.Turned(two) || delivery.AllEnded(two) || !delivery.AllEnded(two[1:]) || !delivery.All(two, delivery.DAirborne, delivery.DClosed) {
		t.Error("what is asked of missions' loads")
	}
	one[0].GivenUpAt = t0
	if delivery.Ready(one) || delivery.Ready(nil) || one[0].Serves() {
		t.Error("one that was given up, or nothing, is ready")
	}
	if ids := all[0].Devices(); len(ids) != 2 {
		t.Errorf("got %v", ids)
	}
	for _, s := range delivery.EndedStatuses() {
		if !s.Ended() {
			t.Errorf("%s has not ended", s)
		}
	}
}
