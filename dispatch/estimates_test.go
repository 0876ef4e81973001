package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/situation"
)

// TestAForecastIsToldOnceAndKeptBesideItsOutcome: of each version of a request, when it is
// first planned; and when its units were handed over.
func TestAForecastIsToldOnceAndKeptBesideItsOutcome(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 3)
	r := d.Submits(order(1), "key-foretold")
	d.plans()
	told := d.request(r.ID).Told
	p, _ := d.Proposals()
	if want := p[r.ID].ArriveAt.Add(situation.UnloadTime); told.Version != 1 || !told.Planned.Equal(want) || !told.MadeAt.Equal(d.Now()) {
		t.Fatalf("told %+v, want the plan's %v", told, want)
	}
	if told.Measured != 0 || !told.P50.IsZero() || !told.HandedOver.IsZero() {
		t.Errorf("nothing was measured, and told is %+v", told)
	}
	d.Tick(time.Minute)
	d.Hear()
	d.plans()
	if again := d.request(r.ID).Told; again != told {
		t.Errorf("told again otherwise: %+v, before %+v", again, told)
	}

	ask := order(1)
	ask.NeededBy = ask.NeededBy.Add(time.Hour)
	if _, err := d.Amend(ctx, ward, r.ID, ask, 1); err != nil {
		t.Fatal(err)
	}
	d.plans()
	told = d.request(r.ID).Told
	if waits, err := d.DB.Handovers.Past(ctx, 10, told.Planned.Add(time.Minute)); err != nil || len(waits) != 1 || waits[0] != told {
		t.Errorf("once its plan has passed, there wait %+v, %v", waits, err)
	}
	if told.Version != 2 || !told.MadeAt.Equal(d.Now()) {
		t.Fatalf("the amended request was told %+v", told)
	}

	del := d.Loads(d.Accepts(d.request(r.ID)), "KEY-00001")
	d.Flies(del)
	for i, s := range []struct {
		step delivery.Step
		scan delivery.Scan
	}{
		{delivery.StepCompare, delivery.Scan{Seal: "SL-KEY-00001"}},
		{delivery.StepReceive, delivery.Scan{Unit: del.Units[0].Unit.Key, Note: "checked by hand"}},
	} {
		d.Tick(10 * time.Second)
		if err := d.Does(ward, del.ID, s.step, s.scan); err != nil {
			t.Fatal(err)
		}
		got := d.request(r.ID).Told.HandedOver
		if last := i == 1; last && !got.Equal(d.Now()) || !last && !got.IsZero() {
			t.Errorf("after %s: handed over at %v, now is %v", s.step, got, d.Now())
		}
	}
	past, err := d.DB.Handovers.Past(ctx, 10, d.Now())
	if err != nil || len(past) != 1 || past[0] != d.request(r.ID).Told {
		t.Errorf("the past is %+v, %v", past, err)
	}
}

// TestWhatWasMeasuredIsToldWithTheEstimate: ten hand-overs, each four minutes after its
// plan, say so of the next.
func TestWhatWasMeasuredIsToldWithTheEstimate(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.Stocks("A+", blood.RedCells, 1)
	for i := range 10 {
		d.Submits(order(1), fmt.Sprintf("key-measured-%d", i))
	}
	if _, err := d.Pool.Exec(ctx, `UPDATE request SET status = 'fulfilled'`); err != nil {
		t.Fatal(err)
	}
	const flown = `INSERT INTO handover_forecast (request_id, version, made_at, urgency, waits, planned_at, expected_at, measured, handed_over_at)
		SELECT id, 1, $1, 'stat', false, $2, $2, 0, $3 FROM request`
	if _, err := d.Pool.Exec(ctx, flown, t0.Add(-time.Hour), t0.Add(-30*time.Minute), t0.Add(-26*time.Minute)); err != nil {
		t.Fatal(err)
	}
	e, err := d.Estimate(ctx, ward, order(1))
	if err != nil || e.Proposal == nil {
		t.Fatal(e, err)
	}
	planned := e.Proposal.ArriveAt.Add(situation.UnloadTime)
	if f := e.Handover; f.Measured != 10 || !f.Planned.Equal(planned) || f.P50.Sub(planned) != 4*time.Minute || !f.P90.Equal(f.P50) {
		t.Errorf("told %+v of the plan's %v", f, planned)
	}
	if e.Held.Told != 0 {
		t.Errorf("they held %+v, though none had a P50", e.Held)
	}
}
