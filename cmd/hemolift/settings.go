package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"hemolift/telemetry/telemetrydb"
	"hemolift/web"
)

// settings are what serve and demo share.
type settings struct {
	addr, mqttAddr    string
	data              string
	basemap           string
	profiles          string           // file; "" = the built-in set
	policy            string           // file; "" = the built-in one
	cert, key         string           // files, for the page and the API
	mqttCert, mqttKey string           // files, for the device door
	quota             float64          // times the usual that a device may send
	viewers           int              // live connections
	plain             bool             // without TLS beyond loopback too
	networkDir        fs.FS            // nil = what the database holds
	invite            string           // login of an account that is invited at the start
	clockBehind       bool             // start though the record is dated ahead of the machine's clock
	machine           func() time.Time // the machine's clock; nil = time.Now
	archive           string           // directory of the record's log; "" = it is not archived
	notify            outward
	outside           outsideSignIn
	longAgo           longAgo
	demo              bool
	logJSON           bool
	rate              float64 // seconds of server time in a second
	log               *slog.Logger
}

func (s *settings) flags(fl *flag.FlagSet) {
	fl.StringVar(&s.addr, "addr", "127.0.0.1:8080", "address of the page and the API, host:port")
	fl.StringVar(&s.data, "data", defaultData(s.demo), "data directory; with DATABASE_URL set only small files are kept there")
	fl.StringVar(&s.policy, "policy", "", "CSV file of the stock policy, instead of the built-in one (hemolift policy prints that)")
	fl.StringVar(
		&s.profiles,
		"profiles",
		"",
		"CSV file of temperature profiles, instead of the built-in set (hemolift coldchain profiles -csv prints that)",
	)
	fl.Float64Var(&s.quota, "device-quota", 1, "how many times the usual a device may send before it is slowed and cut, 0.05 to 1000")
	fl.IntVar(&s.viewers, "viewers", web.DefaultViewers, "live connections that may be open at the same time; each takes about 16 kB")
	fl.BoolVar(&s.plain, "plain", false, "let a door beyond loopback do without TLS, as behind a proxy that encrypts")
	fl.StringVar(&s.archive, "archive", "", "directory, on another disk, that the record's log is copied into while it is written")
	s.notify.flags(fl)
	s.outside.flags(fl)
	s.longAgo.flags(fl)
	fl.StringVar(&s.basemap, "basemap", "", "PMTiles file with streets, instead of the bundled chart")
}

// serveFlags are those of a server that is no demonstration.
func (s *settings) serveFlags(fl *flag.FlagSet) {
	s.flags(fl)
	fl.StringVar(&s.mqttAddr, "mqtt-addr", "127.0.0.1:1883", "address of the device door, host:port")
	fl.StringVar(&s.cert, "tls-cert", "", "certificate file (PEM) for HTTPS, and for a device door beyond loopback")
	fl.StringVar(&s.key, "tls-key", "", "key file (PEM) for HTTPS")
	fl.StringVar(&s.mqttCert, "mqtt-tls-cert", "", "certificate file (PEM) of the device door, instead of the server's")
	fl.StringVar(&s.mqttKey, "mqtt-tls-key", "", "key file (PEM) of the device door")
	fl.StringVar(&s.invite, "invite", "", "login of an account: print a link to choose its password, as when the only administrator lost it")
	fl.BoolVar(&s.logJSON, "log-json", false, "log a line of JSON for each event, instead of text")
	fl.BoolVar(&s.clockBehind, "clock-behind", false, "start though the machine's clock is behind the record")
}

// longAgo is what becomes of samples of long ago.
type longAgo struct {
	days    int     // after which they are made compact; 0 = never
	withinM float64 // see telemetrydb.Compactor
}

func (l *longAgo) flags(fl *flag.FlagSet) {
	fl.IntVar(&l.days, "compact-after", 90, "days after which positions and temperatures are made compact; 0: never")
	fl.Float64Var(&l.withinM, "thin-within", 5, "metres within which a track stays when it is made compact; 0: all of its positions stay")
}

func (l *longAgo) check() error {
	const leastDays, mostDays, mostM = int(telemetrydb.LeastAge / (24 * time.Hour)), 36_500, 100
	if l.days != 0 && (l.days < leastDays || l.days > mostDays) {
		return fmt.Errorf("-compact-after %d: want %d to %d days, or 0 for never", l.days, leastDays, mostDays)
	}
	if !(l.withinM >= 0 && l.withinM <= mostM) {
		return fmt.Errorf("-thin-within %g: want 0 to %d m", l.withinM, mostM)
	}
	return nil
}

