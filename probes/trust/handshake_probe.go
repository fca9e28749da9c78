package trust

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
)

// Bounds of one handshake. Silence is called the server's only after patience, otherwise the run was too short.
const (
	handshakeTimeout  = 10 * time.Second
	minSilence        = time.Second
	smallHelloTimeout = 3 * time.Second // for the second hello to a server that let the first one wait
)

// Handshake is what the first handshake showed.
type Handshake struct {
	Host                string       `json:"host"` // the name that was asked for
	Address             string       `json:"address"`
	Version             string       `json:"version,omitempty"` // "TLS 1.3"; empty where no handshake completed
	Suite               string       `json:"suite,omitempty"`   // IANA name, of a suite that this program lacks as well
	Protocol            string       `json:"protocol,omitempty"`
	Sent                []Cert       `json:"sent,omitempty"` // in the order sent
	Staple              []byte       `json:"staple,omitempty"`
	Cause               probes.Cause `json:"cause,omitempty"` // why it failed; empty where it completed
	Detail              string       `json:"detail,omitempty"`
	ClientCertRequested bool         `json:"client_certificate_asked,omitempty"`
	LegacyVersion       string       `json:"old_version,omitempty"` // the version that the server does accept, where it is too old
	Portal              string       `json:"portal,omitempty"`      // how a network answers that wants a sign-in first; asked only where the handshake failed
	MS                  float64      `json:"ms"`
	Now                 time.Time    `json:"now"`
}

// newHandshakeProbe makes the one handshake that everything waits for. It takes the connection that network.reachable opened
// and leaves it to the requests that follow, so that a healthy host costs one handshake.
func (t *HostProbes) newHandshakeProbe() *probes.Probe[Handshake] {
	return &probes.Probe[Handshake]{
		Name: "trust.handshake" + t.Suffix,
		Asks: "one TLS handshake (1.2 or 1.3, with the server's name); where it fails, a second one that is smaller and accepts older versions, or one that only reads the list of certificates, and GET / over plain HTTP, which tells of a network that wants a sign-in first; HEAD /, and the page itself where that is refused, where it asks for a client certificate",
		Look: func(ctx context.Context, s *probes.Session) (Handshake, error) {
			e, err := t.Endpoint(ctx, s)
			if err != nil {
				return Handshake{}, err
			}
			if _, err := probes.Need(ctx, s, t.Reachable); err != nil {
				return Handshake{}, err
			}
			step, cancel := probes.Step(ctx, handshakeTimeout)
			defer cancel()
			start := time.Now()
			seen, err := s.Net.Handshake(step, e, wire.Hello{Keep: true})
			h := Handshake{Host: e.Host, Now: s.Now(), MS: float64(time.Since(start).Microseconds()) / 1000}
			switch {
			case err != nil && ctx.Err() != nil:
				return h, context.Cause(ctx)
			case err != nil:
				h.Cause, h.Detail = probes.Cause(wire.Cause(err)), wire.Describe(err)
				return h, nil
			}
			h.record(seen)
			if seen.Err != nil {
				if ctx.Err() != nil {
					return h, context.Cause(ctx)
				}
				if h.diagnose(ctx, s, e, seen.Err); h.Cause != "" {
					h.Portal = s.Net.CaptivePortal(ctx, e)
				}
			} else if seen.ClientCert {
				if h.Detail = requiresClientCert(ctx, s, e); h.Detail != "" {
					h.Cause = probes.ClientCertRequired
				}
			}
			return h, nil
		},
	}
}

// record takes what was captured.
func (h *Handshake) record(seen *wire.Handshake) {
	h.Address, h.Protocol, h.ClientCertRequested, h.Staple = seen.Address, seen.Protocol, seen.ClientCert, seen.Staple
	if seen.Err == nil {
		h.Version, h.Suite = tls.VersionName(seen.Version), tls.CipherSuiteName(seen.Suite)
	}
	h.Sent = describeAll(seen.Sent)
}

// diagnose names the cause of a failed handshake. Before a server or the network is blamed, a second hello is tried that
// is smaller and takes everything down to TLS 1.0 (tls.md §3.9).
func (h *Handshake) diagnose(ctx context.Context, s *probes.Session, e wire.Endpoint, err error) {
	h.Cause, h.Detail = classifyError(err, h.Sent, h.Host)
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record), h.Cause == probes.NotObserved, h.Cause == probes.LeafNotFirst, h.Cause == probes.KeyMismatch:
		return
	case h.Cause == probes.BadCertificate, h.Cause == probes.ChainTooLong:
		h.readRawCertificates(ctx, s, e)
		return
	case wire.Alert(err) == "certificate required", h.ClientCertRequested && (wire.Alert(err) != "" || h.Cause == probes.ConnectionClosed || h.Cause == probes.ConnectionReset):
		h.Cause, h.Detail = probes.ClientCertRequired, "the server asked for a client certificate and ended the handshake that showed none: "+h.Detail
		return
	case h.Cause == probes.Timeout:
		if h.MS < float64(minSilence.Milliseconds()) {
			h.Detail = "the run left too little time for the handshake; give the run more time"
			return
		}
	}
	h.retryWithSmallHello(ctx, s, e)
	if h.Cause == probes.TLSAlert || h.Cause == probes.TLSError || h.Cause == probes.ConnectionClosed || h.Cause == probes.ConnectionReset {
		h.tryForeignSuites(ctx, s, e)
	}
}

