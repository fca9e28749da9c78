package record

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// FuzzBody keeps of any answer nothing that was in it but words of our own, names of the guide, flags and numbers of levels:
// what the fuzzer hides as a name, wherever it puts it, is gone.
func FuzzBody(f *testing.F) {
	const hidden = "Qanary"
	for path, seed := range map[string]string{
		"/api/authinfo": `{"auth_url":"https://Qanary.example/auth","tenant_id":"Qanary","app_version":"2.1 Qanary"}`, "/api/Agent/me": `{"id":7,"name":"Qanary","claims":[{"type":"Qanary","value":"2"}],"team":{"Qanary":1}}`,
		"/api/Team": `[{"id":"Qanary","name":"Qanary"}]`, "/api/Application/1": `{"clientid":"id-0123","displayname":"Qanary","scopes":[{"name":"Qanary"}]}`, "/auth/token": `{"error":"Qanary","error_description":"AADSTS Qanary","scope":"read:Qanary"}`,
		"/api/Client": `{"record_count":3,"clients":[{"Qanary":"Qanary"}]}`, "/": `<html>Qanary`, "/api/Roles": "\ufeff{\"Qanary\":\"\\u0051anary\"}", "/api/Qanarys": `{"Qanarys":[1]}`,
	} {
		f.Add(path, "application/json; owner=Qanary", []byte(seed))
	}
	f.Add("/auth/token", "text/plain", []byte("access_token=Qanary"))
	f.Fuzz(func(t *testing.T, path, kind string, body []byte) {
		s := &probes.Session{
			Guide: guide.BuiltIn(), Credentials: probes.Credentials{ID: secret.New("id-0123")},
			Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: "halo.example"}},
		}
		c, err := newSanitiser(s, "")
		if err != nil {
			t.Fatal(err)
		}
		// The name of a list's field is the request's own.
		if kept := c.body(path, kind, body); strings.Contains(strings.ToLower(kept), strings.ToLower(hidden)) && !strings.Contains(strings.ToLower(path), strings.ToLower(hidden)) {
			t.Errorf("%s: %q is kept of %q", path, kept, body)
		}
		for _, text := range []string{c.path("/api/Team/" + hidden), c.url("https://" + hidden + ".example/" + hidden), c.location(hidden), c.retryAfter(hidden)} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(hidden)) {
				t.Errorf("%q is kept", text)
			}
		}
	})
}

// FuzzFindings reads the findings of a recording: what is read is written, and reads the same.
func FuzzFindings(f *testing.F) {
	for _, seed := range []string{
		`{"findings":[{"id":"trust.chain","host":"resource","status":"fail","cause":"self_signed"}],"unheld":[{"id":"x","status":"blocked","blocked_by":"y"}]}`,
		`{"findings":null}`, `{"findings":[{}],"unheld":[{}]}`, `[]`, ``, `{"findings":[{"id":"\u001b\ud800"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		read, err := ReadFindings(raw)
		if err != nil {
			return
		}
		text, err := read.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadFindings(text)
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if len(read.Expected)+len(read.NotReproduced) > 0 && !cmp.Equal(nonEmpty(read), nonEmpty(again)) {
			t.Error(cmp.Diff(read, again))
		}
		for _, d := range Compare(read.Expected, read.NotReproduced) {
			if d.String() == "" || d.Reason() == "" {
				t.Errorf("%+v says nothing", d)
			}
		}
		if diff := Compare(read.Expected, read.Expected); len(diff) > 0 && unique(read.Expected) {
			t.Errorf("it differs from itself: %v", diff)
		}
	})
}

// nonEmpty takes an empty list for none.
func nonEmpty(f Findings) [2][]ExpectedFinding {
	return [2][]ExpectedFinding{append([]ExpectedFinding(nil), f.Expected...), append([]ExpectedFinding(nil), f.NotReproduced...)}
}

func unique(list []ExpectedFinding) bool {
	seen := map[[2]string]bool{}
	for _, e := range list {
		seen[[2]string{e.ID, e.Host}] = true
	}
	return len(seen) == len(list)
}
