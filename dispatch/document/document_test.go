package document_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hemolift/dispatch/document"
	"hemolift/dispatch/network"
	"hemolift/dispatch/propose"
	"hemolift/dispatch/refusal"
	"hemolift/telemetry/coldchain"
	"hemolift/telemetry/tables"
)

var t0 = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func after(days int) time.Time { return t0.AddDate(0, 0, days) }

func base(t *testing.T) document.Set {
	t.Helper()
	policy, err := propose.BuiltinPolicy()
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := coldchain.Profiles()
	if err != nil {
		t.Fatal(err)
	}
	return document.Set{Policy: policy, Profiles: profiles}
}

// policyOf is the built-in policy under another version.
func policyOf(version string) string {
	return strings.Replace(propose.PolicyText(), "version,,2,", "version,,"+version+",", 1)
}

const redCells = "hemolift-rbc-2-10"

// profilesOf are the built-in profiles with another upper limit of red cells, valid from a day on.
func profilesOf(t *testing.T, high, from string) string {
	t.Helper()
	var out []string
	for _, line := range strings.Split(coldchain.ProfileText(), "\n") {
		cells := strings.Split(line, ",")
		if cells[0] == redCells {
			line = strings.Replace(strings.Replace(line, ",flight,2,10,", ",flight,2,"+high+",", 1), "2026-11-01", from, 1)
		}
		out = append(out, line)
	}
	text := strings.Join(out, "\n")
	if text == coldchain.ProfileText() {
		t.Fatal("nothing was changed")
	}
	return text
}

func loaded(id int64, k document.Kind, text string, at time.Time) document.Version {
	return document.Version{ID: id, Kind: k, Text: text, Origin: document.FromFile, At: at, TookAt: at}
}

func TestWhatCountedAtEachTime(t *testing.T) {
	later := profilesOf(t, "9", "2026-11-24")
	all := []document.Version{
		loaded(1, document.Policy, policyOf("A"), t0),
		loaded(2, document.Profiles, profilesOf(t, "8", "2026-11-01"), t0),
		loaded(3, document.Policy, policyOf("B"), after(1)),
		loaded(4, document.Profiles, coldchain.ProfileText()+strings.Split(later, "\n")[lineOf(later, redCells)]+"\n", after(1)),
		{ID: 5, Kind: document.Policy, Text: policyOf("C"), Origin: document.ByPerson, By: "qin", At: after(1)},
		loaded(6, document.Policy, policyOf("D"), after(5)),
	}
	sets, err := document.SetsOf(base(t), all)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		at     time.Time
		policy string
		highC  float64
	}{
		{after(-400), "A", 8}, // what was first counted before, as far as anybody can know
		{t0, "A", 8},
		{after(1).Add(-time.Second), "A", 8},
		{after(1), "B", 10},
		{time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC).Add(-time.Second), "B", 10},
		{time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), "B", 9}, // by the profile's own date
		{after(5), "D", 9},
		{after(500), "D", 9},
	} {
		got := sets.At(want.at)
		if got.Policy.Version != want.policy || got.Profiles[redCells].HighC() != want.highC {
			t.Errorf("at %v: policy %s, %v °C; want %s, %v", want.at, got.Policy.Version, got.Profiles[redCells].HighC(), want.policy, want.highC)
		}
	}
	if all[0].StateIn(all) != document.Superseded || all[4].StateIn(all) != document.Waiting || all[5].StateIn(all) != document.InForce {
		t.Error("the states are wrong")
	}
}

