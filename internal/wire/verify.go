package wire

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Verify is crypto/x509's verdict on leaf, with the intermediates that were sent. Constraints on directory names are judged
// here: OpenSSL, Java, .NET and Node do, and crypto/x509 refuses every certificate that has a critical one
// (tls-clients.md §8).
func Verify(leaf *x509.Certificate, sent []*x509.Certificate, options x509.VerifyOptions) ([][]*x509.Certificate, error) {
	options.Intermediates = x509.NewCertPool()
	for _, c := range sent {
		options.Intermediates.AddCert(AsOthersRead(c))
	}
	chains, err := AsOthersRead(leaf).Verify(options)
	if err != nil {
		return nil, err
	}
	chains = slices.DeleteFunc(chains, func(chain []*x509.Certificate) bool { return !DirectoryNamesPermitted(chain) })
	if len(chains) == 0 {
		return nil, x509.CertificateInvalidError{Cert: leaf, Reason: x509.CANotAuthorizedForThisName, Detail: "the subject is outside an authority's directory names"}
	}
	return chains, nil
}

// idNameConstraints is the extension of RFC 5280 §4.2.1.10.
var idNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

// Kinds of a GeneralName: RFC 5280 §4.2.1.6.
const (
	kindEmail, kindDNS, kindDirectory, kindURI, kindIP = 1, 2, 4, 6, 7
)

// idNetscapeType is Netscape's extension for purposes, which older authorities wrote. OpenSSL and Java know it.
var idNetscapeType = asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 1}

// AsOthersRead is c without the critical extensions that ordinary clients know and crypto/x509 refuses: constraints on
// directory names alone, and Netscape's type; c itself where there is none, or where they are malformed.
func AsOthersRead(c *x509.Certificate) *x509.Certificate {
	unknown := slices.DeleteFunc(slices.Clone(c.UnhandledCriticalExtensions), func(id asn1.ObjectIdentifier) bool {
		_, ok := directoryConstraints(c)
		return ok && id.Equal(idNameConstraints) || id.Equal(idNetscapeType)
	})
	if len(unknown) == len(c.UnhandledCriticalExtensions) {
		return c
	}
	relaxed := *c
	relaxed.UnhandledCriticalExtensions = unknown
	return &relaxed
}

// NetscapeServer tells whether Netscape's type, where a certificate has one, says that it may identify a server.
func NetscapeServer(c *x509.Certificate) bool {
	i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(idNetscapeType) })
	if i < 0 {
		return true
	}
	var bits asn1.BitString
	_, err := asn1.Unmarshal(c.Extensions[i].Value, &bits)
	return err == nil && bits.At(1) == 1
}

// DirectoryNamesPermitted tells whether every authority of a chain, leaf first, may vouch for the subjects below it. A
// self-issued authority below is exempt.
func DirectoryNamesPermitted(chain []*x509.Certificate) bool {
	for i, authority := range chain {
		limits, _ := directoryConstraints(authority)
		if len(limits.permitted)+len(limits.excluded) == 0 && !limits.otherKinds {
			continue
		}
		for at, below := range chain[:i] {
			if limits.otherKinds && hasOtherName(below) {
				return false
			}
			if at > 0 && bytes.Equal(below.RawSubject, below.RawIssuer) {
				continue
			}
			if !limits.permit(below.RawSubject) {
				return false
			}
		}
	}
	return true
}

// directoryLimits are the directory names, as their parts in words, below which an authority may and may not vouch, and
// whether it limits kinds of names that nobody here judges.
type directoryLimits struct {
	permitted, excluded [][]string
	otherKinds          bool
}

// permit judges a subject. One without any name is not limited.
func (l directoryLimits) permit(subject []byte) bool {
	name, ok := nameParts(subject)
	if !ok || len(name) == 0 {
		return ok
	}
	within := func(base []string) bool { return len(base) <= len(name) && slices.Equal(base, name[:len(base)]) }
	return !slices.ContainsFunc(l.excluded, within) && (len(l.permitted) == 0 || slices.ContainsFunc(l.permitted, within))
}

// directoryConstraints reads the constraints on directory names. It is false where the extension is malformed.
func directoryConstraints(c *x509.Certificate) (limits directoryLimits, ok bool) {
	i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(idNameConstraints) })
	if i < 0 {
		return limits, true
	}
	value := cryptobyte.String(c.Extensions[i].Value)
	var both cryptobyte.String
	if !value.ReadASN1(&both, cbasn1.SEQUENCE) {
		return limits, false
	}
	for tag, list := range map[uint8]*[][]string{0: &limits.permitted, 1: &limits.excluded} {
		var subtrees cryptobyte.String
		var present bool
		rest := both
		if tag == 1 {
			rest.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed())
		}
		if !rest.ReadOptionalASN1(&subtrees, &present, cbasn1.Tag(tag).ContextSpecific().Constructed()) {
			return limits, false
		}
		for !subtrees.Empty() {
			var subtree, base cryptobyte.String
			var kind cbasn1.Tag
			if !subtrees.ReadASN1(&subtree, cbasn1.SEQUENCE) || !subtree.ReadAnyASN1(&base, &kind) || !subtree.Empty() {
				return limits, false
			}
			switch kind &^ 0xe0 {
			case kindEmail, kindDNS, kindURI, kindIP: // crypto/x509's
			case kindDirectory:
				name, ok := nameParts(base)
				if !ok {
					return limits, false
				}
				*list = append(*list, name)
			default: // a limit on user names, say, means nothing to a server without one
				limits.otherKinds = true
			}
		}
	}
	return limits, true
}

// hasOtherName tells whether a certificate has a name of a kind that crypto/x509 does not read.
func hasOtherName(c *x509.Certificate) bool {
	i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) })
	if i < 0 {
		return false
	}
	names := cryptobyte.String(c.Extensions[i].Value)
	var name cryptobyte.String
	var kind cbasn1.Tag
	for ok := names.ReadASN1(&names, cbasn1.SEQUENCE); ok && names.ReadAnyASN1(&name, &kind); {
		if !slices.Contains([]cbasn1.Tag{kindEmail, kindDNS, kindDirectory, kindURI, kindIP}, kind&^0xe0) {
			return true
		}
	}
	return false
}

// nameParts are the parts of a DER name in words that compare as RFC 5280 §7.1 has it: without case and further blanks.
func nameParts(der []byte) ([]string, bool) {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return nil, false
	}
	parts := make([]string, 0, len(name))
	for _, set := range name {
		var words []string
		for _, part := range set {
			words = append(words, part.Type.String()+"="+strings.ToLower(strings.Join(strings.Fields(fmt.Sprint(part.Value)), " ")))
		}
		slices.Sort(words)
		parts = append(parts, strings.Join(words, "+"))
	}
	return parts, true
}
