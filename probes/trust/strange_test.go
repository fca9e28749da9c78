package trust_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// part is one extension as it is written, its critical mark included.
type part struct {
	id       string
	critical []byte // what stands between the number and the value
	value    []byte
}

// strange is a certificate taken apart, to be put together as no library would.
type strange struct {
	version, serial, inner, outer, issuer, validity, subject, key, ids []byte // DER
	parts                                                              []part
	after                                                              []byte // behind the whole
}

// ecdsaSHA256 is the algorithm of signatures made here.
var ecdsaSHA256 = []byte{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02}

// isCritical is a critical mark.
var isCritical = []byte{1, 1, 0xff}

// tlv is an element of DER.
func tlv(tag byte, parts ...string) []byte {
	content := strings.Join(parts, "")
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.Tag(tag), func(b *cryptobyte.Builder) { b.AddBytes([]byte(content)) })
	return b.BytesOrPanic()
}

// seq is a SEQUENCE.
func seq(parts ...string) string { return string(tlv(0x30, parts...)) }

// made puts c together again with changes, signed by its issuer.
func made(t *testing.T, c, by *holder, change func(*strange)) *holder {
	t.Helper()
	days := func(at time.Time) string { return string(tlv(0x17, at.UTC().Format("060102150405Z"))) }
	s := strange{
		version: tlv(0xa0, "\x02\x01\x02"), serial: tlv(2, string(c.SerialNumber.Bytes())), inner: ecdsaSHA256, outer: ecdsaSHA256,
		issuer: c.RawIssuer, validity: []byte(seq(days(c.NotBefore), days(c.NotAfter))), subject: c.RawSubject, key: c.RawSubjectPublicKeyInfo,
	}
	for _, e := range c.Extensions {
		p := part{id: e.Id.String(), value: e.Value}
		if e.Critical {
			p.critical = isCritical
		}
		s.parts = append(s.parts, p)
	}
	change(&s)
	var extensions string
	for _, p := range s.parts {
		extensions += seq(string(oid(t, p.id)), string(p.critical), string(tlv(4, string(p.value))))
	}
	if extensions != "" {
		extensions = string(tlv(0xa3, seq(extensions)))
	}
	tbs := seq(string(s.version), string(s.serial), string(s.inner), string(s.issuer), string(s.validity), string(s.subject), string(s.key), string(s.ids), extensions)
	digest := sha256.Sum256([]byte(tbs))
	signature, err := ecdsa.SignASN1(rand.Reader, by.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return &holder{&x509.Certificate{Raw: append([]byte(seq(tbs, string(s.outer), string(tlv(3, "\x00", string(signature))))), s.after...)}, c.key}
}

func oid(t *testing.T, dotted string) []byte {
	t.Helper()
	id, err := x509.ParseOID(dotted)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := id.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return tlv(6, string(binary))
}

// with replaces an extension, or adds it where there is none of that number.
func with(id string, critical bool, value string) func(*strange) {
	return func(s *strange) {
		p := part{id: id, value: []byte(value)}
		if critical {
			p.critical = isCritical
		}
		for i := range s.parts {
			if s.parts[i].id == id {
				s.parts[i] = p
				return
			}
		}
		s.parts = append(s.parts, p)
	}
}

// again adds an extension whether there is one of that number or not.
func again(id string, value string) func(*strange) {
	return func(s *strange) { s.parts = append(s.parts, part{id: id, value: []byte(value)}) }
}

// dates sets the validity, each with its tag.
func dates(from, until []byte) func(*strange) {
	return func(s *strange) { s.validity = []byte(seq(string(from), string(until))) }
}

// altNames are subject alternative names, each with its tag.
func altNames(names ...[]byte) func(*strange) {
	var all string
	for _, n := range names {
		all += string(n)
	}
	return with("2.5.29.17", false, seq(all))
}

func dnsName(name string) []byte { return tlv(0x82, name) }

// openSSL is what openssl s_client says of a site with its roots: empty, it accepts it.
func openSSL(t *testing.T, s site, roots string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), plenty)
	defer cancel()
	out, err := exec.CommandContext(ctx, "openssl", "s_client", "-connect", "127.0.0.1:"+s.port, "-servername", s.host, "-verify_hostname", s.host, "-verify_return_error",
		"-no-CApath", "-no-CAstore", "-CAfile", roots, "-cipher", "DEFAULT:@SECLEVEL=2").CombinedOutput()
	if err == nil {
		return ""
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "verify error") || strings.Contains(line, ":error:") || strings.Contains(line, "Connection") {
			if at := strings.LastIndex(line, ":error:"); at >= 0 {
				line = line[at:]
			}
			return strings.TrimSpace(line)
		}
	}
	return err.Error()
}

