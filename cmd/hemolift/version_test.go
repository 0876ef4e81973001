package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The notices name every module that the program is made of and every package that the page
// may hold, with the version: make notices writes them.
func TestTheNoticesNameAllThatIsShipped(t *testing.T) {
	var said bytes.Buffer
	if err := version(t.Context(), []string{"-licences"}, &said); err != nil {
		t.Fatal(err)
	}
	notices := said.String()
	named := func(line string) bool { return strings.Contains(notices, line) }
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "hemolift/cmd/hemolift")
	modules, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for module := range strings.FieldsFuncSeq(string(modules), func(r rune) bool { return r == '\n' }) {
		path, at, _ := strings.Cut(module, " ")
		found := named("\n" + module + " (")
		for line := range strings.SplitSeq(notices, "\n") { // a part of a module is named by its own path
			found = found || strings.HasPrefix(line, path+"/") && strings.Contains(line, " "+at+" (")
		}
		missing[module] = !found
	}
	lock, err := os.ReadFile("../../web/ui/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Packages map[string]struct {
			Version     string
			Dev         bool
			DevOptional bool `json:"devOptional"`
		}
	}
	if err := json.Unmarshal(lock, &page); err != nil {
		t.Fatal(err)
	}
	for path, p := range page.Packages {
		if i := strings.LastIndex(path, "node_modules/"); i >= 0 && !p.Dev && !p.DevOptional {
			name := path[i+len("node_modules/"):]
			missing[name+"@"+p.Version] = !named(" - " + name + "@" + p.Version)
		}
	}
	if len(missing) < 60 {
		t.Errorf("only %d parts were looked for", len(missing))
	}
	for part, is := range missing {
		if is {
			t.Errorf("%s is not in the notices", part)
		}
	}
}

func TestTheVersionIsPrinted(t *testing.T) {
	out, err := exec.Command(binary, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "hemolift ") || len(strings.Fields(string(out))) != 2 {
		t.Errorf("%q, %v", out, err)
	}
}
