package dispatchdb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Stock is the units of the centres.
type Stock struct{ db }

const unitColumns = `din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status`

// amongKeys is a condition on units: its parameters are columnsOf their keys.
const amongKeys = `(din, product_code, division) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`

func columnsOf(keys []blood.UnitKey) (dins, codes, divisions []string) {
	for _, k := range keys {
		dins, codes, divisions = append(dins, k.DIN), append(codes, k.ProductCode), append(divisions, k.Division)
	}
	return dins, codes, divisions
}

func scanUnit(row pgx.CollectableRow) (u blood.Unit, err error) {
	err = row.Scan(&u.Key.DIN, &u.Key.ProductCode, &u.Key.Division, &u.Component, &u.Group, &u.MassG, &u.ExpiresAt, &u.Site, &u.Status)
	u.ExpiresAt = u.ExpiresAt.UTC()
	return u, err
}

// AddUnits stores units that are new, and returns how many were; decide may refuse when it
// sees all of them as they are on record then. The log has each new one.
func (s *Stock) AddUnits(
	ctx context.Context, units []blood.Unit, actor network.Actor, now time.Time, decide func(onRecord map[blood.UnitKey]blood.Unit) error,
) (int, error) {
	// In one order, so that lists that overlap wait for one another instead of locking each other out.
	units = slices.SortedFunc(slices.Values(units), func(a, b blood.Unit) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var b pgx.Batch
		var events []delivery.Event
		keys := make([]blood.UnitKey, len(units))
		for i, u := range units {
			const q = `INSERT INTO unit (din, product_code, division, component, blood_group, mass_g, expires_at, site_id, status)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				ON CONFLICT DO NOTHING`
			k := u.Key
			keys[i] = k
			b.Queue(q, k.DIN, k.ProductCode, k.Division, u.Component, u.Group, u.MassG, u.ExpiresAt, u.Site, blood.InStock).
				Exec(func(tag pgconn.CommandTag) error {
					if tag.RowsAffected() == 1 {
						events = append(events, delivery.StockAdded(u, actor, now))
					}
					return nil
				})
		}
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return nil, err
		}
		onRecord, err := known(ctx, tx, keys)
		if err == nil {
			err = decide(onRecord)
		}
		return events, err
	})
	return len(events), err
}

// Known returns those of some units that are on record.
func (s *Stock) Known(ctx context.Context, keys []blood.UnitKey) (units map[blood.UnitKey]blood.Unit, err error) {
	err = s.read(ctx, func(tx pgx.Tx) (err error) {
		units, err = known(ctx, tx, keys)
		return err
	})
	return units, err
}

func known(ctx context.Context, tx pgx.Tx, keys []blood.UnitKey) (map[blood.UnitKey]blood.Unit, error) {
	dins, codes, divisions := columnsOf(keys)
	list, err := collect(ctx, tx, scanUnit, `SELECT `+unitColumns+` FROM unit WHERE `+amongKeys, dins, codes, divisions)
	units := make(map[blood.UnitKey]blood.Unit, len(list))
	for _, u := range list {
		units[u.Key] = u
	}
	return units, err
}

// Unit returns one unit with the ids of its deliveries, the newest first, or ErrNotFound.
func (s *Stock) Unit(ctx context.Context, key blood.UnitKey) (u blood.Unit, in []delivery.ID, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		units, err := known(ctx, tx, []blood.UnitKey{key})
		if err != nil {
			return err
		}
		var there bool
		if u, there = units[key]; !there {
			return refusal.ErrNotFound
		}
		const q = `SELECT x.delivery_id
			FROM delivery_unit x JOIN delivery d ON d.id = x.delivery_id
			WHERE x.din = $1 AND x.product_code = $2 AND x.division = $3
			ORDER BY d.created_at DESC, d.id`
		in, err = collect(ctx, tx, pgx.RowTo[delivery.ID], q, key.DIN, key.ProductCode, key.Division)
		return err
	})
	return u, in, err
}

// Units returns a page of units in the order of their expiry and keys.
func (s *Stock) Units(ctx context.Context, q blood.UnitQuery) (units []blood.Unit, err error) {
	err = s.search(ctx, func(tx pgx.Tx) (err error) {
		var a asked
		a.when(q.Site != "", `site_id = ?`, q.Site)
		a.when(q.Component != "", `component = ?`, q.Component)
		a.when(q.Group != "", `blood_group = ?`, q.Group)
		a.when(q.Status == blood.InStock, `status IN `+inStock)
		a.when(q.Status != "" && q.Status != blood.InStock, `status = ?`, q.Status)
		a.begins(`din`, q.DIN)
		a.when(!q.Before.IsZero(), `expires_at < ?`, q.Before)
		if q.After != (blood.UnitKey{}) {
			last, err := known(ctx, tx, []blood.UnitKey{q.After})
			if err != nil || len(last) == 0 {
				return errors.Join(err, refusal.OfField("after", "is on no record"))
			}
			k := q.After
			a.when(true, `(expires_at, din, product_code, division) > (?, ?, ?, ?)`, last[k].ExpiresAt, k.DIN, k.ProductCode, k.Division)
		}
		units, err = collect(ctx, tx, scanUnit, `SELECT `+unitColumns+` FROM unit`+a.where()+`
			ORDER BY expires_at, din, product_code, division
			LIMIT `+a.arg(q.Limit), a.args...)
		return err
	})
	return units, err
}

