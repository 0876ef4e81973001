package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"hemolift/migrations"
	"hemolift/migrations/backup"
	"hemolift/migrations/localpg"
)

// grade is how much something that was looked at matters.
type grade string

const (
	fine grade = "ok"
	odd  grade = "warn" // to be looked after soon
	bad  grade = "bad"  // it does not work, or not for long
)

// finding is what one look found, and what to do about it.
type finding struct {
	grade
	of, says string
}

func found(g grade, of, says string, args ...any) finding {
	return finding{g, of, fmt.Sprintf(says, args...)}
}

// What is enough (product choices).
const (
	roomBad    = 256 << 20 // bytes that are free
	roomOdd    = 2 << 30
	certOdd    = 21 * 24 * time.Hour // before it ends
	backupOdd  = 26 * time.Hour      // since the newest
	archiveOdd = time.Hour           // since anything was written
)

// doctor looks at all that a server needs on this machine, with the flags of serve, and changes
// nothing.
func doctor(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	var networkDir string
	fl := flag.NewFlagSet("doctor", flag.ContinueOnError)
	s.serveFlags(fl)
	fl.StringVar(&networkDir, "network", "", "directory of network files to check; see dispatch/network")
	backups := fl.String("backups", "", "directory of the backups, to see how old the newest is")
	into := fl.String("bundle", "", "zip file to write for who helps: findings, versions, settings, sizes; no patients, people or secrets")
	if err := parse(fl, args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	list := []finding{found(fine, "program", "%s, %s on %s/%s", built(), runtime.Version(), runtime.GOOS, runtime.GOARCH)}
	list = append(list, clockOf(), userOf(os.Geteuid()), s.asWritten())
	list = append(list, s.certificates(time.Now())...)
	list = append(list, s.files(networkDir)...)
	list = append(list, roomOf("data directory", s.data))
	if os.Getenv(serverURL) == "" {
		list = append(list, postgresFor(filepath.Join(s.data, "postgres")))
	}
	url, seen, looks := s.record(ctx)
	list = append(list, looks...)
	list = append(list, s.doors(ctx)...)
	list = append(list, s.outside.looked(ctx)...)
	if *backups != "" {
		list = append(list, backupsIn(*backups, seen.System == "", time.Now()))
	}
	if s.archive != "" {
		list = append(list, archiveIn(s.archive, seen.System, time.Now()))
		if isDirectory(s.archive) == nil {
			list = append(list, roomOf("archive", s.archive))
		}
	}
	said, wrong := tellFindings(list)
	_, err := io.WriteString(out, said)
	if wrong > 0 {
		err = fmt.Errorf("doctor: %d of %d things are not as a server needs them", wrong, len(list))
	}
	if *into != "" {
		err = errors.Join(err, bundle(ctx, *into, said, fl, url))
	}
	return err
}

// tellFindings is a line for each, and how many are bad.
func tellFindings(list []finding) (said string, wrong int) {
	for _, f := range list {
		said += fmt.Sprintf("%-4s  %s: %s\n", f.grade, f.of, f.says)
		if f.grade == bad {
			wrong++
		}
	}
	return said, wrong
}

// postgresFor is where the Postgres of a server in a directory comes from.
func postgresFor(dir string) finding {
	from, err := localpg.Available(dir)
	if err != nil {
		return found(bad, "postgres", "%v", err)
	}
	return found(fine, "postgres", "%s", from)
}

// clockOf is whether the machine's clock follows others.
func clockOf() finding {
	now := time.Now().UTC().Format(time.RFC3339)
	switch follows, known := clockFollows(); {
	case !known:
		return found(odd, "clock", "%s; whether it follows a time server cannot be told here", now)
	case !follows:
		return found(odd, "clock", "%s; it follows no time server: install chrony or turn on systemd-timesyncd", now)
	}
	return found(fine, "clock", "%s, and it follows a time server", now)
}

// userOf is as whom the server would run, if it ran as doctor does.
func userOf(uid int) finding {
	if uid == 0 {
		return found(odd, "user", "root: run doctor, and the server, as a user of its own, which owns the data directory and nothing else")
	}
	return found(fine, "user", "number %d, without the rights of root", uid)
}

// leafOf is the certificate that a door shows.
func leafOf(cert, key string) (*x509.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(pair.Certificate[0])
}

// asWritten is whether serve would take the settings.
func (s *settings) asWritten() finding {
	if err := s.check(); err != nil {
		return found(bad, "settings", "%v", err)
	}
	return found(fine, "settings", "serve would take them")
}

// certificates are those of the doors, and whether others than their owner read the keys.
func (s *settings) certificates(now time.Time) (list []finding) {
	for _, c := range []struct{ of, cert, key string }{{"-tls-cert", s.cert, s.key}, {"-mqtt-tls-cert", s.mqttCert, s.mqttKey}} {
		if c.cert == "" || checkPair("tls", c.cert, c.key) != nil { // which asWritten tells
			continue
		}
		leaf, err := leafOf(c.cert, c.key)
		switch left := time.Duration(0); {
		case err != nil:
			list = append(list, found(bad, c.of, "%v", err))
		default:
			left = leaf.NotAfter.Sub(now)
			g := fine
			if left <= 0 || now.Before(leaf.NotBefore) {
				g = bad
			} else if left < certOdd {
				g = odd
			}
			list = append(list, found(g, c.of, "for %v, from %s to %s", leaf.DNSNames, day(leaf.NotBefore), day(leaf.NotAfter)))
		}
		if st, err := os.Stat(c.key); err == nil && st.Mode().Perm()&0o077 != 0 {
			list = append(list, found(odd, c.key, "others may read it (%v): chmod 600", st.Mode().Perm()))
		}
	}
	return list
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// files are those that the server reads at its start.
func (s *settings) files(networkDir string) (list []finding) {
	if _, err := loadProfiles(s.profiles, time.Now()); err != nil {
		list = append(list, found(bad, "-profiles", "%v", err))
	}
	if _, err := loadPolicy(s.policy); err != nil {
		list = append(list, found(bad, "-policy", "%v", err))
	}
	if networkDir != "" {
		n, err := readNetwork(networkDir, s.profiles, time.Now())
		if err != nil {
			return append(list, found(bad, "-network", "%v", err))
		}
		const holds = "%d sites, %d pads, %d drones, %d boxes"
		list = append(list, found(fine, "-network", holds, len(n.Sites), len(n.Pads), len(n.Drones), len(n.Boxes)))
	}
	return list
}

// record is the database: the one that is named, or the one that a running server has; without
// a url none is within reach.
func (s *settings) record(ctx context.Context) (url string, seen migrations.Seen, list []finding) {
	url, private := os.Getenv(serverURL), os.Getenv(serverURL) == ""
	if private {
		if _, err := os.Stat(filepath.Join(s.data, "postgres", "data")); errors.Is(err, os.ErrNotExist) {
			return "", seen, []finding{found(fine, "record", "there is none yet; the first start makes it")}
		}
		var err error
		if url, err = localpg.Running(filepath.Join(s.data, "postgres")); err != nil {
			return "", seen, []finding{found(odd, "record", "%v", err)}
		}
	}
	seen, err := migrations.Look(ctx, url)
	switch {
	case err != nil && private:
		return "", seen, []finding{found(odd, "record", "%v", err)}
	case err != nil:
		return "", seen, []finding{found(bad, "record", "%s: %v", serverURL, err)}
	}
	return url, seen, looksOf(seen, migrations.Newest())
}

// looksOf is what a database is worth to this program.
func looksOf(seen migrations.Seen, newest int) (list []finding) {
	g := fine
	if seen.Server < migrations.LeastServer {
		g = bad
	}
	list = append(list, found(g, "record", "PostgreSQL %d (%d or newer is needed), %s", seen.Server, migrations.LeastServer, seen.Size))
	switch {
	case seen.Schema > newest:
		list = append(list, found(bad, "schema", "version %d is of a newer program: this one knows %d", seen.Schema, newest))
	case seen.Schema < newest:
		list = append(list, found(odd, "schema", "version %d; the next start makes it %d: back up before", seen.Schema, newest))
	default:
		list = append(list, found(fine, "schema", "version %d", seen.Schema))
	}
	if !seen.Checksums {
		list = append(list, found(odd, "record", "it has no checksums of its pages: damage of the disk is not noticed"))
	}
	return list
}

// doors are whether each address is served by a hemolift, free, or another program's.
func (s *settings) doors(ctx context.Context) (list []finding) {
	// What is in use is looked at only as far as it can be without a name that its certificate fits.
	serves := false
	for _, d := range []struct{ of, addr string }{{"-addr", s.addr}, {"-mqtt-addr", s.mqttAddr}} {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.addr)
		switch {
		case err == nil:
			list = append(list, found(fine, d.of, "%s is free", d.addr))
			_ = l.Close() // it was only looked at
		case d.of == "-addr" && s.cert == "" && answers(ctx, d.addr):
			serves = true
			list = append(list, found(fine, d.of, "%s answers as a hemolift does", d.addr))
		case d.of == "-mqtt-addr" && serves && errors.Is(err, syscall.EADDRINUSE):
			list = append(list, found(fine, d.of, "%s is in use, while a hemolift answers at -addr", d.addr))
		case errors.Is(err, syscall.EADDRINUSE):
			list = append(list, found(odd, d.of, "%s is in use: well if that is the running server, else another program has it", d.addr))
		default:
			list = append(list, found(bad, d.of, "%v", err))
		}
	}
	return list
}

func answers(ctx context.Context, addr string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/healthz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// roomOf is what is free where a directory is, or will be.
func roomOf(of, dir string) finding {
	free, err := localpg.FreeAt(dir)
	switch {
	case err != nil:
		return found(bad, of, "%v", err)
	case free < roomBad:
		return found(bad, of, "%s: %d MB are free", dir, free>>20)
	case free < roomOdd:
		return found(odd, of, "%s: %d MB are free", dir, free>>20)
	}
	return found(fine, of, "%s: %d GB are free", dir, free>>30)
}

// backupsIn is how old the newest backup is, and whether one failed since; fresh is a machine on
// which no record is known.
func backupsIn(dir string, fresh bool, now time.Time) finding {
	list, err := backup.List(dir)
	switch {
	case err != nil:
		return found(bad, "backups", "%v", err)
	case len(list) == 0 && fresh:
		return found(odd, "backups", "%s holds none yet", dir)
	case len(list) == 0:
		return found(bad, "backups", "%s holds none: hemolift backup -to %s", dir, dir)
	}
	newest := list[len(list)-1]
	name, age := filepath.Base(newest.Path), now.Sub(newest.MadeAt)
	failed, _ := filepath.Glob(filepath.Join(dir, "failed-*"))
	switch {
	case len(failed) > 0:
		last := filepath.Base(failed[len(failed)-1])
		return found(bad, "backups", "%d could not be restored, as %s; the newest good one is %s", len(failed), last, name)
	case age < -time.Minute:
		return found(odd, "backups", "the newest of %d is %s, of a time to come: a clock was ahead", len(list), name)
	case age > backupOdd:
		return found(odd, "backups", "the newest of %d is %s, %v old", len(list), name, age.Round(time.Hour))
	}
	return found(fine, "backups", "the newest of %d is %s", len(list), name)
}

// archiveIn is whose log an archive holds, and when something was written into it last.
func archiveIn(dir, system string, now time.Time) finding {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return found(bad, "archive", "%v", err)
	}
	if len(entries) == 0 {
		return found(odd, "archive", "%s is empty: the next start fills it", dir)
	}
	of, err := backup.System(dir)
	switch {
	case err != nil:
		return found(bad, "archive", "%s is none: %v", dir, err)
	case system != "" && of != system:
		return found(bad, "archive", "%s is of another record than the one that runs", dir)
	}
	var last time.Time
	for _, e := range entries {
		if st, err := e.Info(); err == nil && st.ModTime().After(last) {
			last = st.ModTime()
		}
	}
	if age := now.Sub(last); age > archiveOdd {
		return found(odd, "archive", "%s: nothing was written for %v", dir, age.Round(time.Minute))
	}
	return found(fine, "archive", "%s: written at %s", dir, last.UTC().Format(time.RFC3339))
}
