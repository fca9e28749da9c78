package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
)

// sendFault is a flaw of the list that the server sends.
func sendFault(name, requirement, cause, says string, send func(path []*node) []*node, decides ...aspect) fault {
	apply := func(p *plan) error { p.send = send; return nil }
	return fault{Fault{name, says, requirement, cause}, append(decides, sentList), false, apply}
}

// leafOnly is what a server sends when only the leaf was installed.
func leafOnly(path []*node) []*node { return path[:1] }

var sentFaults = []fault{
	{Fault{"missing-intermediate", "The server sends its leaf alone; the intermediate can be fetched.", "trust.chain", "missing_intermediate"},
		[]aspect{sentList, midCert}, true, func(p *plan) error { p.send = leafOnly; return nil }},
	{Fault{"missing-intermediate-no-aia", "The server sends its leaf alone, and nothing says where the intermediate is.", "trust.chain", "unknown_issuer"},
		[]aspect{sentList, midCert, rootCert}, false, func(p *plan) error {
			p.send, p.leaf.tmpl.IssuingCertificateURL = leafOnly, nil
			return nil
		}},
	{Fault{"missing-two-intermediates", "The server sends its leaf alone; two intermediates are missing.", "trust.chain", "missing_intermediate"},
		[]aspect{sentList, midCert}, true, func(p *plan) error {
			p.insertUpper()
			p.send = leafOnly
			return nil
		}},
	{Fault{"missing-upper-intermediate", "The server sends the first of two intermediates only.", "trust.chain", "missing_intermediate"},
		[]aspect{sentList, midCert}, true, func(p *plan) error {
			p.insertUpper()
			p.send = func(path []*node) []*node { return path[:2] }
			return nil
		}},
	{Fault{"wrong-intermediate", "The server sends a namesake of the intermediate, with another key.", "trust.chain", "wrong_intermediate"},
		[]aspect{sentList, midCert, issuerOf}, false, func(p *plan) error {
			namesake := authority(p.site.Now, p.mid.tmpl.Subject.CommonName, p.root, -4*365, 365)
			p.send = func(path []*node) []*node { return []*node{path[0], namesake} }
			return nil
		}},
	sendFault("leaf-not-first", "trust.chain", "leaf_not_first", "The server sends the intermediate before its own certificate.",
		func(path []*node) []*node { return []*node{path[1], path[0]} }, handshake),
	sendFault("bad-certificate", "trust.chain", "bad_certificate", "One entry of the list is no certificate.",
		func(path []*node) []*node { return []*node{path[0], path[1], {der: []byte("not a certificate")}} }),
	{Fault{"chain-too-large", "The list is longer than the 256 KiB that clients take.", "trust.chain", "chain_too_long"},
		[]aspect{sentList}, false, chainTooLarge},

	sendFault("duplicate-cert", "trust.tidy", "duplicate_cert", "The intermediate is sent twice.",
		func(path []*node) []*node { return []*node{path[0], path[1], path[1]} }),
	sendFault("contains-anchor", "trust.tidy", "contains_anchor", "The root is sent as well.",
		func(path []*node) []*node { return path }, rootCert),
	{Fault{"extra-certs", "A certificate is sent that has nothing to do with the chain.", "trust.tidy", "extra_certs"},
		[]aspect{sentList}, false, func(p *plan) error {
			stranger := authority(p.site.Now, "Halo Fake Issuing CA Z9", otherRoot(p.site), -365, 365)
			p.send = func(path []*node) []*node { return []*node{path[0], path[1], stranger} }
			return nil
		}},
	{Fault{"wrong-order", "The two intermediates are sent in the wrong order.", "trust.tidy", "wrong_order"},
		[]aspect{sentList, midCert}, false, func(p *plan) error {
			p.insertUpper()
			p.send = func(path []*node) []*node { return []*node{path[0], path[2], path[1]} }
			return nil
		}},
	{Fault{"expired-extra", "An expired cross-sign of the root is sent, which no valid path needs.", "trust.tidy", "expired_extra"},
		[]aspect{sentList, rootCert}, false, expiredExtra},
}

// expiredExtra is the AddTrust story: the root's key, signed by an older root, both past their end (tls §5).
func expiredExtra(p *plan) error {
	cross := p.root.twin()
	cross.parent = authority(p.site.Now, "Halo Fake Legacy Root", nil, -20*365, -10)
	cross.tmpl.NotAfter = p.site.Now.AddDate(0, 0, -10)
	p.send = func(path []*node) []*node { return []*node{path[0], path[1], cross} }
	return nil
}

// chainTooLarge appends an authority with 300,000 bytes in an extension (tls §4).
func chainTooLarge(p *plan) error {
	huge := authority(p.site.Now, "Halo Fake Archive CA", p.root, -365, 365)
	huge.tmpl.ExtraExtensions = []pkix.Extension{{
		Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 2}, Value: append([]byte{0x04, 0x83, 0x04, 0x93, 0xe0}, make([]byte, 300_000)...),
	}}
	p.send = func(path []*node) []*node { return []*node{path[0], path[1], huge} }
	return nil
}
