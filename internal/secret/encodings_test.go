package secret_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/halocheck/halocheck/internal/secret"
)

// wide is text as .NET's Encoding.Unicode has it.
func wide(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

// each writes every byte of text with a format, and between two of them a separator.
func each(text, format, separator string) string {
	var parts []string
	for _, b := range []byte(text) {
		parts = append(parts, fmt.Sprintf(format, b))
	}
	return strings.Join(parts, separator)
}

// promised are the encodings that README names, each as a function that knows nothing of the package.
var promised = map[string]func(string) string{
	"as it is":             func(s string) string { return s },
	"upper case":           strings.ToUpper,
	"lower case":           strings.ToLower,
	"base64":               func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, shifted":      func(s string) string { return base64.StdEncoding.EncodeToString([]byte("a" + s + "z")) },
	"base64, shifted more": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("ab" + s + "yz")) },
	"base64url":            func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("ab" + s)) },
	"base64 of UTF-16LE":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(wide(s))) },
	"base64 of UTF-16LE, shifted": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte("a" + wide(s) + "z"))
	},
	"base64url of UTF-16LE, shifted more": func(s string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(wide("a") + wide(s) + wide("z")))
	},
	"base64 twice": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	},
	"base64 twice, shifted": func(s string) string {
		return base64.URLEncoding.EncodeToString([]byte("x" + base64.StdEncoding.EncodeToString([]byte("id:"+s+":"))))
	},
	"hexadecimal":              func(s string) string { return hex.EncodeToString([]byte(s)) },
	"hexadecimal, dashes":      func(s string) string { return each(s, "%02X", "-") },
	"hexadecimal, colons":      func(s string) string { return each(s, "%02x", ":") },
	"hexadecimal, blanks":      func(s string) string { return each(s, "%02x", " ") },
	"hexadecimal, 0x":          func(s string) string { return each(s, "0x%02x", ", ") },
	"hexadecimal, 0x, commas":  func(s string) string { return each(s, "0x%02x", ",") },
	"hexadecimal, 0x, blanks":  func(s string) string { return each(s, "0x%02x", " ") },
	"hexadecimal, 0x, alone":   func(s string) string { return each(s, "0X%02X", "") },
	"hexadecimal, semicolons":  func(s string) string { return each(s, "%02x", " ; ") },
	"hexadecimal, quoted":      func(s string) string { return each(s, `"%02x"`, ", ") },
	"hexadecimal, in fours":    func(s string) string { return wrapped(each(s, "%02x", ""), 4, ":") },
	"hexadecimal, assembler":   func(s string) string { return each(s, "%02Xh", ", ") },
	"hexadecimal of UTF-16LE":  func(s string) string { return each(wide(s), "0x%02x", ", ") },
	"base64 twice by a shell":  func(s string) string { return wrapped(base64OfLines(s, 76, "\n"), 76, "\n") },
	"base64 twice by MIME":     func(s string) string { return base64OfLines("client:"+s, 76, "\r\n") },
	"base64 twice by PEM":      func(s string) string { return base64OfLines("the-id-of-the-client:"+s, 64, "\n") },
	"percent":                  url.QueryEscape,
	"percent, IIS":             func(s string) string { return each(s, "%%u%04X", "") },
	"percent, every byte":      func(s string) string { return each(s, "%%%02x", "") },
	"percent twice":            func(s string) string { return each(s, "%%25%02X", "") },
	"percent twice, as it is":  func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"HTML":                     html.EscapeString,
	"HTML, decimal":            func(s string) string { return each(s, "&#%d;", "") },
	"HTML, hexadecimal":        func(s string) string { return each(s, "&#x%X;", "") },
	"JSON":                     func(s string) string { return each(s, `\u%04x`, "") },
	"JavaScript, hexadecimal":  func(s string) string { return each(s, `\x%02X`, "") },
	"JavaScript, code points":  func(s string) string { return each(s, `\u{%x}`, "") },
	"JavaScript, octal":        func(s string) string { return each(s, `\%03o`, "") },
	"reversed":                 func(s string) string { return backwards(s) },
	"separated by blanks":      func(s string) string { return each(s, "%c", " ") },
	"separated by dashes":      func(s string) string { return each(s, "%c", "-") },
	"separated by dots":        func(s string) string { return each(s, "%c", ".") },
	"separated by middle dots": func(s string) string { return each(s, "%c", "\u00b7") },
	"separated by nothing seen": func(s string) string {
		return each(s, "%c", "\u200b")
	},
}

// wrapped breaks text into lines.
func wrapped(text string, width int, lineEnd string) string {
	var lines []string
	for len(text) > width {
		lines = append(lines, text[:width])
		text = text[width:]
	}
	return strings.Join(append(lines, text), lineEnd)
}

// base64OfLines is base64 of base64 in lines, each with an end, as tools and libraries write it.
func base64OfLines(s string, width int, lineEnd string) string {
	once := base64.StdEncoding.EncodeToString([]byte(s))
	return base64.StdEncoding.EncodeToString([]byte(wrapped(once, width, lineEnd) + lineEnd))
}

func backwards(s string) string {
	var out []byte
	for i := len(s) - 1; i >= 0; i-- {
		out = append(out, s[i])
	}
	return string(out)
}

// TestEveryPromisedEncodingIsFoundAndTakenOut for any secret, wherever it stands in a text.
func TestEveryPromisedEncodingIsFoundAndTakenOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.OneOf(
			rapid.StringMatching(`[A-Za-z0-9!#$&*+/=~._-]{8,48}`),
			rapid.StringMatching(`[A-Za-z0-9._-]{49,700}`), // a token
		).Draw(t, "secret")
		hidden := secret.New(plain)
		redactor := secret.NewRedactor(hidden)
		before := rapid.SampledFrom([]string{"", "said ", `{"a":"`, "x=", "\u00e9 "}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", " and on", `"}`, "&y", "\u00e9"}).Draw(t, "after")
		width := rapid.IntRange(5, 80).Draw(t, "width")
		lineEnd := rapid.SampledFrom([]string{"", "\n", "\r\n", "\n    ", "\u00a0", "\v", "\u2028"}).Draw(t, "line end")
		for name, encode := range promised {
			text := before + wrapped(encode(plain), width, lineEnd) + after
			if !redactor.Contains(text) {
				t.Fatalf("%s is not found: %s", name, text)
			}
			if got := redactor.Redact(text); redactor.Contains(got) || strings.Contains(got, encode(plain)) {
				t.Fatalf("%s is not taken out: %s", name, got)
			}
		}
		if ordinary := before + "the role may read clients, 73-65-63 and s.e.c.r.e.t" + after; redactor.Contains(ordinary) {
			t.Fatalf("found in ordinary text: %s", ordinary)
		}
	})
}
