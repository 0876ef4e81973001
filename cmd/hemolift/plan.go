package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"hemolift/dispatch/plan"
	"hemolift/dispatch/plan/verify"
)

// planFlags are those of `hemolift plan`.
type planFlags struct {
	in, out, plan, explain string
	seconds                float64
	rounds                 int
	seed                   uint64
	exact, online          bool
}

// planBlood is the command `hemolift plan`.
func planBlood(_ context.Context, args []string, out io.Writer) error {
	var f planFlags
	fs := flag.NewFlagSet("plan", flag.ContinueOnError)
	fs.StringVar(&f.in, "in", "", "file with the instance, in the format "+plan.Format)
	fs.StringVar(&f.out, "out", "", "file for the plan (default: standard output)")
	fs.Float64Var(
		&f.seconds,
		"seconds",
		0,
		"processor time of the search in seconds; with -online, of each reply (default 1, with -online 400 to 1200 rounds, by the fleet)",
	)
	fs.IntVar(&f.rounds, "rounds", 0, "rounds of the search in place of -seconds: the same seed and rounds give the same plan")
	fs.Uint64Var(&f.seed, "seed", 1, "seed of the search")
	fs.BoolVar(
		&f.exact,
		"exact",
		false,
		fmt.Sprintf("look through all plans and say on standard error whether a better one exists; for up to %d requests", plan.MaxExact),
	)
	fs.BoolVar(
		&f.online,
		"online",
		false,
		"plan while requests arrive: one JSON message a line on standard input, one reply a line on standard output",
	)
	fs.StringVar(&f.plan, "plan", "", "file with a plan to explain")
	fs.StringVar(&f.explain, "explain", "", "request to explain, with -in and -plan")
	if err := parse(fs, args); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if f.online {
		return f.converse(os.Stdin, out)
	}
	return f.answer(out)
}

func (f planFlags) check() error {
	switch {
	case f.seconds < 0 || f.rounds < 0:
		return errors.New("-seconds and -rounds must not be negative")
	case f.seconds > 0 && f.rounds > 0:
		return errors.New("give either -seconds or -rounds")
	case f.online && (f.in != "" || f.out != "" || f.plan != "" || f.explain != "" || f.exact):
		return errors.New("-online reads its instance from standard input: leave out -in, -out, -plan, -explain and -exact")
	case !f.online && f.in == "":
		return errors.New("-in is missing")
	case (f.plan == "") != (f.explain == ""):
		return errors.New("-plan and -explain go together")
	}
	return nil
}

// proofSeconds bounds the processor time of -exact.
const proofSeconds = 60

// answer plans, or explains, the instance of -in.
func (f planFlags) answer(out io.Writer) error {
	data, err := os.ReadFile(f.in)
	if err != nil {
		return err
	}
	in, err := plan.Read(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", f.in, err)
	}
	if f.explain != "" {
		return f.tell(in, data, out)
	}
	s := plan.Solve(in, f.seed, f.budget())
	if f.exact {
		s = plan.Prove(in, s, plan.Budget{Stop: processorLimit(proofSeconds)})
		fmt.Fprintln(
			os.Stderr,
			map[bool]string{true: "proven: no better plan exists", false: "not proven: too many plans to look through in time"}[s.Proven],
		)
	}
	var text bytes.Buffer
	if err := s.Plan.Write(&text); err != nil {
		return err
	}
	if err := lookAgain(data, text.Bytes(), s.Score); err != nil {
		return err
	}
	sayUnserved(in, s.Plan)
	if f.out == "" {
		_, err := out.Write(text.Bytes())
		return err
	}
	return os.WriteFile(f.out, text.Bytes(), 0o644)
}

