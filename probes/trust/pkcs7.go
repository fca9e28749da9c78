package trust

import (
	"crypto/x509"
	"encoding/asn1"
)

// oidSignedData is PKCS #7 signedData.
var oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}

// fromPKCS7 reads the certificates of a certs-only bundle (RFC 2315 §9.1); nil for anything else.
func fromPKCS7(der []byte) []*x509.Certificate {
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil || !outer.Type.Equal(oidSignedData) {
		return nil
	}
	var inner asn1.RawValue
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &inner); err != nil {
		return nil
	}
	// version, digestAlgorithms, contentInfo, then [0] certificates
	for fields := inner.Bytes; len(fields) > 0; {
		var field asn1.RawValue
		var err error
		if fields, err = asn1.Unmarshal(fields, &field); err != nil {
			return nil
		}
		if field.Class == asn1.ClassContextSpecific && field.Tag == 0 {
			return inRow(field.Bytes)
		}
	}
	return nil
}
