package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hemolift/dispatch/propose"
	"hemolift/telemetry/coldchain"
	"hemolift/web/api"
)

// policyOf is the built-in policy with so many units kept in reserve.
func policyOf(t *testing.T, units string) string {
	t.Helper()
	text := strings.Replace(propose.PolicyText(), "reserve_units,,2,", "reserve_units,,"+units+",", 1)
	if text == propose.PolicyText() {
		t.Fatal("the built-in policy has no such line")
	}
	return text
}

// histories are the versions of a document on record, the newest first: where each is from, its state
// and who approved it.
func histories(t *testing.T, p *process, k api.DocumentKind) (told []string) {
	t.Helper()
	var all []api.Document
	if err := p.as("admin").call(t.Context(), "GET", "/documents", nil, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Kind != k {
			continue
		}
		line := string(v.Origin) + " " + string(v.State)
		if v.Decision != nil {
			line += " by " + v.Decision.By
		}
		told = append(told, line)
	}
	return told
}

// TestAFileCountsWhenItChanges: a policy file counts at the start at which it is another one than
// before; what people approve since stays until then; a kill at any start changes nothing, and what
// cannot be read, or does not fit the network, stops the start before anything is on record.
func TestAFileCountsWhenItChanges(t *testing.T) {
	t.Parallel()
	p, files := founded(t)
	quality := api.NewAccount{Login: "qin.yue", NameZh: "秦月", NameEn: "Qin Yue", Role: "quality"}
	var invited api.Invitation
	if err := p.as("admin").call(t.Context(), "POST", "/accounts", quality, &invited); err != nil {
		t.Fatal(err)
	}
	body := api.ChosenPassword{Password: firstPassword}
	if err := (apiClient{url: p.url}).call(t.Context(), "POST", "/invitation", body, nil, "Invitation-Token", invited.Token); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dataDir(t), "policy.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	restarts := func(args ...string) {
		t.Helper()
		p = startServe(t, p.data, append([]string{"-network", files}, args...)...)
		p.password = firstPassword
	}
	is := func(k api.DocumentKind, want ...string) {
		t.Helper()
		if got := histories(t, p, k); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nwanted:\n%s", k, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	is(api.Policy, "shipped in_force")
	is(api.Profiles, "shipped in_force")

	write(policyOf(t, "3"))
	p.stop()
	restarts("-policy", file)
	is(api.Policy, "file in_force", "shipped superseded")
	p.kill(true)
	restarts("-policy", file)
	is(api.Policy, "file in_force", "shipped superseded")

	// What two people decide counts, also after a start with the same file, or with none.
	var out api.DocumentProposed
	next := api.NewDocument{Kind: api.Policy, Text: policyOf(t, "4"), Reason: new("a test")}
	if err := p.as("admin").call(t.Context(), "POST", "/documents", next, &out); err != nil {
		t.Fatal(err)
	}
	decision := api.DocumentDecision{Approved: true, Digest: out.Document.Digest}
	path := "/documents/" + strconv.FormatInt(out.Document.Id, 10) + "/decision"
	if err := p.as("admin").call(t.Context(), "POST", path, decision, nil); err == nil {
		t.Error("who proposed a policy has approved it")
	}
	if err := p.as("qin.yue").call(t.Context(), "POST", path, decision, nil); err != nil {
		t.Fatal(err)
	}
	decided := []string{"person in_force by qin.yue", "file superseded", "shipped superseded"}
	for _, args := range [][]string{{"-policy", file}, nil} {
		p.kill(true)
		restarts(args...)
		is(api.Policy, decided...)
	}

	// A start that is refused leaves the record as it is.
	p.stop()
	write(policyOf(t, "many"))
	lacking := filepath.Join(dataDir(t), "profiles.csv")
	few := strings.SplitAfter(coldchain.ProfileText(), "\n")
	if err := os.WriteFile(lacking, []byte(strings.Join(few[:2], "")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range [][]string{{"-policy", file, "reserve_units"}, {"-profiles", lacking, "hemolift-rbc-2-10"}, {"-profiles", "none.csv", "none.csv"}} {
		said, err := hemolift(t, "serve", "-addr", "127.0.0.1:0", "-mqtt-addr", "127.0.0.1:0", "-data", p.data, "-network", files, x[0], x[1])
		if err == nil || !strings.Contains(said, x[2]) {
			t.Errorf("%v: %v, %s", x, err, said)
		}
	}
	restarts()
	is(api.Policy, decided...)
	is(api.Profiles, "shipped in_force")

	write(policyOf(t, "5"))
	p.stop()
	restarts("-policy", file)
	is(api.Policy, "file in_force", "person superseded by qin.yue", "file superseded", "shipped superseded")
}
