package pki

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"net/http"
	"slices"
	"time"
)

const day = 24 * time.Hour

// A plan is a chain and the way to serve it, before anything is issued. A fault edits it.
type plan struct {
	site  Site
	leaf  *node
	mid   *node // issues the leaf
	root  *node
	trust []*node // what a client is given as trusted

	send     func(path []*node) []*node    // what goes over the wire, from the path; default: all but the root
	signer   func() (crypto.Signer, error) // who signs the handshake; default: the leaf's key
	variants []variant                     // other certificates for some connections; the first that applies is served
	tls      func(*tls.Config)             // changes to the configuration; default: none
	staple   func() ([]byte, error)        // a stapled OCSP response; default: none
	raw      func(net.Conn)                // instead of TLS
	host     string                        // Material.Host
	files    []file                        // what HTTP serves beside the published issuers
}

// A variant is the chain that a connection gets instead, when its hello asks for it.
type variant struct {
	when func(hello *tls.ClientHelloInfo, usual *tls.Certificate) bool
	send func(path []*node) []*node // leaf first
}

// A file is one address under BaseURL.
type file struct {
	path  string
	serve func() (http.Handler, error) // called once, after the chain is issued
}

// healthy plans root, intermediate, leaf: 60 of the leaf's 90 days are left.
func healthy(site Site) *plan {
	root := authority(site.Now, "Halo Fake Root X1", nil, -5*365, 15*365)
	root.aiaName = "x1"
	mid := authority(site.Now, "Halo Fake Issuing CA A1", root, -2*365, 3*365)
	mid.aiaName, mid.tmpl.MaxPathLenZero = "a1", true
	leaf := server(site, mid)
	p := &plan{site: site, leaf: leaf, mid: mid, root: root, trust: []*node{root}}
	p.setAIA(mid, root)
	p.setAIA(leaf, mid)
	return p
}

// authority plans a CA certificate, valid from and to so many days from now; a nil parent makes it a root.
func authority(now time.Time, name string, parent *node, fromDay, toDay int) *node {
	return &node{parent: parent, tmpl: &x509.Certificate{
		Subject:               pkix.Name{Country: []string{"US"}, Organization: []string{"Halo Fake Trust Services"}, CommonName: name},
		NotBefore:             now.AddDate(0, 0, fromDay),
		NotAfter:              now.AddDate(0, 0, toDay),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}}
}

// server plans a leaf for the site's names.
func server(site Site, parent *node) *node {
	return &node{parent: parent, tmpl: &x509.Certificate{
		Subject:               pkix.Name{CommonName: site.name()},
		NotBefore:             site.Now.Add(-30 * day),
		NotAfter:              site.Now.Add(60 * day),
		DNSNames:              site.Hosts,
		IPAddresses:           site.IPs,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}}
}

// setAIA writes into n where its issuer's certificate can be fetched, when the site has an address for that.
func (p *plan) setAIA(n, issuer *node) {
	if p.site.BaseURL != "" && issuer.aiaName != "" {
		n.tmpl.IssuingCertificateURL = []string{p.site.BaseURL + "/aia/" + issuer.aiaName + ".cer"}
	}
}

// path is the chain by who signs whom, leaf first, root last.
func (p *plan) path() []*node {
	var path []*node
	for n := p.leaf; n != nil; n = n.parent {
		path = append(path, n)
	}
	return path
}

// sent is what goes over the wire by default and what a fault makes of it.
func (p *plan) sent() []*node {
	path := p.path()
	if p.send != nil {
		return p.send(path)
	}
	return path[:max(1, len(path)-1)]
}

// material issues the plan.
func (p *plan) material() (*Material, error) {
	m := &Material{Host: p.host, Raw: p.raw}
	var err error
	if m.Chain, err = issued(p.path()); err != nil {
		return nil, err
	}
	if m.Roots, err = issued(p.trust); err != nil {
		return nil, err
	}
	if m.HTTP, err = p.handler(); err != nil {
		return nil, err
	}
	if p.raw == nil {
		m.TLS, err = p.config()
	}
	return m, err
}

// config is the server's side of the handshake.
func (p *plan) config() (*tls.Config, error) {
	usual, err := keyPair(p.sent(), p.leaf, p.signer)
	if err != nil {
		return nil, err
	}
	if p.staple != nil {
		if usual.OCSPStaple, err = p.staple(); err != nil {
			return nil, err
		}
	}
	others := make([]*tls.Certificate, len(p.variants))
	for i, v := range p.variants {
		list := v.send(p.path())
		if others[i], err = keyPair(list, list[0], nil); err != nil {
			return nil, err
		}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		i := slices.IndexFunc(p.variants, func(v variant) bool { return v.when(hello, usual) })
		if i < 0 {
			return usual, nil
		}
		return others[i], nil
	}
	if p.tls != nil {
		p.tls(config)
	}
	return config, nil
}

// keyPair joins the list that is sent with the key of the certificate that it speaks for.
func keyPair(list []*node, leaf *node, signer func() (crypto.Signer, error)) (*tls.Certificate, error) {
	if _, err := issued(append([]*node{leaf}, list...)); err != nil {
		return nil, err
	}
	if signer == nil {
		signer = leaf.signer
	}
	key, err := signer()
	if err != nil {
		return nil, err
	}
	pair := &tls.Certificate{PrivateKey: key, Leaf: leaf.cert}
	for _, n := range list {
		pair.Certificate = append(pair.Certificate, n.der)
	}
	return pair, nil
}
