package dispatchdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/blood"
	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
	"hemolift/telemetry/coldchain"
)

// Cold is what is known of units, boxes and their probes.
type Cold struct{ db }

func queueJourney(b *pgx.Batch, id delivery.ID, p delivery.Journey) {
	findings := p.Verdict.Findings
	if findings == nil {
		findings = []coldchain.Finding{}
	}
	b.Queue(
		`INSERT INTO unit_passage (delivery_id, din, product_code, division, box_id, profile_id, profile_version, from_at, to_at, out_high,
			out_low, gap, still, advice, within, final, findings, decided_by, decided_at, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING`,
		id,
		p.Unit.DIN,
		p.Unit.ProductCode,
		p.Unit.Division,
		p.Box,
		p.Verdict.Profile,
		p.Verdict.Version,
		p.From,
		p.To,
		p.OutHigh,
		p.OutLow,
		p.Gap,
		p.Still,
		p.Verdict.Advice,
		p.Verdict.Within,
		p.Verdict.Final,
		findings,
		p.By,
		p.At,
		p.Note,
	)
}

const journeyColumns = `din, product_code, division, box_id, profile_id, profile_version, from_at, to_at, out_high, out_low, gap,
	still, advice, within, final, findings, decided_by, decided_at, note`

func scanJourney(row pgx.CollectableRow) (p delivery.Journey, err error) {
	v := &p.Verdict
	err = row.Scan(
		&p.Unit.DIN,
		&p.Unit.ProductCode,
		&p.Unit.Division,
		&p.Box,
		&v.Profile,
		&v.Version,
		&p.From,
		&p.To,
		&p.OutHigh,
		&p.OutLow,
		&p.Gap,
		&p.Still,
		&v.Advice,
		&v.Within,
		&v.Final,
		&v.Findings,
		&p.By,
		&p.At,
		&p.Note,
	)
	p.From, p.To, p.At = p.From.UTC(), p.To.UTC(), p.At.UTC()
	return p, err
}

// Journeys returns the judged journeys of a delivery's units.
func (s *Cold) Journeys(ctx context.Context, id delivery.ID) ([]delivery.Journey, error) {
	rows, err := s.pool.Query(
		ctx,
		`SELECT `+journeyColumns+` FROM unit_passage WHERE delivery_id = $1 ORDER BY din, product_code, division`,
		id,
	)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJourney)
}

// Elsewhere returns the journeys of units on other deliveries, in the order of their ends.
func (s *Cold) Elsewhere(ctx context.Context, keys []blood.UnitKey, but delivery.ID) ([]delivery.Journey, error) {
	dins, codes, divisions := columnsOf(keys)
	rows, err := s.pool.Query(ctx, `SELECT `+journeyColumns+` FROM unit_passage
		WHERE delivery_id <> $4 AND `+amongKeys+` ORDER BY to_at`, dins, codes, divisions, but)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanJourney)
}

// AddProbeCalibration keeps a calibration.
func (s *Cold) AddProbeCalibration(ctx context.Context, c coldrecord.ProbeCalibration) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `INSERT INTO calibration (box_id, probe, certificate, calibrated_on, due_on, recorded_by, recorded_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`
		_, err := tx.Exec(ctx, q, c.Box, c.Probe, c.Certificate, c.CalibratedOn, c.DueOn, c.By, c.At)
		return []delivery.Event{{At: c.At, Kind: delivery.EvDevice, Actor: c.By, Subject: string(c.Box), Detail: map[string]string{
			"what": "probe calibrated", "probe": strconv.Itoa(c.Probe), "certificate": c.Certificate,
			"calibrated_on": c.CalibratedOn.Format(time.DateOnly), "due_on": c.DueOn.Format(time.DateOnly),
		}}}, err
	})
	return err
}

