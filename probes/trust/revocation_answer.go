package trust

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// readOCSP takes an OCSP answer that the issuer, or a responder of its own, signed and that is of today; false where it
// says nothing.
func (st *CertStatus) readOCSP(answer []byte, cert, issuer *x509.Certificate, from string, now time.Time) bool {
	for _, one := range signerVariants(answer) {
		r, err := ocsp.ParseResponseForCert(one, cert, issuer)
		if err != nil || !isAuthorizedResponder(r.Certificate) {
			continue
		}
		if !r.NextUpdate.IsZero() && now.After(r.NextUpdate) {
			st.stale = true
			continue
		}
		switch r.Status {
		case ocsp.Good:
			st.State, st.From = "good", from
			return true
		case ocsp.Revoked:
			st.State, st.From, st.At = "revoked", from, r.RevokedAt
			return true
		}
	}
	return false
}

// isAuthorizedResponder tells whether the signer of an OCSP answer is the issuer itself (nil) or was made for it: RFC 6960
// §4.2.2.2. That the issuer certified the signer has been checked before.
func isAuthorizedResponder(signer *x509.Certificate) bool {
	return signer == nil || slices.Contains(signer.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
}

// maxResponders is how many of the certificates in an OCSP answer are tried as its signer; real ones hold one or two.
const maxResponders = 4

// signerVariants are editions of an OCSP answer: one without certificates, which the issuer's own key has to verify, and one
// with each certificate that it holds. Package ocsp looks at the first certificate alone and takes it for a responder that
// the issuer certified; answers that hold the issuer's own are refused (golang/go#81395). The certificates are no part of
// what is signed. It is empty for what is no OCSP answer.
func signerVariants(answer []byte) (variants [][]byte) {
	var outer struct {
		Status   asn1.Enumerated
		Response struct {
			Type   asn1.ObjectIdentifier
			Answer []byte
		} `asn1:"explicit,tag:0"`
	}
	var basic struct {
		Signed       asn1.RawValue
		Algorithm    pkix.AlgorithmIdentifier
		Signature    asn1.BitString
		Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional,omitempty"`
	}
	if rest, err := asn1.Unmarshal(answer, &outer); err != nil || len(rest) > 0 {
		return nil
	}
	if rest, err := asn1.Unmarshal(outer.Response.Answer, &basic); err != nil || len(rest) > 0 {
		return nil
	}
	held := basic.Certificates
	for i := range min(len(held), maxResponders) + 1 {
		if basic.Certificates = nil; i > 0 {
			basic.Certificates = held[i-1 : i]
		}
		var err error
		if outer.Response.Answer, err = asn1.Marshal(basic); err != nil {
			continue
		}
		if one, err := asn1.Marshal(outer); err == nil {
			variants = append(variants, one)
		}
	}
	return variants
}

// readCRL takes a revocation list that the issuer signed. Lists of public authorities have hundreds of thousands of
// entries, so they are walked in place: crypto/x509 reads only the list without them.
func (st *CertStatus) readCRL(body []byte, cert, issuer *x509.Certificate, from string, now time.Time) bool {
	signed, entries, skeleton := splitCRL(body)
	list, err := x509.ParseRevocationList(skeleton)
	if err != nil {
		return false
	}
	list.RawTBSRevocationList = signed
	if list.CheckSignatureFrom(issuer) != nil {
		return false
	}
	if !list.NextUpdate.IsZero() && now.After(list.NextUpdate) {
		st.stale = true
		return false
	}
	var wanted cryptobyte.Builder
	wanted.AddASN1BigInt(cert.SerialNumber)
	serial := wanted.BytesOrPanic()
	state, at := "good", time.Time{}
	for !entries.Empty() {
		var entry, number cryptobyte.String
		if !entries.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1Element(&number, cbasn1.INTEGER) {
			return false
		}
		if bytes.Equal(number, serial) {
			if state = "revoked"; !readTime(&entry, &at) {
				return false
			}
		}
	}
	st.State, st.From, st.At = state, from, at
	return true
}

// splitCRL takes a revocation list apart: what is signed, the entries, and the list without its entries. All are nil for
// what is no list.
func splitCRL(body []byte) (signed []byte, entries cryptobyte.String, skeleton []byte) {
	input := cryptobyte.String(body)
	var list, tbs, element cryptobyte.String
	if !input.ReadASN1(&list, cbasn1.SEQUENCE) || !list.ReadASN1Element(&tbs, cbasn1.SEQUENCE) {
		return nil, nil, nil
	}
	signed, rest := tbs, list // the algorithm and the signature
	if !tbs.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return nil, nil, nil
	}
	var kept []byte
	for dated := false; !tbs.Empty(); {
		var tag cbasn1.Tag
		if !tbs.ReadAnyASN1Element(&element, &tag) {
			return nil, nil, nil
		}
		if tag == cbasn1.SEQUENCE && dated { // after the dates: RFC 5280 §5.1
			if !element.ReadASN1(&entries, cbasn1.SEQUENCE) {
				return nil, nil, nil
			}
			continue
		}
		dated = dated || tag == cbasn1.UTCTime || tag == cbasn1.GeneralizedTime
		kept = append(kept, element...)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(kept) })
		b.AddBytes(rest)
	})
	return signed, entries, b.BytesOrPanic()
}

// readTime reads either kind of time.
func readTime(s *cryptobyte.String, at *time.Time) bool {
	if s.PeekASN1Tag(cbasn1.UTCTime) {
		return s.ReadASN1UTCTime(at)
	}
	return s.ReadASN1GeneralizedTime(at)
}

// stapledState is what the OCSP answer in the handshake says of the server's own certificate; empty where it says nothing.
func stapledState(answer []byte, path []Cert, now time.Time) string {
	if len(answer) == 0 || len(path) < 2 {
		return ""
	}
	cert, issuer := path[0].x509(), path[1].x509()
	if cert == nil || issuer == nil {
		return ""
	}
	var st CertStatus
	st.readOCSP(answer, cert, issuer, "", now)
	return st.State
}
