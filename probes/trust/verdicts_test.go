package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/halocheck/halocheck/probes"
)

// told compares a verdict with what was expected of it.
func told(t *testing.T, name string, v probes.Verdict, status probes.Status, cause probes.Cause, says string) {
	t.Helper()
	if v.Status != status || v.Cause != cause || !strings.Contains(v.Because, says) {
		t.Errorf("%s: %s %s: %s; want %s %s: %s", name, v.Status, v.Cause, v.Because, status, cause, says)
	}
}

// literal is a certificate that was never signed: what a judge reads of one.
func literal(name string, x *x509.Certificate) Cert {
	return Cert{Subject: name, SHA256: name, NotBefore: x.NotBefore, NotAfter: x.NotAfter, Key: "RSA 2048", parsed: x}
}

// good is a certificate of that name for two years around today.
func good(name string) Cert {
	return literal(name, &x509.Certificate{NotBefore: today.AddDate(-1, 0, 0), NotAfter: today.AddDate(1, 0, 0), RawSubject: []byte(name), RawIssuer: []byte("above " + name)})
}

// many are n good certificates.
func many(n int) []Cert {
	var list []Cert
	for i := range n {
		list = append(list, good(string(rune('A'+i))))
	}
	return list
}

func TestChainIsJudged(t *testing.T) {
	unreadable := Cert{Error: "malformed certificate"}
	for _, c := range []struct {
		name   string
		seen   Chain
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"nothing sent", Chain{}, probes.Failed, probes.BadCertificate, "the server sent no certificate"},
		{"nothing sent that can be told", Chain{Cause: probes.ChainTooLong, ListError: "longer than clients read"}, probes.Failed, probes.ChainTooLong, "longer than clients read"},
		{"ten", Chain{Sent: many(10), Path: many(3), Builds: true}, probes.Passed, probes.OK, `the chain is "A", issued by "B", issued by "C"`},
		{"eleven", Chain{Sent: many(11), Path: many(3), Builds: true}, probes.Failed, probes.ChainTooLong, "11 certificates, 0 bytes"},
		{"32 KiB", Chain{Sent: many(2), Path: many(3), Builds: true, Bytes: 32768}, probes.Passed, probes.OK, ""},
		{"one byte more", Chain{Sent: many(2), Path: many(3), Builds: true, Bytes: 32769}, probes.Failed, probes.ChainTooLong, "2 certificates, 32769 bytes"},
		{"five between", Chain{Sent: many(6), Path: many(7), Builds: true}, probes.Passed, probes.OK, ""},
		{"six between", Chain{Sent: many(7), Path: many(8), Builds: true}, probes.Failed, probes.ChainTooLong, "6 intermediates"},
		{"six between, to nowhere", Chain{Sent: many(7), Path: many(8), Cause: probes.UnknownIssuer}, probes.Failed, probes.UnknownIssuer, ""},
		{"not to be read", Chain{Sent: []Cert{good("A"), unreadable}, ListError: "entry 2 cannot be read", Cause: probes.BadCertificate}, probes.Failed, probes.BadCertificate, "entry 2 cannot be read"},
		{"its own not to be read", Chain{Sent: []Cert{unreadable}}, probes.Failed, probes.BadCertificate, "the server's own certificate cannot be read: malformed certificate"},
		{"a root of its own", Chain{Sent: many(2), Path: many(3), Builds: true, PrivateRoot: "Own"}, probes.Passed, probes.OK, `the root "Own" is one of the further roots`},
		{"no issuer", Chain{Sent: many(1), Path: many(1), Cause: probes.UnknownIssuer}, probes.Failed, probes.UnknownIssuer, "is not known: its certificate is missing"},
	} {
		told(t, c.name, judgeChain(c.seen), c.status, c.cause, c.says)
	}
	if v := judgeChain(Chain{Sent: many(2), Path: many(3), Builds: true}); strings.Contains(v.Because, "further roots") {
		t.Errorf("a public root: %s", v.Because)
	}
}