// strangeCases are certificates that some read and some do not: the server's own, or the authority's above it.
func strangeCases() map[string]func(*strange) {
	until := func(text string) []byte { return tlv(0x18, text) }
	since := tlv(0x17, time.Now().Add(-time.Hour).UTC().Format("060102150405Z"))
	next := time.Now().AddDate(0, 1, 0).UTC()
	return map[string]func(*strange){
		"leaf: as it should be":            func(*strange) {},
		"leaf: names twice":                again("2.5.29.17", seq(string(dnsName(labHost)))),
		"leaf: purposes twice":             again("2.5.29.37", seq("\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01")),
		"leaf: an unknown extension twice": func(s *strange) { again("1.2.3.4", "\x05\x00")(s); again("1.2.3.4", "\x05\x00")(s) },
		"leaf: policies twice": func(s *strange) {
			again("2.5.29.32", seq(seq("\x06\x03\x2a\x03\x04")))(s)
			again("2.5.29.32", seq(seq("\x06\x03\x2a\x03\x04")))(s)
		},
		"leaf: no authority, said":                with("2.5.29.19", true, seq("\x01\x01\x00")),
		"leaf: basic constraints that are broken": with("2.5.29.19", true, "\x05\x00"),
		"leaf: key usage without a bit":           with("2.5.29.15", true, "\x03\x01\x00"),
		"leaf: key usage that is broken":          with("2.5.29.15", true, "\x04\x01\x00"),
		"leaf: purposes that are empty":           with("2.5.29.37", false, seq()),
		"leaf: purposes that are broken":          with("2.5.29.37", false, "\x05\x00"),
		"leaf: a critical mark of 1": func(s *strange) {
			s.parts = append(s.parts, part{"2.5.29.32", []byte{1, 1, 1}, []byte(seq(seq("\x06\x03\x2a\x03\x04")))})
		},
		"leaf: a critical mark of false":        func(s *strange) { s.parts = append(s.parts, part{"1.2.3.4", []byte{1, 1, 0}, []byte("\x05\x00")}) },
		"leaf: an address of five bytes":        altNames(dnsName(labHost), tlv(0x87, "\x7f\x00\x00\x01\x01")),
		"leaf: a name with a blank":             altNames(dnsName(labHost), dnsName("halo example.test")),
		"leaf: a name outside ASCII":            altNames(dnsName(labHost), dnsName("h\xc3\xa4lo.example.test")),
		"leaf: an empty name":                   altNames(dnsName(labHost), dnsName("")),
		"leaf: a name with a NUL":               altNames(dnsName(labHost), dnsName("www.bank.test\x00.example.test")),
		"leaf: a name that ends in a dot":       altNames(dnsName(labHost + ".")),
		"leaf: a name in capitals":              altNames(dnsName(strings.ToUpper(labHost))),
		"leaf: a wildcard":                      altNames(dnsName("*.example.test")),
		"leaf: a wildcard of a part":            altNames(dnsName("h*.example.test")),
		"leaf: a wildcard at the end of a part": altNames(dnsName("*o.example.test")),
		"leaf: a wildcard in the middle":        altNames(dnsName("halo.*.test")),
		"leaf: two wildcards":                   altNames(dnsName("*.*.test")),
		"leaf: a bare wildcard":                 altNames(dnsName("*")),
		"leaf: a wildcard of one part too many": altNames(dnsName("*.halo.example.test")),
		"leaf: names that are empty":            altNames(),
		"leaf: names that are broken":           with("2.5.29.17", false, "\x05\x00"),
		"leaf: another kind of name beside":     altNames(dnsName(labHost), tlv(0xa0, "\x06\x03\x2a\x03\x04", string(tlv(0xa0, "\x0c\x01x")))),
		"leaf: a mail address outside ASCII":    altNames(dnsName(labHost), tlv(0x81, "h\xc3\xa4lo@example.test")),
		"leaf: a URI that is none":              altNames(dnsName(labHost), tlv(0x86, "http://[::1")),
		"leaf: no subject":                      func(s *strange) { s.subject = []byte(seq()) },
		"leaf: no subject, critical names":      func(s *strange) { s.subject = []byte(seq()); with("2.5.29.17", true, seq(string(dnsName(labHost))))(s) },
		"leaf: a subject of a number": func(s *strange) {
			s.subject = []byte(seq(string(tlv(0x31, seq("\x06\x03\x55\x04\x03", "\x02\x01\x05")))))
		},
		"leaf: a subject in UniversalString": func(s *strange) {
			s.subject = []byte(seq(string(tlv(0x31, seq("\x06\x03\x55\x04\x03", "\x1c\x04\x00\x00\x00x")))))
		},
		"leaf: a subject in an odd PrintableString": func(s *strange) {
			s.subject = []byte(seq(string(tlv(0x31, seq("\x06\x03\x55\x04\x03", "\x13\x03a@b")))))
		},
		"leaf: until a GeneralizedTime":              dates(since, until(next.Format("20060102150405Z"))),
		"leaf: until a fraction of a second":         dates(since, until(next.Format("20060102150405.5Z"))),
		"leaf: until a GeneralizedTime, no second":   dates(since, until(next.Format("200601021504Z"))),
		"leaf: until a time with an offset":          dates(since, until(next.Format("20060102150405+0100"))),
		"leaf: until a UTCTime with an offset":       dates(since, tlv(0x17, next.Format("060102150405+0100"))),
		"leaf: until a UTCTime, no second":           dates(since, tlv(0x17, next.Format("0601021504Z"))),
		"leaf: until the end of time":                dates(since, until("99991231235959Z")),
		"leaf: until the 30th of February":           dates(since, tlv(0x17, "280230000000Z")),
		"leaf: until text":                           dates(since, tlv(0x0c, "tomorrow")),
		"leaf: until before it begins":               dates(tlv(0x17, next.Format("060102150405Z")), since),
		"leaf: version 1, no extensions":             func(s *strange) { s.version, s.parts = nil, nil },
		"leaf: version 1 with extensions":            func(s *strange) { s.version = nil },
		"leaf: version 2":                            func(s *strange) { s.version = tlv(0xa0, "\x02\x01\x01") },
		"leaf: version 4":                            func(s *strange) { s.version = tlv(0xa0, "\x02\x01\x03") },
		"leaf: serial 0":                             func(s *strange) { s.serial = []byte{2, 1, 0} },
		"leaf: a negative serial":                    func(s *strange) { s.serial = []byte{2, 1, 0xf0} },
		"leaf: a serial of 30 bytes":                 func(s *strange) { s.serial = tlv(2, strings.Repeat("\x11", 30)) },
		"leaf: a serial with zeros before it":        func(s *strange) { s.serial = []byte{2, 3, 0, 0, 7} },
		"leaf: an empty serial":                      func(s *strange) { s.serial = []byte{2, 0} },
		"leaf: an issuer's unique number":            func(s *strange) { s.ids = tlv(0x81, "\x00\x55") },
		"leaf: a critical authority key":             func(s *strange) { mark(s, "2.5.29.35") },
		"leaf: a critical address of the issuer":     with("1.3.6.1.5.5.7.1.1", true, seq(seq("\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02", string(tlv(0x86, "http://127.0.0.1:1/a"))))),
		"leaf: an address of the issuer, broken":     with("1.3.6.1.5.5.7.1.1", false, "\x05\x00"),
		"leaf: lists of revocation, broken":          with("2.5.29.31", false, "\x05\x00"),
		"leaf: policies that are broken":             with("2.5.29.32", false, "\x05\x00"),
		"leaf: an authority key that is broken":      with("2.5.29.35", false, "\x05\x00"),
		"leaf: a key number that is broken":          with("2.5.29.14", false, "\x05\x00"),
		"leaf: an unknown critical extension":        with("1.2.3.4", true, "\x05\x00"),
		"leaf: Netscape's type, critical":            with("2.16.840.1.113730.1.1", true, "\x03\x02\x06\x40"),
		"leaf: Netscape's type of a client":          with("2.16.840.1.113730.1.1", false, "\x03\x02\x07\x80"),
		"leaf: a critical promise to staple":         with("1.3.6.1.5.5.7.1.24", true, seq("\x02\x01\x05")),
		"leaf: a poison of a precertificate":         with("1.3.6.1.4.1.11129.2.4.3", true, "\x05\x00"),
		"leaf: something behind it":                  func(s *strange) { s.after = []byte{0} },
		"leaf: two names of one algorithm":           func(s *strange) { s.outer = append([]byte(nil), ecdsaSHA256...); s.outer[11] = 3 },
		"leaf: a bit string for a key":               func(s *strange) { s.key = []byte(seq(seq("\x06\x03\x2a\x03\x04"), "\x03\x02\x00\x01")) },
		"authority: true as 1":                       with("2.5.29.19", true, seq("\x01\x01\x01")),
		"authority: version 1":                       func(s *strange) { s.version, s.parts = nil, nil },
		"authority: a length of -1":                  with("2.5.29.19", true, seq("\x01\x01\xff", "\x02\x01\xff")),
		"authority: a length without being one":      with("2.5.29.19", true, seq("\x02\x01\x00")),
		"authority: an unknown extension twice":      func(s *strange) { again("1.2.3.4", "\x05\x00")(s); again("1.2.3.4", "\x05\x00")(s) },
		"authority: no name":                         func(s *strange) { s.ids = tlv(0x81, "\x00\x55") },
		"authority: constraints that are empty":      with("2.5.29.30", true, seq()),
		"authority: constraints that are broken":     with("2.5.29.30", true, "\x05\x00"),
		"authority: constrained to an address":       with("2.5.29.30", true, seq(string(tlv(0xa0, seq(string(tlv(0x87, "\x0a\x00\x00\x00\xff\x00\x00\x00"))))))),
		"authority: constrained with a dot before":   with("2.5.29.30", true, seq(string(tlv(0xa0, seq(string(dnsName(".example.test"))))))),
		"authority: constrained to its host":         with("2.5.29.30", true, seq(string(tlv(0xa0, seq(string(dnsName("example.test"))))))),
		"authority: constrained with a minimum":      with("2.5.29.30", true, seq(string(tlv(0xa0, seq(string(dnsName("example.test")), "\x80\x01\x01"))))),
		"authority: constrained elsewhere":           with("2.5.29.30", true, seq(string(tlv(0xa0, seq(string(dnsName("other.test"))))))),
		"authority: Netscape's type of a server":     with("2.16.840.1.113730.1.1", false, "\x03\x02\x06\x40"),
		"authority: Netscape's type of an authority": with("2.16.840.1.113730.1.1", true, "\x03\x02\x02\x04"),
		"authority: address blocks, critical":        with("1.3.6.1.5.5.7.1.7", true, seq()),
		"authority: a critical list of revocation":   with("2.5.29.31", true, seq(seq(string(tlv(0xa0, string(tlv(0xa0, string(tlv(0x86, "http://127.0.0.1:1/crl"))))))))),
	}
}

