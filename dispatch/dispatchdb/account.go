package dispatchdb

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/samber/lo"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Accounts are who may sign in, their sessions (session.go) and their invitations
// (invitation.go).
type Accounts struct{ db }

const accountColumns = `login, name_zh, name_en, role, also, COALESCE(site_id, ''), password_hash, automated, disabled`

// accountFields are where a row of accountColumns goes.
func accountFields(a *network.Account) []any {
	return []any{&a.Login, &a.NameZH, &a.NameEN, &a.Role, &a.Also, &a.Site, &a.PasswordHash, &a.Automated, &a.Disabled}
}

// kindOfAccount is the kind of the first role of an account a.
const kindOfAccount = `COALESCE((SELECT r.kind FROM role r WHERE r.role = a.role), a.role)`

// SaveAccount adds an account; one that exists keeps its password and is left as it is.
func (s *Accounts) SaveAccount(ctx context.Context, a network.Account) (added bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		added, err = insertAccount(ctx, tx, a)
		return err
	})
	return added, err
}

func insertAccount(ctx context.Context, tx pgx.Tx, a network.Account) (added bool, err error) {
	const q = `INSERT INTO account (login, name_zh, name_en, role, also, site_id, password_hash, automated)
		VALUES ($1, $2, $3, $4, COALESCE($5::text[], '{}'), $6, $7, $8)
		ON CONFLICT (login) DO NOTHING`
	tag, err := tx.Exec(ctx, q, a.Login, a.NameZH, a.NameEN, a.Role, a.Also, nonZero(a.Site), a.PasswordHash, a.Automated)
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

// Accounts are all but the program's own, by login.
func (s *Accounts) Accounts(ctx context.Context, now time.Time) (list []network.AccountState, err error) {
	const q = `SELECT ` + accountColumns + `,
			(SELECT max(used_at) FROM session WHERE session.login = account.login),
			(SELECT expires_at FROM invitation WHERE invitation.login = account.login AND ended_at IS NULL AND expires_at > $1)
		FROM account
		WHERE login <> $2
		ORDER BY login`
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err = collect(ctx, tx, func(row pgx.CollectableRow) (a network.AccountState, err error) {
			var used, until *time.Time
			err = row.Scan(append(accountFields(&a.Account), &used, &until)...)
			a.UsedAt, a.InvitedUntil = orZero(used), orZero(until)
			return a, err
		}, q, now, network.System.Login)
		return err
	})
	return list, err
}

// AddAccount adds an account with an invitation to choose its password. at is server time,
// for the log.
func (s *Accounts) AddAccount(
	ctx context.Context, a network.Account, by network.Actor, token string, i network.Invitation, at time.Time,
) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if err := managing(ctx, tx, by, delivery.OpAddAccount, a.Site); err != nil {
			return nil, err
		}
		added, err := insertAccount(ctx, tx, a)
		if err == nil && !added {
			err = refusal.OfField("login", "is taken")
		}
		if err == nil {
			err = invite(ctx, tx, token, i)
		}
		return []delivery.Event{addedEvent(a, i.MadeBy, at)}, err
	})
	return err
}

// ChangeAccount has an account changed, with the row held meanwhile, and logs what it was.
// What its person is signed in to ends when that is to act otherwise. The last account of an
// administrator stays one.
func (s *Accounts) ChangeAccount(
	ctx context.Context, login string, by network.Actor, at time.Time, change func(network.Account) (network.Account, error),
) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		was, err := managed(ctx, tx, login, by, delivery.OpChange)
		if err != nil {
			return nil, err
		}
		is, err := change(was)
		if err == nil {
			err = delivery.Permit(by, delivery.OpChange, is.Site)
		}
		if err != nil || is.Same(was) {
			return nil, err
		}
		return rewrite(ctx, tx, was, is, by.Login, at)
	})
	return err
}

// rewrite changes a locked account from what it was; with less than it had, all that it is signed
// in to ends.
func rewrite(ctx context.Context, tx pgx.Tx, was, is network.Account, by string, at time.Time) ([]delivery.Event, error) {
	const q = `UPDATE account
		SET name_zh = $2, name_en = $3, role = $4, site_id = $5, disabled = $6, also = COALESCE($7::text[], '{}')
		WHERE login = $1`
	_, err := tx.Exec(ctx, q, is.Login, is.NameZH, is.NameEN, is.Role, nonZero(is.Site), is.Disabled, is.Also)
	if err != nil {
		return nil, err
	}
	e := accountEvent(by, is.Login, "changed", at)
	for _, f := range told(was, is) {
		e.Detail["was_"+f.name], e.Detail[f.name] = f.was, f.is
	}
	if network.LosesAccess(was, is) {
		err = errors.Join(keepsAdmin(ctx, tx, was), endAccess(ctx, tx, is.Login))
	}
	return []delivery.Event{e}, err
}

// addedEvent tells of a new account.
func addedEvent(a network.Account, by string, at time.Time) delivery.Event {
	e := accountEvent(by, a.Login, "added", at)
	for _, f := range told(network.Account{}, a) {
		e.Detail[f.name] = f.is
	}
	return e
}

