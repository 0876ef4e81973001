package dispatchdb

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
	"hemolift/dispatch/visit"
)

// Of a session only its token's hash is kept. The first bytes of it are the session's id,
// from which no token is found.
const sessionID = `encode(substr(token_hash, 1, 8), 'hex')`

const (
	mostSessions = 100         // of one account; the oldest end
	usedEvery    = time.Minute // how exactly the last use is known
)

// OpenSession opens a session for a token, of an account whose password has the hash that was
// compared (empty: none was); it ends what has expired and what is too many. ErrNotFound when the
// account was disabled meanwhile, or its password is another. at is server time, for the log.
func (s *Accounts) OpenSession(ctx context.Context, token, compared string, o network.Session, at time.Time) error {
	hash := sha256.Sum256([]byte(token))
	if _, err := s.pool.Exec(ctx, `DELETE FROM session WHERE expires_at <= $1`, o.OpenedAt); err != nil {
		return meaning(err)
	}
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if err := tx.QueryRow(ctx,
			`INSERT INTO session (token_hash, login, kind, address, agent, created_at, used_at, confirmed_at, expires_at, only_ops)
			SELECT $1, login, $3, $4, $5, $6, $6, $10, $7, COALESCE($9::text[], '{}')
				FROM account WHERE login = $2 AND NOT disabled AND ($8 = '' OR password_hash = $8) FOR SHARE
			RETURNING `+sessionID,
			hash[:], o.Login, o.Kind, o.Address, o.Agent, o.OpenedAt, o.ExpiresAt, compared, o.Only, o.ConfirmedAt,
		).Scan(&o.ID); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM session WHERE token_hash IN
			(SELECT token_hash FROM session WHERE login = $1 ORDER BY created_at DESC, token_hash OFFSET $2)`,
			o.Login, mostSessions); err != nil {
			return nil, err
		}
		e := accountEvent(o.Login, o.Login, "signed_in", at)
		e.Session, e.Address = o.ID, o.Address
		e.Detail["kind"], e.Detail["agent"] = string(o.Kind), o.Agent
		return []delivery.Event{e}, nil
	})
	return err
}

func accountEvent(actor, subject, what string, at time.Time) delivery.Event {
	return delivery.Event{At: at, Kind: delivery.EvAccount, Actor: actor, Subject: subject, Detail: map[string]string{"what": what}}
}

// SessionAccount returns whose live session a token is, with the session's id, kind and when
// it was confirmed, or ErrNotFound. One of a person that nobody used for idle has ended.
func (s *Accounts) SessionAccount(
	ctx context.Context, token string, kind network.SessionKind, now time.Time, idle time.Duration,
) (a network.Account, o network.Session, err error) {
	hash := sha256.Sum256([]byte(token))
	const q = `SELECT ` + accountColumns + `, ` + sessionID + `, kind, confirmed_at, used_at, only_ops
		FROM session JOIN account USING (login)
		WHERE NOT disabled AND token_hash = $1 AND kind = $2 AND expires_at > $3 AND (kind = $4 OR used_at > $5)`
	err = s.pool.QueryRow(ctx, q, hash[:], kind, now, network.ByToken, now.Add(-idle)).Scan(
		append(accountFields(&a), &o.ID, &o.Kind, &o.ConfirmedAt, &o.UsedAt, &o.Only)...)
	if err == nil && now.Sub(o.UsedAt) >= usedEvery {
		// Who only reads is not kept from it by a record that cannot be written.
		_, _ = s.pool.Exec(ctx, `UPDATE session SET used_at = $2 WHERE token_hash = $1`, hash[:], now)
	}
	return a, o, meaning(err)
}

// Sessions are an account's live ones, the newest first.
func (s *Accounts) Sessions(ctx context.Context, login string, now time.Time, idle time.Duration) ([]network.Session, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+sessionID+`, login, kind, address, agent, created_at, used_at, expires_at, confirmed_at, only_ops
		FROM session
		WHERE login = $1 AND expires_at > $2 AND (kind = $3 OR used_at > $4)
		ORDER BY created_at DESC`, login, now, network.ByToken, now.Add(-idle))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[network.Session])
}

// ConfirmSession keeps that a session's person showed in it who it is. ErrNotFound when it has ended.
func (s *Accounts) ConfirmSession(ctx context.Context, login, id string, now time.Time) error {
	tag, err := s.pool.Exec(ctx, `UPDATE session SET confirmed_at = $3 WHERE login = $1 AND `+sessionID+` = $2`, login, id, now)
	if err == nil && tag.RowsAffected() == 0 {
		err = refusal.ErrNotFound
	}
	return meaning(err)
}

// SpendProof uses up, for one act, that a session's person has only just shown who it is; false: the person
// has not, or the proof is used up.
func (s *Accounts) SpendProof(ctx context.Context, login, id string, now time.Time) (bool, error) {
	const q = `UPDATE session SET confirmed_at = confirmed_at - $4::interval
		WHERE login = $1 AND ` + sessionID + ` = $2
			AND confirmed_at > $3::timestamptz - $4::interval AND confirmed_at < $3::timestamptz + $4::interval`
	tag, err := s.pool.Exec(ctx, q, login, id, now, network.JustConfirmedFor)
	return tag.RowsAffected() == 1, meaning(err)
}

// EndSession ends one of an account's own sessions: ErrNotFound unless it is one. at is
// server time, for the log.
func (s *Accounts) EndSession(ctx context.Context, login, id string, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		tag, err := tx.Exec(ctx, `DELETE FROM session WHERE login = $1 AND `+sessionID+` = $2`, login, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrNotFound
		}
		e := accountEvent(login, login, "signed_out", at)
		e.Detail["session"] = id
		return []delivery.Event{e}, err
	})
	return err
}

// RefuseSignIn keeps that somebody could not sign in: to an account, or with an empty login
// to none that there is, since what was typed there may be a password. Both take as long.
func (s *Accounts) RefuseSignIn(ctx context.Context, login string, at time.Time) error {
	e := accountEvent(login, login, "refused", at)
	e.Address = visit.Of(ctx).Address
	return (&Log{s.db}).Append(ctx, e)
}
