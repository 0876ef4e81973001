package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
	"github.com/minio/minio-go/v7"

	"hemolift/migrations/backup"
)

// ErrPlain means that something would leave the house as plain text.
var ErrPlain = errors.New("it is not encrypted, and holds what patients would not want read elsewhere")

// Send is what is sent, and how.
type Send struct {
	Backups string          // directory of backups
	Archive string          // of the log; empty: none is sent
	To      []age.Recipient // for whom the log is encrypted; nobody: it is sent as it is
	Plain   bool            // what is not encrypted may be sent
	Keep    int             // backups of this record; 0: all
}

// Run sends what is not there yet, and removes what need not be kept; told is called for each.
func (s Send) Run(ctx context.Context, b *Bucket, told func(what string)) error {
	list, err := backup.List(s.Backups)
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return fmt.Errorf("%s holds no backup", s.Backups)
	case s.Archive != "" && len(s.To) == 0 && !s.Plain:
		return fmt.Errorf("the log in %s: %w", s.Archive, ErrPlain)
	}
	newest := list[len(list)-1]
	if s.Keep > 0 { // those that would be removed again at once are not sent
		list = slices.DeleteFunc(list, func(h backup.Held) bool { return h.System != newest.System })
		list = list[max(0, len(list)-s.Keep):]
	}
	there, err := b.Backups(ctx)
	if err != nil {
		return err
	}
	for _, h := range list {
		if err := s.one(ctx, b, h, there, told); err != nil {
			return err
		}
	}
	if s.Archive != "" {
		if err := s.log(ctx, b, newest.System, backup.Notes(list), told); err != nil {
			return err
		}
	}
	if s.Keep == 0 {
		return nil
	}
	return s.trim(ctx, b, newest.System, told)
}

// one sends a backup, its note last.
func (s Send) one(ctx context.Context, b *Bucket, h backup.Held, there []Kept, told func(string)) error {
	name := filepath.Base(h.Path)
	i := slices.IndexFunc(there, func(k Kept) bool { return k.Name == name })
	switch {
	case i >= 0 && there[i].SHA256 != h.SHA256:
		return fmt.Errorf("%s is another backup than %s", b.place(name), h.Path)
	case i >= 0:
		return nil
	case !h.Encrypted && !s.Plain:
		return fmt.Errorf("%s: %w", h.Path, ErrPlain)
	}
	if _, err := backup.Check(ctx, h.Path); err != nil {
		return fmt.Errorf("%s: %w", h.Path, err)
	}
	for _, file := range []string{h.File, backup.NoteName} {
		key := b.prefix + path.Join(name, file)
		if _, err := b.client.FPutObject(ctx, b.name, key, filepath.Join(h.Path, file), minio.PutObjectOptions{}); err != nil {
			return fmt.Errorf("send %s: %w", h.Path, err)
		}
	}
	told("sent " + h.Path)
	return nil
}

const (
	systemFile = "system"
	packed     = ".zst"
	encrypted  = ".age"
)

// log sends the segments that are not there and that some of the backups need; the one that is being
// written is sent anew.
func (s Send) log(ctx context.Context, b *Bucket, system string, kept []backup.Note, told func(string)) error {
	of, err := backup.System(s.Archive)
	if err == nil && of != system {
		err = fmt.Errorf("%s is the log of another record (system %s) than the newest backup's (%s)", s.Archive, of, system)
	}
	if err != nil {
		return err
	}
	if err := b.ofSystem(ctx, system); err != nil {
		return err
	}
	names, err := backup.Archived(s.Archive)
	if err != nil {
		return err
	}
	there, err := b.sizes(ctx, logDir)
	if err != nil {
		return err
	}
	if err := b.onBranch(there, names); err != nil {
		return err
	}
	sent := 0
	for _, name := range names {
		if s.Keep > 0 && backup.Before(name, kept...) {
			continue // it would be removed again at once
		}
		as := name + packed
		if len(s.To) > 0 {
			as += encrypted
		}
		_, has := there[as]
		whole := !strings.HasSuffix(name, backup.Unfinished)
		if has && whole {
			continue
		}
		if err := s.segment(ctx, b, name, as); err != nil {
			if errors.Is(err, os.ErrNotExist) { // finished meanwhile: the next one sends it
				continue
			}
			return fmt.Errorf("send %s: %w", filepath.Join(s.Archive, name), err)
		}
		sent++
		for _, before := range []string{name + backup.Unfinished + packed, name + backup.Unfinished + packed + encrypted} {
			if _, has := there[before]; has && whole {
				if err := b.remove(ctx, path.Join(logDir, before)); err != nil {
					return err
				}
			}
		}
	}
	told(fmt.Sprintf("sent %d segments of the log", sent))
	return nil
}

