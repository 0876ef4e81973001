package dispatchdb

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch"
	"hemolift/dispatch/blood"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// SaveProfiles keeps the versions of profiles that are not known yet.
func (s *Store) SaveProfiles(ctx context.Context, set map[coldchain.ProfileID]coldchain.Profile, now time.Time) error {
	var b pgx.Batch
	for _, p := range set {
		b.Queue(`INSERT INTO profile_version (profile_id, version, body, seen_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, p.ID, p.Version, p, now)
	}
	return s.pool.SendBatch(ctx, &b).Close()
}

// OpenProfiles returns the newest versions of the profiles that boxes under way were
// packed under: they must be at hand even if a newer set has them no more.
func (s *Store) OpenProfiles(ctx context.Context) ([]coldchain.Profile, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT ON (profile_id) body FROM profile_version
		WHERE profile_id IN (SELECT profile_id FROM delivery_box WHERE NOT released) ORDER BY profile_id, seen_at DESC`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[coldchain.Profile])
}

func queuePassage(b *pgx.Batch, id delivery.DeliveryID, p delivery.Journey) {
	findings := p.Verdict.Findings
	if findings == nil {
		findings = []coldchain.Finding{}
	}
	b.Queue(`INSERT INTO unit_passage (delivery_id, din, product_code, division, box_id, profile_id, profile_version, from_at, to_at, out_high, out_low, gap, still, advice, within, final, findings, decided_by, decided_at, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING`,
		id, p.Unit.DIN, p.Unit.ProductCode, p.Unit.Division, p.Box, p.Verdict.Profile, p.Verdict.Version, p.From, p.To, p.OutHigh, p.OutLow, p.Gap, p.Still,
		p.Verdict.Advice, p.Verdict.Within, p.Verdict.Final, findings, p.By, p.At, p.Note)
}

const passageColumns = `din, product_code, division, box_id, profile_id, profile_version, from_at, to_at, out_high, out_low, gap, still, advice, within, final, findings, decided_by, decided_at, note`

func scanPassage(row pgx.CollectableRow) (p delivery.Journey, err error) {
	v := &p.Verdict
	err = row.Scan(&p.Unit.DIN, &p.Unit.ProductCode, &p.Unit.Division, &p.Box, &v.Profile, &v.Version, &p.From, &p.To, &p.OutHigh, &p.OutLow, &p.Gap, &p.Still,
		&v.Advice, &v.Within, &v.Final, &v.Findings, &p.By, &p.At, &p.Note)
	p.From, p.To, p.At = p.From.UTC(), p.To.UTC(), p.At.UTC()
	return p, err
}

// Passages returns the judged journeys of a delivery's units.
func (s *Store) Passages(ctx context.Context, id delivery.DeliveryID) ([]delivery.Journey, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+passageColumns+` FROM unit_passage WHERE delivery_id = $1 ORDER BY din, product_code, division`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPassage)
}

// Lives returns what units went through on other deliveries.
func (s *Store) Lives(ctx context.Context, keys []blood.UnitKey, but delivery.DeliveryID) (map[blood.UnitKey]coldchain.Life, error) {
	lives := map[blood.UnitKey]coldchain.Life{}
	var dins, codes, divisions []string
	for _, k := range keys {
		dins, codes, divisions = append(dins, k.DIN), append(codes, k.ProductCode), append(divisions, k.Division)
	}
	rows, err := s.pool.Query(ctx, `SELECT `+passageColumns+` FROM unit_passage
		WHERE delivery_id <> $4 AND (din, product_code, division) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[])) ORDER BY to_at`, dins, codes, divisions, but)
	if err != nil {
		return nil, err
	}
	passages, err := pgx.CollectRows(rows, scanPassage)
	for _, p := range passages {
		l := lives[p.Unit]
		l.OutHigh, l.Still = l.OutHigh+p.OutHigh, l.Still+p.Still
		for _, f := range p.Verdict.Findings {
			if f.Rule != coldchain.RuleAllowance {
				continue
			}
			if l.Used == nil {
				l.Used = map[coldchain.ProfileID]coldchain.Use{}
			}
			u := l.Used[coldchain.ProfileID(f.Detail)]
			l.Used[coldchain.ProfileID(f.Detail)] = coldchain.Use{Count: u.Count + 1, Total: u.Total + time.Duration(f.Value*float64(time.Minute))}
		}
		lives[p.Unit] = l
	}
	return lives, err
}

// AddProbeCalibration keeps a calibration.
func (s *Store) AddProbeCalibration(ctx context.Context, c dispatch.ProbeCalibration) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO calibration (box_id, probe, certificate, calibrated_on, due_on, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.Box, c.Probe, c.Certificate, c.CalibratedOn, c.DueOn, c.By, c.At)
	return err
}

// ProbeCalibrations returns a box's calibrations, the newest first.
func (s *Store) ProbeCalibrations(ctx context.Context, box telemetry.DeviceID) ([]dispatch.ProbeCalibration, error) {
	rows, err := s.pool.Query(ctx, `SELECT box_id, probe, certificate, calibrated_on, due_on, recorded_by, recorded_at FROM calibration WHERE box_id = $1 ORDER BY calibrated_on DESC, id DESC LIMIT 100`, box)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[dispatch.ProbeCalibration])
}

// CalibrationDue is when the earliest of the newest calibrations of a box's probes runs
// out; zero when there is none.
func (s *Store) CalibrationDue(ctx context.Context, box telemetry.DeviceID) (time.Time, error) {
	var due *time.Time
	err := s.pool.QueryRow(ctx, `SELECT min(due_on) FROM (SELECT DISTINCT ON (probe) due_on FROM calibration WHERE box_id = $1 ORDER BY probe, calibrated_on DESC, id DESC) newest`, box).Scan(&due)
	return orZero(due), err
}

// KeepLoggerFile keeps a file as it came; the same one again changes nothing.
func (s *Store) KeepLoggerFile(ctx context.Context, id delivery.DeliveryID, file []byte, a network.Actor, now time.Time) error {
	sum := sha256.Sum256(file)
	_, err := s.pool.Exec(ctx, `INSERT INTO logger_file (delivery_id, sha256, body, uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, id, sum[:], file, a.Login, now)
	return err
}
