package wire

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzCut keeps of any body nothing that is not on the list: no field, no long text, no long list.
func FuzzCut(f *testing.F) {
	for _, seed := range []string{
		`{"id":7,"name":"Ada Canary","roles":[{"id":1,"secret":"x"}],"secret":"x"}`, `[{"id":1},{"id":{"id":2}},3,null]`, `{"roles":{"id":[1]}}`, `{"id":1e999}`,
		"\ufeff{}", `{"id":"` + strings.Repeat("é", 400) + `"}`, `[` + strings.Repeat("[1],", 200) + `1]`, `{"id":1}{"secret":2}`, `x`, ``, "{\"id\":\"\xff\xfe\"}",
	} {
		f.Add([]byte(seed))
	}
	shape := Shape{"id": nil, "name": nil, "roles": Shape{"id": nil}}
	f.Fuzz(func(t *testing.T, body []byte) {
		l := &Log{Shape: shape, Names: []string{"name"}}
		kept, left := l.cut(body)
		if len(body) > 0 && (len(kept) == 0) == (left == "") {
			t.Errorf("%q is kept of %q, and it is said %q", kept, body, left)
		}
		if len(kept) == 0 {
			return
		}
		var v any
		if err := json.Unmarshal(kept, &v); err != nil && !strings.Contains(err.Error(), "number") {
			t.Fatalf("%v: %s", err, kept)
		}
		expectShaped(t, v, shape)
		for _, name := range l.Named() {
			if len(name) > MaxText || !utf8.ValidString(name) {
				t.Errorf("the name %q is kept", name)
			}
		}
	})
}

// expectShaped walks what was kept.
func expectShaped(t *testing.T, v any, shape Shape) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			below, listed := shape[name]
			if !listed {
				t.Errorf("the field %q is kept", name)
			}
			expectShaped(t, inner, below)
		}
	case []any:
		if len(v) > maxRows || shape == nil {
			t.Errorf("a list of %d is kept", len(v))
		}
		for _, item := range v {
			expectShaped(t, item, shape)
		}
	case string:
		if len(v) > MaxText*3 || shape != nil { // three bytes for each that is no UTF-8
			t.Errorf("%d bytes of text are kept", len(v))
		}
	}
}

// FuzzParsePEM reads files of roots that anybody may have written.
func FuzzParsePEM(f *testing.F) {
	good := ""
	roots, err := NewRoots(nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range roots.Certs[:2] {
		good += "# a comment\n" + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	f.Add([]byte(good))
	for _, seed := range []string{"", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", good[:300]} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		certs, err := ParsePEM(data)
		if (len(certs) == 0) == (err == nil) || err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%d certificates and the error %v", len(certs), err)
		}
		if slices.ContainsFunc(certs, func(c *x509.Certificate) bool { return c == nil || len(c.Raw) > len(data) }) {
			t.Error("a certificate that is not in the file")
		}
	})
}

// FuzzRetryAfter reads the header in any form: a pause is never negative.
func FuzzRetryAfter(f *testing.F) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, seed := range []string{"", "5", "-5", " 60 ", "Mon, 23 Nov 2026 00:00:09 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "99999999999999999999", "9223372037", "9223372036854775807", "1e9", "canary"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		pause, ok := RetryAfter(Page{RetryAfter: header}, now)
		if pause < 0 || !ok && pause != 0 {
			t.Errorf("%q: %s, %t", header, pause, ok)
		}
	})
}
