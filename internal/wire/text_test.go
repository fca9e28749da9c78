package wire

import "testing"

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
