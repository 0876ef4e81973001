package dispatchdb

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry"
)

const accountColumns = `login, name_zh, name_en, role, COALESCE(site_id, ''), password_hash, automated, disabled`

// SaveAccount adds an account; one that exists keeps its password and is left as it is.
func (s *Store) SaveAccount(ctx context.Context, a network.Account) (added bool, err error) {
	const q = `INSERT INTO account (login, name_zh, name_en, role, site_id, password_hash, automated)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (login) DO NOTHING`
	tag, err := s.pool.Exec(ctx, q, a.Login, a.NameZH, a.NameEN, a.Role, nonZero(a.Site), a.PasswordHash, a.Automated)
	return tag.RowsAffected() == 1, err
}

// Account returns an account by login, or ErrNotFound.
func (s *Store) Account(ctx context.Context, login string) (network.Account, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+accountColumns+` FROM account WHERE login = $1`, login)
	if err != nil {
		return network.Account{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[network.Account])
	return a, meaning(err)
}

// Accounts returns all accounts by login.
func (s *Store) Accounts(ctx context.Context) ([]network.Account, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+accountColumns+` FROM account ORDER BY login`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[network.Account])
}

// OpenSession keeps the hash of a new token and forgets what has expired.
func (s *Store) OpenSession(ctx context.Context, token, login, kind string, now, expires time.Time) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM session WHERE expires_at <= $1`, now)
	hash := sha256.Sum256([]byte(token))
	b.Queue(`INSERT INTO session (token_hash, login, kind, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`, hash[:], login, kind, now, expires)
	return s.pool.SendBatch(ctx, &b).Close()
}

// SessionAccount returns whose live session a token is, or ErrNotFound.
func (s *Store) SessionAccount(ctx context.Context, token, kind string, now time.Time) (network.Account, error) {
	hash := sha256.Sum256([]byte(token))
	const q = `SELECT ` + accountColumns + `
		FROM account
		WHERE NOT disabled AND login = (SELECT login FROM session WHERE token_hash = $1 AND kind = $2 AND expires_at > $3)`
	rows, err := s.pool.Query(ctx, q, hash[:], kind, now)
	if err != nil {
		return network.Account{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[network.Account])
	return a, meaning(err)
}

// CloseSession forgets a token.
func (s *Store) CloseSession(ctx context.Context, token string) error {
	hash := sha256.Sum256([]byte(token))
	_, err := s.pool.Exec(ctx, `DELETE FROM session WHERE token_hash = $1`, hash[:])
	return err
}

// SetDeviceSecret replaces a device's secret, of which only the hash is kept. The
// secret is random with at least 128 bits, so a plain hash cannot be reversed.
func (s *Store) SetDeviceSecret(ctx context.Context, id telemetry.DeviceID, secret string) error {
	hash := sha256.Sum256([]byte(secret))
	tag, err := s.pool.Exec(ctx, `UPDATE device SET secret_hash = $2 WHERE id = $1`, id, hash[:])
	if err == nil && tag.RowsAffected() == 0 {
		return refusal.ErrNotFound
	}
	return err
}

func authenticateDevice(ctx context.Context, pool *pgxpool.Pool, id telemetry.DeviceID, secret string) (telemetry.DeviceKind, bool, error) {
	var kind telemetry.DeviceKind
	var want []byte
	err := pool.QueryRow(ctx, `SELECT kind, COALESCE(secret_hash, '') FROM device WHERE id = $1`, id).Scan(&kind, &want)
	if meaning(err) == refusal.ErrNotFound {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	got := sha256.Sum256([]byte(secret))
	return kind, subtle.ConstantTimeCompare(got[:], want) == 1, nil
}
