package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

const deliveryColumns = `d.id, d.request_id, d.request_version, d.component, d.recipient, d.mission_id, m.drone_id, m.centre_id, r.hospital_id, d.status,
	COALESCE(d.seal, ''), d.allocated_by, COALESCE(d.checked_by, ''), a.automated, r.needed_by, d.created_at, d.given_up_at, COALESCE(d.diverted_from, ''), d.two_persons`

// ended are the statuses of a delivery with which nothing more is done; endedUnserved
// those of them that leave the request to another.
const (
	endedUnserved = `'returned', 'cancelled', 'rejected', 'diverted', 'lost'`
	ended         = `'closed', ` + endedUnserved
)

const deliveryFrom = ` FROM delivery d JOIN mission m ON m.id = d.mission_id JOIN request r ON r.id = d.request_id JOIN account a ON a.login = r.login `

// deliveries reads whole deliveries.
func deliveries(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]delivery.Delivery, error) {
	list, err := collect(ctx, tx, func(row pgx.CollectableRow) (d delivery.Delivery, err error) {
		var givenUp *time.Time
		err = row.Scan(&d.ID, &d.Request, &d.Version, &d.Component, &d.Recipient, &d.Mission, &d.Drone, &d.Centre, &d.Hospital, &d.Status,
			&d.Seal, &d.AllocatedBy, &d.CheckedBy, &d.Automated, &d.NeededBy, &d.CreatedAt, &givenUp, &d.DivertedFrom, &d.TwoPersons)
		d.NeededBy, d.CreatedAt, d.GivenUpAt = d.NeededBy.UTC(), d.CreatedAt.UTC(), orZero(givenUp)
		return d, err
	}, `SELECT `+deliveryColumns+deliveryFrom+where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	at := map[delivery.DeliveryID]*delivery.Delivery{}
	ids := make([]string, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], string(list[i].ID)
	}
	return list, fillDeliveries(ctx, tx, ids, at)
}

func fillDeliveries(ctx context.Context, tx pgx.Tx, ids []string, at map[delivery.DeliveryID]*delivery.Delivery) error {
	var id delivery.DeliveryID
	var packed *time.Time
	var b delivery.Box
	rows, err := tx.Query(ctx, `SELECT delivery_id, box_id, profile_id, packed_at FROM delivery_box WHERE delivery_id = ANY ($1) ORDER BY box_id`, ids)
	if err != nil {
		return err
	}
	if _, err := pgx.ForEachRow(rows, []any{&id, &b.Box, &b.Profile, &packed}, func() error {
		b.PackedAt = orZero(packed)
		at[id].Boxes = append(at[id].Boxes, b)
		return nil
	}); err != nil {
		return err
	}
	const q = `SELECT x.delivery_id, COALESCE(x.box_id, ''), x.packed_at, COALESCE(x.outcome, ''),
			u.din, u.product_code, u.division, u.component, u.blood_group, u.mass_g, u.expires_at, u.site_id, u.status
		FROM delivery_unit x JOIN unit u USING (din, product_code, division)
		WHERE x.delivery_id = ANY ($1)
		ORDER BY u.din, u.product_code, u.division`
	var x delivery.Unit
	u := &x.Unit
	if rows, err = tx.Query(ctx, q, ids); err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&id, &x.Box, &packed, &x.Outcome, &u.Key.DIN, &u.Key.ProductCode, &u.Key.Division, &u.Component, &u.Group, &u.MassG, &u.ExpiresAt, &u.Site, &u.Status}, func() error {
		x.PackedAt, u.ExpiresAt = orZero(packed), u.ExpiresAt.UTC()
		at[id].Units = append(at[id].Units, x)
		return nil
	})
	return err
}

// lockDelivery locks before it reads: a delivery that waits for the lock may have another
// mission by then, and would be missed by the join.
func lockDelivery(ctx context.Context, tx pgx.Tx, where string, arg any) (delivery.Delivery, error) {
	ids, err := collect(ctx, tx, pgx.RowTo[string], `SELECT d.id FROM delivery d WHERE `+where+` FOR UPDATE`, arg)
	if err == nil && len(ids) == 0 {
		err = refusal.ErrNotFound
	}
	if err != nil {
		return delivery.Delivery{}, err
	}
	list, err := deliveries(ctx, tx, `WHERE d.id = $1`, ids[0])
	if err != nil {
		return delivery.Delivery{}, err
	}
	return list[0], nil
}

