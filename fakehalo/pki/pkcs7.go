package pki

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
)

// certsOnly wraps certificates into the degenerate PKCS #7 SignedData (RFC 5652 §5, no signer) that CAs publish as .p7c.
func certsOnly(ders ...[]byte) ([]byte, error) {
	var b cryptobyte.Builder
	context0 := cbasn1.Tag(0).Constructed().ContextSpecific()
	b.AddASN1(cbasn1.SEQUENCE, func(info *cryptobyte.Builder) {
		info.AddASN1ObjectIdentifier(oidSignedData)
		info.AddASN1(context0, func(content *cryptobyte.Builder) {
			content.AddASN1(cbasn1.SEQUENCE, func(signed *cryptobyte.Builder) {
				signed.AddASN1Int64(1)
				signed.AddASN1(cbasn1.SET, func(*cryptobyte.Builder) {}) // digest algorithms
				signed.AddASN1(cbasn1.SEQUENCE, func(c *cryptobyte.Builder) { c.AddASN1ObjectIdentifier(oidData) })
				signed.AddASN1(context0, func(certs *cryptobyte.Builder) {
					for _, der := range ders {
						certs.AddBytes(der)
					}
				})
				signed.AddASN1(cbasn1.SET, func(*cryptobyte.Builder) {}) // signer infos
			})
		})
	})
	return b.Bytes()
}
