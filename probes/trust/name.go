package trust

import (
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// name compares the certificate with the host as it was typed, whatever the path and the dates are. IP literals count as
// hosts too.
func (t *HostProbes) name() *probes.Requirement[Chain] {
	return &probes.Requirement[Chain]{
		ID:     "trust.name",
		Level:  probes.Must,
		Says:   "The certificate is for the host's name.",
		Source: impliedSource(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Bind a certificate that has this host name, or use a name that the certificate has.",
			Where: "IIS Manager > Bindings > https, with the host name and server name indication; nginx: server_name; a load balancer: its listener's certificate list",
		},
		Causes: []probes.Cause{probes.NameMismatch, probes.NameMismatchCNOnly, probes.WildcardMismatch, probes.IPSANMissing, probes.DefaultSiteCert},
		Given:  t.chainProbe,
		Host:   t.Where,
		Judge:  behindPortal(judgeName),
	}
}

// defaultNames are what the certificates of default sites are called.
var defaultNames = []string{"localhost", "WMSvc", "IIS Express", "snakeoil", "Fake Certificate", "default", "Plesk", "Parallels"}

// judgeName follows crypto/x509: subject alternative names only, a wildcard for the whole leftmost label. What nearly fits
// has a cause of its own, because its remedy differs: tls.md §6.
func judgeName(c Chain) probes.Verdict {
	leaf := c.leaf()
	if leaf == nil {
		return probes.CannotTell(probes.NotObserved, "the server's certificate cannot be read, so neither can its names")
	}
	if leaf.VerifyHostname(c.Host) == nil {
		return probes.Pass(fmt.Sprintf("%s is among its names (%s)", c.Host, quote(names(leaf))), leaf)
	}
	if partialWildcard(leaf.DNSNames, c.Host) {
		return probes.CannotTell(probes.NameMismatch, fmt.Sprintf("the certificate is for %s; OpenSSL and Node take a wildcard for a part of a label, curl and browsers do not, so it depends on the client", quote(names(leaf)))).
			With(probes.Remedy{Who: probes.NetworkAdmin, Do: "Have the certificate issued for the whole name, or with a wildcard that stands for a whole label.", Where: "the certificate authority's order form"})
	}
	return c.withNodes(mismatch(c, leaf))
}

// partialWildcard tells whether a wildcard that stands for a part of the leftmost label fits the host.
func partialWildcard(dns []string, host string) bool {
	first, domain, _ := strings.Cut(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	return slices.ContainsFunc(dns, func(n string) bool {
		label, rest, _ := strings.Cut(strings.ToLower(n), ".")
		before, after, ok := strings.Cut(label, "*")
		return ok && before+after != "" && rest == domain && strings.Contains(domain, ".") && len(first) > len(before+after) &&
			!strings.HasPrefix(first, "xn--") && strings.HasPrefix(first, before) && strings.HasSuffix(first, after)
	})
}

// mismatch says why the host is not among the names of the certificate.
func mismatch(c Chain, leaf *x509.Certificate) probes.Verdict {
	common := leaf.Subject.CommonName
	seen := fmt.Sprintf("the certificate is for %s, not for %s", quote(names(leaf)), c.Host)
	switch {
	case len(leaf.DNSNames) == 0 && len(leaf.IPAddresses) == 0 && commonNameMatches(common, c.Host):
		return probes.Fail(probes.NameMismatchCNOnly, fmt.Sprintf("%s is only in the common name (%q), which clients no longer read", c.Host, common))
	case c.IP && slices.ContainsFunc(leaf.DNSNames, func(n string) bool { return n == c.Host }), c.IP && len(leaf.IPAddresses) == 0 && net.ParseIP(common) == nil:
		return probes.Fail(probes.IPSANMissing, seen+"; its IP addresses do not hold it")
	case wildcardLabelMismatch(leaf.DNSNames, c.Host):
		return probes.Fail(probes.WildcardMismatch, seen+"; a wildcard stands for exactly one part of a name")
	case c.SameForAnyName && slices.ContainsFunc(append(names(leaf), common, leaf.Issuer.CommonName), isDefault):
		return probes.Fail(probes.DefaultSiteCert, seen+"; the server's default site answers with it for every name")
	case c.SameForAnyName:
		return probes.Fail(probes.NameMismatch, seen+"; the server sends it for every name")
	}
	return probes.Fail(probes.NameMismatch, seen)
}

// commonNameMatches tells whether a common name would be the host's, were it read.
func commonNameMatches(common, host string) bool {
	return strings.EqualFold(common, host) || (&x509.Certificate{DNSNames: []string{common}}).VerifyHostname(host) == nil
}

// isDefault tells whether a name is one that default sites have.
func isDefault(name string) bool {
	return slices.ContainsFunc(defaultNames, func(d string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(d)) })
}

// wildcardLabelMismatch tells whether a wildcard would fit if it could stand for more labels, or for none.
func wildcardLabelMismatch(dns []string, host string) bool {
	return slices.ContainsFunc(dns, func(n string) bool {
		domain, ok := strings.CutPrefix(strings.ToLower(n), "*.")
		return ok && (host == domain || strings.HasSuffix(host, "."+domain))
	})
}
