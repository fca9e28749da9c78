package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
)

// FixedPEM is the chain that the server should send: its own certificate first, then each issuer once, the root left
// out. It is false where no such chain is known: the issuer could not be found, or the root is not a trusted one.
func (c Chained) FixedPEM() ([]byte, bool) {
	leaf := c.leaf()
	if leaf == nil || !c.Complete {
		return nil, false
	}
	var known []*x509.Certificate
	for _, list := range [][]Cert{c.Path, c.Missing, c.Sent} {
		for i := range list {
			if x := list[i].x509(); x != nil && mayCertify(x) && !selfIssued(x) {
				known = append(known, x)
			}
		}
	}
	var out bytes.Buffer
	used := map[string]bool{}
	for current := leaf; current != nil && !used[string(current.Raw)]; current = issuerOf(current, known) {
		used[string(current.Raw)] = true
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: current.Raw}) // a buffer does not fail
	}
	return out.Bytes(), true
}
