package bundle_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"io"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/bundle"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/catalogue"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// leaks is how many instances are tried; -rapid.checks tries more.
const leaks = 5

// guises are ways in which a server could repeat a text.
var guises = map[string]func(string) string{
	"raw": func(s string) string { return s }, "query": url.QueryEscape, "path": url.PathEscape, "html": html.EscapeString,
	"hex":      func(s string) string { return hex.EncodeToString([]byte(s)) },
	"base64":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "y")) },
	"base64xy": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("xy" + s)) },
	"twice":    func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"folded":   func(s string) string { return s[:len(s)/2] + "\r\n\t" + s[len(s)/2:] },
	"json":     func(s string) string { b, _ := json.Marshal(s); return string(b[1 : len(b)-1]) },
}

// plainGuises are those in which a name or an address that nobody knew before can still be told for what it is.
var plainGuises = []string{"raw", "query", "html", "json"}

// planted is what one instance holds and must be in nothing that comes out.
type planted struct {
	secret, mail, person, client string
	deep                         bool // the credentials are right, so that everything is asked
	where                        []string
	guise, plainGuise            string
}

func draw(t *rapid.T) planted {
	deep, places := rapid.Bool().Draw(t, "deep"), []string{"redirect", "token"}
	if deep {
		places = []string{"page", "agent", "list", "team"} // the others would end the run before these
	}
	letters := rapid.StringMatching(`[B-DF-HJ-NP-TV-Z][b-df-hj-np-tv-z]{5,9}`)
	return planted{
		secret:     rapid.StringMatching(`[A-Za-z0-9]{6}[A-Za-z0-9"&'<>%+/_=\\ -]{6,30}[A-Za-z0-9]{4}`).Draw(t, "secret"),
		mail:       strings.ToLower(letters.Draw(t, "mailbox")) + "." + strings.ToLower(letters.Draw(t, "surname")) + "@" + strings.ToLower(letters.Draw(t, "domain")) + ".example",
		person:     letters.Draw(t, "first name") + " " + letters.Draw(t, "last name"),
		client:     letters.Draw(t, "client") + " " + letters.Draw(t, "kind") + " Ltd",
		deep:       deep,
		where:      rapid.SliceOfNDistinct(rapid.SampledFrom(places), 1, len(places), rapid.ID[string]).Draw(t, "where"),
		guise:      rapid.SampledFrom(slices.Sorted(maps.Keys(guises))).Draw(t, "guise"),
		plainGuise: rapid.SampledFrom(plainGuises).Draw(t, "plain guise"),
	}
}

// injections make the fake repeat what is planted.
func (p planted) injections() []fakehalo.Injection {
	echo, mail, client := guises[p.guise](p.secret), guises[p.plainGuise](p.mail), guises[p.plainGuise](p.client)
	page := fmt.Sprintf("<html><title>%s</title><p>%s %s %s for %s</p></html>", client, echo, mail, html.EscapeString(p.person), client)
	quoted := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	all := map[string]fakehalo.Injection{
		"redirect": {Operation: "GET /api/authinfo", Status: 302, Headers: map[string]string{
			"Location": "https://elsewhere.example/?" + url.Values{"s": {p.secret}, "m": {p.mail}, "c": {p.client}}.Encode(), "Server": strings.NewReplacer("\r", "", "\n", "", "\t", " ").Replace(echo + " " + mail),
		}},
		"token": {Operation: "POST /auth/token", Status: 400, Body: quoted(map[string]string{
			"error": "invalid_client", "error_description": "no " + echo + " of " + mail, "detail": p.client, "user": p.person,
		})},
		"page": {Operation: "GET /api/Tickets", Status: 500, Body: page, Headers: map[string]string{"Content-Type": "text/html", "X-Echo": url.QueryEscape(p.secret)}},
		"agent": {Operation: "GET /api/Agent/{id}", Status: 200, Body: quoted(map[string]any{
			"id": 12, "name": p.person, "email": p.mail, "isapiagent": true, "isdisabled": false, "note": echo, "team": "of " + p.mail,
			"teams": []any{map[string]any{"team_id": 1, "team_name": "of " + mail}}, "roles": []any{}, "workday_name": echo,
			"claims":  []any{map[string]any{"type": "Tx", "value": echo}},
			"clients": []any{map[string]any{"client_id": 7, "client_name": p.client, "agent_name": p.person}}, "tickettypes": []any{},
		})},
		"list": {Operation: "GET /api/Client", Status: 200, Body: quoted(map[string]any{
			"record_count": 1, "clients": []any{map[string]any{"id": 1, "name": p.client, "email": p.mail, "notes": echo}},
		})},
		"team": {Operation: "GET /api/Team", Status: 200, Body: quoted([]any{map[string]any{"id": 1, "name": "for " + p.mail, "department_name": echo}})},
	}
	var list []fakehalo.Injection
	for _, where := range p.where {
		list = append(list, all[where])
	}
	return list
}

