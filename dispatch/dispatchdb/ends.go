package dispatchdb

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/geo"
)

// nearM is how far from its site a plan may end: they are the same but for rounding.
const nearM = 1

// checkEnds refuses a way to another place than its sites are at now: the network was changed
// since it was planned. From here on they stay there until the book is written.
func checkEnds(ctx context.Context, tx pgx.Tx, before, b *delivery.Book) error {
	ends := map[network.SiteID][]orb.Point{}
	for _, n := range b.Added.Missions {
		if out := n.Mission.Out; len(out) > 0 {
			ends[n.Mission.Centre] = append(ends[n.Mission.Centre], out[0].Point)
			ends[n.Mission.Hospital] = append(ends[n.Mission.Hospital], out[len(out)-1].Point)
		}
	}
	for id, m := range b.Missions {
		was := before.Missions[id]
		if m.Hospital == was.Hospital && m.Pad == was.Pad {
			continue
		}
		way := m.Out
		if slices.Equal(way, was.Out) { // it was on its way home
			if way = m.Back; slices.Equal(way, was.Back) {
				continue
			}
		}
		if len(way) > 0 {
			ends[m.Hospital] = append(ends[m.Hospital], way[len(way)-1].Point)
		}
	}
	if len(ends) == 0 {
		return nil
	}
	const q = `SELECT id, lon, lat FROM site WHERE id = ANY ($1) ORDER BY id FOR SHARE`
	rows, err := tx.Query(ctx, q, sorted(ends))
	if err != nil {
		return err
	}
	var id network.SiteID
	var at orb.Point
	moved := false
	_, err = pgx.ForEachRow(rows, []any{&id, &at[0], &at[1]}, func() error {
		for _, end := range ends[id] {
			moved = moved || geo.Distance(at, end) > nearM
		}
		return nil
	})
	if err == nil && moved {
		err = refusal.ErrChanged
	}
	return err
}
