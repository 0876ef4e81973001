package migrations

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// right is what the server may do to a table beside reading it.
type right struct{ table, may string }

// rights is the one table of what the server's role may do: nothing is emptied, only
// sessions, passkeys, slots of pads and how people are told are deleted, and the log, custody, verdicts,
// samples and files are only ever added to; a day of samples goes when its compact hours hold it. Of a
// unit nobody changes more than where and in what state it is.
var rights = []right{
	{"account", "INSERT, UPDATE (name_zh, name_en, role, site_id, password_hash, disabled, also)"},
	{"role", "INSERT, UPDATE"},
	{"session", "INSERT, UPDATE (used_at, confirmed_at), DELETE"},
	{"invitation", "INSERT, UPDATE (ended_at)"},
	{"identity", "INSERT, UPDATE (subject, made_at)"},
	{"passkey", "INSERT, UPDATE (kept, used_at), DELETE"},

	{"site", "INSERT, UPDATE"},
	{"pad", "INSERT, UPDATE"},
	{"aircraft_class", "INSERT, UPDATE"},
	{"box_type", "INSERT, UPDATE"},
	{"device", "INSERT, UPDATE (secret_hash, secret_at)"},
	{"enrolment", "INSERT, UPDATE (ended_at)"},
	{"maintenance", "INSERT, UPDATE (struck_by, struck_why, struck_at)"},
	{"drone", "INSERT, UPDATE"},
	{"box", "INSERT, UPDATE"},
	{"zone", "INSERT, UPDATE"},
	{"compatibility", "INSERT, UPDATE (rank)"},
	{"profile_version", "INSERT"},

	{"unit", "INSERT, UPDATE (status, site_id)"},
	{"request", "INSERT, UPDATE"},
	{"request_terms", "INSERT"},
	{"guest_link", "INSERT, UPDATE (revoked_at, opened_at)"},
	{"push_key", "INSERT"},
	{"notice_wish", "INSERT, UPDATE"},
	{"notice_device", "INSERT, UPDATE, DELETE"},
	{"notice_webhook", "INSERT, UPDATE, DELETE"},
	{"handover_forecast", "INSERT, UPDATE (handed_over_at)"},
	{"mission", "INSERT, UPDATE"},
	{"pad_slot", "INSERT, UPDATE, DELETE"},
	{"delivery", "INSERT, UPDATE (status, seal, checked_by, given_up_at, mission_id, unsigned, " +
		"pad_word_by, pad_word_at, pad_word_pad, pad_word_taken)"},
	{"delivery_box", "INSERT, UPDATE (packed_at, released)"},
	{"delivery_unit", "INSERT, UPDATE (packed_at, box_id, outcome, released)"},
	{"command", "INSERT, UPDATE (acked_at, ok, reason, hash)"},
	{"alarm", "INSERT, UPDATE (cleared_at, acked_at, acked_by, worst, shelf_by, shelf_why, shelf_until, shelf_second, shelf_role)"},
	{"closure", "INSERT, UPDATE (ended_by, ended_at)"},
	{"clock", "INSERT, UPDATE"},
	{"dead_letter", "INSERT, UPDATE"},

	{"custody_event", "INSERT"},
	{"event_log", "INSERT"},
	{"unit_passage", "INSERT"},
	{"signature", "INSERT"},
	{"document", "INSERT"},
	{"document_decision", "INSERT"},
	{"document_effect", "INSERT"},
	{"calibration", "INSERT"},
	{"logger_file", "INSERT"},
	{"logger_reading", "INSERT"},
	{"zone_touch", "INSERT"},
	{"flown_leg", "INSERT"},
	{"flight_log", "INSERT"},
	{"drone_hours", "INSERT, UPDATE (flights, flown)"},
	{"position_sample", "INSERT"},
	{"temperature_sample", "INSERT"},
	{"status_sample", "INSERT"},
	{"compact_hour", "INSERT"},
	{"compact_day", "INSERT"},
}

// Prepare brings a database to the newest version and gives the server's role its rights, as
// the owner; with no owner's url the server's role is the owner.
func Prepare(ctx context.Context, url, ownerURL string) error {
	if ownerURL == "" {
		return Apply(ctx, url)
	}
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("the server's database: %w", err)
	}
	owner, err := pgx.ParseConfig(ownerURL)
	switch {
	case err != nil:
		return fmt.Errorf("the owner's database: %w", err)
	case owner.User == cfg.User:
		return fmt.Errorf("the owner and the server are the same role of the database, %s: name two, or the server's alone", cfg.User)
	case owner.Database != cfg.Database:
		return fmt.Errorf("the owner's database is %s, and the server's %s", owner.Database, cfg.Database)
	}
	if err := Apply(ctx, ownerURL); err != nil {
		return err
	}
	return Grant(ctx, ownerURL, cfg.User)
}

// Grant gives the role of a server its rights, and takes any other from it. url is the
// owner's.
func Grant(ctx context.Context, url, role string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var schema, database string
	var temporary bool
	const q = `SELECT current_schema(), current_database(), has_database_privilege($1, current_database(), 'TEMPORARY')`
	if err := conn.QueryRow(ctx, q, role).Scan(&schema, &database, &temporary); err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	to, in := pgx.Identifier{role}.Sanitize(), pgx.Identifier{schema}.Sanitize()
	statements := []string{
		`REVOKE ALL ON ALL TABLES IN SCHEMA ` + in + ` FROM ` + to,
		`REVOKE CREATE ON SCHEMA ` + in + ` FROM ` + to,
		`GRANT USAGE ON SCHEMA ` + in + ` TO ` + to,
		`GRANT USAGE ON SEQUENCE request_number TO ` + to,
		`GRANT EXECUTE ON FUNCTION make_day(text, date) TO ` + to,
		`GRANT EXECUTE ON FUNCTION drop_day(text, date) TO ` + to,
		`GRANT EXECUTE ON FUNCTION log_flights(text[], timestamptz) TO ` + to,
	}
	if !temporary { // what everybody may, where nobody took it away
		statements = append(statements, `GRANT TEMPORARY ON DATABASE `+pgx.Identifier{database}.Sanitize()+` TO `+to)
	}
	for _, r := range rights {
		statements = append(statements, `GRANT SELECT, `+r.may+` ON `+r.table+` TO `+to)
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, q := range statements {
			if _, err := tx.Exec(ctx, q); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	return nil
}
