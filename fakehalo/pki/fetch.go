package pki

import (
	"bytes"
	"net/http"
)

// fetchFaults are sites that send their leaf alone, with something special about the place where the intermediate should
// be found. Following it explains a broken chain; it must neither mend the verdict nor hang the client (tls §10).
func fetchFaults() []fault {
	return []fault{
		// Three places that do have it, in the encodings that CAs publish.
		fetchFault("missing-intermediate-pem", "missing_intermediate", "The intermediate is missing and can be fetched as PEM.",
			func(p *plan) { p.fetchFrom(p.site.BaseURL + "/aia/a1.pem") }),
		fetchFault("missing-intermediate-p7c", "missing_intermediate", "The intermediate is missing and can be fetched as PKCS #7.",
			func(p *plan) { p.fetchFrom(p.site.BaseURL + "/aia/a1.p7c") }),
		fetchFault("missing-intermediate-second-url", "missing_intermediate", "The intermediate is missing and only the second address has it.",
			func(p *plan) { p.fetchFrom(p.site.BaseURL+"/aia/gone.cer", p.site.BaseURL+"/aia/a1.cer") }),
		// From here on nothing useful is found, and the issuer stays unknown.
		fetchFault("aia-gone", "unknown_issuer", "The intermediate is missing and its address answers 404.",
			func(p *plan) { p.fetchFrom(p.site.BaseURL + "/aia/gone.cer") }),
		// The mark of a Windows domain's own CA (tls §6).
		fetchFault("aia-ldap", "unknown_issuer", "The intermediate is missing and its address is in a directory of the domain.",
			func(p *plan) {
				p.fetchFrom("ldap:///CN=Halo%20Fake%20Issuing%20CA%20A1,CN=AIA,CN=Public%20Key%20Services?cACertificate?base")
			}),
		fetchFault("aia-html", "unknown_issuer", "The intermediate is missing and a captive portal answers at its address.",
			func(p *plan) {
				p.serveAIA(static("text/html", []byte("<!doctype html><title>Sign in</title><p>Please sign in.")))
			}),
		// CAs have served wrong files: the signature has to be checked (tls §10).
		fetchFault("aia-wrong", "unknown_issuer", "The intermediate is missing and its address serves a namesake with another key.",
			func(p *plan) {
				p.publish(p.mid.aiaName, p.namesake())
			}),
		fetchFault("aia-endless", "unknown_issuer", "The intermediate is missing and its address serves bytes without end.",
			func(p *plan) { p.serveAIA(http.HandlerFunc(endless)) }),
		fetchFault("aia-loop", "unknown_issuer", "The intermediate is missing and its issuers lead to each other in a circle.", aiaLoop),
	}
}

// fetchFault sends the leaf alone and clashes with whatever concerns the certificates above it.
func fetchFault(name, cause, says string, apply func(*plan)) fault {
	return flaw(name, "trust.chain", cause, says, func(p *plan) { p.send = leafOnly; apply(p) },
		sentList, midCert, rootCert, issuerOf).requiring(needsBaseURL)
}

// fetchFrom sets the addresses at which the leaf says that its issuer is.
func (p *plan) fetchFrom(urls ...string) { p.leaf.tmpl.IssuingCertificateURL = urls }

// serveAIA answers with h at the intermediate's address.
func (p *plan) serveAIA(h http.Handler) {
	p.files = append(p.files, file{"/aia/" + p.mid.aiaName + ".cer", func() (http.Handler, error) { return h, nil }})
}

// endless writes until the client leaves.
func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/pkix-cert")
	chunk := bytes.Repeat([]byte{0x30}, 16<<10)
	for {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// aiaLoop: two authorities have signed each other, and neither leads to a root that is trusted (tls §10).
func aiaLoop(p *plan) {
	first := p.insertUpper()
	second := authority(p.site.Now, "Halo Fake Intermediate CA B2", nil, -3*365, 8*365)
	first.parent = second
	back := second.reissue()
	back.parent, back.aiaName = first, "b2"
	p.setAIA(first, back)
	p.setAIA(back, first)
	p.publish(back.aiaName, back)
	p.trust = []*node{otherRoot(p.site)}
}
