package dispatchdb

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/refusal"
)

// Books change the record.
type Books struct{ db }

// errMoved is what is found when what hangs together changed while it was being locked.
var errMoved = errors.New("it changes hands this instant")

// Change locks what the keys name and what hangs on it, always requests before missions
// before deliveries before units, has decide change the book, and writes what has become
// of it.
func (s *Books) Change(ctx context.Context, keys delivery.Keys, decide func(*delivery.Book) error) (int, error) {
	var events []delivery.Event
	var err error
	for range maxRetries + 1 {
		events, err = s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
			b, err := lock(ctx, tx, keys)
			if err != nil {
				return nil, err
			}
			before := copyOf(b)
			if err := decide(b); err != nil {
				return nil, err
			}
			return write(ctx, tx, before, b)
		})
		if !errors.Is(err, errMoved) {
			break
		}
	}
	if errors.Is(err, errMoved) {
		err = refusal.ErrTaken
	}
	return len(events), err
}

// hangs are the ids of what hangs together with some keys.
type hangs struct{ requests, missions, deliveries []string }

func findHanging(ctx context.Context, tx pgx.Tx, keys delivery.Keys) (h hangs, err error) {
	for _, r := range keys.Requests {
		h.requests = append(h.requests, string(r))
	}
	if keys.Mission != "" {
		h.missions = append(h.missions, string(keys.Mission))
	}
	const q = `SELECT id, request_id, mission_id
		FROM delivery
		WHERE id = $1 OR mission_id = $2 OR request_id = ANY ($3)`
	rows, err := tx.Query(ctx, q, keys.Delivery, keys.Mission, h.requests)
	if err != nil {
		return h, err
	}
	var id, request, mission string
	_, err = pgx.ForEachRow(rows, []any{&id, &request, &mission}, func() error {
		h.requests, h.missions, h.deliveries = append(h.requests, request), append(h.missions, mission), append(h.deliveries, id)
		return nil
	})
	for _, ids := range []*[]string{&h.requests, &h.missions, &h.deliveries} {
		slices.Sort(*ids)
		*ids = slices.Compact(*ids)
	}
	return h, err
}

// lock locks what the keys name and what hangs on it, and reads it. It is ErrNotFound when
// something that is named is not there.
func lock(ctx context.Context, tx pgx.Tx, keys delivery.Keys) (*delivery.Book, error) {
	h, err := findHanging(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	for _, l := range []struct {
		q   string
		ids []string
	}{
		{`SELECT id FROM request WHERE id = ANY ($1) ORDER BY id FOR UPDATE`, h.requests},
		{`SELECT id FROM mission WHERE id = ANY ($1) ORDER BY id FOR UPDATE`, h.missions},
		{`SELECT id FROM delivery WHERE id = ANY ($1) ORDER BY id FOR UPDATE`, h.deliveries},
	} {
		locked, err := collect(ctx, tx, pgx.RowTo[string], l.q, l.ids)
		if err != nil {
			return nil, err
		}
		if len(locked) != len(l.ids) {
			return nil, refusal.ErrNotFound
		}
	}
	if keys.Delivery != "" && !slices.Contains(h.deliveries, string(keys.Delivery)) {
		return nil, refusal.ErrNotFound
	}
	again, err := findHanging(ctx, tx, keys)
	if err == nil && !reflect.DeepEqual(h, again) {
		err = errMoved
	}
	if err != nil {
		return nil, err
	}
	return readBook(ctx, tx, h, keys)
}

func readBook(ctx context.Context, tx pgx.Tx, h hangs, keys delivery.Keys) (*delivery.Book, error) {
	b := &delivery.Book{
		Requests:   map[delivery.RequestID]*delivery.Request{},
		Missions:   map[delivery.MissionID]*delivery.Mission{},
		Slots:      map[delivery.MissionID]*delivery.Slot{},
		Deliveries: map[delivery.ID]*delivery.Delivery{},
		Units:      map[blood.UnitKey]*blood.Unit{},
		Past:       map[blood.UnitKey]blood.Past{},
		Made:       map[delivery.RequestID]int{},
	}
	rs, err := requests(ctx, tx, `WHERE r.id = ANY ($1)`, h.requests)
	if err != nil {
		return nil, err
	}
	for _, r := range rs {
		b.Requests[r.ID] = &r
	}
	ms, err := missions(ctx, tx, `WHERE id = ANY ($1)`, h.missions)
	if err != nil {
		return nil, err
	}
	for _, m := range ms {
		b.Missions[m.ID] = &m
	}
	slots, err := collect(
		ctx,
		tx,
		pgx.RowToStructByPos[delivery.Slot],
		`SELECT pad_id, mission_id, lower(slot), upper(slot) FROM pad_slot WHERE mission_id = ANY ($1)`,
		h.missions,
	)
	if err != nil {
		return nil, err
	}
	for _, x := range slots {
		b.Slots[x.Mission] = &x
	}
	ds, err := deliveries(ctx, tx, `WHERE d.id = ANY ($1)`, h.deliveries)
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		b.Deliveries[d.ID] = &d
	}
	made, err := tx.Query(ctx, `SELECT request_id, count(*) FROM delivery WHERE request_id = ANY ($1) GROUP BY request_id`, h.requests)
	if err != nil {
		return nil, err
	}
	var id delivery.RequestID
	var n int
	if _, err := pgx.ForEachRow(made, []any{&id, &n}, func() error {
		b.Made[id] = n
		return nil
	}); err != nil {
		return nil, err
	}
	if b.Numbers, err = drawNumbers(ctx, tx, keys.Numbers); err != nil {
		return nil, err
	}
	return b, lockUnits(ctx, tx, b, keys.Units)
}

