package trust

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/halocheck/halocheck/probes"
)

// serial gives a certificate a number of its own.
func serial(n int64) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.SerialNumber = big.NewInt(n) }
}

// asksFor makes a certificate name its issuer's key, unless that is nil, and a serial number, unless that is 0. The issuer's
// issuer is left empty, since nobody looks at it here.
func asksFor(key []byte, n int64) func(*x509.Certificate) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if key != nil {
			b.AddASN1(asn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(key) })
		}
		if n != 0 {
			b.AddASN1(asn1.Tag(1).ContextSpecific().Constructed(), func(*cryptobyte.Builder) {})
			b.AddASN1(asn1.Tag(2).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(big.NewInt(n).Bytes()) })
		}
	})
	return func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: idAuthorityKey, Value: b.BytesOrPanic()}}
	}
}

// TestEditions judges a list with several certificates of one authority as OpenSSL does: it takes the first one of today
// whose name, key and serial number fit, and never comes back. openssl verify says the same of each (TestEditionsInOpenSSL).
func TestEditions(t *testing.T) {
	for _, c := range editionLists(t) {
		seen := sending(trusting(c.roots...), c.sent...)
		v := judgeChain(seen)
		status := probes.Failed
		if c.cause == probes.OK {
			status = probes.Passed
		}
		told(t, c.name, v, status, c.cause, c.says)
		if c.does != "" && (v.Remedy == nil || !strings.HasPrefix(v.Remedy.Do, c.does)) {
			t.Errorf("%s: %+v", c.name, v.Remedy)
		}
		if c.cause == probes.WrongIntermediate && subjects(seen.fixedChain()) != c.fixed {
			t.Errorf("%s: it should send %s", c.name, subjects(seen.fixedChain()))
		}
	}
}

// editionList is a list and what is told of it.
type editionList struct {
	name        string
	roots, sent []*forged
	cause       probes.Cause
	says, does  string
	fixed       string
}

func editionLists(t *testing.T) []editionList {
	t.Helper()
	root, stranger := forge(t, "Root", nil), forge(t, "Stranger", nil)
	known := forge(t, "Authority", root, serial(1001))
	by := func(issuer *forged, changes ...func(*x509.Certificate)) *forged {
		return reissue(t, known, issuer, append([]func(*x509.Certificate){serial(1002)}, changes...)...)
	}
	other := by(stranger)
	leaf := forge(t, "Server", known, server)
	below := forge(t, "Below", known)
	deep := forge(t, "Server", below, server)
	namesake := forge(t, "Authority", stranger, func(c *x509.Certificate) { c.SubjectKeyId = []byte("another key") })
	keyless := forge(t, "Server", known, server, func(c *x509.Certificate) { asksFor(nil, 7)(c); c.ExtraExtensions[0].Value = []byte{0x30, 0} })
	pinned := forge(t, "Server", known, server, asksFor(known.SubjectKeyId, 1001))
	fresh := forge(t, "New root", nil)
	cross := reissue(t, fresh, root, serial(1003))
	mid := forge(t, "Issuing", fresh)
	newLeaf := forge(t, "Server", mid, server)
	const first = `the server sends "Authority" twice, issued by "Stranger" at position 2 and by "Root" at position 3; only the latter holds, and OpenSSL, curl, Node and .NET on Linux use the former alone`
	const take = `Take the certificate of "Authority" at position 2 out of what the server sends, or put it behind the one at position 3.`
	wrong := probes.WrongIntermediate
	return []editionList{
		{"the one that holds first", []*forged{root}, []*forged{leaf, known, other}, probes.OK, "", "", ""},
		{"the one that holds last", []*forged{root}, []*forged{leaf, other, known}, wrong, first, take, "Server < Authority"},
		{"both hold", []*forged{root, stranger}, []*forged{leaf, other, known}, probes.OK, "", "", ""},
		{"the first has ended", []*forged{root}, []*forged{leaf, by(stranger, lasts(-90, -60)), known}, probes.OK, "", "", ""},
		{"the first is of tomorrow", []*forged{root}, []*forged{leaf, by(stranger, lasts(60, 90)), known}, probes.OK, "", "", ""},
		{"the first ends now", []*forged{root}, []*forged{leaf, by(stranger, lasts(-90, 0)), known}, probes.OK, "", "", ""},
		{"the first starts now", []*forged{root}, []*forged{leaf, by(stranger, lasts(0, 90)), known}, wrong, first, take, "Server < Authority"},
		{"the first may not certify servers", []*forged{root}, []*forged{leaf, by(root, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), known}, wrong, `issued by "Root" at position 2 and by "Root" at position 3`, take, "Server < Authority"},
		{"higher up", []*forged{root}, []*forged{deep, below, other, known}, wrong, `"Authority" twice, issued by "Stranger" at position 3 and by "Root" at position 4`, `Take the certificate of "Authority" at position 3`, "Server < Below < Authority"},
		{"a namesake with another key, whom nobody names", []*forged{root}, []*forged{keyless, namesake, known}, wrong, first, take, "Server < Authority"},
		{"a namesake with another key", []*forged{root}, []*forged{leaf, namesake, known}, probes.OK, "", "", ""},
		{"a new root beside its cross-sign", []*forged{root}, []*forged{newLeaf, mid, fresh, cross}, wrong, `"New root" twice, issued by "New root" at position 3 and by "Root" at position 4`, "", "Server < Issuing < New root"},
		{"the cross-sign before the new root", []*forged{root}, []*forged{newLeaf, mid, cross, fresh}, probes.OK, "", "", ""},
		{"a cross-sign that is not needed", []*forged{root, fresh}, []*forged{newLeaf, mid, cross}, probes.OK, "", "", ""},
		{"a serial number that fits the second", []*forged{root}, []*forged{pinned, by(root), known}, probes.OK, "", "", ""},
		{"a serial number that fits the first", []*forged{root}, []*forged{pinned, known, by(root)}, probes.OK, "", "", ""},
		{"a serial number that fits none", []*forged{root}, []*forged{pinned, by(root)}, probes.AKIMismatch, `"Server" names another certificate of "Authority", with the serial number 3E9, than the one in the chain, with 3EA; OpenSSL refuses that`, "Replace the intermediate by the one that issued the certificate", ""},
	}
}

