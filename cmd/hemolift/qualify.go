package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/samber/lo"

	label "hemolift/dispatch/label/vectors"
	cold "hemolift/telemetry/coldchain/vectors"
	"hemolift/telemetry/qualify"
)

// kinds are the vector files that this program recomputes.
var kinds = lo.Assign(cold.Kinds, label.Kinds)

// qualifyFiles is the command `hemolift qualify`.
func qualifyFiles(_ context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("qualify", flag.ContinueOnError)
	files, err := parseWithFiles(fs, args)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("qualify: name one or more vector files")
	}
	passed, failed := 0, 0
	for _, name := range files {
		verdicts, err := qualifyFile(name)
		if err != nil {
			return fmt.Errorf("qualify %s: %w", name, err)
		}
		for _, v := range verdicts {
			if len(v.Wrong) == 0 {
				passed++
				continue
			}
			failed++
			fmt.Fprintf(out, "%s: %s: %s\n", name, v.ID, strings.Join(v.Wrong, "; "))
		}
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", passed, failed)
	switch {
	case failed > 0:
		return fmt.Errorf("qualify: %d of %d cases failed", failed, passed+failed)
	case passed == 0:
		return errors.New("qualify: no case was recomputed")
	}
	return nil
}

func qualifyFile(name string) ([]qualify.Verdict, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return qualify.Recompute(f, kinds)
}

// parseWithFiles is parse for a command that takes files after its flags.
func parseWithFiles(fs *flag.FlagSet, args []string) ([]string, error) {
	var files []string
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		files, args = append(files, args[0]), args[1:]
	}
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Printf("usage: hemolift %s [FLAGS] FILE...\n", fs.Name())
		fs.SetOutput(os.Stdout)
		fs.PrintDefaults()
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s -h explains the flags", fs.Name(), err, fs.Name())
	}
	return append(files, fs.Args()...), nil
}
