package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra/doc"
)

// TestManPages writes a manual page for each command, into the folder that HALOCHECK_MAN names (make man) or a passing
// one. It is a test so that the command itself links no generator.
func TestManPages(t *testing.T) {
	dir := os.Getenv("HALOCHECK_MAN")
	if dir == "" {
		dir = t.TempDir()
	}
	root := newRoot(environment{getenv: func(string) string { return "" }})
	root.DisableAutoGenTag = true
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) // the same pages for the same source
	header := &doc.GenManHeader{Title: "HALOCHECK", Section: "1", Source: "halocheck", Manual: "halocheck", Date: &day}
	if err := doc.GenManTree(root, header, dir); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		"halocheck.1": "halocheck-check(1)", "halocheck-check.1": "client-secret-file", "halocheck-judge.1": "bundle",
		"halocheck-diff.1": "regression", "halocheck-fake.1": "scenario", "halocheck-completion-bash.1": "bash",
	} {
		text, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil || !strings.Contains(strings.ReplaceAll(string(text), `\-`, "-"), want) {
			t.Errorf("%s does not tell of %s: %v", page, want, err)
		}
	}
}
