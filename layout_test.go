package halocheck_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Bounds on how much is read at once: CONTRIBUTING.md.
const (
	fileLines        = 400
	requirementLines = 60
)

// TestFilesHoldOneThing: a longer file holds two things, and a longer requirement judges two.
func TestFilesHoldOneThing(t *testing.T) {
	files, requirements := 0, 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		files++
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if n := fset.File(file.FileStart).LineCount() - 1; n > fileLines {
			t.Errorf("%s has %d lines, at most %d", path, n, fileLines)
		}
		if !strings.HasPrefix(path, "probes"+string(filepath.Separator)) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		ast.Inspect(file, func(n ast.Node) bool {
			c, ok := n.(*ast.CompositeLit)
			if !ok || !isRequirement(c.Type) {
				return true
			}
			requirements++
			if n := fset.Position(c.End()).Line - fset.Position(c.Pos()).Line + 1; n > requirementLines {
				t.Errorf("%s: a requirement has %d lines, at most %d", fset.Position(c.Pos()), n, requirementLines)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 300 || requirements < 25 {
		t.Errorf("only %d files and %d requirements were read", files, requirements)
	}
}

// commandLines is how much flags and output may take.
const commandLines = 3000

// TestTheCommandIsThin: what it does besides reading flags and writing stands in a package that a test and a page can call.
func TestTheCommandIsThin(t *testing.T) {
	files, err := filepath.Glob("cmd/halocheck/*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	lines := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(text, []byte("\n"))
	}
	if lines > commandLines || lines < commandLines/10 {
		t.Errorf("cmd/halocheck has %d lines without its tests, at most %d", lines, commandLines)
	}
}

// TestTheCommandLinksNoDatabase: it starts in milliseconds, and what a team's page needs stays in cmd/halocheckd.
func TestTheCommandLinksNoDatabase(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./cmd/halocheck").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		for _, not := range []string{"internal/store", "internal/team", "internal/jobs", "riverqueue", "modernc.org", "jackc", "goose", "database/sql"} {
			if name = strings.TrimSpace(name); strings.Contains(name, not) && name != "database/sql/driver" { // of types that may stand in one
				t.Errorf("cmd/halocheck links %s", name)
			}
		}
	}
	if !strings.Contains(string(out), "halocheck/internal/page") {
		t.Error("the packages were not listed")
	}
}

// TestTheTopHoldsWhatItIsSaidTo: a file that a run left behind is no part of the project.
func TestTheTopHoldsWhatItIsSaidTo(t *testing.T) {
	const top = ".ci .editorconfig .github .gitignore .golangci.yml .goreleaser.yaml ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md LICENSE Makefile NOTICE README.md SECURITY.md " +
		"cmd deploy docs fakehalo fixtures go.mod go.sum internal probes suites tools"
	out, err := exec.Command("git", "ls-tree", "--name-only", "HEAD").Output()
	if err != nil {
		t.Skip("not a clone: ", err)
	}
	commands, err := exec.Command("git", "ls-files", "cmd").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(commands)) {
		if filepath.Ext(name) != ".go" && !strings.Contains(name, "/testdata/") {
			t.Errorf("%s is beside a command", name)
		}
	}
	for _, name := range strings.Fields(string(out)) {
		if !slices.Contains(strings.Fields(top), name) && filepath.Ext(name) != ".go" {
			t.Errorf("%s is at the top", name)
		}
	}
}

// isRequirement tells probes.Requirement[T].
func isRequirement(t ast.Expr) bool {
	index, ok := t.(*ast.IndexExpr)
	if !ok {
		return false
	}
	selector, ok := index.X.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "Requirement"
}
