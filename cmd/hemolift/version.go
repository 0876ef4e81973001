package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
)

// release is the version that `make release` gives the program.
var release string

// built is the program's version: the release's, the module's, or the commit's.
func built() string {
	info, ok := debug.ReadBuildInfo()
	switch {
	case release != "":
		return release
	case !ok:
		return "devel"
	case info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

func version(_ context.Context, args []string, out io.Writer) error {
	if err := parse(flag.NewFlagSet("version", flag.ContinueOnError), args); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "hemolift", built())
	return err
}
