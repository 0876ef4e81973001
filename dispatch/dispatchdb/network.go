package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/network"
	"hemolift/geo/airspace"
	"hemolift/geo/route"
)

// Networks are the network and the profiles, as they were loaded.
type Networks struct{ db }

// SaveNetwork brings the database to a network: what is new is added and what is
// known is updated, except where a box stands. Nothing is deleted, since the record
// refers to it.
func (s *Networks) SaveNetwork(ctx context.Context, n *network.Network, compat blood.Compatibility) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var b pgx.Batch
		for _, x := range n.Sites {
			b.Queue(`INSERT INTO site VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
				ON CONFLICT (id) DO UPDATE SET kind = $2, name_zh = $3, name_en = $4, lon = $5, lat = $6, elevation_m = $7,
					short_zh = $8, short_en = $9, phone = $10`,
				x.ID, x.Kind, x.NameZH, x.NameEN, x.Point.Lon(), x.Point.Lat(), x.ElevationM, x.ShortZH, x.ShortEN, x.Phone)
		}
		for _, x := range n.Pads {
			b.Queue(`INSERT INTO pad VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET label = $3`, x.ID, x.Site, x.Label)
		}
		queueClasses(&b, n)
		queueBoxTypes(&b, n)
		queueDevices(&b, n)
		queueZones(&b, n)
		queueRoles(&b, n.Roles)
		for _, m := range compat.Matches() {
			b.Queue(
				`INSERT INTO compatibility VALUES ($1, $2, $3, $4) ON CONFLICT (component, recipient, donor) DO UPDATE SET rank = $4`,
				m.Component,
				m.Recipient,
				m.Donor,
				m.Rank,
			)
		}
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return fmt.Errorf("save network: %w", err)
		}
		return nil
	})
}

// queueRoles keeps the roles that a site defines; others that there were have ended. Nil says
// nothing of them.
func queueRoles(b *pgx.Batch, roles network.Roles) {
	if roles == nil {
		return
	}
	b.Queue(`UPDATE role SET ended = true`)
	for i, d := range roles {
		b.Queue(`INSERT INTO role VALUES ($1, $2, $3, $4, COALESCE($5::text[], '{}'), COALESCE($6::text[], '{}'), $7, false)
			ON CONFLICT (role) DO UPDATE SET name_zh = $2, name_en = $3, kind = $4, only_ops = excluded.only_ops,
				without_ops = excluded.without_ops, place = $7, ended = false`,
			d.Role, d.NameZH, d.NameEN, d.Like, d.Only, d.Without, i)
	}
}

func scanRole(r pgx.CollectableRow) (d network.RoleDef, err error) {
	err = r.Scan(&d.Role, &d.NameZH, &d.NameEN, &d.Like, &d.Only, &d.Without)
	return d, err
}

func queueClasses(b *pgx.Batch, n *network.Network) {
	for _, c := range n.Classes {
		b.Queue(
			`INSERT INTO aircraft_class VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
				$18, $19, $20, $21, $22)
			ON CONFLICT (id) DO UPDATE SET kind = $2, empty_kg = $3, payload_kg = $4, bays = $5, cruise_mps = $6, climb_mps = $7, descent_mps =
				$8, battery_j = $9,
			reserve_pct = $10, charge_w = $11, hover_w = $12, hover_w_per_kg = $13, cruise_w = $14, cruise_w_per_kg = $15, wind_max_mps = $16,
				height_m = $17, lateral_m = $18, vertical_m = $19, delay_min = $20,
				lost_link_s = $21, lost_link_does = $22`,
			c.ID,
			c.Kind,
			c.EmptyKg,
			c.PayloadKg,
			c.Bays,
			c.CruiseMPS,
			c.ClimbMPS,
			c.DescentMPS,
			c.BatteryJ,
			c.ReservePct,
			c.ChargeW,
			c.HoverW,
			c.HoverWPerKg,
			c.CruiseW,
			c.CruiseWPerKg,
			c.WindMaxMPS,
			c.HeightM,
			c.LateralM,
			c.VerticalM,
			c.DelayMin,
			c.LostLinkS,
			c.LostLinkDoes,
		)
	}
}

