package dispatchdb

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/refusal"
)

// Documents are the versions of what a blood service decides for itself.
type Documents struct{ db }

// documentLock orders what is proposed, decided and takes effect.
const documentLock = 0x686c646f

// Versions returns all of them, in the order in which they came.
func (s *Documents) Versions(ctx context.Context) (all []document.Version, err error) {
	err = s.read(ctx, func(tx pgx.Tx) (err error) {
		all, err = versions(ctx, tx)
		return err
	})
	return all, err
}

func versions(ctx context.Context, tx pgx.Tx) ([]document.Version, error) {
	const q = `SELECT d.id, d.kind, d.body, d.origin, COALESCE(d.made_by, ''), d.made_at, d.reason, e.at,
			c.decided_by, c.name_zh, c.name_en, c.decided_at, c.approved, c.note, c.counts_from
		FROM document d LEFT JOIN document_effect e ON e.document_id = d.id
		LEFT JOIN LATERAL (SELECT * FROM document_decision x WHERE x.document_id = d.id ORDER BY x.id DESC LIMIT 1) c ON true
		ORDER BY d.id`
	return collect(ctx, tx, func(row pgx.CollectableRow) (v document.Version, err error) {
		var took, decided, from *time.Time
		var by, zh, en, note *string
		var approved *bool
		err = row.Scan(&v.ID, &v.Kind, &v.Text, &v.Origin, &v.By, &v.At, &v.Reason, &took, &by, &zh, &en, &decided, &approved, &note, &from)
		v.At, v.TookAt = v.At.UTC(), utc(took)
		if err == nil && by != nil {
			v.Decision = &document.Decision{
				By: *by, NameZH: *zh, NameEN: *en, At: utc(decided), Approved: *approved, Note: *note, From: utc(from),
			}
		}
		return v, err
	}, q)
}

func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// change has decide look at all versions, nobody else changing them, and write what it wishes.
func (s *Documents) change(ctx context.Context, decide func(pgx.Tx, []document.Version) (*delivery.Event, error)) error {
	_, err := s.inTx(ctx, func(tx pgx.Tx) ([]delivery.Event, error) {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, documentLock); err != nil {
			return nil, err
		}
		all, err := versions(ctx, tx)
		if err != nil {
			return nil, err
		}
		e, err := decide(tx, all)
		if err != nil || e == nil {
			return nil, err
		}
		return []delivery.Event{*e}, nil
	})
	return err
}

func insertVersion(ctx context.Context, tx pgx.Tx, v *document.Version) error {
	const q = `INSERT INTO document (kind, body, origin, made_by, made_at, reason) VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6) RETURNING id`
	return tx.QueryRow(ctx, q, v.Kind, v.Text, v.Origin, v.By, v.At, v.Reason).Scan(&v.ID)
}

// Load keeps a text that the program was started with, which takes effect at once.
func (s *Documents) Load(ctx context.Context, v document.Version) error {
	return s.change(ctx, func(tx pgx.Tx, _ []document.Version) (*delivery.Event, error) {
		if err := insertVersion(ctx, tx, &v); err != nil {
			return nil, err
		}
		_, err := tx.Exec(ctx, `INSERT INTO document_effect VALUES ($1, $2)`, v.ID, v.TookAt)
		return nil, err // that the program was started with another one is an event of its own
	})
}

// Propose keeps a version unless decide refuses it beside all there are; decide tells the event.
// It returns the version with its id.
func (s *Documents) Propose(
	ctx context.Context, v document.Version, decide func(v document.Version, all []document.Version) (delivery.Event, error),
) (document.Version, error) {
	err := s.change(ctx, func(tx pgx.Tx, all []document.Version) (*delivery.Event, error) {
		if err := v.Check(all); err != nil {
			return nil, err
		}
		if err := insertVersion(ctx, tx, &v); err != nil {
			return nil, err
		}
		e, err := decide(v, all)
		return &e, err
	})
	return v, err
}

// Decide keeps what decide makes of a version; ErrNotFound without it.
func (s *Documents) Decide(
	ctx context.Context, id int64, decide func(v document.Version, all []document.Version) (document.Decision, delivery.Event, error),
) error {
	return s.change(ctx, func(tx pgx.Tx, all []document.Version) (*delivery.Event, error) {
		v, err := one(all, id)
		if err != nil {
			return nil, err
		}
		d, e, err := decide(v, all)
		if err != nil {
			return nil, err
		}
		const q = `INSERT INTO document_decision (document_id, approved, decided_by, name_zh, name_en, decided_at, note, counts_from)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
		var from *time.Time
		if d.Approved {
			from = &d.From
		}
		_, err = tx.Exec(ctx, q, id, d.Approved, d.By, d.NameZH, d.NameEN, d.At, d.Note, from)
		return &e, err
	})
}

// TakeEffect has a version that was approved count from now on, unless check refuses it for the
// network, which nobody else changes meanwhile. One that counts already, or that was withdrawn,
// is left as it is.
func (s *Documents) TakeEffect(
	ctx context.Context, id int64, now time.Time,
	check func(v document.Version, all []document.Version, n *network.Network) (delivery.Event, error),
) error {
	return s.change(ctx, func(tx pgx.Tx, all []document.Version) (*delivery.Event, error) {
		v, err := one(all, id)
		if err != nil || v.StateIn(all) != document.Approved {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, networkLock); err != nil {
			return nil, err
		}
		n, err := readNetwork(ctx, tx)
		if err != nil {
			return nil, err
		}
		e, err := check(v, all, n)
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `INSERT INTO document_effect VALUES ($1, $2)`, id, now)
		return &e, err
	})
}

func one(all []document.Version, id int64) (document.Version, error) {
	i := slices.IndexFunc(all, func(v document.Version) bool { return v.ID == id })
	if i < 0 {
		return document.Version{}, refusal.ErrNotFound
	}
	return all[i], nil
}
