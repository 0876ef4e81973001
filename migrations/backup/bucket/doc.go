// Package bucket keeps copies of backups, and of the archived log, in an S3-compatible store: on
// another site, for the day on which the disks here burn.
//
//	PREFIX/20261128T140000Z/base.tar.zst    as package backup wrote it; .age when encrypted
//	PREFIX/20261128T140000Z/backup.json     sent last: without it there is no backup
//	PREFIX/log/000000010000000000000007.zst a segment of the log, compressed; .age when encrypted
//	PREFIX/log/system                       of which cluster the log is
//
// Send (send.go) sends what is not there yet, Fetch (fetch.go) brings it back into directories as
// package backup has them, from which a restore goes on. What comes back is compared with its note
// before it has the name of a backup. bucket.go speaks to the store.
package bucket
