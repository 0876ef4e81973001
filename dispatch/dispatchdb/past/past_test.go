package past_test

import (
	"errors"
	"os"
	"testing"

	"hemolift/dispatch/desktest"
	"hemolift/dispatch/dispatchdb/past"
	"hemolift/migrations/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// What is written keeps every constraint of the schema, is as much as was asked for, and is read as
// what it is: over. It is written once.
func TestAPastKeepsEveryConstraint(t *testing.T) {
	t.Parallel()
	d, size := desktest.New(t), past.TenYears.Over(2000)
	owner, until := pgtest.Owner(t, d.Pool), desktest.T0.AddDate(0, 0, -2)
	if err := past.Fill(t.Context(), owner, until, size, false); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]int{
		`SELECT count(*) FROM request`: size.Requests, `SELECT count(*) FROM delivery WHERE status = 'closed'`: size.Deliveries,
		`SELECT count(*) FROM event_log`: size.Events, `SELECT count(*) FROM position_sample`: size.Samples * 2 / 3,
		`SELECT count(*) FROM pad_slot`: size.Deliveries, `SELECT sum(flights) FROM drone_hours`: 2 * size.Deliveries,
	} {
		var n int
		if err := owner.QueryRow(t.Context(), q).Scan(&n); err != nil || n != want {
			t.Errorf("%s: %d, %v; want %d", q, n, err, want)
		}
	}
	board, err := d.DB.Boards.Board(t.Context(), "", d.Now())
	if err != nil || len(board.Requests)+len(board.Deliveries)+len(board.Alarms) > 0 {
		t.Errorf("under way: %d requests, %d deliveries, %d alarms; %v", len(board.Requests), len(board.Deliveries), len(board.Alarms), err)
	}
	if unsigned, err := d.DB.Cold.Unsigned(t.Context(), 10); err != nil || len(unsigned) > 0 {
		t.Errorf("unsigned: %v, %v", unsigned, err)
	}
	d.Restarts()
	if err := past.Fill(t.Context(), owner, until, size, false); !errors.Is(err, past.ErrNotEmpty) {
		t.Errorf("written again: %v", err)
	}
}
