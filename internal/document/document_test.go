package document_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"github.com/halocheck/halocheck/internal/document"
)

// shapes are patterns that cost a parser much, each repeated up to a size.
var shapes = map[string]func(size int) string{
	"open brackets":      repeat("", "[", ""),
	"closed lists":       repeat("[", "[],", "]"),
	"numbers":            repeat("[", "1,", "]"),
	"open braces":        repeat("", "{", ""),
	"nested flow maps":   repeat("", "{a: ", ""),
	"brackets of both":   repeat("", "[{", ""),
	"closing brackets":   repeat("", "]", ""),
	"lists on one line":  repeat("", "- ", ""),
	"keys on one line":   repeat("", "a: ", ""),
	"explicit keys":      repeat("", "? ", ""),
	"anchors":            repeat("", "&a ", ""),
	"anchored items":     repeat("", "- &a x\n", ""),
	"aliases":            repeat("- &a x\n", "- *a\n", ""),
	"merges":             repeat("", "<<: {a: 1}\n", ""),
	"tags":               repeat("", "!!x ", ""),
	"quotes":             repeat("", "\"a\" ", ""),
	"single quotes":      repeat("", "'\n", ""),
	"comments":           repeat("", "#\n", ""),
	"documents":          repeat("", "--- a\n", ""),
	"empty items":        repeat("", "-\n", ""),
	"items":              repeat("", "- a\n", ""),
	"colons":             repeat("", ":", ""),
	"directives":         repeat("", "%YAML 1.2\n", ""),
	"block scalars":      repeat("", "- |\n", ""),
	"keys":               numbered("", "k%d: v\n", ""),
	"keys of a flow map": numbered("{", "k%d: v,", "}"),
	"keys of JSON":       numbered("{", "\"k%d\":1,", "\"k\":1}"),
	"deep indentation": func(size int) string {
		var b strings.Builder
		for n := 0; b.Len() < size; n++ {
			b.WriteString(strings.Repeat(" ", n) + "a:\n")
		}
		return b.String()
	},
}

func repeat(head, body, tail string) func(int) string {
	return func(size int) string { return head + strings.Repeat(body, size/len(body)) + tail }
}

func numbered(head, format, tail string) func(int) string {
	return func(size int) string {
		b := strings.Builder{}
		b.WriteString(head)
		for n := 0; b.Len() < size; n++ {
			fmt.Fprintf(&b, format, n)
		}
		return b.String() + tail
	}
}

// allocated is what f allocates, in MiB, garbage included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}

func TestLargeTextIsRefusedForLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it weighs what one goroutine takes")
	}
	for name, shape := range shapes {
		for _, size := range []int{125 << 10, 10 << 20} {
			text := []byte(shape(size))
			var err error
			if used := allocated(func() { err = document.CheckYAML(text, document.Settings) }); err == nil || used > 32 {
				t.Errorf("%s, %d KiB: %d MiB, %v", name, size>>10, used, err)
			}
		}
	}
}

// Text that passes must not cost the parser much either: what the bounds promise is checked with the parser itself.
func TestAcceptedTextIsParsedForLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it weighs what one goroutine takes")
	}
	for name, shape := range shapes {
		for size := 16; size < 256<<10; size *= 2 {
			text := []byte(shape(size))
			if document.CheckYAML(text, document.Settings) != nil {
				break
			}
			start := time.Now()
			used := allocated(func() {
				_, _ = parser.ParseBytes(text, 0)
				var v any
				_ = yaml.Unmarshal(text, &v)
			})
			if took := time.Since(start); used > 96 || took > 20*time.Second {
				t.Errorf("%s, %d bytes: %d MiB, %s", name, size, used, took)
			}
		}
	}
}

