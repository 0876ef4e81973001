package dispatchdb

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
	"hemolift/telemetry"
)

const missionColumns = `id, drone_id, centre_id, hospital_id, pad_id, status, route_out, route_back, plan_hash, load_kg, energy_j, battery_j, reserve_j,
	depart_at, arrive_at, home_at, created_at`

func missions(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]delivery.Mission, error) {
	return collect(ctx, tx, scanMission, `SELECT `+missionColumns+` FROM mission `+where, args...)
}

func scanMission(row pgx.CollectableRow) (m delivery.Mission, err error) {
	var out, back []byte
	var home *time.Time
	if err = row.Scan(&m.ID, &m.Drone, &m.Centre, &m.Hospital, &m.Pad, &m.Status, &out, &back, &m.PlanHash, &m.LoadKg, &m.EnergyJ, &m.BatteryJ, &m.ReserveJ,
		&m.DepartAt, &m.ArriveAt, &home, &m.CreatedAt); err != nil {
		return m, err
	}
	m.DepartAt, m.ArriveAt, m.HomeAt, m.CreatedAt = m.DepartAt.UTC(), m.ArriveAt.UTC(), orZero(home), m.CreatedAt.UTC()
	if m.Out, err = geo.DecodeTrack(out); err != nil {
		return m, err
	}
	m.Back, err = geo.DecodeTrack(back)
	return m, err
}

func insertMission(ctx context.Context, tx pgx.Tx, m delivery.Mission, slotFrom, slotTo time.Time) error {
	out, err1 := geo.EncodeTrack(m.Out)
	back, err2 := geo.EncodeTrack(m.Back)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	const q = `INSERT INTO mission (id, drone_id, centre_id, hospital_id, pad_id, status, route_out, route_back, plan_hash, load_kg, energy_j, battery_j, reserve_j, depart_at, arrive_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	if _, err := tx.Exec(ctx, q, m.ID, m.Drone, m.Centre, m.Hospital, m.Pad, m.Status, out, back, m.PlanHash, m.LoadKg, m.EnergyJ, m.BatteryJ, m.ReserveJ, m.DepartAt, m.ArriveAt, m.CreatedAt); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO pad_slot (mission_id, pad_id, slot) VALUES ($1, $2, tstzrange($3, $4))`, m.ID, m.Pad, slotFrom, slotTo)
	return err
}

// ChangeMission writes what decide returns for a locked mission.
func (s *Store) ChangeMission(ctx context.Context, id delivery.MissionID, now time.Time, decide func(delivery.Mission, []delivery.Delivery) (delivery.MissionChange, error)) (delivery.Mission, []delivery.Event, error) {
	var changed delivery.Mission
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		list, err := missions(ctx, tx, `WHERE id = $1 FOR UPDATE`, id)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return nil, refusal.ErrNotFound
		}
		const its = `d.mission_id = $1 AND d.status <> 'diverted' ORDER BY d.id`
		if _, err := tx.Exec(ctx, `SELECT FROM delivery d WHERE `+its+` FOR UPDATE`, id); err != nil {
			return nil, err
		}
		own, err := deliveries(ctx, tx, `WHERE `+its, id)
		if err != nil {
			return nil, err
		}
		c, err := decide(list[0], own)
		if err != nil {
			return nil, err
		}
		events, err := writeMission(ctx, tx, list[0], own, c, now)
		if err != nil {
			return nil, err
		}
		if list, err = missions(ctx, tx, `WHERE id = $1`, id); err == nil {
			changed = list[0]
		}
		return events, err
	})
	return changed, events, err
}

const closeCommandsSQL = `UPDATE command SET acked_at = $2, ok = false, reason = $3 WHERE mission_id = $1 AND acked_at IS NULL`

const clearPadTakenSQL = `UPDATE alarm SET cleared_at = $2 WHERE device_id = $1 AND kind = $3 AND cleared_at IS NULL`