// sayUnserved says on standard error why requests are not served.
func sayUnserved(in *plan.Instance, p plan.Plan) {
	served, told := map[string]bool{}, 0
	for _, m := range p.Missions {
		for _, s := range m.Stops {
			for _, v := range s.Serve {
				served[v.Request] = true
			}
		}
	}
	for _, r := range in.Requests {
		if served[r.ID] {
			continue
		}
		if told++; told > 20 {
			fmt.Fprintln(os.Stderr, "and more requests that are not served")
			return
		}
		e, err := plan.Explain(in, p, r.ID)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		line := fmt.Sprintf("%s request %s is not served:", r.Priority, r.ID)
		for _, c := range e.Changes {
			line += fmt.Sprintf(" %s %d/%d (%s at %s)", c.Reason, c.Have, c.Want, c.Drone, c.Centre)
		}
		fmt.Fprintln(os.Stderr, line)
	}
}

// lookAgain has the independent checker go over a plan before it is written.
func lookAgain(instance, text []byte, score plan.Score) error {
	report, err := verify.Plan(instance, text)
	if err != nil {
		return err
	}
	if len(report.Broken) > 0 || report.Score != score {
		return fmt.Errorf("plan: a fault of the planner, nothing is written: score %v, checked %v, %v", score, report.Score, report.Broken)
	}
	return nil
}

func (f planFlags) budget() plan.Budget {
	switch {
	case f.rounds > 0:
		return plan.Budget{Rounds: f.rounds}
	case f.seconds > 0:
		return plan.Budget{Stop: processorLimit(f.seconds)}
	}
	return plan.Budget{Stop: processorLimit(1)}
}

// tell explains one request.
func (f planFlags) tell(in *plan.Instance, instance []byte, out io.Writer) error {
	text, err := os.ReadFile(f.plan)
	if err != nil {
		return err
	}
	p, err := plan.ReadPlan(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", f.plan, err)
	}
	r, err := verify.Plan(instance, text)
	if err != nil {
		return fmt.Errorf("%s: %w", f.plan, err)
	}
	if len(p.Missions) > 0 && len(r.Broken) > 0 {
		return fmt.Errorf("%s breaks the rules: %s", f.plan, r.Broken[0])
	}
	e, err := plan.Explain(in, p, f.explain)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(e)
}

// planMessage is one line from whoever plays a day to the planner.
type planMessage struct {
	Type     string          `json:"type"` // start, then event
	Instance json.RawMessage `json:"instance"`
	NowS     int64           `json:"now_s"`
	Requests []plan.Request  `json:"requests"`
}

// planReply is an answer, or what is wrong with an event.
type planReply struct {
	plan.Reply
	Error string `json:"error,omitempty"`
}

// converse answers one line for each line, until there are no more. An event that cannot
// be is answered with its fault.
func (f planFlags) converse(from io.Reader, to io.Writer) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 1<<16), plan.MaxInstanceBytes)
	enc := json.NewEncoder(to)
	var o *plan.Online
	for lines.Scan() {
		var msg planMessage
		if err := json.Unmarshal(lines.Bytes(), &msg); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		reply, err := f.reply(&o, msg)
		if err != nil && msg.Type == "start" {
			return fmt.Errorf("plan: %w", err)
		}
		if err != nil { // what was good of the message is answered all the same; the day goes on
			reply.Error = err.Error()
		}
		if err := enc.Encode(reply); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (f planFlags) reply(o **plan.Online, msg planMessage) (planReply, error) {
	switch {
	case msg.Type == "start" && *o == nil:
		in, err := plan.Read(bytes.NewReader(msg.Instance))
		if err == nil && f.rounds == 0 && f.seconds == 0 {
			f.rounds = in.UsualRounds()
		}
		if err == nil {
			*o = plan.NewOnline(in, f.seed, f.budget)
		}
		return planReply{Reply: plan.Reply{Launch: []plan.Mission{}, Divert: []plan.Diversion{}}}, err
	case msg.Type == "event" && *o != nil:
		good, wrong := (*o).Admissible(msg.NowS, msg.Requests)
		r, err := (*o).Event(msg.NowS, good)
		return planReply{Reply: r}, errors.Join(wrong, err)
	}
	return planReply{}, fmt.Errorf("type: %q is not expected here: one start, then events", msg.Type)
}