// What takes effect in one moment counts in the order of its times, whoever was proposed first; one
// that could not take effect before a later one did never does.
func TestALaterVersionWins(t *testing.T) {
	by := func(id int64, version string, from, took time.Time) document.Version {
		return document.Version{
			ID: id, Kind: document.Policy, Text: policyOf(version), Origin: document.ByPerson, By: "qin", At: t0, TookAt: took,
			Decision: &document.Decision{By: "li", At: t0, Approved: true, From: from},
		}
	}
	all := []document.Version{
		loaded(1, document.Policy, policyOf("A"), t0), by(2, "late", after(3), after(4)), by(3, "early", after(2), after(4)),
		by(4, "overtaken", after(1), time.Time{}), by(5, "next", after(9), time.Time{}),
	}
	for i, want := range []document.State{document.Superseded, document.InForce, document.Superseded, document.Superseded, document.Approved} {
		if got := all[i].StateIn(all); got != want {
			t.Errorf("version %d is %s, not %s", i+1, got, want)
		}
	}
	if due := document.Due(all); len(due) != 1 || due[0].ID != 5 {
		t.Errorf("due: %v", due)
	}
	sets, err := document.SetsOf(base(t), all)
	if err != nil || sets.At(after(4)).Policy.Version != "late" || document.TextInForce(all, document.Policy) != policyOf("late") {
		t.Errorf("%s counts, %v", sets.At(after(4)).Policy.Version, err)
	}
	if all[1].Before(all) != policyOf("early") || all[2].Before(all) != policyOf("A") {
		t.Error("they took the place of others")
	}
}

// A box that was packed before there were versions is judged by what it was packed under.
func TestWhatCountedBeforeStays(t *testing.T) {
	was := base(t)
	was.Profiles["a-site's-own"] = was.Profiles[redCells]
	sets, err := document.SetsOf(was, []document.Version{loaded(1, document.Profiles, profilesOf(t, "8", "2026-11-01"), t0)})
	if err != nil {
		t.Fatal(err)
	}
	_, before := sets.At(after(-1)).Profiles["a-site's-own"]
	_, then := sets.At(t0).Profiles["a-site's-own"]
	if !before || then {
		t.Errorf("known before: %v, then: %v", before, then)
	}
}

func lineOf(text, id string) int {
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, id+",") {
			return i
		}
	}
	return -1
}

// A program of another version may not read what counted once: that is passed over, but nobody
// goes on without what is in force.
func TestAVersionThatCannotBeReadAnyMore(t *testing.T) {
	all := []document.Version{loaded(1, document.Policy, "rule,of,value\n", t0), loaded(2, document.Policy, policyOf("B"), after(1))}
	sets, err := document.SetsOf(base(t), all)
	if err != nil || sets.At(t0).Policy.Version != "B" {
		t.Errorf("the one before cannot be read: %v, %v", sets.At(t0).Policy.Version, err)
	}
	all[0], all[1] = all[1], all[0]
	all[0].TookAt, all[1].TookAt = t0, after(1)
	if _, err := document.SetsOf(base(t), all); err == nil || !strings.Contains(err.Error(), "policy in force (version 1)") {
		t.Errorf("the one in force cannot be read: %v", err)
	}
}

