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
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
	"github.com/minio/minio-go/v7"

	"hemolift/migrations/backup"
)

// Kept is a backup in a bucket.
type Kept struct {
	Name string
	backup.Note
}

const (
	mostOfNote    = 64 << 10 // bytes
	mostOfSegment = 17 << 20
)

// Backups returns what has the name of a backup and a note and a file that fit each other, the
// oldest first.
func (b *Bucket) Backups(ctx context.Context) ([]Kept, error) {
	top, err := b.sizes(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []Kept
	for dir := range top {
		name, isDir := strings.CutSuffix(dir, "/")
		if !isDir || !backup.Named(name) {
			continue
		}
		files, err := b.sizes(ctx, name)
		if err != nil {
			return nil, err
		}
		if _, has := files[backup.NoteName]; !has {
			continue // it is being sent, or removed
		}
		text, err := b.read(ctx, path.Join(name, backup.NoteName), mostOfNote)
		if err != nil {
			return nil, err
		}
		n, err := backup.ReadNote(bytes.NewReader(text))
		if size, has := files[n.File]; err == nil && has && size == n.Size {
			list = append(list, Kept{name, n})
		}
	}
	slices.SortFunc(list, func(x, y Kept) int { return x.MadeAt.Compare(y.MadeAt) })
	return list, nil
}

// read returns an object of a few bytes; os.ErrNotExist without it.
func (b *Bucket) read(ctx context.Context, key string, most int64) ([]byte, error) {
	o, err := b.client.GetObject(ctx, b.name, b.prefix+key, minio.GetObjectOptions{})
	if err == nil {
		defer func() { _ = o.Close() }()
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(o, most+1)); err == nil && int64(len(text)) > most {
			err = fmt.Errorf("it is longer than %d bytes", most)
		}
		if err == nil {
			return text, nil
		}
	}
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		err = os.ErrNotExist
	}
	return nil, fmt.Errorf("%s: %w", b.place(key), err)
}

// Fetch is what is brought back, and where to.
type Fetch struct {
	Backups string // directory
	Archive string // directory for the log; empty: none is brought
	Until   time.Time
	As      []age.Identity
}

// Run brings the newest backup that was made by a time, now where none is said, and the log after it.
func (f Fetch) Run(ctx context.Context, b *Bucket, told func(what string)) error {
	list, err := b.Backups(ctx)
	if err != nil {
		return err
	}
	if !f.Until.IsZero() {
		list = slices.DeleteFunc(list, func(k Kept) bool { return k.MadeAt.After(f.Until) })
	}
	if len(list) == 0 {
		return fmt.Errorf("%s holds no backup that was made by then", b.place(""))
	}
	k := list[len(list)-1]
	if held, err := backup.Check(ctx, filepath.Join(f.Backups, k.Name)); err == nil && held.SHA256 == k.SHA256 {
		told(filepath.Join(f.Backups, k.Name) + " is there already")
		return f.logOf(ctx, b, k.Note, told)
	}
	h, err := backup.Bring(ctx, f.Backups, k.Name, func(tmp string) error {
		for _, file := range []string{k.File, backup.NoteName} {
			key := path.Join(k.Name, file)
			if err := b.client.FGetObject(ctx, b.name, b.prefix+key, filepath.Join(tmp, file), minio.GetObjectOptions{}); err != nil {
				return fmt.Errorf("%s: %w", b.place(key), err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	told("fetched " + h.Path)
	return f.logOf(ctx, b, k.Note, told)
}

// logOf brings the log after a backup into a directory that no server archives into.
func (f Fetch) logOf(ctx context.Context, b *Bucket, n backup.Note, told func(string)) error {
	if f.Archive == "" {
		return nil
	}
	if err := os.MkdirAll(f.Archive, 0o700); err != nil {
		return err
	}
	unlock, err := backup.Lock(f.Archive)
	if err != nil {
		return fmt.Errorf("a server may be archiving: %w", err)
	}
	defer unlock()
	return f.log(ctx, b, n, told)
}

// segmentOf is the name of a segment or history that an object holds.
func segmentOf(object string) (name string, ok bool) {
	name, ok = strings.CutSuffix(strings.TrimSuffix(object, encrypted), packed)
	return name, ok && backup.OfLog(name)
}

func (f Fetch) log(ctx context.Context, b *Bucket, n backup.Note, told func(string)) error {
	system, err := b.read(ctx, path.Join(logDir, systemFile), mostOfNote)
	if err == nil && string(system) != n.System {
		err = fmt.Errorf("%s is the log of another record than the backup", b.place(logDir))
	}
	if err != nil {
		return err
	}
	if err := backup.OfSystem(f.Archive, n.System); err != nil {
		return err
	}
	there, err := b.sizes(ctx, logDir)
	if err != nil {
		return err
	}
	fetched := 0
	for object := range there {
		name, ok := segmentOf(object)
		if !ok || backup.Before(name, n) {
			continue
		}
		at := filepath.Join(f.Archive, name)
		if _, err := os.Stat(strings.TrimSuffix(at, backup.Unfinished)); err == nil {
			continue // whole
		}
		if err := f.segment(ctx, b, object, at); err != nil {
			return err
		}
		fetched++
	}
	told(fmt.Sprintf("fetched %d segments of the log", fetched))
	return nil
}

// segment brings one, and gives it its name when all of it is there, unless more of it is there already.
func (f Fetch) segment(ctx context.Context, b *Bucket, object, at string) error {
	body, err := b.read(ctx, path.Join(logDir, object), mostOfSegment)
	if err != nil {
		return err
	}
	out, err := os.CreateTemp(filepath.Dir(at), ".fetched-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(out.Name()) }() // nothing, once it has its name
	err = errors.Join(unpack(out, body, strings.HasSuffix(object, encrypted), f.As), out.Sync(), out.Close())
	if err != nil {
		return fmt.Errorf("%s: %w", b.place(path.Join(logDir, object)), err)
	}
	if was, err := os.Stat(at); err == nil {
		if is, err := os.Stat(out.Name()); err != nil || is.Size() <= was.Size() {
			return err
		}
	}
	return os.Rename(out.Name(), at)
}

// unpack is the inverse of pack. Of what is longer than a segment it takes no more.
func unpack(w io.Writer, body []byte, sealed bool, as []age.Identity) error {
	var r io.Reader = bytes.NewReader(body)
	if sealed {
		if len(as) == 0 {
			return errors.New("it is encrypted: name the identity that opens it")
		}
		var err error
		if r, err = age.Decrypt(r, as...); err != nil {
			return err
		}
	}
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostOfSegment))
	if err != nil {
		return err
	}
	defer z.Close()
	n, err := io.Copy(w, io.LimitReader(z, mostOfSegment))
	if err == nil && n == mostOfSegment {
		err = errors.New("it is longer than a segment of the log")
	}
	return err
}
