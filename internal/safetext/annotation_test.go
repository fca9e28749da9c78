package safetext

import (
	"strings"
	"testing"
)

// TestAnnotate: what a server says ends neither the command nor its title, and starts no other one.
func TestAnnotate(t *testing.T) {
	var b strings.Builder
	if err := NewWriter(&b).Annotate(Annotation{"error", "a:b,c\n::set-output name=x::1", "100%\r\n::error::fx ##[error]"}); err != nil {
		t.Fatal(err)
	}
	want := "::error title=a%3Ab%2Cc<U+000A><U+003A>%3Aset-output name=x%3A%3A1::100%25<U+000D><U+000A><U+003A>:error::fx ##<U+005B>error]\n"
	if b.String() != want {
		t.Errorf("%q", b.String())
	}
}

func TestASCIIOnly(t *testing.T) {
	var b strings.Builder
	w := NewWriter(&b)
	w.ASCIIOnly(true)
	if _, err := w.Write([]byte("✓ 10:42:07 fixed · Müller\n")); err != nil || b.String() != "[ok] 10:42:07 fixed - M<U+00FC>ller\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}