func TestWhoDecides(t *testing.T) {
	waiting := document.Version{ID: 7, Kind: document.Policy, Text: policyOf("B"), Origin: document.ByPerson, By: "qin", At: t0}
	approved := waiting
	approved.Decision = &document.Decision{By: "li", Approved: true, From: after(3)}
	rejected := waiting
	rejected.Decision = &document.Decision{By: "li", Note: "no"}
	counts := loaded(8, document.Policy, policyOf("A"), after(-1))
	signed := counts
	signed.Decision = &document.Decision{By: "li", Approved: true, From: counts.TookAt}
	var field refusal.Field
	var state refusal.State
	tests := []struct {
		name    string
		version document.Version
		by      document.Decision
		from    time.Time
		as      any
	}{
		{"at once", waiting, document.Decision{By: "li", Approved: true}, t0, nil},
		{"later", waiting, document.Decision{By: "li", Approved: true, From: after(2)}, after(2), nil},
		{"a moment ago", waiting, document.Decision{By: "li", Approved: true, From: t0.Add(-time.Second)}, t0, nil},
		{"one's own", waiting, document.Decision{By: "qin", Approved: true}, time.Time{}, refusal.ErrSamePerson},
		{"yesterday", waiting, document.Decision{By: "li", Approved: true, From: after(-1)}, time.Time{}, &field},
		{"in two years", waiting, document.Decision{By: "li", Approved: true, From: after(800)}, time.Time{}, &field},
		{"rejected without a word", waiting, document.Decision{By: "li", Note: "  "}, time.Time{}, &field},
		{"too long a word", waiting, document.Decision{By: "li", Note: strings.Repeat("字", 401)}, time.Time{}, &field},
		{"approved again", approved, document.Decision{By: "li", Approved: true}, time.Time{}, &state},
		{"approved after all", rejected, document.Decision{By: "li", Approved: true}, time.Time{}, &state},
		{"what the program was started with", counts, document.Decision{By: "li", Approved: true, From: after(9)}, counts.TookAt, nil},
		{"that again", signed, document.Decision{By: "li", Approved: true}, time.Time{}, &state},
		{"what counts is not rejected", counts, document.Decision{By: "li", Note: "no"}, time.Time{}, &state},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.version.Decide(tt.by, tt.version.Digest(), []document.Version{tt.version}, t0)
			switch {
			case tt.as == nil:
				if err != nil || !got.From.Equal(tt.from) || !got.At.Equal(t0) {
					t.Errorf("got %+v, %v", got, err)
				}
			case tt.as == refusal.ErrSamePerson:
				if !errors.Is(err, refusal.ErrSamePerson) {
					t.Errorf("got %v; want another person", err)
				}
			case !errors.As(err, tt.as):
				t.Errorf("got %v; want a %T", err, tt.as)
			}
		})
	}
	if _, err := waiting.Decide(document.Decision{By: "li", Approved: true}, approved.Digest()+"0", nil, t0); !errors.Is(err, refusal.ErrChanged) {
		t.Errorf("another text: %v", err)
	}
	if d, err := approved.Decide(document.Decision{By: "qin", Note: "withdrawn"}, approved.Digest(), []document.Version{approved}, t0); err != nil || d.Approved {
		t.Errorf("withdrawn before it counts, by who proposed it: %v", err)
	}
}