func writeMission(ctx context.Context, tx pgx.Tx, m delivery.Mission, own []delivery.Delivery, c delivery.MissionChange, now time.Time) ([]delivery.Event, error) {
	var b pgx.Batch
	var events []delivery.Event
	log := func(kind delivery.EventKind, detail map[string]string) {
		events = append(events, delivery.Event{At: now, Kind: kind, Actor: c.Actor, Site: m.Hospital, Subject: string(m.ID), Detail: detail})
	}
	if c.Status != "" || !c.DepartAt.IsZero() || !c.ArriveAt.IsZero() || !c.HomeAt.IsZero() {
		b.Queue(`UPDATE mission SET status = COALESCE($2, status), depart_at = COALESCE($3, depart_at), arrive_at = COALESCE($4, arrive_at), home_at = COALESCE($5, home_at) WHERE id = $1`,
			m.ID, nonZero(c.Status), orNull(c.DepartAt), orNull(c.ArriveAt), orNull(c.HomeAt))
		log(delivery.EvMission, map[string]string{"status": string(c.Status), "note": c.Note})
	}
	if c.Out != nil || c.Back != nil {
		if err := queueRoutes(&b, m, c, now); err != nil {
			return nil, err
		}
		log(delivery.EvMission, map[string]string{"route": "changed", "note": c.Note})
	}
	if c.Pad != "" {
		b.Queue(`UPDATE mission SET pad_id = $2, hospital_id = COALESCE($3, hospital_id) WHERE id = $1`, m.ID, c.Pad, nonZero(c.Hospital))
		log(delivery.EvMission, map[string]string{"pad": string(c.Pad), "note": c.Note})
	}
	if c.Status == delivery.MDone {
		b.Queue(closeCommandsSQL, m.ID, now, "mission done")
	}
	if !c.LeftAt.IsZero() || !c.SlotTo.IsZero() { // it has left, or may stay
		b.Queue(clearPadTakenSQL, m.Drone, now, delivery.PadTaken)
	}
	if !c.LeftAt.IsZero() { // only ever shortened: the next slot may begin at its old end
		b.Queue(`UPDATE pad_slot SET slot = tstzrange(lower(slot), greatest(least(upper(slot), $2), lower(slot) + interval '1 second')) WHERE mission_id = $1`, m.ID, c.LeftAt)
	}
	if !c.SlotTo.IsZero() { // an end before the start leaves a slot of no use: it is kept open for a moment
		b.Queue(`UPDATE pad_slot SET slot = tstzrange(COALESCE($2, lower(slot)), greatest($3, COALESCE($2, lower(slot)) + interval '1 second')), pad_id = COALESCE($4, pad_id) WHERE mission_id = $1`,
			m.ID, orNull(c.SlotFrom), c.SlotTo, nonZero(c.Pad))
	}
	for _, cmd := range c.Commands {
		if slices.Contains(inFlight, cmd.Kind) {
			b.Queue(`UPDATE command SET acked_at = $2, ok = false, reason = $3 WHERE mission_id = $1 AND kind = ANY ($4) AND acked_at IS NULL`, m.ID, now, replaced, inFlight)
		}
		b.Queue(`INSERT INTO command (device_id, mission_id, kind, leg, actor, created_at, expires_at, plan) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			m.Drone, m.ID, cmd.Kind, cmd.Leg, c.Actor, now, cmd.Expires, cmd.Plan)
		log(delivery.EvCommand, map[string]string{"kind": string(cmd.Kind), "drone": string(m.Drone)})
	}
	if c.BoxesAt != "" {
		b.Queue(`UPDATE box SET site_id = $2 WHERE id IN (SELECT x.box_id FROM delivery_box x JOIN delivery d ON d.id = x.delivery_id WHERE d.mission_id = $1)`, m.ID, c.BoxesAt)
	}
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return nil, err
	}
	for _, d := range own {
		if change, ok := c.Deliveries[d.ID]; ok {
			more, err := writeChange(ctx, tx, d, change)
			if err != nil {
				return nil, err
			}
			events = append(events, more...)
		}
	}
	return events, nil
}

// queueRoutes writes other ways. An upload or release of the plan before is void then.
func queueRoutes(b *pgx.Batch, m delivery.Mission, c delivery.MissionChange, now time.Time) error {
	encode := func(track []geo.Fix4D) ([]byte, error) {
		if track == nil {
			return nil, nil
		}
		return geo.EncodeTrack(track)
	}
	out, err1 := encode(c.Out)
	back, err2 := encode(c.Back)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	b.Queue(`UPDATE mission SET route_out = COALESCE($2, route_out), route_back = COALESCE($3, route_back), plan_hash = COALESCE($4, plan_hash), energy_j = COALESCE($5, energy_j) WHERE id = $1`,
		m.ID, out, back, nonZero(c.PlanHash), nonZero(c.EnergyJ))
	if c.PlanHash != "" {
		b.Queue(`UPDATE command SET acked_at = $2, ok = false, reason = $3 WHERE mission_id = $1 AND kind IN ('mission', 'release') AND acked_at IS NULL`, m.ID, now, replaced)
	}
	return nil
}

// inFlight are the commands of which only the newest counts.
var inFlight = []telemetry.CommandKind{telemetry.Hold, telemetry.Resume, telemetry.Return, telemetry.Reroute}

// replaced is the reason of a command that another took the place of, notInTime of one
// that was not answered.
const (
	replaced  = "replaced"
	notInTime = "not acknowledged in time"
)

// PendingCommands returns commands that wait for their ack.
func (s *Store) PendingCommands(ctx context.Context, now time.Time) ([]telemetry.Command, error) {
	const q = `SELECT id, device_id, kind, mission_id, leg, plan, expires_at
		FROM command
		WHERE acked_at IS NULL AND expires_at > $1
		ORDER BY id`
	return s.commands(ctx, q, now)
}

// ExpireCommands closes commands whose time is over.
func (s *Store) ExpireCommands(ctx context.Context, now time.Time) ([]telemetry.Command, error) {
	const q = `UPDATE command SET acked_at = $1, ok = false, reason = 'not acknowledged in time'
		WHERE acked_at IS NULL AND expires_at <= $1
		RETURNING id, device_id, kind, mission_id, leg, plan, expires_at`
	return s.commands(ctx, q, now)
}

func (s *Store) commands(ctx context.Context, q string, now time.Time) ([]telemetry.Command, error) {
	rows, err := s.pool.Query(ctx, q, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[telemetry.Command])
}

// AckCommand stores a drone's answer, once.
func (s *Store) AckCommand(ctx context.Context, a telemetry.Ack) (m delivery.MissionID, kind telemetry.CommandKind, events []delivery.Event, err error) {
	events, err = s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var open bool
		var reason string
		const q = `SELECT mission_id, kind, acked_at IS NULL, reason FROM command WHERE id = $1 AND device_id = $2 FOR UPDATE`
		if err := tx.QueryRow(ctx, q, a.Command, a.Device).Scan(&m, &kind, &open, &reason); err != nil || !open {
			if err == nil && a.OK && kind == telemetry.Release { // late, but it took it: it may go
				_, err = tx.Exec(ctx, `UPDATE command SET ok = true, acked_at = $2 WHERE id = $1 AND NOT ok AND reason = ANY ($3)`, a.Command, a.At, []string{notInTime, reasonGivenUp, replaced})
			}
			if reason == replaced {
				kind = "" // nothing follows from the answer to it
			}
			return nil, err
		}
		if _, err := tx.Exec(ctx, `UPDATE command SET acked_at = $2, ok = $3, reason = $4, hash = $5 WHERE id = $1`, a.Command, a.At, a.OK, a.Reason, a.Hash); err != nil {
			return nil, err
		}
		return []delivery.Event{{At: a.At, Kind: delivery.EvCommand, Actor: string(a.Device), Subject: string(m), Detail: map[string]string{"kind": string(kind), "ok": ok(a.OK), "reason": a.Reason}}}, nil
	})
	return m, kind, events, err
}

func ok(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
