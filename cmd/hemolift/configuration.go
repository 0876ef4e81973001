package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// keepConfiguration has the log keep with what the program was started, where it is not what
// it was started with before.
func (a *app) keepConfiguration(ctx context.Context, f fixed) error {
	var profiles []string
	for _, id := range slices.Sorted(maps.Keys(f.profiles)) {
		profiles = append(profiles, string(id)+" "+f.profiles[id].Version)
	}
	network, err := json.Marshal(a.network)
	if err != nil {
		return fmt.Errorf("network: %w", err)
	}
	sum := sha256.Sum256(network)
	for _, c := range []struct{ what, version string }{
		{"policy", f.policy.Version},
		{"profiles", strings.Join(profiles, ", ")},
		{"network", hex.EncodeToString(sum[:8])},
		{"program", built()},
	} {
		if err := a.db.Log.Configured(ctx, c.what, c.version, a.clock.now()); err != nil {
			return fmt.Errorf("keep the configuration: %w", err)
		}
	}
	return nil
}
