// Command hemolift dispatches blood by drone: one program with its database, its
// device bus and its map page. Each subcommand is a file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// commands are the subcommands, in the order of the help.
var commands = []struct {
	name, help string
	run        func(ctx context.Context, args []string, out io.Writer) error
}{
	{"demo", "run the Shenyang demonstration: server, simulated fleet, requests", demo},
	{"serve", "run the server", serve},
	{"route", "plan the routes of a scene of zones, to check and time the planner", planRoutes},
	{"whatif", "the same day with another fleet, weather or reserve, and the difference that makes", whatIf},
	{"policy", "print the built-in stock policy, to begin one's own with", printPolicy},
	{"plan", "plan an instance of requests, drones and stock, to check and time the optimiser", planBlood},
	{"coldchain", "judge a temperature trace by a profile; list the profiles", coldChain},
	{"network", "check a network's files and list every fault: network check DIR", checkNetwork},
	{"qualify", "recompute vector files with the server's own functions: the installation check", qualifyFiles},
	{"label", "read scans of a blood bag's label (ISBT 128): one line of JSON each", readLabels},
	{"backup", "copy the record of a running server into a directory, and try to restore it", backUp},
	{"restore", "bring a backup into an empty data directory, or only try it (-check)", restore},
	{"offsite", "send backups and the archived log to an S3-compatible store, or fetch them (-fetch)", offsite},
	{"doctor", "look at all that a server needs on this machine: doctor, with the flags of serve", doctor},
	{"migrate", "bring a database (DATABASE_URL) to the newest schema", migrate},
	{"version", "print the version", version},
}

// untilStopped are the commands that are meant to be.
var untilStopped = []string{"demo", "serve"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hemolift:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		usage(out)
		return nil
	}
	if args[0] == "--version" {
		args[0] = "version"
	}
	for _, c := range commands {
		if c.name == args[0] {
			err := c.run(ctx, args[1:], out)
			switch {
			case errors.Is(err, flag.ErrHelp), errors.Is(err, context.Canceled) && slices.Contains(untilStopped, c.name):
				return nil
			case errors.Is(err, context.Canceled):
				return fmt.Errorf("%s: interrupted", c.name)
			}
			return err
		}
	}
	return fmt.Errorf("unknown command %q; hemolift -h lists them", args[0])
}

func usage(out io.Writer) {
	fmt.Fprintln(out, "usage: hemolift COMMAND [FLAGS]; hemolift COMMAND -h explains the flags")
	for _, c := range commands {
		fmt.Fprintf(out, "  %-9s %s\n", c.name, c.help)
	}
}

// parse reads flags and refuses what is left over. A mistake is one line; -h prints
// the flags.
func parse(fs *flag.FlagSet, args []string) error {
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fs.SetOutput(os.Stdout)
		fmt.Printf("usage: hemolift %s [FLAGS]\n", fs.Name())
		fs.PrintDefaults()
		return err
	}
	if err != nil {
		return fmt.Errorf("%s: %w; %s -h explains the flags", fs.Name(), err, fs.Name())
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%s: %q is not a flag", fs.Name(), fs.Arg(0))
	}
	return nil
}
