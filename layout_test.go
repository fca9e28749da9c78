package halocheck_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
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

// isRequirement tells probes.Requirement[T].
func isRequirement(t ast.Expr) bool {
	index, ok := t.(*ast.IndexExpr)
	if !ok {
		return false
	}
	selector, ok := index.X.(*ast.SelectorExpr)
	return ok && selector.Sel.Name == "Requirement"
}
