package telemetrydb

import (
	"context"

	"github.com/jackc/pgx/v5"

	"hemolift/telemetry"
)

// KeepLetters writes letters down, each in the place of the oldest of its device once that
// has as many as are kept.
func (s *Store) KeepLetters(ctx context.Context, letters []telemetry.DeadLetter) error {
	const q = `INSERT INTO dead_letter (device_id, slot, number, at, topic, place, reason, payload)
		SELECT $1, (n + 1) % $2, n + 1, $3, $4, $5, $6, $7
		FROM (SELECT COALESCE(max(number), 0) AS n FROM dead_letter WHERE device_id = $1) newest
		ON CONFLICT (device_id, slot) DO UPDATE SET number = excluded.number, at = excluded.at, topic = excluded.topic,
			place = excluded.place, reason = excluded.reason, payload = excluded.payload`
	batch := &pgx.Batch{}
	for _, l := range letters {
		batch.Queue(q, l.Device, telemetry.LettersKept, l.At, l.Topic, l.Place, l.Reason, l.Payload)
	}
	return s.pool.SendBatch(ctx, batch).Close()
}

// Letters returns the newest letters, of one device or (empty) of all, newest first.
func (s *Store) Letters(ctx context.Context, device telemetry.DeviceID, limit int) ([]telemetry.DeadLetter, error) {
	rows, err := s.pool.Query(ctx, `SELECT device_id, at, topic, place, reason, payload FROM dead_letter
		WHERE $1 = '' OR device_id = $1 ORDER BY at DESC, device_id, number DESC LIMIT $2`, device, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (l telemetry.DeadLetter, err error) {
		err = row.Scan(&l.Device, &l.At, &l.Topic, &l.Place, &l.Reason, &l.Payload)
		l.At = l.At.UTC()
		return l, err
	})
}
