package trust

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha1" //nolint:gosec // to recognise a SHA-1 signature as one, never to accept it
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/wire"
)

// signed tells whether parent's key made child's signature, whatever the digest: a weak one is a finding of its own.
func signed(child, parent *x509.Certificate) bool {
	err := parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	var insecure x509.InsecureAlgorithmError
	if !errors.As(err, &insecure) {
		return err == nil
	}
	digest := crypto.SHA1
	if child.SignatureAlgorithm == x509.MD5WithRSA {
		return false
	}
	h := digest.New()
	h.Write(child.RawTBSCertificate)
	switch key := parent.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, digest, h.Sum(nil), child.Signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, h.Sum(nil), child.Signature)
	}
	return false
}

// mayCertify tells whether a certificate may sign others.
func mayCertify(c *x509.Certificate) bool {
	if c.Version == 3 && (!c.BasicConstraintsValid || !c.IsCA) {
		return false
	}
	return c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0
}

// walk is the way up from the leaf through what was sent, as far as it goes.
type walk struct {
	path   []*x509.Certificate // leaf first; the anchor last where it was reached
	anchor bool                // a trusted root was reached
	cause  probes.Cause        // why it ended; empty where it reached an anchor
	at     *x509.Certificate   // the certificate whose issuer is the trouble
	by     *x509.Certificate   // the candidate that was no good, if there was one
}

// maxPath bounds a path; real ones have three or four certificates.
const maxPath = 12

// climb builds the path by names and signatures alone: dates, purposes and constraints are judged apart. Trusted roots
// are tried first, so that the shortest trusted path wins.
func climb(leaf *x509.Certificate, sent []*x509.Certificate, roots *wire.Roots) walk {
	w := walk{path: []*x509.Certificate{leaf}}
	current := leaf
	for range maxPath {
		if root := issuerOf(current, roots.Certs); root != nil {
			if !bytes.Equal(root.Raw, current.Raw) {
				w.path = append(w.path, root)
			}
			w.anchor = true
			return w
		}
		next, why, by := parent(current, sent, w.path)
		if next == nil {
			w.at, w.by = current, by
			switch {
			case why != "":
				w.cause = why
			case selfSigned(current) && current == leaf:
				w.cause = probes.SelfSigned
			case selfSigned(current):
				w.cause = probes.UntrustedRoot
			default:
				w.cause = probes.UnknownIssuer
			}
			return w
		}
		w.path = append(w.path, next)
		current = next
	}
	w.cause, w.at = probes.ChainTooLong, current
	return w
}

// issuerOf finds who signed child among certificates.
func issuerOf(child *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, c := range among {
		if bytes.Equal(c.Raw, child.Raw) || (bytes.Equal(c.RawSubject, child.RawIssuer) && signed(child, c)) {
			return c
		}
	}
	return nil
}

// parent finds the sent certificate that certifies child. Where one has the name and is no good all the same, it says why.
func parent(child *x509.Certificate, sent, used []*x509.Certificate) (found *x509.Certificate, why probes.Cause, by *x509.Certificate) {
	for _, c := range sent {
		if contains(used, c) {
			continue
		}
		switch {
		case !bytes.Equal(c.RawSubject, child.RawIssuer):
			if why == "" && sameName(c, child) && signed(child, c) {
				why, by = probes.NameEncoding, c
			}
		case !signed(child, c) && keyDiffers(child, c):
			why, by = probes.WrongIntermediate, c
		case !signed(child, c):
			why, by = probes.BadSignature, c
		case !mayCertify(c):
			why, by = probes.IntermediateNotCA, c
		default:
			return c, "", nil
		}
	}
	return nil, why, by
}

// sameName compares the issuer's and the subject's name as people read them, without case and blanks.
func sameName(issuer, child *x509.Certificate) bool {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return fold(issuer.Subject.String()) == fold(child.Issuer.String())
}

// keyDiffers tells whether the key identifiers show that child was signed by another key of the same name.
func keyDiffers(child, parent *x509.Certificate) bool {
	return len(child.AuthorityKeyId) == 0 || len(parent.SubjectKeyId) == 0 || !bytes.Equal(child.AuthorityKeyId, parent.SubjectKeyId)
}

func contains(list []*x509.Certificate, c *x509.Certificate) bool {
	for _, x := range list {
		if bytes.Equal(x.Raw, c.Raw) {
			return true
		}
	}
	return false
}

// verifyAt is crypto/x509's verdict at a moment, for any name and any purpose in usages.
func verifyAt(leaf *x509.Certificate, sent []*x509.Certificate, roots *wire.Roots, at time.Time, usage x509.ExtKeyUsage) ([]*x509.Certificate, error) {
	pool := x509.NewCertPool()
	for _, c := range sent {
		pool.AddCert(c)
	}
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: roots.Pool, Intermediates: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
	if err != nil {
		return nil, err
	}
	best := chains[0]
	for _, c := range chains[1:] {
		if len(c) < len(best) {
			best = c
		}
	}
	return best, nil
}

// moments are the times at which a path can be tried apart from today: just inside every certificate's lifetime.
func moments(now time.Time, certs []*x509.Certificate) []time.Time {
	at := []time.Time{now}
	for _, c := range certs {
		at = append(at, c.NotBefore.Add(time.Second), c.NotAfter.Add(-time.Second))
	}
	return at
}