// ChangeDelivery writes what decide returns for a locked delivery.
func (s *Store) ChangeDelivery(ctx context.Context, id delivery.DeliveryID, now time.Time, decide func(delivery.Delivery) (delivery.Change, error)) (delivery.Delivery, []delivery.Event, error) {
	var changed delivery.Delivery
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		d, err := lockDelivery(ctx, tx, `d.id = $1`, id)
		if err != nil {
			return nil, err
		}
		c, err := decide(d)
		if err != nil {
			return nil, err
		}
		events, err := writeChange(ctx, tx, d, c)
		if err != nil {
			return nil, err
		}
		changed, err = lockDelivery(ctx, tx, `d.id = $1`, id)
		return events, err
	})
	return changed, events, err
}

// writeChange stores one step of a delivery with all that follows from it.
func writeChange(ctx context.Context, tx pgx.Tx, d delivery.Delivery, c delivery.Change) ([]delivery.Event, error) {
	if c.Custody.Step == delivery.StepStandDown {
		if err := refuseReleased(ctx, tx, d.Mission, c.GroundedAt); err != nil {
			return nil, err
		}
	}
	if err := refuseServed(ctx, tx, d, c); err != nil {
		return nil, err
	}
	var b pgx.Batch
	if c.Status != "" {
		b.Queue(`UPDATE delivery SET status = $2, seal = COALESCE($3, seal), checked_by = COALESCE($4, checked_by) WHERE id = $1`,
			d.ID, c.Status, nonZero(c.Seal), nonZero(c.CheckedBy))
	}
	if c.Packed != nil {
		b.Queue(`UPDATE delivery_unit SET packed_at = $5, box_id = (SELECT min(box_id) FROM delivery_box WHERE delivery_id = $1)
			WHERE delivery_id = $1 AND din = $2 AND product_code = $3 AND division = $4`, d.ID, c.Packed.DIN, c.Packed.ProductCode, c.Packed.Division, c.Custody.At)
		b.Queue(`UPDATE delivery_box SET packed_at = COALESCE(packed_at, $2) WHERE delivery_id = $1`, d.ID, c.Custody.At)
	}
	for _, k := range c.Judged {
		b.Queue(`UPDATE delivery_unit SET outcome = $5 WHERE delivery_id = $1 AND din = $2 AND product_code = $3 AND division = $4`, d.ID, k.DIN, k.ProductCode, k.Division, c.Outcome)
		b.Queue(`UPDATE unit SET status = $4, site_id = $5 WHERE din = $1 AND product_code = $2 AND division = $3`, k.DIN, k.ProductCode, k.Division, c.Outcome, d.Hospital)
	}
	for _, p := range c.Journeys {
		queuePassage(&b, d.ID, p)
	}
	if c.UnitsBecome != "" {
		for _, u := range d.Units {
			b.Queue(`UPDATE unit SET status = $4 WHERE din = $1 AND product_code = $2 AND division = $3`, u.Unit.Key.DIN, u.Unit.Key.ProductCode, u.Unit.Key.Division, c.UnitsBecome)
		}
		if c.UnitsBecome == blood.InStock {
			b.Queue(`UPDATE delivery_unit SET released = true WHERE delivery_id = $1`, d.ID)
		}
	}
	if c.Status == delivery.DLanded {
		b.Queue(`UPDATE box SET site_id = $2 WHERE id IN (SELECT box_id FROM delivery_box WHERE delivery_id = $1)`, d.ID, d.Hospital)
	}
	if c.Status == delivery.DDiverted {
		b.Queue(`UPDATE delivery_unit SET released = true WHERE delivery_id = $1`, d.ID)
	}
	for _, k := range c.Suspect {
		b.Queue(`UPDATE unit SET status = 'quarantined' WHERE din = $1 AND product_code = $2 AND division = $3`, k.DIN, k.ProductCode, k.Division)
	}
	if c.Release {
		b.Queue(`UPDATE delivery_box SET released = true WHERE delivery_id = $1`, d.ID)
	}
	if c.GiveUp {
		b.Queue(`UPDATE delivery SET given_up_at = $2 WHERE id = $1`, d.ID, c.Custody.At)
		if d.Status == delivery.DLoaded {
			b.Queue(closeCommandsSQL, d.Mission, c.Custody.At, reasonGivenUp)
		}
	}
	if c.Keep { // only while its request waits: the index admits no second one
		b.Queue(`UPDATE delivery SET given_up_at = NULL WHERE id = $1`, d.ID)
	}
	if c.Request != "" {
		b.Queue(`UPDATE request SET status = $2, by_road_until = $5 WHERE id = $1 AND ($3 = '{}'::text[] OR status = ANY ($3) AND version = $4)`,
			d.Request, c.Request, names(c.RequestFrom), d.Version, orNull(c.RoadAt))
		if c.Request == delivery.Fulfilled || c.Request == delivery.Allocated {
			b.Queue(clearDivertedSQL, d.Request, c.Custody.At, delivery.Diverted)
		}
	}
	if c.Mission == delivery.MAborted {
		b.Queue(`UPDATE mission SET status = 'aborted' WHERE id = $1 AND status <> 'done'`, d.Mission)
		b.Queue(`DELETE FROM pad_slot WHERE mission_id = $1`, d.Mission)
		b.Queue(closeCommandsSQL, d.Mission, c.Custody.At, "mission aborted")
		b.Queue(clearPadTakenSQL, d.Drone, c.Custody.At, delivery.PadTaken)
	}
	if c.Status == delivery.DLanded || c.Status.Ended() {
		b.Queue(`UPDATE alarm SET cleared_at = $2 WHERE delivery_id = $1 AND kind = $3 AND cleared_at IS NULL`, d.ID, c.Custody.At, delivery.Overdue)
	}
	queueCustody(&b, d.ID, c.Custody)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return nil, err
	}
	return []delivery.Event{{At: c.Custody.At, Kind: delivery.EvDelivery, Actor: c.Custody.Actor, Site: d.Hospital, Subject: string(d.ID),
		Detail: map[string]string{"step": string(c.Custody.Step), "scan": c.Custody.Scan, "request": string(d.Request)}}}, nil
}

