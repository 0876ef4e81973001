package dispatchdb

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/situation"
	"hemolift/geo/airspace"
)

// Zones are what people drew.
type Zones struct{ db }

// InsertZone stores a zone that a person drew.
func (s *Zones) InsertZone(ctx context.Context, z airspace.Zone, now time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		rings, ends := flatten(z.Polygon)
		const q = `INSERT INTO zone (id, name_zh, name_en, kind, rings, ring_ends, lower_m, upper_m, reference, from_at, until_at, drawn_by,
			drawn_at, drawn_role)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
		if _, err := tx.Exec(
			ctx,
			q,
			z.ID,
			z.NameZH,
			z.NameEN,
			z.Kind,
			rings,
			ends,
			z.LowerM,
			z.UpperM,
			z.Reference,
			orNull(z.From),
			orNull(z.Until),
			z.DrawnBy,
			now,
			z.DrawnRole,
		); err != nil {
			return nil, err
		}
		return []delivery.Event{
			{
				At:      now,
				Kind:    delivery.EvZone,
				Actor:   z.DrawnBy,
				Subject: string(z.ID),
				Detail:  map[string]string{"action": "drawn", "name": z.NameZH},
			},
		}, nil
	})
	return err
}

// EndZone ends a zone that a person drew.
func (s *Zones) EndZone(ctx context.Context, id airspace.ZoneID, actor network.Actor, now time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		tag, err := tx.Exec(
			ctx,
			`UPDATE zone SET ended_by = $2, ended_at = $3 WHERE id = $1 AND drawn_by IS NOT NULL AND ended_at IS NULL`,
			id,
			actor.Login,
			now,
		)
		if err != nil {
			return nil, err
		}
		if tag.RowsAffected() == 0 {
			return nil, refusal.ErrNotFound
		}
		return []delivery.Event{
			{At: now, Kind: delivery.EvZone, Actor: actor.Login, Subject: string(id), Detail: map[string]string{"action": "ended"}},
		}, nil
	})
	return err
}

// NoteTouched adds which missions a zone touched when it was drawn, once.
func (s *Zones) NoteTouched(
	ctx context.Context, id airspace.ZoneID, touched []situation.Touched, actor network.Actor, now time.Time,
) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `INSERT INTO zone_touch (zone_id, mission_id, outcome, longer_m, escape_m, reason) VALUES ($1, $2, $3, $4, $5, $6)`
		for _, t := range touched {
			if _, err := tx.Exec(ctx, q, id, t.Mission, t.Outcome, t.LongerM, t.EscapeM, t.Reason); err != nil {
				return nil, err
			}
		}
		detail := map[string]string{"action": "touched", "missions": strconv.Itoa(len(touched))}
		return []delivery.Event{{At: now, Kind: delivery.EvZone, Actor: actor.Login, Subject: string(id), Detail: detail}}, nil
	})
	return err
}

// Touched returns that of every zone that has not ended.
func (s *Zones) Touched(ctx context.Context) (map[airspace.ZoneID][]situation.Touched, error) {
	touched := map[airspace.ZoneID][]situation.Touched{}
	const q = `SELECT zone_id, mission_id, drone_id, hospital_id, outcome, longer_m, escape_m, reason
		FROM zone_touch JOIN zone z ON z.id = zone_id JOIN mission m ON m.id = mission_id
		WHERE ended_at IS NULL
		ORDER BY zone_id, mission_id`
	rows, err := s.pool.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	var id airspace.ZoneID
	var t situation.Touched
	_, err = pgx.ForEachRow(rows, []any{&id, &t.Mission, &t.Drone, &t.Hospital, &t.Outcome, &t.LongerM, &t.EscapeM, &t.Reason}, func() error {
		touched[id] = append(touched[id], t)
		return nil
	})
	return touched, err
}

// standingZones are those that have not ended, with who drew them.
const standingZones = `SELECT id, z.name_zh, z.name_en, z.kind, rings, ring_ends, lower_m, upper_m, reference, from_at, until_at,
		COALESCE(drawn_by, ''), COALESCE(NULLIF(z.drawn_role, ''), ` + kindOfAccount + `, ''), COALESCE(a.site_id, '')
	FROM zone z
	LEFT JOIN account a ON a.login = drawn_by
	WHERE ended_at IS NULL
	ORDER BY id`

// queueZones keeps the zones of a network's files; others that they had have ended. Nil says
// nothing of them.
func queueZones(b *pgx.Batch, n *network.Network, now time.Time) {
	if n.Zones == nil {
		return
	}
	var ids []string
	for _, z := range n.Zones {
		ids = append(ids, string(z.ID))
	}
	b.Queue(`UPDATE zone SET ended_at = $2 WHERE drawn_by IS NULL AND ended_at IS NULL AND id <> ALL (COALESCE($1::text[], '{}'))`, ids, now)
	for _, z := range n.Zones {
		rings, ends := flatten(z.Polygon)
		b.Queue(
			`INSERT INTO zone (id, name_zh, name_en, kind, rings, ring_ends, lower_m, upper_m, reference, from_at, until_at) VALUES ($1, $2,
				$3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (id) DO UPDATE SET name_zh = $2, name_en = $3, kind = $4, rings = $5, ring_ends = $6, lower_m = $7, upper_m = $8,
				reference = $9, from_at = $10, until_at = $11, ended_at = NULL
			WHERE zone.drawn_by IS NULL`,
			z.ID,
			z.NameZH,
			z.NameEN,
			z.Kind,
			rings,
			ends,
			z.LowerM,
			z.UpperM,
			z.Reference,
			orNull(z.From),
			orNull(z.Until),
		)
	}
}

func scanZone(r pgx.CollectableRow) (z airspace.Zone, err error) {
	var rings []float64
	var ends []int
	var from, until *time.Time
	err = r.Scan(
		&z.ID, &z.NameZH, &z.NameEN, &z.Kind, &rings, &ends, &z.LowerM, &z.UpperM, &z.Reference, &from, &until,
		&z.DrawnBy, &z.DrawnRole, &z.DrawnSite,
	)
	z.From, z.Until = orZero(from), orZero(until)
	start := 0
	for _, end := range ends {
		var ring orb.Ring
		for i := start; i < end && 2*i+1 < len(rings); i++ {
			ring = append(ring, orb.Point{rings[2*i], rings[2*i+1]})
		}
		z.Polygon, start = append(z.Polygon, ring), end
	}
	return z, err
}

func flatten(p orb.Polygon) (rings []float64, ends []int) {
	for _, ring := range p {
		for _, pt := range ring {
			rings = append(rings, pt[0], pt[1])
		}
		ends = append(ends, len(rings)/2)
	}
	return rings, ends
}
