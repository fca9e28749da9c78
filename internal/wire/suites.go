package wire

import (
	"crypto/tls"
	"slices"
	"strings"
	"sync"
)

// foreignSuites are the TLS 1.2 cipher suites that ordinary clients offer by default (openssl ciphers -s -tls1_2 of OpenSSL
// 3.0) and crypto/tls does not implement, with their IANA names: tls-clients.md §1.
var foreignSuites = map[uint16]string{
	0xc024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
	0xc028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
	0x009f: "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
	0x009e: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
	0xccaa: "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
	0x006b: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
	0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
	0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
	0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
	0x003d: "TLS_RSA_WITH_AES_256_CBC_SHA256",
}

// ClientSuites are the cipher suites that ordinary clients offer and crypto/tls implements: its own default and, behind
// them, static RSA and CBC-SHA256, which it no longer offers by itself. RC4 and 3DES are not among them: no client offers
// those any more.
func ClientSuites() []uint16 { return slices.Clone(clientSuites()) }

var clientSuites = sync.OnceValue(func() []uint16 {
	return slices.DeleteFunc(AllSuites(), func(id uint16) bool {
		name := tls.CipherSuiteName(id)
		return strings.Contains(name, "RC4") || strings.Contains(name, "3DES")
	})
})

// AllSuites are all cipher suites that crypto/tls implements, the broken ones included.
func AllSuites() []uint16 {
	var ids []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, s.ID)
	}
	return ids
}

// SuiteName is the IANA name of a cipher suite, one that crypto/tls does not implement included.
func SuiteName(id uint16) string {
	if name, ok := foreignSuites[id]; ok {
		return name
	}
	return tls.CipherSuiteName(id)
}

// IsForeignSuite tells whether ordinary clients offer a suite that crypto/tls does not implement.
func IsForeignSuite(id uint16) bool { return foreignSuites[id] != "" }

// suiteRank orders suites as clients prefer them: those of today, those that are older, those that crypto/tls lacks, those that
// no client offers.
func suiteRank(id uint16) int {
	switch name := tls.CipherSuiteName(id); {
	case IsForeignSuite(id):
		return 2
	case !slices.Contains(clientSuites(), id):
		return 3
	case strings.HasPrefix(name, "TLS_ECDHE_") && !strings.Contains(name, "_CBC_"):
		return 0
	}
	return 1
}

// plainSuites are what the hello written by hand offers: everything that an ordinary client would, and no TLS 1.3.
func plainSuites() []uint16 {
	var ids []uint16
	for _, id := range AllSuites() {
		if s := tls.CipherSuiteName(id); strings.Contains(s, "_WITH_") {
			ids = append(ids, id)
		}
	}
	for id := range foreignSuites {
		ids = append(ids, id)
	}
	slices.Sort(ids[len(ids)-len(foreignSuites):])
	slices.SortStableFunc(ids, func(a, b uint16) int { return suiteRank(a) - suiteRank(b) }) // many servers take the first that they have
	return ids
}