// logger logs to w in the form that is asked for.
func (s *settings) logger(w io.Writer) *slog.Logger {
	if s.logJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// defaultData is a directory of the program's own. Root's must be one that the
// user which Postgres runs as can reach.
func defaultData(demo bool) string {
	name := "hemolift"
	if demo {
		name = "hemolift-demo"
	}
	if os.Getuid() == 0 {
		if demo {
			return "/var/lib/hemolift/demo"
		}
		return "/var/lib/hemolift/server"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, name)
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", name)
	}
	return filepath.Join(os.TempDir(), name)
}

// check refuses settings that cannot work before anything is made.
func (s *settings) check() error {
	for flagName, addr := range map[string]string{"addr": s.addr, "mqtt-addr": s.mqttAddr} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("-%s %s: want host:port, as 127.0.0.1:8091", flagName, addr)
		}
	}
	if s.viewers < 1 || s.viewers > 1_000_000 {
		return fmt.Errorf("-viewers %d: want 1 to 1000000", s.viewers)
	}
	if !(s.quota >= 0.05 && s.quota <= 1000) {
		return fmt.Errorf("-device-quota %g: want 0.05 to 1000", s.quota)
	}
	if err := errors.Join(s.notify.check(), s.outside.check(), s.longAgo.check()); err != nil {
		return err
	}
	if s.basemap != "" {
		if _, err := os.Stat(s.basemap); err != nil {
			return fmt.Errorf("-basemap: %w", err)
		}
	}
	if err := s.checkArchive(); err != nil {
		return err
	}
	if err := checkPair("tls", s.cert, s.key); err != nil {
		return err
	}
	if err := checkPair("mqtt-tls", s.mqttCert, s.mqttKey); err != nil {
		return err
	}
	if s.plain {
		return nil
	}
	for _, door := range []struct{ flag, addr, cert, carries string }{
		{"addr", s.addr, s.cert, "passwords"}, {"mqtt-addr", s.mqttAddr, s.cert + s.mqttCert, "the devices' secrets"},
	} {
		if door.cert == "" && !onLoopback(door.addr) {
			const plainly = "-%s %s carries %s beyond this machine in plain text: give -tls-cert and -tls-key, or -plain behind a proxy"
			return fmt.Errorf(plainly, door.flag, door.addr, door.carries)
		}
	}
	return nil
}

// checkArchive refuses an archive that is not there, as where its disk is not mounted, or that
// would die with the record.
func (s *settings) checkArchive() error {
	if s.archive == "" {
		return nil
	}
	st, err := os.Stat(s.archive)
	if err == nil && !st.IsDir() {
		err = errors.New("is no directory")
	}
	if err != nil {
		return fmt.Errorf("-archive %s: %w; make the directory first, on another disk", s.archive, err)
	}
	data, err1 := filepath.Abs(s.data)
	archive, err2 := filepath.Abs(s.archive)
	if rel, err := filepath.Rel(data, archive); errors.Join(err1, err2, err) == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("-archive %s lies in the data directory, and would die with it", s.archive)
	}
	return nil
}

// checkPair refuses half a certificate, and one that does not fit its key.
func checkPair(flagName, cert, key string) error {
	if (cert == "") != (key == "") {
		return fmt.Errorf("-%s-cert and -%s-key go together", flagName, flagName)
	}
	if cert == "" {
		return nil
	}
	if _, err := tls.LoadX509KeyPair(cert, key); err != nil {
		return fmt.Errorf("-%s-cert and -%s-key: %w", flagName, flagName, err)
	}
	return nil
}

// onLoopback reports whether only this machine reaches an address. A name counts as what
// it is called, without a look at who answers to it.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// deviceTLS is what the device door is encrypted with: its own certificate, or the server's
// when devices come from beyond this machine; nil for plain text.
func (s *settings) deviceTLS() (*tls.Config, error) {
	cert, key := s.mqttCert, s.mqttKey
	if cert == "" && !onLoopback(s.mqttAddr) {
		cert, key = s.cert, s.key
	}
	if cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("certificate of the device door: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}