// ofSystem keeps the logs of two clusters apart.
func (b *Bucket) ofSystem(ctx context.Context, system string) error {
	key := path.Join(logDir, systemFile)
	was, err := b.read(ctx, key, mostOfNote)
	if errors.Is(err, os.ErrNotExist) {
		_, err = b.client.PutObject(ctx, b.name, b.prefix+key, strings.NewReader(system), int64(len(system)), minio.PutObjectOptions{})
		return err
	}
	if err == nil && string(was) != system {
		err = fmt.Errorf("%s is the log of another record (system %s, and this is %s): give it a place of its own", b.place(logDir), was, system)
	}
	return err
}

// onBranch refuses the log of a branch that was left: what is there goes on from a restore that is
// not this record.
func (b *Bucket) onBranch(there map[string]int64, names backup.LogFiles) error {
	var others backup.LogFiles
	for object := range there {
		if name, ok := segmentOf(object); ok {
			others = append(others, name)
		}
	}
	if others.Newest() > names.Newest() {
		const left = "%s holds the log of a later branch of the record (%d, and this is %d): give this one a place of its own, and a new backup"
		return fmt.Errorf(left, b.place(logDir), others.Newest(), names.Newest())
	}
	return nil
}

func (s Send) segment(ctx context.Context, b *Bucket, name, as string) error {
	f, err := os.Open(filepath.Join(s.Archive, name))
	if err != nil {
		return err
	}
	defer f.Close()
	var body bytes.Buffer
	if err := pack(&body, f, s.To); err != nil {
		return err
	}
	_, err = b.client.PutObject(ctx, b.name, b.prefix+path.Join(logDir, as), &body, int64(body.Len()), minio.PutObjectOptions{})
	return err
}

// pack compresses, and encrypts for whom it is; for nobody it does not.
func pack(w io.Writer, r io.Reader, to []age.Recipient) error {
	closed := func() error { return nil }
	if len(to) > 0 {
		sealed, err := age.Encrypt(w, to...)
		if err != nil {
			return err
		}
		w, closed = sealed, sealed.Close
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	_, err = io.Copy(z, r)
	return errors.Join(err, z.Close(), closed())
}

// trim removes the oldest backups of a record but so many, the note of each first, and the segments
// that those which are left do not need.
func (s Send) trim(ctx context.Context, b *Bucket, system string, told func(string)) error {
	list, err := b.Backups(ctx)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(k Kept) bool { return k.System != system })
	gone := max(0, len(list)-s.Keep)
	for _, k := range list[:gone] {
		for _, file := range []string{backup.NoteName, k.File} {
			if err := b.remove(ctx, path.Join(k.Name, file)); err != nil {
				return err
			}
		}
		told("removed " + b.place(k.Name))
	}
	if s.Archive == "" || len(list) == 0 {
		return nil
	}
	there, err := b.sizes(ctx, logDir)
	if err != nil {
		return err
	}
	n := 0
	var needing []backup.Note
	for _, k := range list[gone:] {
		needing = append(needing, k.Note)
	}
	for as := range there {
		name, ok := segmentOf(as)
		if !ok || !backup.Before(name, needing...) {
			continue
		}
		if err := b.remove(ctx, path.Join(logDir, as)); err != nil {
			return err
		}
		n++
	}
	told(fmt.Sprintf("removed %d segments of the log", n))
	return nil
}
