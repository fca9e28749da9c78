package trust

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// buildAndVerify finds the path, and why there is none.
func (c *Chain) buildAndVerify(roots *wire.Roots) {
	leaf, sent := c.leaf(), c.sentIssuers()
	if path, err := verifyAt(leaf, sent, roots, c.Now, x509.ExtKeyUsageServerAuth); err == nil {
		c.Valid, c.Builds, c.Complete = true, true, true
		c.setPath(path, roots)
		if c.checkKeyIDs(path); c.Builds {
			c.checkEditions(path, sent, roots)
		}
		if c.Builds && !(servesAuth(leaf) && wire.NetscapeServer(leaf)) { // an empty list of purposes, which crypto/x509 takes for none
			c.Builds, c.Cause = false, probes.EKUMissing
		}
		c.checkDates(path)
		return
	}
	w := buildPath(leaf, sent, roots, c.Now)
	c.setPath(w.path, roots)
	if w.cause != "" {
		c.Cause = w.cause
		for i, x := range w.path {
			if x == w.stuckAt {
				c.ErrorDepth = i
			}
		}
		if w.rejected != nil {
			by := describeCert(w.rejected)
			c.RejectedIssuer = &by
		}
		return
	}
	c.Complete = true
	c.Builds, c.Cause = verifyFailure(leaf, sent, roots, w.path, verificationTimes(c.Now, w.path))
	c.checkKeyIDs(w.path)
	c.checkDates(w.path)
}

// setPath notes the path, and the root that only the user's file brought.
func (c *Chain) setPath(path []*x509.Certificate, roots *wire.Roots) {
	c.Path = nil
	for _, x := range path {
		c.Path = append(c.Path, describeCert(x))
	}
	if last := path[len(path)-1]; contains(roots.Certs, last) {
		c.setAnchor(last, roots)
	}
}

// setAnchor notes the trusted root of the path, and whether only the user's file brought it.
func (c *Chain) setAnchor(root *x509.Certificate, roots *wire.Roots) {
	anchor := describeCert(root)
	if c.TrustAnchor = &anchor; contains(roots.Extra, root) {
		c.PrivateRoot = anchor.Subject
	}
}

// verifyFailure tells why crypto/x509 refuses a path that climbs to a trusted root: at the moments when all dates are right the
// refusal has another cause, if any. Weak signatures and dates are judged elsewhere and do not break the path.
func verifyFailure(leaf *x509.Certificate, sent []*x509.Certificate, roots *wire.Roots, path []*x509.Certificate, at []time.Time) (builds bool, cause probes.Cause) {
	var last error
	for _, moment := range at {
		_, err := verifyAt(leaf, sent, roots, moment, x509.ExtKeyUsageServerAuth)
		var invalid x509.CertificateInvalidError
		switch {
		case err == nil:
			return true, ""
		case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
			if last == nil {
				last = err
			}
		default:
			last = err
		}
	}
	for _, x := range path[:len(path)-1] {
		if weakSignature(x) {
			cause = constraintFailure(path)
			return cause == "", cause
		}
	}
	var invalid x509.CertificateInvalidError
	var critical x509.UnhandledCriticalExtension
	switch {
	case errors.As(last, &critical):
		return false, probes.UnknownCriticalExtension
	case errors.As(last, &invalid):
		switch invalid.Reason {
		case x509.Expired:
			cause = constraintFailure(path) // no moment suits all of them
			return cause == "", cause
		case x509.CANotAuthorizedForThisName, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName, x509.TooManyConstraints:
			return false, probes.NameConstraints
		case x509.TooManyIntermediates:
			return false, probes.PathLength
		case x509.NoValidChains: // of its policies: OpenSSL and what is built on it judge none
			return false, probes.NotObserved
		case x509.NotAuthorizedToSign:
			return false, probes.IntermediateNotCA
		case x509.IncompatibleUsage:
			if !servesAuth(leaf) {
				return false, probes.EKUMissing
			}
			return false, probes.IntermediateEKU
		}
	}
	return false, probes.UntrustedRoot // the root is in the bundle, but no longer trusted for a certificate of this date
}

