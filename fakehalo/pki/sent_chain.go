package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
)

// sends is an edit that replaces the list of certificates on the wire. The path has the leaf first and the root last; a
// healthy server sends all but the root.
func sends(list func(path []*node) []*node) func(*plan) {
	return func(p *plan) { p.send = list }
}

// leafOnly is what a server sends when only the leaf was installed.
func leafOnly(path []*node) []*node { return path[:1] }

// sentFaults are flaws of the list that the server sends; the certificates themselves are as they should be.
func sentFaults() []fault {
	return []fault{
		// The fault behind most calls: every browser on Windows and macOS finds the rest by itself, the integration does not
		// (tls §2).
		flaw("missing-intermediate", "trust.chain", "missing_intermediate", "The server sends its leaf alone; the intermediate can be fetched.",
			sends(leafOnly), sentList, midCert).requiring(needsBaseURL),
		// The same without an AIA address: what is missing cannot be told from a private CA, and saying so is the right
		// diagnosis (tls §6).
		flaw("missing-intermediate-no-aia", "trust.chain", "unknown_issuer", "The server sends its leaf alone, and nothing says where the intermediate is.",
			func(p *plan) { p.send, p.leaf.tmpl.IssuingCertificateURL = leafOnly, nil }, sentList, midCert, rootCert),
		flaw("missing-two-intermediates", "trust.chain", "missing_intermediate", "The server sends its leaf alone; two intermediates are missing.",
			func(p *plan) { p.insertUpper(); p.send = leafOnly }, sentList, midCert).requiring(needsBaseURL),
		flaw("missing-upper-intermediate", "trust.chain", "missing_intermediate", "The server sends the first of two intermediates only.",
			func(p *plan) { p.insertUpper(); p.send = firstTwo }, sentList, midCert).requiring(needsBaseURL),
		flaw("missing-lower-intermediate", "trust.chain", "missing_intermediate", "The server leaves out the first of two intermediates only.",
			func(p *plan) { p.insertUpper(); p.send = withoutLower }, sentList, midCert).requiring(needsBaseURL),
		// Rekeyed at the CA, renewed here by a script that takes the leaf only: the name fits, the signature does not (tls §6).
		flaw("wrong-intermediate", "trust.chain", "wrong_intermediate", "The server sends a namesake of the intermediate, with another key.",
			wrongIntermediate, sentList, midCert, issuerOf),
		// The handshake fails too, because the key belongs to the second certificate.
		flaw("leaf-not-first", "trust.chain", "leaf_not_first", "The server sends the intermediate before its own certificate.",
			sends(func(path []*node) []*node { return []*node{path[1], path[0]} }), sentList, handshake),
		// A client whose parser refuses one entry may report none of them: crypto/tls does not (tls §3.8).
		flaw("bad-certificate", "trust.chain", "bad_certificate", "One entry of the list is no certificate.",
			sends(func(path []*node) []*node { return withExtra(path, &node{der: []byte("not a certificate")}) }), sentList),
		flaw("chain-too-large", "trust.chain", "chain_too_long", "The list is longer than the 256 KiB that clients take.",
			chainTooLarge, sentList),

		// From here on clients cope, as TLS 1.3 tells them to (tls §1).
		flaw("duplicate-cert", "trust.tidy", "duplicate_cert", "The intermediate is sent twice.",
			sends(func(path []*node) []*node { return withExtra(path, path[1]) }), sentList),
		flaw("contains-anchor", "trust.tidy", "contains_anchor", "The root is sent as well.",
			sends(func(path []*node) []*node { return path }), sentList, rootCert),
		flaw("extra-certs", "trust.tidy", "extra_certs", "A certificate is sent that has nothing to do with the chain.",
			extraCert, sentList),
		flaw("wrong-order", "trust.tidy", "wrong_order", "The two intermediates are sent in the wrong order.",
			wrongOrder, sentList, midCert),
		// A monitor that takes the earliest date of everything sent calls this site expired; it is not (tls §1, §5).
		flaw("expired-extra", "trust.tidy", "expired_extra", "An expired cross-sign of the root is sent, which no valid path needs.",
			expiredExtra, sentList, rootCert),
	}
}

// withExtra is a healthy list with something after it.
func withExtra(path []*node, more *node) []*node {
	return append(slices.Clone(path[:len(path)-1]), more)
}

func firstTwo(path []*node) []*node { return path[:2] }

func withoutLower(path []*node) []*node { return []*node{path[0], path[2]} }

// wrongIntermediate keeps the right intermediate at the AIA address.
func wrongIntermediate(p *plan) {
	namesake := p.namesake()
	p.send = func(path []*node) []*node { return []*node{path[0], namesake} }
}

// namesake is an older intermediate of the same name, with another key.
func (p *plan) namesake() *node {
	return authority(p.site.Now, p.mid.tmpl.Subject.CommonName, p.root, -4*365, 365)
}

// chainTooLarge appends an authority with 300,000 bytes in an extension (tls §4).
func chainTooLarge(p *plan) {
	huge := authority(p.site.Now, "Halo Fake Archive CA", p.root, -365, 365)
	huge.tmpl.ExtraExtensions = []pkix.Extension{{
		Id:    asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 2},
		Value: append([]byte{asn1.TagOctetString, 0x83, 0x04, 0x93, 0xe0}, make([]byte, 300_000)...),
	}}
	p.send = func(path []*node) []*node { return withExtra(path, huge) }
}

func extraCert(p *plan) {
	stranger := authority(p.site.Now, "Halo Fake Issuing CA Z9", otherRoot(p.site), -365, 365)
	p.send = func(path []*node) []*node { return withExtra(path, stranger) }
}

func wrongOrder(p *plan) {
	p.insertUpper()
	p.send = func(path []*node) []*node { return []*node{path[0], path[2], path[1]} }
}

// expiredExtra is the AddTrust story: the root's key, signed by an older root, both past their end (tls §5).
func expiredExtra(p *plan) {
	cross := p.root.reissue()
	cross.parent = authority(p.site.Now, "Halo Fake Legacy Root", nil, -20*365, -10)
	cross.between(p.site.Now, -4*365, -10)
	p.send = func(path []*node) []*node { return withExtra(path, cross) }
}
