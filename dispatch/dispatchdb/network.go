package dispatchdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/situation"
)

// Networks are the network, as it was loaded.
type Networks struct{ db }

// SaveNetwork brings the database to a network: what is new is added and what is known is
// updated, except where a box stands. Nothing is deleted, since the record refers to it; zones
// and roles that are not listed have ended, unless there is no list of them.
func (s *Networks) SaveNetwork(ctx context.Context, n *network.Network, compat blood.Compatibility, now time.Time) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var b pgx.Batch
		queueNetwork(&b, n, now)
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

// networkLock lets one change of the network wait for the other.
const networkLock = 0x686c6e65

// errUnchanged ends a change that nobody wants to keep.
var errUnchanged = errors.New("unchanged")

// ChangeNetwork brings the record to a network, as SaveNetwork does, has decide compare what
// it was and is then with what is under way, and keeps that with its event; with none, and when
// decide refuses, nothing is kept. It returns the network and the event's sequence, or 0. Who
// plans a way to a site waits (checkEnds), or is seen by decide.
func (s *Networks) ChangeNetwork(
	ctx context.Context, n *network.Network, now time.Time,
	decide func(was, is *network.Network, f situation.Flights) (*delivery.Event, error),
) (is *network.Network, seq uint64, err error) {
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, networkLock); err != nil {
			return nil, err
		}
		was, err := readNetwork(ctx, tx)
		if err != nil {
			return nil, err
		}
		var b pgx.Batch
		queueNetwork(&b, n, now)
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return nil, fmt.Errorf("change network: %w", err)
		}
		if is, err = readNetwork(ctx, tx); err != nil {
			return nil, err
		}
		f, err := flights(ctx, tx, now)
		if err != nil {
			return nil, err
		}
		e, err := decide(was, is, f)
		if err == nil && e == nil {
			err = errUnchanged
		}
		if err != nil {
			return nil, err
		}
		return []delivery.Event{*e}, nil
	})
	if errors.Is(err, errUnchanged) {
		return is, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	return is, events[0].Seq, nil
}

// HasRoles reports whether the record has ever had roles of a site's own or the shipped ones.
func (s *Networks) HasRoles(ctx context.Context) (has bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM role)`).Scan(&has)
	return has, err
}

// ChangedSince reports whether the network was changed while it was in use, after its files
// were loaded as that version for the last time.
func (s *Networks) ChangedSince(ctx context.Context, version string) (changed bool, err error) {
	const q = `SELECT EXISTS (
		SELECT FROM (
			SELECT seq, detail->>'version' AS version FROM event_log WHERE kind = $2 AND subject = 'network' ORDER BY seq DESC LIMIT 1) loaded
		WHERE version = $1 AND EXISTS (SELECT FROM event_log WHERE kind = $2 AND subject = $3 AND seq > loaded.seq))`
	err = s.pool.QueryRow(ctx, q, version, delivery.EvConfig, delivery.ChangedNetwork).Scan(&changed)
	return changed, err
}

func queueNetwork(b *pgx.Batch, n *network.Network, now time.Time) {
	for _, x := range n.Sites {
		b.Queue(`INSERT INTO site VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (id) DO UPDATE SET kind = $2, name_zh = $3, name_en = $4, lon = $5, lat = $6, elevation_m = $7,
				short_zh = $8, short_en = $9, phone = $10`,
			x.ID, x.Kind, x.NameZH, x.NameEN, x.Point.Lon(), x.Point.Lat(), x.ElevationM, x.ShortZH, x.ShortEN, x.Phone)
	}
	for _, x := range n.Pads {
		b.Queue(`INSERT INTO pad VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET label = $3`, x.ID, x.Site, x.Label)
	}
	queueClasses(b, n)
	queueBoxTypes(b, n)
	queueDevices(b, n)
	queueZones(b, n, now)
	queueRoles(b, n.Roles)
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
func (s *Networks) Network(ctx context.Context) (n *network.Network, err error) {
	whole := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, s.pool, whole, func(tx pgx.Tx) error { n, err = readNetwork(ctx, tx); return err })
	return n, err
}

func readNetwork(ctx context.Context, tx pgx.Tx) (*network.Network, error) {
	n := &network.Network{}
	err := cmp.Or(
		collectInto(ctx, tx, &n.Sites, scanSite,
			`SELECT id, kind, name_zh, name_en, lon, lat, elevation_m, short_zh, short_en, phone FROM site ORDER BY id`),
		collectInto(ctx, tx, &n.Pads, pgx.RowToStructByPos, `SELECT id, site_id, label FROM pad ORDER BY id`),
		collectInto(ctx, tx, &n.Classes, pgx.RowToStructByPos, `SELECT * FROM aircraft_class ORDER BY id`),
		collectInto(ctx, tx, &n.BoxTypes, scanBoxType, `
			SELECT id, holds, profile_id, empty_kg, units, model, ua_w_per_k, pcm_j, pcm_c, cp_j_per_k, hold_s,
				 inner_w_per_k, wall_j_per_k
			FROM box_type ORDER BY id`),
		collectInto(ctx, tx, &n.Drones, pgx.RowToStructByPos, `SELECT id, class_id, home_id FROM drone ORDER BY id`),
		collectInto(ctx, tx, &n.Boxes, pgx.RowToStructByPos, `SELECT id, type_id, site_id FROM box ORDER BY id`),
		collectInto(ctx, tx, (*[]network.RoleDef)(&n.Roles), scanRole,
			`SELECT role, name_zh, name_en, kind, only_ops, without_ops FROM role WHERE NOT ended ORDER BY place`),
		collectInto(ctx, tx, &n.Zones, scanZone, standingZones),
	)
	if err != nil {
		return nil, fmt.Errorf("read network: %w", err)
	}
	return n, nil
}

// collectInto is collect with a place for what it returns.
func collectInto[T any](ctx context.Context, tx pgx.Tx, into *[]T, scan pgx.RowToFunc[T], q string) (err error) {
	*into, err = collect(ctx, tx, scan, q)
	return err
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
