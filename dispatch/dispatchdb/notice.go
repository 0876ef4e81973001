package dispatchdb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/notice"
	"hemolift/dispatch/refusal"
)

// Notices are whom hospitals' people are told by.
type Notices struct{ db }

// PushKey returns the server's key pair for push services; makes is asked for one when there
// is none yet.
func (s *Notices) PushKey(ctx context.Context, makes func() (private, public string, err error)) (private, public string, err error) {
	const q = `SELECT private_key, public_key FROM push_key`
	if err = s.pool.QueryRow(ctx, q).Scan(&private, &public); !errors.Is(err, pgx.ErrNoRows) {
		return private, public, err
	}
	if private, public, err = makes(); err != nil {
		return "", "", err
	}
	const keep = `INSERT INTO push_key (private_key, public_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	if _, err = s.pool.Exec(ctx, keep, private, public); err != nil {
		return "", "", err
	}
	err = s.pool.QueryRow(ctx, q).Scan(&private, &public) // another one may have been quicker
	return private, public, err
}

// Wishes are the urgencies of which an account is told.
func (s *Notices) Wishes(ctx context.Context, login string) ([]delivery.Urgency, error) {
	var list []delivery.Urgency
	err := s.pool.QueryRow(ctx, `SELECT urgencies FROM notice_wish WHERE login = $1`, login).Scan(&list)
	if errors.Is(err, pgx.ErrNoRows) {
		return notice.ByDefault(), nil
	}
	return list, err
}

// Wish keeps of which urgencies an account is told.
func (s *Notices) Wish(ctx context.Context, login string, urgencies []delivery.Urgency) error {
	if urgencies == nil {
		urgencies = []delivery.Urgency{}
	}
	_, err := s.pool.Exec(ctx, `INSERT INTO notice_wish (login, urgencies) VALUES ($1, $2)
		ON CONFLICT (login) DO UPDATE SET urgencies = excluded.urgencies`, login, urgencies)
	return err
}

const deviceColumns = `id, login, session, endpoint, p256dh, auth, lang, made_at, sent_at, failures`

func scanDevice(row pgx.CollectableRow) (d notice.Device, err error) {
	var sent *time.Time
	err = row.Scan(&d.ID, &d.Login, &d.Session, &d.Endpoint, &d.P256DH, &d.Auth, &d.Lang, &d.MadeAt, &sent, &d.Failures)
	d.MadeAt, d.SentAt = d.MadeAt.UTC(), orZero(sent)
	return d, err
}

// AddDevice keeps a browser by which an account is told: it is nobody else's from now on. An
// account has no more than notice.MostDevices.
func (s *Notices) AddDevice(ctx context.Context, d notice.Device) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "notice_device "+d.Login); err != nil {
			return nil, err
		}
		var others int
		const q = `SELECT count(*) FROM notice_device WHERE login = $1 AND endpoint <> $2`
		if err := tx.QueryRow(ctx, q, d.Login, d.Endpoint).Scan(&others); err != nil {
			return nil, err
		}
		if others >= notice.MostDevices {
			return nil, refusal.OfState("the account", fmt.Sprintf("told by %d browsers", others), "told by another; remove one")
		}
		_, err := tx.Exec(ctx, `INSERT INTO notice_device (endpoint, id, login, session, p256dh, auth, lang, made_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (endpoint) DO UPDATE SET id = excluded.id, login = excluded.login, session = excluded.session, p256dh = excluded.p256dh,
				auth = excluded.auth, lang = excluded.lang, made_at = excluded.made_at, sent_at = NULL, failures = 0`,
			d.Endpoint, d.ID, d.Login, d.Session, d.P256DH, d.Auth, d.Lang, d.MadeAt)
		return []delivery.Event{accountEvent(d.Login, d.Login, "notices_on", d.MadeAt)}, err
	})
	return err
}

// Devices are those of an account, the newest first.
func (s *Notices) Devices(ctx context.Context, login string) (list []notice.Device, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err = collect(ctx, tx, scanDevice, `SELECT `+deviceColumns+` FROM notice_device WHERE login = $1 ORDER BY made_at DESC, id`, login)
		return err
	})
	return list, err
}

// RemoveDevice ends being told by a browser of an account; ErrNotFound without it.
func (s *Notices) RemoveDevice(ctx context.Context, login, id string, at time.Time) error {
	return s.removeDevices(ctx, at, `login = $1 AND id = $2`, login, id)
}

// RemoveSession ends being told by the browsers of a session that a person ended.
func (s *Notices) RemoveSession(ctx context.Context, login, session string, at time.Time) error {
	err := s.removeDevices(ctx, at, `login = $1 AND session = $2 AND session <> ''`, login, session)
	if errors.Is(err, refusal.ErrNotFound) {
		return nil
	}
	return err
}

func (s *Notices) removeDevices(ctx context.Context, at time.Time, where string, login, of string) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		tag, err := tx.Exec(ctx, `DELETE FROM notice_device WHERE `+where, login, of)
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrNotFound
		}
		return []delivery.Event{accountEvent(login, login, "notices_off", at)}, err
	})
	return err
}

// Webhook is a hospital's, or ErrNotFound.
func (s *Notices) Webhook(ctx context.Context, site network.SiteID) (w notice.Webhook, err error) {
	var sent *time.Time
	err = s.pool.QueryRow(ctx, `SELECT site_id, url, secret, set_by, set_at, sent_at, failures FROM notice_webhook WHERE site_id = $1`, site).
		Scan(&w.Site, &w.URL, &w.Secret, &w.SetBy, &w.SetAt, &sent, &w.Failures)
	w.SetAt, w.SentAt = w.SetAt.UTC(), orZero(sent)
	return w, meaning(err)
}

// SetWebhook keeps a hospital's webhook instead of the one that it had.
func (s *Notices) SetWebhook(ctx context.Context, w notice.Webhook) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		_, err := tx.Exec(ctx, `INSERT INTO notice_webhook (site_id, url, secret, set_by, set_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (site_id) DO UPDATE SET url = excluded.url, secret = excluded.secret, set_by = excluded.set_by, set_at = excluded.set_at,
				sent_at = NULL, failures = 0`, w.Site, w.URL, w.Secret, w.SetBy, w.SetAt)
		return []delivery.Event{webhookEvent(w.Site, w.SetBy, "webhook_set", w.SetAt)}, err
	})
	return err
}

// EndWebhook ends a hospital's webhook; ErrNotFound without it.
func (s *Notices) EndWebhook(ctx context.Context, site network.SiteID, by string, at time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		tag, err := tx.Exec(ctx, `DELETE FROM notice_webhook WHERE site_id = $1`, site)
		if err == nil && tag.RowsAffected() == 0 {
			err = refusal.ErrNotFound
		}
		return []delivery.Event{webhookEvent(site, by, "webhook_ended", at)}, err
	})
	return err
}

func webhookEvent(site network.SiteID, by, what string, at time.Time) delivery.Event {
	e := accountEvent(by, string(site), what, at)
	e.Site = site
	return e
}

// Targets are who is told of something urgent at a hospital.
func (s *Notices) Targets(ctx context.Context, site network.SiteID, u delivery.Urgency) (t notice.Targets, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		t.Devices, err = collect(ctx, tx, scanDevice, `SELECT `+deviceColumns+`
			FROM notice_device
			WHERE login IN (
				SELECT a.login
				FROM account a LEFT JOIN notice_wish w ON w.login = a.login
				WHERE a.site_id = $1 AND NOT a.disabled AND $2 = ANY (COALESCE(w.urgencies, $3)))
			ORDER BY id`, site, u, notice.ByDefault())
		return err
	})
	if err != nil {
		return t, err
	}
	w, err := s.Webhook(ctx, site)
	switch {
	case errors.Is(err, refusal.ErrNotFound):
		return t, nil
	case err == nil:
		t.Webhook = &w
	}
	return t, err
}

// Told keeps how telling a browser ended; one that is gone is forgotten.
func (s *Notices) Told(ctx context.Context, endpoint string, at time.Time, how notice.Outcome) (err error) {
	switch how {
	case notice.Reached:
		_, err = s.pool.Exec(ctx, `UPDATE notice_device SET sent_at = $2, failures = 0 WHERE endpoint = $1`, endpoint, at)
	case notice.Gone:
		_, err = s.pool.Exec(ctx, `DELETE FROM notice_device WHERE endpoint = $1`, endpoint)
	case notice.Failed:
		const q = `WITH failed AS (UPDATE notice_device SET failures = failures + 1 WHERE endpoint = $1 RETURNING failures)
			SELECT max(failures) FROM failed`
		var failures *int
		if err = s.pool.QueryRow(ctx, q, endpoint).Scan(&failures); err == nil && failures != nil && *failures >= notice.MostFailures {
			_, err = s.pool.Exec(ctx, `DELETE FROM notice_device WHERE endpoint = $1`, endpoint)
		}
	}
	return err
}

// Called keeps how calling a hospital's webhook ended.
func (s *Notices) Called(ctx context.Context, site network.SiteID, at time.Time, how notice.Outcome) (err error) {
	if how == notice.Reached {
		_, err = s.pool.Exec(ctx, `UPDATE notice_webhook SET sent_at = $2, failures = 0 WHERE site_id = $1`, site, at)
	} else {
		_, err = s.pool.Exec(ctx, `UPDATE notice_webhook SET failures = failures + 1 WHERE site_id = $1`, site)
	}
	return err
}
