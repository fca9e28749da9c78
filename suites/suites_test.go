package suites_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/internal/credential"
	"github.com/halocheck/halocheck/internal/settings"
	"github.com/halocheck/halocheck/internal/waiver"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/suites"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// TestConformance runs the specs against the instance of HALO_URL or of the configuration file HALO_CONFIG, whose names are
// those of `halocheck check`; with neither set, against a healthy fake.
func TestConformance(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	target, opts, err := live(t.Context(), os.Getenv)
	if err == nil && target.URL == "" {
		server := fakehalo.Start()
		t.Cleanup(server.Close)
		target, opts, err = faketarget.Of(server)
	}
	if err != nil {
		t.Fatal(err)
	}
	suites.Specs(target, opts...)
	ginkgo.RunSpecs(t, "halocheck")
}

// live is the instance that the environment and the configuration file name; without a URL there is none.
func live(ctx context.Context, getenv func(string) string) (target halocheck.Target, opts []halocheck.Option, err error) {
	v := settings.NewValues(settings.All, settings.Config)
	if err := v.ReadEnvironment(getenv); err != nil {
		return target, nil, err
	}
	if url := getenv("HALO_URL"); url != "" {
		if err := v.Set("url", url); err != nil {
			return target, nil, err
		}
	}
	if file := getenv("HALO_CONFIG"); file != "" {
		if err := v.ReadConfig(ctx, file); err != nil {
			return target, nil, err
		}
	}
	target = halocheck.Target{URL: v.Text("url"), ClientID: v.Text("client-id"), ClientSecret: secret(v.Text("client-secret-file"), "HALO_CLIENT_SECRET", getenv)}
	if target.ClientID == "" {
		target.ClientSecret = nil
	}
	opts = []halocheck.Option{
		halocheck.WithHosting(v.Text("hosting")), halocheck.WithTeams(v.List("team")...), halocheck.WithStable(v.Text("stable")),
		halocheck.WithAddress(v.List("resolve")...), halocheck.WithAIA(v.Text("aia")), halocheck.WithTimeout(v.Duration("timeout")),
		halocheck.WithProfiles(v.List("profile")...), halocheck.WithOnly(v.List("only")...), halocheck.WithSkip(v.List("skip")...),
	}
	if v.Given("auth-url") {
		opts = append(opts, halocheck.WithAuthURL(v.Text("auth-url")))
	}
	if v.Given("tenant") {
		opts = append(opts, halocheck.WithTenant(v.Text("tenant")))
	}
	if id := v.Text("admin-client-id"); id != "" {
		opts = append(opts, halocheck.WithAdmin(id, secret(v.Text("admin-secret-file"), "HALO_ADMIN_CLIENT_SECRET", getenv)))
	}
	if proxy := v.Text("proxy"); proxy != "" {
		opts = append(opts, halocheck.WithProxy(proxy))
	}
	for _, via := range v.List("via") {
		name, url, _ := strings.Cut(via, "=")
		opts = append(opts, halocheck.WithVantage(name, url))
	}
	for _, attest := range v.List("attest") {
		id, reason, _ := strings.Cut(attest, "=")
		opts = append(opts, halocheck.WithAttestation(id, reason))
	}
	files, err := fromFiles(ctx, v)
	return target, append(opts, files...), err
}

// fromFiles are the options whose values stand in files.
func fromFiles(ctx context.Context, v *settings.Values) (opts []halocheck.Option, err error) {
	if file := v.Text("guide"); file != "" {
		g, err := guide.Load(ctx, file)
		if err != nil {
			return nil, err
		}
		opts = append(opts, halocheck.WithGuide(g))
	}
	if file := v.Text("ca-file"); file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			root, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			opts = append(opts, halocheck.WithRoots(root))
		}
	}
	requirements, err := halocheck.Requirements(opts...)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range requirements {
		ids = append(ids, r.ID)
	}
	accepted, err := waiver.Read(ctx, "waive", v.Text("waive"), ids)
	for _, w := range accepted {
		opts = append(opts, halocheck.WithWaivers(halocheck.Waiver{ID: w.ID, Reason: w.Reason, Owner: w.Owner, Until: w.Until}))
	}
	return opts, err
}

func secret(file, variable string, getenv func(string) string) halocheck.Secret {
	return func(ctx context.Context) (string, error) {
		text, _, err := credential.Source{Stdin: os.Stdin, Getenv: getenv, Keyring: credential.SystemKeyring(getenv)}.Read(ctx, file, variable)
		return text, err
	}
}

// TestLive holds that a configuration file says everything that a check of an on-premise instance needs.
func TestLive(t *testing.T) {
	server := fakehalo.Start()
	t.Cleanup(server.Close)
	folder := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	ca, err := os.ReadFile(server.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("url: %s\nauth-url: %s\ntenant: %s\nclient-id: %s\nclient-secret-file: %s\nca-file: %s\naia: private\nhosting: on-premise\n"+
		"stable: %q\nattest: [\"network.allowlist=the firewall's rules, read today\"]\nteam: [%s]\n",
		server.URL, server.Credentials.AuthURL, server.Credentials.Tenant, server.Credentials.ClientID, write("secret", server.Credentials.ClientSecret),
		write("ca.pem", string(ca)), server.Stable, strings.Join(server.Teams, ", "))
	getenv := func(name string) string { return map[string]string{"HALO_CONFIG": write("acme.yaml", config)}[name] }
	target, opts, err := live(t.Context(), getenv)
	if err != nil {
		t.Fatal(err)
	}
	r, err := halocheck.Run(t.Context(), target, opts...)
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome == halocheck.NotConformant || len(r.Findings) < 51 {
		t.Errorf("%s %v, %d findings", r.Outcome, r.RootCauses, len(r.Findings))
	}
	for _, f := range r.Findings {
		if f.ID == "network.allowlist" && f.Attested == "" {
			t.Errorf("%+v", f)
		}
	}
}
