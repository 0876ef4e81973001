package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hemolift/dispatch/network"
)

// keepConfiguration has the log keep with what the program was started, where it is not what
// it was started with before.
func (a *app) keepConfiguration(ctx context.Context, f fixed) error {
	var profiles []string
	for _, id := range slices.Sorted(maps.Keys(f.profiles)) {
		profiles = append(profiles, string(id)+" "+f.profiles[id].Version)
	}
	type version struct{ what, version string }
	versions := []version{
		{"policy", f.policy.Version},
		{"profiles", strings.Join(profiles, ", ")},
		{"program", built()},
	}
	if a.networkDir != nil { // else that on record stays
		v, err := network.Version(a.networkDir)
		if err != nil {
			return err
		}
		versions = append(versions, version{"network", v})
	}
	for _, c := range versions {
		if err := a.db.Log.Configured(ctx, c.what, c.version, a.clock.now()); err != nil {
			return fmt.Errorf("keep the configuration: %w", err)
		}
	}
	return nil
}
