package dispatchdb

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/network"
)

// Accounts are who may sign in, and their sessions.
type Accounts struct{ db }

const accountColumns = `login, name_zh, name_en, role, COALESCE(site_id, ''), password_hash, automated, disabled`

// SaveAccount adds an account; one that exists keeps its password and is left as it is.
func (s *Accounts) SaveAccount(ctx context.Context, a network.Account) (added bool, err error) {
	if err := a.Check(); err != nil {
		return false, fmt.Errorf("account %s: %w", a.Login, err)
	}
	const q = `INSERT INTO account (login, name_zh, name_en, role, site_id, password_hash, automated)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (login) DO NOTHING`
	tag, err := s.pool.Exec(ctx, q, a.Login, a.NameZH, a.NameEN, a.Role, nonZero(a.Site), a.PasswordHash, a.Automated)
	return tag.RowsAffected() == 1, err
}

// Account returns an account by login, or ErrNotFound.
func (s *Accounts) Account(ctx context.Context, login string) (network.Account, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+accountColumns+` FROM account WHERE login = $1`, login)
	if err != nil {
		return network.Account{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[network.Account])
	return a, meaning(err)
}

// OpenSession keeps the hash of a new token and forgets what has expired.
func (s *Accounts) OpenSession(ctx context.Context, token, login, kind string, now, expires time.Time) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM session WHERE expires_at <= $1`, now)
	hash := sha256.Sum256([]byte(token))
	b.Queue(
		`INSERT INTO session (token_hash, login, kind, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		hash[:],
		login,
		kind,
		now,
		expires,
	)
	return s.pool.SendBatch(ctx, &b).Close()
}

// SessionAccount returns whose live session a token is, or ErrNotFound.
func (s *Accounts) SessionAccount(ctx context.Context, token, kind string, now time.Time) (network.Account, error) {
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
func (s *Accounts) CloseSession(ctx context.Context, token string) error {
	hash := sha256.Sum256([]byte(token))
	_, err := s.pool.Exec(ctx, `DELETE FROM session WHERE token_hash = $1`, hash[:])
	return err
}