// managing lets somebody manage accounts of a site, whom the record still knows as they are:
// they may have been disabled since they asked. Administrators are locked together, so that of
// those who disable each other one is refused.
func managing(ctx context.Context, tx pgx.Tx, by network.Actor, op delivery.Operation, site network.SiteID) error {
	const all = `SELECT FROM account WHERE role = $1 ORDER BY login FOR NO KEY UPDATE`
	if _, err := tx.Exec(ctx, all, network.RoleAdmin); err != nil || by.Role == network.RoleSystem {
		return err
	}
	const q = `SELECT FROM account WHERE login = $1 AND role = $2 AND COALESCE(site_id, '') = $3 AND also = COALESCE($4::text[], '{}')
		AND NOT disabled FOR NO KEY UPDATE`
	tag, err := tx.Exec(ctx, q, by.Login, cmp.Or(by.Named, by.Role), by.Site, by.Also)
	if err == nil && tag.RowsAffected() == 0 {
		err = refusal.ErrForbidden
	}
	return errors.Join(err, delivery.Permit(by, op, site))
}

// managed locks an account that somebody manages.
func managed(ctx context.Context, tx pgx.Tx, login string, by network.Actor, op delivery.Operation) (a network.Account, err error) {
	const q = `SELECT ` + accountColumns + ` FROM account WHERE login = $1 AND login <> $2`
	read := func(lock string) error {
		rows, err := tx.Query(ctx, q+lock, login, network.System.Login)
		if err == nil {
			a, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[network.Account])
		}
		return err
	}
	if err := read(``); err != nil {
		return a, err
	}
	if err := managing(ctx, tx, by, op, a.Site); err != nil {
		return a, err
	}
	if err := read(` FOR NO KEY UPDATE`); err != nil || by.Role == network.RoleSystem {
		return a, err
	}
	return a, delivery.Permit(by, op, a.Site) // it may have been moved meanwhile
}

// keepsAdmin refuses a change of an account after which no administrator of all sites could
// sign in.
func keepsAdmin(ctx context.Context, tx pgx.Tx, was network.Account) error {
	if was.Role != network.RoleAdmin {
		return nil
	}
	var left bool
	const q = `SELECT EXISTS (SELECT FROM account WHERE role = $1 AND site_id IS NULL AND NOT disabled AND password_hash <> $2)`
	err := tx.QueryRow(ctx, q, network.RoleAdmin, network.NoPassword).Scan(&left)
	if err == nil && !left {
		err = refusal.OfState("account "+was.Login, "the last administrator's of all sites", "disabled or given another role or site")
	}
	return err
}

// endAccess ends all that an account is signed in to, its being told outside the page, and its
// invitation. The account is locked.
func endAccess(ctx context.Context, tx pgx.Tx, login string) error {
	var b pgx.Batch
	b.Queue(`DELETE FROM session WHERE login = $1`, login)
	b.Queue(`DELETE FROM notice_device WHERE login = $1`, login)
	b.Queue(`UPDATE invitation SET ended_at = greatest(made_at, $2) WHERE login = $1 AND ended_at IS NULL`, login, time.Now())
	return tx.SendBatch(ctx, &b).Close()
}

// change is a field of an account as the log tells it.
type change struct{ name, was, is string }

func told(was, is network.Account) (list []change) {
	for _, c := range []change{
		{"name_zh", was.NameZH, is.NameZH},
		{"name_en", was.NameEN, is.NameEN},
		{"role", string(was.Role), string(is.Role)},
		{"also", also(was), also(is)},
		{"site", string(was.Site), string(is.Site)},
		{"disabled", strconv.FormatBool(was.Disabled), strconv.FormatBool(is.Disabled)},
	} {
		if c.was != c.is {
			list = append(list, c)
		}
	}
	return list
}

// also are the further roles of an account, as the log tells them.
func also(a network.Account) string {
	return strings.Join(lo.Map(a.Also, func(r network.Role, _ int) string { return string(r) }), " ")
}

// ChangePassword gives an account another password by its own wish, in a session that goes on;
// its other sessions end, and its invitation. ErrChanged unless the old one is what was shown.
func (s *Accounts) ChangePassword(ctx context.Context, login, old, hash, session string, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `UPDATE account SET password_hash = $3 WHERE login = $1 AND password_hash = $2 AND NOT disabled
			AND EXISTS (SELECT FROM session WHERE login = $1 AND ` + sessionID + ` = $4)`
		tag, err := tx.Exec(ctx, q, login, old, hash, session)
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrChanged
		}
		if err != nil {
			return nil, err
		}
		var b pgx.Batch
		b.Queue(`DELETE FROM session WHERE login = $1 AND `+sessionID+` <> $2`, login, session)
		b.Queue(`DELETE FROM notice_device WHERE login = $1 AND session <> $2`, login, session)
		b.Queue(`UPDATE invitation SET ended_at = greatest(made_at, $2) WHERE login = $1 AND ended_at IS NULL`, login, time.Now())
		return []delivery.Event{accountEvent(login, login, "password_changed", at)}, tx.SendBatch(ctx, &b).Close()
	})
	return err
}
