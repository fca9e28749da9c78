// Package pki issues a certificate chain for a site, healthy or with any of the flaws that TLS servers are found with in
// the field, for the fake HaloPSA to serve.
//
//	m, err := pki.Make(pki.Site{Hosts: []string{"localhost"}, BaseURL: "http://127.0.0.1:8080"}, "expired", "missing-intermediate")
//
// Without a fault the chain is root, one intermediate, leaf; the root is what a client trusts and is not sent. Each
// [Fault] is a name, a sentence, and the requirement and cause that a correct diagnosis reports. Faults combine as long
// as no two of them decide the same thing, such as the leaf's dates or the list that is sent.
//
// The shape is the same on every call; keys and serial numbers are new. Keys are ECDSA P-256, so that a chain takes less
// than a millisecond; the few RSA keys are made once in a process.
package pki
