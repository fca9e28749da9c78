package trust

import "strings"

// retiredRoot is a public authority's root that the stores gave up.
type retiredRoot struct {
	names   []string // common names
	what    string   // what happened, in words that follow the root's name
	instead string   // from whom and under which root to have the certificate issued again
}

// retiredRoots are those that servers are still found with: knowledge.digicert.com ALERT86; Mozilla's dev-security-policy of
// 2024-07-31 (Entrust) and 2024-06-11 (GLOBALTRUST).
var retiredRoots = []retiredRoot{
	{
		names:   []string{"DigiCert Global Root CA", "DigiCert Assured ID Root CA", "DigiCert High Assurance EV Root CA"},
		what:    "a public root of DigiCert's first generation, which Mozilla and Chrome took out of their stores on 2026-04-15",
		instead: "by DigiCert under its present hierarchy (DigiCert Global Root G2 or G3)",
	},
	{
		names: []string{
			"Entrust Root Certification Authority", "Entrust Root Certification Authority - G2", "Entrust Root Certification Authority - G4",
			"Entrust Root Certification Authority - EC1", "Entrust.net Certification Authority (2048)",
			"AffirmTrust Commercial", "AffirmTrust Networking", "AffirmTrust Premium", "AffirmTrust Premium ECC",
		},
		what:    "a public root of Entrust's, which Mozilla and Chrome trust for no certificate issued after November 2024",
		instead: "under a root that the stores still trust: Entrust now passes orders on to such an authority, and any other public authority will do",
	},
	{
		names:   []string{"GLOBALTRUST 2020"},
		what:    "a public root of e-commerce monitoring, which Mozilla and Chrome trust for no certificate issued after June 2024",
		instead: "by another public authority, since this one issues no more certificates for servers",
	},
}

// retired is the given-up public root that the path leads to; nil: none that is known.
func (c Chain) retired() *retiredRoot {
	path := append(append([]Cert(nil), c.pathOrLeaf()...), c.Missing...)
	for i := range retiredRoots {
		for _, name := range retiredRoots[i].names {
			for _, x := range path {
				if strings.EqualFold(x.Issuer, name) {
					return &retiredRoots[i]
				}
			}
		}
	}
	return nil
}

// partlyTrusted tells whether the path ends in a root of the public stores that they trust for older certificates only.
func (c Chain) partlyTrusted() bool {
	return c.TrustAnchor != nil && c.PrivateRoot == ""
}
