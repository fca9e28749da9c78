package wire

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// portalTimeout bounds the question for a captive portal.
const portalTimeout = 3 * time.Second

// portalParameters are what captive portals put into the address that they send a browser to: who came, over what, and where
// to. CoovaChilli (uamip, nasid, userurl), Aruba (essid), Cisco (ap_mac, client_mac, wlan, switch_url), Meraki (base_grant_url,
// node_mac), UniFi (ssid) have these.
var portalParameters = []string{"uamip", "nasid", "userurl", "essid", "ssid", "ap_mac", "client_mac", "node_mac", "wlan", "switch_url", "base_grant_url"}

// CaptivePortal says how a network that wants a sign-in first answers GET / on the host's port 80 in place of the host;
// empty where nothing shows that. Only what no server of an instance says counts: status 511 (RFC 6585), a WISPr body, or a
// redirect elsewhere with a portal's parameters. It asks once for each host, carries nothing, and follows nothing.
func (n *Net) CaptivePortal(ctx context.Context, e Endpoint) string {
	if n.proxyURL(e) != nil {
		return ""
	}
	n.mu.Lock()
	if n.portals == nil {
		n.portals = map[string]*portal{}
	}
	p := n.portals[e.Host]
	if p == nil {
		p = &portal{}
		n.portals[e.Host] = p
	}
	n.mu.Unlock()
	p.once.Do(func() { p.seen = n.askPortal(ctx, e) })
	return p.seen
}

func (n *Net) askPortal(ctx context.Context, e Endpoint) string {
	ctx, cancel := context.WithTimeout(ctx, portalTimeout)
	defer cancel()
	addrs, err := n.Lookup(ctx, e)
	if err != nil || n.throttle(ctx, e) != nil {
		return ""
	}
	host := e.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/", nil)
	if err != nil {
		return ""
	}
	req.Header.Set("User-Agent", n.UserAgent)
	n.sends(req)
	resp, err := (&http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return n.Dial(ctx, Endpoint{e.Host, "80"}, addrs[0])
		},
		DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader,
	}).RoundTrip(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNetworkAuthenticationRequired {
		return "status 511 (network authentication required)"
	}
	to, err := resp.Location()
	if err == nil && resp.StatusCode/100 == 3 && !strings.EqualFold(to.Hostname(), e.Host) {
		for _, name := range portalParameters {
			if to.Query().Has(name) {
				return Bound("a redirect to " + to.Scheme + "://" + to.Host)
			}
		}
	}
	if body, _ := io.ReadAll(io.LimitReader(resp.Body, 16<<10)); strings.Contains(string(body), "<WISPAccessGatewayParam") {
		return "the page of a hotspot (WISPr)"
	}
	return ""
}
