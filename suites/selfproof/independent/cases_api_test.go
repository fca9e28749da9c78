package independent_test

import (
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

func anyRequest(*http.Request) bool { return true }

// listCases: a list that was not read shows nothing, and accuses nobody. Issue 13, points 1, 9, 13, 25, 26.
func listCases() (list []namedCase) {
	answers := []struct {
		name  string
		a     answer
		cause string
	}{
		{"429", answer{status: 429}, "rate_limited"}, {"500 empty", answer{status: 500}, "server_error"}, {"504", page(504, "Gateway Time-out"), "server_error"},
		{"404", answer{status: 404}, "not_observed"}, {"HTML", page(200, "Halo"), "answer_malformed"}, {"a broken body", plain(200, "application/json", `{"record_count":7,"cli`), "answer_malformed"},
		{"400 exception", plain(400, "application/json; charset=utf-8", `{"ClassName":"System.Exception","Message":"Please contact the administrator"}`), "not_observed"},
		{"hangs", answer{}, "timeout"},
	}
	for _, l := range guideLists {
		for _, a := range answers {
			c := namedCase{name: "a list that is not read/" + l.path + " " + a.name, outcome: probes.Incomplete, prepare: replying(l.path, a.a)}
			if a.name == "hangs" {
				c.prepare = onServer(func(s *server) { s.hang(isAPI(l.path)) })
			}
			c.holds = func(o outcome) string {
				for _, id := range l.ids {
					for _, f := range o.of(id) {
						if verdict(f) == "unknown "+a.cause {
							return ""
						}
					}
				}
				var all []probes.Finding
				for _, id := range l.ids {
					all = append(all, o.of(id)...)
				}
				return "none is unknown with " + a.cause + ":\n" + texts(all)
			}
			list = append(list, c)
		}
	}
	emptyRows := func(total string) answer {
		return plain(200, "application/json; charset=utf-8", `{"page_no":1,"page_size":1,"record_count":`+total+`,"clients":[]}`)
	}
	return append(list,
		namedCase{name: "a count without rows is no row", prepare: replying("client", emptyRows("717")), never: map[string]string{"*": `with 717 rows`}},
		namedCase{name: "a list of none is an answer", prepare: replying("client", emptyRows("0")), whole: true},
		namedCase{name: "/Invoice is 403 although its scopes are granted", prepare: replying("invoice", answer{status: 403}),
			want: map[string]string{"application.scope-read-invoices": "pass|unknown", "application.scope-edit-invoices": "pass|unknown"}},
		namedCase{name: "roles are busy", prepare: func(in *instance, f *form) func(*server) {
			f.MeClaims, f.MeRoles, f.AgentByID = "own", "names", "403"
			return func(s *server) { s.before(&rule{when: isRole, times: -1, answer: s.reply(answer{status: 429})}) }
		}, want: map[string]string{"role.clients-level": "unknown rate_limited", "role.add-tickets": "unknown rate_limited"}},
		namedCase{name: "roles are broken", prepare: func(in *instance, f *form) func(*server) {
			f.MeClaims, f.MeRoles, f.AgentByID = "own", "names", "403"
			return func(s *server) { s.before(&rule{when: isRole, times: -1, answer: s.reply(answer{status: 500})}) }
		}, want: map[string]string{"role.clients-level": "unknown server_error", "role.add-tickets": "unknown server_error"}},
		namedCase{name: "the version's source is broken", prepare: replying("instanceinfo", answer{status: 503}), want: map[string]string{"product.version": "unknown server_error|pass"}},
		namedCase{name: "the agent's record is busy", prepare: replying("agent/me", answer{status: 429}),
			want: map[string]string{"login.agent": "unknown rate_limited|blocked", "agent.enabled": "unknown rate_limited|blocked"}},
		namedCase{name: "/Agent/me is something else", prepare: replying("agent/me", hello), want: map[string]string{"login.agent": "unknown|blocked"}},
		namedCase{name: "a start-up of three seconds", prepare: writing(func(f *form) { f.StartUp = "503" }), whole: true},
		namedCase{name: "Retry-After 1 four times", prepare: writing(func(f *form) { f.StartUp = "retry-after" }), whole: true},
		namedCase{name: "two nodes, one takes no token", prepare: onServer(func(s *server) { s.before(s.oddTurns(withBearer, answer{status: 401})) })},
		namedCase{name: "a first token that is not taken", prepare: onServer(func(s *server) { s.before(s.firstTokens(withBearer)) }), whole: true},
	)
}

func withBearer(req *http.Request) bool { return req.Header.Get("Authorization") != "" }

func isRole(req *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(req.URL.Path), "/api/roles")
}