// TestNameIsJudged tells what nearly fits from what does not, since the remedies differ.
func TestNameIsJudged(t *testing.T) {
	for _, c := range []struct {
		name     string
		leaf     x509.Certificate
		host     string
		defaults bool
		status   probes.Status
		cause    probes.Cause
		says     string
	}{
		{"its own", x509.Certificate{DNSNames: []string{"halo.example.test"}}, "", false, probes.Passed, probes.OK, `halo.example.test is among its names ("halo.example.test")`},
		{"a wildcard", x509.Certificate{DNSNames: []string{"*.example.test"}}, "", false, probes.Passed, probes.OK, ""},
		{"another's", x509.Certificate{DNSNames: []string{"other.example.test"}}, "", false, probes.Failed, probes.NameMismatch, `for "other.example.test", not for halo.example.test`},
		{"another's, under every name", x509.Certificate{DNSNames: []string{"other.example.test"}}, "", true, probes.Failed, probes.NameMismatch, "sends it for every name"},
		{"no name at all", x509.Certificate{}, "", false, probes.Failed, probes.NameMismatch, "for no name"},
		{"the common name alone", x509.Certificate{Subject: pkix.Name{CommonName: "halo.example.test"}}, "", false, probes.Failed, probes.NameMismatchCNOnly, "is only in the common name"},
		{"the common name beside another name", x509.Certificate{Subject: pkix.Name{CommonName: "halo.example.test"}, DNSNames: []string{"other.example.test"}}, "", false, probes.Failed, probes.NameMismatch, ""},
		{"the common name beside an address", x509.Certificate{Subject: pkix.Name{CommonName: "halo.example.test"}, IPAddresses: []net.IP{{192, 0, 2, 1}}}, "", false, probes.Failed, probes.NameMismatch, ""},
		{"an address", x509.Certificate{IPAddresses: []net.IP{{192, 0, 2, 1}}}, "192.0.2.1", false, probes.Passed, probes.OK, ""},
		{"an address among the names", x509.Certificate{DNSNames: []string{"192.0.2.1"}, IPAddresses: []net.IP{{192, 0, 2, 9}}}, "192.0.2.1", false, probes.Failed, probes.IPSANMissing, "its IP addresses do not hold it"},
		{"an address, for a name", x509.Certificate{DNSNames: []string{"halo.example.test"}}, "192.0.2.1", false, probes.Failed, probes.IPSANMissing, ""},
		{"an address, for another one", x509.Certificate{IPAddresses: []net.IP{{192, 0, 2, 9}}}, "192.0.2.1", false, probes.Failed, probes.NameMismatch, ""},
		{"an address in the common name", x509.Certificate{Subject: pkix.Name{CommonName: "192.0.2.1"}}, "192.0.2.1", false, probes.Failed, probes.NameMismatchCNOnly, ""},
		{"another address in the common name", x509.Certificate{Subject: pkix.Name{CommonName: "192.0.2.9"}}, "192.0.2.1", false, probes.Failed, probes.NameMismatch, ""},
		{"a wildcard for two labels", x509.Certificate{DNSNames: []string{"*.test"}}, "", false, probes.Failed, probes.WildcardMismatch, "exactly one part"},
		{"a wildcard for none", x509.Certificate{DNSNames: []string{"*.halo.example.test"}}, "", false, probes.Failed, probes.WildcardMismatch, ""},
		{"a wildcard that ends alike", x509.Certificate{DNSNames: []string{"*.ample.test"}}, "", false, probes.Failed, probes.NameMismatch, ""},
		{"the domain without a wildcard", x509.Certificate{DNSNames: []string{"example.test"}}, "", false, probes.Failed, probes.NameMismatch, ""},
		{"a default site", x509.Certificate{DNSNames: []string{"localhost"}}, "", true, probes.Failed, probes.DefaultSiteCert, "the server's default site answers"},
		{"a default site's common name", x509.Certificate{DNSNames: []string{"win-7"}, Subject: pkix.Name{CommonName: "WMSvc-SHA2-WIN-7"}}, "", true, probes.Failed, probes.DefaultSiteCert, ""},
		{"a default site's issuer", x509.Certificate{DNSNames: []string{"win-7"}, Issuer: pkix.Name{CommonName: "Plesk"}}, "", true, probes.Failed, probes.DefaultSiteCert, ""},
		{"a default site's name, under this name alone", x509.Certificate{DNSNames: []string{"localhost"}}, "", false, probes.Failed, probes.NameMismatch, ""},
	} {
		seen := Chain{Host: "halo.example.test", SameForAnyName: c.defaults, Sent: []Cert{literal("Server", &c.leaf)}}
		if c.host != "" {
			seen.Host, seen.IP = c.host, true
		}
		told(t, c.name, judgeName(seen), c.status, c.cause, c.says)
		if v := judgeName(seen); !c.defaults && strings.Contains(v.Because, "for every name") {
			t.Errorf("%s: %s", c.name, v.Because)
		}
	}
}

