package backup

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
)

// recoversWithin is how long a server may take to go through the log after a backup.
const recoversWithin = 12 * time.Hour

// The settings of a recovery stand in the file that outranks the others; what it held comes back.
const (
	settings = "postgresql.auto.conf"
	kept     = "postgresql.auto.conf.kept"
)

// goOn has the server that starts on an unpacked backup go on through the archived log: its files
// are put where the server looks for its own.
func (w Wanted) goOn(n Note, data string) error {
	id, err := System(w.Archive)
	switch {
	case err != nil:
		return fmt.Errorf("%s is no archive: %w", w.Archive, err)
	case id != n.System:
		return fmt.Errorf("%s is the archive of another record than the backup", w.Archive)
	}
	from, err1 := pglogrepl.ParseLSN(n.From)
	to, err2 := pglogrepl.ParseLSN(n.To)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("%w: it begins at %q and ends at %q", ErrDamaged, n.From, n.To)
	}
	list, err := Archived(w.Archive)
	if err != nil {
		return err
	}
	if list, err = list.after(uint64(from)/segmentSize, uint64(to)/segmentSize); err != nil {
		return fmt.Errorf("%s: %w", w.Archive, err)
	}
	if err := roomFor(data, int64(len(list))*segmentSize); err != nil {
		return err
	}
	for _, name := range list {
		if err := bring(filepath.Join(w.Archive, name), filepath.Join(data, "pg_wal", strings.TrimSuffix(name, Unfinished))); err != nil {
			return err
		}
	}
	return w.askFor(data)
}

// after are the segments from the number on with which a backup begins, and all histories. The
// backup itself holds those before the number with which it ends: from there on none may be
// missing. Of one that is there both whole and Unfinished the whole one counts.
func (l LogFiles) after(first, ended uint64) (list LogFiles, err error) {
	next := ended
	for _, name := range l {
		if historyForm.MatchString(name) {
			list = append(list, name)
			continue
		}
		number := numberOf(name)
		if number < first || len(list) > 0 && list[len(list)-1] == strings.TrimSuffix(name, Unfinished) {
			continue
		}
		list = append(list, name)
		if number > next {
			return nil, fmt.Errorf("the log has a gap before %s: what came after it cannot be restored from this backup", name)
		}
		next = max(next, number+1)
	}
	return list, nil
}

// Trim removes from an archive what no backup of a directory needs any more: the segments before
// those of all of them.
func Trim(archive, dir string) (removed int, err error) {
	kept, err := List(dir)
	if err != nil || len(kept) == 0 {
		return 0, err
	}
	n := kept[0].Note
	if _, err := pglogrepl.ParseLSN(n.From); err != nil {
		return 0, fmt.Errorf("%w: %s begins at %q", ErrDamaged, kept[0].Path, n.From)
	}
	if err := OfSystem(archive, n.System); err != nil {
		return 0, err
	}
	list, err := Archived(archive)
	for _, name := range list {
		if err == nil && Before(name, Notes(kept)...) {
			removed++
			err = os.Remove(filepath.Join(archive, name))
		}
	}
	return removed, err
}

// bring copies a file of the log; one that is not full is filled up with zeros.
func bring(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, in)
	if err == nil && strings.HasSuffix(from, Unfinished) && n < segmentSize {
		err = out.Truncate(segmentSize)
	}
	return errors.Join(err, out.Sync(), out.Close())
}

// askFor sets up the recovery: until a time, or to the end of the log. No connection is taken
// before it is over.
func (w Wanted) askFor(data string) error {
	name := filepath.Join(data, settings)
	was, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	text := string(was) + "\nrestore_command = 'false'\nhot_standby = off\nrecovery_target_action = 'promote'\n"
	if !w.Until.IsZero() {
		text += fmt.Sprintf("recovery_target_time = '%s'\n", w.Until.UTC().Format("2006-01-02 15:04:05.999999-07:00"))
	}
	return errors.Join(
		os.WriteFile(filepath.Join(data, kept), was, 0o600),
		os.WriteFile(name, []byte(text), 0o600),
		os.WriteFile(filepath.Join(data, "recovery.signal"), nil, 0o600),
	)
}

// recovered takes the settings of a recovery that is over away.
func (w Wanted) recovered(data string) error {
	if w.Archive == "" {
		return nil
	}
	was, err := os.ReadFile(filepath.Join(data, kept))
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(data, settings), was, 0o600), os.Remove(filepath.Join(data, kept)))
}
