package page

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// policy is what the browser may do with a page: load its own files and talk to its own server.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Protect stands before every page: only who asked for this server by its own name is answered, no other site can send a form, and the
// browser keeps nothing and tells nobody.
func (s *Server) Protect(next http.Handler) http.Handler {
	forms := http.NewCrossOriginProtection()
	forms.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.Refuse(w, http.StatusForbidden, errors.New("another site sent this form, so nothing was done; open the page itself and try again"))
	}))
	guarded := forms.Handler(next)
	// A browser tells the origin of a form only under this policy where the page is not on its own machine.
	referrer := map[bool]string{false: "no-referrer", true: "same-origin"}[s.options.Open]
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", referrer)
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		if !s.isOwnHost(req.Host) {
			s.Refuse(w, http.StatusMisdirectedRequest, errors.New("this page does not answer under that name; use the address that halocheck printed"))
			return
		}
		req.Body = http.MaxBytesReader(w, req.Body, maxBody(req))
		guarded.ServeHTTP(w, req)
	})
}

// isOwnHost tells the names of this server from one that somebody pointed at it (DNS rebinding): an address cannot be pointed anywhere.
func (s *Server) isOwnHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if a, err := netip.ParseAddr(host); err == nil {
		return s.options.Open || a.Unmap().IsLoopback()
	}
	return host == "localhost" || slices.ContainsFunc(s.options.Names, func(n string) bool { return strings.EqualFold(n, host) })
}

// maxBody bounds what is read of a request, in bytes.
func maxBody(req *http.Request) int64 {
	if req.URL.Path == "/saved" {
		return maxSaved
	}
	return maxForm
}

// Write writes a page with a template of [Options].Templates.
func (s *Server) Write(w http.ResponseWriter, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	s.pages.write(w, name, data)
}

// Refuse says why there is no answer.
func (s *Server) Refuse(w http.ResponseWriter, status int, why error) {
	s.Write(w, status, "refused", sentence(why))
}
