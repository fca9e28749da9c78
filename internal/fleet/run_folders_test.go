package fleet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runs makes folders with files; a name that ends in a slash is an empty folder.
func runs(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "/") {
			_ = os.Mkdir(path, 0o700)
		} else if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindRuns(t *testing.T) {
	for name, x := range map[string]struct {
		files              []string
		last, parts, after string
		err                string
	}{
		"the first night":          {files: []string{"f-1/part-0.jsonl", "f-1/part-1.jsonl"}, last: "f-1", parts: "part-0.jsonl part-1.jsonl"},
		"the second":               {files: []string{"f-1/part-0.jsonl", "f-1/all.jsonl", "f-2/part-0.jsonl"}, last: "f-2", parts: "part-0.jsonl", after: "f-1/all.jsonl"},
		"once more":                {files: []string{"f-1/all.jsonl", "f-2/part-0.jsonl", "f-2/all.jsonl"}, last: "f-2", parts: "part-0.jsonl", after: "f-1/all.jsonl"},
		"a night without a whole":  {files: []string{"f-1/all.jsonl", "f-2/part-0.jsonl", "f-3/part-0.jsonl"}, last: "f-3", parts: "part-0.jsonl", after: "f-1/all.jsonl"},
		"an empty folder":          {files: []string{"f-1/part-0.jsonl", "f-2/"}, last: "f-1", parts: "part-0.jsonl"},
		"another folder":           {files: []string{"f-1/part-0.jsonl", "g-2/part-0.jsonl", "lost+found/"}, last: "f-1", parts: "part-0.jsonl"},
		"a file with such a name":  {files: []string{"f-1/part-0.jsonl", "f-2"}, last: "f-1", parts: "part-0.jsonl"},
		"something half-written":   {files: []string{"f-1/part-0.jsonl", "f-1/.all.jsonl.halocheck-x", "f-1/.x.jsonl"}, last: "f-1", parts: "part-0.jsonl"},
		"nothing":                  {err: "holds results"},
		"a whole, and nothing new": {files: []string{"f-1/all.jsonl"}, err: "none of a shard"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := runs(t, x.files...)
			r, err := FindRuns(filepath.Join(dir, "f-*"))
			if x.err != "" {
				if err == nil || !strings.Contains(err.Error(), x.err) {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			for _, p := range r.Parts {
				parts = append(parts, filepath.Base(p))
			}
			before, _ := filepath.Rel(dir, r.Before)
			if r.Before == "" {
				before = ""
			}
			if filepath.Base(r.Last) != x.last || strings.Join(parts, " ") != x.parts || filepath.ToSlash(before) != x.after {
				t.Errorf("%+v", r)
			}
		})
	}
}

// TestPrune: what is no result is nobody's to remove, whatever pattern was typed.
func TestPrune(t *testing.T) {
	dir := runs(t, "f-1/part-0.jsonl", "f-1/.all.jsonl.halocheck-x", "f-2/part-0.jsonl", "f-2/thesis.odt", "f-3/part-0.jsonl", "f-3/sub/", "f-4/part-0.jsonl", "f-5/part-0.jsonl", "g/part-0.jsonl", "outside/part-0.jsonl")
	if err := os.Symlink(filepath.Join(dir, "outside"), filepath.Join(dir, "f-0")); err != nil {
		t.Fatal(err)
	}
	r, err := FindRuns(filepath.Join(dir, "f-*"))
	if err != nil {
		t.Fatal(err)
	}
	err = r.Prune(2)
	if err == nil || strings.Count(err.Error(), "is not removed") != 2 || !strings.Contains(err.Error(), "thesis.odt") {
		t.Errorf("%v", err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	for n := range left {
		left[n] = filepath.Base(left[n])
	}
	if got := strings.Join(left, " "); got != "f-0 f-2 f-3 f-4 f-5 g outside" {
		t.Errorf("left are %s", got)
	}
	for _, file := range []string{"f-2/thesis.odt", "f-2/part-0.jsonl", "outside/part-0.jsonl"} {
		if !exists(filepath.Join(dir, file)) {
			t.Errorf("%s is gone", file)
		}
	}
	if err := r.Prune(10); err != nil {
		t.Error(err)
	}
}
