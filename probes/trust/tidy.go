package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"time"

	"github.com/halocheck/halocheck/probes"
)

func (t *Site) tidy() *probes.Requirement[Chained] {
	return &probes.Requirement[Chained]{
		ID:     "trust.tidy",
		Level:  probes.Should,
		Says:   "The server sends the chain in order, and nothing else.",
		Source: probes.Source{Section: "not in the guide: strict clients stumble over it"},
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve the server's certificate, then each issuer once and in order, without the root.",
			Where: "what ends TLS: the certificate file or the chain object",
		},
		Causes: []probes.Cause{
			probes.ExtraCerts, probes.DuplicateCert, probes.WrongOrder, probes.ContainsAnchor, probes.ExpiredExtra,
			probes.ValidityTooLong, probes.LeafIsCA, probes.MustStaple,
		},
		Given: t.chained,
		Host:  t.Where,
		Judge: judgeTidy,
	}
}

// mustStaple is the TLS feature extension: RFC 7633.
var mustStaple = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}

func judgeTidy(c Chained) probes.Verdict {
	leaf := c.leaf()
	if leaf == nil || len(c.Path) == 0 {
		return probes.CannotTell(probes.NotObserved, "there is no path to compare with")
	}
	needed := map[string]int{}
	for i, cert := range c.Path {
		needed[cert.SHA256] = i
	}
	seen := map[string]bool{}
	previous := -1
	for i := range c.Sent {
		cert := c.Sent[i]
		x := cert.x509()
		position, used := needed[cert.SHA256]
		switch {
		case seen[cert.SHA256]:
			return probes.Fail(probes.DuplicateCert, fmt.Sprintf("%q is sent twice", cert.Subject))
		case x != nil && selfIssued(x) && i > 0:
			return probes.Fail(probes.ContainsAnchor, fmt.Sprintf("the root %q is sent; clients have it or they do not", cert.Subject))
		case !used && c.Now.After(cert.NotAfter):
			return probes.Fail(probes.ExpiredExtra, fmt.Sprintf("%q, which no path needs, ended on %s; old clients fail on it", cert.Subject, day(cert.NotAfter)))
		case !used && c.Builds:
			return probes.Fail(probes.ExtraCerts, fmt.Sprintf("%q is sent and no path needs it", cert.Subject))
		case used && position < previous:
			return probes.Fail(probes.WrongOrder, fmt.Sprintf("%q is sent behind the certificate that issued it", cert.Subject))
		}
		seen[cert.SHA256] = true
		if used {
			previous = position
		}
	}
	return judgeLeaf(c, leaf)
}

// judgeLeaf looks at what public authorities no longer issue.
func judgeLeaf(c Chained, leaf *x509.Certificate) probes.Verdict {
	lifetime := leaf.NotAfter.Sub(leaf.NotBefore)
	if most := longest(leaf.NotBefore); lifetime > most && !selfIssued(leaf) {
		return probes.Fail(probes.ValidityTooLong, fmt.Sprintf("the certificate is valid for %s; public ones issued then may have %s", span(lifetime), span(most)))
	}
	if leaf.IsCA && !selfIssued(leaf) {
		return probes.Fail(probes.LeafIsCA, "the server's own certificate is an authority's")
	}
	for _, e := range leaf.Extensions {
		if e.Id.Equal(mustStaple) {
			return probes.Fail(probes.MustStaple, "the certificate demands a stapled OCSP response, which few servers keep up and few authorities still serve")
		}
	}
	return probes.Pass(fmt.Sprintf("%d sent, in order", len(c.Sent)))
}

// longest is the longest lifetime that a public certificate issued then may have: SC-081v3, tls.md §5.
func longest(issued time.Time) time.Duration {
	const oneDay = 24 * time.Hour
	for _, step := range []struct {
		from time.Time
		days int
	}{
		{time.Date(2029, 3, 15, 0, 0, 0, 0, time.UTC), 47},
		{time.Date(2027, 3, 15, 0, 0, 0, 0, time.UTC), 100},
		{time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), 200},
	} {
		if !issued.Before(step.from) {
			return time.Duration(step.days)*oneDay + time.Second
		}
	}
	return 398*oneDay + time.Second
}

// containsDER tells whether a certificate is among those sent.
func containsDER(sent []Cert, der []byte) bool {
	for _, c := range sent {
		if bytes.Equal(c.DER, der) {
			return true
		}
	}
	return false
}
