package dispatchdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Bounds of a board: what is active is always there, and as many others.
const (
	recent    = 24 * time.Hour
	maxRecent = 200
	maxAlarms = 200
)

// Boards are what people look at.
type Boards struct{ db }

// What a board shows of a hospital ($1, or of all), what is under way first: of what is over, that which
// was made since a time ($2), at most so much ($3).
var (
	boardRequests = `WHERE r.id IN (
			SELECT id FROM request WHERE status IN ` + waiting + ` AND ($1 = '' OR hospital_id = $1)
			UNION
			(SELECT id FROM request
				WHERE created_at > $2 AND status NOT IN ` + waiting + ` AND ($1 = '' OR hospital_id = $1)
				ORDER BY created_at DESC
				LIMIT $3))
		ORDER BY r.status IN ` + waiting + ` DESC, r.created_at DESC, r.id DESC`
	boardDeliveries = `WHERE ($1 = '' OR r.hospital_id = $1) AND d.id IN (
			` + deliveriesUnderWay + `
			UNION
			(SELECT x.id FROM delivery x JOIN request y ON y.id = x.request_id
				WHERE x.created_at > $2 AND x.status IN ` + ended + ` AND ($1 = '' OR y.hospital_id = $1)
				ORDER BY x.created_at DESC
				LIMIT $3))
		ORDER BY d.status NOT IN ` + ended + ` DESC, d.created_at DESC, d.id DESC`
)

// Board reads what is under way for one hospital, or for all if site is "".
func (s *Boards) Board(ctx context.Context, site network.SiteID, now time.Time) (b delivery.Board, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COALESCE(max(seq), 0) FROM event_log`).Scan(&b.Seq); err != nil {
			return err
		}
		if b.Requests, err = requests(ctx, tx, boardRequests, string(site), now.Add(-recent), maxRecent); err != nil {
			return err
		}
		if b.Deliveries, err = records(ctx, tx, boardDeliveries, string(site), now.Add(-recent), maxRecent); err != nil {
			return err
		}
		if b.Closures, err = closures(ctx, tx, now); err != nil {
			return err
		}
		if b.Alarms, err = alarms(ctx, tx, site, now, maxAlarms); err != nil {
			return err
		}
		b.AlarmRate, err = alarmRate(ctx, tx, site, now)
		return err
	})
	return b, err
}

// Delivery reads one delivery with all that belongs to it.
func (s db) Delivery(ctx context.Context, id delivery.ID) (r delivery.Record, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		list, err := records(ctx, tx, `WHERE d.id = $1`, id)
		if err == nil && len(list) == 0 {
			err = refusal.ErrNotFound
		}
		if err == nil {
			r = list[0]
		}
		return err
	})
	return r, err
}

// Request reads one request.
func (s *Boards) Request(ctx context.Context, id delivery.RequestID) (r delivery.Request, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		r, err = oneRequest(ctx, tx, `WHERE r.id = $1`, id)
		return err
	})
	return r, err
}

// Requests reads requests and, of each that has one, its latest delivery. It is ErrNotFound
// when the request is unknown before which they were submitted.
func (s *Boards) Requests(
	ctx context.Context,
	q delivery.RequestQuery,
) (list []delivery.Request, servedBy map[delivery.RequestID]delivery.ID, err error) {
	err = s.search(ctx, func(tx pgx.Tx) error {
		var before *time.Time
		if q.Before != "" {
			const of = `SELECT created_at FROM request WHERE id = $1 AND ($2 = '' OR hospital_id = $2)`
			if err := tx.QueryRow(ctx, of, q.Before, q.Hospital).Scan(&before); err != nil {
				return err
			}
		}
		var a asked
		a.when(q.Hospital != "", `r.hospital_id = ?`, q.Hospital)
		a.when(q.Status != "", `r.status = ?`, q.Status)
		a.when(q.Component != "", `r.component = ?`, q.Component)
		a.when(q.Group != "", `r.blood_group = ?`, q.Group)
		a.when(q.Urgency != "", `r.urgency = ?`, q.Urgency)
		a.when(before != nil, `(r.created_at, r.id) < (?, ?)`, before, q.Before)
		page := a.where() + ` ORDER BY r.created_at DESC, r.id DESC LIMIT ` + a.arg(q.Limit)
		list, err = requests(ctx, tx, page, a.args...)
		if err != nil {
			return err
		}
		servedBy, err = latestDeliveries(ctx, tx, list)
		return err
	})
	return list, servedBy, meaning(err)
}

// latestDeliveries are those that serve requests, or served them last.
func latestDeliveries(ctx context.Context, tx pgx.Tx, list []delivery.Request) (map[delivery.RequestID]delivery.ID, error) {
	var ids []string
	for _, r := range list {
		ids = append(ids, string(r.ID))
	}
	type pair struct {
		Request delivery.RequestID
		ID      delivery.ID
	}
	const q = `SELECT DISTINCT ON (request_id) request_id, id FROM delivery
		WHERE request_id = ANY ($1)
		ORDER BY request_id, created_at DESC, id DESC`
	pairs, err := collect(ctx, tx, pgx.RowToStructByPos[pair], q, ids)
	latest := map[delivery.RequestID]delivery.ID{}
	for _, p := range pairs {
		latest[p.Request] = p.ID
	}
	return latest, err
}

// records reads deliveries with their requests, missions and custody.
func records(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]delivery.Record, error) {
	ds, err := deliveries(ctx, tx, where, args...)
	if err != nil {
		return nil, err
	}
	var ids, requestIDs, missionIDs []string
	for _, d := range ds {
		ids, requestIDs, missionIDs = append(ids, string(d.ID)), append(requestIDs, string(d.Request)), append(missionIDs, string(d.Mission))
	}
	rs, err := requests(ctx, tx, `WHERE r.id = ANY ($1)`, requestIDs)
	if err != nil {
		return nil, err
	}
	ms, err := missions(ctx, tx, `WHERE id = ANY ($1)`, missionIDs)
	if err != nil {
		return nil, err
	}
	custody, err := custodyOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]delivery.Record, len(ds))
	for i, d := range ds {
		list[i] = delivery.Record{Delivery: d, Custody: custody[d.ID]}
		for _, r := range rs {
			if r.ID == d.Request {
				list[i].Request = r
			}
		}
		for _, m := range ms {
			if m.ID == d.Mission {
				list[i].Mission = m
			}
		}
	}
	return list, nil
}

func custodyOf(ctx context.Context, tx pgx.Tx, ids []string) (map[delivery.ID][]delivery.CustodyEvent, error) {
	rows, err := tx.Query(
		ctx,
		`SELECT delivery_id, step, actor, at, scan, detail FROM custody_event WHERE delivery_id = ANY ($1) ORDER BY id`,
		ids,
	)
	if err != nil {
		return nil, err
	}
	var id delivery.ID
	var e delivery.CustodyEvent
	of := map[delivery.ID][]delivery.CustodyEvent{}
	_, err = pgx.ForEachRow(rows, []any{&id, &e.Step, &e.Actor, &e.At, &e.Scan, &e.Detail}, func() error {
		e.At = e.At.UTC()
		of[id] = append(of[id], e)
		return nil
	})
	return of, err
}
