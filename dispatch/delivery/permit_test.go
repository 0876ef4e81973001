package delivery_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The table of permits as people agreed on it: any row that is taken out, added or
// widened shows here.
func TestWhoMayDoWhat(t *testing.T) {
	roles := append(network.Kinds(), network.RoleSystem, "visitor")
	var b strings.Builder
	for _, op := range allOperations() {
		fmt.Fprintf(&b, "%-22s", op)
		for _, role := range roles {
			a := network.Actor{Login: "x", Role: role, Site: "A"}
			may := "-"
			switch {
			case delivery.Permit(a, op, "B") == nil:
				may = "all"
			case delivery.Permit(a, op, "A") == nil:
				may = "own"
			}
			if (may != "-") != delivery.May(a, op) || (may == "all") != delivery.MayAll(a, op) {
				t.Errorf("%s of %s: %s, but may %v, may all %v", op, role, may, delivery.May(a, op), delivery.MayAll(a, op))
			}
			fmt.Fprintf(&b, " %s:%s", role, may)
		}
		b.WriteByte('\n')
	}
	const golden = "testdata/permits.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("the table differs from %s:\n%s", golden, got)
	}
}

// allOperations are those that anybody may do, and the public ones.
func allOperations() []delivery.Operation {
	var ops []delivery.Operation
	for _, role := range append(network.Kinds(), network.RoleSystem) {
		ops = append(ops, delivery.Operations(network.Actor{Role: role, Site: "A"})...)
	}
	ops = append(ops, "signIn", "whoAmI", "createToken")
	slices.Sort(ops)
	return slices.Compact(ops)
}

func TestPermitsAreOfSites(t *testing.T) {
	everywhere := network.Actor{Login: "x", Role: network.RoleDispatcher}
	homeless := network.Actor{Login: "x", Role: network.RoleHospital}
	tests := []struct {
		name  string
		actor network.Actor
		op    delivery.Operation
		of    []network.SiteID
		want  error
	}{
		{"a dispatcher of all centres", everywhere, delivery.OfStep(delivery.StepSeal), []network.SiteID{"B"}, nil},
		{"a hospital account without a hospital", homeless, delivery.OpSubmit, []network.SiteID{"B"}, refusal.ErrForbidden},
		{"what is no site's", network.Actor{Role: network.RoleDispatcher, Site: "A"}, delivery.OpCloseDevice, nil, nil},
		{
			"one of two sites",
			network.Actor{Role: network.RoleDispatcher, Site: "A"},
			delivery.OfStep(delivery.StepLand),
			[]network.SiteID{"A", "B"},
			nil,
		},
		{"nobody", network.Actor{}, delivery.OpReadBoard, nil, refusal.ErrForbidden},
		{"an operation that there is not", everywhere, "fly", nil, refusal.ErrForbidden},
	}
	for _, tt := range tests {
		if got := delivery.Permit(tt.actor, tt.op, tt.of...); !errors.Is(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	if !delivery.Public("signIn") || delivery.Public(delivery.OpSubmit) || delivery.Public("fly") || delivery.Known("fly") ||
		!delivery.Known("signIn") {
		t.Error("signing in is public, submitting is not, and there is no flying")
	}
}

// Whoever must belong to a site and does not has nothing that is its own.
func TestNobodyWithoutASiteHasAll(t *testing.T) {
	for _, op := range allOperations() {
		a := network.Actor{Login: "x", Role: network.RoleHospital}
		if delivery.MayAll(a, op) && delivery.Permit(network.Actor{Login: "x", Role: network.RoleHospital, Site: "A"}, op, "B") != nil {
			t.Errorf("%s: a hospital's account without a site may do it everywhere", op)
		}
		if own := delivery.Permit(network.Actor{Login: "x", Role: network.RoleHospital, Site: "A"}, op, "B") != nil; own && delivery.May(a, op) {
			t.Errorf("%s: a hospital's account without a site may do it", op)
		}
	}
}

// What needs no account has a row too, and nothing else is open to all.
func TestWhatIsPublic(t *testing.T) {
	public := []delivery.Operation{"signIn", "whoAmI", "createToken"}
	for _, op := range public {
		if !delivery.Public(op) || !delivery.Known(op) {
			t.Errorf("%s needs an account", op)
		}
	}
	for _, op := range allOperations() {
		if delivery.Public(op) && !slices.Contains(public, op) {
			t.Errorf("%s is open to all", op)
		}
	}
	if delivery.Public("unheardOf") || delivery.Known("unheardOf") {
		t.Error("what has no row is known")
	}
}

// Whatever anybody may order, those of the same kind may undo.
func TestWhatIsOrderedCanBeUndone(t *testing.T) {
	for undo, orders := range map[delivery.Operation][]delivery.Operation{
		delivery.OpCommand: {delivery.OpCommand},
		delivery.OpEndZone: {delivery.OpAddZone},
		delivery.OpReopen:  {delivery.OpCloseHospital, delivery.OpCloseCentre, delivery.OpCloseDevice},
	} {
		for _, kind := range network.Kinds() {
			a := network.Actor{Login: "x", Role: kind, Site: "A"}
			for _, op := range orders {
				if delivery.May(a, op) && delivery.Permit(a, delivery.Ordered(undo, kind), "A") != nil {
					t.Errorf("%s by %s cannot be undone by %s", op, kind, kind)
				}
			}
		}
	}
}

// An account of several roles acts as the one by which it may, whichever stands first.
func TestAsWhatSomebodyActs(t *testing.T) {
	mixed := network.ShippedRoles().Actor(network.Account{
		Login: "x", Role: network.RoleQuality, Also: []network.Role{network.RoleDispatcher, network.RoleController}, Site: "A",
	})
	for op, want := range map[delivery.Operation]network.Role{
		delivery.OpCommand: network.RoleDispatcher, delivery.OpAddZone: network.RoleDispatcher, delivery.OpCloseHospital: network.RoleDispatcher,
		delivery.OpNote: network.RoleController, delivery.OpSign: network.RoleQuality, delivery.OpCloseCentre: network.RoleController,
	} {
		if got := delivery.ActsAs(mixed, op); got != want {
			t.Errorf("%s as %s, want %s", op, got, want)
		}
	}
	if !delivery.ActsOtherwise(mixed, delivery.OpConfirm, network.RoleDispatcher) {
		t.Error("it is no controller beside a dispatcher")
	}
	plain := network.Actor{Login: "y", Role: network.RoleDispatcher}
	if delivery.ActsOtherwise(plain, delivery.OpConfirm, network.RoleDispatcher) {
		t.Error("a dispatcher is another one's second person")
	}
}
