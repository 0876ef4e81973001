package dispatchdb

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/geo"
)

// write stores what has become of a book: what differs from before, and what was added.
// The order is one in which the constraints hold all the way.
func write(ctx context.Context, tx pgx.Tx, before, b *delivery.Book) ([]delivery.Event, error) {
	if err := checkEnds(ctx, tx, before, b); err != nil {
		return nil, err
	}
	var q pgx.Batch
	queueRequests(&q, before, b)
	if err := queueMissions(&q, before, b); err != nil {
		return nil, err
	}
	for _, k := range sorted(b.Deliveries) {
		queueDelivery(&q, *before.Deliveries[k], *b.Deliveries[k])
	}
	for k, u := range b.Units {
		queueUnit(&q, *before.Units[k], *u)
	}
	queueCommands(&q, b.Added)
	if err := queueNewMissions(&q, b.Added); err != nil {
		return nil, err
	}
	queueNewDeliveries(&q, b.Added)
	// A delivery may only now take the mission that was made for it.
	for _, k := range sorted(b.Deliveries) {
		if d := b.Deliveries[k]; d.Mission != before.Deliveries[k].Mission {
			q.Queue(`UPDATE delivery SET mission_id = $2 WHERE id = $1`, d.ID, d.Mission)
		}
	}
	for _, x := range b.Added.BoxesAt {
		q.Queue(`UPDATE box SET site_id = $2 WHERE id = $1`, x.ID, x.Site)
	}
	for _, c := range b.Added.Custody {
		q.Queue(
			`INSERT INTO custody_event (delivery_id, step, actor, at, scan, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
			c.Delivery,
			c.Step,
			c.Actor,
			c.At,
			c.Scan,
			c.Detail,
		)
	}
	for _, j := range b.Added.Journeys {
		queueJourney(&q, j.Delivery, j.Journey)
	}
	queueHandedOver(&q, b.Added.HandedOver)
	if err := tx.SendBatch(ctx, &q).Close(); err != nil {
		return nil, err
	}
	events := b.Added.Events
	for _, c := range b.Added.Cleared {
		cleared, err := clearAlarms(
			ctx,
			tx,
			c.At,
			`kind = $2 AND delivery_id IN (SELECT id FROM delivery WHERE request_id = $3)`,
			c.Kind,
			c.Request,
		)
		if err != nil {
			return nil, err
		}
		events = append(events, cleared...)
	}
	raised, err := raiseAlarms(ctx, tx, b.Added.Raised)
	return append(events, raised...), err
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func queueMissions(q *pgx.Batch, before, b *delivery.Book) error {
	for _, k := range sorted(b.Missions) {
		m := b.Missions[k]
		if reflect.DeepEqual(m, before.Missions[k]) {
			continue
		}
		out, back, err := encodeTracks(*m)
		if err != nil {
			return err
		}
		q.Queue(
			`UPDATE mission SET hospital_id = $2, pad_id = $3, status = $4, route_out = $5, route_back = $6, plan_hash = $7, energy_j = $8,
				depart_at = $9, arrive_at = $10, home_at = $11, ordered_by_role = $12,
				watched_by = $13, watched_since = $14, watch_offered = $15, land_asked_by = $16, land_asked_at = $17, held_for_pad_at = $18
			WHERE id = $1`,
			k,
			m.Hospital,
			m.Pad,
			m.Status,
			out,
			back,
			m.PlanHash,
			m.EnergyJ,
			m.DepartAt,
			m.ArriveAt,
			orNull(m.HomeAt),
			m.Ordered,
			nonZero(m.Watch.By),
			orNull(m.Watch.Since),
			m.Watch.Offered,
			nonZero(m.LandAsked.By),
			orNull(m.LandAsked.At),
			orNull(m.HeldForPad),
		)
	}
	for _, k := range sorted(before.Slots) {
		s, held := b.Slots[k]
		switch {
		case !held:
			q.Queue(`DELETE FROM pad_slot WHERE mission_id = $1`, k)
		case *s != *before.Slots[k]:
			q.Queue(`UPDATE pad_slot SET pad_id = $2, slot = tstzrange($3, $4) WHERE mission_id = $1`, k, s.Pad, s.From, s.To)
		}
	}
	return nil
}

func encodeTracks(m delivery.Mission) (out, back []byte, err error) {
	out, err1 := geo.EncodeTrack(m.Out)
	back, err2 := geo.EncodeTrack(m.Back)
	return out, back, errors.Join(err1, err2)
}

// queueDelivery writes what changed of a delivery, its boxes and its units.
func queueDelivery(q *pgx.Batch, was, d delivery.Delivery) {
	if d.PadWord != was.PadWord {
		q.Queue(`UPDATE delivery SET pad_word_by = $2, pad_word_at = $3, pad_word_pad = $4, pad_word_taken = $5 WHERE id = $1`,
			d.ID, d.PadWord.By, orNull(d.PadWord.At), d.PadWord.Pad, d.PadWord.Taken)
	}
	if d.Status != was.Status || d.Seal != was.Seal || d.CheckedBy != was.CheckedBy || d.GivenUpAt != was.GivenUpAt {
		q.Queue(
			`UPDATE delivery SET status = $2, seal = $3, checked_by = $4, given_up_at = $5 WHERE id = $1`,
			d.ID,
			d.Status,
			nonZero(d.Seal),
			nonZero(d.CheckedBy),
			orNull(d.GivenUpAt),
		)
	}
	for i, b := range d.Boxes {
		if b != was.Boxes[i] {
			q.Queue(
				`UPDATE delivery_box SET packed_at = $3, released = $4 WHERE delivery_id = $1 AND box_id = $2`,
				d.ID,
				b.Box,
				orNull(b.PackedAt),
				b.Released,
			)
		}
	}
	for i, u := range d.Units {
		if k := u.Unit.Key; u != was.Units[i] {
			q.Queue(
				`UPDATE delivery_unit SET packed_at = $5, box_id = $6, outcome = $7, released = $8 WHERE delivery_id = $1 AND din = $2 AND
					product_code = $3 AND division = $4`,
				d.ID,
				k.DIN,
				k.ProductCode,
				k.Division,
				orNull(u.PackedAt),
				nonZero(u.Box),
				nonZero(u.Outcome),
				u.Released,
			)
		}
		queueUnit(q, was.Units[i].Unit, u.Unit)
	}
}

func queueUnit(q *pgx.Batch, was, u blood.Unit) {
	if u != was {
		q.Queue(
			`UPDATE unit SET status = $4, site_id = $5 WHERE din = $1 AND product_code = $2 AND division = $3`,
			u.Key.DIN,
			u.Key.ProductCode,
			u.Key.Division,
			u.Status,
			u.Site,
		)
	}
}

// queueCommands ends the commands that wait, and then gives new ones.
func queueCommands(q *pgx.Batch, a delivery.Added) {
	for _, c := range a.Closed {
		q.Queue(
			`UPDATE command SET acked_at = $2, ok = false, reason = $3 WHERE mission_id = $1 AND acked_at IS NULL AND ($4::text[] IS NULL OR
				kind = ANY ($4))`,
			c.Mission,
			c.At,
			c.Reason,
			c.Kinds,
		)
	}
	for _, c := range a.Commands {
		q.Queue(
			`INSERT INTO command (device_id, mission_id, kind, leg, actor, created_at, expires_at, plan) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			c.Device,
			c.Mission,
			c.Kind,
			c.Leg,
			c.Actor,
			c.At,
			c.Expires,
			c.Plan,
		)
	}
}

