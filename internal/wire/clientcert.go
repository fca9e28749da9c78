package wire

import (
	"context"
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
)

// ClientCertError is a request that broke after the server had asked for a client certificate by renegotiation, as IIS and
// Apache do where a path wants one.
type ClientCertError struct{ Err error }

func (e *ClientCertError) Error() string { return "a client certificate is required: " + e.Err.Error() }

// Unwrap is how the connection ended.
func (e *ClientCertError) Unwrap() error { return e.Err }

// noteClientCert keeps in mind that the endpoint asked for a client certificate, in a first handshake or after it.
func (n *Net) noteClientCert(e Endpoint, after bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.clientCerts == nil {
		n.clientCerts = map[Endpoint]bool{}
	}
	n.clientCerts[e] = n.clientCerts[e] || after
}

// ClientCertRequested tells whether the endpoint asked for a client certificate.
func (n *Net) ClientCertRequested(e Endpoint) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, asked := n.clientCerts[e]
	return asked
}

// clientCertError marks the error of a connection that ended because no client certificate was shown.
func (n *Net) clientCertError(e Endpoint, err error) error {
	switch Cause(err) {
	case "tls_alert", "tls_error", "connection_closed", "connection_reset":
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.clientCerts[e] {
			return &ClientCertError{err}
		}
	}
	return err
}

// clientCertWords are what servers say in a page that demands a client certificate: nginx, Apache, IIS with its 403.7, in
// English and in the languages of Windows that are common here.
var clientCertWords = []string{
	"client certificate", "ssl certificate", "clientzertifikat", "certificat client", "certificat du client", "certificado de cliente",
	"certificato client", "clientcertificaat", "403.7", postHandshake,
}

// postHandshake is in Apache's page where a path wants a client certificate and TLS 1.3 is spoken: crypto/tls cannot be asked
// for one after the handshake, ordinary clients can (tls-clients.md §2).
const postHandshake = "post-handshake auth"

// WantsClientCert tells whether the answer is a page that refuses the request for want of a client certificate.
func (p Page) WantsClientCert() bool {
	return p.Status/100 == 4 && p.IsHTML() && p.says(clientCertWords...)
}

// AsksAfterHandshake tells whether the answer is a refusal for want of post-handshake authentication.
func (p Page) AsksAfterHandshake() bool {
	return p.Status == http.StatusForbidden && p.says(postHandshake)
}

// says tells whether the beginning of the body holds one of the words, in lower case.
func (p Page) says(words ...string) bool {
	body := strings.ToLower(string(p.Body[:min(len(p.Body), 16<<10)]))
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(body, w) })
}

// speaksTLS12 tries a handshake of TLS 1.2. An endpoint that refuses one is not tried again.
func (n *Net) speaksTLS12(ctx context.Context, e Endpoint) bool {
	n.mu.Lock()
	refuses := n.refusesTLS12[e]
	n.mu.Unlock()
	if refuses {
		return false
	}
	older, err := n.Handshake(ctx, e, Hello{Max: tls.VersionTLS12})
	if err != nil || older.Err == nil {
		return err == nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.refusesTLS12 == nil {
		n.refusesTLS12 = map[Endpoint]bool{}
	}
	n.refusesTLS12[e] = true
	return false
}

// adapt changes what later connections to the endpoint offer, where a server could not do what this client lacks: TLS 1.2
// in place of post-handshake authentication, and HTTP/1.1 where HTTP/2 is in the way of a renegotiation (RFC 9113 §9.2.1).
// It is true where the request is worth another try.
func (n *Net) adapt(e Endpoint, p Page, err error) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	limits := n.limits[e]
	switch {
	case err == nil && p.AsksAfterHandshake():
		limits.Max = tls.VersionTLS12
	case err != nil && strings.Contains(err.Error(), "HTTP_1_1_REQUIRED"):
		limits.Protocols = []string{"http/1.1"}
	default:
		return false
	}
	n.limit(e, limits)
	for key, t := range n.transports {
		if key.endpoint == e {
			t.CloseIdleConnections()
			delete(n.transports, key)
		}
	}
	for _, c := range n.spareTLS[e] {
		_ = c.Close()
	}
	delete(n.spareTLS, e)
	return true
}
