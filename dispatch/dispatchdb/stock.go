package dispatchdb

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

// AddUnits stores units that are new, and returns how many were. The log has each.
func (s *Stock) AddUnits(ctx context.Context, units []blood.Unit, actor network.Actor, now time.Time) (int, error) {
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var b pgx.Batch
		var events []delivery.Event
		for _, u := range units {
			const q = `INSERT INTO unit (din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				ON CONFLICT DO NOTHING`
			k := u.Key
			b.Queue(q, k.DIN, k.ProductCode, k.Division, u.Component, u.Group, u.MassG, u.ExpiresAt, u.Site, blood.InStock).
				Exec(func(tag pgconn.CommandTag) error {
					if tag.RowsAffected() == 1 {
						events = append(events, taken(u, actor, now))
					}
					return nil
				})
		}
		err := tx.SendBatch(ctx, &b).Close()
		return events, err
	})
	return len(events), err
}

// taken is the event of a unit that came into stock.
func taken(u blood.Unit, by network.Actor, now time.Time) delivery.Event {
	return delivery.Event{At: now, Kind: delivery.EvStock, Actor: by.Login, Subject: u.Key.String(), Detail: map[string]string{
		"what": "added", "component": string(u.Component), "blood_group": string(u.Group), "at": string(u.Site),
		"expires_at": u.ExpiresAt.UTC().Format(time.RFC3339), "mass_g": strconv.Itoa(u.MassG),
	}}
}
