// Package pseudonym replaces the names of people, customers and hosts: the same pseudonym for the same input within one run, and never
// the same in two. The salt is drawn when it is first needed and kept nowhere.
package pseudonym

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/halocheck/halocheck/internal/lazyregexp"
)

// Generator makes pseudonyms by a keyed hash. The zero value is ready; it is safe for concurrent use.
type Generator struct {
	once sync.Once
	salt [32]byte
}

// digest is what a value becomes, told apart by its kind; case and surrounding blanks make no difference.
func (b *Generator) digest(kind, value string) []byte {
	b.once.Do(func() { _, _ = rand.Read(b.salt[:]) }) // crypto/rand does not fail: it ends the program
	mac := hmac.New(sha256.New, b.salt[:])
	mac.Write([]byte(kind + "\x00" + strings.ToLower(strings.TrimSpace(value))))
	return mac.Sum(nil)
}

// base32Digits are the letters of a pseudonym; lower case reads better and survives where case does not.
var base32Digits = base32.StdEncoding.WithPadding(base32.NoPadding)

// Name is the pseudonym of a value: its kind and eight letters, such as name-k3v9q2xa.
func (b *Generator) Name(kind, value string) string {
	return kind + "-" + strings.ToLower(base32Digits.EncodeToString(b.digest(kind, value)[:5]))
}

// emailPattern is an e-mail address, as it is or with its @ escaped for a URL, JSON or HTML.
var emailPattern = lazyregexp.New(`(?i)[\p{L}\p{N}.!#$*+/=?^_{|}~'-][\p{L}\p{N}.!#$&*+/=?^_{|}~'%;-]*(?:@|%(?:25)?40|&#0*64;|&#x0*40;|&commat;|\\u0040)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}`)

// atSigns are how the @ of an e-mail address begins in any of these ways.
var atSigns = []string{"@", "%40", "%2540", "&", `\u0040`, `\U0040`}

// Emails replaces every e-mail address in a text with its pseudonym.
func (b *Generator) Emails(text string) string {
	if !slices.ContainsFunc(atSigns, func(at string) bool { return strings.Contains(text, at) }) {
		return text
	}
	return emailPattern().ReplaceAllStringFunc(text, func(found string) string { return b.Name("mail", found) })
}

// labels of a host are given other names one by one, so that a wildcard still covers what it covered; what stands under
// the last dot stays.
func (b *Generator) Host(host string) string {
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return b.Addr(addr).String()
	}
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if label == "" || label == "*" || (i == len(labels)-1 && i > 0) {
			continue
		}
		labels[i] = b.Name("h", label)
	}
	return strings.Join(labels, ".")
}

// Addr is another address of the same family, out of a range that nobody uses: 198.18.0.0/15 (RFC 2544) and
// 2001:db8::/32 (RFC 3849). What stands for no particular machine stays: loopback and unspecified addresses.
func (b *Generator) Addr(addr netip.Addr) netip.Addr {
	if addr.IsLoopback() || addr.IsUnspecified() {
		return addr
	}
	sum := b.digest("address", addr.Unmap().String())
	if addr.Unmap().Is4() {
		return netip.AddrFrom4([4]byte{198, 18 | sum[0]&1, sum[1], sum[2]})
	}
	out := [16]byte{0x20, 0x01, 0x0d, 0xb8}
	copy(out[4:], sum)
	return netip.AddrFrom16(out)
}
