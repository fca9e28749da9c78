package trust

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// TestSightIsExamined holds another certificate than the first handshake's to all that the first one was held to.
func TestSightIsExamined(t *testing.T) {
	root := forge(t, "Root", nil)
	authority := forge(t, "Authority", root)
	leaf := forge(t, "Server", authority, server)
	roots := trusting(root)
	first := sending(roots, leaf, authority)
	ended := forge(t, "Server", authority, server, lasts(-90, -60))
	endedFirst := sending(roots, ended, authority)
	other := forge(t, "Server", authority, server, func(c *x509.Certificate) { c.DNSNames = []string{"other.example.test"} })
	broken := errors.New("tls: internal error")
	garbage := []byte("no certificate")
	seen := func(err error, sent ...*forged) *wire.Handshake {
		h := &wire.Handshake{Err: err}
		for _, x := range sent {
			h.Sent = append(h.Sent, x.Raw)
		}
		return h
	}
	unbuilt := first
	unbuilt.Builds = false
	displaced := first
	displaced.LeafIndex = 1
	asked := func(h *wire.Handshake) *wire.Handshake { h.ClientCert = true; return h }
	for _, c := range []struct {
		name   string
		first  Chain
		seen   *wire.Handshake
		usual  bool
		builds bool
		cause  probes.Cause
		sent   int
	}{
		{"the same", first, seen(nil, leaf, authority), true, true, "", 2},
		{"the same, which did not build", unbuilt, seen(nil, leaf, authority), true, true, "", 2},
		{"the same, whose own was the second", displaced, seen(nil, leaf, authority), true, true, "", 2},
		{"the same, which does not build", sending(roots, leaf), seen(nil, leaf), true, false, probes.UnknownIssuer, 1},
		{"without its issuer", first, seen(nil, leaf), true, false, probes.UnknownIssuer, 1},
		{"another good one", first, seen(nil, forge(t, "Server", authority, server), authority), true, true, "", 2},
		{"another for another name", first, seen(nil, other, authority), true, false, probes.NameMismatch, 2},
		{"another that has ended", first, seen(nil, ended, authority), true, false, probes.Expired, 2},
		{"the first's own had ended, which is told there", endedFirst, seen(nil, ended, authority, authority), true, true, "", 3},
		{"nothing", first, seen(nil), true, false, probes.BadCertificate, 0},
		{"nothing to be read", first, &wire.Handshake{Sent: [][]byte{garbage}}, true, false, probes.BadCertificate, 1},
		{"broken, as every client does it", first, seen(broken), true, false, probes.TLSError, 0},
		{"broken with the first's list", first, seen(broken, leaf, authority), true, false, probes.TLSError, 2},
		{"refused in a rare way", first, seen(broken), false, false, "", 0},
		{"broken in a rare way, after the list", first, seen(broken, leaf), false, false, probes.TLSError, 1},
		{"a bad list in a rare way", first, seen(errors.New("tls: failed to parse certificate from server: x509: malformed")), false, false, probes.BadCertificate, 0},
		{"a long list in a rare way", first, seen(errors.New("tls: handshake message of length 300000 bytes exceeds maximum of 262144 bytes")), false, false, probes.ChainTooLong, 0},
		{"broken for want of a client certificate", first, asked(seen(broken, leaf, authority)), true, true, "", 2},
		{"so broken, with another good one", first, asked(seen(broken, forge(t, "Server", authority, server), authority)), true, true, "", 2},
		{"so broken, without its issuer", first, asked(seen(broken, leaf)), true, false, probes.UnknownIssuer, 1},
		{"so broken, before the list", first, asked(seen(broken)), true, false, probes.TLSError, 0},
	} {
		s := (&comparison{net: &wire.Net{Roots: roots}, first: c.first, clientCert: c.seen.ClientCert}).assess(c.seen, c.usual)
		if s.Builds != c.builds || s.Cause != c.cause || s.Sent != c.sent || (s.Refused != "") != (c.name == "refused in a rare way") {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// TestOneNodeWantsACertificate counts a broken handshake against a node where only one of two was asked for a certificate.
func TestOneNodeWantsACertificate(t *testing.T) {
	root := forge(t, "Root", nil)
	leaf := forge(t, "Server", root, server)
	for _, first := range []bool{true, false} {
		c := comparison{net: &wire.Net{Roots: trusting(root)}, first: sending(trusting(root), leaf), clientCert: first}
		if s := c.assess(&wire.Handshake{Err: errors.New("tls: internal error"), Sent: [][]byte{leaf.Raw}, ClientCert: !first}, true); s.Builds || s.Cause != probes.TLSError {
			t.Errorf("the first one asked for it: %t: %+v", first, s)
		}
	}
}

// TestLooksInWords tells the looks apart that were bad, unclear or not to be counted.
func TestLooksInWords(t *testing.T) {
	whole := Attempt{Variant: "TLS 1.3", Builds: true}
	again := func(broke probes.Cause) Attempt { return Attempt{Variant: "TLS 1.3", Builds: true, Broke: broke} }
	waited := func(ms float64) Attempt {
		return Attempt{Variant: "TLS 1.2", Cause: probes.Timeout, Detail: "no answer", MS: ms}
	}
	for _, c := range []struct {
		name   string
		looks  []Attempt
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"a chain that does not build", []Attempt{whole, {Variant: "RSA", Sent: 1, Cause: probes.UnknownIssuer}}, probes.Failed, probes.InconsistentChain, "1 of 2 connections failed or got no complete chain: one node or listener is set up differently (RSA: 1 certificate sent, unknown issuer)"},
		{"a handshake that broke", []Attempt{whole, {Variant: "RSA", Cause: probes.KeyMismatch, Detail: "another key"}}, probes.Failed, probes.InconsistentChain, "RSA: another key"},
		{"silence for a second", []Attempt{whole, waited(1000)}, probes.Failed, probes.InconsistentChain, "TLS 1.2: no answer"},
		{"silence for less", []Attempt{whole, waited(999)}, probes.Unknown, probes.Timeout, "1 of 2 further connections broke, twice: TLS 1.2 (no answer)"},
		{"a reset", []Attempt{whole, {Variant: "RSA", Cause: probes.ConnectionReset, Detail: "reset"}}, probes.Unknown, probes.ConnectionReset, "RSA (reset)"},
		{"both", []Attempt{waited(1000), waited(999)}, probes.Failed, probes.InconsistentChain, "1 of 2"},
		{"refused", []Attempt{whole, {Variant: "RSA", Refused: "no such suite"}}, probes.Passed, probes.OK, "1 further connections got a complete chain (TLS 1.3)"},
		{"none", nil, probes.Unknown, probes.NotObserved, "no further connection was completed"},
		{"reset, then whole", []Attempt{whole, again(probes.ConnectionReset)}, probes.Passed, probes.OK, "2 further connections got a complete chain, 1 of them only on a second try: TLS 1.3 (connection_reset)"},
		{"three that do not build", []Attempt{whole, {Variant: "RSA", Sent: 1, Cause: probes.UnknownIssuer}, {Variant: "TLS 1.2", Sent: 1, Cause: probes.UnknownIssuer}, {Variant: "no ALPN", Sent: 1, Cause: probes.UnknownIssuer}}, probes.Failed, probes.InconsistentChain, "3 of 4 connections failed or got no complete chain: one node or listener is set up differently (RSA: 1 certificate sent, unknown issuer; TLS 1.2: 1 certificate sent, unknown issuer; 1 more)"},
		{"an alert, then whole", []Attempt{whole, again(probes.TLSAlert)}, probes.Failed, probes.InconsistentChain, "1 of 2 connections failed or got no complete chain: one node or listener is set up differently (TLS 1.3 (tls_alert on a first try))"},
		{"alerts, then whole, each time", []Attempt{again(probes.TLSAlert), again(probes.TLSAlert)}, probes.Passed, probes.OK, "2 further connections got a complete chain (TLS 1.3)"},
	} {
		if v := judgeConsistency(Handshakes{Attempts: c.looks}); v.Status == probes.Passed && v.Because != c.says {
			t.Errorf("%s: %s", c.name, v.Because)
		}
		told(t, c.name, judgeConsistency(Handshakes{Attempts: c.looks}), c.status, c.cause, c.says)
	}
}

// TestManyConnectionsInWords holds what is said of a farm with long addresses to a length that is read at a glance.
func TestManyConnectionsInWords(t *testing.T) {
	const address = ", 2001:db8:1111:2222:3333:4444:5555:6666"
	for name, a := range map[string]Attempt{
		"without a chain": {Sent: 1, Cause: probes.UnknownIssuer},
		"broken":          {Cause: probes.KeyMismatch, Detail: "the certificate belongs to another key"},
		"unclear":         {Cause: probes.ConnectionReset, Detail: "the connection was reset"},
		"whole":           {Builds: true},
		"late":            {Builds: true, Broke: probes.ConnectionReset},
	} {
		var attempts []Attempt
		for _, variant := range []string{"TLS 1.2, ECDSA", "TLS 1.2, RSA", "TLS 1.2 or 1.3", "TLS 1.3", "TLS 1.3"} {
			a.Variant = variant + address
			attempts = append(attempts, a)
		}
		v := judgeConsistency(Handshakes{Attempts: append(attempts, attempts...)})
		if len(v.Because) > 220 || !strings.Contains(v.Because, attempts[0].Variant) || !strings.Contains(v.Because, " more") {
			t.Errorf("%s: %d characters: %s", name, len(v.Because), v.Because)
		}
	}
}

// TestHandsInWords tells how a handshake went that holds.
func TestHandsInWords(t *testing.T) {
	for _, c := range []struct {
		hands Handshake
		want  string
	}{
		{Handshake{Version: "TLS 1.3", Address: "192.0.2.1:443"}, "TLS 1.3 with 192.0.2.1:443"},
		{Handshake{Version: "TLS 1.3", Address: "a", Detail: "a smaller hello gets through"}, "TLS 1.3 with a; a smaller hello gets through"},
		{Handshake{Version: "TLS 1.2", Address: "a", ClientCertRequested: true}, "TLS 1.2 with a; the server asks for a client certificate and works without one"},
		{Handshake{Cause: probes.BadCertificate, Address: "a", Detail: "entry 2 cannot be read"}, "a answered with TLS"},
	} {
		if got := judgeHandshake(c.hands).Because; got != c.want {
			t.Errorf("%+v: %s", c.hands, got)
		}
	}
	v := judgeHandshake(Handshake{Cause: probes.TLSAlert, Detail: "internal error"})
	if told(t, "an alert", v, probes.Failed, probes.TLSAlert, "internal error"); v.Remedy != nil {
		t.Errorf("an alert: %+v", v.Remedy)
	}
}

// TestHandsAreRead takes a version only from a handshake that completed.
func TestHandsAreRead(t *testing.T) {
	var h Handshake
	if h.record(&wire.Handshake{Version: tls.VersionTLS13, Address: "a", Sent: [][]byte{{1}}}); h.Version != "TLS 1.3" || h.Address != "a" || len(h.Sent) != 1 {
		t.Errorf("completed: %+v", h)
	}
	h = Handshake{}
	if h.record(&wire.Handshake{Err: errors.New("broken"), Version: tls.VersionTLS13}); h.Version != "" {
		t.Errorf("broken: %+v", h)
	}
}

// TestSpoken names what answers in place of TLS.
func TestSpoken(t *testing.T) {
	for first, want := range map[string]string{
		"HTTP/":                "not_tls: what answers is not TLS but plain HTTP",
		"SSH-2":                "not_tls: what answers is not TLS but SSH",
		"220 m":                "not_tls: what answers is not TLS but SMTP or FTP",
		"\x15\x09\x09\x00\x02": "tls_error: the server's TLS records are malformed: something that starts with the bytes 15 09 09 00 02",
		"\x16\x09\x09\x00\x02": "tls_error: the server's TLS records are malformed: something that starts with the bytes 16 09 09 00 02",
		"\x17\x03\x03\x00\x02": "not_tls: what answers is not TLS but something that starts with the bytes 17 03 03 00 02",
		"":                     "not_tls: what answers is not TLS but something that starts with the bytes ",
	} {
		cause, what := identifyProtocol([]byte(first))
		if got := fmt.Sprintf("%s: %s", cause, what); got != want {
			t.Errorf("%q: %s", first, got)
		}
	}
}

// TestBlameInOrder takes the error's own cause first, and an issuer in the first place before other words of crypto/tls.
func TestBlameInOrder(t *testing.T) {
	root := forge(t, "Root", nil)
	authority := forge(t, "Authority", root)
	leaf := forge(t, "Server", authority, server)
	swapped := []Cert{parseCert(authority.Raw), parseCert(leaf.Raw)}
	mismatch := errors.New("tls: invalid signature by the server certificate: ECDSA verification failure")
	for _, c := range []struct {
		name string
		err  error
		sent []Cert
		want probes.Cause
		says string
	}{
		{"no cause of its own", errors.New("odd"), nil, probes.TLSError, "odd"},
		{"a reset", syscall.ECONNRESET, swapped, probes.ConnectionReset, ""},
		{"plain HTTP", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake", RecordHeader: [5]byte([]byte("HTTP/"))}, nil, probes.NotTLS, "plain HTTP"},
		{"another key", mismatch, []Cert{parseCert(leaf.Raw), parseCert(authority.Raw)}, probes.KeyMismatch, ""},
		{"its issuer first", mismatch, swapped, probes.LeafNotFirst, `its issuer's, "Authority"; the server's own, "Server", stands at position 2`},
	} {
		if cause, detail := classifyError(c.err, c.sent, "halo.example.test"); cause != c.want || !strings.Contains(detail, c.says) {
			t.Errorf("%s: %s: %s", c.name, cause, detail)
		}
	}
}
