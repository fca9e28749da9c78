package trust

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// TestReason names why crypto/x509 refuses a path that reaches a trusted root.
func TestReason(t *testing.T) {
	root := forge(t, "Root", nil)
	only := func(u x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{u} }
	}
	for name, c := range map[string]struct {
		authority, leaf []func(*x509.Certificate)
		builds          bool
		cause           probes.Cause
	}{
		"nothing":                             {builds: true},
		"the leaf has ended":                  {leaf: []func(*x509.Certificate){lasts(-20, -10)}, builds: true},
		"the leaf starts later":               {leaf: []func(*x509.Certificate){lasts(10, 20)}, builds: true},
		"ends that never meet":                {authority: []func(*x509.Certificate){lasts(-90, -60)}, leaf: []func(*x509.Certificate){lasts(-30, 30)}, builds: true},
		"ends that never meet, for a client":  {authority: []func(*x509.Certificate){lasts(-90, -60)}, leaf: []func(*x509.Certificate){lasts(-30, 30), only(x509.ExtKeyUsageClientAuth)}, cause: probes.EKUMissing},
		"ends that never meet, other domains": {authority: []func(*x509.Certificate){lasts(-90, -60), within("elsewhere.test")}, leaf: []func(*x509.Certificate){lasts(-30, 30)}, cause: probes.NameConstraints},
		"other domains":                       {authority: []func(*x509.Certificate){within("elsewhere.test")}, cause: probes.NameConstraints},
		"other domains, and it has ended":     {authority: []func(*x509.Certificate){within("elsewhere.test")}, leaf: []func(*x509.Certificate){lasts(-20, -10)}, cause: probes.NameConstraints},
		"another network, and it has ended": {authority: []func(*x509.Certificate){func(c *x509.Certificate) {
			c.PermittedDNSDomainsCritical, c.PermittedIPRanges = true, []*net.IPNet{{IP: net.IP{198, 51, 100, 0}, Mask: net.CIDRMask(24, 32)}}
		}}, leaf: []func(*x509.Certificate){lasts(-20, -10), func(c *x509.Certificate) { c.IPAddresses = []net.IP{{192, 0, 2, 1}} }}, cause: probes.NameConstraints},
		"a leaf for clients":       {leaf: []func(*x509.Certificate){only(x509.ExtKeyUsageClientAuth)}, cause: probes.EKUMissing},
		"an authority for clients": {authority: []func(*x509.Certificate){only(x509.ExtKeyUsageClientAuth)}, cause: probes.IntermediateEKU},
		"an unknown critical extension": {leaf: []func(*x509.Certificate){func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Critical: true, Value: []byte{5, 0}}}
		}}, cause: probes.UnknownCriticalExtension},
	} {
		authority := forge(t, "Authority", root, c.authority...)
		leaf := forge(t, "Server", authority, append([]func(*x509.Certificate){server}, c.leaf...)...)
		path := plain(leaf, authority, root)
		builds, cause := verifyFailure(leaf.Certificate, path[1:2], trusting(root), path, verificationTimes(today, path))
		if builds != c.builds || cause != c.cause {
			t.Errorf("%s: %t %q, want %t %q", name, builds, cause, c.builds, c.cause)
		}
	}

	lone := forge(t, "Authority", root, func(c *x509.Certificate) { c.MaxPathLenZero = true })
	below := forge(t, "Below", lone)
	leaf := forge(t, "Server", below, server)
	path := plain(leaf, below, lone, root)
	if builds, cause := verifyFailure(leaf.Certificate, path[1:3], trusting(root), path, verificationTimes(today, path)); builds || cause != probes.PathLength {
		t.Errorf("an authority that may have none below it: %t %q", builds, cause)
	}
	leaf = forge(t, "Server", root, server)
	path = plain(leaf, root)
	if builds, cause := verifyFailure(leaf.Certificate, nil, trusting(), path, verificationTimes(today, path)); builds || cause != probes.UntrustedRoot {
		t.Errorf("a root that the pool no longer trusts: %t %q", builds, cause)
	}
}

// within lets an authority vouch for one domain alone.
func within(domain string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{domain}
	}
}