// mark makes an extension critical.
func mark(s *strange, id string) {
	for i := range s.parts {
		if s.parts[i].id == id {
			s.parts[i].critical = isCritical
		}
	}
}

// strangeDifferences are the cases in which trust is stricter than OpenSSL, or does not see what OpenSSL refuses, with the reason.
var strangeDifferences = map[string]string{
	"leaf: version 1, no extensions":        commonName,
	"leaf: version 1 with extensions":       commonName,
	"leaf: version 2":                       commonName,
	"leaf: names that are empty":            commonName,
	"authority: address blocks, critical":   "OpenSSL alone knows them (RFC 3779)",
	"leaf: key usage without a bit":         "OpenSSL alone refuses it",
	"leaf: a bit string for a key":          "unknown: this program does not know the key",
	"leaf: a subject of a number":           "unknown: this program cannot read it",
	"leaf: until the 30th of February":      "unknown: this program cannot read it",
	"authority: constrained with a minimum": "OpenSSL alone refuses it",
}

const commonName = "OpenSSL still reads the common name where there are no other names"

// TestStrangeCertificates judges certificates that crypto/x509 reads otherwise than ordinary clients do, or not at all, as
// OpenSSL does on the same connection: what it accepts fails nowhere, and what it refuses does not pass.
func TestStrangeCertificates(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed: nothing to compare with")
	}
	root := issue(t, "Odd Root", nil, nil)
	authority := issue(t, "Odd Authority", nil, root)
	leaf := issue(t, labHost, nil, authority)
	roots := keepRoots(t, root)
	for name, change := range strangeCases() {
		t.Run(name, func(t *testing.T) {
			var s site
			if strings.HasPrefix(name, "leaf") {
				s = opened(t, root, made(t, leaf, authority, change), authority)
			} else {
				s = opened(t, root, leaf, made(t, authority, root, change))
			}
			compare(t, openSSL(t, s, roots), strangeDifferences[name], quick(t, s.session(t, "off")))
		})
	}
}

