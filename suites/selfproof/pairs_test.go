package selfproof_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes"
)

// explained are pairs of which one fault leaves no trace of its own, or neither does, although nothing is blocked. The
// names are patterns as path.Match has them. Where shows is empty, the first fault is named; else that is what is
// reported in place of both.
var explained = []struct{ named, hidden, shows, why string }{
	{"aia-*", "revoked*", "", "the issuer is not known, so nobody can check what it says of revocation"},
	{"missing-intermediate-no-aia", "revoked*", "", "the issuer is not known, so nobody can check what it says of revocation"},
	{"bad-signature", "revoked*", "", "there is no path, so no issuer whose word on revocation counts"},
	{"intermediate-not-ca", "revoked*", "", "there is no path, so no issuer whose word on revocation counts"},
	{"leaf-not-first", "revoked-stapled", "", "the handshake breaks at the certificates, before anything stapled is read"},
	{"bad-certificate", "revoked-stapled", "", "crypto/tls ends the handshake at the certificates"},
	{"chain-too-large", "revoked-stapled", "", "crypto/tls ends the handshake at the certificates"},
	{"bad-certificate", "key-mismatch", "", "crypto/tls ends the handshake before the key is used"},
	{"chain-too-large", "key-mismatch", "", "crypto/tls ends the handshake before the key is used"},
	{"bad-certificate", "client-cert-required", "", "crypto/tls ends the handshake before its own certificate is due"},
	{"chain-too-large", "client-cert-required", "", "crypto/tls ends the handshake before its own certificate is due"},
	{"bad-certificate", "default-site-cert", "", "without a name and with it, no list can be read"},
	{"chain-too-large", "default-site-cert", "", "without a name and with it, no list can be read"},
	{"bad-certificate", "legacy-tls", "", "no version completes a handshake"},
	{"chain-too-large", "legacy-tls", "", "no version completes a handshake"},
	{"bad-certificate", "tls-too-old", "trust.handshake tls_alert", "the hello that would show the version ends at the certificates"},
	{"leaf-not-first", "leaf-is-ca", "trust.handshake key_mismatch", "two authorities, of which the first does not own the key"},
	{"bad-signature", "expired-extra", "", "with no path, nobody knows which certificates one would need"},
	{"bad-signature", "extra-certs", "", "with no path, nobody knows which certificates one would need"},
	{"name-encoding", "expired-extra", "", "with no path, nobody knows which certificates one would need"},
	{"name-encoding", "extra-certs", "", "with no path, nobody knows which certificates one would need"},
	{"intermediate-not-ca", "expired-extra", "", "with no path, nobody knows which certificates one would need"},
	{"intermediate-not-ca", "extra-certs", "", "with no path, nobody knows which certificates one would need"},
	{"unknown-issuer", "extra-certs", "", "with no path, nobody knows which certificates one would need"},
	{"tls-inspection", "extra-certs", "", "with no path, nobody knows which certificates one would need"},
	{"untrusted-root", "extra-certs", "", "with no path, nobody knows which certificates one would need"},
	{"missing-*", "expired-root", "", "the root is known through the certificate that is missing"},
	{"wrong-intermediate", "expired-root", "", "the root is known through the certificate that is missing"},
	{"bad-signature", "name-encoding", "trust.chain unknown_issuer", "neither the name nor the signature points to what was sent"},
	{"bad-signature", "missing-*", "trust.chain unknown_issuer", "the certificate at the leaf's address has not signed it"},
	{"name-encoding", "missing-*", "trust.chain unknown_issuer", "the certificate at the leaf's address has another name"},
	{"bad-signature", "aki-mismatch", "trust.chain wrong_intermediate", "neither the key's id nor the signature fits what was sent"},
	{"self-signed", "leaf-is-ca", "", "what certifies itself is an authority, and the path's flaw says so"},
	{"inconsistent-chain-rsa", "default-site-cert", "trust.chain missing_intermediate", "the default site lacks its intermediate, and is all that answers"},
	{"token-moved", "tenant-not-wanted", "", "a tenant is tried where tokens are issued, and nobody knows where that is"},
	{"auth-on-other-host", "token-moved", "login.auth-url token_endpoint_missing", "the typed server issues no tokens, and the named one points elsewhere"},
	{"not-*", "auth-without-prefix", "", "nobody names the right URL"},
	{"tls-*", "auth-without-prefix", "", "nobody names the right URL"},
	{"bad-certificate", "auth-without-prefix", "", "nobody names the right URL"},
	{"chain-too-large", "auth-without-prefix", "", "nobody names the right URL"},
	{"client-cert-required", "auth-without-prefix", "", "nobody names the right URL"},
	{"key-mismatch", "auth-without-prefix", "", "nobody names the right URL"},
	{"leaf-not-first", "auth-without-prefix", "", "nobody names the right URL"},
	{"connection-refused", "auth-without-prefix", "", "nobody names the right URL"},
	{"html-instead-of-json", "auth-without-prefix", "", "nobody names the right URL"},
	{"edge-404", "auth-without-prefix", "", "nobody names the right URL"},
	{"dns-failure", "auth-*", "", "nobody names the right URL"},
	{"edge-auth-403", "auth-url-api", "login.auth-url token_endpoint_missing", "the filter is not before the URL that was typed"},
	{"edge-auth-403", "auth-url-portal", "login.auth-url not_oauth", "the filter is not before the URL that was typed"},
	{"auth-url-http", "edge-auth-403", "", "nothing is sent to a URL without TLS"},
	{"not-oauth", "auth-*", "login.auth-url token_endpoint_missing", "neither the URL that was typed nor the right one answers"},
	{"token-404", "auth-url-portal", "login.auth-url not_oauth", "neither the URL that was typed nor the right one answers"},
	{"edge-auth-403", "tenant-missing", "", "only the token endpoint can tell that a tenant is missing"},
	{"https-required", "tenant-missing", "", "only the token endpoint can tell that a tenant is missing"},
	{"not-oauth", "tenant-missing", "", "only the token endpoint can tell that a tenant is missing"},
	{"token-404", "tenant-missing", "", "only the token endpoint can tell that a tenant is missing"},
}

