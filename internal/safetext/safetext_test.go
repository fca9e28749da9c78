package safetext_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/safetext"
)

func TestLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"plain text", "plain text"}, {"Größe, 日本語 and ✓", "Größe, 日本語 and ✓"},
		// Terminals.
		{"\x1b[2J", "<U+001B>[2J"}, {"\u009b31m", "<U+009B>31m"}, {"a\r\nb\tc", "a<U+000D><U+000A>b<U+0009>c"}, {"\x00\x7f\x08", "<U+0000><U+007F><U+0008>"},
		{"\u202eabc\u2066", "<U+202E>abc<U+2066>"}, {"a\u200bb\u00adc\ufeff", "a<U+200B>b<U+00AD>c<U+FEFF>"}, {"\u2028\u2029\u0085", "<U+2028><U+2029><U+0085>"},
		{"\ue000", "<U+E000>"}, {"\u3164\ufe0f\u2800", "<U+3164><U+FE0F><U+2800>"}, {"\U000e0041", "<U+E0041>"}, {"\xff\xc3", "<U+FFFD><U+FFFD>"}, {"\ufffe", "<U+FFFE>"},
		// Runners of continuous integration.
		{"##vso[task.x]", "##vso<U+005B>task.x]"}, {"a ##[error]b", "a ##<U+005B>error]b"}, {"###[x]", "###<U+005B>x]"}, {"##teamcity[x]", "##teamcity<U+005B>x]"},
		{"#[x] ## [x]", "#[x] ## [x]"}, {"##vso x[1]", "##vso x[1]"},
		{"::error::x", "<U+003A>:error::x"}, {"a ::error::x", "a <U+003A>:error::x"}, {"a::b", "a::b"}, {"\u00a0::error::x", "\u00a0<U+003A>:error::x"},
		{"::1", "::1"}, {"at ::1, port 443", "at ::1, port 443"}, {"::ffff:1.2.3.4", "::ffff:1.2.3.4"}, {"::1::x", "<U+003A>:1::x"}, {"::", "<U+003A>:"},
		{"--- x", "<U+002D>-- x"}, {"+++ x", "<U+002B>++ x"}, {"~~~", "<U+007E>~~"}, {"^^^ +++", "<U+005E>^^ <U+002B>++"}, {"----", "----"}, {"a --- b", "a <U+002D>-- b"}, {"a ---b", "a ---b"}, {"---\u00a0x", "---\u00a0x"},
		{"travis_fold:start:x", "<U+0074>ravis_fold:start:x"}, {"travis_time:end:x", "<U+0074>ravis_time:end:x"}, {"a travis_fold:x", "a <U+0074>ravis_fold:x"}, {"atravis_fold:x", "atravis_fold:x"},
	} {
		if got := safetext.Line(c.text); got != c.want {
			t.Errorf("%q becomes %q, not %q", c.text, got, c.want)
		}
		if again := safetext.Line(safetext.Line(c.text)); again != safetext.Line(c.text) {
			t.Errorf("%q is changed twice: %q", c.text, again)
		}
	}
}

func TestEscapes(t *testing.T) {
	const text = "a\x1b\u202e\U000e0041##[x]\n\t::error::b"
	if got, want := safetext.EscapeJSON(text), `a\u001b\u202e\udb40\udc41##\u005bx]`+"\n\t::error::b"; got != want {
		t.Errorf("%q", got)
	}
	if got, want := safetext.EscapePage(text), "a&lt;U+001B&gt;&lt;U+202E&gt;&lt;U+E0041&gt;##&lt;U+005B&gt;x]\n\t::error::b"; got != want {
		t.Errorf("%q", got)
	}
	raw, err := safetext.JSON(map[string]string{"a": "<b>&##vso[x]\u202e"}, "")
	if want := `{"a":"<b>&##vso\u005bx]\u202e"}` + "\n"; err != nil || string(raw) != want {
		t.Errorf("%q %v", raw, err)
	}
	if _, err := safetext.JSON(func() {}, ""); err == nil {
		t.Error("a function is no JSON")
	}
}

// TestWriter writes each text in one piece and byte by byte.
func TestWriter(t *testing.T) {
	for _, c := range []struct {
		text, want string
		colour     bool
	}{
		{text: "two\nlines\t✓\n", want: "two\nlines\t✓\n"},
		{text: "\x1b[2Jx\r\n\u202e\u0085\xff", want: "?[2Jx?\n???"},
		{text: "\x1b[31mred\x1b[0m\r\x1b[K", want: "?[31mred?[0m??[K"},
		{text: "##vso[x] ##[y]\n##teamcity[z", want: "##vso?x] ##?y]\n##teamcity?z"},
		{text: "::error::x\n  ::error::y\n\u00a0\u3000::error::z\nat ::error::w\n", want: ":?error::x\n  :?error::y\n\u00a0\u3000:?error::z\nat ::error::w\n"},
		{text: ":x\n: :y\n", want: ":x\n: :y\n"},
	} {
		for _, whole := range []bool{true, false} {
			var b bytes.Buffer
			w := safetext.NewWriter(&b)
			if whole {
				if n, err := w.Write([]byte(c.text)); n != len(c.text) || err != nil {
					t.Errorf("%d of %d bytes: %v", n, len(c.text), err)
				}
			} else {
				for i := range len(c.text) {
					if _, err := w.Write([]byte{c.text[i]}); err != nil {
						t.Error(err)
					}
				}
			}
			if !whole && strings.Contains(c.text, "\xff") { // the end of a text that stops within a character is never written
				continue
			}
			if b.String() != c.want {
				t.Errorf("whole %t: %q becomes %q, not %q", whole, c.text, b.String(), c.want)
			}
		}
	}
}

func TestWriterAllowsColourAlone(t *testing.T) {
	var b bytes.Buffer
	w := safetext.NewWriter(&b)
	w.AllowColour()
	if _, err := w.Write([]byte("\x1b[1;31mred\x1b[0m\r\x1b[Kbar\x1b[2J\x1b]0;x\x07\x1b[1Ax\r")); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[1;31mred\x1b[0m\r\x1b[Kbar?[2J?]0;x??[1Ax?"; b.String() != want {
		t.Errorf("%q", b.String())
	}
	if w.Unwrap() != &b {
		t.Error("another writer is behind it")
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWriterTellsErrors(t *testing.T) {
	if n, err := safetext.NewWriter(broken{}).Write([]byte("x")); n != 0 || !errors.Is(err, errBroken) {
		t.Errorf("%d %v", n, err)
	}
}
