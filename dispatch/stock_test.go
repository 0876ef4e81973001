package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// keysOf are the keys of units.
func keysOf(units []blood.Unit) []blood.UnitKey {
	keys := make([]blood.UnitKey, len(units))
	for i, u := range units {
		keys[i] = u.Key
	}
	return keys
}

// Units that are put aside are proposed to nobody, and are again once they are released.
func TestWhatIsPutAsideIsNotProposed(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	keys := keysOf(d.Stocks("A+", blood.RedCells, 2))
	r := d.Submits(order(2), "KEY-00001")
	moves := func(m blood.Move) {
		t.Helper()
		if _, err := d.MoveUnits(ctx, anna, m, "", keys, "a leak was seen"); err != nil {
			t.Fatal(err)
		}
		d.plans()
	}
	proposed := func() bool { ps, _ := d.Proposals(); _, is := ps[r.ID]; return is }
	d.plans()
	if !proposed() {
		t.Fatal("not proposed")
	}
	if moves(blood.Quarantine); proposed() {
		t.Error("proposed though put aside")
	}
	if moves(blood.Release); !proposed() {
		t.Error("not proposed though released")
	}
	if moves(blood.Discard); proposed() {
		t.Error("proposed though discarded")
	}
	var told []string
	events, err := d.DB.Log.EventsSince(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == delivery.EvStock && e.Subject == keys[0].String() {
			told = append(told, e.Detail["what"])
		}
	}
	if !slices.Equal(told, []string{"added", "quarantine", "release", "discard"}) {
		t.Errorf("the log tells %v", told)
	}
}

// All units of a move are moved, or none; whoever may not, or names what there is not, changes
// nothing.
func TestMovesAreWholeOrRefused(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	keys := keysOf(d.Stocks("A+", blood.RedCells, 3))
	if _, err := d.MoveUnits(ctx, anna, blood.Quarantine, "", keys[2:], "x"); err != nil {
		t.Fatal(err)
	}
	other := network.Actor{Login: "anna", Role: network.RoleDispatcher, Site: "SYN2"}
	field, state := refusal.Field{}, refusal.State{}
	for name, x := range map[string]struct {
		who    network.Actor
		m      blood.Move
		to     network.SiteID
		keys   []blood.UnitKey
		reason string
		as     any
	}{
		"one is aside already": {anna, blood.Quarantine, "", keys, "x", &state},
		"no reason":            {anna, blood.Quarantine, "", keys[:2], " ", &field},
		"no such move":         {anna, "eat", "", keys[:2], "x", &field},
		"one twice":            {anna, blood.Quarantine, "", []blood.UnitKey{keys[0], keys[0]}, "x", &field},
		"one unknown":          {anna, blood.Quarantine, "", []blood.UnitKey{keys[0], {DIN: "A999926999999", ProductCode: "E0336V00"}}, "x", &field},
		"to a hospital":        {anna, blood.Send, "SY06", keys[:2], "", &field},
		"to nowhere":           {anna, blood.Send, "", keys[:2], "", &field},
		"to itself":            {anna, blood.Send, "SYBC", keys[:2], "", &field},
		"to, without a way":    {anna, blood.Discard, "SYN2", keys[:2], "x", &field},
		"another centre's":     {other, blood.Quarantine, "", keys[:2], "x", nil},
		"a ward":               {ward, blood.Quarantine, "", keys[:2], "x", nil},
	} {
		moved, err := d.MoveUnits(ctx, x.who, x.m, x.to, x.keys, x.reason)
		if err == nil || moved != nil || x.as == nil && !errors.Is(err, refusal.ErrForbidden) || x.as != nil && !errors.As(err, x.as) {
			t.Errorf("%s: %v, %v", name, moved, err)
		}
	}
	known, err := d.DB.Stock.Known(ctx, keys)
	if err != nil || known[keys[0]].Status != blood.InStock || known[keys[1]].Status != blood.InStock {
		t.Errorf("%v, %v", known, err)
	}
}

// Units go to another centre by road: they are nobody's to give until they are taken in there.
func TestUnitsGoToAnotherCentre(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	keys := keysOf(d.Stocks("A+", blood.RedCells, 1))
	here := network.Actor{Login: "anna", Role: network.RoleDispatcher, Site: "SYBC"}
	there := network.Actor{Login: "anna", Role: network.RoleDispatcher, Site: "SYN2"}
	moved, err := d.MoveUnits(ctx, here, blood.Send, "SYN2", keys, "")
	if err != nil || moved[0].Site != "SYN2" || moved[0].Status != blood.InTransit {
		t.Fatalf("%+v, %v", moved, err)
	}
	if _, err := d.MoveUnits(ctx, here, blood.Arrive, "", keys, ""); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("taken in by who sent it: %v", err)
	}
	if moved, err = d.MoveUnits(ctx, there, blood.Arrive, "", keys, ""); err != nil || moved[0].Status != blood.InStock {
		t.Errorf("%+v, %v", moved, err)
	}
}

