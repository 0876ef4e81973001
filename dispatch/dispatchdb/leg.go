package dispatchdb

import (
	"context"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/flight"
	"hemolift/geo/route"
	"hemolift/telemetry"
)

// Legs are what flown legs took.
type Legs struct{ db }

// RecordLeg keeps what a leg took; one that is kept already is left as it is.
func (s *Legs) RecordLeg(ctx context.Context, l flight.FlownLeg) error {
	_, err := s.pool.Exec(
		ctx,
		`INSERT INTO flown_leg (mission_id, leg, drone_id, landed_at, load_kg, reckoned_j, measured_j, reckoned, measured)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		l.Mission,
		l.Leg,
		l.Drone,
		l.LandedAt,
		l.LoadKg,
		l.ReckonedJ,
		l.MeasuredJ,
		l.Reckoned,
		l.Measured,
	)
	return err
}

// FlownLegs returns a drone's newest legs, at most limit.
func (s *Legs) FlownLegs(ctx context.Context, drone telemetry.DeviceID, limit int) ([]route.FlownLeg, error) {
	rows, err := s.pool.Query(
		ctx,
		`SELECT reckoned_j, measured_j, reckoned, measured FROM flown_leg WHERE drone_id = $1 ORDER BY landed_at DESC LIMIT $2`,
		drone,
		limit,
	)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[route.FlownLeg])
}
