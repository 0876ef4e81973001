package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"hemolift/dispatch/document"
	"hemolift/dispatch/propose"
	"hemolift/telemetry/coldchain"
)

// loadedDocuments are the texts that the program is started with and that take effect by it, and
// all versions there are with them. A file that was loaded before, and what is built in beside
// what a person or a file decided, change nothing.
func (a *app) loadedDocuments(ctx context.Context) (loaded, all []document.Version, err error) {
	if all, err = a.db.Documents.Versions(ctx); err != nil {
		return nil, nil, err
	}
	now := a.clock.now()
	for _, t := range []struct {
		kind          document.Kind
		file, shipped string
	}{{document.Policy, a.policy, propose.PolicyText()}, {document.Profiles, a.profiles, coldchain.ProfileText()}} {
		v := document.Version{Kind: t.kind, Text: t.shipped, Origin: document.Shipped, At: now, TookAt: now}
		if t.file != "" {
			if v.Text, err = readDocument(t.file); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", t.kind, err)
			}
			v.Origin, v.Reason = document.FromFile, filepath.Base(t.file)
		}
		if !v.Supersedes(all) {
			continue
		}
		if _, err := v.Read(now); err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", t.kind, t.file, err)
		}
		v.ID = -int64(len(loaded) + 1) // until it is on record
		loaded, all = append(loaded, v), append(all, v)
	}
	return loaded, all, nil
}

// readDocument reads a file that is not longer than a document may be.
func readDocument(file string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return "", err
	case info.Size() > document.MaxText:
		return "", fmt.Errorf("%s is longer than %d kB", file, document.MaxText>>10)
	}
	text, err := os.ReadFile(file)
	return string(text), err
}

// setsOf is what counted at each time by the versions on record. Profiles that boxes under way
// were packed under before there were versions stay at hand.
func (a *app) setsOf(ctx context.Context, all []document.Version) (document.Sets, error) {
	policy, err := propose.BuiltinPolicy()
	if err != nil {
		return nil, err
	}
	profiles, err := coldchain.Profiles()
	if err != nil {
		return nil, err
	}
	sets, err := document.SetsOf(document.Set{Policy: policy, Profiles: profiles}, all)
	if err != nil {
		return nil, fmt.Errorf("%w\nstart with -policy or -profiles and a file that can be read", err)
	}
	sets[0].Profiles = maps.Clone(sets[0].Profiles)
	open, err := a.db.Documents.OpenProfiles(ctx)
	for _, p := range open {
		if _, known := sets[0].Profiles[p.ID]; !known {
			sets[0].Profiles[p.ID] = p
		}
	}
	return sets, err
}

// keepDocuments has the record keep what the program was started with, once it is known to fit
// the network.
func (a *app) keepDocuments(ctx context.Context, loaded []document.Version) error {
	var errs []error
	for _, v := range loaded {
		errs = append(errs, v.Fits(a.network, a.clock.now()))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, v := range loaded {
		if err := a.db.Documents.Load(ctx, v); err != nil {
			return fmt.Errorf("keep the %s: %w", v.Kind, err)
		}
	}
	return nil
}
