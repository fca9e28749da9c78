package fakehalo

import (
	"net/http"
	"strings"
)

// iisRefusal is IIS's own page for an address that its IP filter turns away: halo-failures §4.2.
func iisRefusal(status int) *reply {
	return &reply{
		status: status, kind: "text/html", header: http.Header{"Server": {"Microsoft-IIS/10.0"}},
		body: "<!DOCTYPE html><html><head><title>" + http.StatusText(status) + "</title></head><body><h2>Access is denied.</h2></body></html>",
	}
}

// blockAtEdge makes the edge answer in place of the instance.
func blockAtEdge(status int, concerns func(requestContext) bool) func(*instance) {
	return func(i *instance) {
		i.lookFrom = nil
		i.behave = first(i.behave, func(c requestContext, _ int) *reply {
			if !concerns(c) {
				return nil
			}
			return iisRefusal(status)
		})
	}
}

// answerAll makes something before the instance answer everything, for everybody.
func answerAll(r reply) func(*instance) {
	return func(i *instance) {
		i.lookFrom = nil
		i.behave = first(i.behave, func(requestContext, int) *reply { return &r })
	}
}

// wantsWindowsLogin is IIS with Windows Authentication on.
func wantsWindowsLogin() *reply {
	return &reply{
		status: http.StatusUnauthorized, kind: "text/html", header: http.Header{"Server": {"Microsoft-IIS/10.0"}, "WWW-Authenticate": {"Negotiate", "NTLM"}},
		body: "<!DOCTYPE html><html><body><h2>401 - Unauthorized: Access is denied due to invalid credentials.</h2></body></html>",
	}
}

// first lets an earlier behaviour answer before a later one.
func first(earlier, later func(requestContext, int) *reply) func(requestContext, int) *reply {
	return func(c requestContext, hit int) *reply {
		if earlier != nil {
			if r := earlier(c, hit); r != nil {
				return r
			}
		}
		return later(c, hit)
	}
}

func everybody(requestContext) bool { return true }

// authSite is everything that the authorisation server would answer.
func authSite(c requestContext) bool {
	return c.auth || c.path == "/auth" || strings.HasPrefix(c.path, "/auth/")
}

// refuseVantages turns away the first n of the vantage points' addresses.
func refuseVantages(n int) func(*instance) {
	return func(i *instance) {
		i.behave = first(i.behave, func(c requestContext, _ int) *reply {
			for v := range n {
				if i.from(v, c.peer) {
					return iisRefusal(http.StatusForbidden)
				}
			}
			return nil
		})
	}
}

func networkFaults() []Fault {
	return []Fault{
		{"connection-refused", "Nothing listens on the port.", "network.reachable", "fail", "connection_refused", func(i *instance) { i.closed = true }},
		{"dns-failure", "The host's name does not resolve.", "network.resolves", "fail", "dns_failure", func(i *instance) { i.nowhere = true }},
		{"edge-403", "A filter before HaloPSA answers 403 to everybody.", "network.allowlist", "unknown", "edge_refused", blockAtEdge(403, everybody)},
		{"edge-401", "A filter before HaloPSA answers 401 to everybody.", "network.allowlist", "unknown", "edge_refused", blockAtEdge(401, everybody)},
		{"edge-404", "IIS is set to deny by saying that nothing is there.", "network.allowlist", "unknown", "edge_refused", blockAtEdge(404, everybody)},
		{"edge-page", "Something on the way answers everything with a page of its own.", "network.allowlist", "unknown", "edge_refused", answerAll(reply{
			status: http.StatusOK, kind: "text/html", body: "<html><body>Welcome to the guest network. Accept the terms to go on.</body></html>",
		})},
		{"edge-block-page", "A web application firewall answers everything with a block page and status 200.", "network.allowlist", "unknown", "edge_refused", answerAll(reply{
			status: http.StatusOK, kind: "text/html", body: "<html><body>The requested URL was rejected. Please consult with your administrator. Your support ID is: 1234567890</body></html>",
		})},
		{"edge-challenge", "A filter before HaloPSA wants to see a browser.", "network.allowlist", "unknown", "edge_refused", answerAll(reply{
			status: http.StatusForbidden, kind: "text/html", header: http.Header{"Server": {"cloudflare"}, "Cf-Mitigated": {"challenge"}}, body: "<html><head><title>Just a moment...</title></head></html>",
		})},
		{"edge-sign-in", "A gateway sends everybody to a sign-in page.", "network.allowlist", "unknown", "edge_refused", answerAll(reply{
			status: http.StatusFound, header: http.Header{"Location": {"https://login.microsoftonline.com/common/oauth2/authorize?client_id=x"}},
		})},
		{"edge-drop", "A filter cuts every request off without an answer.", "network.allowlist", "unknown", "edge_dropped", func(i *instance) {
			i.lookFrom = nil
			i.behave = first(i.behave, func(requestContext, int) *reply { return &reply{drop: true} })
		}},
		{"edge-auth-403", "A filter before the authorisation server alone answers 403.", "network.allowlist", "unknown", "edge_refused", blockAtEdge(403, authSite)},
		{"listed-refused", "The vendor's addresses are turned away, others are not.", "network.allowlist", "fail", "refused_from_listed", refuseVantages(2)},
		{"one-listed-refused", "One of the vendor's addresses is turned away.", "network.allowlist", "fail", "refused_from_listed", refuseVantages(1)},
		{"no-vantage", "Nobody can look from the vendor's addresses.", "network.allowlist", "unknown", "unrestricted_here", func(i *instance) { i.lookFrom = nil }},
	}
}

// networkAtAuth are the faults that an authorisation server on a host of its own can have instead.
var networkAtAuth = map[string]func(*instance){
	"connection-refused": func(i *instance) { i.otherKin, i.authClosed = true, true },
	"dns-failure":        func(i *instance) { i.otherKin, i.authNowhere = true, true },
}
