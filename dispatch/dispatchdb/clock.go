package dispatchdb

import (
	"context"
	"time"
)

// Clock is where server time stood.
type Clock struct{ db }

// Last returns where server time stood: the latest of what was noted and what was
// stored, or false on a fresh database.
func (s *Clock) Last(ctx context.Context) (time.Time, bool, error) {
	var at *time.Time
	const q = `SELECT greatest((SELECT at FROM clock), (SELECT max(at) FROM event_log),
		(SELECT max(received_at) FROM status_sample), (SELECT max(received_at) FROM position_sample))`
	if err := s.pool.QueryRow(ctx, q).Scan(&at); err != nil || at == nil {
		return time.Time{}, false, err
	}
	return *at, true, nil
}

// Note keeps where server time stands.
func (s *Clock) Note(ctx context.Context, at time.Time) error {
	const q = `INSERT INTO clock (at) VALUES ($1)
		ON CONFLICT (one) DO UPDATE SET at = greatest(clock.at, excluded.at)`
	_, err := s.pool.Exec(ctx, q, at)
	return err
}
