package dispatchdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/desktest"
	"hemolift/dispatch/dispatchdb"
	"hemolift/dispatch/refusal"
	"hemolift/migrations/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestSchemaRefusesBrokenPromises(t *testing.T) {
	t.Parallel()
	d, ctx := desktest.New(t), context.Background()
	d.Stocks("A+", blood.RedCells, 2)
	bplus := d.Stocks("B+", blood.RedCells, 1)[0]
	a, b := d.Accepts(d.Submits(desktest.Order(1), "key-00001")), d.Accepts(d.Submits(desktest.Order(1), "key-00002"))
	taken := a.Units[0].Unit
	tests := []struct {
		name, sql string
		args      []any
	}{
		{
			"unit in two deliveries",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'A+', 'A+')`,
			[]any{b.ID, taken.Key.DIN, taken.Key.ProductCode},
		},
		{
			"incompatible unit",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'A+', 'B+')`,
			[]any{b.ID, bplus.Key.DIN, bplus.Key.ProductCode},
		},
		{
			"group misstated",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'A+', 'A+')`,
			[]any{b.ID, bplus.Key.DIN, bplus.Key.ProductCode},
		},
		{
			"recipient misstated",
			`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, '',
				'red_cells', 'B+', 'B+')`,
			[]any{b.ID, bplus.Key.DIN, bplus.Key.ProductCode},
		},
		{"checked by the allocator", `UPDATE delivery SET checked_by = allocated_by WHERE id = $1`, []any{a.ID}},
		{"two missions of one drone", `UPDATE mission SET drone_id = $1 WHERE id = $2`, []any{a.Drone, b.Mission}},
		{"energy under the reserve", `UPDATE mission SET energy_j = battery_j WHERE id = $1`, []any{a.Mission}},
		{"two deliveries of one request", `UPDATE delivery SET request_id = $1 WHERE id = $2`, []any{a.Request, b.ID}},
		{"custody rewritten", `UPDATE custody_event SET actor = 'x' WHERE delivery_id = $1`, []any{a.ID}},
		{"log erased", `DELETE FROM event_log`, nil},
		{"RhD positive without the fields", `UPDATE request SET blood_group = 'A-', recipient = 'A-/rhd_pos' WHERE id = $1`, []any{a.Request}},
	}
	owner := pgtest.Owner(t, d.Pool) // what the server's role may not do, its owner cannot either
	for _, tt := range tests {
		if _, err := d.Pool.Exec(ctx, tt.sql, tt.args...); err == nil {
			t.Errorf("%s: accepted", tt.name)
		}
		if _, err := owner.Exec(ctx, tt.sql, tt.args...); err == nil {
			t.Errorf("%s: accepted from the owner", tt.name)
		}
	}
}

func TestSameKeySameRequest(t *testing.T) {
	t.Parallel()
	d, ctx := desktest.New(t), context.Background()
	a := d.Submits(desktest.Order(1), "key-00001")
	b, err := d.Submit(ctx, desktest.Ward, desktest.Order(1), "key-00001", []byte("key-00001"))
	if err != nil || a.ID != b.ID {
		t.Errorf("repeated: got %s, %v; want %s", b.ID, err, a.ID)
	}
	if _, err := d.Submit(ctx, desktest.Ward, desktest.Order(2), "key-00001", []byte("another body")); !errors.Is(err, refusal.ErrKeyReused) {
		t.Errorf("other body: got %v", err)
	}
	if _, err := d.Submit(ctx, desktest.Other, desktest.Order(1), "key-00002", nil); !errors.Is(err, refusal.ErrForbidden) {
		t.Errorf("for another hospital: got %v", err)
	}
}

func TestTwoDronesOnePad(t *testing.T) {
	t.Parallel()
	d, ctx := desktest.New(t), context.Background()
	d.Stocks("A+", blood.RedCells, 4)
	a, b := d.Accepts(d.Submits(desktest.Order(1), "key-00001")), d.Accepts(d.Submits(desktest.Order(1), "key-00002"))
	if a.Drone == b.Drone || a.Boxes[0].Box == b.Boxes[0].Box || a.Units[0].Unit.Key == b.Units[0].Unit.Key {
		t.Fatalf("shared: %+v and %+v", a, b)
	}
	var overlap bool
	const q = `SELECT EXISTS (SELECT FROM pad_slot x JOIN pad_slot y ON x.pad_id = y.pad_id AND x.mission_id < y.mission_id AND x.slot &&
		y.slot)`
	if err := d.Pool.QueryRow(ctx, q).Scan(&overlap); err != nil || overlap {
		t.Errorf("slots overlap: %v, %v", overlap, err)
	}
	// The schema refuses what the planner would never do.
	if _, err := d.Pool.Exec(
		ctx,
		`UPDATE pad_slot SET slot = (SELECT slot FROM pad_slot WHERE mission_id = $1) WHERE mission_id = $2`,
		a.Mission,
		b.Mission,
	); err == nil {
		t.Error("two missions hold one pad")
	}
}

func TestConcurrentAcceptsTakeEachThingOnce(t *testing.T) {
	t.Parallel()
	d, ctx := desktest.New(t), context.Background()
	d.Stocks("A+", blood.RedCells, 3)
	var requests []delivery.Request
	for i := range 6 {
		requests = append(requests, d.Submits(desktest.Order(1), fmt.Sprintf("key-%05d", i)))
	}
	var wg sync.WaitGroup
	for range 3 {
		for _, r := range requests {
			wg.Go(func() {
				_, _ = d.Accept(ctx, desktest.Anna, r.ID, "", nil) // most lose; what counts is the record
			})
		}
	}
	wg.Wait()
	var deliveries, units int
	if err := d.Pool.QueryRow(
		ctx,
		`SELECT (SELECT count(*) FROM delivery), (SELECT count(*) FROM unit WHERE status = 'reserved')`,
	).Scan(
		&deliveries,
		&units,
	); err != nil {
		t.Fatal(err)
	}
	if deliveries < 1 || deliveries != units || units > 3 {
		t.Errorf("got %d deliveries of %d units from a stock of 3", deliveries, units)
	}
}

// However long the history is, a look at the world reads only what is under way.
func TestALookReadsNoHistory(t *testing.T) {
	t.Parallel()
	d, ctx := desktest.New(t), context.Background()
	tx, err := d.Pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // nothing was written
	if _, err := tx.Exec(ctx, `SET LOCAL enable_seqscan = off`); err != nil {
		t.Fatal(err)
	}
	for index, q := range map[string]string{
		"command_release": `SELECT expires_at FROM command WHERE mission_id = ANY (ARRAY['a', 'b']) AND kind = 'release' ORDER BY id`,
		"pad_slot_until":  `SELECT pad_id FROM pad_slot WHERE upper(slot) > now()`,
	} {
		rows, err := tx.Query(ctx, `EXPLAIN `+q)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if plan := strings.Join(lines, "\n"); err != nil || !strings.Contains(plan, index) {
			t.Errorf("not by %s: %v\n%s", index, err, plan)
		}
	}
}

func TestProfilesOfBoxesUnderWayAreKept(t *testing.T) {
	t.Parallel()
	d, ctx := desktest.New(t), context.Background()
	if open, err := d.DB.Documents.OpenProfiles(ctx); err != nil || len(open) != 0 {
		t.Errorf("none under way: got %v, %v", open, err)
	}
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Loads(d.Accepts(d.Submits(desktest.Order(1), "KEY-00001")), "KEY-00001")
	open, err := d.DB.Documents.OpenProfiles(ctx)
	want := d.Profiles()[del.Boxes[0].Profile]
	if err != nil || len(open) != 1 || open[0].Version != want.Version || open[0].LowMC != want.LowMC || open[0].MaxGap != want.MaxGap ||
		!open[0].ValidFrom.Equal(want.ValidFrom) {
		t.Errorf("got %+v, %v; want %+v", open, err, want)
	}
}

// What could be stored and then not be told is not written, and nothing of it.
func TestAnEventThatCannotBeToldIsRefused(t *testing.T) {
	d := desktest.New(t)
	good := delivery.Event{At: d.Now(), Kind: delivery.EvAlarm, Subject: "good"}
	for name, bad := range map[string]delivery.Event{
		"a time after all years": {At: time.UnixMilli(253_402_300_800_000), Kind: delivery.EvAlarm},
		"no time":                {Kind: delivery.EvAlarm},
		"NUL":                    {At: d.Now(), Kind: delivery.EvAlarm, Detail: map[string]string{"reason": "a\x00b"}},
		"no Unicode":             {At: d.Now(), Kind: delivery.EvAlarm, Subject: "\xff"},
	} {
		before, _ := d.DB.Log.LastEvent(t.Context())
		if err := d.DB.Log.Append(t.Context(), good, bad); err == nil {
			t.Errorf("%s: written", name)
		}
		if after, _ := d.DB.Log.LastEvent(t.Context()); after != before {
			t.Errorf("%s: part of it was written", name)
		}
	}
	if err := d.DB.Log.Append(t.Context(), good); err != nil {
		t.Error(err)
	}
}

// What the program is started with is logged when it is another than before.
func TestConfigurationIsLoggedWhenItChanges(t *testing.T) {
	db := dispatchdb.New(pgtest.New(t))
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	for _, version := range []string{"1", "1", "2", "2", "1"} {
		if err := db.Log.Configured(t.Context(), "policy", version, at); err != nil {
			t.Fatal(err)
		}
	}
	events, err := db.Log.EventsSince(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range events {
		told = append(told, e.Detail["was_version"]+">"+e.Detail["version"])
	}
	if !slices.Equal(told, []string{">1", "1>2", "2>1"}) {
		t.Errorf("told %q", told)
	}
}

// One hospital has so many open requests; another one is not concerned, and a place is free
// again when one is cancelled. A repeated key is answered all the same.
func TestHowManyRequestsOfAHospitalAreOpen(t *testing.T) {
	d := desktest.New(t)
	var first delivery.Request
	for i := range 500 {
		r := d.Submits(desktest.Order(1), fmt.Sprintf("key-%05d", i))
		if i == 0 {
			first = r
		}
	}
	_, err := d.Dispatcher.Submit(t.Context(), desktest.Ward, desktest.Order(1), "one-too-many", []byte{1})
	var field refusal.Field
	if !errors.As(err, &field) || field.Field != "hospital" {
		t.Fatalf("one too many: %v", err)
	}
	if again := d.Submits(desktest.Order(1), "key-00000"); again.ID != first.ID {
		t.Errorf("the first again: %s", again.ID)
	}
	if _, err := d.Dispatcher.Cancel(t.Context(), desktest.Ward, first.ID, "not needed"); err != nil {
		t.Fatal(err)
	}
	d.Submits(desktest.Order(1), "now-there-is-room")
}

// A row of the log that somebody wrote in another way hides none of the others.
func TestARowOfTheLogThatIsNoneOfOurs(t *testing.T) {
	pool := pgtest.New(t)
	db, owner := dispatchdb.New(pool), pgtest.Owner(t, pool)
	for _, detail := range []string{`{"what": "before"}`, `{"what": [1, 2]}`, `[]`, `"x"`, `{"n": 1}`, `{"what": "behind"}`} {
		const q = `INSERT INTO event_log (at, kind, actor, site_id, subject, detail) VALUES (now(), 'request', 'somebody', 'SY06', 'R-X', $1)`
		if _, err := owner.Exec(t.Context(), q, detail); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []string{"infinity", "-infinity"} {
		const q = `INSERT INTO event_log (at, kind, actor, site_id, subject, detail) VALUES ($1::text::timestamptz, 'request', 'x', 'SY06', 'R-X', '{}')`
		if _, err := owner.Exec(t.Context(), q, at); err != nil {
			t.Logf("refused by the schema: %v", err)
		}
	}
	all, err := db.Log.EventsSince(t.Context(), 0, 100)
	if err != nil || len(all) < 6 || all[0].Detail["what"] != "before" || all[1].Detail["what"] != "[1, 2]" || all[2].Detail["unreadable"] == "" || all[5].Detail["what"] != "behind" {
		t.Errorf("%v, %+v", err, all)
	}
	if of, err := db.Log.EventsOf(t.Context(), "SY06", 0, 100); err != nil || len(of) != len(all) {
		t.Errorf("of the hospital: %d, %v", len(of), err)
	}
}

// One person's files of a day are bounded, and what was refused is not kept.
func TestHowMuchOfAPersonsFilesIsKept(t *testing.T) {
	d := desktest.New(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Accepts(d.Submits(desktest.Order(1), "key-00001"))
	const much = `INSERT INTO logger_file (delivery_id, sha256, body, uploaded_by, uploaded_at)
		VALUES ($1, sha256('x'), convert_to(repeat('x', 100 * 1024 * 1024), 'UTF8'), $2, $3)`
	if _, err := d.Pool.Exec(t.Context(), much, del.ID, desktest.Ward.Login, d.Now()); err != nil {
		t.Fatal(err)
	}
	var field refusal.Field
	if err := d.DB.Cold.KeepLoggerFile(t.Context(), del.ID, []byte("one more"), []string{"read"}, desktest.Ward, d.Now()); !errors.As(err, &field) || field.Field != "file" {
		t.Errorf("one too many: %v", err)
	}
	if err := d.DB.Cold.KeepLoggerFile(t.Context(), del.ID, []byte("of another"), []string{"read"}, desktest.Anna, d.Now()); err != nil {
		t.Errorf("of another person: %v", err)
	}
	if err := d.DB.Cold.KeepLoggerFile(t.Context(), del.ID, []byte("tomorrow"), []string{"read"}, desktest.Ward, d.Now().Add(25*time.Hour)); err != nil {
		t.Errorf("a day later: %v", err)
	}
	var kept int
	if err := d.Pool.QueryRow(t.Context(), `SELECT count(*) FROM logger_file`).Scan(&kept); err != nil || kept != 3 {
		t.Errorf("%d are kept, %v", kept, err)
	}
}

// How a file was read is kept each time that something else is said of it, so often and no
// more, and nobody changes it.
func TestHowAFileWasReadIsKept(t *testing.T) {
	d := desktest.New(t)
	d.Stocks("A+", blood.RedCells, 1)
	del := d.Accepts(d.Submits(desktest.Order(1), "key-00001"))
	keep := func(said ...string) {
		t.Helper()
		if err := d.DB.Cold.KeepLoggerFile(t.Context(), del.ID, []byte("a file"), said, desktest.Ward, d.Now()); err != nil {
			t.Fatal(err)
		}
		d.SetNow(d.Now().Add(time.Second))
	}
	keep("not judged: the zone is missing")
	keep("5 of 6 lines read", "line 4: no temperature")
	keep("5 of 6 lines read", "line 4: no temperature")
	got, err := d.DB.Cold.LoggerReadings(t.Context(), del.ID)
	if err != nil || len(got) != 2 || len(got[0].Said) != 2 || got[1].Said[0] != "not judged: the zone is missing" || got[0].By != desktest.Ward.Login || len(got[0].SHA256) != 64 {
		t.Errorf("%v: %+v", err, got)
	}
	for i := range 60 {
		keep(fmt.Sprint(i))
	}
	if got, err = d.DB.Cold.LoggerReadings(t.Context(), del.ID); err != nil || len(got) != 50 {
		t.Errorf("%d are kept, %v", len(got), err)
	}
	if _, err := d.Pool.Exec(t.Context(), `UPDATE logger_reading SET said = '{}'`); err == nil {
		t.Error("what was said is changed")
	}
}
