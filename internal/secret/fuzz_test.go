package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/secret"
)

// echoes are ways in which a server could repeat the canary, which the fuzzer picks from.
var echoes = []func(string) string{
	func(s string) string { return s },
	url.QueryEscape, url.PathEscape, html.EscapeString,
	func(s string) string { return string(must(json.Marshal(s))) },
	func(s string) string { return hex.EncodeToString([]byte(s)) },
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("xy" + s)) },
	func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
}

// FuzzScrub puts the secret between any words, in any guise, twice: it is in nothing that comes out, and what holds no
// secret comes out as it is.
func FuzzScrub(f *testing.F) {
	const canary = `Ca_n"ary&'55\<x>+y/%41z0123456789`
	f.Add("said ", " and ", "", byte(0), byte(1))
	f.Add(`{"a":"`, `\u`, `%"}`, byte(5), byte(2))
	f.Add("&#x", ";<U+", "\\", byte(3), byte(9))
	f.Add("=?", "\r\n\t", "A", byte(7), byte(8))
	f.Add("%2", "&amp;", "Ca_n\"ary&'55", byte(6), byte(4))
	hidden := secret.New(canary)
	redactor := secret.NewRedactor(hidden)
	f.Fuzz(func(t *testing.T, before, between, after string, one, two byte) {
		first, second := echoes[int(one)%len(echoes)](canary), echoes[int(two)%len(echoes)](canary)
		out := secret.Redact(strings.Join([]string{before, first, between, second, after}, " "), hidden)
		for _, form := range []string{first, second, canary} {
			if strings.Contains(out, form) {
				t.Errorf("%q is still in %q", form, out)
			}
		}
		if redactor.Detects(out) {
			t.Errorf("it is still in %q", out)
		}
		plain := before + between + after
		if got := secret.Redact(plain, hidden); got != plain && !redactor.Detects(plain) {
			t.Errorf("%q became %q", plain, got)
		}
	})
}
