package telemetrydb

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"go.uber.org/goleak"

	"hemolift/migrations/pgtest"
	"hemolift/telemetry"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var t0 = time.Date(2026, 1, 1, 23, 59, 59, 0, time.UTC)

func temp(seq uint64, at time.Time, mc int32) telemetry.Sample {
	return telemetry.Sample{
		Device:     "BX-1",
		Seq:        seq,
		At:         at,
		ReceivedAt: at.Add(time.Second),
		Reading:    telemetry.Temperature{TempMC: mc, AmbientMC: 20000},
	}
}

func TestRedeliveryChangesNothing(t *testing.T) {
	ctx := context.Background()
	s := New(pgtest.New(t))
	first := []telemetry.Sample{temp(1, t0, 4000), temp(2, t0.Add(2*time.Second), 4100)} // across midnight
	if err := s.StoreSamples(ctx, first); err != nil {
		t.Fatal(err)
	}
	again := append(first, temp(3, t0.Add(4*time.Second), 4200), temp(3, t0.Add(4*time.Second), 4200))
	for range 2 {
		if err := s.StoreSamples(ctx, again); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Temperatures(ctx, "BX-1", t0, t0.Add(time.Minute))
	if err != nil || len(got) != 3 {
		t.Fatalf("got %d readings, %v; want 3", len(got), err)
	}
	if got[2] != again[2] {
		t.Errorf("got %+v, want %+v", got[2], again[2])
	}
}

func TestNewestOfEachKind(t *testing.T) {
	ctx := context.Background()
	pool := pgtest.New(t)
	if _, err := pool.Exec(ctx, `INSERT INTO device (id, kind) VALUES ('HL-01', 'drone'), ('BX-1', 'box'), ('BX-2', 'box')`); err != nil {
		t.Fatal(err)
	}
	s := New(pool)
	pos := telemetry.Position{Point: orb.Point{123.4, 41.8}, AltM: 165, SpeedMPS: 14, BatteryPct: 80, WindMPS: -1}
	samples := []telemetry.Sample{
		temp(2, t0.Add(time.Second), 4200), temp(1, t0, 4000),
		{Device: "HL-01", Seq: 9, At: t0, ReceivedAt: t0, Reading: pos},
		{Device: "HL-01", Seq: 10, At: t0, ReceivedAt: t0, Reading: telemetry.Status{Phase: telemetry.Airborne, Mission: "M-1", Leg: 1}},
	}
	if err := s.StoreSamples(ctx, samples); err != nil {
		t.Fatal(err)
	}
	got, err := s.Newest(ctx)
	if err != nil || len(got) != 3 {
		t.Fatalf("got %d, %v; want 3", len(got), err)
	}
	if got[0].Reading != telemetry.Reading(pos) || got[1].Seq != 2 || got[2] != samples[3] {
		t.Errorf("got %+v", got)
	}
}

func BenchmarkStoreSamples(b *testing.B) {
	s := New(pgtest.New(b))
	seq := uint64(0)
	for b.Loop() {
		batch := make([]telemetry.Sample, 1000)
		for i := range batch {
			seq++
			batch[i] = temp(seq, t0.Add(time.Duration(seq)*time.Millisecond), 4000)
		}
		if err := s.StoreSamples(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRawCopy is the limit of BenchmarkStoreSamples: the same rows, encoded before, by COPY alone.
func BenchmarkRawCopy(b *testing.B) {
	s, ctx := New(pgtest.New(b)), context.Background()
	if err := s.StoreSamples(ctx, []telemetry.Sample{temp(0, t0.Add(time.Hour), 4000)}); err != nil {
		b.Fatal(err)
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	seq := uint64(0)
	for b.Loop() {
		b.StopTimer()
		r := rows{table: temperatures}
		for range 1000 {
			seq++
			r.add(temp(seq, t0.Add(time.Hour+time.Duration(seq)*time.Millisecond), 4000))
		}
		q := `COPY temperature_sample (` + strings.Join(r.table.columns, `, `) + `) FROM STDIN WITH (FORMAT binary)`
		b.StartTimer()
		if _, err := conn.Conn().PgConn().CopyFrom(ctx, r.reader(), q); err != nil {
			b.Fatal(err)
		}
	}
}
