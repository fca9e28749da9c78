package pki

import (
	"crypto/tls"
	"slices"
	"sync/atomic"
)

// inconsistent is a site whose usual chain is complete while some connections get the leaf alone. A new selector is made
// for each site, so that it may count.
func inconsistent(name, says string, selector func() variant, decides ...aspect) fault {
	return fault{Fault{name, says, "trust.consistent", "inconsistent_chain"}, append(decides, sentList, midCert), false,
		func(p *plan) error { p.variants = append(p.variants, selector()); return nil }}
}

var consistencyFaults = []fault{
	inconsistent("inconsistent-chain", "Every other connection, from the second on, gets the leaf alone.", everyOther),
	inconsistent("inconsistent-chain-tls12", "Clients without TLS 1.3 get the leaf alone.", withoutTLS13, handshake),
	inconsistent("inconsistent-chain-rsa", "Clients that want an RSA certificate get one alone.", rsaOnly, leafKey),
}

// everyOther is a farm of two nodes behind one address, of which one lacks the intermediate.
func everyOther() variant {
	var connections atomic.Int64
	return variant{
		when: func(*tls.ClientHelloInfo, *tls.Certificate) bool { return connections.Add(1)%2 == 0 },
		send: leafOnly,
	}
}

func withoutTLS13() variant {
	return variant{
		when: func(hello *tls.ClientHelloInfo, _ *tls.Certificate) bool {
			return !slices.Contains(hello.SupportedVersions, tls.VersionTLS13)
		},
		send: leafOnly,
	}
}

// rsaOnly is a server with a certificate for each key type, of which the RSA one was installed without its chain.
func rsaOnly() variant {
	return variant{
		when: func(hello *tls.ClientHelloInfo, usual *tls.Certificate) bool {
			return hello.SupportsCertificate(usual) != nil
		},
		send: func(path []*node) []*node {
			leaf := path[0].twin()
			leaf.makeKey = rsa2048
			return []*node{leaf}
		},
	}
}
