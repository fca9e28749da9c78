package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/probes"
)

// prepared is the session of a check with these settings, which has asked nothing.
func prepared(t *testing.T, values map[string][]string) (session *probes.Session, err error) {
	t.Helper()
	v := settings.NewValues(settings.All, settings.Check)
	if err := v.Set("url", "https://acme.halopsa.com"); err != nil {
		t.Fatal(err)
	}
	for name, list := range values {
		for _, value := range list {
			if err := v.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, err := v.Arguments(t.Context(), settings.Source{Source: credential.Source{Stdin: strings.NewReader("word"), Getenv: func(string) string { return "" }}})
	if err != nil {
		return nil, err
	}
	keep := halocheck.WithSession(func(s *probes.Session) { session = s })
	err = halocheck.Validate(t.Context(), a.Target, append(a.Options, keep)...)
	return session, err
}

func TestVantages(t *testing.T) {
	got, err := prepared(t, map[string][]string{"via": {"3.19.3.152=socks5://me:a=b@127.0.0.1:1080", "office=ssh://jump"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []probes.Vantage{{Name: "3.19.3.152", URL: "socks5://me:a=b@127.0.0.1:1080"}, {Name: "office", URL: "ssh://jump"}}
	if diff := cmp.Diff(want, got.Vantages); diff != "" {
		t.Error(diff)
	}
	t.Setenv("HALOCHECKD_TOKEN", "")
	folder := t.TempDir()
	file := func(name, text string) []string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{name}
	}
	agent, server, token := []string{"halocheckd:egress-1"}, []string{"https://halocheck.example"}, file("token", "hcd_WORD\n")
	for name, c := range map[string]struct {
		given map[string][]string
		want  string
	}{
		"an agent":    {map[string][]string{"via": agent, "halocheckd": server, "halocheckd-token-file": token}, ""},
		"no name":     {map[string][]string{"via": {"halocheckd:"}, "halocheckd": server, "halocheckd-token-file": token}, "it needs the name of an agent"},
		"no URL":      {map[string][]string{"via": agent, "halocheckd-token-file": token}, "set HALOCHECKD_URL"},
		"no token":    {map[string][]string{"via": agent, "halocheckd": server}, "set HALOCHECKD_TOKEN"},
		"no file":     {map[string][]string{"via": agent, "halocheckd": server, "halocheckd-token-file": {filepath.Join(folder, "missing")}}, "no such file"},
		"empty token": {map[string][]string{"via": agent, "halocheckd": server, "halocheckd-token-file": file("empty", "\n")}, "the secret is empty"},
		"no TLS":      {map[string][]string{"via": agent, "halocheckd": {"http://halocheck.example"}, "halocheckd-token-file": token}, "https://"},
	} {
		got, err := prepared(t, c.given)
		switch {
		case c.want == "" && (err != nil || len(got.Vantages) != 1 || got.Vantages[0].Name != "halocheckd:egress-1" || got.Vantages[0].Look == nil):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for _, typed := range []string{"", "socks5://127.0.0.1:1080", "=socks5://127.0.0.1", "x=", "x=https://127.0.0.1", "x=socks5://"} {
		if got, err := prepared(t, map[string][]string{"via": {typed}}); err == nil {
			t.Errorf("%q is taken for %v", typed, got.Vantages)
		}
	}
}
