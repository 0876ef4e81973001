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
	hash := sha256.Sum256([]byte(secret))
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		tag, err := tx.Exec(ctx, `UPDATE device SET secret_hash = $2 WHERE id = $1`, id, hash[:])
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrNotFound
		}
		return []delivery.Event{{
			At: now, Kind: delivery.EvDevice, Actor: by.Login, Subject: string(id), Detail: map[string]string{"what": "secret renewed"},
		}}, err
	})
	return err
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
