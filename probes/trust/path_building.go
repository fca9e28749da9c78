package trust

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/md5" //nolint:gosec // to recognise an MD5 signature as one, never to accept it
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// signed tells whether parent's key made child's signature, whatever the digest: a weak one is a finding of its own. Of
// the weak ones crypto/x509 refuses only MD5 here, which comes with RSA alone.
func signed(child, parent *x509.Certificate) bool {
	err := parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	var insecure x509.InsecureAlgorithmError
	if !errors.As(err, &insecure) {
		return err == nil
	}
	key, ok := parent.PublicKey.(*rsa.PublicKey)
	sum := md5.Sum(child.RawTBSCertificate) //nolint:gosec // to recognise an MD5 signature as one, never to accept it
	return ok && rsa.VerifyPKCS1v15(key, crypto.MD5, sum[:], child.Signature) == nil
}

// uncheckable tells whether child's signature is of a kind that crypto/x509 does not know, so that nobody can say whose it is.
func uncheckable(child, parent *x509.Certificate) bool {
	err := parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	return errors.Is(err, x509.ErrUnsupportedAlgorithm)
}

// mayCertify tells whether a certificate may sign others.
func mayCertify(c *x509.Certificate) bool {
	if c.Version == 3 && (!c.BasicConstraintsValid || !c.IsCA) {
		return false
	}
	return c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0
}

// pathResult is the path from the leaf through the certificates sent, as far as it goes.
type pathResult struct {
	path     []*x509.Certificate // leaf first; the anchor last where it was reached
	anchored bool                // a trusted root was reached, perhaps over a link that is no good
	cause    probes.Cause        // why it ended, or which link is no good; empty for a path to an anchor
	stuckAt  *x509.Certificate   // the certificate whose issuer is the trouble
	rejected *x509.Certificate   // the candidate that was no good, if there was one
}

// maxPath bounds a path; real ones have three or four certificates.
const maxPath = 12

// buildPath builds the path by names and signatures alone: dates, purposes and constraints are judged apart. Trusted roots
// are tried first, so that the shortest trusted path wins; among several issuers those of today come first, and where one
// leads nowhere the next is tried. Without any trusted path it is the first one that was tried. A link that is no good,
// though it is plain who was meant, is noted and walked, so that what stands behind it is judged too.
func buildPath(leaf *x509.Certificate, sent []*x509.Certificate, roots *wire.Roots, now time.Time) pathResult {
	c := pathBuilder{sent: sent, roots: roots, now: now, visitsLeft: maxVisits}
	return c.extend([]*x509.Certificate{leaf})
}

// pathBuilder is the state of one climb.
type pathBuilder struct {
	sent       []*x509.Certificate
	roots      *wire.Roots
	now        time.Time
	visitsLeft int // left; a hostile list has more paths than anybody can walk
}

// maxVisits bounds the certificates that a climb visits, dead ends included.
const maxVisits = 100

// extend goes on upwards from the last certificate of path. It never changes path itself: others go on from it too.
func (c *pathBuilder) extend(path []*x509.Certificate) pathResult {
	current := path[len(path)-1]
	c.visitsLeft--
	if root := findIssuer(current, c.roots.Certs); root != nil {
		if !bytes.Equal(root.Raw, current.Raw) {
			path = append(path, root)
		}
		return pathResult{path: path, anchored: true}
	}
	if root := uncheckableIssuer(current, c.roots.Certs); root != nil {
		return pathResult{path: append(path, root), anchored: true, cause: probes.NotObserved, stuckAt: current, rejected: root}
	}
	if len(path) >= maxPath {
		return pathResult{path: path, cause: probes.ChainTooLong, stuckAt: current}
	}
	found, why, by := issuersOf(current, c.sent, path)
	slices.SortStableFunc(found, func(a, b *x509.Certificate) int { return c.outOfDate(a) - c.outOfDate(b) })
	var first *pathResult
	for _, next := range found {
		if c.visitsLeft <= 0 {
			break
		}
		w := c.extend(append(slices.Clone(path), next))
		if w.anchored && w.cause == "" {
			return w
		}
		if first == nil {
			first = &w
		}
	}
	switch {
	case first != nil:
		return *first
	case why == probes.NotObserved:
		w := c.extend(append(slices.Clone(path), by))
		if w.anchored { // otherwise no client needs the signature to refuse the path
			w.cause, w.stuckAt, w.rejected = why, current, by
		}
		return w
	case why == probes.NameEncoding || why == probes.BadSignature || why == probes.IntermediateNotCA:
		w := c.extend(append(slices.Clone(path), by))
		w.cause, w.stuckAt, w.rejected = why, current, by
		return w
	case why != "":
	case selfSigned(current) && len(path) == 1:
		why = probes.SelfSigned
	case selfSigned(current):
		why = probes.UntrustedRoot
	default:
		why = probes.UnknownIssuer
	}
	return pathResult{path: path, cause: why, stuckAt: current, rejected: by}
}

