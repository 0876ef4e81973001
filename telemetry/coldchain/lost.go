package coldchain

import (
	"cmp"
	"slices"
	"time"
)

// Lost is a part of a record that cannot be read: something was measured, and what it was
// is not known. It goes from the reading before to the one after; at either end of the
// record to its own time, where that is known.
type Lost struct {
	From, To time.Time
	Ends     bool   // no reading comes after it
	Part     bool   // one probe of several was lost; what another one measured stands
	Outside  bool   // a reading beside it lies outside the range
	Beyond   Side   // the record says that the probe's span was passed on this side
	Doubt    bool   // the clock was set, so that nobody knows how long this was
	What     string // as the record has it
}

// PassageOf is what readings say under a profile, together with what could not be read
// among them. Readings come in any order; one that is no temperature is lost itself.
func PassageOf(p Profile, readings []Reading, lost []Lost) Passage {
	believed := make([]Reading, 0, len(readings))
	for _, r := range readings {
		if p.Believed(r) {
			believed = append(believed, r)
		}
	}
	byTime := func(a, b Reading) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) }
	slices.SortStableFunc(believed, byTime)
	for _, r := range readings {
		if !p.Believed(r) {
			lost = append(lost[:len(lost):len(lost)], unbelieved(believed, r))
		}
	}
	pass := Passage{Report: report(p, believed), Faults: Watched(p, readings)}
	for _, l := range lost {
		l.Outside = l.Outside || beside(p, believed, l)
		pass.Lost = append(pass.Lost, l)
	}
	slices.SortStableFunc(pass.Lost, func(a, b Lost) int { return a.From.Compare(b.From) })
	if n := len(believed); n > 0 {
		pass.From, pass.To = believed[0].At, believed[n-1].At
	}
	for _, l := range lost {
		if pass.From.IsZero() || l.From.Before(pass.From) {
			pass.From = l.From
		}
		if l.To.After(pass.To) {
			pass.To = l.To
		}
	}
	return pass
}

// unbelieved is what is lost by a reading that is no temperature.
func unbelieved(believed []Reading, r Reading) Lost {
	l := Lost{From: r.At, To: r.At, What: string(OutOfSpan)}
	i, _ := slices.BinarySearchFunc(believed, r.At, func(x Reading, at time.Time) int { return x.At.Compare(at) })
	if i > 0 {
		l.From = believed[i-1].At
	}
	if l.Ends = i == len(believed); !l.Ends {
		l.To = believed[i].At
	}
	return l
}

// beside reports whether a reading at either end of what was lost lies outside the range.
func beside(p Profile, believed []Reading, l Lost) bool {
	for _, at := range []time.Time{l.From, l.To} {
		i, _ := slices.BinarySearchFunc(believed, at, func(x Reading, at time.Time) int { return x.At.Compare(at) })
		for ; i < len(believed) && believed[i].At.Equal(at); i++ {
			if p.Outside(believed[i].warm()) || p.Outside(believed[i].cold()) {
				return true
			}
		}
	}
	return false
}

// report folds believed readings in order of time. Of several at one instant the warmest
// and the coldest count.
func report(p Profile, believed []Reading) Report {
	t := NewTrace(p.Rule())
	for i := 0; i < len(believed); {
		at, warm, cold := believed[i].At, believed[i].warm(), believed[i].cold()
		for i++; i < len(believed) && believed[i].At.Equal(at); i++ {
			warm, cold = max(warm, believed[i].warm()), min(cold, believed[i].cold())
		}
		_ = t.Add(at, 0, float64(warm)/1000, float64(cold)/1000) // none is too late: they come in order of time
	}
	return t.Report()
}

// lostWithin is the time of lost parts that is not a gap of the report already.
func (p Passage) lostWithin(maxGap time.Duration) (sum time.Duration) {
	var until time.Time
	for _, l := range p.Lost {
		if d := l.To.Sub(l.From); !l.Part && d <= maxGap && l.To.After(until) {
			if l.From.Before(until) {
				d = l.To.Sub(until)
			}
			sum, until = sum+d, l.To
		}
	}
	return sum
}

// lost finds what a record lost where it matters. What is not known is never in range.
func (j *judge) lost() {
	for _, l := range j.pass.Lost {
		f := Finding{Rule: RuleLost, Advice: Quarantine, Value: l.To.Sub(l.From).Minutes(), At: l.From, Detail: l.What}
		switch {
		case l.Beyond != "":
			f.Rule = RuleBeyondSpan
		case l.Doubt:
			f.Rule = RuleClock
		case l.Outside, l.Ends && !l.Part:
		default:
			continue
		}
		if !slices.ContainsFunc(j.v.Findings, func(x Finding) bool { return x.Rule == f.Rule && (x.At.Equal(f.At) || x.Detail == f.Detail) }) &&
			len(j.v.Findings) < maxFindings {
			j.find(f)
		}
	}
}

// maxFindings bounds what is told of one passage's lost parts; one is enough to judge.
const maxFindings = 50

// beyond is for how long the record says that the probe's span was passed upwards.
func (p Passage) beyond() (sum time.Duration) {
	var until time.Time
	for _, l := range p.Lost {
		if l.Beyond == High && l.To.After(until) {
			from := l.From
			if from.Before(until) {
				from = until
			}
			sum, until = sum+l.To.Sub(from), l.To
		}
	}
	return sum
}
