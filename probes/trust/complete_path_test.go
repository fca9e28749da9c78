package trust

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// knowing is a session that trusts those roots, knows some intermediates and asks nobody unless the mode says so.
func knowing(roots *wire.Roots, mode string, known ...*forged) *probes.Session {
	trusted := *roots
	trusted.Known = plain(known...)
	s := &probes.Session{Net: &wire.Net{Roots: &trusted}}
	probes.Local[Options](s).AIA = mode
	return s
}

// found lists certificates as "name from where".
func found(certs []Cert) string {
	var list []string
	for _, c := range certs {
		list = append(list, strings.TrimSuffix(c.Subject+" "+c.From, " "))
	}
	return strings.Join(list, ", ")
}

// serving answers every path with what stands there, and counts the requests.
func serving(t *testing.T, bodies map[string][]byte) (base string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Path)
		body, ok := bodies[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// TestComplete explains a path that does not build by what is known elsewhere, and never makes it build.
func TestComplete(t *testing.T) {
	root, stranger := forge(t, "Root", nil), forge(t, "Stranger", nil)
	upper := forge(t, "Upper", root)
	authority := forge(t, "Authority", upper)
	leaf := forge(t, "Server", authority, server)
	foreign := forge(t, "Foreign", stranger)
	guest, namesake := forge(t, "Server", foreign, server), forge(t, "Authority", nil)
	for _, c := range []struct {
		name     string
		sent     []*forged
		known    []*forged
		cause    probes.Cause
		missing  string
		complete bool
	}{
		{"nobody knows", []*forged{leaf}, nil, probes.UnknownIssuer, "", false},
		{"both known", []*forged{leaf}, []*forged{upper, authority}, probes.MissingIntermediate, "Authority the further roots, Upper the further roots", true},
		{"one known, one sent", []*forged{leaf, upper}, []*forged{authority}, probes.MissingIntermediate, "Authority the further roots", true},
		{"the lower one sent", []*forged{leaf, authority}, []*forged{upper}, probes.MissingIntermediate, "Upper the further roots", true},
		{"the upper one is unknown", []*forged{leaf}, []*forged{authority}, probes.UnknownIssuer, "Authority the further roots", false},
		{"up to a stranger", []*forged{guest, stranger}, []*forged{foreign}, probes.UntrustedRoot, "Foreign the further roots", false},
		{"a namesake in its place", []*forged{leaf, namesake, upper}, []*forged{authority}, probes.WrongIntermediate, "Authority the further roots", true},
		{"a namesake in a stranger's place", []*forged{guest, forge(t, "Foreign", nil), stranger}, []*forged{foreign}, probes.WrongIntermediate, "Foreign the further roots", false},
	} {
		s := knowing(trusting(root), "off", c.known...)
		seen := sending(s.Net.Roots, c.sent...)
		seen.completePath(t.Context(), s)
		if seen.Cause != c.cause || found(seen.Missing) != c.missing || seen.Complete != c.complete || seen.Builds || (seen.TrustAnchor != nil) != c.complete {
			t.Errorf("%s: %q, missing %s, complete %t, builds %t, anchor %v", c.name, seen.Cause, found(seen.Missing), seen.Complete, seen.Builds, seen.TrustAnchor)
		}
	}
}

// TestRenew finds the edition of today of an intermediate that has ended.
func TestRenew(t *testing.T) {
	root := forge(t, "Root", nil)
	gone := forge(t, "Authority", root, lasts(-90, -60))
	leaf := forge(t, "Server", gone, server, lasts(-80, 30))
	later, young, old := reissue(t, gone, root, lasts(-30, 300)), reissue(t, gone, root, lasts(30, 300)), reissue(t, gone, root, lasts(-300, -30))
	whole := sending(trusting(root), leaf, gone)
	incomplete := whole
	incomplete.Complete = false
	valid := whole
	valid.Valid = true
	fine := forge(t, "Authority", root)
	pastRoot := forge(t, "Past root", nil, lasts(-300, -30))
	pastBelow := forge(t, "Authority", pastRoot, lasts(-90, -60))
	belowIt, rootAgain := reissue(t, pastBelow, pastRoot, lasts(-30, 300)), reissue(t, pastRoot, nil, lasts(-30, 300))
	bothEnded := sending(trusting(pastRoot), forge(t, "Server", pastBelow, server), pastBelow)
	for _, c := range []struct {
		name  string
		seen  Chain
		known []*forged
		want  string
	}{
		{"known", whole, []*forged{later}, "Authority the further roots"},
		{"known beside the one that has ended", whole, []*forged{gone, old, later}, "Authority the further roots"},
		{"the root has ended as well, which is renewed in the clients' stores", bothEnded, []*forged{belowIt, rootAgain}, "Authority the further roots"},
		{"only of tomorrow", whole, []*forged{young}, ""},
		{"only of yesterday", whole, []*forged{old}, ""},
		{"unknown", whole, nil, ""},
		{"no path to a root", incomplete, []*forged{later}, ""},
		{"another path is valid", valid, []*forged{later}, ""},
		{"nothing has ended", sending(trusting(root), forge(t, "Server", fine, server), fine), []*forged{reissue(t, fine, root)}, ""},
	} {
		s := knowing(trusting(root), "off", c.known...)
		c.seen.findRenewals(t.Context(), s)
		if got := found(c.seen.Renewed); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// TestFetchIssuer takes what really signed, asks no address twice, and tells what became of each.
func TestFetchIssuer(t *testing.T) {
	root, other := forge(t, "Root", nil), forge(t, "Authority", nil)
	authority := forge(t, "Authority", root)
	base, asked := serving(t, map[string][]byte{
		"/right": authority.Raw, "/root": root.Raw, "/namesake": other.Raw, "/both": append(append([]byte{}, other.Raw...), authority.Raw...),
	})
	at := func(paths ...string) *forged {
		return forge(t, "Server", authority, server, func(c *x509.Certificate) {
			for _, p := range paths {
				c.IssuingCertificateURL = append(c.IssuingCertificateURL, strings.Replace(p, "/", base+"/", 1))
			}
		})
	}
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprintf("/nothing%d", i)
	}
	for _, c := range []struct {
		name  string
		paths []string
		mode  string
		from  string
		asked int
		told  string
	}{
		{"there", []string{"/right"}, "private", "/right", 1, ""},
		{"among others", []string{"/both"}, "private", "/both", 1, ""},
		{"at the second address", []string{"/gone", "/right"}, "private", "/right", 2, "/gone did not give it: status 404"},
		{"another of its name", []string{"/namesake"}, "private", "", 1, "is not the issuer"},
		{"another name", []string{"/root"}, "private", "", 1, "is not the issuer"},
		{"the same address twice", []string{"/root", "/root"}, "private", "", 1, "is not the issuer"},
		{"no address", nil, "private", "", 0, `"Server" does not say where its issuer's certificate is`},
		{"not to be asked", []string{"/right"}, "off", "", 0, "was not asked, since that is switched off"},
		{"not on a public address", []string{"/right"}, "on", "", 0, "the address is not public"},
		{"too many", many, "private", "", 11, "status 404"},
	} {
		*asked = nil
		var seen Chain
		cert, from := seen.fetchIssuers(t.Context(), fetcher{aia: c.mode}, at(c.paths...).Certificate, map[string]bool{})
		if strings.TrimPrefix(from, base) != c.from || (cert != nil) != (c.from != "") || len(*asked) != c.asked || !strings.Contains(strings.Join(seen.AIALog, "; "), c.told) || (c.told == "") != (seen.AIALog == nil) {
			t.Errorf("%s: from %q, asked %q: %q", c.name, from, *asked, seen.AIALog)
		}
	}
	ldap := forge(t, "Server", authority, server, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"ldap:///CN=A"} })
	var seen Chain
	if cert, _ := seen.fetchIssuers(t.Context(), fetcher{aia: "on"}, ldap.Certificate, map[string]bool{}); cert != nil || !strings.Contains(strings.Join(seen.AIALog, ""), "is in a directory") {
		t.Errorf("in a directory: %q", seen.AIALog)
	}
}
