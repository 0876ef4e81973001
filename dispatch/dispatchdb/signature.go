package dispatchdb

import (
	"context"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/coldrecord"
	"hemolift/dispatch/delivery"
	"hemolift/dispatch/network"
)

// Sign keeps a signature.
func (s *Cold) Sign(ctx context.Context, id delivery.ID, hospital network.SiteID, x coldrecord.Signature) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		const q = `INSERT INTO signature (delivery_id, signed_by, name_zh, name_en, signed_at, meaning, digest, note)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
		_, err := tx.Exec(ctx, q, id, x.By, x.NameZH, x.NameEN, x.At, x.Meaning, x.Digest, x.Note)
		detail := map[string]string{"what": string(x.Meaning), "digest": x.Digest, "note": x.Note}
		return []delivery.Event{
			{At: x.At, Kind: delivery.EvSignature, Actor: x.By, Site: hospital, Subject: string(id), Detail: detail},
		}, err
	})
	return err
}

// Signatures returns those of a delivery in their order.
func (s *Cold) Signatures(ctx context.Context, id delivery.ID) ([]coldrecord.Signature, error) {
	const q = `SELECT signed_by, name_zh, name_en, signed_at, meaning, digest, note FROM signature WHERE delivery_id = $1 ORDER BY id`
	rows, err := s.pool.Query(ctx, q, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (x coldrecord.Signature, err error) {
		err = row.Scan(&x.By, &x.NameZH, &x.NameEN, &x.At, &x.Meaning, &x.Digest, &x.Note)
		x.At = x.At.UTC()
		return x, err
	})
}

// Unsigned returns up to limit of the deliveries that have ended with judged units, whose record
// nobody has signed since a logger's file was last laid beside it, the newest first.
func (s *Cold) Unsigned(ctx context.Context, limit int) (list []coldrecord.Unsigned, err error) {
	q := `SELECT d.id, r.hospital_id, d.component, p.units, p.ended, p.worst
		FROM delivery d JOIN request r ON r.id = d.request_id
		CROSS JOIN LATERAL (SELECT count(*) units, max(to_at) ended,
				(ARRAY['usable', 'use_within', 'quarantine', 'discard_advised'])[max(array_position(
					ARRAY['usable', 'use_within', 'quarantine', 'discard_advised'], advice))] worst
			FROM unit_passage WHERE delivery_id = d.id) p
		WHERE d.unsigned AND p.units > 0 AND d.status IN ` + ended + `
			AND NOT EXISTS (SELECT FROM signature s WHERE s.delivery_id = d.id AND s.signed_at >= COALESCE(
				(SELECT max(read_at) FROM logger_reading l WHERE l.delivery_id = d.id), s.signed_at))
		ORDER BY d.created_at DESC
		LIMIT $1`
	err = s.read(ctx, func(tx pgx.Tx) (err error) {
		list, err = collect(ctx, tx, func(row pgx.CollectableRow) (u coldrecord.Unsigned, err error) {
			err = row.Scan(&u.Delivery, &u.Hospital, &u.Component, &u.Units, &u.EndedAt, &u.Worst)
			u.EndedAt = u.EndedAt.UTC()
			return u, err
		}, q, limit)
		return err
	})
	return list, err
}