func TestWhatIsWrongIsNamedWithItsLine(t *testing.T) {
	l := document.Limits{Bytes: 400, Marks: 60, Depth: 3, Keys: 4}
	for text, want := range map[string]string{
		"a: 1\nb: [[[[1]]]]":                         "line 2: brackets are nested more than 3 deep",
		"a: {b: {c: [[1]]}}":                         "line 1: brackets are nested more than 3 deep",
		"x:\n  a: 1\n  b: 1\n  c: 1\n  d: 1\n  e: 1": "line 6: a map has more than 4 keys",
		"x: {a: 1, b: 1, c: 1, d: 1, e: 1}":          "line 1: a map has more than 4 keys",
		"a: &x 1\nb: *x":                             "line 1: anchors and aliases are not understood; write the value where it is needed",
		"a: 1\n<<: {b: 1}":                           "line 2: anchors and aliases are not understood; write the value where it is needed",
		strings.Repeat("a\n", 70):                    "line 61: it holds more than 60 lines and punctuation marks",
		strings.Repeat("a", 401):                     "it is larger than 0 KiB",
		"a: \xff":                                    "it is not text in UTF-8; save it as that",
		"a: \x00":                                    "it is not text in UTF-8; save it as that",
		"a:\n" + strings.Repeat(" ", 130) + "b: 1":   "line 2: it is indented by more than 128 columns",
	} {
		if err := document.CheckYAML([]byte(text), l); err == nil || err.Error() != want {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
	for _, text := range []string{
		"- {a: 1, b: 1, c: 1}\n- {a: 1, b: 1, c: 1}\n", "- a: 1\n  b: 1\n- a: 1\n  b: 1\n- a: 1\n  b: 1\n", "a:\n  b: 1\n  c: 1\nd:\n  b: 1\n  c: 1\n",
		"a: |\n  [[[[[[[[\n  &x *x\nb: 1\n", "a: \"[[[[[ &x\"\n", "# [[[[[[\na: 1\n", "a: 'b'\n---\n", "",
	} {
		if err := document.CheckYAML([]byte(text), l); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestJSONIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("it weighs what one goroutine takes")
	}
	l := document.Limits{Bytes: 200, Marks: 40, Depth: 3, Keys: 4}
	for text, want := range map[string]string{
		`[[[[1]]]]`:                       "line 1: brackets are nested more than 3 deep",
		"{\"a\":\n[{\"b\":[1]}]}":         "line 2: brackets are nested more than 3 deep",
		"{\"a\":\n[{\"b\":1}]}":           "",
		`{"a":{"b":{"c":{}}}}`:            "line 1: brackets are nested more than 3 deep",
		"[1,2,3,\n4,5]":                   "line 2: a list or map has more than 4 entries",
		`{"a":1,"b":1,"c":1,"d":1,"e":1}`: "line 1: a list or map has more than 4 entries",
		`[1,2,3,4]`:                       "",
		`["[[[[[[,,,,,,,\"[[[[[[[["]`:     "",
		strings.Repeat("[1,2],", 9):       "line 1: a list or map has more than 4 entries",
		strings.Repeat("[", 300):          "it is larger than 0 KiB",
		`"unfinished`:                     "",
		`"\`:                              "",
		`]]]]`:                            "",
	} {
		err := document.CheckJSON([]byte(text), l)
		if got := fmt.Sprint(err); err == nil && want != "" || err != nil && got != want {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
	for name, shape := range shapes {
		for _, size := range []int{125 << 10, 10 << 20} {
			text := []byte(shape(size))
			used := allocated(func() {
				if document.CheckJSON(text, document.Report) == nil {
					var v struct{ Findings []struct{ ID string } }
					if json.Unmarshal(text, &v) == nil && name != "keys of JSON" {
						t.Errorf("%s is JSON", name)
					}
				}
			})
			if used > 16 {
				t.Errorf("%s, %d KiB: %d MiB", name, size>>10, used)
			}
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	l := document.Limits{Bytes: 1000}
	for size, refused := range map[int]bool{0: false, 1: false, 999: false, 1000: false, 1001: true, 5000: true} {
		if err := os.WriteFile(file, []byte(strings.Repeat("x", size)), 0o600); err != nil {
			t.Fatal(err)
		}
		data, err := document.ReadFile(t.Context(), file, l)
		if (err != nil) != refused || !refused && len(data) != size {
			t.Errorf("%d bytes: %d read, %v", size, len(data), err)
		}
		if refused && !strings.HasPrefix(err.Error(), file+": it is larger than") {
			t.Error(err)
		}
	}
	if _, err := document.ReadFile(t.Context(), dir, l); err == nil {
		t.Error("a folder was read")
	}
	if _, err := document.ReadFile(t.Context(), filepath.Join(dir, "missing"), l); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if data, err := document.Read(strings.NewReader(strings.Repeat("y", 777)), l); err != nil || len(data) != 777 {
		t.Error(len(data), err)
	}
}

// A signal ends the context; a pipe that nobody writes to must not keep the program.
func TestTheEndOfTheContextEndsReading(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	defer reader.Close()
	name := fmt.Sprintf("/dev/fd/%d", reader.Fd())
	if _, err := os.Stat(name); err != nil {
		t.Skip("this system has no /dev/fd")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("interrupted")
	time.AfterFunc(20*time.Millisecond, func() { cancel(stop) })
	if _, err := document.ReadFile(ctx, name, document.Settings); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// TestJSONOnOneLine: JSON is YAML, however long its line is.
func TestJSONOnOneLine(t *testing.T) {
	text := `{"instances":[{"name":"one","url":"https://acme.example","tenant":"` + strings.Repeat("a", 200) + `"}]}`
	if err := document.CheckYAML([]byte(text), document.Settings); err != nil {
		t.Error(err)
	}
}
