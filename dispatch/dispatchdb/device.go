package dispatchdb

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

// Devices are the credentials of drones and boxes.
type Devices struct{ db }

// SetDeviceSecret replaces a device's secret, of which only the hash is kept. The
// secret is random with at least 128 bits, so a plain hash cannot be reversed.
func (s *Devices) SetDeviceSecret(ctx context.Context, id telemetry.DeviceID, secret string, by network.Actor, now time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		return []delivery.Event{deviceEvent(by.Login, id, "secret renewed", now)}, setSecret(ctx, tx, id, secret, now)
	})
	return err
}

func setSecret(ctx context.Context, tx pgx.Tx, id telemetry.DeviceID, secret string, now time.Time) error {
	hash := sha256.Sum256([]byte(secret))
	tag, err := tx.Exec(ctx, `UPDATE device SET secret_hash = $2, secret_at = $3 WHERE id = $1`, id, hash[:], now)
	if err == nil && tag.RowsAffected() == 0 {
		err = refusal.ErrNotFound
	}
	return err
}

// RevokeDeviceSecret takes a device's secret from it, and ends an enrolment that stands. now is wall
// time, at server time; ErrNotFound for a device that is not known.
func (s *Devices) RevokeDeviceSecret(ctx context.Context, id telemetry.DeviceID, by network.Actor, now, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `UPDATE device SET secret_hash = NULL, secret_at = NULL WHERE id = $1 RETURNING id`
		if err := tx.QueryRow(ctx, q, id).Scan(&id); err != nil {
			return nil, err
		}
		return []delivery.Event{deviceEvent(by.Login, id, "secret revoked", at)}, endEnrolment(ctx, tx, id, now)
	})
	return err
}

func endEnrolment(ctx context.Context, tx pgx.Tx, id telemetry.DeviceID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE enrolment SET ended_at = greatest(made_at, $2) WHERE device_id = $1 AND ended_at IS NULL`, id, now)
	return err
}

func deviceEvent(by string, id telemetry.DeviceID, what string, at time.Time) delivery.Event {
	return delivery.Event{At: at, Kind: delivery.EvDevice, Actor: by, Subject: string(id), Detail: map[string]string{"what": what}}
}

// AddEnrolment keeps an enrolment for a code; an earlier one of the device ends. at is server
// time, for the log.
func (s *Devices) AddEnrolment(ctx context.Context, code string, e network.Enrolment, at time.Time) error {
	hash := sha256.Sum256([]byte(code))
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if err := tx.QueryRow(ctx, `SELECT id FROM device WHERE id = $1 FOR NO KEY UPDATE`, e.Device).Scan(&e.Device); err != nil {
			return nil, err
		}
		if err := endEnrolment(ctx, tx, e.Device, e.MadeAt); err != nil {
			return nil, err
		}
		const q = `INSERT INTO enrolment (code_hash, device_id, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)`
		_, err := tx.Exec(ctx, q, hash[:], e.Device, e.MadeBy, e.MadeAt, e.ExpiresAt)
		return []delivery.Event{deviceEvent(e.MadeBy, e.Device, "enrolment allowed", at)}, err
	})
	return err
}

// Enrol gives a device a secret for a code, once; ErrNotFound unless the code is its own and
// stands.
func (s *Devices) Enrol(ctx context.Context, id telemetry.DeviceID, code, secret string, now, at time.Time) error {
	hash := sha256.Sum256([]byte(code))
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if err := tx.QueryRow(ctx, `SELECT id FROM device WHERE id = $1 FOR NO KEY UPDATE`, id).Scan(&id); err != nil {
			return nil, err
		}
		const q = `UPDATE enrolment SET ended_at = $3 WHERE code_hash = $1 AND device_id = $2 AND ended_at IS NULL AND expires_at > $3
			RETURNING made_by`
		var by string
		if err := tx.QueryRow(ctx, q, hash[:], id, now).Scan(&by); err != nil {
			return nil, err
		}
		return []delivery.Event{deviceEvent(by, id, "enrolled", at)}, setSecret(ctx, tx, id, secret, at)
	})
	return err
}

// Credentials are those of all devices, by id.
func (s *Devices) Credentials(ctx context.Context, now time.Time) (list []network.Credential, err error) {
	const q = `SELECT id, secret_hash IS NOT NULL, secret_at,
			(SELECT expires_at FROM enrolment e WHERE e.device_id = device.id AND ended_at IS NULL AND expires_at > $1)
		FROM device ORDER BY id`
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err = collect(ctx, tx, func(row pgx.CollectableRow) (c network.Credential, err error) {
			var at, open *time.Time
			err = row.Scan(&c.Device, &c.HasSecret, &at, &open)
			c.SecretAt, c.OpenUntil = orZero(at), orZero(open)
			return c, err
		}, q, now)
		return err
	})
	return list, err
}

// Authenticate returns a device's kind, and false for one that is not known or a wrong
// secret.
func (s *Devices) Authenticate(ctx context.Context, id telemetry.DeviceID, secret string) (telemetry.DeviceKind, bool, error) {
	var kind telemetry.DeviceKind
	var want []byte
	err := s.pool.QueryRow(ctx, `SELECT kind, COALESCE(secret_hash, '') FROM device WHERE id = $1`, id).Scan(&kind, &want)
	if meaning(err) == refusal.ErrNotFound {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	got := sha256.Sum256([]byte(secret))
	return kind, subtle.ConstantTimeCompare(got[:], want) == 1, nil
}
