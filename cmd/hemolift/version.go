package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"

	"hemolift/web/ui"
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
	fl := flag.NewFlagSet("version", flag.ContinueOnError)
	licences := fl.Bool("licences", false, "print the licences of all that the program holds")
	if err := parse(fl, args); err != nil {
		return err
	}
	if *licences {
		notices, err := fs.ReadFile(ui.Built(), "notices.txt")
		if err != nil {
			return fmt.Errorf("licences: %w", err)
		}
		_, err = out.Write(notices)
		return err
	}
	_, err := fmt.Fprintln(out, "hemolift", built())
	return err
}