// refuseServed refuses to keep a delivery whose request is served otherwise by now.
func refuseServed(ctx context.Context, tx pgx.Tx, d delivery.Delivery, c delivery.Change) error {
	if !c.Keep {
		return nil
	}
	r, err := oneRequest(ctx, tx, `WHERE r.id = $1 FOR UPDATE OF r`, d.Request)
	switch {
	case err != nil:
	case r.Status != delivery.Open:
		err = refusal.State{What: "its request", State: string(r.Status), Action: "served by this delivery again"}
	case r.Version != d.Version:
		err = refusal.State{What: "its request", State: "amended since", Action: "served by this delivery again"}
	}
	return err
}

// refuseReleased refuses to stand a mission down whose drone may have been let go. A
// release was not obeyed that ran out before the drone was heard on the ground, or that
// it took long before.
func refuseReleased(ctx context.Context, tx pgx.Tx, m delivery.MissionID, grounded time.Time) error {
	var released bool
	if err := tx.QueryRow(ctx, releasedSQL, m, grounded, dispatch.LeaveWithin).Scan(&released); err != nil {
		return err
	}
	if released {
		return refusal.ErrReleased
	}
	return nil
}

// reasonGivenUp is why a release is not sent any more; its drone may have it all the same.
const reasonGivenUp = "given up"

const releasedSQL = `SELECT EXISTS (SELECT FROM command
	WHERE mission_id = $1 AND kind = 'release' AND (acked_at IS NULL OR ok AND acked_at + $3 >= $2 OR reason IN ('` + notInTime + `', '` + reasonGivenUp + `', '` + replaced + `') AND expires_at >= $2))`

func queueCustody(b *pgx.Batch, id delivery.DeliveryID, e delivery.CustodyEvent) {
	b.Queue(`INSERT INTO custody_event (delivery_id, step, actor, at, scan, detail) VALUES ($1, $2, $3, $4, $5, $6)`, id, e.Step, e.Actor, e.At, e.Scan, e.Detail)
}

// Allocate makes the mission, its pad slot, the delivery and every reservation.
func (s *Store) Allocate(ctx context.Context, a dispatch.Allocation) (delivery.Delivery, []delivery.Event, error) {
	var made delivery.Delivery
	events, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		a := a // this may run again
		if err := takeRequest(ctx, tx, a.Request, a.Now); err != nil {
			return nil, err
		}
		var rest []delivery.Event
		if a.Proposal.Rest > 0 {
			var err error
			if a.Request, rest, err = split(ctx, tx, a.Request, a.Proposal.Rest, a.Now); err != nil {
				return nil, err
			}
		}
		suffix, err := numbered(ctx, tx, a.Request.ID)
		if err != nil {
			return nil, err
		}
		a.Mission.ID = delivery.MissionID("M" + suffix)
		id := delivery.DeliveryID("D" + suffix)
		if err := insertMission(ctx, tx, a.Mission, a.Mission.ArriveAt, a.Mission.Back[0].At); err != nil {
			return nil, err
		}
		if err := insertDelivery(ctx, tx, id, a); err != nil {
			return nil, err
		}
		made, err = lockDelivery(ctx, tx, `d.id = $1`, id)
		return append(rest, delivery.Event{At: a.Now, Kind: delivery.EvDelivery, Actor: a.Actor.Login, Site: a.Mission.Hospital, Subject: string(id),
			Detail: map[string]string{"step": string(delivery.StepAllocate), "drone": string(a.Mission.Drone), "request": string(a.Request.ID)}}), err
	})
	return made, events, err
}

