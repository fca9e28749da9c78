package pki

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"errors"
	"net"
	"slices"
)

// nameFault is a flaw in whom the leaf is for.
func nameFault(name, cause, says string, apply func(*plan) error) fault {
	return fault{Fault{name, says, "trust.name", cause}, []aspect{leafNames}, false, apply}
}

var nameFaults = []fault{
	nameFault("wrong-name", "name_mismatch", "The certificate that the site has of its own is for other names and addresses.", wrongName),
	nameFault("cn-only", "name_mismatch_cn_only", "The site's name is in the common name only, which clients ignore.", cnOnly),
	nameFault("wildcard-mismatch", "wildcard_mismatch", "The wildcard covers one label, the name has two.", wildcardMismatch),
	nameFault("ip-san-missing", "ip_san_missing", "The site is addressed by IP, the certificate lists only names.", ipMissing),
	nameFault("default-site-cert", "default_site_cert", "Every name, known or not, gets the same certificate for another site.", defaultSite),
}

// otherNames makes n a certificate for another site altogether (names and addresses for documentation, RFC 2606, 5737).
func otherNames(n *node, host string) *node {
	n.tmpl.Subject = pkix.Name{CommonName: host}
	n.tmpl.DNSNames, n.tmpl.IPAddresses = []string{host}, []net.IP{net.IPv4(192, 0, 2, 1)}
	return n
}

// wrongName answers an unknown name with yet another leaf: the site does have a binding of its own, with a certificate
// for the wrong names, which is what tells it from a default site (tls §6).
func wrongName(p *plan) error {
	hosts := slices.Clone(p.site.Hosts)
	otherNames(p.leaf, "www.example.org")
	stranger := otherNames(server(p.site, p.mid), "default.example.net")
	p.point(stranger, p.mid)
	p.variants = append(p.variants, variant{
		when: func(hello *tls.ClientHelloInfo, _ *tls.Certificate) bool {
			return hello.ServerName != "" && !slices.Contains(hosts, hello.ServerName)
		},
		send: func([]*node) []*node { return []*node{stranger, p.mid} },
	})
	return nil
}

func defaultSite(p *plan) error {
	otherNames(p.leaf, "default.example.net")
	return nil
}

func cnOnly(p *plan) error {
	p.host = p.site.name()
	p.leaf.tmpl.Subject.CommonName = p.host
	p.leaf.tmpl.DNSNames, p.leaf.tmpl.IPAddresses = nil, nil
	return nil
}

func wildcardMismatch(p *plan) error {
	p.host = "acme.eu.halo.test"
	p.leaf.tmpl.Subject.CommonName = "*.halo.test"
	p.leaf.tmpl.DNSNames, p.leaf.tmpl.IPAddresses = []string{"*.halo.test"}, nil
	return nil
}

// ipMissing puts the address among the DNS names too, where it does not count (tls §3.11).
func ipMissing(p *plan) error {
	if len(p.site.IPs) == 0 {
		return errors.New("the site has no address")
	}
	p.host = p.site.IPs[0].String()
	p.leaf.tmpl.DNSNames, p.leaf.tmpl.IPAddresses = append(slices.Clone(p.site.Hosts), p.host), nil
	return nil
}
