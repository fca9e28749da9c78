package bundle

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// veiled is a pseudonymiser over an instance with two addresses and an agent called Jane Smith.
func newTestPseudonymiser(hosts bool) *pseudonymiser {
	s := &probes.Session{
		Target: probes.Target{Resource: &url.URL{Scheme: "https", Host: "halo.acme.example"}}, Guide: guide.BuiltIn(), Net: &wire.Net{},
	}
	r := &report.Report{
		Target: report.Target{URL: "https://halo.acme.example", AuthURL: "https://haloserver/auth", Tenant: "acme-ltd"},
		Evidence: map[string]json.RawMessage{
			"network.addresses": json.RawMessage(`{"found":["203.0.113.7","2a00:1450::1"]}`),
			"login.me":          json.RawMessage(`{"agent":{"name":"Jane Smith"}}`),
			"role.rights":       json.RawMessage(`{"agent":{"name":"Save"}}`),
		},
	}
	return newPseudonymiser(s, r, hosts)
}

func TestPeopleHaveOtherNames(t *testing.T) {
	p := newTestPseudonymiser(false)
	jane := p.pseudonymise("Jane Smith")
	if !strings.HasPrefix(jane, "name-") || p.pseudonymise(`the agent "jane smith" of jane%20smith`) != `the agent "`+jane+`" of `+jane {
		t.Error(jane, p.pseudonymise(`the agent "jane smith" of jane%20smith`))
	}
	for _, stays := range []string{
		"Jane Smithson", "MSPCentric", "Not set", "2.184.23.1", "https://halo.acme.example/auth", "TLS 1.2, 203.0.113.7", "3.19.3.152",
		"[2a00:1450::1]:443", "12:30:45", "acme-ltd", "and save it",
	} {
		if got := p.pseudonymise(stays); got != stays {
			t.Errorf("%q becomes %q", stays, got)
		}
	}
	if got := p.pseudonymise("your address 198.51.100.9 is not allowed"); !strings.HasPrefix(got, "your address 198.1") || strings.Contains(got, "51.100.9") {
		t.Error(got)
	}
	if got := p.pseudonymise("Save"); !strings.HasPrefix(got, "name-") {
		t.Error("a name that is an ordinary word stays where it stands alone: " + got)
	}
}

func TestMachinesHaveOtherNamesOnRequest(t *testing.T) {
	p := newTestPseudonymiser(true)
	for _, text := range []string{
		"https://halo.acme.example/auth", "halo.acme.example:8443", "*.acme.example", "https://haloserver/auth", "203.0.113.7", "203.0.113.7:443",
		"[2a00:1450::1]:443", "tenant=acme-ltd", "acme-ltd",
	} {
		got := p.pseudonymise(text)
		for _, named := range []string{"acme", "haloserver", "203.0.113", "1450"} {
			if strings.Contains(got, named) {
				t.Errorf("%q becomes %q", text, got)
			}
		}
	}
	for _, stays := range []string{"2.184.23.1", "3.19.3.152", "trust.chain", "127.0.0.1:443", "Microsoft-IIS/10.0", "read:customers"} {
		if got := p.pseudonymise(stays); got != stays {
			t.Errorf("%q becomes %q", stays, got)
		}
	}
}