// TestNothingThatIsPlantedComesOut checks invented instances that repeat the secret, an e-mail address, a person and a
// client of the customer's wherever they can, and looks for them in the report and in the bundle, in every guise.
func TestNothingThatIsPlantedComesOut(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(fmt.Sprint(leaks)); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		p := draw(rt)
		server, err := fakehalo.StartWith(fakehalo.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		defer server.Close()
		if p.deep {
			p.secret = server.Credentials.ClientSecret
		}
		if err := server.Inject(p.injections()...); err != nil {
			rt.Fatal(err)
		}
		s := session(rt, server, p.secret)
		defer s.Net.Close()
		members := outcome(rt, s)
		issued := halo.Secrets(s)
		if p.deep && len(issued) < 3 {
			rt.Fatalf("no token was issued, so nothing deep was looked at: %v", p.where)
		}
		never := map[string]secret.Redactor{
			"a secret or a token": secret.NewRedactor(issued...), "the e-mail address": secret.NewRedactor(secret.New(p.mail)),
			"the client": secret.NewRedactor(secret.New(p.client)),
		}
		person := secret.NewRedactor(secret.New(p.person)) // the report tells what the agent is called, a bundle does not
		for name, text := range members {
			for what, redactor := range never {
				if redactor.Contains(text) {
					rt.Errorf("%s is in %s (%+v)", what, name, p)
				}
			}
			if strings.HasPrefix(name, "bundle: ") && person.Contains(text) {
				rt.Errorf("the person is in %s (%+v)", name, p)
			}
		}
	})
}

// outcome is everything that comes out of one run, by name.
func outcome(t *rapid.T, s *probes.Session) map[string]string {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var findings []probes.Finding
	for f := range probes.Run(ctx, s, catalogue.All(s.Guide)) {
		findings = append(findings, f)
	}
	r, err := report.New(s, "test", findings, time.Now(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, format := range report.Formats {
		var b bytes.Buffer
		if err := report.Write(&b, format, r, report.Options{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		out["report: "+format] = b.String()
	}
	var packed bytes.Buffer
	if err := bundle.Write(&packed, s, r, bundle.Options{}); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		member, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(member)
		if err != nil {
			t.Fatal(err)
		}
		out["bundle: "+f.Name] = string(data)
	}
	if len(out) < 15 || !strings.Contains(out["bundle: exchanges.har"], "/api/authinfo") {
		t.Fatalf("only %d things came out", len(out))
	}
	return out
}

// session is what the command would build for a fake, with a secret of ours.
func session(t *rapid.T, server *fakehalo.Server, clientSecret string) *probes.Session {
	resource, err := probes.ParseTarget(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	certs, err := wire.ParsePEM(pem)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := wire.NewRoots(certs)
	if err != nil {
		t.Fatal(err)
	}
	return &probes.Session{
		Target:      probes.Target{Resource: resource, AuthURL: server.AuthURL + "/", AuthTyped: true, Tenant: server.Credentials.Tenant, TenantTyped: true},
		Guide:       guide.BuiltIn(),
		Credentials: probes.Credentials{ID: secret.New(server.Credentials.ClientID), Secret: secret.New(clientSecret)},
		Net: &wire.Net{
			Resolver: net.DefaultResolver, Dialer: &net.Dialer{}, Roots: roots, Now: time.Now, UserAgent: "halocheck/test",
			Pinned: map[string][]netip.Addr{}, Log: halo.NewLog(),
		},
	}
}
