package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/settings"
)

// placeholders are what differs from run to run, and what the README writes instead.
var placeholders = regexp.MustCompile(`localhost:\d+`)

// pages are the README and what it leads to.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) < 5 {
		t.Fatalf("%d pages in docs, %v", len(names), err)
	}
	all := map[string]string{}
	for _, name := range append(names, "../../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = string(text)
	}
	return all
}

// TestTheReadmeTellsTheTruth runs every example of the README and of docs that needs no instance and no make, and looks for each line of its
// output, in order. A line that ends in "..." is cut there; one that is only "..." stands for any number of lines.
func TestTheReadmeTellsTheTruth(t *testing.T) {
	all := pages(t)
	if n := strings.Count(all["README.md"], "\n"); n >= 150 {
		t.Errorf("the README has %d lines", n)
	}
	t.Chdir("../..")
	ran := 0
	for name, text := range all {
		for _, block := range strings.Split(text, "```console\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			for _, example := range strings.Split("\n"+block, "\n$ ")[1:] {
				line, wanted, _ := strings.Cut(example, "\n")
				if tells(t, name, strings.TrimPrefix(line, "go run ./cmd/"), wanted) {
					ran++
				}
			}
		}
	}
	if ran < 12 {
		t.Errorf("only %d examples were found", ran)
	}
}

// quoted is a word of a command line, or several in quotation marks.
var quoted = regexp.MustCompile(`"([^"]*)"|'([^']*)'|(\S+)`)

// tells runs an example that needs no instance, and looks for its output.
func tells(t *testing.T, name, line, wanted string) bool {
	t.Helper()
	var words []string
	for _, m := range quoted.FindAllStringSubmatch(line, -1) {
		words = append(words, m[1]+m[2]+m[3])
	}
	if words[0] != "halocheck" || strings.Contains(line, "https://") {
		return false
	}
	var out, errs bytes.Buffer
	run(words[1:], environment{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }})
	rest := placeholders.ReplaceAllString(out.String(), "localhost:PORT")
	for want := range strings.SplitSeq(strings.TrimRight(wanted, "\n"), "\n") {
		if want == "..." {
			continue
		}
		want = strings.TrimSuffix(want, "...")
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Errorf("%s: %s does not print %q; what is left is:\n%s%s", name, line, want, rest, errs.String())
			break
		}
		rest = after
	}
	return true
}

// TestTheReadmesInventoryIsOne reads each YAML example of the README as an inventory.
func TestTheReadmesInventoryIsOne(t *testing.T) {
	blocks := strings.Split(pages(t)["fleet.md"], "```yaml\n")[1:]
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if _, err := fleet.Parse(t.Context(), settings.All, "fleet.md", []byte(block)); err != nil {
			t.Error(err)
		}
	}
	if len(blocks) == 0 {
		t.Error("there is no example")
	}
}
