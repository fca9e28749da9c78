package probes_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// flag matches a flag of a command, or a variable of the environment.
var flag = regexp.MustCompile(`(^|[\s"'(=])--[a-z]|HALO_`)

// TestNoSentenceNamesAFlag holds that nothing a probe or a requirement says depends on the command: programs and pages show
// the same sentences.
func TestNoSentenceNamesAFlag(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				seen++
				if flag.MatchString(text.Value) {
					t.Errorf("%s: %s names a flag; say what to do, and let internal/report/hint.go say how", files.Position(text.Pos()), text.Value)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 1000 {
		t.Errorf("%d texts were read: %v", seen, err)
	}
}