// OnShelf returns the units that should be found at a centre: in stock, reserved or put aside.
// What of the key is empty is not asked for.
func (s *Stock) OnShelf(ctx context.Context, at blood.ShelfKey) (units []blood.Unit, err error) {
	const q = `SELECT ` + unitColumns + `
		FROM unit
		WHERE site_id = $1 AND ($2 = '' OR component = $2) AND ($3 = '' OR blood_group = $3) AND status IN ('in_stock', 'reserved', 'quarantined')
		ORDER BY din, product_code, division`
	err = s.read(ctx, func(tx pgx.Tx) (err error) {
		units, err = collect(ctx, tx, scanUnit, q, string(at.Site), string(at.Component), string(at.Group))
		return err
	})
	return units, err
}

// Shelves counts the units of every shelf that has or had any, and says since when there is
// stock on record.
func (s *Stock) Shelves(ctx context.Context, now time.Time) (shelves []blood.Shelf, since time.Time, err error) {
	const counted = `SELECT site_id, component, blood_group,
			count(*) FILTER (WHERE status = 'in_stock' AND expires_at > $1),
			count(*) FILTER (WHERE status = 'in_stock' AND expires_at > $1 AND expires_at <= $2),
			count(*) FILTER (WHERE status = 'in_stock' AND expires_at <= $1),
			count(*) FILTER (WHERE status = 'reserved'),
			count(*) FILTER (WHERE status = 'quarantined'),
			count(*) FILTER (WHERE status = 'in_transit'),
			min(expires_at) FILTER (WHERE status = 'in_stock' AND expires_at > $1)
		FROM unit
		WHERE status IN ('in_stock', 'reserved', 'quarantined', 'in_transit')
			AND site_id IN (SELECT id FROM site WHERE kind = 'blood_centre')
		GROUP BY site_id, component, blood_group`
	const used = `SELECT m.centre_id, x.component, x.donor, count(*)
		FROM delivery_unit x JOIN delivery d ON d.id = x.delivery_id JOIN mission m ON m.id = d.mission_id
		WHERE x.delivery_id = ANY ($1) AND NOT x.released AND d.status NOT IN ('allocated', 'checked', 'packed', 'sealed', 'loaded', 'cancelled')
		GROUP BY m.centre_id, x.component, x.donor`
	err = s.read(ctx, func(tx pgx.Tx) error {
		at := map[blood.ShelfKey]int{}
		shelf := func(k blood.ShelfKey) *blood.Shelf {
			i, there := at[k]
			if !there {
				i, shelves = len(shelves), append(shelves, blood.Shelf{ShelfKey: k})
				at[k] = i
			}
			return &shelves[i]
		}
		shelves = nil
		list, err := collect(ctx, tx, scanShelf, counted, now, now.Add(blood.ExpiresSoon))
		if err != nil {
			return err
		}
		for _, x := range list {
			*shelf(x.ShelfKey) = x
		}
		lately, err := collect(ctx, tx, pgx.RowTo[string], `SELECT id FROM delivery WHERE created_at > $1`, now.Add(-blood.UsedFor))
		if err != nil {
			return err
		}
		if list, err = collect(ctx, tx, scanUse, used, lately); err != nil {
			return err
		}
		for _, x := range list {
			shelf(x.ShelfKey).Used = x.Used
		}
		var first *time.Time
		err = tx.QueryRow(ctx, `SELECT min(created_at) FROM delivery`).Scan(&first)
		since = orZero(first)
		return err
	})
	return shelves, since, err
}

func scanShelf(row pgx.CollectableRow) (s blood.Shelf, err error) {
	var first *time.Time
	err = row.Scan(&s.Site, &s.Component, &s.Group, &s.InStock, &s.Soon, &s.Expired, &s.Reserved, &s.Quarantined, &s.Coming, &first)
	s.First = orZero(first)
	return s, err
}

func scanUse(row pgx.CollectableRow) (s blood.Shelf, err error) {
	err = row.Scan(&s.Site, &s.Component, &s.Group, &s.Used)
	return s, err
}