// TestEditionsInOpenSSL asks openssl verify about the same lists.
func TestEditionsInOpenSSL(t *testing.T) {
	command, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: nothing to compare with")
	}
	for _, c := range editionLists(t) {
		dir := t.TempDir()
		file := func(name string, certs []*forged) string {
			var text bytes.Buffer
			for _, x := range certs {
				_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: x.Raw})
			}
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		out, err := exec.CommandContext(t.Context(), command, "verify", "-purpose", "sslserver", "-no-CApath", "-no-CAstore", "-attime", strconv.FormatInt(today.Unix(), 10),
			"-CAfile", file("roots", c.roots), "-untrusted", file("rest", c.sent[1:]), file("leaf", c.sent[:1])).CombinedOutput()
		if accepts := err == nil; accepts != (c.cause == probes.OK) {
			t.Errorf("%s: openssl accepts: %t: %s", c.name, accepts, out)
		}
	}
}

// TestIssuerSerial reads the number where it is and nothing else.
func TestIssuerSerial(t *testing.T) {
	for name, c := range map[string]struct {
		id    []int
		value []byte
		want  int64 // 0: none
	}{
		"all three":            {idAuthorityKey, []byte{0x30, 0x08, 0x80, 0x01, 0xaa, 0xa1, 0x00, 0x82, 0x01, 0x05}, 5},
		"a serial number":      {idAuthorityKey, []byte{0x30, 0x03, 0x82, 0x01, 0x05}, 5},
		"a key alone":          {idAuthorityKey, []byte{0x30, 0x03, 0x80, 0x01, 0xaa}, 0},
		"nothing":              {idAuthorityKey, []byte{0x30, 0x00}, 0},
		"another extension":    {[]int{2, 5, 29, 14}, []byte{0x30, 0x03, 0x82, 0x01, 0x05}, 0},
		"no list":              {idAuthorityKey, []byte{0x04, 0x03, 0x82, 0x01, 0x05}, 0},
		"a key that is cut":    {idAuthorityKey, []byte{0x30, 0x02, 0x80, 0x05}, 0},
		"an issuer that is":    {idAuthorityKey, []byte{0x30, 0x02, 0xa1, 0x05}, 0},
		"a number that is cut": {idAuthorityKey, []byte{0x30, 0x02, 0x82, 0x05}, 0},
	} {
		got := issuerSerial(&x509.Certificate{Extensions: []pkix.Extension{{Id: c.id, Value: c.value}}})
		if (got == nil) != (c.want == 0) || got != nil && got.Int64() != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestOtherSerialInWords names the serial numbers only where the key is the same and both certificates can be read.
func TestOtherSerialInWords(t *testing.T) {
	root := forge(t, "Root", nil, serial(1))
	pinned := parseCert(forge(t, "Server", root, server, asksFor(root.SubjectKeyId, 2)).Raw)
	by, other, unread := parseCert(root.Raw), parseCert(root.Raw), parseCert(root.Raw)
	other.KeyID, unread.parsed = "bb", nil
	lost := pinned
	lost.parsed = nil
	for name, c := range map[string]struct {
		own, by Cert
		want    bool
	}{
		"another serial number": {pinned, by, true}, "another key": {pinned, other, false}, "an issuer that cannot be read": {pinned, unread, false}, "its own cannot be read": {lost, by, false},
	} {
		seen := Chain{Cause: probes.AKIMismatch, Sent: []Cert{c.own}, Path: []Cert{c.own, c.by}, RejectedIssuer: &c.by}
		if told := seen.explain(); strings.Contains(told, "serial number 2") != c.want || !strings.HasSuffix(told, "OpenSSL refuses that") {
			t.Errorf("%s: %s", name, told)
		}
	}
}

// TestEditionsOfSavedEvidence tells nothing of positions where the list does not show them.
func TestEditionsOfSavedEvidence(t *testing.T) {
	leaf, taken, holds := parseCert(forge(t, "Server", nil).Raw), parseCert(forge(t, "Authority", nil).Raw), parseCert(forge(t, "Authority", nil).Raw)
	whole := Chain{Cause: probes.WrongIntermediate, Sent: []Cert{leaf, taken, holds}, Path: []Cert{leaf, holds}, RejectedIssuer: &taken}
	for name, c := range map[string]struct {
		change func(*Chain)
		want   bool
	}{
		"whole":              {func(*Chain) {}, true},
		"another cause":      {func(c *Chain) { c.Cause = probes.AKIMismatch }, false},
		"nobody rejected":    {func(c *Chain) { c.RejectedIssuer = nil }, false},
		"the path ends":      {func(c *Chain) { c.Path = c.Path[:1] }, false},
		"not taken from it":  {func(c *Chain) { c.Sent = []Cert{leaf, holds} }, false},
		"not holding in it":  {func(c *Chain) { c.Sent = []Cert{leaf, taken} }, false},
		"first in the list":  {func(c *Chain) { c.Sent = []Cert{taken, holds, leaf} }, true},
		"holding at the top": {func(c *Chain) { c.Sent = []Cert{holds, taken, leaf} }, true},
	} {
		seen := whole
		c.change(&seen)
		if _, _, ok := seen.editions(); ok != c.want {
			t.Errorf("%s: %t", name, ok)
		}
	}
}
