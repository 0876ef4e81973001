package plan

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processor is what the process has used so far.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func until(d time.Duration) Budget {
	end := processor() + d
	return Budget{Stop: func() bool { return processor() >= end }}
}

// BenchmarkPlan plans each instance in its time with ten seeds, and logs the median
// score beside the reference.
func BenchmarkPlan(b *testing.B) {
	refs := references(b)
	times := map[string]time.Duration{"medium": 50 * time.Millisecond, "large": time.Second, "mega": 5 * time.Second}
	for _, name := range []string{"medium-01", "medium-02", "medium-03", "medium-04", "large-01", "large-02", "mega-01"} {
		in := read(b, text(b, name))
		kind, _, _ := strings.Cut(name, "-")
		b.Run(name, func(b *testing.B) {
			var scores []Score
			rounds := 0
			for b.Loop() {
				scores, rounds = nil, 0
				for seed := range uint64(10) {
					s := Solve(in, seed+1, until(times[kind]))
					scores = append(scores, s.Score)
					rounds += s.Rounds
				}
			}
			slices.SortFunc(scores, Score.Compare)
			b.Logf("%v in %v: median %v, best %v, worst %v, reference %v", name, times[kind], scores[4], scores[0], scores[9], refs[name].Score)
			b.ReportMetric(float64(rounds)/10, "rounds/plan")
		})
	}
}

// BenchmarkFirstPlan is the time to a first whole plan.
func BenchmarkFirstPlan(b *testing.B) {
	for _, name := range []string{"medium-01", "large-01", "mega-01"} {
		in := read(b, text(b, name))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Solve(in, 1, Budget{})
			}
		})
	}
}

// BenchmarkTiny finds each optimum, and proves it.
func BenchmarkTiny(b *testing.B) {
	refs := references(b)
	for k := 1; k <= 10; k++ {
		name := fmt.Sprintf("tiny-%02d", k)
		in := read(b, text(b, name))
		b.Run("find/"+name, func(b *testing.B) {
			found := 0
			for b.Loop() {
				found = 0
				for seed := range uint64(10) {
					if Solve(in, seed+1, until(5*time.Millisecond)).Score == refs[name].Score {
						found++
					}
				}
			}
			b.ReportMetric(float64(found), "of10found")
		})
		b.Run("prove/"+name, func(b *testing.B) {
			for b.Loop() {
				if s := Prove(in, Solve(in, 1, Budget{}), Budget{}); !s.Proven || s.Score != refs[name].Score {
					b.Fatal(s.Score)
				}
			}
		})
	}
}

// BenchmarkStream plays whole days and logs their scores.
func BenchmarkStream(b *testing.B) {
	refs := references(b)
	for _, name := range []string{"stream-s-01", "stream-s-02", "stream-s-03", "stream-m-01", "stream-m-02", "stream-l-01"} {
		in := read(b, text(b, name))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var took []time.Duration
				last := processor()
				d, err := Play(in, 1, func() Budget { // asked once a reply
					took = append(took, processor()-last)
					last = processor()
					return Budget{Rounds: in.UsualRounds()}
				})
				if err != nil {
					b.Fatal(err)
				}
				slices.Sort(took)
				b.Logf("%s: %v, reference %v, all known in advance %v; reply median %v, worst %v, %d diverted",
					name, d.Score, refs[name].Online["reserve"], refs[name].Score, took[len(took)/2], took[len(took)-1], d.Diverted)
			}
		})
	}
}