func TestWhatAProgramIsStartedWith(t *testing.T) {
	shipped := func(text string) document.Version {
		return document.Version{Kind: document.Policy, Text: text, Origin: document.Shipped}
	}
	file := func(text string) document.Version {
		return document.Version{Kind: document.Policy, Text: text, Origin: document.FromFile}
	}
	on := func(list ...document.Version) []document.Version {
		for i := range list {
			list[i].ID, list[i].TookAt = int64(i+1), after(i)
		}
		return list
	}
	person := document.Version{Kind: document.Policy, Text: "P", Origin: document.ByPerson}
	approvedBy := func(v document.Version) document.Version {
		v.Decision = &document.Decision{By: "li", Approved: true, From: v.TookAt}
		return v
	}
	tests := []struct {
		name   string
		on     []document.Version
		starts document.Version
		want   bool
	}{
		{"the first start", nil, shipped("1"), true},
		{"again", on(shipped("1")), shipped("1"), false},
		{"a newer program", on(shipped("1")), shipped("2"), true},
		{"a file", on(shipped("1")), file("F"), true},
		{"the file again", on(shipped("1"), file("F")), file("F"), false},
		{"another file", on(file("F")), file("G"), true},
		{"no file any more", on(file("F")), shipped("1"), false},
		{"a newer program beside a person's", on(shipped("1"), person), shipped("2"), false},
		{"the same file beside a person's", on(file("F"), person), file("F"), false},
		{"another file over a person's", on(file("F"), person), file("G"), true},
		{"a newer program beside an approved built-in text", on(approvedBy(shipped("1"))), shipped("2"), false},
		{"a file over an approved built-in text", on(approvedBy(shipped("1"))), file("F"), true},
		{"the built-in text as a file", on(shipped("1")), file("1"), true},
	}
	for _, tt := range tests {
		if got := tt.starts.Supersedes(tt.on); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestWhatAVersionChanges(t *testing.T) {
	was := "rule,of,value\npartial,stat,yes\nhold_back,,yes\n"
	is := "rule,of,value,note\npartial,stat,no,safer\npartial,urgent,yes,\n"
	got := document.Differences(document.Policy, was, is)
	want := []network.Difference{
		{File: "policy", ID: "partial stat", Field: "value", Was: "yes", Is: "no"},
		{File: "policy", ID: "partial stat", Field: "note", Is: "safer"},
		{File: "policy", ID: "partial urgent", Is: "rule partial, of urgent, value yes"},
		{File: "policy", ID: "hold_back", Was: "rule hold_back, value yes"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v; want %+v", got[i], want[i])
		}
	}
	if same := document.Differences(document.Policy, was, strings.ReplaceAll(was, "\n", "\r\n")); len(same) != 0 {
		t.Errorf("other ends of lines: %+v", same)
	}
}

func TestProfilesMustFitTheBoxes(t *testing.T) {
	n := &network.Network{BoxTypes: []network.BoxType{{ID: "rbc", Profile: redCells}}}
	v := document.Version{Kind: document.Profiles, Origin: document.ByPerson}
	v.Text = coldchain.ProfileText()
	if err := v.Fits(n, t0); err != nil {
		t.Errorf("the built-in ones: %v", err)
	}
	var faults tables.Faults
	lines := strings.Split(v.Text, "\n")
	i := lineOf(v.Text, redCells)
	v.Text = strings.Join(append(lines[:i:i], lines[i+1:]...), "\n")
	if err := v.Fits(n, t0); !errors.As(err, &faults) || !strings.Contains(err.Error(), redCells) {
		t.Errorf("one is missing: %v", err)
	}
	// A later line of its own counts too: from its day on.
	line := strings.Replace(lines[i], "2026-11-01", "2026-11-24", 1)
	v.Text = coldchain.ProfileText() + strings.Replace(line, ",flight,2,10,", ",flight,,,", 1) + "\n"
	if _, err := v.Read(t0); err != nil {
		t.Fatal(err)
	}
	if err := v.Fits(n, t0); !errors.As(err, &faults) || !strings.Contains(err.Error(), redCells) {
		t.Errorf("one loses its range later: %v", err)
	}
	v.Text = strings.Join(append(lines[:i:i], append([]string{line}, lines[i+1:]...)...), "\n")
	if err := v.Fits(n, t0); err == nil {
		t.Error("one that is not valid yet fits")
	}
	if whole := v.Whole(t0); !whole.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) || v.Fits(n, whole) != nil {
		t.Errorf("it does not fit when it is valid, %v", whole)
	}
	v.Text = coldchain.ProfileText()
	for day := range document.MaxDates + 1 {
		v.Text += strings.Replace(lines[i], "2026-11-01", after(day+1).Format(time.DateOnly), 1) + "\n"
	}
	if err := v.Fits(n, t0); err == nil {
		t.Error("it has later dates without end")
	}
	v.Text = strings.Repeat("x", document.MaxText+1)
	if _, err := v.Read(t0); err == nil {
		t.Error("a text without end is read")
	}
}

func FuzzDifferences(f *testing.F) {
	f.Add(propose.PolicyText(), "rule,of,value\n")
	f.Add(coldchain.ProfileText(), coldchain.ProfileText())
	f.Fuzz(func(t *testing.T, was, is string) {
		for _, k := range []document.Kind{document.Policy, document.Profiles} {
			if same := document.Differences(k, is, is); len(same) > 0 && len(tables.Read("x", strings.NewReader(is)).Faults) == 0 && unique(k, is) {
				t.Errorf("%s differs from itself: %+v", k, same)
			}
			document.Differences(k, was, is)
			v := document.Version{ID: 1, Kind: k, Text: is, Origin: document.ByPerson, TookAt: t0}
			_, _ = document.SetsOf(document.Set{}, []document.Version{v})
		}
	})
}

// unique is whether every line has a name of its own.
func unique(k document.Kind, text string) bool {
	seen := map[string]bool{}
	for _, row := range tables.Read("x", strings.NewReader(text)).Rows {
		key := row.Cells["rule"] + " " + row.Cells["of"]
		if k == document.Profiles {
			key = row.Cells["profile_id"] + " " + row.Cells["valid_from"]
		}
		if seen[strings.TrimSpace(key)] {
			return false
		}
		seen[strings.TrimSpace(key)] = true
	}
	return true
}
