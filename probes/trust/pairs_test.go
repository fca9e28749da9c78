package trust_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/pki"
)

// hides are the pairs of flaws where the first keeps the second from being seen, with the reason.
var hides = []struct {
	by, hidden string // a cause or a name, and a requirement, cause or name
	why        string
}{
	{"unknown_issuer", "trust.revocation", "without the issuer no answer can be checked"},
	{"intermediate_not_ca", "trust.revocation", "its issuer is none"},
	{"bad_signature", "trust.revocation", "it is not known who issued it"},
	{"name_encoding", "trust.revocation", "it is not known who issued it"},
	{"unknown_issuer", "extra_certs", "without a path nobody knows what it needs"},
	{"untrusted_root", "extra_certs", "without a trusted path nobody knows what it needs"},
	{"bad_signature", "extra_certs", "without a trusted path nobody knows what it needs"},
	{"name_encoding", "extra_certs", "without a trusted path nobody knows what it needs"},
	{"intermediate_not_ca", "extra_certs", "without a trusted path nobody knows what it needs"},
	{"bad_signature", "expired_extra", "without a trusted path nobody knows what it needs"},
	{"name_encoding", "expired_extra", "without a trusted path nobody knows what it needs"},
	{"intermediate_not_ca", "expired_extra", "without a trusted path nobody knows what it needs"},
	{"missing_intermediate", "expired_root", "the root is known only from what was fetched, which changes no verdict"},
	{"wrong_intermediate", "expired_root", "the root is known only from what was fetched, which changes no verdict"},
	{"self_signed", "leaf_is_ca", "a self-signed certificate often is one"},
	{"name_mismatch_cn_only", "name_constraints", "without names nothing is constrained"},
	{"weak_signature", "name_constraints", "crypto/x509 stops at the signature"},
	{"leaf_not_first", "revoked-stapled", "no handshake completes, so no staple is taken"},
	{"bad_certificate", "revoked-stapled", "no handshake completes, so no staple is taken"},
	{"chain-too-large", "revoked-stapled", "no handshake completes, so no staple is taken"},
	{"bad_certificate", "legacy_tls", "no handshake completes, in whatever version"},
	{"chain-too-large", "legacy_tls", "no handshake completes, in whatever version"},
	{"bad_certificate", "default_site_cert", "no handshake completes, under whatever name: name_mismatch is told"},
	{"chain-too-large", "default_site_cert", "no handshake completes, under whatever name: name_mismatch is told"},
	{"leaf_is_ca", "leaf_not_first", "two authorities look like a key mismatch"},
	{"leaf_not_first", "leaf_is_ca", "two authorities look like a key mismatch"},
	{"trust.tidy", "path_length", "the lab's list leaves out the upper intermediate: missing_intermediate is told"},
	{"path_length", "extra_certs", "without a path nobody knows what it needs"},
}

// hidden tells whether one flaw keeps the other from being seen.
func hidden(by, flaw pki.Fault) bool {
	for _, h := range hides {
		if slices.Contains([]string{by.Requirement, by.Cause, by.Name}, h.by) && slices.Contains([]string{flaw.Requirement, flaw.Cause, flaw.Name}, h.hidden) {
			return true
		}
	}
	return false
}

// TestTwoFlawsAreBothNamed looks at every two flaws that a site can have together and that concern two requirements:
// both are named, and nothing else is.
func TestTwoFlawsAreBothNamed(t *testing.T) {
	faults := slices.DeleteFunc(pki.Faults(), func(f pki.Fault) bool {
		return f.Requirement == "" || f.Requirement == "trust.handshake" || f.Requirement == "trust.consistent" // they end or repeat the look itself
	})
	for i, a := range faults {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			for j, b := range faults[i+1:] {
				if testing.Short() && j%8 != 0 {
					continue // the others go the same ways
				}
				if _, err := pki.Make(pki.Site{Hosts: []string{labHost}, BaseURL: "http://127.0.0.1:1"}, a.Name, b.Name); err != nil || a.Requirement == b.Requirement {
					continue
				}
				got := flaws(look(t, serve(t, a.Name, b.Name).session(t, "private"), plenty))
				for _, pair := range [][2]pki.Fault{{a, b}, {b, a}} {
					want := fmt.Sprintf("%s fail %s", pair[0].Requirement, pair[0].Cause)
					if !slices.Contains(got, want) && !hidden(pair[1], pair[0]) {
						t.Errorf("with %s, %s is not named: %q", pair[1].Name, pair[0].Name, got)
					}
				}
				if len(got) > 2 {
					t.Errorf("%s and %s: more is named than that: %q", a.Name, b.Name, got)
				}
			}
		})
	}
}
