package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// AnswerError is an answer that breaks the rules of HTTP, or the bounds on what is read of one.
type AnswerError struct{ Err error }

func (e *AnswerError) Error() string { return "malformed answer: " + e.Err.Error() }

// Unwrap is the rule that was broken.
func (e *AnswerError) Unwrap() error { return e.Err }

// UnprovenError is a connection that was to carry a secret or a token and did not prove its name; nothing was sent on it.
type UnprovenError struct{ Err error }

func (e *UnprovenError) Error() string { return "unproven server: " + e.Err.Error() }

// Unwrap is what is wrong with the certificate.
func (e *UnprovenError) Unwrap() error { return e.Err }

// ThrottledError is a request that was not sent, because the limit of requests left no room for it in time.
type ThrottledError struct{ Err error }

func (e *ThrottledError) Error() string { return "held back: " + e.Err.Error() }

// Unwrap is why the waiting ended.
func (e *ThrottledError) Unwrap() error { return e.Err }

// answerError marks err, unless it is about the connection rather than about what came over it.
func answerError(err error) error {
	if err == nil || Cause(err) != "" || errors.Is(err, context.Canceled) {
		return err
	}
	return &AnswerError{err}
}

// Cause is the stable keyword (contract §7) for an error of a connection, and empty for anything else.
func Cause(err error) string {
	var dns *net.DNSError
	var record tls.RecordHeaderError
	var netErr net.Error
	var answer *AnswerError
	var unproven *UnprovenError
	var held *ThrottledError
	var cert *ClientCertError
	var viaProxy *ProxyError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &held):
		return "rate_limited"
	case errors.As(err, &viaProxy):
		return "not_observed"
	case errors.As(err, &cert):
		return "client_cert_required"
	case errors.As(err, &unproven):
		return "server_unproven"
	case errors.As(err, &answer):
		return "answer_malformed"
	case errors.As(err, &dns):
		return "dns_failure"
	case errors.As(err, &record):
		return "not_tls"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	case errors.As(err, &netErr) && netErr.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection_refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return "connection_reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "connection_closed"
	case strings.HasPrefix(Message(err), "http2: client conn"):
		return "connection_closed" // what is told to the others of a connection that broke; its errors are unexported
	case streamReset(Message(err)):
		return "connection_reset"
	case Alert(err) != "":
		return "tls_alert"
	case strings.HasPrefix(Message(err), "tls: "):
		return "tls_error"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return "connection_refused" // no route, network unreachable: the operating system refused
	}
	return ""
}

// streamReset tells whether the other side ended one HTTP/2 stream without an answer, as it would close an HTTP/1.1
// connection, or the connection under it with GOAWAY: RFC 9113 §7. The error's type is unexported in net/http.
func streamReset(message string) bool {
	if strings.HasPrefix(message, "http2: server sent GOAWAY") {
		return true
	}
	if !strings.HasPrefix(message, "stream error:") || !strings.HasSuffix(message, "received from peer") {
		return false
	}
	return strings.Contains(message, "; INTERNAL_ERROR;") || strings.Contains(message, "; REFUSED_STREAM;") || strings.Contains(message, "; CANCEL;")
}

// Alert is the text of a TLS alert that the peer sent, such as "handshake failure"; empty for other errors. The
// alert's type is unexported in crypto/tls, so it is known by its operation: tls.md §3.10.
func Alert(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		return strings.TrimPrefix(op.Err.Error(), "tls: ")
	}
	return ""
}

// Message is the text of the innermost error, without what was wrapped around it.
func Message(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

// brokenRule is a message of net/http's without what it quotes of the server: `malformed MIME header line: "…"`.
func brokenRule(message string) string {
	library := ""
	for _, prefix := range []string{"http2: ", "net/http: ", "gzip: ", "flate: "} {
		if rest, ok := strings.CutPrefix(message, prefix); ok {
			library, message = prefix, rest
		}
	}
	if end := strings.IndexAny(message, ":\"'`"); end > 0 {
		message = message[:end]
	}
	return library + Bound(strings.TrimSpace(message))
}

// Describe is an error of a connection in words for people, without Go's own prefixes.
func Describe(err error) string {
	var viaProxy *ProxyError
	if errors.As(err, &viaProxy) {
		return "the proxy " + viaProxy.Proxy + " opened no connection: " + Describe(viaProxy.Err)
	}
	switch Cause(err) {
	case "dns_failure":
		var dns *net.DNSError
		errors.As(err, &dns)
		if dns.IsNotFound {
			return "no address is known for the name " + dns.Name
		}
		return "the name " + dns.Name + " could not be looked up: " + dns.Err
	case "timeout":
		return "no answer came in time"
	case "connection_refused":
		if errors.Is(err, syscall.ECONNREFUSED) {
			return "the connection was refused"
		}
		return "the connection could not be opened: " + Message(err)
	case "connection_reset":
		return "the connection was reset by the other side, or by something in between"
	case "connection_closed":
		return "the other side closed the connection without an answer"
	case "tls_alert":
		return "the server ended the handshake with the TLS alert \"" + Alert(err) + "\""
	case "not_tls":
		return "what answered does not speak TLS"
	case "rate_limited":
		return "the request was held back to stay under the host's limit of requests, and the time was over first"
	case "client_cert_required":
		return "the server asked for a client certificate and ended the connection that showed none"
	case "server_unproven":
		return "a connection did not prove the server's name, although an earlier one did, so nothing was sent on it: " + Bound(Message(err))
	case "answer_malformed":
		return "the answer breaks the rules of HTTP, or is too long: " + brokenRule(Message(err))
	}
	return Bound(Message(err))
}
