package trust

import (
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"
)

// TestStandingInOrder takes the stapled answer first, then a responder's, then a list's, and tells why nobody said.
func TestStandingInOrder(t *testing.T) {
	r, other := newRevoker(t), newRevoker(t)
	base, asked := serving(t, map[string][]byte{
		"/revoked.crl": r.list(t, 1, 7), "/good.crl": r.list(t, 1, 5), "/other.crl": other.list(t, 1, 7), "/old.crl": r.list(t, -1, 7),
		"/ocsp": r.answer(t, ocsp.Good, 1), "/else": other.answer(t, ocsp.Revoked, 1),
	})
	for _, c := range []struct {
		name            string
		staple          []byte
		responder, list string
		state, from     string
		requests        int
		why             string
	}{
		{"stapled", r.answer(t, ocsp.Revoked, 1), "/ocsp", "/good.crl", "revoked", "the stapled answer", 0, ""},
		{"another's answer is stapled", other.answer(t, ocsp.Revoked, 1), "", "/good.crl", "good", "/good.crl", 1, ""},
		{"a responder by POST", nil, "/ocsp", "/revoked.crl", "good", "/ocsp", 2, ""},
		{"another's answer, then a list", nil, "/else", "/revoked.crl", "revoked", "/revoked.crl", 3, ""},
		{"a list", nil, "", "/revoked.crl", "revoked", "/revoked.crl", 1, ""},
		{"another's list", nil, "", "/other.crl", "", "", 1, "/other.crl: no usable list"},
		{"an old list", nil, "", "/old.crl", "", "", 1, "/old.crl: no usable list"},
		{"no list there", nil, "", "/gone.crl", "", "", 1, "/gone.crl: status 404"},
		{"neither", nil, "/else", "/other.crl", "", "", 3, "/else: no usable answer"},
		{"nobody to ask", nil, "", "", "", "", 0, "it names nobody to ask"},
	} {
		*asked = nil
		cert := *r.cert
		if c.responder != "" {
			cert.OCSPServer = []string{base + c.responder}
		}
		if c.list != "" {
			cert.CRLDistributionPoints = []string{base + c.list}
		}
		st := anywhere.checkRevocation(t.Context(), &cert, r.authority, c.staple, today)
		if st.Subject != "Server" || st.State != c.state || strings.TrimPrefix(st.From, base) != c.from || len(*asked) != c.requests || !strings.Contains(st.Why, c.why) || (c.why == "") != (st.Why == "") {
			t.Errorf("%s: %+v after %q", c.name, st, *asked)
		}
	}
}