// compare holds that what OpenSSL accepts fails nowhere, and that what it refuses fails somewhere; unless a reason is listed.
func compare(t *testing.T, said, listed string, found map[string]probes.Finding) {
	t.Helper()
	failed := ""
	for id, f := range found {
		if f.Status == probes.Failed {
			failed += id + " " + string(f.Cause) + ": " + f.Because + "; "
		}
	}
	switch differs := (said == "") != (failed == ""); {
	case differs && listed == "":
		t.Errorf("OpenSSL: %q; trust: %q", said, failed)
	case !differs && listed != "":
		t.Errorf("it is listed as a difference (%s) and is none: OpenSSL: %q; trust: %q", listed, said, failed)
	}
}

// TestStrangeWords says of some of them what it is.
func TestStrangeWords(t *testing.T) {
	root := issue(t, "Odd Root", nil, nil)
	authority := issue(t, "Odd Authority", nil, root)
	leaf := issue(t, labHost, nil, authority)
	for name, want := range map[string]string{
		"leaf: an unknown extension twice":           "trust.chain unknown not_observed",
		"leaf: names twice":                          "trust.chain fail bad_certificate",
		"leaf: a critical mark of 1":                 "trust.chain unknown not_observed",
		"leaf: an address of the issuer, broken":     "trust.chain unknown not_observed",
		"authority: true as 1":                       "trust.chain unknown not_observed",
		"authority: a length of -1":                  "trust.chain fail bad_certificate",
		"leaf: a wildcard of a part":                 "trust.name unknown name_mismatch",
		"leaf: a wildcard at the end of a part":      "trust.name unknown name_mismatch",
		"leaf: until a UTCTime, no second":           "trust.chain fail bad_certificate",
		"leaf: until a time with an offset":          "trust.chain fail bad_certificate",
		"leaf: until a GeneralizedTime":              "",
		"leaf: Netscape's type, critical":            "",
		"leaf: Netscape's type of a client":          "trust.chain fail eku_missing",
		"authority: Netscape's type of an authority": "",
		"leaf: an unknown critical extension":        "trust.chain fail unknown_critical_extension",
	} {
		var s site
		if strings.HasPrefix(name, "leaf") {
			s = opened(t, root, made(t, leaf, authority, strangeCases()[name]), authority)
		} else {
			s = opened(t, root, leaf, made(t, authority, root, strangeCases()[name]))
		}
		found := quick(t, s.session(t, "off"))
		first := ""
		for _, c := range trust.Resource.Checks() {
			if f := found[c.Meta().ID]; first == "" && (f.Status == probes.Failed || f.Status == probes.Unknown) {
				first = fmt.Sprintf("%s %s %s", f.ID, f.Status, f.Cause)
			}
		}
		if first != want {
			t.Errorf("%s: %q, want %q: %s", name, first, want, found["trust.chain"].Because)
		}
	}
}

// keepRoots writes roots to a file.
func keepRoots(t *testing.T, roots ...*holder) string {
	t.Helper()
	var b bytes.Buffer
	for _, r := range roots {
		write(t, &b, r.Raw)
	}
	return keep(t, t.TempDir(), "roots", b)
}

// quick is look without what makes further connections to a healthy server.
func quick(t *testing.T, s *probes.Session) map[string]probes.Finding {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), plenty)
	defer cancel()
	found := map[string]probes.Finding{}
	r := trust.Resource
	for f := range probes.Run(ctx, s, []probes.Check{r.Handshake, r.Chain, r.Name, r.InDate, r.Strength}) {
		found[f.ID] = f
	}
	return found
}
