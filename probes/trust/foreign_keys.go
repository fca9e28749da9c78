package trust

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/halocheck/halocheck/probes"
)

// foreignSignatures are the algorithms of signatures that OpenSSL 3.0 checks and crypto/x509 does not, or not with all
// parameters, and foreignPublicKeys those of keys: seen with openssl s_client and verify.
var (
	foreignSignatures = map[string]string{
		"1.3.101.113": "Ed448", "1.2.840.113549.1.1.10": "RSA-PSS", "1.2.840.113549.1.1.14": "SHA-224 with RSA",
		"1.2.840.10045.4.3.1":     "ECDSA with SHA-224",
		"2.16.840.1.101.3.4.3.13": "SHA3-224 with RSA", "2.16.840.1.101.3.4.3.14": "SHA3-256 with RSA",
		"2.16.840.1.101.3.4.3.15": "SHA3-384 with RSA", "2.16.840.1.101.3.4.3.16": "SHA3-512 with RSA",
	}
	foreignPublicKeys = map[string]string{"1.3.101.113": "Ed448", "1.2.840.113549.1.1.10": "RSA-PSS"}
)

// onlyOthersCheck tells whether child's signature is of a kind that ordinary clients check and this program does not.
func onlyOthersCheck(child, parent *x509.Certificate) bool {
	if key, ok := parent.PublicKey.(*rsa.PublicKey); ok && key.E > maxExponent {
		return true
	}
	return uncheckable(child, parent) && foreignSignatures[signatureAlgorithm(child)] != ""
}

// maxExponent is the largest public exponent of an RSA key that crypto/rsa uses.
const maxExponent = 1<<31 - 1

// signatureAlgorithm is the number of the algorithm with which a certificate was signed.
func signatureAlgorithm(c *x509.Certificate) string {
	input := cryptobyte.String(c.Raw)
	if !input.ReadASN1(&input, cbasn1.SEQUENCE) || !input.SkipASN1(cbasn1.SEQUENCE) {
		return ""
	}
	return algorithmOf(input)
}

// keyAlgorithm is the number of the algorithm of a certificate's own key.
func keyAlgorithm(c *x509.Certificate) string {
	input := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	if !input.ReadASN1(&input, cbasn1.SEQUENCE) {
		return ""
	}
	return algorithmOf(input)
}

// algorithmOf is the number of the AlgorithmIdentifier that comes next.
func algorithmOf(input cryptobyte.String) string {
	var id x509.OID
	var der cryptobyte.String
	if !input.ReadASN1(&input, cbasn1.SEQUENCE) || !input.ReadASN1(&der, cbasn1.OBJECT_IDENTIFIER) || id.UnmarshalBinary(der) != nil {
		return ""
	}
	return id.String()
}

// signatureName is how a certificate was signed, in words.
func signatureName(c *x509.Certificate) string {
	if c.SignatureAlgorithm != x509.UnknownSignatureAlgorithm {
		return c.SignatureAlgorithm.String()
	}
	return orElse(foreignSignatures[signatureAlgorithm(c)], "an algorithm that this program does not know")
}

// judgeForeignSignature is the verdict on a path with a signature that only this program cannot check.
func (c Chain) judgeForeignSignature() probes.Verdict {
	last := c.pathOrLeaf()[min(c.ErrorDepth, len(c.pathOrLeaf())-1)]
	how := "in a way"
	if x := last.x509(); x != nil {
		how = "with " + signatureName(x)
	}
	return probes.CannotTell(probes.NotObserved, "the server sends the whole chain, and "+quote([]string{c.RejectedIssuer.Subject})+" signed "+quote([]string{last.Subject})+" "+how+", which OpenSSL checks and this program cannot; "+c.pathWords()).
		With(probes.Remedy{Who: probes.Operator, Do: "Check the chain with OpenSSL, which reads more." + ProofMark + c.proofCommand()})
}

// trueInOtherWords tells whether basic constraints hold a BOOLEAN that is neither 0 nor FF, which DER wants and OpenSSL does not.
func trueInOtherWords(der []byte) bool {
	_, rest, found := bytes.Cut(der, []byte{0x06, 0x03, 0x55, 0x1d, 0x13}) // 2.5.29.19
	input := cryptobyte.String(rest)
	var value, constraints, boolean cryptobyte.String
	return found && input.SkipOptionalASN1(cbasn1.BOOLEAN) && input.ReadASN1(&value, cbasn1.OCTET_STRING) && value.ReadASN1(&constraints, cbasn1.SEQUENCE) &&
		constraints.ReadASN1(&boolean, cbasn1.BOOLEAN) && len(boolean) == 1 && boolean[0] != 0 && boolean[0] != 0xff
}

// datesAsDER tells whether the dates of a certificate are written as RFC 5280 §4.1.2.5 wants them: UTC, with seconds.
func datesAsDER(c *x509.Certificate) bool {
	tbs := cryptobyte.String(c.RawTBSCertificate)
	var validity, date cryptobyte.String
	var tag cbasn1.Tag
	if !tbs.ReadASN1(&tbs, cbasn1.SEQUENCE) || !tbs.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) || !tbs.SkipASN1(cbasn1.INTEGER) ||
		!tbs.SkipASN1(cbasn1.SEQUENCE) || !tbs.SkipASN1(cbasn1.SEQUENCE) || !tbs.ReadASN1(&validity, cbasn1.SEQUENCE) {
		return true // a certificate that was never read
	}
	for range 2 {
		if !validity.ReadAnyASN1(&date, &tag) {
			return true
		}
		if length := map[cbasn1.Tag]int{cbasn1.UTCTime: 13, cbasn1.GeneralizedTime: 15}[tag]; len(date) != length || date[length-1] != 'Z' {
			return false
		}
	}
	return true
}
