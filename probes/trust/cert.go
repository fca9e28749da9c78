package trust

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
)

// Cert is one certificate as evidence: the DER, and what people call it by. A certificate that does not parse has only
// its DER and the reason.
type Cert struct {
	DER          []byte    `json:"der"`
	OmittedBytes int       `json:"left_out,omitempty"` // bytes of a DER that is too long to be kept
	Subject      string    `json:"subject,omitempty"`
	Issuer       string    `json:"issuer,omitempty"`
	NotBefore    time.Time `json:"not_before,omitzero"`
	NotAfter     time.Time `json:"not_after,omitzero"`
	SHA256       string    `json:"sha256"`
	KeyID        string    `json:"key_id,omitempty"` // subject key identifier, hexadecimal
	IssuerKey    string    `json:"issuer_key_id,omitempty"`
	Key          string    `json:"key,omitempty"` // "RSA 2048", "ECDSA P-256"
	Error        string    `json:"error,omitempty"`
	From         string    `json:"from,omitempty"` // where it was fetched, for one that was not sent

	parsed *x509.Certificate
}

// parseCert describes a certificate.
func parseCert(der []byte) Cert {
	p, err := x509.ParseCertificate(der)
	if err != nil {
		sum := sha256.Sum256(der)
		return Cert{DER: der, SHA256: hex.EncodeToString(sum[:]), Error: wire.Bound(strings.TrimPrefix(err.Error(), "x509: "))}
	}
	return describeCert(p)
}

// describeCert describes a certificate that was read already.
func describeCert(p *x509.Certificate) Cert {
	sum := sha256.Sum256(p.Raw)
	c := Cert{DER: p.Raw, SHA256: hex.EncodeToString(sum[:]), parsed: p}
	c.Subject, c.Issuer = displayName(p.Subject.CommonName, p.Subject.String()), displayName(p.Issuer.CommonName, p.Issuer.String())
	c.NotBefore, c.NotAfter = p.NotBefore, p.NotAfter
	c.KeyID, c.IssuerKey = hex.EncodeToString(p.SubjectKeyId), hex.EncodeToString(p.AuthorityKeyId)
	c.Key = keyDescription(p)
	return c
}

// maxKeptBytes is how many bytes of certificates are kept of one list: twice what clients read. The rest of a hostile list is
// described and left out.
const maxKeptBytes = 2 * maxChainBytes

// describeAll describes the certificates of a list, and leaves out what would make it longer than mostKept.
func describeAll(list [][]byte) []Cert {
	var certs []Cert
	kept := 0
	for _, der := range list {
		cert := parseCert(der)
		if kept+len(der) > maxKeptBytes {
			cert.DER, cert.OmittedBytes, cert.parsed = nil, len(der), nil
		}
		kept += len(cert.DER)
		certs = append(certs, cert)
	}
	return certs
}

// UnmarshalJSON reads a certificate of saved evidence and parses its DER again, so that judges only read.
func (c *Cert) UnmarshalJSON(data []byte) error {
	type plain Cert
	if err := json.Unmarshal(data, (*plain)(c)); err != nil {
		return err
	}
	c.parsed, _ = x509.ParseCertificate(c.DER) // Error says already why one does not parse
	return nil
}

// x509 is the parsed certificate; nil where it does not parse.
func (c *Cert) x509() *x509.Certificate { return c.parsed }

// readElsewhere are what crypto/x509 refuses to read and ordinary clients, or some of them, do not mind: seen with curl,
// OpenSSL 3.0, Node 20 and Java 17. A negative serial number is read where a program sets x509negativeserial=1, as this
// module's own do (tls-clients.md §8).
var readElsewhere = []string{
	"negative serial number", "SAN dNSName is malformed", "SAN rfc822Name is malformed", "SAN uniformResourceIdentifier is malformed",
	"cannot parse URI", "cannot parse IP address", "invalid certificate policies", "invalid PrintableString", "invalid IA5String",
	"unsupported string type", "malformed UTCTime", "invalid version", "unsupported elliptic curve", "malformed extension critical field", "invalid authority info access", "RSA key missing NULL parameters", "IP constraint contained", "empty name constraints",
}

// readOnce are the extensions that OpenSSL and Java refuse where a certificate has two of them. Others OpenSSL does not mind.
var readOnce = []string{"2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.35", "2.5.29.37"}

// isReadElsewhere tells whether why a certificate cannot be read is a rule that ordinary clients do not keep.
func (c Cert) isReadElsewhere(why string) bool {
	if strings.Contains(why, "duplicate extension") {
		return !slices.ContainsFunc(readOnce, func(id string) bool { return strings.HasSuffix(why, `"`+id+`"`) })
	}
	if strings.Contains(why, "invalid basic constraints") {
		return trueInOtherWords(c.DER)
	}
	return slices.ContainsFunc(readElsewhere, func(part string) bool { return strings.Contains(why, part) })
}

// displayName is what a name is called: its common name, or all of it.
func displayName(common, all string) string {
	switch {
	case common != "":
		return wire.Bound(common)
	case all != "":
		return wire.Bound(all)
	}
	return "(no name)"
}

// keyDescription is a key as people name it, its size in bits for RSA and the curve for ECDSA.
func keyDescription(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Params().Name
	case nil:
		return orElse(foreignPublicKeys[keyAlgorithm(c)], "a key of a kind that this program does not know")
	}
	return c.PublicKeyAlgorithm.String()
}

// weakKey tells whether a key is too short for public use: RSA under 2048 bits (tls.md §3.7), curves under 256.
func weakKey(c *x509.Certificate) bool {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() < 2048
	case *ecdsa.PublicKey:
		return k.Params().BitSize < 256
	}
	return c.PublicKeyAlgorithm == x509.DSA
}

// weakSignature tells whether a signature rests on a broken digest.
func weakSignature(c *x509.Certificate) bool {
	switch c.SignatureAlgorithm {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
		return true
	}
	return false
}

// selfIssued tells whether subject and issuer are the same name.
func selfIssued(c *x509.Certificate) bool { return string(c.RawSubject) == string(c.RawIssuer) }

// selfSigned tells whether a certificate certifies itself.
func selfSigned(c *x509.Certificate) bool { return selfIssued(c) && signed(c, c) }

// quote lists names.
func quote(names []string) string {
	if len(names) == 0 {
		return "no name"
	}
	quoted := make([]string, 0, len(names))
	for i, n := range names {
		if i == 5 {
			quoted = append(quoted, fmt.Sprintf("%d more", len(names)-5))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%q", wire.Bound(n)))
	}
	return strings.Join(quoted, ", ")
}

// names are all names that a certificate is for.
func names(c *x509.Certificate) []string {
	all := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	return all
}
