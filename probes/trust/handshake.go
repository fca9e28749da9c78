package trust

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/network"
)

// handshake asks for nothing but an encrypted connection; whose it is, the requirements behind it say. The guide takes
// that for granted.
func (t *HostProbes) handshake() *probes.Requirement[Handshake] {
	return &probes.Requirement[Handshake]{
		ID:     "trust.handshake",
		Level:  probes.Must,
		Says:   "A TLS 1.2 or newer handshake completes.",
		Source: impliedSource(),
		Remedy: probes.Remedy{
			Who:   probes.NetworkAdmin,
			Do:    "Serve TLS 1.2 or 1.3 on this port, with a certificate bound to it.",
			Where: "the IIS site's https binding, the reverse proxy or the load balancer",
		},
		Causes: []probes.Cause{
			probes.NotTLS, probes.TLSTooOld, probes.TLSAlert, probes.TLSError, probes.ClientCertRequired, probes.KeyMismatch,
			probes.ConnectionClosed, probes.ConnectionReset, probes.Timeout,
		},
		Given: t.handshakeProbe,
		Host:  t.Where,
		Judge: judgeHandshake,
	}
}

// judgeHandshake says whose fault a failed handshake is. A reset that stays may come from anything on the way, so it is
// unknown; silence is the server's only after a wait of at least one second: contract §9.
func judgeHandshake(h Handshake) probes.Verdict {
	switch h.Cause {
	case "", probes.BadCertificate, probes.ChainTooLong, probes.LeafNotFirst: // what is wrong with the list is the chain's matter
		told := h.Version + " with " + h.Address
		if h.Version == "" {
			told = h.Address + " answered with TLS"
		}
		if h.ClientCertRequested {
			told += "; the server asks for a client certificate and works without one"
		}
		if h.Cause == "" && h.Detail != "" {
			told += "; " + h.Detail
		}
		return probes.Pass(told, h)
	case probes.NotObserved:
		return probes.CannotTell(h.Cause, h.Detail+", so whether a handshake completes could not be seen from here; the list of certificates was read").With(foreignRemedy(h))
	case probes.ConnectionReset:
		return probes.CannotTell(h.Cause, "the server, or a filter on the way, cut the connection off during the handshake, twice")
	case probes.Timeout:
		if h.MS < float64(minSilence.Milliseconds()) {
			return probes.CannotTell(h.Cause, h.Detail)
		}
		return network.BehindPortal(probes.Fail(h.Cause, fmt.Sprintf("the server takes the connection and then says nothing for %.1f s", h.MS/1000)), h.Portal)
	}
	v := probes.Fail(h.Cause, h.Detail)
	if h.Cause == probes.TLSError {
		v.Because = "the handshake broke off: " + h.Detail
	}
	r, ok := handshakeRemedies[h.Cause]
	for _, hint := range handshakeHints {
		if hint.cause == h.Cause && strings.Contains(h.Detail, hint.seen) {
			v.Because += hint.told
			r, ok = hint.remedy, true
			break
		}
	}
	if ok {
		v = v.With(r)
	}
	return network.BehindPortal(v, h.Portal)
}

// foreignRemedy is about what the server wants and this program lacks.
func foreignRemedy(h Handshake) probes.Remedy {
	if h.Detail != foreignKeys && !strings.HasPrefix(h.Detail, foreignGroup) {
		return foreignSuiteRemedy
	}
	return probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    "Serve a certificate with an RSA or an ECDSA P-256 key, and switch on the key exchange X25519 or P-256 as well.",
		Where: "the certificate authority's order form; nginx: ssl_ecdh_curve; Apache: SSLOpenSSLConfCmd Groups; HAProxy: curves; a load balancer: its TLS policy",
	}
}