// slowPairs are faults that make the checker wait; the fault table has them.
var slowPairs = []string{"silent", "drip", "reset", "close", "aia-endless", "rate-limited", "rate-limited-retry-after", "server-error", "flaky", "edge-drop", "tls-huge-message"}

// stride is which share of the pairs is run: every nth. HALOCHECK_PAIRS=all runs all of them, which takes minutes.
func stride() int {
	if os.Getenv("HALOCHECK_PAIRS") == "all" {
		return 1
	}
	return 29
}

var _ = Describe("pairs of faults", Label("pairs"), func() {
	It("are both named, or the one is named that hides the other", func() {
		notUnderRace("the fault table goes the same ways")
		faults := slices.DeleteFunc(fakehalo.Faults(), func(f fakehalo.Fault) bool {
			return f.Requirement == "" || slices.Contains(slowPairs, f.Name) || slices.Contains(alone, f.Name)
		})
		ran, both, hidden, apart, n := 0, 0, 0, 0, 0
		var wrong []string
		for i, a := range faults {
			for _, b := range faults[i+1:] {
				if n++; n%stride() != 0 {
					continue
				}
				server, err := fakehalo.StartWith(fakehalo.Options{Faults: []fakehalo.Fault{a, b}})
				if err != nil {
					apart++ // they decide the same thing, so no instance can have both
					continue
				}
				ran++
				findings := check(session(server))
				server.Close()
				switch aSeen, bSeen := seen(findings, a), seen(findings, b); {
				case aSeen && bSeen:
					both++
				case aSeen && excused(findings, a, b), bSeen && excused(findings, b, a), !aSeen && !bSeen && blended(findings, a, b):
					hidden++
				default:
					wrong = append(wrong, fmt.Sprintf("%s + %s: %v %v\n%s", a.Name, b.Name, aSeen, bSeen, problems(slices.DeleteFunc(findings, func(f probes.Finding) bool { return f.Status == probes.Blocked }))))
				}
			}
		}
		fmt.Fprintf(GinkgoWriter, "pairs: %d run, %d name both, %d name the one that hides the other, %d cannot coexist\n", ran, both, hidden, apart)
		Expect(wrong).To(BeEmpty(), "%d of %d:\n%s", len(wrong), ran, strings.Join(wrong, "\n\n"))
	})
})

// seen tells whether a fault is reported as itself.
func seen(findings []probes.Finding, f fakehalo.Fault) bool {
	return slices.ContainsFunc(findings, func(x probes.Finding) bool {
		return x.ID == f.Requirement && string(x.Status) == f.Status && string(x.Cause) == f.Cause
	})
}

// excused tells whether the named fault hides the other: the other's requirement waits for it, both are the same
// requirement, or a row says why.
func excused(findings []probes.Finding, named, other fakehalo.Fault) bool {
	return named.Requirement == other.Requirement || shown(named.Name, other.Name, "") ||
		slices.ContainsFunc(findings, func(x probes.Finding) bool {
			return x.ID == other.Requirement && x.Status == probes.Blocked
		})
}

// blended tells whether a row has what is reported in place of both faults.
func blended(findings []probes.Finding, a, b fakehalo.Fault) bool {
	return slices.ContainsFunc(findings, func(x probes.Finding) bool {
		as := x.ID + " " + string(x.Cause)
		return x.Status == probes.Failed && (shown(a.Name, b.Name, as) || shown(b.Name, a.Name, as))
	})
}

// shown tells whether a row explains a pair.
func shown(named, hidden, as string) bool {
	for _, row := range explained {
		first, _ := path.Match(row.named, named)
		second, _ := path.Match(row.hidden, hidden)
		if first && second && row.shows == as {
			return true
		}
	}
	return false
}
