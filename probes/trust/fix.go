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
	lists := [][]Cert{c.Path, c.Missing}
	if len(c.Missing) > 0 {
		lists = append(lists, c.Sent) // what was sent may go on where the missing ones end
	}
	var known []*x509.Certificate
	for _, list := range lists {
		for i := range list {
			x := list[i].x509()
			if x != nil && mayCertify(x) && !selfIssued(x) && !c.Now.After(x.NotAfter) {
				known = append(known, x)
			}
		}
	}
	var out bytes.Buffer
	for path := []*x509.Certificate{leaf}; ; {
		current := path[len(path)-1]
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: current.Raw}) // a buffer does not fail
		next, _, _ := parents(current, known, path)
		if len(next) == 0 {
			break
		}
		path = append(path, next[0])
	}
	return out.Bytes(), true
}
