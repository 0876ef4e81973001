package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
)

// Stock is the units of the centres.
type Stock struct{ db }

const unitColumns = `din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status`

func scanUnit(row pgx.CollectableRow) (u blood.Unit, err error) {
	err = row.Scan(&u.Key.DIN, &u.Key.ProductCode, &u.Key.Division, &u.Component, &u.Group, &u.MassG, &u.ExpiresAt, &u.Site, &u.Status)
	u.ExpiresAt = u.ExpiresAt.UTC()
	return u, err
}

// AddUnits stores units that are new, and returns how many were.
func (s *Stock) AddUnits(ctx context.Context, units []blood.Unit, actor network.Actor, now time.Time) (int, error) {
	added := 0
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		added = 0 // this may run again
		for _, u := range units {
			const q = `INSERT INTO unit (din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				ON CONFLICT DO NOTHING`
			tag, err := tx.Exec(
				ctx,
				q,
				u.Key.DIN,
				u.Key.ProductCode,
				u.Key.Division,
				u.Component,
				u.Group,
				u.MassG,
				u.ExpiresAt,
				u.Site,
				blood.InStock,
			)
			if err != nil {
				return nil, err
			}
			added += int(tag.RowsAffected())
		}
		if added == 0 {
			return nil, nil
		}
		return []delivery.Event{{At: now, Kind: delivery.EvStock, Actor: actor.Login, Detail: map[string]string{"added": fmt.Sprint(added)}}}, nil
	})
	return added, err
}