// classifyError is the cause of a failed handshake and what was seen of it, as far as the error and what was sent before tell.
func classifyError(err error, sent []Cert, host string) (cause probes.Cause, detail string) {
	cause, detail = probes.Cause(wire.Cause(err)), wire.Describe(err)
	if cause == "" {
		cause = probes.TLSError
	}
	var record tls.RecordHeaderError
	switch text := err.Error(); {
	case errors.As(err, &record):
		return identifyProtocol(record.RecordHeader[:])
	case cause == probes.TLSError && leafPosition(sent, host) > 0:
		at := leafPosition(sent, host)
		return probes.LeafNotFirst, fmt.Sprintf("the first certificate is its issuer's, %q; the server's own, %q, stands at position %d", sent[0].Subject, sent[at].Subject, at+1)
	case strings.Contains(text, "unsupported type of public key"), strings.Contains(text, "crypto/rsa: public exponent too large"):
		return probes.NotObserved, foreignKeys
	case strings.Contains(text, "invalid signature by the server certificate"):
		return probes.KeyMismatch, "the server's key does not belong to the certificate that it sent"
	case strings.Contains(text, "certificate used with invalid signature algorithm"):
		return probes.KeyMismatch, "the server's key does not belong to the certificate that it sent: it signs in a way that the certificate's key cannot"
	case strings.Contains(text, "failed to parse certificate"):
		_, why, _ := strings.Cut(text, "from server: ")
		return probes.BadCertificate, "the server sent a certificate that cannot be read: " + strings.TrimPrefix(why, "x509: ")
	case strings.Contains(text, "exceeds maximum of "+maxCertificateMessage):
		return probes.ChainTooLong, "the certificates that the server sent are longer than the " + maxCertificateMessage + " bytes that clients read"
	}
	return cause, strings.TrimPrefix(detail, "tls: ")
}

// retryWithSmallHello tries a smaller ClientHello. A server that it reaches with today's versions and suites is fine: what
// broke the first one is a middlebox that cannot take a hello of more than 1 KiB, and that is told. The connection is kept, so that
// the questions behind it can be asked.
func (h *Handshake) retryWithSmallHello(ctx context.Context, s *probes.Session, e wire.Endpoint) {
	most := handshakeTimeout
	if h.Cause == probes.Timeout {
		most = smallHelloTimeout
	}
	step, cancel := probes.Step(ctx, most)
	defer cancel()
	second, err := s.Net.Handshake(step, e, wire.Hello{
		Min: tls.VersionTLS10, Max: tls.VersionTLS12, Suites: wire.AllSuites(), Curves: wire.ClassicCurves(),
		Keep: true,
	})
	if err != nil || second.Err != nil {
		return
	}
	h.record(second)
	switch {
	case second.Version < tls.VersionTLS12:
		h.tooOld(h.Version)
	case !slices.Contains(wire.ClientSuites(), second.Suite):
		h.Cause, h.Version = probes.TLSError, ""
		h.Detail = "the server agrees on nothing better than the cipher suite " + h.Suite + ", which clients refuse"
	case completes(step, s, e): // the first hello met another node than the second and the third
		h.Detail = "1 of 3 connections failed (" + h.Detail + "): one of several nodes or listeners is set up differently"
		h.Cause = ""
	default:
		s.Net.UseSmallHello(e)
		h.Detail = "a smaller hello gets through, the usual one of more than 1 KiB does not (" + h.Detail + ")"
		h.Cause = ""
	}
}

// tooOld is the handshake with a server that chooses an old version although newer ones are offered.
func (h *Handshake) tooOld(version string) {
	h.Cause, h.LegacyVersion, h.Version = probes.TLSTooOld, version, ""
	h.Detail = "the server speaks nothing newer than " + version
}

// completes tells whether an ordinary handshake does.
func completes(ctx context.Context, s *probes.Session, e wire.Endpoint) bool {
	seen, err := s.Net.Handshake(ctx, e, wire.Hello{})
	return err == nil && seen.Err == nil
}

// maxCertificateMessage is how many bytes of certificates crypto/tls reads: tls.md §3.8.
const maxCertificateMessage = "262144"

// readRawCertificates looks at a list of certificates that crypto/tls gives up on, and says which one cannot be read.
func (h *Handshake) readRawCertificates(ctx context.Context, s *probes.Session, e wire.Endpoint) {
	step, cancel := probes.Step(ctx, handshakeTimeout)
	defer cancel()
	plain, err := s.Net.ReadPlainHandshake(step, e)
	if err != nil {
		plain, err = s.Net.ReadTLS13Handshake(step, e)
	}
	if err != nil || len(plain.Sent) == 0 {
		return // crypto/tls's own words have to do
	}
	h.Sent, h.Suite = describeAll(plain.Sent), wire.SuiteName(plain.Suite)
	for i, cert := range h.Sent {
		if cert.Error != "" {
			h.Detail = fmt.Sprintf("entry %d of the %d that the server sent as certificates cannot be read: %s", i+1, len(h.Sent), cert.Error)
		}
	}
}

