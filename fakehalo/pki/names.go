package pki

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"net"
	"slices"
)

// nameFaults are flaws in whom the leaf is for. The chain holds in each of them.
func nameFaults() []fault {
	return []fault{
		flaw("wrong-name", "trust.name", "name_mismatch", "The certificate that the site has of its own is for other names and addresses.",
			wrongName, leafNames),
		// Clients have ignored the common name for years; some certificates of private CAs still have nothing else (tls §3.7).
		// Name constraints have nothing to bite on then.
		flaw("cn-only", "trust.name", "name_mismatch_cn_only", "The site's name is in the common name only, which clients ignore.",
			cnOnly, leafNames, constrained),
		flaw("wildcard-mismatch", "trust.name", "wildcard_mismatch", "The wildcard covers one label, the name has two.",
			wildcardMismatch, leafNames),
		flaw("ip-san-missing", "trust.name", "ip_san_missing", "The site is addressed by IP, the certificate lists only names.",
			ipMissing, leafNames).requiring(needsIP),
		// No binding fits the name, so the server falls back: an IIS site without SNI, nginx's default_server (tls §6).
		flaw("default-site-cert", "trust.name", "default_site_cert", "Every name, known or not, gets the same certificate for another site.",
			func(p *plan) { otherNames(p.leaf, "default.example.net") }, leafNames),
	}
}

// otherNames makes n a certificate for another site altogether (names and addresses for documentation, RFC 2606, 5737).
func otherNames(n *node, host string) *node {
	n.tmpl.Subject = pkix.Name{CommonName: host}
	n.tmpl.DNSNames, n.tmpl.IPAddresses = []string{host}, []net.IP{net.IPv4(192, 0, 2, 1)}
	return n
}

// wrongName answers an unknown name with yet another leaf: the site does have a binding of its own, with a certificate
// for the wrong names, which is what tells it from a default site (tls §6).
func wrongName(p *plan) {
	otherNames(p.leaf, "www.example.org")
	stranger := otherNames(server(p.site, p.mid), "default.example.net")
	p.setAIA(stranger, p.mid)
	p.variants = append(p.variants, variant{
		when: func(hello *tls.ClientHelloInfo, _ *tls.Certificate) bool {
			return hello.ServerName != "" && !slices.Contains(p.site.Hosts, hello.ServerName)
		},
		send: func([]*node) []*node { return []*node{stranger, p.mid} },
	})
}

func cnOnly(p *plan) {
	p.host = p.site.name()
	p.leaf.tmpl.DNSNames, p.leaf.tmpl.IPAddresses = nil, nil
}

// wildcardMismatch needs a name of its own, below the one that the wildcard is for.
func wildcardMismatch(p *plan) {
	p.host = "acme.eu.halo.test"
	p.leaf.tmpl.Subject.CommonName = "*.halo.test"
	p.leaf.tmpl.DNSNames, p.leaf.tmpl.IPAddresses = []string{"*.halo.test"}, nil
}

// ipMissing puts the address among the DNS names too, where it does not count (tls §3.11).
func ipMissing(p *plan) {
	p.host = p.site.IPs[0].String()
	p.leaf.tmpl.DNSNames, p.leaf.tmpl.IPAddresses = append(slices.Clone(p.site.Hosts), p.host), nil
}