// queueNewMissions makes missions with their slots.
func queueNewMissions(q *pgx.Batch, a delivery.Added) error {
	for _, n := range a.Missions {
		m := n.Mission
		out, back, err := encodeTracks(m)
		if err != nil {
			return err
		}
		q.Queue(
			`INSERT INTO mission (id, drone_id, centre_id, hospital_id, pad_id, status, route_out, route_back, plan_hash, load_kg, energy_j,
				battery_j, reserve_j, depart_at, arrive_at, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			m.ID,
			m.Drone,
			m.Centre,
			m.Hospital,
			m.Pad,
			m.Status,
			out,
			back,
			m.PlanHash,
			m.LoadKg,
			m.EnergyJ,
			m.BatteryJ,
			m.ReserveJ,
			m.DepartAt,
			m.ArriveAt,
			m.CreatedAt,
		)
		q.Queue(`INSERT INTO pad_slot (mission_id, pad_id, slot) VALUES ($1, $2, tstzrange($3, $4))`, m.ID, n.Slot.Pad, n.Slot.From, n.Slot.To)
	}
	return nil
}

// queueNewDeliveries makes deliveries with their boxes and units.
func queueNewDeliveries(q *pgx.Batch, a delivery.Added) {
	for _, n := range a.Deliveries {
		d := n.Delivery
		q.Queue(
			`INSERT INTO delivery (id, request_id, request_version, component, recipient, mission_id, status, seal, allocated_by, checked_by,
				reasons, created_at, diverted_from, two_persons, pad_rule)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			d.ID,
			d.Request,
			d.Version,
			d.Component,
			d.Recipient,
			d.Mission,
			d.Status,
			nonZero(d.Seal),
			d.AllocatedBy,
			nonZero(d.CheckedBy),
			n.Reasons,
			d.CreatedAt,
			nonZero(d.DivertedFrom),
			d.TwoPersons,
			d.PadRule,
		)
		for _, b := range d.Boxes {
			q.Queue(
				`INSERT INTO delivery_box (delivery_id, box_id, profile_id, packed_at) VALUES ($1, $2, $3, $4)`,
				d.ID,
				b.Box,
				b.Profile,
				orNull(b.PackedAt),
			)
		}
		for _, u := range d.Units {
			k := u.Unit.Key
			q.Queue(
				`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor, box_id, packed_at) VALUES ($1,
					$2, $3, $4, $5, $6, $7, $8, $9)`,
				d.ID,
				k.DIN,
				k.ProductCode,
				k.Division,
				u.Unit.Component,
				d.Recipient,
				u.Unit.Group,
				nonZero(u.Box),
				orNull(u.PackedAt),
			)
		}
	}
}
