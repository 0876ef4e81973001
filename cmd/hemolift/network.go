package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"hemolift/dispatch/delivery"
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

// loadNetwork brings the record to the files that the program is started with. Files that are as
// they were loaded last are passed over when somebody has changed the network since.
func (a *app) loadNetwork(ctx context.Context, c configured) error {
	n := &network.Network{}
	hasRoles, err := a.db.Networks.HasRoles(ctx)
	if err != nil {
		return err
	}
	over, err := a.changedSince(ctx)
	switch {
	case err != nil:
		return err
	case over:
		a.log.InfoContext(ctx, "the network's files are passed over: they are as before, and it was changed since")
	case a.networkDir != nil:
		if n, err = loadedNetwork(a.networkDir, c.sets.At(a.clock.now()).Profiles, a.clock.now()); err != nil {
			return err
		}
	case !hasRoles:
		n.Roles = network.ShippedRoles()
	}
	if err := a.db.Networks.SaveNetwork(ctx, n, c.compat, a.clock.now()); err != nil {
		return err
	}
	a.network, err = a.db.Networks.Network(ctx)
	return err
}

func (a *app) changedSince(ctx context.Context) (bool, error) {
	if a.networkDir == nil {
		return false, nil
	}
	version, err := network.Version(a.networkDir)
	if err != nil {
		return false, err
	}
	return a.db.Networks.ChangedSince(ctx, version)
}

// loadedNetwork is a network whose roles are parts of the table of permits.
func loadedNetwork(dir fs.FS, profiles network.Profiles, now time.Time) (*network.Network, error) {
	n, err := network.Load(dir, profiles, now)
	if err == nil {
		err = delivery.CheckRoles(n.Roles)
	}
	return n, err
}
