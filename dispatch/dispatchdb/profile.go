package dispatchdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/telemetry/coldchain"
)

// SaveProfiles keeps the versions of profiles that are not known yet.
func (s *Documents) SaveProfiles(ctx context.Context, set map[coldchain.ProfileID]coldchain.Profile, now time.Time) error {
	var b pgx.Batch
	for _, p := range set {
		b.Queue(
			`INSERT INTO profile_version (profile_id, version, body, seen_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			p.ID,
			p.Version,
			p,
			now,
		)
	}
	return s.pool.SendBatch(ctx, &b).Close()
}

// OpenProfiles returns the newest versions of the profiles that boxes under way were
// packed under: they must be at hand even if a newer set has them no more.
func (s *Documents) OpenProfiles(ctx context.Context) ([]coldchain.Profile, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT ON (profile_id) body FROM profile_version
		WHERE profile_id IN (SELECT profile_id FROM delivery_box WHERE NOT released) ORDER BY profile_id, seen_at DESC`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[coldchain.Profile])
}
