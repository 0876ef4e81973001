package delivery

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

var (
	t0    = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	anna  = network.Actor{Login: "anna", Role: network.RoleDispatcher}
	bert  = network.Actor{Login: "bert", Role: network.RoleDispatcher}
	tower = network.Actor{Login: "tower", Role: network.RoleController}
)

// confirms has somebody confirm the shelf as it stands.
func confirms(a Alarm, by network.Actor, now time.Time) (AlarmDeed, error) {
	return a.Confirm(by, a.Shelf.By, a.Shelf.Until, now)
}

// Every way in which an alarm comes from one state to the next.
func TestStatesOfAlarms(t *testing.T) {
	later := func(m int) time.Time { return t0.Add(time.Duration(m) * time.Minute) }
	raised := func(k AlarmKind) Alarm { return Alarm{ID: 1, Kind: k, Device: "X", RaisedAt: t0} }
	ack := func(a Alarm) (AlarmDeed, error) { return a.Acknowledge(anna, later(1)) }
	shelve := func(by network.Actor) func(Alarm) (AlarmDeed, error) {
		return func(a Alarm) (AlarmDeed, error) { return a.Shelve(by, "a flapping sensor", later(21), later(1)) }
	}
	confirm := func(by network.Actor) func(Alarm) (AlarmDeed, error) {
		return func(a Alarm) (AlarmDeed, error) { return a.Confirm(by, a.Shelf.By, a.Shelf.Until, later(2)) }
	}
	unshelve := func(a Alarm) (AlarmDeed, error) { return a.Unshelve(later(3)) }
	expire := func(a Alarm) (AlarmDeed, error) {
		if len(Expiring([]Alarm{a}, later(20))) != 0 || len(Expiring([]Alarm{a}, later(21))) != 1 {
			t.Errorf("%+v runs out at another time", a.Shelf)
		}
		return AlarmDeed{Alarm: a.Expired()}, nil
	}
	end := func(a Alarm) (AlarmDeed, error) { a.ClearedAt = later(4); return AlarmDeed{Alarm: a}, nil }
	for _, tt := range []struct {
		name  string
		kind  AlarmKind
		deeds []func(Alarm) (AlarmDeed, error)
		want  AlarmState
	}{
		{"raised", LowEnergy, nil, Unacknowledged},
		{"acknowledged", LowEnergy, []func(Alarm) (AlarmDeed, error){ack}, Acknowledged},
		{"over, unseen", LowEnergy, []func(Alarm) (AlarmDeed, error){end}, Returned},
		{"over, seen", LowEnergy, []func(Alarm) (AlarmDeed, error){ack, end}, Normal},
		{"over, then seen", LowEnergy, []func(Alarm) (AlarmDeed, error){end, ack}, Normal},
		{"shelved", LinkLoss, []func(Alarm) (AlarmDeed, error){shelve(anna)}, Shelved},
		{"shelved, back at its end", LinkLoss, []func(Alarm) (AlarmDeed, error){shelve(anna), expire}, Unacknowledged},
		{"shelved, back at a wish", LinkLoss, []func(Alarm) (AlarmDeed, error){shelve(anna), unshelve}, Unacknowledged},
		{"over on the shelf", LinkLoss, []func(Alarm) (AlarmDeed, error){shelve(anna), end}, Normal},
		{"blood, asked for", TempExcursion, []func(Alarm) (AlarmDeed, error){shelve(anna)}, Unacknowledged},
		{"blood, seen and asked for", TempExcursion, []func(Alarm) (AlarmDeed, error){ack, shelve(anna)}, Acknowledged},
		{"blood, by two", TempExcursion, []func(Alarm) (AlarmDeed, error){shelve(anna), confirm(tower)}, Shelved},
		{"blood, by two, back", TempExcursion, []func(Alarm) (AlarmDeed, error){shelve(anna), confirm(tower), expire}, Unacknowledged},
		{"blood, seen, the wish ran out", TempExcursion, []func(Alarm) (AlarmDeed, error){ack, shelve(anna), expire}, Acknowledged},
		{"blood, the wish taken back", TempExcursion, []func(Alarm) (AlarmDeed, error){ack, shelve(anna), unshelve}, Acknowledged},
	} {
		a := raised(tt.kind)
		for _, do := range tt.deeds {
			deed, err := do(a)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			a = deed.Alarm
		}
		if got := a.State(later(5)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	asked, _ := raised(TempExcursion).Shelve(anna, "x", later(20), t0)
	on, _ := confirms(asked.Alarm, tower, later(1))
	over := raised(LinkLoss)
	over.ClearedAt = later(1)
	var state refusal.State
	var field refusal.Field
	for _, tt := range []struct {
		name string
		do   func() (AlarmDeed, error)
		as   any // the kind of refusal
		is   error
	}{
		{"no reason", func() (AlarmDeed, error) { return raised(LinkLoss).Shelve(anna, " ", later(20), t0) }, &field, nil},
		{"a long reason", func() (AlarmDeed, error) {
			return raised(LinkLoss).Shelve(anna, strings.Repeat("长", 201), later(20), t0)
		}, &field, nil},
		{"longer than half an hour", func() (AlarmDeed, error) { return raised(LinkLoss).Shelve(anna, "x", later(31), t0) }, &field, nil},
		{"until now", func() (AlarmDeed, error) { return raised(LinkLoss).Shelve(anna, "x", t0, t0) }, &field, nil},
		{"what is over", func() (AlarmDeed, error) { return over.Shelve(anna, "x", later(20), later(2)) }, &state, nil},
		{"twice", func() (AlarmDeed, error) { return on.Alarm.Shelve(anna, "x", later(20), later(2)) }, &state, nil},
		{"confirmed by oneself", func() (AlarmDeed, error) { return confirms(asked.Alarm, anna, later(1)) }, nil, refusal.ErrSamePerson},
		{"confirmed by the same role", func() (AlarmDeed, error) { return confirms(asked.Alarm, bert, later(1)) }, nil, refusal.ErrSamePerson},
		{"confirmed as another asked", func() (AlarmDeed, error) {
			return asked.Alarm.Confirm(tower, "bert", asked.Alarm.Shelf.Until, later(1))
		}, &state, nil},
		{"confirmed for another time", func() (AlarmDeed, error) { return asked.Alarm.Confirm(tower, "anna", later(10), later(1)) }, &state, nil},
		{"confirmed twice", func() (AlarmDeed, error) { return confirms(on.Alarm, tower, later(2)) }, &state, nil},
		{"confirmed too late", func() (AlarmDeed, error) { return confirms(asked.Alarm, tower, later(20)) }, &state, nil},
		{"confirmed unasked", func() (AlarmDeed, error) { return confirms(raised(TempExcursion), tower, later(1)) }, &state, nil},
	} {
		_, err := tt.do()
		if tt.is != nil && !errors.Is(err, tt.is) || tt.as != nil && !errors.As(err, tt.as) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// A condition that comes again while it is on the shelf stays there, and no longer.
func TestAFlappingConditionStaysOnTheShelf(t *testing.T) {
	asked, _ := Alarm{Kind: SensorFault, RaisedAt: t0}.Shelve(tower, "a loose probe", t0.Add(10*time.Minute), t0)
	if a := (Alarm{Kind: SensorFault, RaisedAt: t0.Add(time.Minute)}).Inherits(asked.Alarm); a.State(a.RaisedAt) != Unacknowledged {
		t.Error("one person's wish silenced the next alarm about blood")
	}
	on, err := confirms(asked.Alarm, anna, t0.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	a := (Alarm{Kind: SensorFault, RaisedAt: t0.Add(5 * time.Minute)}).Inherits(on.Alarm)
	if a.State(a.RaisedAt) != Shelved || a.Expired().State(t0.Add(10*time.Minute)) != Unacknowledged {
		t.Errorf("%+v", a)
	}
	if a := (Alarm{Kind: SensorFault, RaisedAt: t0.Add(5 * time.Minute), ClearedAt: t0.Add(5 * time.Minute)}).Inherits(on.Alarm); a.State(a.RaisedAt) != Returned {
		t.Error("what was found late is shown to nobody")
	}
	zone, _ := Alarm{Kind: InZone, Detail: "A", RaisedAt: t0}.Shelve(tower, "let through", t0.Add(10*time.Minute), t0)
	if a := (Alarm{Kind: InZone, Detail: "B", RaisedAt: t0.Add(time.Minute)}).Inherits(zone.Alarm); a.State(a.RaisedAt) != Unacknowledged {
		t.Error("another zone was silenced with the first")
	}
	if a := (Alarm{Kind: SensorFault, RaisedAt: t0.Add(11 * time.Minute)}).Inherits(on.Alarm); a.State(a.RaisedAt) != Unacknowledged {
		t.Error("it was shelved for longer")
	}
}

func TestTheOrderOfAlarms(t *testing.T) {
	at := func(m int) time.Time { return t0.Add(time.Duration(m) * time.Minute) }
	list := []Alarm{
		{ID: 1, Kind: TempExcursion, RaisedAt: at(0), ClearedAt: at(1)},
		{ID: 2, Kind: LowEnergy, RaisedAt: at(1), AckedAt: at(2)},
		{ID: 3, Kind: LinkLoss, RaisedAt: at(2)},
		{ID: 4, Kind: LowEnergy, RaisedAt: at(3)},
		{ID: 5, Kind: TempExcursion, RaisedAt: at(4)},
		{ID: 6, Kind: OffRoute, RaisedAt: at(5), AckedAt: at(5), Shelf: Shelf{By: "x", Until: at(20)}},
		{ID: 7, Kind: SensorFault, RaisedAt: at(6)},
		{ID: 8, Kind: LinksLost, RaisedAt: at(0)},
	}
	Suppress(list)
	SortAlarms(list, at(7))
	var ids []int64
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	if want := []int64{5, 4, 8, 7, 2, 1, 6, 3}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
	if list[len(list)-1].State(at(7)) != Suppressed {
		t.Errorf("the silent drone is %s while none is heard", list[len(list)-1].State(at(7)))
	}
}
