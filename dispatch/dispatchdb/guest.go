package dispatchdb

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Guests are the links by which guests see one delivery each. Of a token only its hash is
// kept; the first bytes of that are the link's id.
type Guests struct{ db }

const guestColumns = `encode(substr(token_hash, 1, 8), 'hex'), delivery_id, made_for, made_by, made_at, expires_at, revoked_at, opened_at`

// guestOpenedEvery is how often the log says that a link is in use.
const guestOpenedEvery = time.Hour

func scanGuest(row pgx.CollectableRow) (l delivery.GuestLink, err error) {
	var revoked, opened *time.Time
	err = row.Scan(&l.ID, &l.Delivery, &l.For, &l.MadeBy, &l.MadeAt, &l.ExpiresAt, &revoked, &opened)
	l.MadeAt, l.ExpiresAt, l.RevokedAt, l.OpenedAt = l.MadeAt.UTC(), l.ExpiresAt.UTC(), orZero(revoked), orZero(opened)
	return l, err
}

func guestEvent(l delivery.GuestLink, site network.SiteID, actor, what string, at time.Time) delivery.Event {
	return delivery.Event{
		At: at, Kind: delivery.EvGuest, Actor: actor, Site: site, Subject: string(l.Delivery),
		Detail: map[string]string{"what": what, "link": l.ID, "for": l.For},
	}
}

func guestLinks(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]delivery.GuestLink, error) {
	return collect(ctx, tx, scanGuest, `SELECT `+guestColumns+` FROM guest_link WHERE `+where, args...)
}

// MakeLink keeps a link for a token; a delivery has no more than delivery.MostGuests that
// stand.
func (s *Guests) MakeLink(
	ctx context.Context, token string, l delivery.GuestLink, site network.SiteID,
) (made delivery.GuestLink, err error) {
	hash := sha256.Sum256([]byte(token))
	_, err = s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if _, err := tx.Exec(ctx, `SELECT FROM delivery WHERE id = $1 FOR UPDATE`, l.Delivery); err != nil {
			return nil, err
		}
		var standing int
		const q = `SELECT count(*) FROM guest_link WHERE delivery_id = $1 AND revoked_at IS NULL AND expires_at > $2`
		if err := tx.QueryRow(ctx, q, l.Delivery, l.MadeAt).Scan(&standing); err != nil {
			return nil, err
		}
		if standing >= delivery.MostGuests {
			return nil, refusal.OfState("the delivery", fmt.Sprintf("shown by %d links", standing), "shown by another; revoke one")
		}
		if _, err := tx.Exec(
			ctx,
			`INSERT INTO guest_link (token_hash, delivery_id, made_for, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			hash[:], l.Delivery, l.For, l.MadeBy, l.MadeAt, l.ExpiresAt,
		); err != nil {
			return nil, err
		}
		list, err := guestLinks(ctx, tx, `token_hash = $1`, hash[:])
		if err != nil {
			return nil, err
		}
		made = list[0]
		return []delivery.Event{guestEvent(made, site, l.MadeBy, "made", l.MadeAt)}, nil
	})
	return made, err
}

// Links are those of a delivery that stand, the newest first.
func (s *Guests) Links(ctx context.Context, id delivery.ID, now time.Time) (list []delivery.GuestLink, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err = guestLinks(ctx, tx, `delivery_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY made_at DESC`, id, now)
		return err
	})
	return list, err
}

// RevokeLink ends a link of a delivery; ErrNotFound unless it stands.
func (s *Guests) RevokeLink(ctx context.Context, id delivery.ID, link, by string, site network.SiteID, now time.Time) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `UPDATE guest_link SET revoked_at = $3
			WHERE delivery_id = $1 AND encode(substr(token_hash, 1, 8), 'hex') = $2 AND revoked_at IS NULL AND expires_at > $3
			RETURNING ` + guestColumns
		list, err := collect(ctx, tx, scanGuest, q, id, link, now)
		if err == nil && len(list) == 0 {
			err = refusal.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return []delivery.Event{guestEvent(list[0], site, by, "revoked", now)}, nil
	})
	return err
}

// Guest is the link that a token is of; ErrNotFound unless it stands. That it is in use is
// logged.
func (s *Guests) Guest(ctx context.Context, token string, now time.Time) (l delivery.GuestLink, err error) {
	hash := sha256.Sum256([]byte(token))
	err = s.read(ctx, func(tx pgx.Tx) error {
		list, err := guestLinks(ctx, tx, `token_hash = $1 AND revoked_at IS NULL AND expires_at > $2`, hash[:], now)
		if err == nil && len(list) == 0 {
			err = refusal.ErrNotFound
		}
		if err == nil {
			l = list[0]
		}
		return err
	})
	if err != nil || !l.OpenedAt.IsZero() && now.Sub(l.OpenedAt) < guestOpenedEvery {
		return l, err
	}
	_, err = s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		var site network.SiteID
		const q = `UPDATE guest_link g SET opened_at = $2
			FROM delivery d JOIN request r ON r.id = d.request_id
			WHERE g.token_hash = $1 AND d.id = g.delivery_id
			RETURNING r.hospital_id`
		if err := tx.QueryRow(ctx, q, hash[:], now).Scan(&site); err != nil {
			return nil, err
		}
		return []delivery.Event{guestEvent(l, site, "guest", "opened", now)}, nil
	})
	return l, err
}
