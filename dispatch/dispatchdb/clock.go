package dispatchdb

import (
	"context"
	"time"
)

// Clock is where server time stood.
type Clock struct{ db }

// Last returns where server time stood: as it was noted, and as the newest event has it;
// zero for what is not there.
func (s *Clock) Last(ctx context.Context) (noted, event time.Time, err error) {
	var n, e *time.Time
	const q = `SELECT (SELECT at FROM clock), (SELECT at FROM event_log ORDER BY seq DESC LIMIT 1)`
	err = s.pool.QueryRow(ctx, q).Scan(&n, &e)
	return orZero(n), orZero(e), err
}

// Note keeps where server time stands.
func (s *Clock) Note(ctx context.Context, at time.Time) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO clock (at) VALUES ($1) ON CONFLICT (one) DO UPDATE SET at = excluded.at`, at)
	return err
}
