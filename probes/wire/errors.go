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

// Cause is the stable keyword (contract §7) for an error of a connection, and empty for anything else.
func Cause(err error) string {
	var dns *net.DNSError
	var record tls.RecordHeaderError
	var netErr net.Error
	switch {
	case err == nil:
		return ""
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
	case Alert(err) != "":
		return "tls_alert"
	case strings.HasPrefix(message(err), "tls: "):
		return "tls_error"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return "connection_refused" // no route, network unreachable: the operating system refused
	}
	return ""
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

// message is the innermost error's text.
func message(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// Describe is an error of a connection in words for people, without Go's own prefixes.
func Describe(err error) string {
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
		return "the connection could not be opened: " + message(err)
	case "connection_reset":
		return "the connection was reset by the other side, or by something in between"
	case "connection_closed":
		return "the other side closed the connection without an answer"
	case "tls_alert":
		return "the server ended the handshake with the TLS alert \"" + Alert(err) + "\""
	case "not_tls":
		return "what answered does not speak TLS"
	}
	return message(err)
}
