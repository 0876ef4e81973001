package localpg

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// identity is who the server runs as.
type identity struct {
	name     string
	uid, gid int
	drop     bool // we are root and must become it
}

// runAs returns ourselves, or for root the user postgres, else nobody.
func runAs() (*identity, error) {
	if os.Getuid() != 0 {
		return &identity{uid: os.Getuid(), gid: os.Getgid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		return &identity{name: name, uid: uid, gid: gid, drop: true}, nil
	}
	return nil, errors.New("refused by Postgres to run as root, and there is neither a user postgres nor nobody")
}

func (id *identity) own(path string) error {
	if !id.drop {
		return nil
	}
	return os.Chown(path, id.uid, id.gid)
}

// canReach refuses a directory that the server's user cannot enter, in one line,
// where initdb would fail with less.
func (id *identity) canReach(dir string) error {
	if !id.drop {
		return nil
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.Chmod(abs, 0o755); err != nil { // ours, whatever the umask
		return err
	}
	for p := filepath.Dir(abs); p != "/"; p = filepath.Dir(p) {
		st, err := os.Stat(p)
		if err != nil {
			return err
		}
		sys := st.Sys().(*syscall.Stat_t)
		if st.Mode().Perm()&0o001 == 0 && !(int(sys.Uid) == id.uid && st.Mode().Perm()&0o100 != 0) {
			return fmt.Errorf("%s cannot be entered by the user %s, which Postgres runs as under root; choose another -data", p, id.name)
		}
	}
	return nil
}
