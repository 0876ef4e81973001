package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Each test that docs/security.md names is one that there is, and so is each file.
func TestTheSecurityPageNamesWhatThereIs(t *testing.T) {
	const root = "../../"
	page, err := os.ReadFile(root + "docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	list, err := exec.Command("grep", "-rhoE", "--include=*_test.go", `^func (Test|Fuzz)\w+`, root).Output()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for name := range strings.FieldsSeq(string(list)) {
		there[name] = true
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`").FindAllStringSubmatch(string(page), -1)
	if len(named) < 80 {
		t.Errorf("%d tests are named", len(named))
	}
	for _, m := range named {
		if !there[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`((?:cmd|dispatch|migrations|telemetry|web)/[\\w/.]+)`").FindAllStringSubmatch(string(page), -1) {
		if _, err := os.Stat(root + m[1]); err != nil {
			t.Errorf("%v", err)
		}
	}
}
