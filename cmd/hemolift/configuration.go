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
func (a *app) keepConfiguration(ctx context.Context, c configured) error {
	var profiles []string
	set := c.sets.At(a.clock.now())
	for _, id := range slices.Sorted(maps.Keys(set.Profiles)) {
		profiles = append(profiles, string(id)+" "+set.Profiles[id].Version)
	}
	type version struct{ what, version string }
	versions := []version{
		{"policy", set.Policy.Version},
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
	for _, v := range versions {
		if err := a.db.Log.Configured(ctx, v.what, v.version, a.clock.now()); err != nil {
			return fmt.Errorf("keep the configuration: %w", err)
		}
	}
	return nil
}
