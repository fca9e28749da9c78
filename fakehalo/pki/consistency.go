package pki

import (
	"crypto/tls"
	"slices"
	"sync/atomic"
)

// consistencyFaults are sites whose usual chain is complete while some connections get a leaf alone. The first connection
// of a modern client is always fine.
func consistencyFaults() []fault {
	return []fault{
		// A farm behind one address, of which every second node lacks the intermediate (tls §6).
		inconsistent("inconsistent-chain", "Every other connection, from the second on, gets the leaf alone.", everyOther),
		inconsistent("inconsistent-chain-tls12", "Clients without TLS 1.3 get the leaf alone.", withoutTLS13, handshake),
		// A certificate for each key type, of which the RSA one was installed without its chain (tls §6).
		inconsistent("inconsistent-chain-rsa", "Clients that want an RSA certificate get one alone.", rsaOnly, leafKey),
	}
}

// inconsistent makes a new selector for each site, so that it may count.
func inconsistent(name, says string, selector func() variant, decides ...aspect) fault {
	return flaw(name, "trust.consistent", "inconsistent_chain", says,
		func(p *plan) { p.variants = append(p.variants, selector()) }, append(decides, sentList, midCert)...)
}

// everyOther counts handshakes from one. It does not see resumed ones, which send no certificate.
func everyOther() variant {
	var handshakes atomic.Int64
	return variant{
		when: func(*tls.ClientHelloInfo, *tls.Certificate) bool { return handshakes.Add(1)%2 == 0 },
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

// rsaOnly applies where the usual ECDSA certificate is of no use to the client.
func rsaOnly() variant {
	return variant{
		when: func(hello *tls.ClientHelloInfo, usual *tls.Certificate) bool {
			return hello.SupportsCertificate(usual) != nil
		},
		send: func(path []*node) []*node {
			leaf := path[0].reissue()
			leaf.makeKey = rsa2048
			return []*node{leaf}
		},
	}
}
