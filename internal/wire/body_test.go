package wire

import (
	"bytes"
	"io"
	"net/http"
	"testing"
)

// TestABodyIsReadAsClientsReadIt: a byte order mark says how it is written, whatever the charset's label says.
func TestABodyIsReadAsClientsReadIt(t *testing.T) {
	for name, c := range map[string]struct {
		body, label, want string
	}{
		"plain":                            {`{"a":"é"}`, "application/json", `{"a":"é"}`},
		"labelled as another charset":      {`{"a":"é"}`, "application/json; charset=windows-1252", `{"a":"é"}`},
		"UTF-8 with a mark":                {"\xef\xbb\xbf{}", "application/json; charset=utf-8", `{}`},
		"UTF-16, little end first":         {"\xff\xfe{\x00}\x00", "text/plain", `{}`},
		"UTF-16, big end first":            {"\xfe\xff\x00{\x00}", "text/plain", `{}`},
		"nothing":                          {"", "", ""},
		"bytes that are no text":           {"\xf0\x01", "", "\xf0\x01"},
		"one byte that starts like a mark": {"\xef", "", "\xef"},
	} {
		page, err := ReadPage(&http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {c.label}}, Body: io.NopCloser(bytes.NewReader([]byte(c.body)))})
		if err != nil || string(page.Body) != c.want {
			t.Errorf("%s: %q: %v", name, page.Body, err)
		}
	}
}

func TestAChallengeThatCallsTheTokenInvalid(t *testing.T) {
	for challenge, want := range map[string]bool{`Bearer error="invalid_token"`: true, `bearer realm="x", error="Invalid_Token"`: true, "Bearer": false, "": false} {
		page, err := ReadPage(&http.Response{StatusCode: 401, Header: http.Header{"Www-Authenticate": {challenge}}, Body: http.NoBody})
		if err != nil || page.BadToken != want {
			t.Errorf("%q: %t: %v", challenge, page.BadToken, err)
		}
	}
}
