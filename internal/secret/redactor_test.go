package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/secret"
)

// canary has a character for every escape: of URLs, JSON, HTML, Markdown, and a percent sign that looks like one.
const canary = `Ca_n"ary&'55\<x>+y/%41 z0123456789`

// small has them too, and is too short to be found by a piece: it is found where every escape is undone, or not at all.
const small = `q"w\e<r&t_y% +/`

// guises are ways in which a text could hold the canary.
func guises(t *testing.T, plain string) map[string]string {
	t.Helper()
	quoted, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(quoted))
	if err != nil {
		t.Fatal(err)
	}
	base := base64.StdEncoding.EncodeToString([]byte("id:" + plain + ":more"))
	lower := strings.NewReplacer("%2B", "%2b", "%2F", "%2f").Replace(url.QueryEscape(plain))
	each := func(as string) string {
		var all strings.Builder
		for _, b := range []byte(plain) {
			fmt.Fprintf(&all, as, b)
		}
		return all.String()
	}
	return map[string]string{
		"raw": plain, "query": url.QueryEscape(plain), "path": url.PathEscape(plain), "lower query": lower,
		"every byte in per cent": each("%%%02x"), "every byte an entity": each("&#x%02x;"),
		"every byte in a form": strings.ReplaceAll(each("%%%02x"), "%20", "+"),
		"every byte in JSON":   each(`\u%04x`), "every byte in Go": each(`\x%02x`), "every byte in long": each(`\U%08x`),
		"JSON": string(quoted), "JSON in JSON": string(twice), "HTML": html.EscapeString(plain),
		"HTML in JSON":  string(must(json.Marshal(html.EscapeString(plain)))),
		"URL in HTML":   html.EscapeString(url.QueryEscape(plain)),
		"URL twice":     url.QueryEscape(url.QueryEscape(plain)),
		"base64":        base64.StdEncoding.EncodeToString([]byte(plain)),
		"base64 + 1":    base64.StdEncoding.EncodeToString([]byte("x" + plain + "y")),
		"base64 + 2":    base64.StdEncoding.EncodeToString([]byte("xy" + plain)),
		"base64url + 1": base64.RawURLEncoding.EncodeToString([]byte("x" + plain + "yz")),
		"basic":         base64.StdEncoding.EncodeToString([]byte("id:" + url.QueryEscape(plain))),
		"wrapped":       base[:9] + "\r\n" + base[9:30] + "\n" + base[30:],
		"hex":           hex.EncodeToString([]byte(plain)), "HEX": strings.ToUpper(hex.EncodeToString([]byte("a" + plain))),
		"folded":   plain[:7] + "\r\n\t" + plain[7:13] + "\r\n " + plain[13:],
		"Markdown": strings.NewReplacer(`\`, `\\`, "_", `\_`, "<", "&lt;", ">", "&gt;").Replace(plain),
		"numbered": strings.ReplaceAll(plain, "<", "<U+003C>"),
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestNeedleFindsEveryGuise(t *testing.T) {
	for plain, other := range map[string]string{canary: strings.NewReplacer("5", "6", "y/", "q/").Replace(canary), small: strings.Replace(small, "w", "z", 1)} {
		redactor := secret.NewRedactor(secret.New(plain))
		for name, text := range guises(t, plain) {
			if !redactor.Contains("before " + text + " after") {
				t.Errorf("%s is not found: %s", name, text)
			}
			if got := secret.Redact("before "+text+" after", secret.New(plain)); redactor.Contains(got) {
				t.Errorf("%s is not scrubbed: %s", name, got)
			}
		}
		for name, text := range guises(t, other) {
			if redactor.Contains(text) {
				t.Errorf("%s of another secret is found", name)
			}
		}
	}
}

// TestNeedleAtItsBounds: a secret of six bytes is looked for, alone and at the edges of a text; escapes are undone three deep, and the secret's
// own form for a URL is one more.
func TestNeedleAtItsBounds(t *testing.T) {
	hidden := secret.New("k3v9qz")
	redactor := secret.NewRedactor(hidden)
	for _, text := range []string{"k3v9qz", "xk3v9qz", "k3v9qzx", "K3V9QZ", `k3v\n9qz`, "k3 v9\tqz", "k3v9q%7A", `k3v9q\u007a`, `k3v9q\x7a`,
		`k3v9q\u{7a}`, `k3v9q\u{0000000007A}`, `k\63v9qz`, `k\063v9qz`, "k3v9q<U+007A>", "k3v9q&lt;U+00007A&gt;", "k-3-v-9-q-z", "k3-v9-qz"} {
		if !redactor.Contains(text) {
			t.Errorf("it is not found in %q", text)
		}
		if got := secret.Redact(text, hidden); redactor.Contains(got) {
			t.Errorf("it is still in %q", got)
		}
	}
	if got := secret.Redact("xk3v9qzx", hidden); got != "x[redacted]x" {
		t.Error(got)
	}
	for _, text := range []string{"", "k3v", "k3v9", "k3v9q", "3v9qz", "k3v9q3", "k3v\x019qz", "100%", "5%4", `a\`, `a\x`, `a\u00`,
		`a\u`, `a\u{`, `a\u{}`, `k3v9q\n{7a}`, `k3v9q\u{1000007a}`, `k3v9q\u{7a`, "k3v9qU+007A", "k-3-v-9-q-3", "k3-v9-q3", "k-3-v", "k3v9-qz"} {
		if redactor.Contains(text) || redactor.Detects(text) {
			t.Errorf("it is found in %q", text)
		}
	}
	text := "k3v9/2"
	redactor = secret.NewRedactor(secret.New(text))
	for depth := range 6 {
		if found, want := redactor.Contains(text), depth <= 4; found != want {
			t.Errorf("after %d escapes: found %v in %s", depth, found, text)
		}
		text = url.QueryEscape(text)
	}
}

// TestNeedleTouches a text that was cut off in a secret, from twelve bytes on.
func TestNeedleTouches(t *testing.T) {
	hidden := secret.New("k3v9q2x7m4w8d5t1")
	redactor := secret.NewRedactor(hidden)
	for text, want := range map[string]string{
		"k3v9q2x7m4w8": "[redacted]", "k3v9q2x7m4w8d5": "[redacted]", "said k3v9q2x7m4w8d": "said [redacted]", "k3v9q2x7m4w8, and on": "[redacted], and on",
		"k3v9q2x7m4w": "k3v9q2x7m4w", "k3v9 and on": "k3v9 and on",
	} {
		if got := secret.Redact(text, hidden); got != want || redactor.Detects(text) != (want != text) {
			t.Errorf("%q became %q; touched: %v", text, got, redactor.Detects(text))
		}
	}
}

// TestNeedleFindsPieces: sixteen bytes in a row are one, in any case and guise, and fifteen are not.
func TestNeedleFindsPieces(t *testing.T) {
	const plain = "0a1b2c3d-4E5F-4a6b-8c7d-9e0f1a2b3c4d"
	redactor := secret.NewRedactor(secret.New(plain))
	for at := range len(plain) - 16 {
		for name, piece := range map[string]string{
			"raw": plain[at : at+16], "upper": strings.ToUpper(plain[at : at+16]), "folded": plain[at:at+5] + "\r\n " + plain[at+5:at+16],
			"percent": strings.ReplaceAll(url.QueryEscape(plain[at:at+16]), "-", "%2D"),
		} {
			if !redactor.Contains("x"+piece+"x") || !redactor.Contains(piece) {
				t.Errorf("%s from %d is not found: %s", name, at, piece)
			}
			if got := secret.Redact("x"+piece+"x", secret.New(plain)); strings.Contains(strings.ToLower(got), strings.ToLower(piece)) {
				t.Errorf("%s from %d is not scrubbed: %s", name, at, got)
			}
		}
		if at > 0 && redactor.Contains("x"+plain[at:at+15]+"x") {
			t.Errorf("fifteen bytes from %d are a piece", at)
		}
	}
	if got := secret.Redact("a "+plain[:18]+"|"+plain[18:]+" z", secret.New(plain)); got != "a [redacted]|[redacted] z" {
		t.Error(got)
	}
}

func TestNeedleLeavesOrdinaryTextAlone(t *testing.T) {
	for _, short := range []string{"", "a", "abcde", " a b c "} {
		if secret.NewRedactor(secret.New(short)).Contains("a abcde a b c and so on") {
			t.Errorf("%q is looked for", short)
		}
	}
	if got := secret.Redact("nothing to see", secret.New(canary)); got != "nothing to see" {
		t.Error(got)
	}
}
