package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"hemolift/migrations/backup/bucket"
)

// offsite sends backups and the archived log to an S3-compatible store, or fetches them.
func offsite(ctx context.Context, args []string, out io.Writer) error {
	fl := flag.NewFlagSet("offsite", flag.ContinueOnError)
	place := fl.String("place", "", "where in the store, as s3://BUCKET/PREFIX; its address and account are in AWS_ENDPOINT_URL, "+
		"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, its region in AWS_REGION where it has any")
	backups := fl.String("backups", "", "directory of backups (backup -to) to send, or to fetch into")
	archive := fl.String("archive", "", "directory of the record's log (serve -archive), which goes with them; empty: without it")
	recipients := fl.String("encrypt-to", "", "file of age recipients, for whom the log is encrypted; backups are sent as they are")
	plain := fl.Bool("plain", false, "send what is not encrypted")
	keep := fl.Int("keep", 0, "remove the oldest backups in the store but so many, and the log that they do not need; 0 keeps all")
	fetch := fl.Bool("fetch", false, "bring the newest backup and the log after it back into the directories")
	identities := fl.String("identity", "", "with -fetch: file of the age identities that open the log")
	until := fl.String("until", "", "with -fetch: the newest backup that was made by this time, as 2026-11-28T14:00:00Z")
	if err := parse(fl, args); err != nil {
		return err
	}
	switch {
	case *place == "":
		return errors.New("offsite: -place is missing: s3://BUCKET/PREFIX")
	case *backups == "":
		return errors.New("offsite: -backups is missing: the directory")
	case *keep < 0:
		return errors.New("offsite: -keep is negative")
	case *fetch && (*keep != 0 || *plain || *recipients != ""):
		return errors.New("offsite: -keep, -plain and -encrypt-to are of what is sent, without -fetch")
	case !*fetch && (*identities != "" || *until != ""):
		return errors.New("offsite: -identity and -until go with -fetch")
	}
	to, as, err := ageFiles(*recipients, *identities)
	if err != nil {
		return fmt.Errorf("offsite: %w", err)
	}
	b, err := bucket.Open(*place, bucket.Account{
		Endpoint: cmp.Or(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL")), Region: os.Getenv("AWS_REGION"),
		Key: os.Getenv("AWS_ACCESS_KEY_ID"), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"),
	})
	if err != nil {
		return fmt.Errorf("offsite: %w", err)
	}
	told := func(what string) { fmt.Fprintln(out, what) }
	if !*fetch {
		err = bucket.Send{Backups: *backups, Archive: *archive, To: to, Plain: *plain, Keep: *keep}.Run(ctx, b, told)
	} else {
		f := bucket.Fetch{Backups: *backups, Archive: *archive, As: as}
		if *until != "" {
			if f.Until, err = time.Parse(time.RFC3339Nano, *until); err != nil {
				return fmt.Errorf("offsite: -until %q: want a time as 2026-11-28T14:00:00Z or 2026-11-28T22:00:00+08:00", *until)
			}
		}
		err = f.Run(ctx, b, told)
	}
	if err != nil {
		return fmt.Errorf("offsite: %w", err)
	}
	return nil
}