// TestUnreadable judges nothing of a certificate that cannot be read; the chain has failed for it.
func TestUnreadable(t *testing.T) {
	c := Chain{Host: "halo.example.test", Now: today, Sent: []Cert{{Error: "malformed certificate"}}}
	told(t, "name", judgeName(c), probes.Unknown, probes.NotObserved, "neither can its names")
	told(t, "dates", judgeDates(c), probes.Unknown, probes.NotObserved, "neither can its dates")
	told(t, "strength", judgeStrength(c), probes.Unknown, probes.NotObserved, "neither can its key")
	told(t, "renewal", Resource.Renewal.Judge(c), probes.Unknown, probes.NotObserved, "neither can its dates")
	told(t, "tidy", judgeTidy(Hygiene{Chain: c}), probes.Unknown, probes.NotObserved, "no path")
	told(t, "tidy without a path", judgeTidy(Hygiene{Chain: Chain{Sent: many(1)}}), probes.Unknown, probes.NotObserved, "no path")
}

// dated is a path, leaf first, of certificates with both ends in days from today.
func dated(ends ...[2]int) Chain {
	c := Chain{Host: "halo.example.test", Now: today, Builds: true}
	for i, e := range ends {
		name := []string{"Server", "Authority", "Upper", "Root"}[i]
		if i > 0 && i == len(ends)-1 {
			name = "Root"
		}
		c.Path = append(c.Path, literal(name, &x509.Certificate{NotBefore: today.AddDate(0, 0, e[0]), NotAfter: today.AddDate(0, 0, e[1]), RawSubject: []byte(name), RawIssuer: []byte("above")}))
	}
	c.Sent = c.Path
	return c
}

func TestDatesAreJudged(t *testing.T) {
	fine := [2]int{-100, 100}
	past, future := [2]int{-100, -1}, [2]int{1, 100}
	valid := dated(past, fine)
	valid.Valid = true
	dangling := dated(fine, past) // to an intermediate, not to a root
	dangling.Builds = false
	stranger := dated(fine, past)
	stranger.Builds, stranger.Path[1].parsed.RawIssuer = false, stranger.Path[1].parsed.RawSubject
	vanished := dated(fine, past)
	vanished.Builds, vanished.Path[1].parsed = false, nil
	alone := dated(past)
	alone.Builds = false
	for _, c := range []struct {
		name   string
		seen   Chain
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"of today", dated(fine, fine, fine), probes.Passed, probes.OK, "valid until 2027-03-03 00:00 UTC"},
		{"over another path", valid, probes.Passed, probes.OK, "valid until 2026-11-22 00:00 UTC"},
		{"to this moment", dated([2]int{-1, 0}, fine), probes.Passed, probes.OK, ""},
		{"from this moment", dated([2]int{0, 1}, fine), probes.Passed, probes.OK, ""},
		{"ended", dated(past, fine), probes.Failed, probes.Expired, `"Server" ended on 2026-11-22 00:00 UTC, 24 hours ago`},
		{"ended, alone", alone, probes.Failed, probes.Expired, ""},
		{"an intermediate ended", dated(fine, past, fine), probes.Failed, probes.ExpiredIntermediate, `"Authority" ended`},
		{"the root ended", dated(fine, fine, past), probes.Failed, probes.ExpiredRoot, `"Root" ended`},
		{"the last one ended, which is no root", dangling, probes.Failed, probes.ExpiredIntermediate, ""},
		{"the last one ended, a root that nobody trusts", stranger, probes.Failed, probes.ExpiredRoot, ""},
		{"the last one ended and cannot be read", vanished, probes.Failed, probes.ExpiredIntermediate, ""},
		{"later", dated(future, fine), probes.Failed, probes.NotYetValid, `"Server" starts on 2026-11-24 00:00 UTC, in 24 hours`},
		{"an intermediate later", dated(fine, future, fine), probes.Failed, probes.NotYetValidIntermediate, `"Authority" starts`},
		{"the root later", dated(fine, future), probes.Failed, probes.NotYetValidIntermediate, ""},
		{"two ended", dated(past, past, fine), probes.Failed, probes.Expired, `; "Authority" ended`},
	} {
		told(t, c.name, judgeDates(c.seen), c.status, c.cause, c.says)
	}
	for cause, want := range map[probes.Cause]string{
		probes.ExpiredIntermediate:     "Replace the expired intermediate by the later edition of its authority",
		probes.ExpiredRoot:             "issued again by an authority whose root has not ended",
		probes.NotYetValid:             "set the clock of this machine",
		probes.NotYetValidIntermediate: "set the clock of this machine",
	} {
		seen := map[probes.Cause]Chain{
			probes.ExpiredIntermediate: dated(fine, past, fine), probes.ExpiredRoot: dated(fine, past),
			probes.NotYetValid: dated(future, fine), probes.NotYetValidIntermediate: dated(fine, future, fine),
		}[cause]
		if v := judgeDates(seen); v.Remedy == nil || !strings.Contains(v.Remedy.Do, want) {
			t.Errorf("%s: %+v", cause, v.Remedy)
		}
	}
	if v := judgeDates(dated(past, fine)); v.Remedy != nil {
		t.Errorf("the server's own has ended, which the requirement's remedy is for: %+v", v.Remedy)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1 hours", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days", 90 * 24 * time.Hour: "90 days",
	} {
		if got := formatDuration(d); got != want {
			t.Errorf("%s: %s", d, got)
		}
	}
}

