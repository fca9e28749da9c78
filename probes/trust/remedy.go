package trust

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// terminator is a kind of software that ends TLS, known by its Server header, and where its chain is set: tls.md §6.
type terminator struct {
	header string // part of the Server header, lower case
	where  string
}

// terminators are tried in order.
var terminators = []terminator{
	{"microsoft", "Windows: certlm.msc (Local Computer) > Intermediate Certification Authorities; then choose the certificate again in IIS Manager > Bindings > https"},
	{"nginx", "nginx: the file of ssl_certificate (fullchain.pem, not cert.pem); then nginx -s reload"},
	{"openresty", "OpenResty: the file of ssl_certificate; then reload"},
	{"apache", "Apache 2.4.8 or later: the file of SSLCertificateFile; then apachectl graceful"},
	{"haproxy", "HAProxy: the PEM file of crt (certificate, intermediates, key); then reload"},
	{"awselb", "AWS: import the certificate again in ACM, the intermediates in its chain field"},
	{"bigip", "F5: Client SSL profile > Certificate Key Chain > Chain"},
	{"big-ip", "F5: Client SSL profile > Certificate Key Chain > Chain"},
	{"application-gateway", "Azure Application Gateway: upload a PFX that holds the whole chain to the listener"},
	{"netscaler", "NetScaler: link the server's certificate to the intermediate"},
}

// anyTerminator is where to look when nothing says what ends TLS.
const anyTerminator = "Windows: certlm.msc (Local Computer) > Intermediate Certification Authorities, then IIS Manager > Bindings; " + proxies

// terminatorSetting is the place to act. The Server header passes through proxies untouched, so it names what answered and
// not what ends TLS: both places are given.
func (c Chain) terminatorSetting() string {
	if at := c.terminator(); at != "" {
		return at + c.orProxy()
	}
	return anyTerminator
}

// orProxy follows the place in the software that answered.
func (c Chain) orProxy() string {
	return ". Where a proxy or load balancer stands before the server, there: " + proxies
}

// terminator is the place in the software that answered; empty where it is not known.
func (c Chain) terminator() string {
	server := strings.ToLower(c.Server)
	for _, t := range terminators {
		if strings.Contains(server, t.header) {
			return t.where
		}
	}
	return ""
}

// proxies is where proxies hold their chain.
const proxies = "nginx: ssl_certificate; Apache: SSLCertificateFile; HAProxy: crt; a load balancer: its chain field"

// remedy says what to do about a path that does not build.
func (c Chain) remedy() probes.Remedy {
	switch c.Cause {
	case probes.MissingIntermediate:
		return c.fixRemedy("Add the certificate of " + c.missingWords() + " to the chain, behind the server's own.")
	case probes.WrongIntermediate, probes.BadSignature, probes.AKIMismatch:
		if taken, holds, ok := c.editions(); ok {
			return c.fixRemedy(fmt.Sprintf("Take the certificate of %q at position %d out of what the server sends, or put it behind the one at position %d.", c.Sent[taken].Subject, taken+1, holds+1))
		}
		if c.uncheckable() {
			return c.fixRemedy("Have the certificate issued again, signed with SHA-256.")
		}
		if len(c.Missing) > 0 {
			return c.fixRemedy("Replace the intermediate by the certificate of " + c.missingWords() + ".")
		}
		return c.fixRemedy("Replace the intermediate by the one that issued the certificate.")
	case probes.LeafNotFirst:
		return c.fixRemedy("Put the server's own certificate first in the chain.")
	case probes.BadCertificate:
		if x := c.pathOrLeaf(); len(x) > c.ErrorDepth && x[c.ErrorDepth].x509() != nil && !datesAsDER(x[c.ErrorDepth].x509()) {
			return c.fixWithNewCertificate("Have the certificate issued again, with its dates in UTC and with seconds.")
		}
		return c.fixRemedy("Export the certificates of the chain again.")
	case probes.UnknownIssuer, probes.UntrustedRoot:
		if r := c.retired(); r != nil {
			return c.fixWithNewCertificate("Have the certificate issued again " + r.instead + ", and serve it with the intermediates that come with it.")
		}
	}
	switch c.Cause {
	case probes.UnknownIssuer:
		return c.fixRemedy("Ask the authority that issued the certificate for its intermediates, and serve them behind it. If it is a private authority, serve a certificate from a public one.")
	case probes.UntrustedRoot, probes.SelfSigned:
		if c.partlyTrusted() {
			break
		}
		return c.fixWithNewCertificate("Serve a certificate from a public authority, with its intermediates.")
	}
	return c.fixWithNewCertificate("Have the certificate issued again by a public authority, and serve it with the intermediates that come with it.")
}

// fixWithNewCertificate is a fix that begins with another certificate: on Windows that is a binding, not the store of intermediates.
func (c Chain) fixWithNewCertificate(do string) probes.Remedy {
	r := c.fixRemedy(do)
	if strings.Contains(strings.ToLower(c.Server), "microsoft") {
		r.Where = "Windows: certlm.msc (Local Computer) > Personal; then IIS Manager > Bindings > https" + c.orProxy()
	}
	return r
}

// renewRemedy is about an intermediate that has ended while the certificate that it issued has not.
func (c Chain) renewRemedy() probes.Remedy {
	if len(c.Renewed) == 0 {
		return c.fixRemedy("Replace the expired intermediate by the later edition of its authority; where there is none, have the certificate issued again.")
	}
	return c.fixRemedy("Replace the expired intermediate by its later edition, " + listed(c.Renewed) + ".")
}

// missingWords names the certificates to add, lowest first.
func (c Chain) missingWords() string { return listed(c.Missing) }

// listed are certificates and where they were found.
func listed(certs []Cert) string {
	var titles []string
	for _, m := range certs {
		titles = append(titles, fmt.Sprintf("%q (%s)", m.Subject, m.From))
	}
	return strings.Join(titles, " and of ")
}

// ProofMark stands in a remedy between what to do and the command that proves it was done.
const ProofMark = " To prove it: "

// fixRemedy is a remedy for the person who runs what ends TLS, with the command that proves it.
func (c Chain) fixRemedy(do string) probes.Remedy {
	return probes.Remedy{Who: probes.NetworkAdmin, Do: do + ProofMark + c.proofCommand(), Where: c.terminatorSetting()}
}

// proofCommand is the command that ends with "Verify return code: 0 (ok)" once the chain is right. It reads the same in a
// POSIX shell, PowerShell and cmd.exe.
func (c Chain) proofCommand() string {
	host := strings.TrimSuffix(c.Host, ".") // which OpenSSL does not take off
	port, name := c.Port, "-servername "+host+" -verify_hostname "+host
	if port == "" {
		port = "443"
	}
	if c.IP {
		name = "-verify_ip " + c.Host
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
	}
	if c.PrivateRoot != "" {
		name += " -CAfile ROOTS.pem"
	}
	return fmt.Sprintf("echo Q | openssl s_client -connect %s:%s %s -verify_return_error -showcerts", host, port, name)
}
