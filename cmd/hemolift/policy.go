package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"hemolift/dispatch/propose"
)

// loadPolicy reads a stock policy, the built-in one without a file.
func loadPolicy(file string) (propose.Policy, error) {
	if file == "" {
		return propose.BuiltinPolicy()
	}
	f, err := os.Open(file)
	if err != nil {
		return propose.Policy{}, fmt.Errorf("policy: %w", err)
	}
	p, err := propose.ParsePolicy(f)
	return p, errors.Join(err, f.Close())
}

// printPolicy is the command `hemolift policy`.
func printPolicy(_ context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("policy", flag.ContinueOnError)
	check := fs.String("check", "", "CSV file to check instead")
	if err := parse(fs, args); err != nil {
		return err
	}
	if *check == "" {
		_, err := io.WriteString(out, propose.PolicyText())
		return err
	}
	p, err := loadPolicy(*check)
	if err != nil {
		return err
	}
	by := p.ApprovedBy
	if by == "" {
		by = "nobody yet"
	}
	_, err = fmt.Fprintf(
		out,
		"policy %s, approved by %s; classes of aircraft are compared with the network when a server starts\n",
		p.Version,
		by,
	)
	return err
}