// TestRenewalIsJudged counts 30 days, and a third of the lifetime where that is less.
func TestRenewalIsJudged(t *testing.T) {
	for _, c := range []struct {
		name   string
		seen   Chain
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"31 days left", dated([2]int{-100, 31}), probes.Passed, probes.OK, "31 days left"},
		{"30 days left", dated([2]int{-100, 30}), probes.Failed, probes.NearExpiry, `"Server" ends on 2026-12-23 00:00 UTC, in 30 days`},
		{"a third left", dated([2]int{-60, 30}), probes.Failed, probes.NearExpiry, ""},
		{"a little more than a third left", dated([2]int{-57, 29}), probes.Passed, probes.OK, "29 days left"},
		{"two of six days left", dated([2]int{-4, 2}), probes.Failed, probes.NearExpiry, "in 2 days"},
		{"three of six days left", dated([2]int{-3, 3}), probes.Passed, probes.OK, ""},
		{"ended now", dated([2]int{-100, 0}), probes.Passed, probes.OK, "the certificate has ended already, which trust.in-date tells"},
		{"ended before", dated([2]int{-100, -1}), probes.Passed, probes.OK, ""},
		{"an intermediate", dated([2]int{-100, 100}, [2]int{-100, 20}, [2]int{-100, 100}), probes.Failed, probes.NearExpiryIntermediate, `"Authority" ends`},
	} {
		told(t, c.name, Resource.Renewal.Judge(c.seen), c.status, c.cause, c.says)
	}
}

