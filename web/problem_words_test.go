package web

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryProblemHasWords keeps the page's words and the types of problems together.
func TestEveryProblemHasWords(t *testing.T) {
	source, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	types := regexp.MustCompile(`p\(http\.Status\w+, "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(types) < 15 {
		t.Fatalf("only %d types were found", len(types))
	}
	for _, file := range []string{"ui/src/i18n/zh.ts", "ui/src/i18n/en.ts"} {
		words, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range types {
			if key := "pr_" + strings.ReplaceAll(typ[1], "-", "_") + ":"; !strings.Contains(string(words), key) {
				t.Errorf("%s has no %s", file, key)
			}
		}
	}
}
