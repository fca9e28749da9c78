package trust

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
)

// TestListIsTidy compares what was sent with the path, and blames nothing that some client needs.
func TestListIsTidy(t *testing.T) {
	root, old := forge(t, "Root", nil), forge(t, "Old root", nil)
	upper := forge(t, "Upper", root)
	authority := forge(t, "Authority", upper)
	leaf := forge(t, "Server", authority, server)
	cross, foreign := reissue(t, upper, old), forge(t, "Upper", old)
	renamed := reissue(t, upper, old, func(c *x509.Certificate) { c.Subject.CommonName = "Renamed" })
	extra, ended := forge(t, "Extra", old), forge(t, "Ended", old, lasts(-90, -60))
	spare := []*forged{forge(t, "Extra 1", old), forge(t, "Extra 2", old), forge(t, "Extra 3", old), forge(t, "Extra 4", old), forge(t, "Extra 5", old), forge(t, "Extra 6", old)}
	for _, c := range []struct {
		name string
		sent []*forged
		want string
	}{
		{"in order", []*forged{leaf, authority, upper}, ""},
		{"in the wrong order", []*forged{leaf, upper, authority}, "wrong_order"},
		{"twice", []*forged{leaf, authority, authority, upper}, "duplicate_cert"},
		{"its own twice", []*forged{leaf, leaf, authority, upper}, "duplicate_cert"},
		{"with the root", []*forged{leaf, authority, upper, root}, "contains_anchor"},
		{"with another root", []*forged{leaf, authority, upper, old}, "contains_anchor"},
		{"with one that nobody needs", []*forged{leaf, authority, upper, extra}, "extra_certs"},
		{"with one that has ended", []*forged{leaf, authority, upper, ended}, "expired_extra"},
		{"with a cross-sign for older clients", []*forged{leaf, authority, upper, cross}, ""},
		{"with a namesake of one in the path", []*forged{leaf, authority, upper, foreign}, "extra_certs"},
		{"with the key of one in the path under another name", []*forged{leaf, authority, upper, renamed}, "extra_certs"},
		{"two flaws", []*forged{leaf, upper, authority, extra}, "wrong_order extra_certs"},
		{"five of six", append([]*forged{leaf, authority, upper}, spare...), "extra_certs extra_certs extra_certs extra_certs extra_certs"},
		{"no path, so that any may be needed", []*forged{leaf, extra, ended}, ""},
		{"a namesake of the issuer is the chain's matter", []*forged{leaf, foreign, forge(t, "Authority", nil)}, "contains_anchor"},
	} {
		if got := causes(sentListFlaws(sending(trusting(root), c.sent...))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}

	wrong := sending(trusting(root), leaf, forge(t, "Authority", old), upper)
	wrong.Complete, wrong.Missing = true, []Cert{parseCert(authority.Raw)}
	if got := causes(sentListFlaws(wrong)); got != "" {
		t.Errorf("the wrong issuer, which trust.chain names, and what stands above the right one: %q", got)
	}
	long := sending(trusting(root), leaf, authority, upper, extra)
	if long.Bytes = maxChainBytes + 1; causes(sentListFlaws(long)) != "" {
		t.Error("too long, which trust.chain names")
	}
	broken := sending(trusting(root), leaf, authority, upper)
	broken.Sent = append(broken.Sent, parseCert([]byte("no certificate")))
	if got := causes(sentListFlaws(broken)); got != "" {
		t.Errorf("what cannot be read, which trust.chain names: %q", got)
	}
}

// causes are the flaws' causes, in order.
func causes(flaws []flaw) string {
	var list []string
	for _, f := range flaws {
		list = append(list, string(f.cause))
	}
	return strings.Join(list, " ")
}

// TestTidyIsJudged has a remedy for each cause, that of the first flaw.
func TestTidyIsJudged(t *testing.T) {
	root := forge(t, "Root", nil)
	leaf := forge(t, "Server", root, server, lasts(-10, 80))
	c := sending(trusting(root), leaf)
	told(t, "tidy", judgeTidy(Hygiene{Chain: c}), probes.Passed, probes.OK, "1 sent, in order")
	v := judgeTidy(Hygiene{Chain: c, LegacyVersion: "TLS 1.0"})
	if told(t, "old versions", v, probes.Failed, probes.LegacyTLS, "the server still accepts TLS 1.0"); v.Remedy == nil || v.Remedy.Do != "Switch off TLS 1.0 and 1.1." {
		t.Errorf("old versions: %+v", v.Remedy)
	}
	v = judgeTidy(Hygiene{Chain: sending(trusting(root), leaf, root), LegacyVersion: "TLS 1.0"})
	if told(t, "two flaws", v, probes.Failed, probes.ContainsAnchor, "; the server still accepts TLS 1.0"); v.Remedy == nil || !strings.HasPrefix(v.Remedy.Do, "Take the root out") {
		t.Errorf("two flaws: %+v", v.Remedy)
	}
}

// TestTidyRemedies differ for every cause but those of the list as a whole.
func TestTidyRemedies(t *testing.T) {
	told := map[string]probes.Cause{}
	for _, cause := range Resource.Tidy.Meta().Causes {
		r, ok := tidyRemedies[cause]
		if other, twice := told[r.Do]; !ok || twice {
			t.Errorf("%s: a remedy %t, the same as for %q", cause, ok, other)
		}
		told[r.Do] = cause
	}
}

// TestWeakSuites are those without an ephemeral elliptic curve key or without an authenticated cipher; TLS 1.3 has none.
func TestWeakSuites(t *testing.T) {
	for name, want := range map[string]bool{
		"TLS_RSA_WITH_AES_128_GCM_SHA256": true, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256": true, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384": true,
		"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256": true, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": true,
		"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": false, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": false, "TLS_AES_128_GCM_SHA256": false, "": false,
	} {
		if got := isWeakSuite(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestFixed is the chain that clients accept, whatever was sent of it.
func TestFixed(t *testing.T) {
	root := forge(t, "Root", nil)
	upper := forge(t, "Upper", root)
	authority := forge(t, "Authority", upper)
	leaf := forge(t, "Server", authority, server)
	roots := trusting(root)
	missing := func(sent []*forged, missing ...*forged) Chain {
		c := sending(roots, sent...)
		anchor := parseCert(root.Raw)
		c.Complete, c.TrustAnchor, c.Cause = true, &anchor, probes.MissingIntermediate
		for _, m := range missing {
			c.Missing = append(c.Missing, parseCert(m.Raw))
		}
		return c
	}
	cause := func(cause probes.Cause) Chain {
		c := sending(roots, leaf, authority, upper)
		c.Cause = cause
		return c
	}
	incomplete := sending(roots, leaf, authority, upper)
	incomplete.Complete = false
	gone := forge(t, "Authority", upper, lasts(-90, -60))
	later := reissue(t, gone, upper, lasts(-30, 300))
	young := forge(t, "Server", gone, server, lasts(-80, 30))
	renewed := sending(roots, young, gone, upper)
	renewed.Renewed = []Cert{parseCert(later.Raw)}
	ended := forge(t, "Server", authority, server, lasts(-90, -60))
	tomorrow := forge(t, "Server", authority, server, lasts(60, 90))
	client := forge(t, "Server", authority, server, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	long := []*forged{nil}
	by := root
	for i := range 12 {
		by = forge(t, fmt.Sprintf("Authority %d", i), by)
		long = append(long, by)
	}
	long[0] = forge(t, "Server", by, server)
	unreadable := missing([]*forged{leaf, upper}, authority)
	unreadable.Sent = append(unreadable.Sent, parseCert([]byte("no certificate")))
	unanchored := sending(roots, client, authority, upper)
	unanchored.TrustAnchor = nil
	for _, c := range []struct {
		name string
		seen Chain
		want string
	}{
		{"as it is", sending(roots, leaf, authority, upper), "Server < Authority < Upper"},
		{"out of order, with the root", sending(roots, leaf, upper, root, authority), "Server < Authority < Upper"},
		{"with the one that was found", missing([]*forged{leaf}, authority, upper), "Server < Authority < Upper"},
		{"with one found and one sent", missing([]*forged{leaf, upper}, authority), "Server < Authority < Upper"},
		{"without knowing all", sending(roots, leaf), ""},
		{"not known to be complete", incomplete, ""},
		{"the key identifier is wrong", cause(probes.AKIMismatch), ""},
		{"the root is not trusted", cause(probes.UntrustedRoot), ""},
		{"an intermediate has ended", sending(roots, young, gone, upper), ""},
		{"an intermediate has ended and a later edition is known", renewed, "Server < Authority < Upper"},
		{"its own has ended", sending(roots, ended, authority, upper), "Server < Authority < Upper"},
		{"its own is not of today yet", sending(roots, tomorrow, authority, upper), "Server < Authority < Upper"},
		{"its own is for clients", sending(roots, client, authority, upper), ""},
		{"with a cross-sign of the root, which it does not need", sending(roots, leaf, authority, upper, reissue(t, root, forge(t, "Old root", nil))), "Server < Authority < Upper"},
		{"with one found, and what cannot be read", unreadable, "Server < Authority < Upper"},
		{"twelve between, which no client follows", sending(roots, long...), ""},
		{"evidence without the root", unanchored, "Server < Authority < Upper"},
		{"nothing", Chain{Complete: true}, ""},
	} {
		if got := subjects(c.seen.fixedChain()); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if _, ok := c.seen.FixedPEM(); ok != (c.want != "") {
			t.Errorf("%s: handed over: %t", c.name, ok)
		}
	}
	file, _ := sending(roots, leaf, authority, upper).FixedPEM()
	first, rest := pem.Decode(file)
	if first == nil || string(first.Bytes) != string(leaf.Raw) || strings.Count(string(rest), "BEGIN CERTIFICATE") != 2 {
		t.Errorf("%s", file)
	}
}

// TestWhole is the path with what was found to go on where it ends.
func TestWhole(t *testing.T) {
	root, other := forge(t, "Root", nil), forge(t, "Authority", nil)
	upper := forge(t, "Upper", root)
	authority := forge(t, "Authority", upper)
	leaf := forge(t, "Server", authority, server)
	for _, c := range []struct {
		name                string
		path, missing, sent []*forged
		want                string
	}{
		{"nothing missing", []*forged{leaf}, nil, []*forged{leaf, authority}, "Server"},
		{"all missing", []*forged{leaf}, []*forged{authority, upper}, []*forged{leaf}, "Server < Authority < Upper"},
		{"one missing, one sent", []*forged{leaf}, []*forged{authority}, []*forged{leaf, upper}, "Server < Authority < Upper"},
		{"the root was sent", []*forged{leaf, authority}, []*forged{upper}, []*forged{leaf, root}, "Server < Authority < Upper < Root"},
		{"a namesake is not the issuer", []*forged{leaf}, []*forged{other}, []*forged{leaf, other}, "Server"},
		{"no path", nil, []*forged{authority}, []*forged{leaf}, ""},
	} {
		list := func(of []*forged) []Cert {
			var certs []Cert
			for _, x := range of {
				certs = append(certs, parseCert(x.Raw))
			}
			return certs
		}
		seen := Chain{Path: list(c.path), Missing: list(c.missing), Sent: append([]Cert{parseCert([]byte("no certificate"))}, list(c.sent)...)}
		var got []string
		for _, cert := range seen.completedPath() {
			got = append(got, cert.Subject)
		}
		if strings.Join(got, " < ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	lost := Chain{Path: []Cert{parseCert([]byte("no certificate"))}, Missing: []Cert{parseCert(authority.Raw)}}
	if got := lost.completedPath(); len(got) != 1 {
		t.Errorf("above what cannot be read: %d", len(got))
	}
}

// TestLongWhole ends at twelve certificates, as a path does.
func TestLongWhole(t *testing.T) {
	by := forge(t, "Root", nil)
	var missing []Cert
	for i := range 20 {
		by = forge(t, fmt.Sprintf("Authority %d", i), by)
		missing = append(missing, parseCert(by.Raw))
	}
	c := Chain{Path: []Cert{parseCert(forge(t, "Server", by, server).Raw)}, Missing: missing}
	if got := len(c.completedPath()); got != 12 {
		t.Errorf("%d certificates", got)
	}
}

// TestReadOfAnAnswer reads the little questions that judges ask of an answer.
func TestReadOfAnAnswer(t *testing.T) {
	x := good("Server")
	if c := (Chain{LeafIndex: 1, Sent: many(1)}); c.leaf() != nil || len(c.pathOrLeaf()) != 0 {
		t.Error("its own is not there")
	}
	if c := (Chain{LeafIndex: 1, Sent: many(2)}); c.leaf() != c.Sent[1].parsed || c.pathOrLeaf()[0].Subject != "B" || len(c.pathOrLeaf()) != 1 {
		t.Error("its own is the second")
	}
	if c := (Chain{Sent: []Cert{x}, Path: many(2)}); len(c.pathOrLeaf()) != 2 {
		t.Error("the path is the way")
	}
	ended := dated([2]int{-9, 9}, [2]int{-9, -1}, [2]int{-9, 9})
	for name, c := range map[string]struct {
		seen Chain
		want bool
	}{
		"an intermediate":               {ended, true},
		"an intermediate, at this hour": {dated([2]int{-9, 9}, [2]int{-9, 0}, [2]int{-9, 9}), false},
		"none":                          {dated([2]int{-9, 9}, [2]int{-9, 9}, [2]int{-9, 9}), false},
		"its own":                       {dated([2]int{-9, -1}, [2]int{-9, 9}, [2]int{-9, 9}), false},
		"the root":                      {dated([2]int{-9, 9}, [2]int{-9, 9}, [2]int{-9, -1}), false},
	} {
		if got := c.seen.hasExpiredIntermediate(); got != c.want {
			t.Errorf("%s has ended: %t", name, got)
		}
		if c.seen.Valid = true; c.seen.hasExpiredIntermediate() {
			t.Errorf("%s has ended, and another path is valid", name)
		}
	}
}

// TestDescribed keeps 64 KiB of certificates and leaves the rest of a hostile list out.
func TestDescribed(t *testing.T) {
	half := make([]byte, maxKeptBytes/2)
	certs := describeAll([][]byte{half, half, {1}})
	if certs[0].DER == nil || certs[1].DER == nil || certs[1].OmittedBytes != 0 || certs[2].DER != nil || certs[2].OmittedBytes != 1 {
		t.Errorf("kept: %d, %d, %d bytes", len(certs[0].DER), len(certs[1].DER), len(certs[2].DER))
	}
	var c Cert
	if err := c.UnmarshalJSON([]byte("{")); err == nil {
		t.Error("half a certificate is read")
	}
}

// TestSelfSigned asks for the name and for the signature.
func TestSelfSigned(t *testing.T) {
	root, other := forge(t, "Root", nil), forge(t, "Root", nil)
	for name, c := range map[string]struct {
		cert *forged
		want bool
	}{
		"a root": {root, true}, "below a namesake": {forge(t, "Root", other), false}, "below another": {forge(t, "Authority", root), false},
	} {
		if got := selfSigned(c.cert.Certificate); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestTitles(t *testing.T) {
	for _, c := range []struct{ common, all, want string }{{"a", "CN=a,O=b", "a"}, {"", "O=b", "O=b"}, {"", "", "(no name)"}} {
		if got := displayName(c.common, c.all); got != c.want {
			t.Errorf("%q, %q: %q", c.common, c.all, got)
		}
	}
	for list, want := range map[string]string{
		"": "no name", "a": `"a"`, "a b": `"a", "b"`, "a b c d e": `"a", "b", "c", "d", "e"`, "a b c d e f g": `"a", "b", "c", "d", "e", 2 more`,
	} {
		if got := quote(strings.Fields(list)); got != want {
			t.Errorf("%q: %s", list, got)
		}
	}
}
