// Package api holds the wire types and routes generated from web/api.yaml, the
// schema of record. Change that file and run make generate.
package api
