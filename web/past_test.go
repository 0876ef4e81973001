package web

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/dispatchdb/past"
	"hemolift/dispatch/network"
	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
	"hemolift/telemetry/telemetrydb"
	"hemolift/web/api"
)

// bounded are the tables that do not grow with the years: as large as the network and the staff are, or
// added to so seldom that all of it may be read.
var bounded = []string{
	"account", "aircraft_class", "box", "box_type", "calibration", "clock", "compatibility", "dead_letter", "device", "document",
	"document_decision", "document_effect", "drone", "drone_hours", "enrolment", "identity", "invitation", "maintenance", "notice_device",
	"notice_webhook", "notice_wish", "pad", "passkey", "profile_version", "push_key", "role", "schema_version", "session", "site",
}

// Half a year's worth of a busy line, spread over ten years, is on record. Whatever people, devices and the
// server's own loops ask for, no table that grows with the years is read from one end to the other.
func TestNothingReadsTheWholePast(t *testing.T) {
	t.Parallel()
	d, ctx := newDoor(t), context.Background()
	d.hires()
	owner := pgtest.Owner(t, d.Pool)
	if err := past.Fill(ctx, owner, d.Now().Add(-time.Hour), past.TenYears.Over(20), true); err != nil {
		t.Fatal(err)
	}
	pgtest.Listen(d.Pool)
	quality := network.Actor{Login: "qing", Role: network.RoleQuality}
	people := []network.Actor{root, desktest.Anna, desktest.Ward, desktest.Tower, quality}
	for _, x := range tried(d) {
		for _, a := range people {
			if got := d.as(a).asks(x.method, x.path, x.body, x.header...); got.status >= http.StatusInternalServerError {
				t.Errorf("%s %s: %d %s", x.method, x.path, got.status, got.body)
			}
		}
	}
	for _, path := range []string{
		"/audit", "/audit?actor=ward", "/audit?about=D-1122", "/audit?kind=request", "/audit?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z",
		"/events?after=1000&limit=100", "/requests", "/requests?status=open", "/requests?component=red_cells&blood_group=A%2B", "/requests?urgency=stat",
		"/units", "/units?site=SYBC&status=in_stock", "/units?din=A9999000", "/units?component=red_cells", "/refused", "/unsigned", "/estimates", "/board", "/shelves",
	} {
		for _, a := range people {
			if got := d.as(a).asks("GET", path, nil); got.status >= http.StatusInternalServerError || got.status == http.StatusBadRequest {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
	}
	var board api.Board
	d.as(desktest.Anna).asks("GET", "/board", nil).gives(http.StatusOK, &board)
	i := slices.IndexFunc(board.Deliveries, func(x api.Delivery) bool { return x.Status == api.DeliveryStatusLoaded })
	del := d.receives(board.Deliveries[i])
	var c api.ColdRecord
	d.as(quality).asks("GET", "/deliveries/"+del.Id+"/coldchain", nil).gives(http.StatusOK, &c)
	d.as(quality).asks("POST", "/deliveries/"+del.Id+"/signatures", api.NewSignature{Meaning: "accepted", Digest: c.Digest}).gives(http.StatusCreated, nil)
	d.FliesOnce()

	samples := telemetrydb.New(d.Pool)
	if err := samples.StoreSamples(ctx, []telemetry.Sample{{Device: "HL-01", At: d.Now(), ReceivedAt: d.Now(), Reading: telemetry.Position{}}}); err != nil {
		t.Error(err)
	}
	for _, when := range []time.Time{d.Now(), d.Now().AddDate(-5, 0, 0)} {
		if _, err := samples.Positions(ctx, "HL-01", when.Add(-time.Hour), when); err != nil {
			t.Error(err)
		}
	}

	d.Restarts()
	for _, tt := range []struct {
		name     string
		settings []string
		bad      func(s pgtest.Scan) bool
	}{
		{"as it is", nil, func(s pgtest.Scan) bool { return (s.Index == "" || s.Whole) && d.rows(s.Table) > 2000 }},
		{"had it grown", []string{`enable_seqscan = off`}, func(s pgtest.Scan) bool { return s.Index == "" && !slices.Contains(bounded, s.Table) }},
	} {
		plans := pgtest.Plans(t, d.Pool, tt.settings...)
		if len(plans) < 100 {
			t.Errorf("%s: %d statements were heard", tt.name, len(plans))
		}
		for _, p := range plans {
			for _, s := range p.Scan {
				if tt.bad(s) {
					t.Errorf("%s: all of %s is read (by %q) for\n%s", tt.name, s.Table, s.Index, p.SQL)
				}
			}
		}
	}
}

// rows is about how many a table has.
func (d *door) rows(table string) (n float64) {
	d.t.Helper()
	if err := d.Pool.QueryRow(context.Background(), `SELECT reltuples FROM pg_class WHERE relname = $1`, table).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}
