package dispatchdb

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"hemolift/dispatch/delivery"
)

const deliveryColumns = `d.id, d.request_id, d.request_version, d.component, d.recipient, d.mission_id, m.drone_id, m.centre_id,
	r.hospital_id, d.status,
	COALESCE(d.seal, ''), d.allocated_by, COALESCE(d.checked_by, ''), a.automated, r.needed_by, d.created_at, d.given_up_at,
		COALESCE(d.diverted_from, ''), d.two_persons, d.pad_rule, d.pad_word_by, d.pad_word_at, d.pad_word_pad, d.pad_word_taken,
	(SELECT max(at) FROM custody_event c WHERE c.delivery_id = d.id AND c.step = '` + string(
	delivery.StepLoad,
) + `'), (SELECT count(*) FROM custody_event c WHERE c.delivery_id = d.id AND c.step = '` + string(
	delivery.StepExchange,
) + `')`

const deliveryFrom = ` FROM delivery d JOIN mission m ON m.id = d.mission_id JOIN request r ON r.id = d.request_id JOIN account a ON
	a.login = r.login `

// deliveries reads whole deliveries.
func deliveries(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]delivery.Delivery, error) {
	list, err := collect(ctx, tx, func(row pgx.CollectableRow) (d delivery.Delivery, err error) {
		var givenUp, loaded, spoke *time.Time
		err = row.Scan(
			&d.ID,
			&d.Request,
			&d.Version,
			&d.Component,
			&d.Recipient,
			&d.Mission,
			&d.Drone,
			&d.Centre,
			&d.Hospital,
			&d.Status,
			&d.Seal,
			&d.AllocatedBy,
			&d.CheckedBy,
			&d.Automated,
			&d.NeededBy,
			&d.CreatedAt,
			&givenUp,
			&d.DivertedFrom,
			&d.TwoPersons,
			&d.PadRule,
			&d.PadWord.By,
			&spoke,
			&d.PadWord.Pad,
			&d.PadWord.Taken,
			&loaded,
			&d.Exchanges,
		)
		d.NeededBy, d.CreatedAt, d.GivenUpAt = d.NeededBy.UTC(), d.CreatedAt.UTC(), orZero(givenUp)
		d.LoadedAt, d.PadWord.At = orZero(loaded), orZero(spoke)
		return d, err
	}, `SELECT `+deliveryColumns+deliveryFrom+where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	at := map[delivery.ID]*delivery.Delivery{}
	ids := make([]string, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], string(list[i].ID)
	}
	if err := fillDeliveries(ctx, tx, ids, at); err != nil {
		return nil, err
	}
	return list, fillReleases(ctx, tx, list)
}

func fillDeliveries(ctx context.Context, tx pgx.Tx, ids []string, at map[delivery.ID]*delivery.Delivery) error {
	var id delivery.ID
	var packed *time.Time
	var b delivery.Box
	rows, err := tx.Query(
		ctx,
		`SELECT delivery_id, box_id, profile_id, packed_at, released FROM delivery_box WHERE delivery_id = ANY ($1) ORDER BY box_id`,
		ids,
	)
	if err != nil {
		return err
	}
	if _, err := pgx.ForEachRow(rows, []any{&id, &b.Box, &b.Profile, &packed, &b.Released}, func() error {
		b.PackedAt = orZero(packed)
		at[id].Boxes = append(at[id].Boxes, b)
		return nil
	}); err != nil {
		return err
	}
	const q = `SELECT x.delivery_id, COALESCE(x.box_id, ''), x.packed_at, COALESCE(x.outcome, ''), x.released,
			u.din, u.product_code, u.division, u.component, u.blood_group, u.mass_g, u.expires_at, u.site_id, u.status
		FROM delivery_unit x JOIN unit u USING (din, product_code, division)
		WHERE x.delivery_id = ANY ($1)
		ORDER BY u.din, u.product_code, u.division`
	var x delivery.Unit
	u := &x.Unit
	if rows, err = tx.Query(ctx, q, ids); err != nil {
		return err
	}
	_, err = pgx.ForEachRow(
		rows,
		[]any{
			&id,
			&x.Box,
			&packed,
			&x.Outcome,
			&x.Released,
			&u.Key.DIN,
			&u.Key.ProductCode,
			&u.Key.Division,
			&u.Component,
			&u.Group,
			&u.MassG,
			&u.ExpiresAt,
			&u.Site,
			&u.Status,
		},
		func() error {
			x.PackedAt, u.ExpiresAt = orZero(packed), u.ExpiresAt.UTC()
			at[id].Units = append(at[id].Units, x)
			return nil
		},
	)
	return err
}

// fillReleases reads what the drones of deliveries were told of their way out.
func fillReleases(ctx context.Context, tx pgx.Tx, list []delivery.Delivery) error {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = string(d.Mission)
	}
	rows, err := tx.Query(
		ctx,
		`SELECT mission_id, expires_at, acked_at, COALESCE(ok, false), reason FROM command WHERE mission_id = ANY ($1) AND kind IN `+release+`
		ORDER BY id`,
		ids,
	)
	if err != nil {
		return err
	}
	of := map[delivery.MissionID][]delivery.Release{}
	var m delivery.MissionID
	var r delivery.Release
	var answered *time.Time
	_, err = pgx.ForEachRow(rows, []any{&m, &r.ExpiresAt, &answered, &r.OK, &r.Reason}, func() error {
		r.ExpiresAt, r.AnsweredAt = r.ExpiresAt.UTC(), orZero(answered)
		of[m] = append(of[m], r)
		return nil
	})
	for i := range list {
		list[i].Releases = of[list[i].Mission]
	}
	return err
}