// foreignSuiteRemedy is about a server whose only suites are ones that this program lacks.
var foreignSuiteRemedy = probes.Remedy{
	Who:   probes.NetworkAdmin,
	Do:    "Switch on a current cipher suite as well, ECDHE with AES-GCM.",
	Where: "Windows: the order of the cipher suites in the group policy (SSL Configuration Settings); nginx: ssl_ciphers; Apache: SSLCipherSuite; HAProxy: ssl-default-bind-ciphers; a load balancer: its TLS policy",
}

// ClientCertRemedy is about a server that demands a client certificate, in the handshake or for a path.
var ClientCertRemedy = probes.Remedy{
	Who:   probes.NetworkAdmin,
	Do:    "Stop asking for a client certificate on this host name, for /api and for /auth.",
	Where: "IIS Manager > SSL Settings > Client certificates: Ignore; nginx: ssl_verify_client off; Apache: SSLVerifyClient none; HAProxy: verify none; a load balancer: its mutual TLS setting",
}

// AskedAfterHandshakeRemedy is about a server that asks for a client certificate for a path, over TLS 1.3 alone.
var AskedAfterHandshakeRemedy = probes.Remedy{
	Who:   probes.NetworkAdmin,
	Do:    "Stop asking for a client certificate for /api and /auth. Where it is optional, switch on TLS 1.2 as well, or check with curl.",
	Where: "Apache: SSLVerifyClient in the Location or Directory, SSLProtocol; elsewhere the setting for client certificates of what ends TLS",
}

// proxyProtocolRemedy is about a header that one side sends and the other does not expect.
var proxyProtocolRemedy = probes.Remedy{
	Who:   probes.NetworkAdmin,
	Do:    "Switch the PROXY protocol on or off on both sides alike.",
	Where: "HAProxy: send-proxy on the server line, accept-proxy on the bind line; nginx: proxy_protocol on and listen … proxy_protocol; a load balancer: the target group's PROXY protocol setting",
}

// handshakeHints are what a detail of a failed handshake tells beyond its cause, the most telling first.
var handshakeHints = []struct {
	cause  probes.Cause
	seen   string // in the detail
	told   string
	remedy probes.Remedy
}{
	{probes.NotTLS, "PROXY protocol", "; it is meant for a server behind a load balancer and went to a client", proxyProtocolRemedy},
	{probes.TLSAlert, "unrecognized name", ": it has no site of that name", probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    "Give the server a site with a certificate for this host name, or use a name that it knows.",
		Where: "IIS Manager > Bindings > https, with the host name; nginx: server_name; Apache: ServerName and ServerAlias; HAProxy: the certificates of crt; a load balancer: its listener's certificate list",
	}},
	{probes.ConnectionClosed, "", "; a server without a certificate does that, or one that waits for the PROXY protocol", probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    "Bind a certificate to this port. If one is bound, set the PROXY protocol to the same on the load balancer and the server.",
		Where: "IIS Manager > Bindings > https; nginx: listen … ssl, without proxy_protocol; HAProxy: bind … ssl crt, without accept-proxy; a load balancer: its PROXY protocol setting",
	}},
	{probes.TLSAlert, "protocol version", "; so does a server that expects no PROXY protocol", probes.Remedy{
		Who:   probes.NetworkAdmin,
		Do:    "Switch on TLS 1.2 and 1.3. If they are on, set the PROXY protocol to the same on the load balancer and the server.",
		Where: "Windows: SCHANNEL registry keys, Protocols; nginx: ssl_protocols; Apache: SSLProtocol; HAProxy: ssl-min-ver; a load balancer: its TLS policy and its PROXY protocol setting",
	}},
}

// handshakeRemedies are those that differ from the requirement's own: TLS is served, and something about it is in the way.
var handshakeRemedies = map[probes.Cause]probes.Remedy{
	probes.ClientCertRequired: ClientCertRemedy,
	probes.KeyMismatch: {
		Who:   probes.NetworkAdmin,
		Do:    "Import the certificate again, with the private key that it was issued for.",
		Where: "certlm.msc and IIS Manager > Bindings > https, or the certificate file and the key file; a load balancer: its certificate and key pair",
	},
}