// formCases: the same truth in other words. Issue 13, points 4, 6, 7, 10, 11, 12.
func formCases() []namedCase {
	three := func(in *instance, f *form) {
		// Each of five roles gives a part; the agent's own claims give some more, and none is enough.
		f.MeClaims, f.MeRoles, f.AgentByID = "own", "names", "403"
		whole := in.roles[0].claims
		in.roles = nil
		for i := range 5 {
			in.roles = append(in.roles, roleRecord{id: strings.Replace("0d9c1f5e-4a35-4a53-8a2c-3f4e5d6c7b8X", "X", string('a'+rune(i)), 1), number: 20 + i, name: "MSPCentric", claims: claims{}})
		}
		for i, n := range needs {
			in.roles[i%5].claims[n.code] = whole[n.code]
			in.roles[(i+1)%5].claims[n.code] = 0
		}
		in.roles[2].claims["Fx"] = 3
		in.own = claims{"Tx": 0, "l6": 0, "LC": 1}
	}
	teamsElsewhere := func(in *instance, f *form) {
		in.teams = []team{{1, "Service Desk"}, {4, "Projects"}, {7, "Alerts"}, {10, "NOC"}, {13, "Billing"}}
		in.member, in.teamsWanted = []int{1, 4, 7, 10, 13}, []string{"billing"}
	}
	return []namedCase{
		{name: "scopes/array", prepare: writing(func(f *form) { f.ScopeField, f.ScopeShape = "always", "array" }), whole: true},
		{name: "scopes/commas", prepare: writing(func(f *form) { f.ScopeField, f.ScopeShape = "always", "commas" }), whole: true},
		{name: "scopes/an array that lacks one", fails: true, prepare: func(in *instance, f *form) func(*server) {
			f.ScopeField, f.ScopeShape, f.Ungranted = "always", "array", "drop"
			in.scopes = without(in.scopes, "edit:items")
			return nil
		}, want: map[string]string{"application.scope-edit-items": "fail scope_not_granted"}},
		{name: "scopes/commas that lack one", fails: true, prepare: func(in *instance, f *form) func(*server) {
			f.ScopeField, f.ScopeShape, f.Ungranted = "always", "comma-blank", "drop"
			in.scopes = without(in.scopes, "read:tickets")
			return nil
		}, want: map[string]string{"application.scope-read-tickets": "fail scope_not_granted"}},
		{name: "no tenant is named, and one is typed", hosted: true, prepare: func(in *instance, f *form) func(*server) {
			f.AuthInfo, in.typedTenant = "no tenant", new("acme")
			return nil
		}, whole: true, outcome: probes.Conformant},
		{name: "five roles", prepare: func(in *instance, f *form) func(*server) { three(in, f); return nil }, whole: true},
		{name: "five roles, of which one is not shown", prepare: func(in *instance, f *form) func(*server) {
			three(in, f)
			return func(s *server) {
				s.before(&rule{when: func(req *http.Request) bool {
					return isRole(req) && strings.Contains(strings.ToLower(req.URL.Path), in.roles[0].id)
				}, times: -1, answer: s.reply(answer{status: 403})})
			}
		}, want: map[string]string{"role.clients-level": "unknown claim_absent|unknown"}},
		{name: "no claims at all", fails: true, prepare: func(in *instance, f *form) func(*server) {
			f.MeClaims, f.MeRoles, in.own = "own", "claims", claims{}
			in.roles = []roleRecord{{id: in.roles[0].id, number: 11, name: "MSPCentric", claims: claims{}}}
			return nil
		}, want: allRoles("fail|unknown|blocked")},
		{name: "/Agent/{id} shows the roles' claims", prepare: func(in *instance, f *form) func(*server) {
			f.MeClaims, f.MeRoles, f.AgentByID, f.Roles = "absent", "names", "full", "403"
			return nil
		}, whole: true},
		{name: "own claims are not the role's", prepare: func(in *instance, f *form) func(*server) {
			f.MeClaims, f.MeRoles, f.AgentByID, f.Roles = "own", "list", "403", "403"
			in.own = claims{"Ax": 1, "l6": 1, "Tx": 0}
			return nil
		}, want: map[string]string{"role.add-tickets": "pass", "role.tickets-level": "unknown"}},
		{name: "roles by id, their names are null", prepare: writing(func(f *form) { f.MeClaims, f.MeRoles, f.Nulls = "own", "ids", "null" }), whole: true},
		{name: "teams/null names and an id", prepare: func(in *instance, f *form) func(*server) {
			teamsElsewhere(in, f)
			f.MeTeams = "null names"
			return nil
		}, want: map[string]string{"agent.teams": "pass"}, whole: true},
		{name: "teams/ids alone", prepare: func(in *instance, f *form) func(*server) {
			teamsElsewhere(in, f)
			f.MeTeams = "ids"
			return nil
		}, want: map[string]string{"agent.teams": "pass"}, whole: true},
		{name: "teams/on the third page", prepare: func(in *instance, f *form) func(*server) {
			teamsElsewhere(in, f)
			f.MeTeams, f.TeamList = "null names", "paged-capped"
			return nil
		}, want: map[string]string{"agent.teams": "pass"}, whole: true},
		{name: "teams/seen with all:teams alone", prepare: func(in *instance, f *form) func(*server) {
			teamsElsewhere(in, f)
			in.member, in.scopes = nil, append(in.scopes, "all:teams")
			return nil
		}, want: map[string]string{"agent.teams": "pass"}, whole: true},
		{name: "a byte order mark", prepare: writing(func(f *form) { f.Mark = true }), whole: true},
		{name: "token JSON labelled text/plain", prepare: writing(func(f *form) { f.TokenLabel = "text/plain" }), whole: true},
		{name: "everything labelled text/plain", prepare: writing(func(f *form) { f.TokenLabel, f.Label = "text/plain; charset=us-ascii", "text/plain" }), whole: true},
		{name: "/Agent/me in an envelope", prepare: writing(func(f *form) { f.MeEnvelope = "results" }), whole: true},
		{name: "/Agent/me under a key", prepare: writing(func(f *form) { f.MeEnvelope = "agent" }), whole: true},
		{name: "authinfo without auth_url", prepare: writing(func(f *form) { f.AuthInfo = "no auth url" }), whole: true},
		{name: "a record of two megabytes", prepare: writing(func(f *form) { f.BigMe = true }), whole: true},
		{name: "a wrong admin secret", prepare: func(in *instance, f *form) func(*server) { in.adminGiven, in.adminRefused = true, true; return nil }, whole: true},
		{name: "an admin application that is not needed", prepare: func(in *instance, f *form) func(*server) { in.adminGiven = true; return nil }, whole: true,
			want: map[string]string{"application.least-privilege": "pass"}, holds: adminUnused},
	}
}

// adminUnused tells that a token was requested for the admin application, which nothing needed.
func adminUnused(o outcome) string {
	for _, r := range o.requests {
		if r.admin {
			return "the admin application was asked for a token, although the integration's own may read everything"
		}
	}
	return ""
}

func without(list []string, gone string) (kept []string) {
	for _, s := range list {
		if s != gone {
			kept = append(kept, s)
		}
	}
	return kept
}

func allRoles(verdict string) map[string]string {
	m := map[string]string{}
	for _, n := range needs {
		m[n.id] = verdict
	}
	return m
}
