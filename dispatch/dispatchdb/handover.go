package dispatchdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/handover"
)

// Handovers are when units were foretold to be handed over, and when they were.
type Handovers struct{ db }

const toldColumns = `h.version, h.made_at, h.urgency, h.waits, h.planned_at, h.expected_at,
	h.p50_at, h.p90_at, h.measured, h.handed_over_at`

// joinTold joins a request r with its newest forecast h, if it has one.
const joinTold = ` LEFT JOIN LATERAL (
	SELECT * FROM handover_forecast f WHERE f.request_id = r.id ORDER BY f.version DESC LIMIT 1) h ON true `

// toldRow is a forecast as it is read; all is null where there is none.
type toldRow struct {
	version, measured                               *int
	madeAt, plannedAt, expectedAt, p50, p90, handed *time.Time
	urgency                                         *string
	waits                                           *bool
}

func (r *toldRow) fields() []any {
	return []any{&r.version, &r.madeAt, &r.urgency, &r.waits, &r.plannedAt, &r.expectedAt, &r.p50, &r.p90, &r.measured, &r.handed}
}

func (r *toldRow) told() (t handover.Told) {
	if r.version == nil {
		return t
	}
	t.Forecast = handover.Forecast{
		Version: *r.version, MadeAt: orZero(r.madeAt), Such: handover.Such{Urgency: *r.urgency, Waits: *r.waits},
		Planned: orZero(r.plannedAt), Expected: orZero(r.expectedAt), P50: orZero(r.p50), P90: orZero(r.p90), Measured: *r.measured,
	}
	t.HandedOver = orZero(r.handed)
	return t
}

// Foretell keeps forecasts; one of a request's version that is kept already is left as it is.
func (s *Handovers) Foretell(ctx context.Context, forecasts map[delivery.RequestID]handover.Forecast) error {
	var q pgx.Batch
	for _, id := range sorted(forecasts) {
		f := forecasts[id]
		q.Queue(
			`INSERT INTO handover_forecast (request_id, version, made_at, urgency, waits, planned_at, expected_at, p50_at, p90_at, measured)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
			id, f.Version, f.MadeAt, f.Urgency, f.Waits, f.Planned, f.Expected, orNull(f.P50), orNull(f.P90), f.Measured,
		)
	}
	return s.pool.SendBatch(ctx, &q).Close()
}

// Past returns the newest forecasts of which it is known what came of them, at most limit,
// and the newest of as many requests that wait still though their plan has passed.
func (s *Handovers) Past(ctx context.Context, limit int, now time.Time) ([]handover.Told, error) {
	rows, err := s.pool.Query(ctx, `(SELECT `+toldColumns+`
			FROM handover_forecast h
			WHERE handed_over_at IS NOT NULL
			ORDER BY handed_over_at DESC
			LIMIT $1)
		UNION ALL
		(SELECT `+toldColumns+`
			FROM request r`+joinTold+`
			WHERE r.status IN ('open', 'allocated') AND h.handed_over_at IS NULL AND h.planned_at < $2
			ORDER BY h.made_at DESC
			LIMIT $1)`, limit, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (handover.Told, error) {
		var r toldRow
		err := row.Scan(r.fields()...)
		return r.told(), err
	})
}

// queueHandedOver writes what came of the newest forecasts of requests.
func queueHandedOver(q *pgx.Batch, list []delivery.HandedOver) {
	for _, h := range list {
		q.Queue(`UPDATE handover_forecast SET handed_over_at = $2
			WHERE request_id = $1 AND handed_over_at IS NULL AND made_at <= $2
				AND version = (SELECT max(version) FROM handover_forecast WHERE request_id = $1)`, h.Request, h.At)
	}
}