// ProbeCalibrations returns a box's calibrations, the newest first.
func (s *Cold) ProbeCalibrations(ctx context.Context, box telemetry.DeviceID) (list []coldrecord.ProbeCalibration, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err = probeCalibrations(ctx, tx, box)
		return err
	})
	return list, err
}

const calibrationColumns = `box_id, probe, certificate, calibrated_on, due_on, recorded_by, recorded_at`

func probeCalibrations(ctx context.Context, tx pgx.Tx, box telemetry.DeviceID) ([]coldrecord.ProbeCalibration, error) {
	const q = `SELECT ` + calibrationColumns + ` FROM calibration WHERE box_id = $1 ORDER BY calibrated_on DESC, id DESC LIMIT 100`
	return collect(ctx, tx, pgx.RowToStructByPos[coldrecord.ProbeCalibration], q, box)
}

// CalibrationDue is when the earliest of the newest calibrations of a box's probes runs
// out; zero when there is none.
func (s *Cold) CalibrationDue(ctx context.Context, box telemetry.DeviceID) (time.Time, error) {
	var due *time.Time
	err := s.pool.QueryRow(
		ctx,
		`SELECT min(due_on) FROM (SELECT DISTINCT ON (probe) due_on FROM calibration WHERE box_id = $1 ORDER BY probe, calibrated_on DESC, id
			DESC) newest`,
		box,
	).Scan(&due)
	return orZero(due), err
}

// mostOfFiles bounds what one person's files of a day may hold, in bytes.
const mostOfFiles = 100 << 20

// mostReadings bounds how often the files of one delivery are noted as read.
const mostReadings = 50

// KeepLoggerFile keeps a file as it came, and what was said of its reading unless the same
// was said before. Too many of one person in a day are refused.
func (s *Cold) KeepLoggerFile(ctx context.Context, id delivery.ID, file []byte, said []string, a network.Actor, now time.Time) error {
	sum := sha256.Sum256(file)
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `INSERT INTO logger_file (delivery_id, sha256, body, uploaded_by, uploaded_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`
		tag, err := tx.Exec(ctx, q, id, sum[:], file, a.Login, now)
		if err != nil {
			return nil, err
		}
		const reading = `INSERT INTO logger_reading (delivery_id, sha256, read_by, read_at, said)
			SELECT $1, $2, $3, $4, $5
			WHERE NOT EXISTS (SELECT FROM logger_reading WHERE delivery_id = $1 AND sha256 = $2 AND said = $5)
				AND (SELECT count(*) FROM logger_reading WHERE delivery_id = $1) < $6`
		if _, err := tx.Exec(ctx, reading, id, sum[:], a.Login, now, said, mostReadings); err != nil {
			return nil, err
		}
		if tag.RowsAffected() == 0 {
			return nil, nil
		}
		var bytes int64
		const day = `SELECT sum(octet_length(body)) FROM logger_file WHERE uploaded_by = $1 AND uploaded_at > $2`
		if err := tx.QueryRow(ctx, day, a.Login, now.Add(-24*time.Hour)).Scan(&bytes); err != nil {
			return nil, err
		}
		if bytes > mostOfFiles {
			return nil, refusal.OfField("file", fmt.Sprintf("is one too many: %d MB of one person are kept in a day", mostOfFiles>>20))
		}
		return []delivery.Event{{At: now, Kind: delivery.EvFile, Actor: a.Login, Subject: string(id), Detail: map[string]string{
			"sha256": hex.EncodeToString(sum[:]), "bytes": strconv.Itoa(len(file)),
		}}}, nil
	})
	return err
}

// LoggerReadings returns how a delivery's files were read, the newest first.
func (s *Cold) LoggerReadings(ctx context.Context, id delivery.ID) ([]coldrecord.LoggerReading, error) {
	const q = `SELECT encode(sha256, 'hex'), read_by, read_at, said FROM logger_reading WHERE delivery_id = $1 ORDER BY number DESC`
	rows, err := s.pool.Query(ctx, q, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[coldrecord.LoggerReading])
}
