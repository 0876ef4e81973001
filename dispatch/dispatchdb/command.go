package dispatchdb

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/telemetry"
)

// Commands are what drones are told until they answer.
type Commands struct{ db }

const commandColumns = `id, device_id, kind, mission_id, leg, plan, expires_at`

// pending are the commands that wait for their answers at a time.
func pending(ctx context.Context, tx pgx.Tx, now time.Time) ([]telemetry.Command, error) {
	return collect(
		ctx,
		tx,
		pgx.RowToStructByPos[telemetry.Command],
		`SELECT `+commandColumns+` FROM command WHERE acked_at IS NULL AND expires_at > $1 ORDER BY id`,
		now,
	)
}

// Expire closes commands whose time is over, and returns them.
func (s *Commands) Expire(ctx context.Context, now time.Time) ([]telemetry.Command, error) {
	rows, err := s.pool.Query(ctx, `UPDATE command SET acked_at = $1, ok = false, reason = $2
		WHERE acked_at IS NULL AND expires_at <= $1
		RETURNING `+commandColumns, now, delivery.NotInTime)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[telemetry.Command])
}

// Answer stores a drone's answer, once. A drone that took a release after that was closed
// may go all the same, which is kept.
func (s *Commands) Answer(ctx context.Context, a telemetry.Ack) (m delivery.MissionID, kind telemetry.CommandKind, err error) {
	_, err = s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var open, ok bool
		var reason string
		const q = `SELECT mission_id, kind, acked_at IS NULL, COALESCE(ok, false), reason FROM command WHERE id = $1 AND device_id = $2 FOR
			UPDATE`
		if err := tx.QueryRow(ctx, q, a.Command, a.Device).Scan(&m, &kind, &open, &ok, &reason); err != nil {
			return nil, err
		}
		late := !open && !ok && a.OK && kind == telemetry.Release && slices.Contains(delivery.Unanswered(), reason)
		if !open && !late {
			if reason == delivery.Replaced {
				kind = "" // nothing follows from the answer to it
			}
			return nil, nil
		}
		if late {
			_, err := tx.Exec(ctx, `UPDATE command SET ok = true, acked_at = $2 WHERE id = $1`, a.Command, a.At)
			if reason == delivery.Replaced {
				kind = ""
			}
			return nil, err
		}
		if _, err := tx.Exec(
			ctx,
			`UPDATE command SET acked_at = $2, ok = $3, reason = $4, hash = $5 WHERE id = $1`,
			a.Command,
			a.At,
			a.OK,
			a.Reason,
			a.Hash,
		); err != nil {
			return nil, err
		}
		answer := map[bool]string{true: "yes", false: "no"}[a.OK]
		return []delivery.Event{
			{
				At:      a.At,
				Kind:    delivery.EvCommand,
				Actor:   string(a.Device),
				Subject: string(m),
				Detail: map[string]string{
					"kind": string(kind), "ok": answer, "reason": a.Reason, "device_time": a.StatedAt.UTC().Format(time.RFC3339Nano),
				},
			},
		}, nil
	})
	return m, kind, err
}
