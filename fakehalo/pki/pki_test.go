package pki_test

import (
	"crypto/x509"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

func TestHealthy(t *testing.T) {
	m := made(t, site())
	sent := parsed(list(t, m))
	if diff := cmp.Diff([]string{"localhost", "Halo Fake Issuing CA A1"}, names(sent)); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"localhost", "Halo Fake Issuing CA A1", "Halo Fake Root X1"}, names(m.Chain)); diff != "" {
		t.Errorf("Chain (-want +got):\n%s", diff)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		_, err := sent[0].Verify(x509.VerifyOptions{
			DNSName: name, Roots: pool(m.Roots...), Intermediates: pool(sent[1:]...), CurrentTime: now,
		})
		if err != nil {
			t.Errorf("as %s: %v", name, err)
		}
	}
	leaf := sent[0]
	if got := leaf.NotAfter.Sub(leaf.NotBefore).Hours() / 24; got != 90 {
		t.Errorf("the leaf lives for %v days, want 90", got)
	}
	if got := leaf.NotAfter.Sub(now).Hours() / 24; got != 60 {
		t.Errorf("the leaf has %v days left, want 60", got)
	}
	if diff := cmp.Diff([]string{"http://127.0.0.1:1/aia/a1.cer"}, leaf.IssuingCertificateURL); diff != "" {
		t.Errorf("AIA (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(sent[1].SubjectKeyId, leaf.AuthorityKeyId); diff != "" {
		t.Errorf("the leaf's AKI is not the intermediate's SKI:\n%s", diff)
	}
}

func TestEveryFaultCanBeMade(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range pki.Faults() {
		if seen[f.Name] {
			t.Errorf("%s is listed twice", f.Name)
		}
		seen[f.Name] = true
		breaks := strings.HasPrefix(f.Requirement, "trust.") && f.Cause != ""
		if variation := f.Requirement == "" && f.Cause == ""; breaks == variation || !strings.HasSuffix(f.Says, ".") {
			t.Errorf("%+v is not described", f)
		}
		if m := made(t, site(), f.Name); (m.TLS == nil) == (m.Raw == nil) {
			t.Errorf("%s: TLS and Raw have to exclude each other", f.Name)
		}
	}
}

// TestEveryCauseHasAFault repeats the trust row of the contract, with the shared causes that a server can bring about. Only
// validity_too_long is left out: it takes a public authority.
func TestEveryCauseHasAFault(t *testing.T) {
	causes := strings.Fields(`missing_intermediate wrong_intermediate leaf_not_first unknown_issuer untrusted_root self_signed
		expired expired_intermediate expired_root not_yet_valid not_yet_valid_intermediate name_mismatch
		name_mismatch_cn_only wildcard_mismatch ip_san_missing default_site_cert name_constraints name_encoding
		intermediate_not_ca intermediate_eku eku_missing path_length unknown_critical_extension bad_signature
		bad_certificate aki_mismatch key_mismatch weak_key weak_signature revoked inconsistent_chain
		chain_too_long tls_too_old tls_alert tls_error not_tls client_cert_required extra_certs
		duplicate_cert wrong_order contains_anchor expired_extra near_expiry near_expiry_intermediate
		leaf_is_ca must_staple legacy_tls weak_cipher key_usage timeout connection_reset connection_closed`)
	unmet := map[string]bool{}
	for _, c := range causes {
		unmet[c] = true
	}
	known := len(unmet)
	for _, f := range pki.Faults() {
		delete(unmet, f.Cause)
		known--
	}
	for c := range unmet {
		t.Errorf("no fault shows %s", c)
	}
	if known > 0 {
		t.Errorf("there are fewer faults than causes")
	}
}

func TestFaultsCombineOrClash(t *testing.T) {
	m := made(t, site(), "expired", "missing-intermediate", "wrong-name", "weak-key")
	sent := parsed(list(t, m))
	if len(sent) != 1 || sent[0].VerifyHostname("localhost") == nil || sent[0].NotAfter.After(now) {
		t.Errorf("the flaws are not all there: %d certificates, %v, until %s", len(sent), sent[0].DNSNames, sent[0].NotAfter)
	}
	for _, c := range []struct {
		faults []string
		want   string
	}{
		{[]string{"expired", "not-yet-valid"}, `faults "expired" and "not-yet-valid" clash: both decide the leaf's dates`},
		{[]string{"silent", "expired"}, `faults "silent" and "expired" clash: both decide the leaf's dates`},
		{[]string{"expierd"}, `unknown certificate fault "expierd"`},
	} {
		if _, err := pki.Make(site(), c.faults...); err == nil || err.Error() != c.want {
			t.Errorf("Make(%q) = %v, want %s", c.faults, err, c.want)
		}
	}
}

func TestSitesThatCannotHaveAFault(t *testing.T) {
	offline := site()
	offline.BaseURL = ""
	bare := pki.Site{Hosts: []string{"localhost"}}
	for _, c := range []struct {
		site  pki.Site
		fault string
		want  string
	}{
		{offline, "missing-intermediate", `fault "missing-intermediate": the site has no base URL`},
		{bare, "ip-san-missing", `fault "ip-san-missing": the site has no address`},
		{pki.Site{IPs: []net.IP{}}, "expired", "a site needs a host or an address"},
	} {
		if _, err := pki.Make(c.site, c.fault); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.fault, err, c.want)
		}
	}
	if m := made(t, offline); m.HTTP != nil || m.Chain[0].IssuingCertificateURL != nil {
		t.Errorf("an offline site has no HTTP side, yet its leaf names %q", m.Chain[0].IssuingCertificateURL)
	}
}