// outOfDate is 1 for a certificate that is not of today, else 0.
func (c *pathBuilder) outOfDate(x *x509.Certificate) int {
	if c.now.After(x.NotAfter) || c.now.Before(x.NotBefore) {
		return 1
	}
	return 0
}

// findIssuer finds who signed child among certificates.
func findIssuer(child *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, c := range among {
		if bytes.Equal(c.Raw, child.Raw) || (bytes.Equal(c.RawSubject, child.RawIssuer) && signed(child, c)) {
			return c
		}
	}
	return nil
}

// uncheckableIssuer finds a certificate that has the name of child's issuer and signs in a way that only this program cannot
// check.
func uncheckableIssuer(child *x509.Certificate, among []*x509.Certificate) *x509.Certificate {
	for _, c := range among {
		if bytes.Equal(c.RawSubject, child.RawIssuer) && namesIssuer(child, c) && onlyOthersCheck(child, c) {
			return c
		}
	}
	return nil
}

// issuersOf finds the sent certificates that certify child. Where there is none, and one has the name and is no good all
// the same, it says why.
func issuersOf(child *x509.Certificate, sent, used []*x509.Certificate) (found []*x509.Certificate, why probes.Cause, by *x509.Certificate) {
	for _, c := range sent {
		if contains(used, c) || contains(found, c) {
			continue
		}
		switch {
		case !bytes.Equal(c.RawSubject, child.RawIssuer):
			if why == "" && sameName(c, child) && signed(child, c) {
				why, by = probes.NameEncoding, c
			}
		case onlyOthersCheck(child, c):
			why, by = probes.NotObserved, c
		case uncheckable(child, c):
			why, by = probes.BadSignature, c
		case !signed(child, c) && keyDiffers(child, c):
			why, by = probes.WrongIntermediate, c
		case !signed(child, c):
			why, by = probes.BadSignature, c
		case !mayCertify(c):
			why, by = probes.IntermediateNotCA, c
		default:
			found = append(found, c)
		}
	}
	return found, why, by
}

// sameName compares the issuer's and the subject's name as people read them, without case and blanks.
func sameName(issuer, child *x509.Certificate) bool {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	return fold(issuer.Subject.String()) == fold(child.Issuer.String())
}

// keyDiffers tells whether the key identifiers show that child was signed by another key of the same name.
func keyDiffers(child, parent *x509.Certificate) bool {
	return len(child.AuthorityKeyId) == 0 || !bytes.Equal(child.AuthorityKeyId, parent.SubjectKeyId)
}

// contains tells whether the very same certificate is in the list.
func contains(list []*x509.Certificate, c *x509.Certificate) bool {
	for _, x := range list {
		if bytes.Equal(x.Raw, c.Raw) {
			return true
		}
	}
	return false
}

// verifyAt is crypto/x509's verdict at a moment, for any name and one purpose. Of several paths it takes one in which every
// certificate names its issuer's, and the shortest of those.
func verifyAt(leaf *x509.Certificate, sent []*x509.Certificate, roots *wire.Roots, at time.Time, usage x509.ExtKeyUsage) ([]*x509.Certificate, error) {
	chains, err := wire.Verify(leaf, sent, x509.VerifyOptions{Roots: roots.Pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
	if err != nil {
		return nil, err
	}
	misnamed := func(path []*x509.Certificate) int { return min(misnamedIssuer(path), 0) } // 0, else -1
	return slices.MinFunc(chains, func(a, b []*x509.Certificate) int {
		return cmp.Or(misnamed(a)-misnamed(b), len(a)-len(b))
	}), nil
}

// verificationTimes are the times at which a path can be tried apart from today: just inside every certificate's lifetime.
func verificationTimes(now time.Time, certs []*x509.Certificate) []time.Time {
	at := []time.Time{now}
	for _, c := range certs {
		at = append(at, c.NotBefore.Add(time.Second), c.NotAfter.Add(-time.Second))
	}
	return at
}
