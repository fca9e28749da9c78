package selfproof_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/goroutines"
)

func TestMain(m *testing.M) { os.Exit(goroutines.Watch(m).Run()) }

// TestEveryPackageIsWatched finds packages whose tests may leave goroutines behind unnoticed.
func TestEveryPackageIsWatched(t *testing.T) {
	watched := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || isModule(path)):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		watched[filepath.Dir(path)] = watched[filepath.Dir(path)] || strings.Contains(string(text), "goroutines.Watch(m)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(watched) < 20 {
		t.Errorf("only %d packages with tests were found", len(watched))
	}
	for folder, is := range watched {
		if !is {
			t.Errorf("%s has no TestMain with goroutines.Watch; probes/guide/main_test.go is one", folder)
		}
	}
}

// isModule tells a folder that is a module of its own, which cannot import our internal packages.
func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil && folder != "../.."
}
