package flight_test

import (
	"errors"
	"testing"
	"time"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Who takes which flight from whom: of two who press at once the second is told.
func TestWhoHasTheFlight(t *testing.T) {
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	tower := network.Actor{Login: "tower", Role: network.RoleController}
	night := network.Actor{Login: "night", Role: network.RoleController}
	desk := network.Actor{Login: "desk", Role: network.RoleDispatcher}
	far := network.Actor{Login: "far", Role: network.RoleController, Site: "SYN2"}
	nobodys := delivery.FlightWatch{}
	of := func(login, offered string) delivery.FlightWatch {
		return delivery.FlightWatch{By: login, Since: now.Add(-time.Hour), Offered: offered}
	}
	var state refusal.State
	var field refusal.Field
	for _, tt := range []struct {
		name  string
		has   delivery.FlightWatch
		by    network.Actor
		from  string
		want  string
		as    any
		is    error
		since time.Time
	}{
		{"nobody's", nobodys, tower, "", "tower", nil, nil, now},
		{"one's own", of("tower", ""), tower, "", "tower", nil, nil, now.Add(-time.Hour)},
		{"one's own, kept after all", of("tower", "*"), tower, "", "tower", nil, nil, now},
		{"another's", of("night", ""), tower, "", "night", &state, nil, time.Time{}},
		{"another's, said whose", of("night", ""), tower, "night", "tower", nil, nil, now},
		{"taken meanwhile by a third", of("third", ""), tower, "night", "third", &state, nil, time.Time{}},
		{"offered", of("night", "tower"), tower, "", "tower", nil, nil, now},
		{"offered to anybody", of("night", "*"), tower, "", "tower", nil, nil, now},
		{"offered to a third", of("night", "third"), tower, "", "night", &state, nil, time.Time{}},
		{"a dispatcher", nobodys, desk, "", "", nil, refusal.ErrForbidden, time.Time{}},
		{"another centre's controller", nobodys, far, "", "", nil, refusal.ErrForbidden, time.Time{}},
	} {
		m := delivery.Mission{Centre: "SYBC", Status: delivery.MOutbound, Watch: tt.has}
		got, err := flight.Take(m, tt.by, tt.from, now)
		if tt.as != nil && !errors.As(err, tt.as) || tt.is != nil && !errors.Is(err, tt.is) || tt.as == nil && tt.is == nil && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got.By != tt.want || err == nil && (got.Offered != "" || !got.Since.Equal(tt.since)) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	mine := delivery.Mission{Centre: "SYBC", Status: delivery.MOutbound, Watch: of("tower", "")}
	if w, err := flight.Offer(mine, tower, "night"); err != nil || w.By != "tower" || w.Offered != "night" {
		t.Errorf("offered: %+v, %v", w, err)
	}
	if _, err := flight.Offer(mine, night, "tower"); !errors.As(err, &state) {
		t.Errorf("offered by another: %v", err)
	}
	if _, err := flight.Offer(mine, tower, "tower"); !errors.As(err, &field) {
		t.Errorf("offered to oneself: %v", err)
	}
	mine.Status = delivery.MDone
	if _, err := flight.Take(mine, night, "tower", now); !errors.As(err, &state) {
		t.Errorf("of a mission that is over: %v", err)
	}
}
