package trust

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
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
		if err != nil || !isAuthorizedResponder(r.Certificate) || !isAbout(r, cert, issuer) {
			continue
		}
		if !inTime(r.ThisUpdate, r.NextUpdate, now) || (r.Certificate != nil && !inTime(r.Certificate.NotBefore, r.Certificate.NotAfter, now)) {
			st.stale = true
			continue
		}
		switch r.Status {
		case ocsp.Good:
			st.State, st.From = "good", from
			return true
		case ocsp.Revoked:
			if r.RevokedAt.IsZero() { // package ocsp takes an answer without any status for this
				continue
			}
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

// maxAhead is how far the beginning of an answer may lie ahead, as for openssl ocsp.
const maxAhead = 5 * time.Minute

// inTime tells whether an answer, a list or a responder's certificate is of today; many name no end.
func inTime(from, until, now time.Time) bool {
	return !from.After(now.Add(maxAhead)) && (until.IsZero() || !now.After(until))
}

// isAbout tells whether an OCSP answer names this certificate's issuer: package ocsp compares the serial number alone, and
// another issuer's certificate may have the same (RFC 6960 §4.1.1).
func isAbout(r *ocsp.Response, cert, issuer *x509.Certificate) bool {
	tbs, key := cryptobyte.String(r.TBSResponseData), cryptobyte.String(issuer.RawSubjectPublicKeyInfo)
	var responder, answers cryptobyte.String
	var bits []byte
	var tag cbasn1.Tag
	if !key.ReadASN1(&key, cbasn1.SEQUENCE) || !key.SkipASN1(cbasn1.SEQUENCE) || !key.ReadASN1BitStringAsBytes(&bits) ||
		!tbs.ReadASN1(&tbs, cbasn1.SEQUENCE) || !tbs.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!tbs.ReadAnyASN1(&responder, &tag) || !tbs.SkipASN1(cbasn1.GeneralizedTime) || !tbs.ReadASN1(&answers, cbasn1.SEQUENCE) {
		return false
	}
	hashed := func(b []byte) []byte {
		h := r.IssuerHash.New()
		h.Write(b)
		return h.Sum(nil)
	}
	for !answers.Empty() {
		var one, id, nameHash, keyHash cryptobyte.String
		var serial big.Int
		if !answers.ReadASN1(&one, cbasn1.SEQUENCE) || !one.ReadASN1(&id, cbasn1.SEQUENCE) || !id.SkipASN1(cbasn1.SEQUENCE) ||
			!id.ReadASN1(&nameHash, cbasn1.OCTET_STRING) || !id.ReadASN1(&keyHash, cbasn1.OCTET_STRING) || !id.ReadASN1Integer(&serial) {
			return false
		}
		if serial.Cmp(cert.SerialNumber) == 0 { // the one that package ocsp took
			return bytes.Equal(keyHash, hashed(bits)) &&
				(bytes.Equal(nameHash, hashed(issuer.RawSubject)) || bytes.Equal(nameHash, hashed(cert.RawIssuer)))
		}
	}
	return false
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
	covers, whole := scopeOf(list, cert)
	if !covers || !sameName(issuer, &x509.Certificate{Issuer: list.Issuer}) || list.CheckSignatureFrom(issuer) != nil {
		return false
	}
	if !inTime(list.ThisUpdate, list.NextUpdate, now) {
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
			var more []pkix.Extension
			if state = "revoked"; !readTime(&entry, &at) {
				return false
			}
			if _, err := asn1.Unmarshal(entry, &more); (err != nil && !entry.Empty()) || slices.ContainsFunc(more, saysNothing) {
				return false
			}
		}
	}
	if state == "good" && !whole {
		return false
	}
	st.State, st.From, st.At = state, from, at
	return true
}

// saysNothing tells whether an entry of a list with this extension does not say that its certificate is revoked: a critical one,
// such as the issuer that the entry is about, or the reason removeFromCRL, for which OpenSSL does not call it revoked either
// (RFC 5280 §5.3.1, §5.3.3).
func saysNothing(e pkix.Extension) bool {
	return e.Critical || e.Id.String() == "2.5.29.21" && bytes.Equal(e.Value, []byte{10, 1, 8})
}

// scopeOf tells whether a list covers a certificate as OpenSSL reads lists: no indirect one, none of some reasons, no delta,
// and none with a critical extension that is not known (RFC 5280 §5.2). whole is false for the list of another distribution
// point, on which a certificate that is missing may still be revoked.
func scopeOf(list *x509.RevocationList, cert *x509.Certificate) (covers, whole bool) {
	whole = true
	for _, e := range list.Extensions {
		switch e.Id.String() {
		case "2.5.29.27": // deltaCRLIndicator
			return false, false
		case "2.5.29.28": // issuingDistributionPoint
			scope := cryptobyte.String(e.Value)
			if !scope.ReadASN1(&scope, cbasn1.SEQUENCE) {
				return false, false
			}
			for !scope.Empty() {
				var value cryptobyte.String
				var tag cbasn1.Tag
				if !scope.ReadAnyASN1(&value, &tag) {
					return false, false
				}
				set := !bytes.Equal(value, []byte{0})
				switch tag {
				case cbasn1.Tag(0).ContextSpecific().Constructed(): // distributionPoint
					whole = !bytes.Contains(value, []byte("://")) ||
						slices.ContainsFunc(cert.CRLDistributionPoints, func(u string) bool { return bytes.Contains(value, []byte(u)) })
					set = false
				case cbasn1.Tag(1).ContextSpecific(): // onlyContainsUserCerts
					set = set && cert.IsCA
				case cbasn1.Tag(2).ContextSpecific(): // onlyContainsCACerts
					set = set && !cert.IsCA
				} // else onlySomeReasons, indirectCRL, onlyContainsAttributeCerts
				if set {
					return false, false
				}
			}
		default:
			if e.Critical && e.Id.String() != "2.5.29.35" { // authorityKeyIdentifier
				return false, false
			}
		}
	}
	return true, whole
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