func queueZones(b *pgx.Batch, n *network.Network) {
	for _, z := range n.Zones {
		rings, ends := flatten(z.Polygon)
		b.Queue(
			`INSERT INTO zone (id, name_zh, name_en, kind, rings, ring_ends, lower_m, upper_m, reference, from_at, until_at) VALUES ($1, $2,
				$3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (id) DO UPDATE SET name_zh = $2, name_en = $3, kind = $4, rings = $5, ring_ends = $6, lower_m = $7, upper_m = $8,
				reference = $9, from_at = $10, until_at = $11`,
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

func queueBoxTypes(b *pgx.Batch, n *network.Network) {
	for _, x := range n.BoxTypes {
		b.Queue(
			`INSERT INTO box_type VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
			ON CONFLICT (id) DO UPDATE SET holds = $2, profile_id = $3, empty_kg = $4, units = $5, model = $6, ua_w_per_k = $7, pcm_j = $8,
				pcm_c = $9, cp_j_per_k = $10, hold_s = $11, inner_w_per_k = $12, wall_j_per_k = $13`,
			x.ID,
			x.Holds,
			x.Profile,
			x.EmptyKg,
			x.Units,
			x.Thermal.Model,
			x.Thermal.OuterWPerK,
			x.Thermal.LatentJ,
			x.Thermal.MeltC,
			x.Thermal.PayloadJPerK,
			x.HoldAt30C.Seconds(),
			x.Thermal.InnerWPerK,
			x.Thermal.WallJPerK,
		)
	}
}

func queueDevices(b *pgx.Batch, n *network.Network) {
	for _, x := range n.Drones {
		b.Queue(`INSERT INTO device (id, kind) VALUES ($1, 'drone') ON CONFLICT (id) DO NOTHING`, x.ID)
		b.Queue(
			`INSERT INTO drone (id, class_id, home_id) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET class_id = $2, home_id = $3`,
			x.ID,
			x.Class,
			x.Home,
		)
	}
	for _, x := range n.Boxes {
		b.Queue(`INSERT INTO device (id, kind) VALUES ($1, 'box') ON CONFLICT (id) DO NOTHING`, x.ID)
		b.Queue(`INSERT INTO box (id, type_id, site_id) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET type_id = $2`, x.ID, x.Type, x.Site)
	}
}

// Network reads the network as it stands.
func (s *Networks) Network(ctx context.Context) (*network.Network, error) {
	n := &network.Network{}
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		if n.Sites, err = collect(
			ctx,
			tx,
			scanSite,
			`SELECT id, kind, name_zh, name_en, lon, lat, elevation_m, short_zh, short_en, phone FROM site ORDER BY id`,
		); err != nil {
			return err
		}
		if n.Pads, err = collect(ctx, tx, pgx.RowToStructByPos[network.Pad], `SELECT id, site_id, label FROM pad ORDER BY id`); err != nil {
			return err
		}
		if n.Classes, err = collect(ctx, tx, pgx.RowToStructByPos[route.Class], `SELECT * FROM aircraft_class ORDER BY id`); err != nil {
			return err
		}
		if n.BoxTypes, err = collect(
			ctx,
			tx,
			scanBoxType,
			`SELECT id, holds, profile_id, empty_kg, units, model, ua_w_per_k, pcm_j, pcm_c, cp_j_per_k, hold_s, inner_w_per_k, wall_j_per_k
				FROM box_type ORDER BY id`,
		); err != nil {
			return err
		}
		if n.Drones, err = collect(
			ctx,
			tx,
			pgx.RowToStructByPos[network.Drone],
			`SELECT id, class_id, home_id FROM drone ORDER BY id`,
		); err != nil {
			return err
		}
		if n.Boxes, err = collect(ctx, tx, pgx.RowToStructByPos[network.Box], `SELECT id, type_id, site_id FROM box ORDER BY id`); err != nil {
			return err
		}
		const roles = `SELECT role, name_zh, name_en, kind, only_ops, without_ops FROM role WHERE NOT ended ORDER BY place`
		if n.Roles, err = collect(ctx, tx, scanRole, roles); err != nil {
			return err
		}
		n.Zones, err = collect(
			ctx,
			tx,
			scanZone,
			`SELECT id, z.name_zh, z.name_en, z.kind, rings, ring_ends, lower_m, upper_m, reference, from_at, until_at, COALESCE(drawn_by, ''),
				COALESCE(NULLIF(z.drawn_role, ''), `+kindOfAccount+`, ''), COALESCE(a.site_id, '')
			FROM zone z
			LEFT JOIN account a ON a.login = drawn_by
			WHERE ended_at IS NULL
			ORDER BY id`,
		)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read network: %w", err)
	}
	return n, nil
}

// collect runs a query and scans its rows.
func collect[T any](ctx context.Context, tx pgx.Tx, scan pgx.RowToFunc[T], q string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

func scanSite(r pgx.CollectableRow) (s network.Site, err error) {
	return s, r.Scan(&s.ID, &s.Kind, &s.NameZH, &s.NameEN, &s.Point[0], &s.Point[1], &s.ElevationM, &s.ShortZH, &s.ShortEN, &s.Phone)
}

func scanBoxType(r pgx.CollectableRow) (b network.BoxType, err error) {
	var holdS float64
	var holds []string
	th := &b.Thermal
	err = r.Scan(
		&b.ID,
		&holds,
		&b.Profile,
		&b.EmptyKg,
		&b.Units,
		&th.Model,
		&th.OuterWPerK,
		&th.LatentJ,
		&th.MeltC,
		&th.PayloadJPerK,
		&holdS,
		&th.InnerWPerK,
		&th.WallJPerK,
	)
	th.SolidJPerK, th.LiquidJPerK = th.PayloadJPerK, th.PayloadJPerK
	b.HoldAt30C = time.Duration(holdS * float64(time.Second))
	for _, h := range holds {
		b.Holds = append(b.Holds, blood.Component(h))
	}
	return b, err
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

// orNull stores the zero time as NULL.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
