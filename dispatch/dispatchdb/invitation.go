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

// Invite keeps an invitation to an account for a token; an earlier one of the account ends. now is
// wall time, at server time, for the log.
func (s *Accounts) Invite(
	ctx context.Context, login string, by network.Actor, token string, now, at time.Time,
) (a network.Account, i network.Invitation, err error) {
	_, err = s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if a, err = managed(ctx, tx, login, by, delivery.OpInvite); err != nil {
			return nil, err
		}
		if i, err = a.Invite(by.Login, now); err != nil {
			return nil, err
		}
		e := accountEvent(by.Login, login, "invited", at)
		e.Detail["until"] = i.ExpiresAt.Format(time.RFC3339)
		return []delivery.Event{e}, invite(ctx, tx, token, i)
	})
	return a, i, err
}

func invite(ctx context.Context, tx pgx.Tx, token string, i network.Invitation) error {
	hash := sha256.Sum256([]byte(token))
	var b pgx.Batch
	b.Queue(`UPDATE invitation SET ended_at = greatest(made_at, $2) WHERE login = $1 AND ended_at IS NULL`, i.Login, i.MadeAt)
	b.Queue(`INSERT INTO invitation (token_hash, login, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		hash[:], i.Login, i.MadeBy, i.MadeAt, i.ExpiresAt)
	return tx.SendBatch(ctx, &b).Close()
}

// Withdraw ends the invitation of an account; ErrNotFound unless one stands.
func (s *Accounts) Withdraw(ctx context.Context, login string, by network.Actor, now, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if _, err := managed(ctx, tx, login, by, delivery.OpWithdraw); err != nil {
			return nil, err
		}
		const q = `UPDATE invitation SET ended_at = $2 WHERE login = $1 AND ended_at IS NULL AND expires_at > $2`
		tag, err := tx.Exec(ctx, q, login, now)
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrNotFound
		}
		return []delivery.Event{accountEvent(by.Login, login, "invitation_withdrawn", at)}, err
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
		append(accountFields(&a), &until)...)
	return a, until.UTC(), meaning(err)
}

// Accept gives the account of an invitation its password, once; what was signed in to by an
// earlier one ends, and its passkeys are gone. ErrNotFound unless the invitation stands.
func (s *Accounts) Accept(ctx context.Context, token, passwordHash string, now, at time.Time) error {
	hash := sha256.Sum256([]byte(token))
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		// The account is locked first, as by all who change it, and then looked at.
		const lock = `SELECT login FROM account WHERE login = (SELECT login FROM invitation WHERE token_hash = $1) FOR NO KEY UPDATE`
		var login string
		if err := tx.QueryRow(ctx, lock, hash[:]).Scan(&login); err != nil {
			return nil, err
		}
		if err := tx.QueryRow(ctx, `SELECT login `+invitedBy, hash[:], now).Scan(&login); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `UPDATE account SET password_hash = $2 WHERE login = $1`, login, passwordHash); err != nil {
			return nil, err
		}
		// Whoever had the account before has no key to it any more.
		if _, err := tx.Exec(ctx, `DELETE FROM passkey WHERE login = $1`, login); err != nil {
			return nil, err
		}
		return []delivery.Event{accountEvent(login, login, "password_chosen", at)}, endAccess(ctx, tx, login)
	})
	return err
}