// TestApart finds the flaws that crypto/x509 does not come to behind a weak signature or dates that never meet.
func TestApart(t *testing.T) {
	leaf := &x509.Certificate{DNSNames: []string{"halo.example.test"}}
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	unknown := []asn1.ObjectIdentifier{{1, 2, 3}}
	deep := func(most int) *x509.Certificate {
		return &x509.Certificate{BasicConstraintsValid: true, MaxPathLen: most}
	}
	free := deep(-1)
	for name, c := range map[string]struct {
		path []*x509.Certificate
		want probes.Cause
	}{
		"nothing":                              {[]*x509.Certificate{leaf, free, free}, ""},
		"critical in the leaf":                 {[]*x509.Certificate{{UnhandledCriticalExtensions: unknown}, free}, probes.UnknownCriticalExtension},
		"critical in an authority":             {[]*x509.Certificate{leaf, {MaxPathLen: -1, UnhandledCriticalExtensions: unknown}, free}, probes.UnknownCriticalExtension},
		"a leaf for clients":                   {[]*x509.Certificate{{ExtKeyUsage: client}, free}, probes.EKUMissing},
		"an authority for clients":             {[]*x509.Certificate{leaf, {ExtKeyUsage: client}, free}, probes.IntermediateEKU},
		"a root for clients, which has no say": {[]*x509.Certificate{leaf, free, {ExtKeyUsage: client}}, ""},
		"none below, and none there":           {[]*x509.Certificate{leaf, deep(0), free}, ""},
		"none below, and one there":            {[]*x509.Certificate{leaf, free, deep(0), free}, probes.PathLength},
		"one below, and one there":             {[]*x509.Certificate{leaf, free, deep(1), free}, ""},
		"one below, and two there":             {[]*x509.Certificate{leaf, free, free, deep(1)}, probes.PathLength},
		"no limit":                             {[]*x509.Certificate{leaf, free, {MaxPathLen: 0}, free}, ""},
		"a leaf with a limit":                  {[]*x509.Certificate{deep(0), free}, ""},
		"an authority of another domain":       {[]*x509.Certificate{leaf, {PermittedDNSDomains: []string{"elsewhere.test"}}, free}, probes.NameConstraints},
		"a root of another domain":             {[]*x509.Certificate{leaf, free, {PermittedDNSDomains: []string{"elsewhere.test"}}}, probes.NameConstraints},
		"a leaf of another domain than it may": {[]*x509.Certificate{{DNSNames: leaf.DNSNames, PermittedDNSDomains: []string{"elsewhere.test"}}, free}, ""},
	} {
		if got := constraintFailure(c.path); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestPermits follows RFC 5280 §4.2.1.10 for DNS names.
func TestPermits(t *testing.T) {
	for _, c := range []struct {
		names, only, never []string
		want               bool
	}{
		{[]string{"halo.example.test"}, nil, nil, true},
		{nil, []string{"example.test"}, nil, true},
		{[]string{"halo.example.test"}, []string{"example.test"}, nil, true},
		{[]string{"HALO.EXAMPLE.test"}, []string{"Example.TEST"}, nil, true},
		{[]string{"example.test"}, []string{"example.test"}, nil, true},
		{[]string{"halo.example.test"}, []string{".example.test"}, nil, true},
		{[]string{"halo.example.test"}, []string{"elsewhere.test", "example.test"}, nil, true},
		{[]string{"halo.example.test"}, []string{"elsewhere.test"}, nil, false},
		{[]string{"notexample.test"}, []string{"example.test"}, nil, false},
		{[]string{"halo.example.test", "halo.elsewhere.test"}, []string{"example.test"}, nil, false},
		{[]string{"halo.example.test"}, nil, []string{"example.test"}, false},
		{[]string{"halo.example.test"}, nil, []string{"elsewhere.test"}, true},
		{[]string{"halo.example.test"}, []string{"example.test"}, []string{"halo.example.test"}, false},
		{[]string{"halo.example.test"}, []string{""}, nil, true},
		{[]string{"halo.example.test"}, nil, []string{""}, false},
	} {
		authority := &x509.Certificate{PermittedDNSDomains: c.only, ExcludedDNSDomains: c.never}
		if got := permitsNames(authority, &x509.Certificate{DNSNames: c.names}); got != c.want {
			t.Errorf("%q within %q, without %q: %t", c.names, c.only, c.never, got)
		}
	}
}

func TestServesAuth(t *testing.T) {
	for name, c := range map[string]struct {
		usages  []x509.ExtKeyUsage
		unknown []asn1.ObjectIdentifier
		want    bool
	}{
		"any, since none is named": {nil, nil, true},
		"servers":                  {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}, nil, true},
		"any by name":              {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, nil, true},
		"clients":                  {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, nil, false},
		"something unknown":        {nil, []asn1.ObjectIdentifier{{1, 2, 3}}, false},
	} {
		if got := servesAuth(&x509.Certificate{ExtKeyUsage: c.usages, UnknownExtKeyUsage: c.unknown}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestMismatchedKeyID looks at key identifiers only where both certificates have one.
func TestMismatchedKeyID(t *testing.T) {
	of := func(own, issuer string) *x509.Certificate {
		return &x509.Certificate{SubjectKeyId: []byte(own), AuthorityKeyId: []byte(issuer)}
	}
	for name, c := range map[string]struct {
		path []*x509.Certificate
		at   int // of the mismatch; -1: there is none
	}{
		"alike":                      {[]*x509.Certificate{of("leaf", "a"), of("a", "b"), of("b", "b")}, -1},
		"the leaf wants another":     {[]*x509.Certificate{of("leaf", "x"), of("a", "b"), of("b", "b")}, 0},
		"an authority wants another": {[]*x509.Certificate{of("leaf", "a"), of("a", "x"), of("b", "b")}, 1},
		"the root wants another":     {[]*x509.Certificate{of("leaf", "a"), of("a", "b"), of("b", "x")}, -1},
		"none wanted":                {[]*x509.Certificate{of("leaf", ""), of("a", "")}, -1},
		"none there":                 {[]*x509.Certificate{of("leaf", "a"), of("", "b")}, -1},
	} {
		seen := Chain{Builds: true}
		seen.checkKeyIDs(c.path)
		if c.at < 0 && (!seen.Builds || seen.Cause != "" || seen.RejectedIssuer != nil) {
			t.Errorf("%s: %q at %d", name, seen.Cause, seen.ErrorDepth)
		}
		if c.at >= 0 && (seen.Builds || seen.Cause != probes.AKIMismatch || seen.ErrorDepth != c.at || seen.RejectedIssuer == nil) {
			t.Errorf("%s: builds %t, %q at %d, by %v", name, seen.Builds, seen.Cause, seen.ErrorDepth, seen.RejectedIssuer)
		}
	}
}

// TestBuild says how far a path goes, and what stands in its way.
func TestBuild(t *testing.T) {
	root, own := forge(t, "Root", nil), forge(t, "Own root", nil)
	authority := forge(t, "Authority", root)
	leaf, private := forge(t, "Server", authority, server), forge(t, "Server", own, server)
	roots := trusting(root, own)
	roots.Extra = plain(own)

	c := sending(roots, leaf, authority)
	if !c.Valid || !c.Builds || !c.Complete || c.Cause != "" || c.PrivateRoot != "" || c.TrustAnchor == nil || c.TrustAnchor.Subject != "Root" || len(c.Path) != 3 {
		t.Errorf("whole: %+v", c)
	}
	if c = sending(roots, private); !c.Builds || c.PrivateRoot != "Own root" {
		t.Errorf("a root of --ca-file: builds %t, private %q", c.Builds, c.PrivateRoot)
	}
	if c = sending(roots, leaf); c.Valid || c.Builds || c.Complete || c.Cause != probes.UnknownIssuer || c.TrustAnchor != nil || c.RejectedIssuer != nil || len(c.Path) != 1 {
		t.Errorf("without its issuer: %+v", c)
	}
	namesake := forge(t, "Authority", nil)
	if c = sending(roots, leaf, namesake); c.Cause != probes.WrongIntermediate || c.ErrorDepth != 0 || c.RejectedIssuer == nil || c.RejectedIssuer.SHA256 != parseCert(namesake.Raw).SHA256 {
		t.Errorf("with a namesake of its issuer: %q at %d by %v", c.Cause, c.ErrorDepth, c.RejectedIssuer)
	}
	ended := forge(t, "Authority", root, lasts(-90, -60))
	leaf = forge(t, "Server", ended, server, lasts(-30, 30))
	if c = sending(roots, leaf, ended); c.Valid || !c.Builds || !c.Complete || c.Cause != "" {
		t.Errorf("an authority that has ended: valid %t, builds %t, complete %t, %q", c.Valid, c.Builds, c.Complete, c.Cause)
	}
	upper := forge(t, "Upper", nil, func(c *x509.Certificate) { c.IsCA = false })
	middle := forge(t, "Middle", upper)
	if c = sending(roots, forge(t, "Server", middle, server), middle, upper); c.Cause != probes.IntermediateNotCA || c.ErrorDepth != 1 {
		t.Errorf("the trouble stands higher up: %q at %d", c.Cause, c.ErrorDepth)
	}
}

// TestVersionOne refuses an authority that cannot say that it is one, as crypto/x509 does.
func TestVersionOne(t *testing.T) {
	root := forge(t, "Root", nil)
	old := ancient(t, "Old", root)
	c := sending(trusting(root), forge(t, "Server", old, server), old)
	if old.Version != 1 || c.Builds || c.Cause != probes.IntermediateNotCA {
		t.Errorf("version %d: builds %t, %q", old.Version, c.Builds, c.Cause)
	}
	told(t, "its verdict", judgeChain(c), probes.Failed, probes.IntermediateNotCA, `"Old" issued a certificate without being an authority`)
}

// TestMisplaced finds the server's own certificate where its issuer's stands first.
func TestMisplaced(t *testing.T) {
	root := forge(t, "Root", nil)
	authority := forge(t, "Authority", root)
	leaf := forge(t, "Server", authority, server)
	other := func(c *x509.Certificate) { c.DNSNames = []string{"other.example.test"} }
	elsewhere, stranger := forge(t, "Elsewhere", authority, server, other), forge(t, "Stranger", root, server, other)
	named := forge(t, "Named", root, func(c *x509.Certificate) { c.DNSNames = []string{"halo.example.test"} })
	end := forge(t, "End", root, server, other)
	for name, c := range map[string]struct {
		sent []*forged
		want int
	}{
		"none":                                {nil, 0},
		"in order":                            {[]*forged{leaf, authority}, 0},
		"its issuer first":                    {[]*forged{authority, leaf}, 1},
		"behind all issuers":                  {[]*forged{root, authority, leaf}, 2},
		"for another host, by the first":      {[]*forged{authority, elsewhere}, 1},
		"the host's before the first's":       {[]*forged{authority, elsewhere, leaf}, 2},
		"the first of those that it issued":   {[]*forged{authority, elsewhere, forge(t, "More", authority, server, other)}, 1},
		"a stranger":                          {[]*forged{authority, stranger}, 0},
		"the first is for the host":           {[]*forged{named, leaf}, 0},
		"authorities alone":                   {[]*forged{root, authority}, 0},
		"for another host, the right one too": {[]*forged{end, leaf}, 0},
	} {
		var sent []Cert
		for _, x := range c.sent {
			sent = append(sent, parseCert(x.Raw))
		}
		if got := leafPosition(sent, "halo.example.test"); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	broken := parseCert([]byte("no certificate"))
	if got := leafPosition([]Cert{broken, parseCert(leaf.Raw)}, "halo.example.test"); got != 0 {
		t.Errorf("behind what cannot be read: %d", got)
	}
	if got := leafPosition([]Cert{parseCert(authority.Raw), broken, parseCert(leaf.Raw)}, "halo.example.test"); got != 2 {
		t.Errorf("with something that cannot be read between: %d", got)
	}
}

// TestMoments are just inside every lifetime, and today comes first.
func TestMoments(t *testing.T) {
	c := &x509.Certificate{NotBefore: today.AddDate(-1, 0, 0), NotAfter: today.AddDate(1, 0, 0)}
	want := []time.Time{today, c.NotBefore.Add(time.Second), c.NotAfter.Add(-time.Second)}
	if got := verificationTimes(today, []*x509.Certificate{c}); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