// What went out with a delivery does not come back on a shelf, and what is reserved is not moved.
func TestWhatWentOutStaysOut(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	keys := del.Keys()
	state := refusal.State{}
	for _, m := range blood.Moves() {
		to := network.SiteID("")
		if m.Changes() {
			to = "SYN2"
		}
		if _, err := d.MoveUnits(ctx, anna, m, to, keys, "x"); !errors.As(err, &state) {
			t.Errorf("%s of a unit in the air: %v", m, err)
		}
	}
	if _, err := d.Pool.Exec(ctx, `UPDATE unit SET status = 'received', site_id = 'SY06' WHERE din = $1`, keys[0].DIN); err != nil {
		t.Fatal(err)
	}
	if _, err := d.MoveUnits(ctx, anna, blood.Return, "SYBC", keys, "not transfused"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.MoveUnits(ctx, anna, blood.Release, "", keys, "looks well"); !errors.As(err, &state) {
		t.Errorf("released though it went out: %v", err)
	}
	if _, err := d.MoveUnits(ctx, anna, blood.Discard, "", keys, "returned"); err != nil {
		t.Error(err)
	}
}

// Of two who want one unit at one time, one gets it.
func TestAMoveAgainstAnAcceptance(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	for round := range 5 {
		keys := keysOf(d.Stocks("A+", blood.RedCells, 1))
		r := d.Submits(order(1), "KEY-0000"+string(rune('1'+round)))
		d.plans()
		moved := make(chan error, 1)
		go func() {
			_, err := d.MoveUnits(ctx, anna, blood.Quarantine, "", keys, "x")
			moved <- err
		}()
		_, accepted := d.Accept(ctx, anna, r.ID, "", nil)
		aside := <-moved
		known, err := d.DB.Stock.Known(ctx, keys)
		if err != nil {
			t.Fatal(err)
		}
		switch s := known[keys[0]].Status; {
		case accepted == nil && aside == nil, accepted == nil && s != blood.Reserved, aside == nil && s != blood.Quarantined:
			t.Errorf("accepted: %v, put aside: %v, the unit is %s", accepted, aside, s)
		case accepted != nil && aside != nil:
			t.Errorf("neither: %v, %v", accepted, aside)
		}
		if _, err := d.Cancel(ctx, ward, r.ID, "over"); err != nil {
			t.Fatal(err)
		}
		if accepted == nil {
			if _, err := d.MoveUnits(ctx, anna, blood.Discard, "", keys, "over"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAShelfIsCounted(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	keys := keysOf(d.Stocks("A+", blood.RedCells, 3))
	plasma := keysOf(d.Stocks("A+", blood.Plasma, 1))
	stranger := blood.UnitKey{DIN: "A999926999999", ProductCode: "E0336V00"}
	at := blood.ShelfKey{Site: "SYBC", Component: blood.RedCells}
	c, err := d.CountUnits(ctx, anna, at, []blood.UnitKey{keys[0], stranger, keys[1], plasma[0], keys[0], stranger})
	if err != nil || len(c.Missing) != 1 || c.Missing[0].Key != keys[2] || !slices.Equal(c.Surplus, []blood.UnitKey{stranger, plasma[0]}) {
		t.Errorf("%+v, %v", c, err)
	}
	if _, knows := c.Known[stranger]; knows || c.Known[plasma[0]].Component != blood.Plasma {
		t.Errorf("known: %v", c.Known)
	}
	events, err := d.DB.Log.Find(ctx, delivery.EventQuery{Subject: "SYBC", Kind: delivery.EvStock, Limit: 1})
	if err != nil || len(events) != 1 {
		t.Fatalf("%v, %v", events, err)
	}
	if last := events[0]; last.Detail["missing"] != "1" || last.Detail["surplus"] != "2" {
		t.Errorf("the log has %v", last.Detail)
	}
	if _, err := d.CountUnits(ctx, ward, at, nil); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("a ward counts: %v", err)
	}
}

// What a list says of a unit must agree with the record, and with itself.
func TestWhatAListMaySayOfAUnit(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	was := d.Stocks("A+", blood.RedCells, 1)[0]
	if n, err := d.AddUnits(ctx, anna, []blood.Unit{was}); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	fresh := was
	fresh.Key.DIN = "A999926999999"
	field := refusal.Field{}
	for name, change := range map[string]func(*blood.Unit){
		"another group":     func(u *blood.Unit) { u.Group = "O-" },
		"another component": func(u *blood.Unit) { u.Component = blood.Plasma },
		"another expiry":    func(u *blood.Unit) { u.ExpiresAt = u.ExpiresAt.Add(time.Hour) },
		"listed twice":      func(u *blood.Unit) { *u = fresh },
	} {
		u := was
		change(&u)
		n, err := d.AddUnits(ctx, anna, []blood.Unit{fresh, u})
		if n != 0 || !errors.As(err, &field) || field.Field != "[1].key" {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		offered, err := d.OfferUnits(ctx, anna, []blood.Unit{fresh, u})
		if err != nil || offered[0].Fault != nil || offered[1].Fault == nil {
			t.Errorf("%s: offered %+v, %v", name, offered, err)
		}
	}
	if known, err := d.DB.Stock.Known(ctx, []blood.UnitKey{fresh.Key}); err != nil || len(known) != 0 {
		t.Errorf("half a list was kept: %v, %v", known, err)
	}
}
