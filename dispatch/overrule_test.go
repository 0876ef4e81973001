package dispatch_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/flight"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// People of one centre, of another, and of the server.
var (
	here  = network.Actor{Login: "hana", Role: network.RoleDispatcher, Site: "SYBC"}
	there = network.Actor{Login: "theo", Role: network.RoleDispatcher, Site: "SYN2"}
	root  = network.Actor{Login: "root", Role: network.RoleAdmin}
)

// overrulers is a desk that knows all of them.
func overrulers(t *testing.T) *desk {
	d := newDesk(t)
	for _, p := range []network.Actor{here, there, root} {
		d.Signs(p, "")
	}
	return d
}

// What somebody ordered is ended by those whom the table names, and by nobody else.
func TestWhoMayOverruleWhom(t *testing.T) {
	t.Parallel()
	d := overrulers(t)
	ctx := t.Context()
	all := []network.Actor{here, there, ward, other, tower, root}
	for _, tt := range []struct {
		by    network.Actor
		zone  []network.Actor // who may end it
		close []network.Actor
	}{
		{tower, []network.Actor{tower}, []network.Actor{tower}},
		{here, []network.Actor{here, tower}, []network.Actor{here, tower}},
		{ward, nil, []network.Actor{ward}},
		{root, nil, []network.Actor{tower, root}},
	} {
		for _, who := range all {
			ends := func(what string, list []network.Actor, end func(network.Actor) error) {
				var want error
				if !slices.ContainsFunc(list, func(x network.Actor) bool { return x.Login == who.Login }) {
					want = refusal.ErrForbidden
				}
				if err := end(who); !errors.Is(err, want) {
					t.Errorf("%s by %s, ended by %s: %v", what, tt.by.Login, who.Login, err)
				}
				if want == nil {
					return
				}
				if err := end(tt.by); err != nil {
					t.Fatal(err)
				}
			}
			c, err := d.Close(ctx, tt.by, network.Closure{Site: "SY06", Pad: "SY06-P1", Reason: "crane", Until: d.Now().Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			ends("a closure", tt.close, func(a network.Actor) error { return d.Reopen(ctx, a, c.ID) })
			if tt.zone == nil {
				continue
			}
			z, _, err := d.AddZone(ctx, tt.by, around(d.Network().Sites[0].Point, 100))
			if err != nil {
				t.Fatal(err)
			}
			ends("a zone", tt.zone, func(a network.Actor) error { return d.EndZone(ctx, a, z.ID) })
		}
	}
}

// A restart does not forget who ordered what.
func TestWhoOrderedItIsKnownAfterARestart(t *testing.T) {
	t.Parallel()
	d := overrulers(t)
	z, _, err := d.AddZone(t.Context(), tower, around(d.Network().Sites[0].Point, 100))
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.DB.Networks.Network(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range again.Zones {
		if x.ID == z.ID && x.DrawnRole != string(network.RoleController) || x.DrawnBy == "" && x.DrawnRole != "" {
			t.Errorf("got %+v", x)
		}
	}
}

// A request is its hospital's, by telephone a centre's, and of the centre that serves it;
// never an administrator's.
func TestWhoMayChangeARequest(t *testing.T) {
	t.Parallel()
	d := overrulers(t)
	ctx := t.Context()
	d.Stocks("A+", blood.RedCells, 4)
	for i, tt := range []struct {
		held bool // a delivery of SYBC serves it
		who  network.Actor
		want error
	}{
		{false, ward, nil},
		{false, here, nil},
		{false, there, nil},
		{false, other, refusal.ErrForbidden},
		{false, tower, refusal.ErrForbidden},
		{false, root, refusal.ErrForbidden},
		{true, here, nil},
		{true, there, refusal.ErrForbidden},
		{true, other, refusal.ErrForbidden},
		{true, root, refusal.ErrForbidden},
		{true, ward, nil},
	} {
		r := d.Submits(order(1), fmt.Sprintf("KEY-%05d", i))
		if tt.held {
			if del := d.Accepts(r); del.Centre != here.Site {
				t.Fatalf("served by %s", del.Centre)
			}
		}
		more := r.Asked
		more.Units = 2
		if _, err := d.Amend(ctx, tt.who, r.ID, more, 0); !errors.Is(err, tt.want) {
			t.Errorf("held %v, amended by %s: %v", tt.held, tt.who.Login, err)
		}
		if _, err := d.Cancel(ctx, tt.who, r.ID, "not needed"); !errors.Is(err, tt.want) {
			t.Errorf("held %v, cancelled by %s: %v", tt.held, tt.who.Login, err)
		}
		if tt.want == nil {
			var by, reason string
			const q = `SELECT COALESCE(detail->>'ordered', ''), COALESCE(detail->>'reason', '') FROM event_log WHERE subject = $1 AND detail->>'what' = 'cancelled'`
			if err := d.Pool.QueryRow(ctx, q, r.ID).Scan(&by, &reason); err != nil || (by != "") != (tt.who.Role == network.RoleDispatcher) || reason != "not needed" {
				t.Errorf("held %v, by %s: the log says %q, for %q, %v", tt.held, tt.who.Login, by, reason, err)
			}
		} else if _, err := d.Cancel(ctx, ward, r.ID, "the next one"); err != nil {
			t.Fatal(err)
		}
	}
}

// What flight control ordered of a flight, a dispatcher does not undo; its own it may.
func TestWhoseHoldItIs(t *testing.T) {
	t.Parallel()
	d := overrulers(t)
	ctx := t.Context()
	d.Stocks("A+", blood.RedCells, 1)
	del, _ := d.airborne("KEY-00001")
	m := del.Mission
	for _, step := range []struct {
		by   network.Actor
		kind telemetry.CommandKind
		ok   bool
	}{
		{here, telemetry.Hold, true},
		{here, telemetry.Resume, true},
		{here, telemetry.Hold, true},
		{tower, telemetry.Resume, true}, // flight control may undo a dispatcher's
		{tower, telemetry.Hold, true},
		{here, telemetry.Resume, false},
		{here, telemetry.Return, false},
		{there, telemetry.Resume, false},
		{tower, telemetry.Resume, true},
		{here, telemetry.Hold, true}, // nobody's order stands any more
		{here, telemetry.Resume, true},
		{tower, telemetry.Return, true},
		{here, telemetry.Hold, false},
		{here, telemetry.Resume, false},
		{tower, telemetry.Hold, true},
	} {
		var want error
		if !step.ok {
			want = refusal.ErrForbidden
		}
		if err := d.Command(ctx, step.by, m, flight.Order{Kind: step.kind}); !errors.Is(err, want) {
			t.Fatalf("%s by %s: %v", step.kind, step.by.Login, err)
		}
	}
}

// A courier is ended by who sent it or was to get it, and by no other centre.
func TestWhoseCourierItIs(t *testing.T) {
	t.Parallel()
	d := overrulers(t)
	ctx := t.Context()
	r := d.Submits(order(1), "KEY-00001")
	if _, err := d.Road(ctx, here, r.ID, delivery.RoadSend); err != nil {
		t.Fatal(err)
	}
	for _, who := range []network.Actor{there, other, tower, root} {
		for _, step := range []delivery.RoadStep{delivery.RoadArrived, delivery.RoadRecall} {
			if _, err := d.Road(ctx, who, r.ID, step); !errors.Is(err, refusal.ErrForbidden) {
				t.Errorf("%s by %s: %v", step, who.Login, err)
			}
		}
	}
	if got := d.request(r.ID); got.RoadFrom != "SYBC" || got.Status != delivery.ByRoad {
		t.Errorf("got %+v", got)
	}
	if _, err := d.Road(ctx, here, r.ID, delivery.RoadRecall); err != nil || d.request(r.ID).RoadFrom != "" {
		t.Errorf("recalled: %v, %+v", err, d.request(r.ID))
	}
	if _, err := d.Road(ctx, there, r.ID, delivery.RoadSend); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Road(ctx, ward, r.ID, delivery.RoadArrived); err != nil {
		t.Errorf("arrived: %v", err)
	}
}

// The desk holds the rules of how much one person may close and draw.
func TestOnePersonClosesAndDrawsSoMuch(t *testing.T) {
	t.Parallel()
	d := overrulers(t)
	ctx := t.Context()
	refused := func(n int, do func(i int) error) (at int, err error) {
		for i := range n {
			if err = do(i); err != nil {
				return i, err
			}
		}
		return n, nil
	}
	pads := d.Network().Pads
	at, err := refused(300, func(i int) error {
		p := pads[i%len(pads)]
		_, err := d.Close(ctx, tower, network.Closure{Site: p.Site, Pad: p.ID, Reason: fmt.Sprint("crane ", i), Until: d.Now().Add(time.Hour)})
		return err
	})
	if at != 100 || err == nil {
		t.Errorf("%d closures, then %v", at, err)
	}
	at, err = refused(300, func(i int) error {
		_, _, err := d.AddZone(ctx, here, around(d.Network().Sites[i%len(d.Network().Sites)].Point, 5))
		return err
	})
	if at != 100 || err == nil {
		t.Errorf("%d zones, then %v", at, err)
	}
	if _, _, err := d.AddZone(ctx, tower, around(d.Network().Sites[0].Point, 5)); err != nil {
		t.Errorf("flight control draws one all the same: %v", err)
	}
}