// constraintFailure looks for the flaws that crypto/x509 cannot be asked about, because it stops at a signature that it does not
// accept or at dates that never meet.
func constraintFailure(path []*x509.Certificate) probes.Cause {
	if !wire.DirectoryNamesPermitted(path) {
		return probes.NameConstraints
	}
	for i, x := range path {
		below := i - 1 // authorities between x and the leaf
		switch {
		case len(wire.AsOthersRead(x).UnhandledCriticalExtensions) > 0:
			return probes.UnknownCriticalExtension
		case i == 0 && !(servesAuth(x) && wire.NetscapeServer(x)):
			return probes.EKUMissing
		case i < len(path)-1 && !servesAuth(x):
			return probes.IntermediateEKU
		case x.BasicConstraintsValid && x.MaxPathLen >= 0 && below > x.MaxPathLen:
			return probes.PathLength
		case i > 0 && !permitsNames(x, path[0]):
			return probes.NameConstraints
		}
	}
	return ""
}

// permitsNames tells whether an authority's constraints on DNS names let it vouch for the leaf: RFC 5280 §4.2.1.10.
func permitsNames(authority, leaf *x509.Certificate) bool {
	within := func(name string) func(string) bool {
		return func(domain string) bool {
			return domain == "" || strings.EqualFold(name, domain) || strings.HasSuffix(strings.ToLower(name), "."+strings.ToLower(strings.TrimPrefix(domain, ".")))
		}
	}
	for _, name := range leaf.DNSNames {
		if slices.ContainsFunc(authority.ExcludedDNSDomains, within(name)) ||
			len(authority.PermittedDNSDomains) > 0 && !slices.ContainsFunc(authority.PermittedDNSDomains, within(name)) {
			return false
		}
	}
	return true
}

// idPurposes is the extension of RFC 5280 §4.2.1.12.
var idPurposes = []int{2, 5, 29, 37}

// servesAuth tells whether a certificate may identify a server, or certify one that does.
func servesAuth(c *x509.Certificate) bool {
	if !slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(idPurposes) }) && len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 {
		return true
	}
	for _, u := range c.ExtKeyUsage {
		if u == x509.ExtKeyUsageServerAuth || u == x509.ExtKeyUsageAny {
			return true
		}
	}
	return false
}

// checkKeyIDs finds a certificate that asks for another key or another certificate of its issuer than the one in the path.
func (c *Chain) checkKeyIDs(path []*x509.Certificate) {
	if i := misnamedIssuer(path); i >= 0 {
		by := describeCert(path[i+1])
		c.Builds, c.Cause, c.ErrorDepth, c.RejectedIssuer = false, probes.AKIMismatch, i, &by
	}
}

// checkDates finds dates in a path that builds which are not written as DER wants them: crypto/x509 reads them, and OpenSSL
// takes the certificate for none of today.
func (c *Chain) checkDates(path []*x509.Certificate) {
	for i, x := range path {
		if c.Builds && !datesAsDER(x) {
			c.Builds, c.Cause, c.ErrorDepth = false, probes.BadCertificate, i
		}
	}
}

// leafPosition is the index of the server's own certificate among those sent where an issuer's stands first: the one that is
// for the host, else the one that the first certified. It is 0 where nothing says that the first is not the server's own.
func leafPosition(sent []Cert, host string) int {
	if len(sent) == 0 {
		return 0
	}
	first := sent[0].x509()
	if first == nil || first.VerifyHostname(host) == nil {
		return 0
	}
	issued := 0
	for i := range sent[1:] {
		x := sent[i+1].x509()
		switch {
		case x == nil || x.IsCA:
		case first.IsCA && x.VerifyHostname(host) == nil:
			return i + 1
		case issued == 0 && bytes.Equal(x.RawIssuer, first.RawSubject) && signed(x, first):
			issued = i + 1
		}
	}
	return issued
}
