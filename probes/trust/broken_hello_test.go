package trust_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/fakehalo/pki"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/trust"
)

// TestOneConnectionAtATime accuses no node where every further connection only waits: the first one was answered.
func TestOneConnectionAtATime(t *testing.T) {
	silent := trust.Attempt{Variant: "TLS 1.3", Cause: probes.Timeout, Detail: "no answer came in time", MS: 5000}
	for name, c := range map[string]struct {
		attempts []trust.Attempt
		want     probes.Status
	}{
		"all wait":              {[]trust.Attempt{silent, silent, {Variant: "RSA", Refused: "handshake failure"}}, probes.Unknown},
		"one waits, one builds": {[]trust.Attempt{silent, {Variant: "TLS 1.2", Builds: true}}, probes.Failed},
		"one waits, one closes": {[]trust.Attempt{silent, {Variant: "TLS 1.2", Cause: probes.ConnectionClosed, Detail: "closed"}}, probes.Failed},
	} {
		if v := trust.Resource.Consistent.Judge(trust.Handshakes{Attempts: c.attempts}); v.Status != c.want {
			t.Errorf("%s: %s %s: %s", name, v.Status, v.Cause, v.Because)
		}
	}
}

// TestBrokenHellos names what answers in place of TLS, or how the answer breaks off.
func TestBrokenHellos(t *testing.T) {
	answering := func(text string, end func(*net.TCPConn)) *pki.Material {
		return &pki.Material{Raw: func(conn net.Conn) {
			defer conn.Close()
			head := make([]byte, 5)
			if _, err := io.ReadFull(conn, head); err == nil {
				_, _ = io.CopyN(io.Discard, conn, int64(head[3])<<8|int64(head[4]))
			}
			_, _ = io.WriteString(conn, text)
			if end != nil {
				end(conn.(*net.TCPConn))
			}
		}}
	}
	reset := func(c *net.TCPConn) { _ = c.SetLinger(0) }
	alert := func(number byte) string { return "\x15\x03\x03\x00\x02\x02" + string([]byte{number}) }
	for name, c := range map[string]struct {
		site   *pki.Material
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		"SMTP":                         {answering("220 mail.example.test ESMTP\r\n", nil), probes.Failed, probes.NotTLS, "SMTP or FTP"},
		"SSH":                          {answering("SSH-2.0-OpenSSH_9.6\r\n", nil), probes.Failed, probes.NotTLS, "SSH"},
		"HTTP":                         {answering("HTTP/1.1 400 Bad Request\r\n\r\n", nil), probes.Failed, probes.NotTLS, "plain HTTP"},
		"nginx's page for plain HTTP":  {answering("<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port", nil), probes.Failed, probes.NotTLS, "a web page"},
		"RDP":                          {answering("\x03\x00\x00\x13\x0e\xd0\x00\x00\x124\x00\x02\x01\x08\x00\x02\x00\x00\x00", nil), probes.Failed, probes.NotTLS, "Remote Desktop"},
		"MySQL":                        {answering("\x4a\x00\x00\x00\x0a8.0.36\x00", nil), probes.Failed, probes.NotTLS, "bytes"},
		"IMAP":                         {answering("* OK IMAP4rev1 ready\r\n", nil), probes.Failed, probes.NotTLS, "IMAP"},
		"POP3":                         {answering("+OK ready\r\n", nil), probes.Failed, probes.NotTLS, "POP3"},
		"one byte":                     {answering("H", nil), probes.Failed, probes.ConnectionClosed, ""},
		"an alert cut in the middle":   {answering("\x15\x03\x03\x00\x02\x02", nil), probes.Failed, probes.ConnectionClosed, ""},
		"a hello cut in the middle":    {answering("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", nil), probes.Failed, probes.ConnectionClosed, ""},
		"reset after the hello":        {answering("", reset), probes.Unknown, probes.ConnectionReset, "filter on the way"},
		"reset in the middle":          {answering("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03", reset), probes.Unknown, probes.ConnectionReset, "filter on the way"},
		"the alert unrecognized_name":  {answering(alert(112), nil), probes.Failed, probes.TLSAlert, "no site of that name"},
		"the alert handshake_failure":  {answering(alert(40), nil), probes.Failed, probes.TLSAlert, "handshake failure"},
		"the alert protocol_version":   {answering(alert(70), nil), probes.Failed, probes.TLSAlert, "PROXY protocol"},
		"the alert internal_error":     {answering(alert(80), nil), probes.Failed, probes.TLSAlert, "internal error"},
		"the alert access_denied":      {answering(alert(49), nil), probes.Failed, probes.TLSAlert, "access denied"},
		"the alert certificate needed": {answering(alert(116), nil), probes.Failed, probes.ClientCertRequired, "certificate required"},
		"the alert close_notify":       {answering("\x15\x03\x03\x00\x02\x01\x00", nil), probes.Failed, probes.ConnectionClosed, ""},
		"an alert of TLS 1.0":          {answering("\x15\x03\x01\x00\x02\x02\x28", nil), probes.Failed, probes.TLSAlert, "handshake failure"},
		"an alert of SSL 3.0":          {answering("\x15\x03\x00\x00\x02\x02\x28", nil), probes.Failed, probes.TLSAlert, "handshake failure"},
		"a warning of a name":          {answering("\x15\x03\x03\x00\x02\x01\x70"+alert(40), nil), probes.Failed, probes.TLSAlert, "handshake failure"},
	} {
		f := quick(t, open(t, c.site).session(t, "off"))["trust.handshake"]
		if f.Status != c.status || f.Cause != c.cause || !strings.Contains(f.Because, c.says) || f.Status == probes.Failed && f.Remedy == nil {
			t.Errorf("%s: %s %s: %s; want %s %s: %s", name, f.Status, f.Cause, f.Because, c.status, c.cause, c.says)
		}
	}
}
