package dispatchdb

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Of an invitation only its token's hash is kept. One of an account stands at a time.

// Invite keeps an invitation for a token; an earlier one of the account ends. at is server
// time, for the log.
func (s *Accounts) Invite(ctx context.Context, token string, i network.Invitation, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		a, err := heldAccount(ctx, tx, i.Login)
		if err == nil {
			_, err = a.Invite(i.MadeBy, i.MadeAt) // it may have been disabled meanwhile
		}
		if err == nil {
			err = invite(ctx, tx, token, i)
		}
		e := accountEvent(i.MadeBy, i.Login, "invited", at)
		e.Detail["until"] = i.ExpiresAt.Format(time.RFC3339)
		return []delivery.Event{e}, err
	})
	return err
}

func invite(ctx context.Context, tx pgx.Tx, token string, i network.Invitation) error {
	hash := sha256.Sum256([]byte(token))
	var b pgx.Batch
	b.Queue(`UPDATE invitation SET ended_at = $2 WHERE login = $1 AND ended_at IS NULL`, i.Login, i.MadeAt)
	b.Queue(`INSERT INTO invitation (token_hash, login, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		hash[:], i.Login, i.MadeBy, i.MadeAt, i.ExpiresAt)
	return tx.SendBatch(ctx, &b).Close()
}

// Withdraw ends the invitation of an account; ErrNotFound unless one stands.
func (s *Accounts) Withdraw(ctx context.Context, login, by string, now, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `UPDATE invitation SET ended_at = $2 WHERE login = $1 AND ended_at IS NULL AND expires_at > $2`
		tag, err := tx.Exec(ctx, q, login, now)
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrNotFound
		}
		return []delivery.Event{accountEvent(by, login, "invitation_withdrawn", at)}, err
	})
	return err
}

const invitedBy = `FROM invitation i JOIN account USING (login)
	WHERE i.token_hash = $1 AND i.ended_at IS NULL AND i.expires_at > $2 AND NOT disabled`

// Invited is the account that a token invites to, and until when; ErrNotFound unless the
// invitation stands.
func (s *Accounts) Invited(ctx context.Context, token string, now time.Time) (a network.Account, until time.Time, err error) {
	hash := sha256.Sum256([]byte(token))
	err = s.pool.QueryRow(ctx, `SELECT `+accountColumns+`, i.expires_at `+invitedBy, hash[:], now).Scan(
		&a.Login, &a.NameZH, &a.NameEN, &a.Role, &a.Site, &a.PasswordHash, &a.Automated, &a.Disabled, &until)
	return a, until.UTC(), meaning(err)
}

// Accept gives the account of an invitation its password, once; what was signed in to by an
// earlier one ends. ErrNotFound unless the invitation stands.
func (s *Accounts) Accept(ctx context.Context, token, passwordHash string, now, at time.Time) error {
	hash := sha256.Sum256([]byte(token))
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var login string
		if err := tx.QueryRow(ctx, `SELECT login `+invitedBy+` FOR UPDATE`, hash[:], now).Scan(&login); err != nil {
			return nil, err
		}
		var b pgx.Batch
		b.Queue(`UPDATE invitation SET ended_at = $2 WHERE token_hash = $1`, hash[:], now)
		b.Queue(`UPDATE account SET password_hash = $2 WHERE login = $1`, login, passwordHash)
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return nil, err
		}
		return []delivery.Event{accountEvent(login, login, "password_chosen", at)}, endAccess(ctx, tx, login)
	})
	return err
}