// TestStrengthIsJudged looks at every key, and at every signature but a root's on itself.
func TestStrengthIsJudged(t *testing.T) {
	bits := func(n uint) *rsa.PublicKey { return &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), n-1), E: 65537} }
	curve := func(c elliptic.Curve) *ecdsa.PublicKey { return &ecdsa.PublicKey{Curve: c} }
	strong := func() x509.Certificate {
		return x509.Certificate{PublicKey: bits(2048), SignatureAlgorithm: x509.SHA256WithRSA, RawSubject: []byte("a"), RawIssuer: []byte("b")}
	}
	for _, c := range []struct {
		name   string
		change func(leaf, root *x509.Certificate)
		cause  probes.Cause
		says   string
	}{
		{"RSA 2048", func(_, _ *x509.Certificate) {}, probes.OK, "RSA 2048, signed with SHA256-RSA"},
		{"RSA 2047", func(l, _ *x509.Certificate) { l.PublicKey = bits(2047) }, probes.WeakKey, `"Server" has the key`},
		{"a root's RSA 1024", func(_, r *x509.Certificate) { r.PublicKey = bits(1024) }, probes.WeakKey, `"Root" has the key`},
		{"P-256", func(l, _ *x509.Certificate) { l.PublicKey = curve(elliptic.P256()) }, probes.OK, ""},
		{"P-224", func(l, _ *x509.Certificate) { l.PublicKey = curve(elliptic.P224()) }, probes.WeakKey, ""},
		{"DSA", func(l, _ *x509.Certificate) { l.PublicKey, l.PublicKeyAlgorithm = nil, x509.DSA }, probes.WeakKey, ""},
		{"Ed25519", func(l, _ *x509.Certificate) { l.PublicKey, l.PublicKeyAlgorithm = nil, x509.Ed25519 }, probes.OK, ""},
		{"SHA-1", func(l, _ *x509.Certificate) { l.SignatureAlgorithm = x509.SHA1WithRSA }, probes.WeakSignature, `"Server" is signed with SHA1-RSA`},
		{"ECDSA with SHA-1", func(l, _ *x509.Certificate) { l.SignatureAlgorithm = x509.ECDSAWithSHA1 }, probes.WeakSignature, ""},
		{"DSA with SHA-1", func(l, _ *x509.Certificate) { l.SignatureAlgorithm = x509.DSAWithSHA1 }, probes.WeakSignature, ""},
		{"MD5", func(l, _ *x509.Certificate) { l.SignatureAlgorithm = x509.MD5WithRSA }, probes.WeakSignature, ""},
		{"MD2", func(l, _ *x509.Certificate) { l.SignatureAlgorithm = x509.MD2WithRSA }, probes.WeakSignature, ""},
		{"SHA-1 on a root", func(_, r *x509.Certificate) { r.SignatureAlgorithm, r.RawIssuer = x509.SHA1WithRSA, r.RawSubject }, probes.OK, ""},
		{"both", func(l, _ *x509.Certificate) { l.PublicKey, l.SignatureAlgorithm = bits(1024), x509.SHA1WithRSA }, probes.WeakKey, "; "},
	} {
		leaf, root := strong(), strong()
		c.change(&leaf, &root)
		seen := Chain{Sent: []Cert{literal("Server", &leaf)}}
		seen.Path = append(seen.Sent, literal("Root", &root), Cert{Error: "not to be read"})
		status := probes.Failed
		if c.cause == probes.OK {
			status = probes.Passed
		}
		told(t, c.name, judgeStrength(seen), status, c.cause, c.says)
	}
}

// TestReadElsewhere is unknown where this program alone refuses to read a certificate, by its list or by the error alone.
func TestReadElsewhere(t *testing.T) {
	for why, want := range map[string]probes.Verdict{
		"negative serial number":                                          {Status: probes.Unknown, Cause: probes.NotObserved},
		"SAN rfc822Name is malformed":                                     {Status: probes.Unknown, Cause: probes.NotObserved},
		"cannot parse IP address of length 5":                             {Status: probes.Unknown, Cause: probes.NotObserved},
		"invalid certificate policies":                                    {Status: probes.Unknown, Cause: probes.NotObserved},
		"RSA key missing NULL parameters":                                 {Status: probes.Unknown, Cause: probes.NotObserved},
		"malformed certificate":                                           {Status: probes.Failed, Cause: probes.BadCertificate},
		"invalid CRL distribution points":                                 {Status: probes.Failed, Cause: probes.BadCertificate},
		"authority info access incorrectly marked critical":               {Status: probes.Failed, Cause: probes.UnknownCriticalExtension},
		"authority key identifier incorrectly marked critical":            {Status: probes.Failed, Cause: probes.UnknownCriticalExtension},
		"invalid RDNSequence: invalid value: invalid IA5String":           {Status: probes.Unknown, Cause: probes.NotObserved},
		"certificate contains duplicate extension with OID \"2.5.29.17\"": {Status: probes.Failed, Cause: probes.BadCertificate},
	} {
		list := "entry 1 of the 2 cannot be read: " + why
		told(t, why, judgeChain(Chain{Sent: []Cert{{Error: why}, {}}, Cause: probes.BadCertificate, ListError: list}), want.Status, want.Cause, list)
		told(t, why+", of TLS 1.3", judgeChain(Chain{Cause: probes.BadCertificate, ListError: list}), want.Status, want.Cause, list)
	}
	both := Chain{Sent: []Cert{{Error: "invalid version"}, {Error: "malformed certificate"}}, Cause: probes.BadCertificate, ListError: "entry 2: malformed certificate"}
	told(t, "one of two", judgeChain(both), probes.Failed, probes.BadCertificate, "entry 2")
}

