package main

import (
	"strings"
	"testing"
	"time"
)

// A server turns samples of long ago into compact hours by itself, and goes on with them.
func TestSamplesOfLongAgoBecomeCompact(t *testing.T) {
	t.Parallel()
	p := startDemo(t, dataDir(t), "-requests-per-hour", "0")
	const made = `SELECT make_day('temperature_sample', (now() AT TIME ZONE 'UTC' - interval '91 days')::date)`
	const sampled = `INSERT INTO temperature_sample (device_id, at, seq, received_at, temp_mc, ambient_mc, lid_open, fault)
		SELECT 'BX-001', date_trunc('day', now() - interval '91 days', 'UTC') + n * interval '1 minute', n, now() - interval '91 days', 4000, 20000, false, false
		FROM generate_series(1, 1000) n`
	const today = `SELECT make_day('temperature_sample', (now() AT TIME ZONE 'UTC')::date)`
	p.sql(made)
	p.sql(sampled)
	p.sql(today) // as when a box has reported
	p.stop()
	p = startDemo(t, p.data, "-requests-per-hour", "0")
	db := p.record()
	defer db.Close(t.Context())
	eventually(t, time.Minute, "a compact day", func() bool {
		var hours, samples, left int
		const q = `SELECT count(*), COALESCE(sum(kept), 0), (SELECT count(*) FROM temperature_sample WHERE received_at < now() - interval '90 days')
			FROM compact_hour`
		if err := db.QueryRow(t.Context(), q).Scan(&hours, &samples, &left); err != nil {
			t.Fatal(err)
		}
		return hours == 17 && samples == 1000 && left == 0
	})
}

func TestWhenSamplesBecomeCompact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		longAgo
		said string
	}{
		{longAgo{0, 0}, ""},
		{longAgo{14, 100}, ""},
		{longAgo{13, 5}, "-compact-after 13: want 14 to"},
		{longAgo{-1, 5}, "-compact-after -1"},
		{longAgo{1_000_000, 5}, "-compact-after 1000000"},
		{longAgo{90, -1}, "-thin-within -1"},
		{longAgo{90, 101}, "-thin-within 101"},
	} {
		err := c.check()
		if (err == nil) != (c.said == "") || err != nil && !strings.Contains(err.Error(), c.said) {
			t.Errorf("%+v: %v", c.longAgo, err)
		}
	}
}
