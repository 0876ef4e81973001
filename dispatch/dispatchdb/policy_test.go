package dispatchdb_test

import (
	"context"
	"testing"

	"hemolift/dispatch"
)

// TestTheReserveIsKeptForSTAT: the last two O RhD-negative units are for STAT, a routine
// request is told that they are kept, and the delivery keeps the policy's version.
func TestTheReserveIsKeptForSTAT(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.stock("O-", dispatch.RedCells, 2)
	ask := order(2)
	ask.Group, ask.Urgency = "O-", dispatch.Routine
	if p, no, err := d.Estimate(ctx, ward, ask); err != nil || p != nil || no.Reserved != 2 || no.Policy != "1" || len(no.Changes) == 0 {
		t.Fatalf("routine: %v %+v %+v", err, p, no)
	}
	ask.Urgency = dispatch.STAT
	made := d.accept(d.submit(ask, "key-reserve"))
	if len(made.Units) != 2 {
		t.Fatalf("STAT: %+v", made)
	}
	var version string
	if err := d.pool.QueryRow(ctx, `SELECT reasons->>'policy' FROM delivery WHERE id = $1`, made.ID).Scan(&version); err != nil || version != "1" {
		t.Errorf("policy %q, %v", version, err)
	}
}
