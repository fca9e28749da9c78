package trust

import (
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// inspectors are products that inspect TLS on the way and sign every certificate anew with an authority of their own, by
// what that authority's name holds in lower case: tls-clients.md §7.
var inspectors = []struct{ mark, product string }{
	{"zscaler", "Zscaler"},
	{"netskope", "Netskope"}, {"goskope", "Netskope"},
	{"fortinet", "Fortinet FortiGate"}, {"fortigate", "Fortinet FortiGate"},
	{"palo alto", "Palo Alto Networks"}, {"paloalto", "Palo Alto Networks"},
	{"sophos", "Sophos"},
	{"cisco umbrella", "Cisco Umbrella"}, {"opendns", "Cisco Umbrella"},
	{"blue coat", "Blue Coat ProxySG"}, {"bluecoat", "Blue Coat ProxySG"}, {"proxysg", "Blue Coat ProxySG"},
	{"forcepoint", "Forcepoint"}, {"websense", "Forcepoint"},
	{"check point", "Check Point"}, {"sonicwall", "SonicWall"}, {"watchguard", "WatchGuard"}, {"fireware https proxy", "WatchGuard"},
	{"barracuda", "Barracuda"}, {"kaspersky", "Kaspersky"}, {"eset ssl filter", "ESET"}, {"avast", "Avast"},
	{"mitmproxy", "mitmproxy"}, {"fiddlerroot", "Fiddler"}, {"portswigger", "Burp Suite"},
}

// inspector is the product whose name stands in the authorities of a path that ends in no trusted root; empty: none is
// known. The server's own certificate says nothing of that, only who issued it does.
func (c Chain) inspector() string {
	var names []string
	path := append(append([]Cert(nil), c.pathOrLeaf()...), c.Missing...)
	for i := range path {
		if x := path[i].x509(); x != nil {
			if names = append(names, strings.ToLower(x.Issuer.String())); i > 0 {
				names = append(names, strings.ToLower(x.Subject.String()))
			}
		}
	}
	all := strings.Join(names, "\n")
	for _, p := range inspectors {
		if strings.Contains(all, p.mark) {
			return p.product
		}
	}
	return ""
}

// mayBeSignedAnew tells whether the path ends in no trusted root, as it does where something on the way signs anew.
func (c Chain) mayBeSignedAnew() bool {
	return c.Cause == probes.UntrustedRoot || c.Cause == probes.UnknownIssuer || c.Cause == probes.SelfSigned
}

// intercepted judges a path without a trusted root that something on the way may have made: one that names a product which
// inspects TLS, or any on an instance that Halo hosts, since Halo's own certificates are public. It is false for any other.
// On a hosted instance nobody at the customer could serve another certificate, and a proxy of this machine's own side is asked
// about before the customer is accused, so there the verdict is unknown.
func (c Chain) intercepted() (probes.Verdict, bool) {
	if !c.mayBeSignedAnew() {
		return probes.Verdict{}, false
	}
	product := c.inspector()
	because := c.explain()
	switch {
	case product != "":
		because += "; " + product + " inspects TLS on the way and may have replaced the server's own certificate"
	case c.Hosted && c.retired() == nil:
		because += "; Halo uses public certificates, so something on the way may have replaced it"
	case c.Proxy != "" && c.retired() == nil:
		because += "; the proxy " + c.Proxy + " may have replaced the server's own certificate"
	default:
		return probes.Verdict{}, false
	}
	remedy := probes.Remedy{
		Who:   probes.Operator,
		Do:    "Run the check again from a network without TLS inspection.",
		Where: "the proxy, firewall or security software between this machine and the instance",
	}
	if c.Proxy != "" {
		remedy.Do = "Run the check again without the proxy."
		remedy.Where = "the proxy " + c.Proxy
	}
	if c.Hosted {
		remedy.Do += " If it sees the same certificate, ask Halo's support."
		return probes.CannotTell(c.Cause, because).With(remedy), true
	}
	if c.Proxy != "" {
		remedy.Do += " If it sees the same certificate, have the server serve one from a public authority, with its chain."
		return probes.CannotTell(c.Cause, because).With(remedy), true
	}
	remedy.Do += " If it sees the same certificate, that product stands before the server: have it serve a public certificate with its chain."
	return probes.Fail(c.Cause, because).With(remedy), true
}
