package dispatchdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo/airspace"
)

// Zones are what people drew.
type Zones struct{ db }

// InsertZone stores a zone that a person drew.
func (s *Zones) InsertZone(ctx context.Context, z airspace.Zone, now time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		rings, ends := flatten(z.Polygon)
		const q = `INSERT INTO zone (id, name_zh, name_en, kind, rings, ring_ends, lower_m, upper_m, reference, from_at, until_at, drawn_by,
			drawn_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
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
