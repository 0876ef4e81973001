package dispatchdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/geo"
)

const missionColumns = `id, drone_id, centre_id, hospital_id, pad_id, status, route_out, route_back, plan_hash, load_kg, energy_j,
	battery_j, reserve_j,
	depart_at, arrive_at, home_at, created_at, ordered_by_role, COALESCE(watched_by, ''), watched_since, watch_offered,
	COALESCE(land_asked_by, ''), land_asked_at, held_for_pad_at`

func missions(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]delivery.Mission, error) {
	return collect(ctx, tx, scanMission, `SELECT `+missionColumns+` FROM mission `+where, args...)
}

func scanMission(row pgx.CollectableRow) (m delivery.Mission, err error) {
	var out, back []byte
	var home, watched, asked, held *time.Time
	if err = row.Scan(
		&m.ID,
		&m.Drone,
		&m.Centre,
		&m.Hospital,
		&m.Pad,
		&m.Status,
		&out,
		&back,
		&m.PlanHash,
		&m.LoadKg,
		&m.EnergyJ,
		&m.BatteryJ,
		&m.ReserveJ,
		&m.DepartAt,
		&m.ArriveAt,
		&home,
		&m.CreatedAt,
		&m.Ordered,
		&m.Watch.By,
		&watched,
		&m.Watch.Offered,
		&m.LandAsked.By,
		&asked,
		&held,
	); err != nil {
		return m, err
	}
	m.Watch.Since, m.LandAsked.At, m.HeldForPad = orZero(watched), orZero(asked), orZero(held)
	m.DepartAt, m.ArriveAt, m.HomeAt, m.CreatedAt = m.DepartAt.UTC(), m.ArriveAt.UTC(), orZero(home), m.CreatedAt.UTC()
	if m.Out, err = geo.DecodeTrack(out); err != nil {
		return m, err
	}
	m.Back, err = geo.DecodeTrack(back)
	return m, err
}
