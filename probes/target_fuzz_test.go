package probes_test

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// FuzzParseTarget reads what a person may type as the URL: what is taken is an https address without anything that the
// secret could stray to, and means the same when it is typed again.
func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{
		"https://acme.halopsa.com", "acme.halopsa.com/api/", " HTTPS://Halo.Acme.com:8443/halo/API ", "https://[::1]:443/", "https://[fe80::1%25eth0]/", "https://bücher.example",
		"http://acme.halopsa.com", "https://a@b", "https://", "https://a:0", "https://a/b?c", "https://a/b#", "https://a/%2e%2e/api/api", "//a", "a b", "https://a\x1b[2J", "\u202e",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		u, err := probes.ParseTarget(typed)
		if err != nil {
			if u != nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v with the error %q", u, err)
			}
			return
		}
		if u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(u.Path, "/") {
			t.Errorf("%q is taken as %+v", typed, u)
		}
		again, err := probes.ParseTarget(u.String())
		if under := strings.HasSuffix(strings.ToLower(u.Path), "/api"); !under && (err != nil || again.String() != u.String()) {
			t.Errorf("%q is taken as %s, and that as %v, %v", typed, u, again, err)
		}
		place := probes.Server{URL: u.String()}
		if e, err := place.Endpoint(); err != nil || e.Host == "" || e.Port == "" {
			t.Errorf("%q cannot be connected to: %+v, %v", typed, e, err)
		}
	})
}