func lockUnits(ctx context.Context, tx pgx.Tx, b *delivery.Book, keys []blood.UnitKey) error {
	if len(keys) == 0 {
		return nil
	}
	dins, codes, divisions := columnsOf(keys)
	units, err := collect(ctx, tx, scanUnit, `SELECT `+unitColumns+`
		FROM unit
		WHERE `+amongKeys+`
		ORDER BY din, product_code, division
		FOR UPDATE`, dins, codes, divisions)
	if err != nil {
		return err
	}
	for _, u := range units {
		b.Units[u.Key] = &u
	}
	const past = `SELECT din, product_code, division,
			COALESCE((SELECT max(x.delivery_id) FROM delivery_unit x WHERE (x.din, x.product_code, x.division) = (u.din, u.product_code,
				u.division) AND NOT x.released), ''),
			COALESCE((SELECT max(p.delivery_id) FROM unit_passage p WHERE (p.din, p.product_code, p.division) = (u.din, u.product_code,
				u.division) AND p.advice IN ('quarantine', 'discard_advised')), '')
		FROM unit u
		WHERE ` + amongKeys
	rows, err := tx.Query(ctx, past, dins, codes, divisions)
	if err != nil {
		return err
	}
	var k blood.UnitKey
	var p blood.Past
	_, err = pgx.ForEachRow(rows, []any{&k.DIN, &k.ProductCode, &k.Division, &p.Bound, &p.Grave}, func() error {
		b.Past[k] = p
		return nil
	})
	return err
}

// copyOf keeps a book as it was read.
func copyOf(b *delivery.Book) *delivery.Book {
	c := &delivery.Book{
		Requests:   copies(b.Requests),
		Missions:   copies(b.Missions),
		Slots:      copies(b.Slots),
		Deliveries: copies(b.Deliveries),
		Units:      copies(b.Units),
	}
	for _, d := range c.Deliveries {
		d.Boxes, d.Units = slices.Clone(d.Boxes), slices.Clone(d.Units)
	}
	return c
}

func copies[K comparable, V any](m map[K]*V) map[K]*V {
	c := maps.Clone(m)
	for k, v := range c {
		x := *v
		c[k] = &x
	}
	return c
}
