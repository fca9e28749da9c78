package trust

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// RevocationStatus is what is known of the revocation of the path's certificates.
type RevocationStatus struct {
	Certs      []CertStatus `json:"certs"`
	Now        time.Time    `json:"now"`
	ClockAhead int          `json:"clock_ahead_s,omitempty"` // how far the server's clock is ahead, where an answer was too old by this machine's
}

// CertStatus is the revocation status of one certificate.
type CertStatus struct {
	Subject string    `json:"subject"`
	State   string    `json:"state"` // "good", "revoked", or empty: nobody said
	From    string    `json:"from,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Why     string    `json:"why,omitempty"` // why nobody said

	stale bool // an answer was signed by the right one, and is too old
}

// revocationTimeout bounds all questions about revocation together.
const revocationTimeout = 10 * time.Second

// newRevocationProbe goes up the path and asks about every certificate but the root. Where the issuer was not sent, the one
// found to explain the chain is used: without an issuer no answer can be verified.
func (t *HostProbes) newRevocationProbe() *probes.Probe[RevocationStatus] {
	return &probes.Probe[RevocationStatus]{
		Name: "trust.revocation" + t.Suffix,
		Asks: "the OCSP responder or the CRL that the certificates name, on public addresses: the serial number in the address, and in the body where the responder takes it in no other way",
		Look: func(ctx context.Context, s *probes.Session) (RevocationStatus, error) {
			c, err := probes.Look(ctx, s, t.chainProbe)
			if err != nil {
				return RevocationStatus{}, err
			}
			h, err := probes.Look(ctx, s, t.handshakeProbe)
			if err != nil {
				return RevocationStatus{}, err
			}
			step, cancel := probes.Step(ctx, revocationTimeout)
			defer cancel()
			out := RevocationStatus{Now: s.Now()}
			by := fetcherOf(s)
			path := slices.Concat(c.Path, c.Missing) // where the issuer was not sent, the one that was found will do
			var parts probes.Group
			certs, asked := make([]CertStatus, len(path)), 0 // a part writes its own element alone
			for i := range path {
				if i+1 >= len(path) {
					break // a root is revoked by leaving the trust store
				}
				cert, issuer := path[i].x509(), path[i+1].x509()
				if cert == nil || issuer == nil || (!c.Valid && !signed(cert, issuer)) { // a valid path was verified
					break
				}
				var staple []byte
				if i == 0 {
					staple = h.Staple
				}
				asked = i + 1
				parts.Go(func() { certs[i] = by.checkRevocation(step, cert, issuer, staple, s.Now()) })
			}
			parts.Wait()
			if asked > 0 { // nobody asked is no list, not an empty one
				out.Certs = certs[:asked]
			}
			if slices.ContainsFunc(out.Certs, func(c CertStatus) bool { return c.State == "" && c.stale }) {
				if e, err := t.Endpoint(ctx, s); err == nil {
					out.ClockAhead = int(s.Net.ClockAhead(step, e).Seconds())
				}
			}
			return out, nil
		},
	}
}

// maxSources is how many responders, and how many lists, of one certificate are asked; real ones name one or two.
const maxSources = 3

// checkRevocation asks the staple, then the responders, then the lists.
func (f fetcher) checkRevocation(ctx context.Context, cert, issuer *x509.Certificate, staple []byte, now time.Time) CertStatus {
	st := CertStatus{Subject: displayName(cert.Subject.CommonName, cert.Subject.String())}
	var reasons []string
	if st.readOCSP(staple, cert, issuer, "the stapled answer", now) {
		return st
	}
	for _, responder := range cert.OCSPServer[:min(len(cert.OCSPServer), maxSources)] {
		question, err := ocsp.CreateRequest(cert, issuer, nil)
		if err != nil {
			break
		}
		answer, err := f.queryOCSP(ctx, responder, question)
		if err == nil && st.readOCSP(answer, cert, issuer, wire.Bound(responder), now) {
			return st
		}
		reasons = append(reasons, fmt.Sprintf("%s: %v", wire.Bound(responder), orError(err, "no usable answer")))
	}
	for _, list := range cert.CRLDistributionPoints[:min(len(cert.CRLDistributionPoints), maxSources)] {
		usable := false
		err := f.fetchCRL(ctx, list, func(body []byte) { usable = st.readCRL(body, cert, issuer, wire.Bound(list), now) })
		if usable {
			return st
		}
		reasons = append(reasons, fmt.Sprintf("%s: %v", wire.Bound(list), orError(err, "no usable list")))
	}
	if st.Why = strings.Join(reasons, "; "); len(reasons) == 0 {
		st.Why = "it names nobody to ask"
	}
	return st
}

// orError is why a question had no answer: the error, or otherwise the words for an answer that is of no use.
func orError(err error, otherwise string) string {
	if err != nil {
		return wire.Message(err)
	}
	return otherwise
}

// queryOCSP asks an OCSP responder by GET, which every public one answers (RFC 5019 §5), and by POST only where that brought no
// OCSP answer. The question carries a serial number and nothing else.
func (f fetcher) queryOCSP(ctx context.Context, responder string, question []byte) ([]byte, error) {
	asked := strings.TrimSuffix(responder, "/") + "/" + url.PathEscape(base64.StdEncoding.EncodeToString(question))
	answer, err := f.fetch(ctx, asked)
	if err == nil {
		if _, unusable := ocsp.ParseResponse(answer, nil); unusable == nil {
			return answer, nil
		}
	}
	if errors.Is(err, errPrivateAddress) || ctx.Err() != nil {
		return nil, err
	}
	return f.fetchWith(ctx, http.MethodPost, responder, question)
}

// sources are those who answered, each once.
func sources(certs []CertStatus) []string {
	var from []string
	for _, c := range certs {
		if c.From != "" && !slices.Contains(from, c.From) {
			from = append(from, c.From)
		}
	}
	return from
}
