package dispatchdb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
)

// mostExchanges bounds how many drones one delivery may have had.
const mostExchanges = 9

// Exchange ends the mission of a delivery on the ground and gives it another one.
func (s *Store) Exchange(ctx context.Context, x dispatch.Exchange, decide func(delivery.Delivery) (delivery.Change, error)) ([]delivery.Event, error) {
	return s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		r, err := oneRequest(ctx, tx, `WHERE r.id = $1 FOR UPDATE OF r`, x.Request)
		if err != nil {
			return nil, err
		}
		d, err := lockDelivery(ctx, tx, `d.id = $1`, x.Delivery)
		if err != nil {
			return nil, err
		}
		if d.Mission != x.From || r.Status != delivery.Allocated || r.Version != d.Version {
			return nil, refusal.ErrTaken
		}
		if err := refuseReleased(ctx, tx, d.Mission, x.GroundedAt); err != nil {
			return nil, err
		}
		c, err := decide(d)
		if err != nil {
			return nil, err
		}
		had := 0
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM custody_event WHERE delivery_id = $1 AND step = $2`, d.ID, c.Custody.Step).Scan(&had); err != nil {
			return nil, err
		}
		if had >= mostExchanges {
			return nil, refusal.State{What: "the delivery", State: "exchanged too often", Action: "given another drone"}
		}
		events, err := writeChange(ctx, tx, d, c)
		if err != nil {
			return nil, err
		}
		m := x.Mission
		m.ID = delivery.MissionID(fmt.Sprintf("M%s%c", string(d.ID)[1:], 'b'+rune(had)))
		if err := insertMission(ctx, tx, m, m.ArriveAt, m.Back[0].At); err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `UPDATE delivery SET mission_id = $2 WHERE id = $1`, d.ID, m.ID)
		return events, err
	})
}

// MayBeGone reports whether a mission's drone may have been let go; it was heard on the
// ground at a time, or never.
func (s *Store) MayBeGone(ctx context.Context, m delivery.MissionID, grounded time.Time) (gone bool, err error) {
	return gone, s.pool.QueryRow(ctx, releasedSQL, m, grounded, dispatch.LeaveWithin).Scan(&gone)
}
