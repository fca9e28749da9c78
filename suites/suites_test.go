package suites_test

import (
	"context"
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
	"github.com/halocheck/halocheck/probes"
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
	source := credential.Source{Stdin: os.Stdin, Getenv: getenv, Keyring: credential.SystemKeyring(getenv)}
	args, err := v.Arguments(ctx, settings.Source{Source: source})
	if err != nil {
		return target, nil, err
	}
	return args.Target, args.Options, nil
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
		"stable: %q\nteam: [%s]\n",
		server.URL, server.Credentials.AuthURL, server.Credentials.Tenant, server.Credentials.ClientID, write("secret", server.Credentials.ClientSecret),
		write("ca.pem", string(ca)), server.Stable, strings.Join(server.Teams, ", "))
	via := make([]string, 0, len(server.Vantages))
	for name, url := range server.Vantages {
		via = append(via, fmt.Sprintf("%q", name+"="+url))
	}
	for _, row := range []struct{ name, config, attested string }{
		{"attested", `attest: ["network.allowlist=the firewall's rules, read today"]`, "the firewall's rules, read today"},
		{"seen from vantage points", "via: [" + strings.Join(via, ", ") + "]", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := write("acme.yaml", config+row.config+"\n")
			target, opts, err := live(t.Context(), func(name string) string { return map[string]string{"HALO_CONFIG": file}[name] })
			if err != nil {
				t.Fatal(err)
			}
			r, err := halocheck.Run(t.Context(), target, opts...)
			if err != nil {
				t.Fatal(err)
			}
			if r.Outcome != halocheck.Conformant || len(r.Findings) < 51 {
				t.Errorf("%s %v, %d findings", r.Outcome, r.RootCauses, len(r.Findings))
			}
			for _, f := range r.Findings {
				if f.ID == "network.allowlist" && (f.Status != probes.Passed || f.Attested != row.attested) {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}
