// Package backup copies the record of a running server, and brings one back.
//
// Take asks PostgreSQL for a base backup by the replication protocol, as pg_basebackup does,
// with the write-ahead log that makes it consistent: the state of the moment at which it
// ended. It writes
//
//	DIR/20261128T140000Z/base.tar.zst    the files, with PostgreSQL's own manifest; .age when encrypted
//	DIR/20261128T140000Z/backup.json     when, of what, and the size and SHA-256 of the other file
//
// into a directory with another name first, and gives it its name when all of it is on the
// disk: a directory of that form is whole, or it was damaged later, which Check tells. What an
// interrupted one left the next one removes.
//
// Restore checks a backup, unpacks it into a directory that has no record yet, compares every
// file with PostgreSQL's manifest, starts the server there once, and says what it found.
package backup
