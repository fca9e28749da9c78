package wire

import (
	"strings"
	"testing"
)

func TestBound(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"IIS/10.0", "IIS/10.0"}, {strings.Repeat("a", 300), strings.Repeat("a", 300)},
		{strings.Repeat("a", 301), "(a text of 301 bytes)"}, {"\xff\x1b", "\ufffd\x1b"},
	} {
		if got := Bound(c.text); got != c.want {
			t.Errorf("%q", got)
		}
	}
}

// TestBrokenRuleQuotesNobody: the messages of net/http hold what the server sent.
func TestBrokenRuleQuotesNobody(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{`malformed MIME header line: "Server: ##vso[x]"`, "malformed MIME header line"},
		{`malformed HTTP response "\x15\x03"`, "malformed HTTP response"},
		{`net/http: HTTP/1.x transport connection broken: too many transfer encodings: ["a" "b"]`, "net/http: HTTP/1.x transport connection broken"},
		{"http2: response header list larger than advertised limit", "http2: response header list larger than advertised limit"},
		{`bad Content-Length "-5"`, "bad Content-Length"}, {"unexpected EOF", "unexpected EOF"}, {`unsupported transfer encoding: "x"`, "unsupported transfer encoding"},
	} {
		if got := brokenRule(c.message); got != c.want {
			t.Errorf("%q", got)
		}
	}
}

func TestBodiesAreReadInTheirOwnCharset(t *testing.T) {
	for _, c := range []struct{ name, body, label, want string }{
		{"plain", `{"a":"é"}`, "application/json", `{"a":"é"}`},
		{"a byte order mark", "\xef\xbb\xbf{}", "application/json", "{}"},
		{"Latin-1", "{\"a\":\"S\xe9curit\xe9\"}", "application/json; charset=ISO-8859-1", `{"a":"Sécurité"}`},
		{"Windows", "\xe9", "text/plain;charset=windows-1252", "é"},
		{"UTF-8 under a wrong label", `{"a":"é"}`, "application/json; charset=iso-8859-1", `{"a":"é"}`},
		{"UTF-16, little end first", "\xff\xfe{\x00}\x00", "", "{}"},
		{"UTF-16, big end first", "\xfe\xff\x00{\x00}", "", "{}"},
		{"UTF-16 by its label alone, little end first", "{\x00}\x00", "application/json; charset=utf-16", "{}"},
		{"UTF-16 by its label alone, big end first", "\x00{\x00}", "application/json; charset=UTF-16BE", "{}"},
		{"no UTF-16, though the label says so", "{}", "application/json; charset=utf-16le", "{}"},
		{"one byte", "{", "application/json; charset=utf-16", "{"},
		{"half a unit", "\xff\xfe{\x00}", "", "{"},
		{"no charset that is known", "\xe9", "text/plain; charset=koi8-r", "\xe9"},
		{"nothing", "", "", ""},
	} {
		if got := string(decodeText([]byte(c.body), c.label)); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}
