package trust_test

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// examined is the answer that trust.chain judges.
func examined(t *testing.T, s *probes.Session) trust.Chain {
	t.Helper()
	c, err := probes.Look(t.Context(), s, trust.Resource.Chain.Given)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFixedChain hands over the chain as it was issued, without its root, whatever the server made of it.
func TestFixedChain(t *testing.T) {
	for _, fault := range []string{
		"missing-intermediate", "missing-two-intermediates", "missing-upper-intermediate", "missing-lower-intermediate", "missing-intermediate-p7c",
		"missing-intermediate-pem", "missing-intermediate-second-url", "wrong-intermediate", "leaf-not-first", "bad-certificate",
		"chain-too-large", "wrong-order", "duplicate-cert", "contains-anchor", "extra-certs", "expired-extra",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			site := serve(t, fault)
			fixed, ok := examined(t, site.session(t, "private")).FixedPEM()
			if !ok {
				t.Fatal("no chain is handed over")
			}
			var want, got []string
			for _, c := range site.material.Chain[:len(site.material.Chain)-1] {
				want = append(want, c.Subject.CommonName)
			}
			leaf, inter := (*x509.Certificate)(nil), x509.NewCertPool()
			for block, rest := pem.Decode(fixed); block != nil; block, rest = pem.Decode(rest) {
				c, err := x509.ParseCertificate(block.Bytes)
				if err != nil {
					t.Fatal(err)
				}
				if got = append(got, c.Subject.CommonName); leaf == nil {
					leaf = c
				}
				inter.AddCert(c)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-issued +handed over:\n%s", diff)
			}
			roots := x509.NewCertPool()
			for _, r := range site.material.Roots {
				roots.AddCert(r)
			}
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inter, DNSName: site.host}); err != nil {
				t.Errorf("what is handed over does not verify: %v", err)
			}
		})
	}
}

// TestNoFixedChain hands over nothing where no chain to a trusted root is known.
func TestNoFixedChain(t *testing.T) {
	for _, fault := range []string{
		"untrusted-root", "unknown-issuer", "self-signed", "missing-intermediate-no-aia", "aia-wrong", // the path is not known
		"name-constraints", "eku-missing", "intermediate-eku", "path-length", "aki-mismatch", "unknown-critical-extension", // nor would it help
	} {
		if fixed, ok := examined(t, serve(t, fault).session(t, "private")).FixedPEM(); ok {
			t.Errorf("%s: a chain is handed over: %s", fault, fixed)
		}
	}
}

// TestRenewedIntermediate finds the later edition of an intermediate that has ended, names it and puts it into the chain
// to serve; without it there is no such chain.
func TestRenewedIntermediate(t *testing.T) {
	site := serve(t, "expired-intermediate")
	s := site.session(t, "private")
	f := look(t, s, plenty)["trust.in-date"]
	for _, want := range []string{"a later edition of \"Halo Fake Issuing CA A1\"", "/aia/a1.cer"} {
		if f.Cause != probes.ExpiredIntermediate || !strings.Contains(f.Because, want) {
			t.Errorf("%s does not say %q: %s", f.Cause, want, f.Because)
		}
	}
	if !strings.Contains(f.Remedy.Do, "later edition") || !strings.HasPrefix(f.Remedy.Where, "Windows: certlm.msc") || !strings.Contains(f.Remedy.Where, "Where a proxy or load balancer stands before") {
		t.Errorf("the remedy is %q at %q", f.Remedy.Do, f.Remedy.Where)
	}
	fixed, ok := examined(t, s).FixedPEM()
	if !ok {
		t.Fatal("no chain is handed over")
	}
	leaf, roots, inter := (*x509.Certificate)(nil), x509.NewCertPool(), x509.NewCertPool()
	for block, rest := pem.Decode(fixed); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if inter.AddCert(c); leaf == nil {
			leaf = c
		}
	}
	roots.AddCert(site.material.Roots[0])
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inter, DNSName: site.host}); err != nil {
		t.Errorf("what is handed over does not verify: %v", err)
	}

	s = site.session(t, "off")
	f = look(t, s, plenty)["trust.in-date"]
	if strings.Contains(f.Because, "later edition") || strings.Contains(f.Remedy.Do, "--out chain=") {
		t.Errorf("with --aia off: %s: %s", f.Because, f.Remedy.Do)
	}
	if fixed, ok := examined(t, s).FixedPEM(); ok {
		t.Errorf("with --aia off a chain is handed over: %s", fixed)
	}
}