// takeRequest makes an open request allocated, as it was read. That it had lost a
// delivery to another one is over.
func takeRequest(ctx context.Context, tx pgx.Tx, r delivery.Request, now time.Time) error {
	tag, err := tx.Exec(ctx, `UPDATE request SET status = 'allocated' WHERE id = $1 AND status = 'open' AND version = $2`, r.ID, r.Version)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return refusal.ErrTaken
	}
	return clearDiverted(ctx, tx, r.ID, now)
}

// numbered is what the names of a request's next mission and delivery end in:
// R-1122-0148 -> -1122-0148, and -1122-0148-2 for a second try.
func numbered(ctx context.Context, tx pgx.Tx, id delivery.RequestID) (string, error) {
	var attempt int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM delivery WHERE request_id = $1`, id).Scan(&attempt); err != nil {
		return "", err
	}
	suffix := string(id)[1:]
	if attempt > 0 {
		suffix += fmt.Sprintf("-%d", attempt+1)
	}
	return suffix, nil
}

// reasons is what was shown when a proposal was accepted.
type reasons struct {
	ArriveAt time.Time `json:"arrive_at"`
	Courier  time.Time `json:"courier_at"`
	RunnerUp string    `json:"runner_up,omitempty"`
	LengthM  float64   `json:"length_m"`
	EnergyJ  float64   `json:"energy_j"`
	Policy   string    `json:"policy"` // version
	Lost     []string  `json:"lost"`
}

func insertDelivery(ctx context.Context, tx pgx.Tx, id delivery.DeliveryID, a dispatch.Allocation) error {
	p := a.Proposal
	why := reasons{ArriveAt: p.ArriveAt, Courier: p.Courier, LengthM: p.LengthM, EnergyJ: p.EnergyJ, Policy: p.Policy}
	if r, ok := p.RunnerUp(); ok {
		why.RunnerUp = r.Drone
	}
	for _, c := range p.Considered {
		if c.Reason != "" {
			why.Lost = append(why.Lost, fmt.Sprintf("%s %s %d/%d", c.Drone, c.Reason, c.Have, c.Want))
		} else {
			why.Lost = append(why.Lost, fmt.Sprintf("%s %s +%d", c.Drone, c.Level, c.By))
		}
	}
	var b pgx.Batch
	b.Queue(`INSERT INTO delivery (id, request_id, request_version, component, recipient, mission_id, status, allocated_by, reasons, created_at, two_persons)
		VALUES ($1, $2, $3, $4, $5, $6, 'allocated', $7, $8, $9, $10)`,
		id, a.Request.ID, a.Request.Version, a.Request.Component, a.Request.Class, a.Mission.ID, a.Actor.Login, why, a.Now, a.TwoPersons)
	for _, x := range p.Box {
		b.Queue(`INSERT INTO delivery_box (delivery_id, box_id, profile_id) VALUES ($1, $2, $3)`, id, x.ID, a.Profile)
	}
	for _, u := range p.Units {
		b.Queue(`INSERT INTO delivery_unit (delivery_id, din, product_code, division, component, recipient, donor) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, u.Key.DIN, u.Key.ProductCode, u.Key.Division, u.Component, a.Request.Class, u.Group)
	}
	queueCustody(&b, id, delivery.CustodyEvent{Step: delivery.StepAllocate, Actor: a.Actor.Login, At: a.Now, Detail: string(a.Mission.Drone)})
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return err
	}
	for _, u := range p.Units {
		tag, err := tx.Exec(ctx, `UPDATE unit SET status = 'reserved' WHERE din = $1 AND product_code = $2 AND division = $3 AND status = 'in_stock' AND expires_at > $4`,
			u.Key.DIN, u.Key.ProductCode, u.Key.Division, a.Mission.ArriveAt)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return refusal.ErrTaken
		}
	}
	return nil
}

// ActiveMissions returns missions that hold a drone, and their deliveries; and
// deliveries still open at the hospital though their drone has gone home.
func (s *Store) ActiveMissions(ctx context.Context) (ms []delivery.Mission, ds []delivery.Delivery, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if ms, err = missions(ctx, tx, `WHERE status NOT IN ('done', 'aborted') ORDER BY id`); err != nil {
			return err
		}
		ds, err = deliveries(ctx, tx, `WHERE (m.status NOT IN ('done', 'aborted') OR d.status NOT IN (`+ended+`)) AND d.status <> 'diverted' ORDER BY d.id`)
		return err
	})
	return ms, ds, err
}

// Authenticate looks a device's credential up.
func (s *Store) Authenticate(ctx context.Context, id telemetry.DeviceID, secret string) (telemetry.DeviceKind, bool, error) {
	return authenticateDevice(ctx, s.pool, id, secret)
}