// tryForeignSuites offers the suites and keys that ordinary clients have and crypto/tls does not. Where the server takes one, only
// this program cannot tell whether a handshake completes; its certificates are read all the same (tls-clients.md §1).
func (h *Handshake) tryForeignSuites(ctx context.Context, s *probes.Session, e wire.Endpoint) {
	step, cancel := probes.Step(ctx, smallHelloTimeout)
	defer cancel()
	plain, err := s.Net.ReadPlainHandshake(step, e)
	if err != nil && h.Cause == probes.TLSAlert {
		plain, err = s.Net.ReadTLS13Handshake(step, e)
	}
	foreign := wire.IsForeignSuite(plain.Suite)
	if err != nil || !foreign && (h.Cause != probes.TLSAlert || len(h.Sent) > 0 || completes(step, s, e)) {
		return
	}
	h.Sent = describeAll(plain.Sent)
	switch {
	case plain.Version < tls.VersionTLS12:
		h.tooOld(tls.VersionName(plain.Version))
	case foreign:
		h.Cause, h.Suite = probes.NotObserved, wire.SuiteName(plain.Suite)
		h.Detail = "the server agrees on nothing better than the cipher suite " + h.Suite + othersHave
	case wire.GroupName(plain.Group) != "":
		h.Cause, h.Suite = probes.NotObserved, wire.SuiteName(plain.Suite)
		h.Detail = foreignGroup + wire.GroupName(plain.Group) + othersHave
	default:
		h.Cause, h.Detail = probes.NotObserved, foreignKeys
	}
}

// foreignKeys is told of a server that shows its certificates to a hello with X448, Ed448 and RSA-PSS keys, and to no other.
const foreignKeys = "the server wants a kind of key that ordinary clients have and this program lacks, such as RSA-PSS, Ed448 or X448"

// Words about what ordinary clients have and crypto/tls has not.
const (
	foreignGroup = "the server agrees on nothing but the key exchange "
	othersHave   = ", which ordinary clients have and this program lacks"
)

// identifyProtocol names what speaks instead of TLS by its first bytes (tls.md §3.10).
func identifyProtocol(first []byte) (probes.Cause, string) {
	text := string(first)
	what := fmt.Sprintf("something that starts with the bytes % x", first)
	switch {
	case strings.HasPrefix(text, "HTTP"):
		what = "plain HTTP"
	case strings.HasPrefix(text, "SSH-"):
		what = "SSH"
	case strings.HasPrefix(text, "PROXY"), strings.HasPrefix(text, "\r\n\r\n\x00"):
		what = "a header of the PROXY protocol"
	case strings.HasPrefix(text, "220"):
		what = "SMTP or FTP"
	case strings.HasPrefix(text, "* OK"):
		what = "IMAP"
	case strings.HasPrefix(text, "+OK"):
		what = "POP3"
	case strings.HasPrefix(text, "\x03\x00\x00"):
		what = "Remote Desktop (RDP)"
	case strings.HasPrefix(strings.ToLower(text), "<html"), strings.HasPrefix(strings.ToLower(text), "<!doc"):
		what = "a web page without encryption"
	case len(first) > 0 && first[0] == 0x15, len(first) > 0 && first[0] == 0x16:
		return probes.TLSError, "the server's TLS records are malformed: " + what
	}
	return probes.NotTLS, "what answers is not TLS but " + what
}

// requiresClientCert says how a server that asked for a client certificate requires one; empty: it does not. Under TLS 1.3 that
// shows only once the connection is used. The alert can be lost when the server closes at once, so that only a broken
// connection is left; therefore a certificate counts as required where none of clientCertTries connections is answered.
// Silence does not count. nginx, and what is built on it, completes the handshake and refuses every request instead.
func requiresClientCert(ctx context.Context, s *probes.Session, e wire.Endpoint) string {
	step, cancel := probes.Step(ctx, handshakeTimeout)
	defer cancel()
	for range clientCertTries {
		page, err := s.Net.Once(step, wire.Request{Method: http.MethodHead, URL: "https://" + e.Address() + "/"})
		switch {
		case err == nil && page.Status/100 == 4:
			page, err = s.Net.Once(step, wire.Request{Method: http.MethodGet, URL: "https://" + e.Address() + "/"})
			if err == nil && page.WantsClientCert() {
				return fmt.Sprintf("the server answers a request that shows no client certificate with status %d and a page about that", page.Status)
			}
			return ""
		case err == nil, wire.Cause(err) == string(probes.Timeout):
			return ""
		case wire.Alert(err) != "":
			return clientCertEnforced
		}
	}
	return clientCertEnforced
}

// clientCertEnforced says what a server did that ends every connection without a client certificate.
const clientCertEnforced = "the server ends every connection that shows no client certificate"

// clientCertTries is how many connections a server may end before that is called its rule.
const clientCertTries = 3
