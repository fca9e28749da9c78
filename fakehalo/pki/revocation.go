package pki

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"io"
	"math/big"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Where the revocation status is served, below BaseURL.
const (
	ocspPath = "/ocsp"
	crlPath  = "/crl/a1.crl"
)

// revocationFaults are certificates that their issuer took back three days ago, for a key that leaked. No OCSP address is
// normal today, and then the CRL is what there is (tls §5).
func revocationFaults() []fault {
	return []fault{
		flaw("revoked", "trust.revocation", "revoked", "The leaf is revoked; OCSP and CRL both say so.",
			func(p *plan) { p.revokeByOCSP(); p.revokeByCRL() }, status).requiring(needsBaseURL),
		flaw("revoked-crl", "trust.revocation", "revoked", "The leaf is revoked; only a CRL says so.",
			(*plan).revokeByCRL, status).requiring(needsBaseURL),
		flaw("revoked-stapled", "trust.revocation", "revoked", "The leaf is revoked; the server itself staples the response that says so.",
			(*plan).revokeByStaple, status),
	}
}

// revokeByStaple needs no address: the answer comes with the handshake.
func (p *plan) revokeByStaple() {
	p.staple = func() ([]byte, error) { return p.ocspResponse(p.leaf.cert.SerialNumber) }
}

func (p *plan) revokeByOCSP() {
	p.leaf.tmpl.OCSPServer = []string{p.site.BaseURL + ocspPath}
	p.files = append(p.files, file{ocspPath, func() (http.Handler, error) { return http.HandlerFunc(p.serveOCSP), nil }})
}

func (p *plan) revokeByCRL() {
	p.leaf.tmpl.CRLDistributionPoints = []string{p.site.BaseURL + crlPath}
	p.files = append(p.files, file{crlPath, func() (http.Handler, error) {
		crl, err := p.crl()
		return static("application/pkix-crl", crl), err
	}})
}

// ocspResponse says that the leaf is revoked and that any other certificate is unknown. It is signed by the intermediate
// itself, one hour old and good for a week.
func (p *plan) ocspResponse(serial *big.Int) ([]byte, error) {
	if err := p.leaf.issue(); err != nil {
		return nil, err
	}
	response := ocsp.Response{
		Status:       ocsp.Unknown,
		SerialNumber: serial,
		ThisUpdate:   p.site.Now.Add(-time.Hour),
		NextUpdate:   p.site.Now.Add(7 * day),
	}
	if serial.Cmp(p.leaf.cert.SerialNumber) == 0 {
		response.Status = ocsp.Revoked
		response.RevokedAt = p.site.Now.Add(-3 * day)
		response.RevocationReason = ocsp.KeyCompromise
	}
	return ocsp.CreateResponse(p.mid.cert, p.mid.cert, response, p.mid.key)
}

// serveOCSP takes a request as POST body or, base64, as the rest of the path (RFC 6960 appendix A).
func (p *plan) serveOCSP(w http.ResponseWriter, r *http.Request) {
	const longest = 64 << 10 // bytes; a request takes about a hundred
	body, err := io.ReadAll(io.LimitReader(r.Body, longest))
	if r.Method == http.MethodGet {
		body, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(r.URL.Path, ocspPath+"/"))
	}
	answer := ocsp.MalformedRequestErrorResponse
	if err == nil {
		if request, err := ocsp.ParseRequest(body); err == nil {
			if answer, err = p.ocspResponse(request.SerialNumber); err != nil {
				answer = ocsp.InternalErrorErrorResponse
			}
		}
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	_, _ = w.Write(answer)
}

// crl is the intermediate's list, with the leaf as its only entry.
func (p *plan) crl() ([]byte, error) {
	return x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number:     big.NewInt(7),
		ThisUpdate: p.site.Now.Add(-time.Hour),
		NextUpdate: p.site.Now.Add(7 * day),
		RevokedCertificateEntries: []x509.RevocationListEntry{{
			SerialNumber:   p.leaf.cert.SerialNumber,
			RevocationTime: p.site.Now.Add(-3 * day),
			ReasonCode:     ocsp.KeyCompromise,
		}},
	}, p.mid.cert, p.mid.key)
}
