package dispatchdb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// AccountOf is the account of an identity. Of one that the provider manages, as says what it is to
// be now, from what it was: it is changed when that differs, and made when there is none.
// ErrTaken when another account has its login. at is server time, for the log.
func (s *Accounts) AccountOf(
	ctx context.Context, id network.Identity, at time.Time, as func(was network.Account) (network.Account, error),
) (a network.Account, err error) {
	_, err = s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		// Those who show one identity at once come one after another.
		const alone = `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))`
		if _, err := tx.Exec(ctx, alone, id.Issuer, id.Subject); err != nil {
			return nil, err
		}
		const q = `SELECT ` + accountColumns + `, managed FROM account JOIN identity USING (login)
			WHERE issuer = $1 AND subject = $2 FOR NO KEY UPDATE OF account`
		var managed bool
		err := tx.QueryRow(ctx, q, id.Issuer, id.Subject).Scan(append(accountFields(&a), &managed)...)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			a, err = as(network.Account{})
			if err != nil {
				return nil, err
			}
			return []delivery.Event{addedEvent(a, network.System.Login, at)}, admit(ctx, tx, id, a)
		case err != nil || !managed:
			return nil, err
		}
		was := a
		if a, err = as(was); err != nil || a.Same(was) {
			return nil, err
		}
		return rewrite(ctx, tx, was, a, network.System.Login, at)
	})
	return a, err
}

// admit makes an account that a provider manages.
func admit(ctx context.Context, tx pgx.Tx, id network.Identity, a network.Account) error {
	added, err := insertAccount(ctx, tx, a)
	if err == nil && !added {
		err = refusal.ErrTaken
	}
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO identity (issuer, subject, login, managed, made_at) VALUES ($1, $2, $3, true, $4)`,
			id.Issuer, id.Subject, a.Login, time.Now())
	}
	return err
}

// Join makes an identity that of an account, by its person's wish; another one of the same
// provider is replaced. ErrTaken when the identity is another account's.
func (s *Accounts) Join(ctx context.Context, id network.Identity, login string, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `INSERT INTO identity AS i (issuer, subject, login, managed, made_at)
			SELECT $1, $2, login, false, $4 FROM account WHERE login = $3 AND NOT disabled
			ON CONFLICT (issuer, login) DO UPDATE SET subject = excluded.subject, made_at = excluded.made_at`
		tag, err := tx.Exec(ctx, q, id.Issuer, id.Subject, login, time.Now())
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrNotFound
		}
		e := accountEvent(login, login, "joined", at)
		e.Detail["issuer"], e.Detail["subject"] = id.Issuer, id.Subject
		return []delivery.Event{e}, err
	})
	return err
}
