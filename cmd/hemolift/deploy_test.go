package main

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v4"

	"hemolift/web/api"
)

// TestTheAlertsAskForWhatThereIs: every metric that the alerts for Prometheus ask for is one that a
// server with an archive shows.
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
	asked := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["do"] == "" {
				t.Errorf("%s is not whole", r.Alert)
			}
			for _, name := range metric.FindAllString(r.Expr, -1) {
				asked++
				if !regexp.MustCompile(`(?m)^# HELP ` + name + ` `).Match(shown) {
					t.Errorf("%s asks for %s, which the server does not show", r.Alert, name)
				}
			}
		}
	}
	if asked < 5 {
		t.Errorf("only %d metrics are asked for", asked)
	}
}
