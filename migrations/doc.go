// Package migrations holds the schema as numbered SQL files, forward only, and
// applies them. A shipped file is never edited. The runner is tern, which takes an
// advisory lock, so that two servers may start at once.
//
// Its subpackages run Postgres: localpg is the private server of a program that
// was given no DATABASE_URL, pgtest gives each test a migrated database, backup copies a
// running record, archives its log and brings one back.
package migrations
