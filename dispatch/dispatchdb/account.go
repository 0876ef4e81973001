package dispatchdb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/network"
)

// Accounts are who may sign in, and their sessions (session.go).
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