// TestLeafIsTidy looks at what public authorities no longer issue; what certifies itself is no public authority's.
func TestLeafIsTidy(t *testing.T) {
	on := func(year, month, day int) time.Time {
		return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		name    string
		from    time.Time
		days    int
		more    time.Duration
		change  func(*x509.Certificate)
		stapled string
		chain   Chain // else one that ends in a public root
		want    probes.Cause
	}{
		{name: "825 days below a private root", from: on(2026, 1, 1), days: 825, chain: Chain{Builds: true, TrustAnchor: &Cert{}, PrivateRoot: "Own"}},
		{name: "825 days below no root that is known", from: on(2026, 1, 1), days: 825, chain: Chain{Cause: probes.UnknownIssuer}},
		{name: "825 days, with the missing intermediate found", from: on(2026, 1, 1), days: 825, chain: Chain{Cause: probes.MissingIntermediate, TrustAnchor: &Cert{}}, want: probes.ValidityTooLong},
		{name: "no digitalSignature", from: on(2026, 1, 1), days: 90, change: func(x *x509.Certificate) { x.KeyUsage = x509.KeyUsageKeyEncipherment }, want: probes.KeyUsage},
		{name: "digitalSignature too", from: on(2026, 1, 1), days: 90, change: func(x *x509.Certificate) { x.KeyUsage = x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature }},
		{name: "398 days", from: on(2026, 1, 1), days: 398, more: time.Second},
		{name: "more", from: on(2026, 1, 1), days: 398, more: 2 * time.Second, want: probes.ValidityTooLong},
		{name: "398 days, the day before", from: on(2026, 3, 14), days: 398},
		{name: "200 days from 2026-03-15", from: on(2026, 3, 15), days: 200, more: time.Second},
		{name: "201 days from 2026-03-15", from: on(2026, 3, 15), days: 201, want: probes.ValidityTooLong},
		{name: "100 days from 2027-03-15", from: on(2027, 3, 15), days: 100},
		{name: "101 days from 2027-03-15", from: on(2027, 3, 15), days: 101, want: probes.ValidityTooLong},
		{name: "47 days from 2029-03-15", from: on(2029, 3, 15), days: 47},
		{name: "48 days from 2029-03-15", from: on(2029, 3, 15), days: 48, want: probes.ValidityTooLong},
		{name: "its own authority for ten years", from: on(2026, 1, 1), days: 3650, change: func(x *x509.Certificate) { x.RawIssuer, x.IsCA = x.RawSubject, true }},
		{name: "an authority's", from: on(2026, 1, 1), days: 90, change: func(x *x509.Certificate) { x.IsCA = true }, want: probes.LeafIsCA},
		{name: "must staple, and does not", from: on(2026, 1, 1), days: 90, change: staple, want: probes.MustStaple},
		{name: "must staple, and does", from: on(2026, 1, 1), days: 90, change: staple, stapled: "good"},
		{name: "another extension", from: on(2026, 1, 1), days: 90, change: func(x *x509.Certificate) { x.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}}} }},
	} {
		x := &x509.Certificate{NotBefore: c.from, NotAfter: c.from.AddDate(0, 0, c.days).Add(c.more), RawSubject: []byte("a"), RawIssuer: []byte("b")}
		if c.change != nil {
			c.change(x)
		}
		chain := c.chain
		if chain.Cause == "" && !chain.Builds {
			chain.Builds = true
		}
		chain.Stapled = c.stapled
		got := probes.Cause("")
		if flaws := leafFlaws(chain, x); len(flaws) > 0 {
			got = flaws[0].cause
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// staple has a certificate demand a stapled answer.
func staple(x *x509.Certificate) { x.Extensions = []pkix.Extension{{Id: mustStaple}} }
