package dispatchdb

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

const passkeyColumns = `id, login, handle, kept, name, made_at, used_at`

func scanPasskey(row pgx.CollectableRow) (p network.Passkey, err error) {
	var used *time.Time
	err = row.Scan(&p.ID, &p.Login, &p.Handle, &p.Kept, &p.Name, &p.MadeAt, &used)
	p.MadeAt, p.UsedAt = p.MadeAt.UTC(), orZero(used)
	return p, err
}

// Passkeys are those of an account, in the order in which they were made.
func (s *Accounts) Passkeys(ctx context.Context, login string) (list []network.Passkey, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err = collect(ctx, tx, scanPasskey, `SELECT `+passkeyColumns+` FROM passkey WHERE login = $1 ORDER BY made_at, id`, login)
		return err
	})
	return list, err
}

// Passkey is one, by its id; ErrNotFound without it.
func (s *Accounts) Passkey(ctx context.Context, id []byte) (p network.Passkey, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err := collect(ctx, tx, scanPasskey, `SELECT `+passkeyColumns+` FROM passkey WHERE id = $1`, id)
		if err == nil && len(list) == 0 {
			err = refusal.ErrNotFound
		}
		if err == nil {
			p = list[0]
		}
		return err
	})
	return p, err
}

// AddPasskey keeps one of an account that is not disabled, and whose person no identity provider
// vouches for each time. ErrTaken when there is one of its id, ErrChanged when the session in which
// it was made has ended, or when the account has keys of another handle. at is server time, for the log.
func (s *Accounts) AddPasskey(ctx context.Context, p network.Passkey, session string, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const lock = `SELECT login FROM account WHERE login = $1 AND NOT disabled FOR NO KEY UPDATE`
		if err := tx.QueryRow(ctx, lock, p.Login).Scan(&p.Login); err != nil {
			return nil, err
		}
		const looked = `SELECT EXISTS (SELECT FROM identity WHERE login = $1 AND managed),
			EXISTS (SELECT FROM session WHERE login = $1 AND ` + sessionID + ` = $2),
			(SELECT count(*) FROM passkey WHERE login = $1), EXISTS (SELECT FROM passkey WHERE login = $1 AND handle <> $3)`
		var managed, stands, others bool
		var held int
		if err := tx.QueryRow(ctx, looked, p.Login, session, p.Handle).Scan(&managed, &stands, &held, &others); err != nil {
			return nil, err
		}
		switch {
		case managed: // whom the provider sends away would have a key still
			return nil, refusal.OfState("account "+p.Login, "the identity provider's", "given a passkey")
		case !stands, others: // it ended meanwhile, or its first key was made elsewhere
			return nil, refusal.ErrChanged
		}
		if err := p.Check(held); err != nil {
			return nil, err
		}
		const q = `INSERT INTO passkey (` + passkeyColumns + `) VALUES ($1, $2, $3, $4, $5, $6, NULL)`
		_, err := tx.Exec(ctx, q, p.ID, p.Login, p.Handle, p.Kept, p.Name, p.MadeAt)
		return []delivery.Event{passkeyEvent(p, "passkey_added", at)}, err
	})
	return err
}

func passkeyEvent(p network.Passkey, what string, at time.Time) delivery.Event {
	e := accountEvent(p.Login, p.Login, what, at)
	e.Detail["passkey"], e.Detail["name"] = base64.RawURLEncoding.EncodeToString(p.ID), p.Name
	return e
}

// UsePasskey keeps what is known of one after it was used; ErrNotFound when it was removed meanwhile.
func (s *Accounts) UsePasskey(ctx context.Context, id, kept []byte, now time.Time) error {
	tag, err := s.pool.Exec(ctx, `UPDATE passkey SET kept = $2, used_at = $3 WHERE id = $1`, id, kept, now)
	if err == nil && tag.RowsAffected() == 0 {
		err = refusal.ErrNotFound
	}
	return meaning(err)
}

// RemovePasskey removes one of an account's own; ErrNotFound unless it is. at is server time, for the log.
func (s *Accounts) RemovePasskey(ctx context.Context, login string, id []byte, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		p := network.Passkey{ID: id, Login: login}
		const q = `DELETE FROM passkey WHERE login = $1 AND id = $2 RETURNING name`
		err := tx.QueryRow(ctx, q, login, id).Scan(&p.Name)
		return []delivery.Event{passkeyEvent(p, "passkey_removed", at)}, err
	})
	return err
}
