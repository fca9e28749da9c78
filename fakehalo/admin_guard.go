package fakehalo

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// GuardAdmin lets no page in a browser reach an admin listener: the Host has to be one that no foreign name resolves to, requests
// of other sites are refused, and a body has to be declared as JSON, which no form can send. The listener is bound to addr;
// clients call it localhost, by address or, where that is not empty, by name. GET /health tells nothing, so it is answered before
// the guard: what asks for the health of a container does so by any name.
func GuardAdmin(next http.Handler, addr, name string) http.Handler {
	var protection http.CrossOriginProtection // POST, PUT, PATCH and DELETE
	next = protection.Handler(next)
	all := http.NewServeMux()
	all.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { respond(w, map[string]string{"status": "ok"}) })
	all.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case !isAdminHost(r.Host, addr, name):
			http.Error(w, "the admin listener answers to localhost and to IP addresses alone", http.StatusForbidden)
		case site != "" && site != "none" && site != "same-origin":
			http.Error(w, "the admin listener answers no other site's pages", http.StatusForbidden)
		case r.ContentLength != 0 && media != "application/json":
			http.Error(w, "a body is sent with Content-Type: application/json; curl does with --json", http.StatusUnsupportedMediaType)
		default:
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
			next.ServeHTTP(w, r)
		}
	})
	return all
}

// isAdminHost tells whether a Host header names this machine: localhost, or an address. Names of other hosts may be made to
// resolve to this machine. Addresses that are not loopback are reached only where the listener was put there on purpose.
func isAdminHost(host, addr, known string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.Trim(name, "[]"))
	if name == "localhost" || known != "" && name == strings.ToLower(known) {
		return true
	}
	a, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	bound, _, _ := net.SplitHostPort(addr)
	at, err := netip.ParseAddr(bound)
	return a.IsLoopback() || err == nil && !at.IsLoopback()
}
