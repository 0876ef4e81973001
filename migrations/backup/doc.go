// Package backup copies the record of a running server, archives what it writes afterwards, and
// brings a record back, to its end or to a time.
//
// Take (take.go) asks PostgreSQL for a base backup by the replication protocol, as pg_basebackup
// does, with the write-ahead log that makes it consistent: the state of the moment at which it
// ended. It writes
//
//	DIR/20261128T140000Z/base.tar.zst    the files, with PostgreSQL's own manifest; .age when encrypted
//	DIR/20261128T140000Z/backup.json     when, of what, and the size and SHA-256 of the other file (note.go)
//
// into a directory with another name first, and gives it its name when all of it is on the
// disk: a directory of that form is whole, or it was damaged later, which Check tells. What an
// interrupted one left the next one removes.
//
// Archiver (archiver.go, segment.go) receives the write-ahead log while it is written and has it
// on the archive's disk once a second: that is what is lost at most when the record's disk dies.
// A slot has the server keep what the archive has not got, up to the server's own limit; a gap that
// comes from it is logged, and told at the restore.
//
// Restore (restore.go, recover.go) checks a backup, unpacks it into a directory that has no record
// yet, compares every file with PostgreSQL's manifest, adds the archived log, starts the server
// there once, which goes through it, and says what it found. Each restore begins a timeline of its
// own, so that an archive goes on after it.
package backup
