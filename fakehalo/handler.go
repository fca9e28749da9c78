package fakehalo

import (
	"net"
	"net/http"
	"strings"
)

// agentAppPage is the agent application's page, which answers every path that is not the API's.
const agentAppPage = `<!DOCTYPE html><html lang="en"><head><title>Halo</title></head><body><div id="root"></div></body></html>`

// maxBody bounds a request body.
const maxBody = 1 << 20

// Handler serves the instance without a listener, for tests that want no socket.
func (s *Server) Handler() http.Handler { return s.handler(false) }

// handler serves the instance, or its authorisation host.
func (s *Server) handler(auth bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, _, _ := net.SplitHostPort(r.RemoteAddr)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
			_ = r.ParseForm() // what does not parse is an empty form
		}
		path := strings.ToLower(strings.TrimRight(r.URL.Path, "/"))
		c := requestContext{path: path, peer: peer, auth: auth}
		c.operation = s.operation(c, r)
		c.secret = c.operation == "token" || r.Header.Get("Authorization") != ""

		s.mu.Lock()
		behave, hit := s.live().behave, 0
		if behave != nil {
			s.hits[c.operation+" "+path]++
			hit = s.hits[c.operation+" "+path]
		}
		var limited *reply
		if now := s.clock(); c.secret && !s.limiter.allow(now) {
			limited = s.limiter.refusal(s.live(), now)
		}
		s.mu.Unlock()

		var answer *reply
		if behave != nil {
			answer = behave(c, hit)
		}
		if answer == nil {
			answer = limited
		}
		if origin := r.Header.Get("Origin"); origin != "" && answer == nil {
			if s.live().allowsOrigin(origin) {
				w.Header().Set("Access-Control-Allow-Origin", origin)
				w.Header().Add("Vary", "Origin")
			}
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				answer = s.live().preflight(r)
			}
		}
		switch {
		case answer != nil:
		case s.injecting.Load():
			answer = s.inject(r.Context(), operationName(c, r.Method), func() *reply { return s.answer(c, r) })
		default:
			answer = s.answer(c, r)
		}
		entry := Request{
			At: s.now(), Peer: peer, Host: r.Host, Method: r.Method, Path: r.URL.Path, Query: redactQuery(r.URL.RawQuery),
			Operation: c.operation, Status: answer.status, Why: answer.why, Ignored: answer.ignored, Secret: c.secret,
			Rows: answer.rows, Of: answer.of,
		}
		if strings.HasPrefix(c.operation, "token") {
			entry.Form = redactForm(r.PostForm)
		}
		if answer.status >= 400 || c.operation == "app" {
			entry.Near = near(c, r.Method)
		}
		if answer.drop || answer.broken == "reset" || answer.broken == silence {
			entry.Status = 0
		}
		s.appendJournal(entry)
		answer.write(w, r)
	})
}

// operation names what a request asks for.
func (s *Server) operation(c requestContext, r *http.Request) string {
	authPath := s.live().authBase + "/token"
	here := c.auth == s.live().otherKin
	switch {
	case here && c.path == authPath && r.PostForm.Get("grant_type") == "" && r.Header.Get("Authorization") == "":
		return "token-empty"
	case here && c.path == authPath:
		return "token"
	case here && s.live().discovers() && strings.HasPrefix(c.path, s.live().authBase+wellKnown):
		return "discovery"
	case c.auth:
		return "unknown"
	case c.path == "":
		return "root"
	case c.path == "/api/authinfo":
		return "authinfo"
	case c.path == "/api/swagger/v2/swagger.json":
		return "swagger"
	case strings.HasPrefix(c.path, "/api/") && resourceAt(c.path) != nil:
		return "api"
	case strings.HasPrefix(c.path, "/api/") || strings.HasPrefix(c.path, "/auth"):
		return "unknown"
	}
	return "app"
}

// answer is the instance's own.
func (s *Server) answer(c requestContext, r *http.Request) *reply {
	if s.live().tape != nil {
		return s.replayed(c, r)
	}
	switch c.operation {
	case "token", "token-empty":
		return s.tokenReply(r)
	case "root", "app":
		return &reply{status: http.StatusOK, kind: "text/html; charset=utf-8", body: agentAppPage}
	case "authinfo":
		return s.authInfo()
	case "swagger":
		return &reply{status: http.StatusOK, kind: jsonKind, body: description()}
	case "discovery":
		return s.discovery(c)
	case "api":
		return s.api(c, r)
	}
	if strings.HasPrefix(c.path, "/api/") {
		return s.live().notFound()
	}
	return &reply{status: http.StatusNotFound, kind: "text/html", body: "<html><body><h1>404 - File or directory not found.</h1></body></html>"}
}

// authInfo is the anonymous description: halo-api §3.
func (s *Server) authInfo() *reply {
	i := s.live()
	body := map[string]any{"auth_url": i.named}
	if i.tenant != "" {
		body["tenant_id"] = i.tenant
	}
	return jsonReply(http.StatusOK, body)
}
