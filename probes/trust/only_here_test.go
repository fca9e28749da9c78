package trust_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
)

// extended adds an extension, its value in hexadecimal, in place of the purposes where it is about those.
func extended(t *testing.T, critical bool, value string, id ...int) func(*x509.Certificate) {
	t.Helper()
	der, err := hex.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *x509.Certificate) {
		c.ExtKeyUsage = nil
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: der})
	}
}

// TestReadByOthers judges certificates that crypto/x509 sees in another way than curl, OpenSSL 3.0, Node 20 and Java 17. Of
// what none but it refuses, and of what they do not agree on, the verdict is unknown.
func TestReadByOthers(t *testing.T) {
	root := issue(t, "Odd Root", nil, nil)
	authority := issue(t, "Odd Authority", nil, root)
	const unread = "trust.chain unknown not_observed;trust.name unknown not_observed;trust.in-date unknown not_observed;trust.strength unknown not_observed;trust.tidy unknown not_observed;trust.renewal unknown not_observed"
	with := func(old, changed string, change func(*x509.Certificate)) []*holder {
		return []*holder{altered(t, issue(t, labHost, nil, authority, change), authority, []byte(old), []byte(changed)), authority}
	}
	below := func(by *holder, changes ...func(*x509.Certificate)) []*holder {
		return []*holder{issue(t, labHost, nil, by, changes...), by}
	}
	users := issue(t, "Odd Authority", nil, root, extended(t, true, "3014a0123010a00e06032a0304a0070c056c61622e78", 2, 5, 29, 30))
	policy := issue(t, "Odd Authority", nil, root, extended(t, true, "3003800100", 2, 5, 29, 36))
	for name, c := range map[string]struct {
		list []*holder
		want string
	}{
		"a DNS name outside ASCII":    {with("xx", "\xc3\xbc", func(c *x509.Certificate) { c.DNSNames = []string{labHost, "xxyy.test"} }), unread},
		"a mail address outside it":   {with("xx", "\xc3\xbc", func(c *x509.Certificate) { c.EmailAddresses = []string{"xxyy@z.test"} }), unread},
		"a URI that has no end":       {with("//x", "//[", func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "http", Host: "xyz.test"}} }), unread},
		"a letter of another charset": {with("Odd", "O_d", func(*x509.Certificate) {}), unread},
		"purposes that name nothing":  {below(authority, extended(t, false, "3000", 2, 5, 29, 37)), "trust.chain fail eku_missing"},
		"a limit on users' names":     {below(users), ""},
		"the same, and a user's name": {below(users, extended(t, false, "301e820c6c61622e6578616d706c652ea00e06032a0304a0070c056c61622e78", 2, 5, 29, 17)), "trust.chain fail name_constraints;trust.name fail name_mismatch"},
		"a policy that is demanded":   {below(policy), "trust.chain unknown not_observed"},
	} {
		found := look(t, opened(t, root, c.list...).session(t, "off"), plenty)
		if got := strings.Join(flaws(found), ";"); got != c.want {
			t.Errorf("%s: %q, want %q: %s", name, got, c.want, found["trust.chain"].Because)
		}
	}
}

// TestKeysOfOtherClients serves a key exchange that ordinary clients have and crypto/tls lacks, with OpenSSL, and some that
// it has.
func TestKeysOfOtherClients(t *testing.T) {
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}, BaseURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	found := look(t, sServer(t, m, "-groups", "X448").session(t, "off"), plenty)
	if got := strings.Join(flaws(found), ";"); got != "trust.handshake unknown not_observed" {
		t.Errorf("X448: %q", got)
	}
	if f := found["trust.handshake"]; f.Remedy == nil || !strings.Contains(f.Because, "X448") || !strings.Contains(f.Remedy.Do, "X25519") {
		t.Errorf("%s; %s", f.Because, f.Remedy)
	}
	for _, curve := range []tls.CurveID{tls.CurveP384, tls.CurveP521} {
		m.TLS.CurvePreferences = []tls.CurveID{curve}
		if found := look(t, open(t, m).session(t, "off"), plenty); len(flaws(found)) > 0 {
			t.Errorf("%s: %q: %s", curve, flaws(found), found["trust.consistent"].Because)
		}
	}
}

// TestTrailingDot looks at a host that is written with the dot of DNS, at the address that was given for it without one.
func TestTrailingDot(t *testing.T) {
	m, err := pki.Make(pki.Site{Hosts: []string{labHost}, BaseURL: "http://127.0.0.1:1"}, "missing-intermediate")
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, m)
	s.host += "."
	session := s.session(t, "off")
	session.Net.Pinned = map[string][]netip.Addr{net.JoinHostPort(labHost, s.port): {netip.MustParseAddr("127.0.0.1")}}
	f := look(t, session, plenty)["trust.chain"]
	if f.Status != probes.Failed || !strings.Contains(f.Remedy.Do, "-servername "+labHost+" -verify_hostname "+labHost+" ") {
		t.Errorf("%s %s: %s", f.Status, f.Because, f.Remedy)
	}
}
