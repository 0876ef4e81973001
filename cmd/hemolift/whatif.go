package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"hemolift/dispatch/plan"
)

// whatIfFlags are those of `hemolift whatif`.
type whatIfFlags struct {
	planFlags
	add, without, reserve string
	other                 string // file
	time, energy          int64
}

// whatIf is the command `hemolift whatif`.
func whatIf(_ context.Context, args []string, out io.Writer) error {
	var f whatIfFlags
	fs := flag.NewFlagSet("whatif", flag.ContinueOnError)
	fs.StringVar(&f.in, "in", "", "file with the day, an instance in the format "+plan.Format+"; a stream is played, another is planned")
	fs.StringVar(
		&f.other,
		"other",
		"",
		"file with the same day as it might have been, in place of -add, -without, -time, -energy and -reserve, "+
			"as a server exports it for another policy or wind",
	)
	fs.StringVar(&f.add, "add", "", "more drones, as CLASS@CENTRE:NUMBER, separated by commas")
	fs.StringVar(&f.without, "without", "", "drones lost or centres closed, by id, separated by commas")
	fs.Int64Var(&f.time, "time", 0, "every flight takes so many thousandths of its time, as in wind")
	fs.Int64Var(&f.energy, "energy", 0, "every flight takes so many thousandths of its energy")
	fs.StringVar(&f.reserve, "reserve", "", "units of a group kept back at each centre for each component, as TYPE:NUMBER")
	fs.Float64Var(&f.seconds, "seconds", 0, "processor time of each search in seconds, of each reply in a stream")
	fs.IntVar(&f.rounds, "rounds", 0, "rounds of each search in place of -seconds (default 2000, in a stream 400 to 1200, by the fleet)")
	fs.Uint64Var(&f.seed, "seed", 1, "seed of the search")
	if err := parse(fs, args); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return fmt.Errorf("whatif: %w", err)
	}
	in, err := readInstance(f.in)
	if err != nil {
		return err
	}
	other, err := f.otherDay(in)
	if err != nil {
		return fmt.Errorf("whatif: %w", err)
	}
	return f.compare(in, other, out)
}

func readInstance(file string) (*plan.Instance, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	in, err := plan.Read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return in, nil
}

// otherDay is the day with what the flags change, or from another file.
func (f whatIfFlags) otherDay(in *plan.Instance) (*plan.Instance, error) {
	if f.other == "" {
		v, err := f.variant(in)
		if err != nil {
			return nil, err
		}
		other, err := in.With(v)
		if err != nil && f.without != "" {
			err = fmt.Errorf("%w; the day has the drones %s", err, ids(in.Drones, func(d plan.Drone) string { return d.ID }))
		}
		return other, err
	}
	if f.add != "" || f.without != "" || f.reserve != "" || f.time != 0 || f.energy != 0 {
		return nil, errors.New("-other stands alone: the other file says what differs")
	}
	other, err := readInstance(f.other)
	if err != nil {
		return nil, err
	}
	return other, plan.SameRequests(in, other)
}

func (f whatIfFlags) compare(in, other *plan.Instance, out io.Writer) error {
	was, err := f.outcome(in)
	if err != nil {
		return err
	}
	is, err := f.outcome(other)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(plan.Compare(in, was, is))
}

// outcome plays or plans a day.
func (f whatIfFlags) outcome(in *plan.Instance) (plan.Outcome, error) {
	budget := func() plan.Budget {
		if f.seconds > 0 {
			return plan.Budget{Stop: processorLimit(f.seconds)}
		}
		return plan.Budget{Rounds: f.rounds}
	}
	if f.rounds == 0 {
		f.rounds = 2000
		if in.Kind == plan.KindOnline {
			f.rounds = in.UsualRounds()
		}
	}
	if in.Kind != plan.KindOnline {
		return in.Outcome(plan.Solve(in, f.seed, budget()).Plan)
	}
	day, err := plan.Play(in, f.seed, budget)
	if err != nil {
		return plan.Outcome{}, err
	}
	return in.Outcome(day.Log)
}

// variant reads the flags.
func (f whatIfFlags) variant(in *plan.Instance) (v plan.Variant, err error) {
	if f.time < 0 || f.energy < 0 {
		return v, errors.New("-time and -energy must not be negative")
	}
	if f.time == 0 && f.energy == 0 && f.without == "" && f.reserve == "" && f.add == "" {
		return v, errors.New("say what is to differ: -add, -without, -time, -energy, -reserve or -other")
	}
	v.TimePermille, v.EnergyPermille = f.time, f.energy
	if f.without != "" {
		v.Without = strings.Split(f.without, ",")
	}
	if f.reserve != "" {
		v.ReserveType, v.Reserve, err = numbered(f.reserve)
		if err != nil {
			return v, fmt.Errorf("-reserve: %w", err)
		}
		if !slices.ContainsFunc(in.Lots, func(l plan.Lot) bool { return l.Type == v.ReserveType }) {
			return v, fmt.Errorf("-reserve: the day has no units of %q", v.ReserveType)
		}
	}
	if f.add == "" {
		return v, nil
	}
	for _, item := range strings.Split(f.add, ",") {
		what, n, err := numbered(item)
		class, centre, ok := strings.Cut(what, "@")
		if err != nil || !ok {
			return v, fmt.Errorf("-add: %q is not CLASS@CENTRE:NUMBER", item)
		}
		i := slices.IndexFunc(in.Classes, func(c plan.Class) bool { return c.ID == class })
		if i < 0 {
			return v, fmt.Errorf("-add: no class %q; the day has %s", class, ids(in.Classes, func(c plan.Class) string { return c.ID }))
		}
		for k := range n {
			v.Add = append(v.Add, plan.Drone{ID: fmt.Sprintf("more-%s-%d", what, k+1), Class: class, Home: centre, SocJ: in.Classes[i].BatteryJ})
		}
	}
	return v, nil
}

// ids lists what a day has, a few of it.
func ids[T any](list []T, id func(T) string) string {
	const most = 12
	var out []string
	for _, x := range list[:min(len(list), most)] {
		out = append(out, id(x))
	}
	if len(list) > most {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// numbered splits NAME:NUMBER, a number from 1 to 1000.
func numbered(s string) (string, int64, error) {
	name, number, _ := strings.Cut(s, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 || n > 1000 || name == "" {
		return "", 0, fmt.Errorf("%q is not NAME:NUMBER with a number from 1 to 1000", s)
	}
	return name, n, nil
}
