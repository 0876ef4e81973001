package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
)

// settings are what serve and demo share.
type settings struct {
	addr, mqttAddr string
	data           string
	basemap        string
	profiles       string // file; "" = the built-in set
	policy         string // file; "" = the built-in one
	cert, key      string
	networkDir     fs.FS // nil = what the database holds
	demo           bool
	rate           float64 // seconds of server time in a second
	log            *slog.Logger
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
	fl.StringVar(&s.basemap, "basemap", "", "PMTiles file with streets, instead of the bundled chart")
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
			return fmt.Errorf("-%s: %w", flagName, err)
		}
	}
	if s.basemap != "" {
		if _, err := os.Stat(s.basemap); err != nil {
			return fmt.Errorf("-basemap: %w", err)
		}
	}
	if (s.cert == "") != (s.key == "") {
		return errors.New("-tls-cert and -tls-key go together")
	}
	if s.cert != "" {
		if _, err := tls.LoadX509KeyPair(s.cert, s.key); err != nil {
			return fmt.Errorf("-tls-cert and -tls-key: %w", err)
		}
	}
	return nil
}