// TestMissingIntermediateIsNamed tells everything that is needed to find the certificate, where to put it on what
// answers, and how to prove it.
func TestMissingIntermediateIsNamed(t *testing.T) {
	site := serve(t, "missing-intermediate")
	f := look(t, site.session(t, "private"), plenty)["trust.chain"]
	for _, want := range []string{
		"the server sent only its own certificate", "missing at position 2", `"Halo Fake Issuing CA A1"`,
		"/aia/a1.cer",
	} {
		if !strings.Contains(f.Because, want) {
			t.Errorf("it does not say %q: %s", want, f.Because)
		}
	}
	if !strings.Contains(f.Remedy.Where, "certlm.msc") || !strings.Contains(f.Remedy.Where, "Where a proxy or load balancer stands before") {
		t.Errorf("IIS answered, and the remedy says: %s", f.Remedy.Where)
	}
	if want := "openssl s_client -connect " + site.host + ":" + site.port; !strings.Contains(f.Remedy.Do, want) {
		t.Errorf("the remedy does not say %q: %s", want, f.Remedy.Do)
	}
}

// TestRemediesFitTheCause sends nobody to a place where the flaw cannot be mended.
func TestRemediesFitTheCause(t *testing.T) {
	for fault, want := range map[string][3]string{
		"self-signed":          {"trust.chain", "from a public authority", "Bindings > https"},
		"eku-missing":          {"trust.chain", "issued again", "certlm.msc (Local Computer) > Personal"},
		"unknown-issuer":       {"trust.chain", "Ask the authority that issued the certificate", "Intermediate Certification Authorities"},
		"client-cert-required": {"trust.handshake", "Stop asking for a client certificate", "ssl_verify_client off"},
		"key-mismatch":         {"trust.handshake", "with the private key", "Bindings > https"},
		"not-yet-valid":        {"trust.in-date", "set the clock", ""},
		"expired-root":         {"trust.in-date", "whose root has not ended", ""},
	} {
		r := look(t, serve(t, fault).session(t, "private"), plenty)[want[0]].Remedy
		if r == nil || !strings.Contains(r.Do, want[1]) || !strings.Contains(r.Where, want[2]) {
			t.Errorf("%s: %+v, want %q", fault, r, want)
		}
	}
}

// TestAIAOnlyExplains fails the chain in every mode; the mode decides what is known of the reason.
func TestAIAOnlyExplains(t *testing.T) {
	for mode, want := range map[string]struct{ cause, says string }{
		"private": {"missing_intermediate", "missing at position 2"},
		"on":      {"unknown_issuer", "the address is not public, and asking it was not allowed"},
		"":        {"unknown_issuer", "the address is not public, and asking it was not allowed"},
		"off":     {"unknown_issuer", "was not asked, since that is switched off"},
	} {
		f := look(t, serve(t, "missing-intermediate").session(t, mode), plenty)["trust.chain"]
		if f.Status != probes.Failed || string(f.Cause) != want.cause || !strings.Contains(f.Because, want.says) {
			t.Errorf("--aia %q: %s %s: %s", mode, f.Status, f.Cause, f.Because)
		}
	}
}

// TestKnownIntermediate finds the missing certificate in the further roots, without asking anybody.
func TestKnownIntermediate(t *testing.T) {
	site := serve(t, "missing-intermediate-no-aia")
	site.material.Roots = append(site.material.Roots, site.material.Chain[1])
	f := look(t, site.session(t, "off"), plenty)["trust.chain"]
	if f.Cause != probes.MissingIntermediate || !strings.Contains(f.Because, "(the further roots)") {
		t.Errorf("%s: %s", f.Cause, f.Because)
	}
}

// TestHostileAIA ends in time, whatever stands at the address.
func TestHostileAIA(t *testing.T) {
	for _, fault := range []string{"aia-endless", "aia-loop", "aia-html", "aia-gone", "aia-ldap"} {
		start := time.Now()
		f := look(t, serve(t, fault).session(t, "private"), plenty)["trust.chain"]
		if f.Cause != probes.UnknownIssuer {
			t.Errorf("%s: %s", fault, f.Cause)
		}
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("%s took %s", fault, took)
		}
	}
}
