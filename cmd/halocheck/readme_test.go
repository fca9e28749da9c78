package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/settings"
)

// placeholders are what differs from run to run, and what the README writes instead.
var placeholders = regexp.MustCompile(`localhost:\d+`)

// TestTheReadmeTellsTheTruth runs every example of the README that needs no instance and no make, and looks for each line of its
// output, in order. A line that ends in "..." is cut there; one that is only "..." stands for any number of lines.
func TestTheReadmeTellsTheTruth(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	ran := 0
	for _, block := range strings.Split(string(text), "```console\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		for _, example := range strings.Split("\n"+block, "\n$ ")[1:] {
			line, wanted, _ := strings.Cut(example, "\n")
			line = strings.TrimPrefix(line, "go run ./cmd/")
			words := strings.Fields(line)
			if words[0] != "halocheck" || strings.Contains(line, "https://") {
				continue
			}
			ran++
			var out, errs bytes.Buffer
			run(words[1:], environment{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }})
			rest := placeholders.ReplaceAllString(out.String(), "localhost:PORT")
			for _, want := range strings.Split(strings.TrimRight(wanted, "\n"), "\n") {
				if want == "..." {
					continue
				}
				want = strings.TrimSuffix(want, "...")
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Errorf("%s does not print %q; what is left is:\n%s%s", line, want, rest, errs.String())
					break
				}
				rest = after
			}
		}
	}
	if ran < 4 {
		t.Errorf("only %d examples were found", ran)
	}
}

// TestTheReadmesInventoryIsOne reads each YAML example of the README as an inventory.
func TestTheReadmesInventoryIsOne(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```yaml\n")[1:]
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if _, err := fleet.Parse(t.Context(), settings.All, "README.md", []byte(block)); err != nil {
			t.Error(err)
		}
	}
	if len(blocks) == 0 {
		t.Error("there is no example")
	}
}
