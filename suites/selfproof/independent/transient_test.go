package independent_test

import (
	"net/http"
	"strings"
)

// guideLists are the five lists that the guide's permissions open, with the requirements that rest on each.
var guideLists = []struct {
	path string
	ids  []string
}{
	{"client", []string{"application.scope-read-customers", "role.clients-level"}},
	{"clientcontract", []string{"application.scope-read-contracts", "application.scope-edit-contracts", "role.contracts-level"}},
	{"item", []string{"application.scope-read-items", "application.scope-edit-items", "role.items-level"}},
	{"invoice", []string{"application.scope-read-invoices", "application.scope-edit-invoices", "role.invoices-level"}},
	{"tickets", []string{"application.scope-read-tickets", "application.scope-edit-tickets", "role.tickets-level"}},
}

// unread are answers of a list or a record that show nothing. halo-live §5, halo-failures §2.4
var unread = []answer{
	{status: 429}, {status: 429, header: map[string]string{"Retry-After": "300"}}, {status: 500}, {status: 504},
	plain(429, "text/plain", "Rate Limit Reached - 300 Requests per rolling 5 minute window"),
	page(503, "Service Unavailable"), page(200, "Halo"), {status: 404}, {status: 204}, {status: 200},
	plain(400, "application/json; charset=utf-8", `{"ClassName":"System.Exception","Message":"Please contact the administrator","Data":null,"InnerException":null,"HResult":-2146233088}`),
	plain(400, "application/json", `"Parameter client_id must be included"`),
	plain(200, "application/json", `{"record_count":717,"clients":[{"id":12,"name":"A`), plain(200, "application/json", `{"message":"maintenance"}`),
	plain(200, "application/json", `null`), plain(200, "application/json", `"OK"`), plain(200, "text/plain", `OK`),
}

func transientFaults() (list []fault) {
	for _, l := range guideLists {
		broken := map[string]causes{}
		for _, id := range l.ids {
			broken[id] = nil
		}
		list = append(list,
			fault{name: "GET /" + l.path + " is not read", change: always(isAPI(l.path), unread...), broken: broken, anyOf: true},
			fault{name: "GET /" + l.path + " hangs", change: serving(func(s *server) { s.hang(isAPI(l.path)) }), broken: broken, anyOf: true},
			fault{name: "GET /" + l.path + " is refused", change: always(isAPI(l.path), answer{status: 401}, answer{status: 403}), none: true},
			fault{name: "GET /" + l.path + " says 401, then answers", none: true, change: serving(func(s *server) {
				s.before(&rule{when: isAPI(l.path), times: 1, answer: s.reply(answer{status: 401})})
			})},
		)
	}
	for _, path := range []string{"agent/me", "team", "application", "roles", "instanceinfo", "authinfo"} {
		f := fault{name: "GET /" + path + " is not read", change: always(isAPI(path), unread...), none: true}
		if path == "agent/me" {
			f.also = map[string]causes{"login.agent": {"no_agent"}} // nothing, or null, may be how no agent is written
		}
		if path == "authinfo" {
			f.also = map[string]causes{"product.answers": {"not_halo", "html_instead_of_json"}} // where InstanceInfo wants a token, nothing else shows HaloPSA
		}
		list = append(list, f)
	}
	isRecord := func(req *http.Request) bool {
		path := strings.ToLower(req.URL.Path)
		return strings.HasPrefix(path, "/api/agent/") && !strings.HasSuffix(path, "/me") || strings.HasPrefix(path, "/api/roles/") || strings.HasPrefix(path, "/api/application/")
	}
	withToken := func(req *http.Request) bool { return req.Header.Get("Authorization") != "" }
	return append(list,
		fault{name: "single records are not read", change: always(isRecord, unread...), none: true},
		fault{name: "a first token is not taken", none: true, change: serving(func(s *server) { s.before(s.firstTokens(withToken)) })},
		fault{name: "one of two nodes takes no token", none: true, change: serving(func(s *server) { s.before(s.oddTurns(withToken, answer{status: 401})) })},
		fault{name: "one of two nodes is broken", none: true, change: serving(func(s *server) { s.before(s.oddTurns(anyRequest, answer{status: 503})) })},
		fault{name: "something before HaloPSA refuses", change: always(func(*http.Request) bool { return true }, iisDenied, wafBlocked, foreignForbid, negotiate, signIn,
			page(http.StatusForbidden, "Attention Required! | Cloudflare"), page(http.StatusOK, "Checking your browser before accessing"), page(http.StatusUnauthorized, "401"), answer{status: 403}),
			broken: map[string]causes{"product.answers": {"http_auth_required"}}, also: map[string]causes{"network.allowlist": {"refused_from_listed"}, "login.auth-url": {"http_auth_required"}}},
	)
}

// firstTokens refuses the first token that comes, on every call, until another one comes.
func (s *server) firstTokens(when func(*http.Request) bool) *rule {
	var first string
	return &rule{times: -1, when: func(req *http.Request) bool {
		token := req.Header.Get("Authorization")
		if first == "" && when(req) {
			first = token
		}
		return when(req) && token == first
	}, answer: func(w http.ResponseWriter, req *http.Request, _ func()) {
		s.send(w, req, answer{status: 401, header: map[string]string{"WWW-Authenticate": `Bearer error="invalid_token"`}})
	}}
}

// oddTurns answers every other request.
func (s *server) oddTurns(when func(*http.Request) bool, a answer) *rule {
	turn := 0
	return &rule{times: -1, when: func(req *http.Request) bool {
		if !when(req) {
			return false
		}
		turn++
		return turn%2 == 1
	}, answer: s.reply(a)}
}
