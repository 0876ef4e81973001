package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"hemolift/dispatch/network"
	"hemolift/telemetry/tables"
)

// checkNetwork is the command `hemolift network check`: what serve would read, or every
// fault of it as file:line: column: reason.
func checkNetwork(_ context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] != "check" {
		return errors.New("network: say check DIR; network check -h explains the flags")
	}
	fs := flag.NewFlagSet("network check DIR", flag.ContinueOnError)
	profiles := fs.String("profiles", "", "CSV file of profiles that boxes may name, instead of the built-in set")
	dirs, err := parseWithFiles(fs, args[1:])
	if err != nil {
		return err
	}
	if len(dirs) != 1 {
		return errors.New("network check: name one directory")
	}
	n, err := readNetwork(dirs[0], *profiles, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s can be served: %d sites, %d pads, %d aircraft classes, %d drones, %d box types, %d boxes, %d zones\n",
		dirs[0], len(n.Sites), len(n.Pads), len(n.Classes), len(n.Drones), len(n.BoxTypes), len(n.Boxes), len(n.Zones))
	return nil
}

// readNetwork reads a network's directory as the server does.
func readNetwork(dir, profiles string, now time.Time) (*network.Network, error) {
	var faults, more tables.Faults
	set, err := loadProfiles(profiles, now)
	if err != nil && !errors.As(err, &faults) {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("network: %s is no directory", dir)
	}
	n, err := loadedNetwork(os.DirFS(dir), set, now)
	if err != nil && !errors.As(err, &more) {
		return nil, err
	}
	if faults = append(faults, more...); len(faults) > 0 {
		return nil, fmt.Errorf("network %s: %d faults\n%w", dir, len(faults), faults)
	}
	return n, nil
}
