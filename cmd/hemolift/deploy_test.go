package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"hemolift/web/api"
)

// TestTheAlertsAskForWhatThereIs: every metric that the alerts for Prometheus and the dashboard for
// Grafana ask for is one that a server with an archive shows.
func TestTheAlertsAskForWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/deploy/hemolift-alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["do"] == "" {
				t.Errorf("%s is not whole", r.Alert)
			}
			asked = append(asked, r.Expr)
		}
	}
	text, err = os.ReadFile("../../docs/deploy/hemolift-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		if p.Title == "" || len(p.Targets) == 0 {
			t.Errorf("a panel is not whole: %+v", p)
		}
		for _, target := range p.Targets {
			asked = append(asked, target.Expr)
		}
	}
	p, _ := founded(t, "-archive", dataDir(t), "-notify", "who@runs.example")
	var token api.Token
	asks := api.NewToken{Login: "admin", Password: p.password, Only: new([]string{"metrics"})}
	if err := (apiClient{url: p.url}).call(t.Context(), "POST", "/tokens", asks, &token); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", p.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	shown, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", res.StatusCode, err)
	}
	metric := regexp.MustCompile(`\b(?:hemolift|process)_[a-z_]+`)
	names := 0
	for _, expr := range asked {
		for _, name := range metric.FindAllString(expr, -1) {
			names++
			name = strings.TrimSuffix(name, "_bucket")
			if !regexp.MustCompile(`(?m)^# HELP ` + name + ` `).Match(shown) {
				t.Errorf("%s asks for %s, which the server does not show", expr, name)
			}
		}
	}
	if names < 12 {
		t.Errorf("only %d metrics are asked for", names)
	}
}

// TestTheFilesOfDeploymentsRun: the flags that units and the container file name are the program's,
// and what the completion offers it knows.
func TestTheFilesOfDeploymentsRun(t *testing.T) {
	t.Parallel()
	flags := func(command string) string {
		said, err := hemolift(t, command, "-h")
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		return said
	}
	for file, commands := range map[string][]string{
		"Containerfile": {"serve", "backup"}, "hemolift.service": {"serve"}, "hemolift-backup.service": {"backup"},
	} {
		text, err := os.ReadFile("../../docs/deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		known := ""
		for _, c := range commands {
			if !strings.Contains(string(text), c) {
				t.Errorf("%s does not run %s", file, c)
			}
			known += flags(c)
		}
		lines := regexp.MustCompile(`(?m)^(?:CMD|ExecStart=|\t-).*`).FindAllString(string(text), -1)
		named := regexp.MustCompile(`[" ](-[a-z][a-z-]+)\b`).FindAllStringSubmatch(strings.Join(lines, "\n"), -1)
		if len(named) < 4 {
			t.Errorf("%s: only %v are looked at", file, named)
		}
		for _, f := range named {
			if !strings.Contains(known, "  "+f[1]+" ") && !strings.Contains(known, "  "+f[1]+"\n") {
				t.Errorf("%s names %s, which %v have not", file, f[1], commands)
			}
		}
	}
	const script = `source ../../docs/deploy/hemolift.bash
COMP_WORDS=("$0" ba) COMP_CWORD=1; _hemolift "$0"; echo "${COMPREPLY[@]}"
COMP_WORDS=("$0" backup -enc) COMP_CWORD=2; _hemolift "$0"; echo "${COMPREPLY[@]}"
COMP_WORDS=("$0" network check ../../docs/dep) COMP_CWORD=3; _hemolift "$0"; echo "${COMPREPLY[@]}"`
	out, err := exec.Command("bash", "-euc", script, binary).CombinedOutput()
	if err != nil || string(out) != "backup\n-encrypt-to\n../../docs/deploy\n" {
		t.Errorf("completed to %q, %v", out, err)
	}
}
