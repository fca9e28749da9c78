package main

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/record"
	"github.com/halocheck/halocheck/internal/secret"
)

// chatty is an instance in which everything is a name that somebody would not want to see again. It echoes the secret and
// an e-mail address wherever it has words of its own.
const chatty = `
tenant: canary-tenant
teams: [Canary Team of Ada Byron, Canary Night Desk]
application: {name: Canary Application}
agent: {name: Ada Canary, default_team: Canary Team of Ada Byron, work_hours: Canary Hours, teams: [Canary Team of Ada Byron]}
role: {name: Canary Role, clients: [Canary Customer Ltd], ticket_types: [Canary Type]}
data:
  records:
    Client: [{id: 4711, name: Canary Customer Ltd}]
    Users: [{id: 4712, name: Ada Canary, emailaddress: ada.canary@customer.example}]
injections:
  - operation: GET /api/InstanceInfo
    status: 200
    body: '{"app_version":"2.250.32 for ada.canary@customer.example, +44 20 7946 0958","database_version":"canary-db","app_name":"{secret}"}'
    headers: {X-Canary: "{secret}", Server: canary-web01.customer.local, Set-Cookie: "session=canary-cookie", Content-Type: "application/json; owner=canary-owner"}
  - operation: GET /api/Item
    status: 302
    headers: {Location: "https://canary-login.customer.example/?who=ada.canary@customer.example&s={secret}", WWW-Authenticate: "Basic realm=canary-realm", Retry-After: canary-later}
  - operation: GET /api/Invoice
    status: 400
    body: '<html><title>canary-page</title>{secret} ada.canary@customer.example</html>'
  - operation: GET /api/Tickets
    status: 200
    body: '{"record_count":4711,"tickets":[{"id":4713,"summary":"canary-ticket {secret}"}]}'
`

// canaries are what may be in no file of a recording; the secrets and tokens come on top.
var canaries = []string{
	"canary", "ada ", "ada.", "byron", "customer.example", "customer.local", "7946", "4711", "4712", "4713", "night desk", "localhost", "127.0.0.1",
}

// TestNoNameAndNoSecretIsInARecording records an instance that repeats both wherever it can.
func TestNoNameAndNoSecretIsInARecording(t *testing.T) {
	text := strings.ReplaceAll(chatty, "{secret}", canarySecret(t))
	options, err := fakehalo.ReadScenario("chatty.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, fault := range map[string]string{"it works": "healthy", "the secret is refused": "wrong-secret", "the chain is broken": "missing-intermediate"} {
		t.Run(name, func(t *testing.T) {
			faults, err := fakehalo.Named(fault)
			if err != nil {
				t.Fatal(err)
			}
			with := options
			with.Faults = append(append([]fakehalo.Fault{}, options.Faults...), faults...)
			server, err := fakehalo.StartWith(with)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			dir := filepath.Join(t.TempDir(), "kept")
			var out, errs bytes.Buffer
			code := run([]string{
				"record", server.URL, dir, "--auth-url", server.Credentials.AuthURL, "--tenant", server.Credentials.Tenant,
				"--client-id", server.Credentials.ClientID, "--client-secret-file", secretFile(t, server.Credentials.ClientSecret),
				"--admin-client-id", server.Admin.ClientID, "--admin-secret-file", secretFile(t, server.Admin.ClientSecret),
				"--ca-file", server.CAFile, "--team", "Canary Night Desk", "--via", "canary-office=" + server.Vantages["3.19.3.152"], "--via", "canary-dead=socks5://127.0.0.1:1",
			}, environment{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }})
			if code != 0 || errs.Len() > 0 {
				t.Fatalf("exit %d: %s", code, errs.String())
			}
			secrets := []string{server.Credentials.ClientSecret, server.Admin.ClientSecret, server.Credentials.ClientID, server.Admin.ClientID}
			for _, file := range []string{record.ScenarioFile, record.FindingsFile} {
				raw, err := os.ReadFile(filepath.Join(dir, file))
				if err != nil {
					t.Fatal(err)
				}
				expectAbsent(t, file, raw, secrets)
			}
		})
	}
}

// canarySecret is the secret of every fake but those with a fault in it.
func canarySecret(t *testing.T) string {
	t.Helper()
	s := fakehalo.Start()
	defer s.Close()
	return s.Credentials.ClientSecret
}

func secretFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// expectAbsent looks for the canaries and for the secrets, in every encoding that a secret is looked for in.
func expectAbsent(t *testing.T, file string, raw []byte, secrets []string) {
	t.Helper()
	for _, word := range canaries {
		for _, form := range append(secret.Encodings(secret.New(word), secret.New("padded "+word)), word, hex.EncodeToString([]byte(word))) {
			if bytes.Contains(bytes.ToLower(raw), []byte(strings.ToLower(form))) {
				t.Errorf("%s holds %q as %q:\n%s", file, word, form, around(raw, form))
			}
		}
	}
	for _, s := range secrets {
		for _, form := range secret.Encodings(secret.New(s)) {
			if bytes.Contains(raw, []byte(form)) {
				t.Errorf("%s holds a secret as %q", file, form)
			}
		}
	}
}

// around is the line in which something was found.
func around(raw []byte, form string) string {
	for line := range strings.Lines(string(raw)) {
		if strings.Contains(strings.ToLower(line), strings.ToLower(form)) {
			return line
		}
	}
	return ""
}
