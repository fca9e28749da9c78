package independent_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// wayCases: what other addresses see.
func wayCases() (list []namedCase) {
	from := func(address string, when func(*http.Request) bool, a answer) func(s *server) {
		return func(s *server) {
			s.before(&rule{when: func(req *http.Request) bool { return strings.HasPrefix(req.RemoteAddr, address) && when(req) }, times: -1, answer: s.reply(a)})
		}
	}
	both := func(name, want string, when func(*http.Request) bool, a answer) {
		list = append(list, namedCase{name: "vantage/" + name, fails: strings.Contains(want, "fail"), want: map[string]string{"network.allowlist": want}, prepare: func(in *instance, _ *form) func(*server) {
			in.vantages = true
			return from("3.19.", when, a)
		}})
	}
	for _, p := range edgePages() {
		want := map[string]string{"block": "fail refused_from_listed|unknown", "sign-in": "fail refused_from_listed|unknown", "down": "unknown|pass|fail refused_from_listed"}[p.kind]
		if p.kind == "down" && p.name != "FortiWeb" && p.name != "a captive portal by RFC 6585" {
			want = "unknown"
		}
		both("both get "+p.name, want, anyRequest, p.a)
	}
	both("both get a 429", "unknown", anyRequest, answer{status: 429})
	both("the token endpoint alone is blocked", "fail refused_from_listed|unknown|pass", isToken, iisDenied)
	both("the API alone is blocked", "fail refused_from_listed|unknown", isAPI(), iisDenied)
	both("authinfo alone is missing", "pass|unknown", isAPI("authinfo"), notFound)
	both("another server", "fail refused_from_listed|unknown", anyRequest, plain(200, "application/json", `{"status":"ok"}`))
	list = append(list,
		namedCase{name: "vantage/one alone", want: map[string]string{"network.allowlist": "unknown"}, prepare: func(in *instance, _ *form) func(*server) { in.vantages = true; return nil },
			session: func(s *probes.Session) { s.Vantages = s.Vantages[:1] }},
		namedCase{name: "vantage/of another address", want: map[string]string{"network.allowlist": "unknown"}, prepare: func(in *instance, _ *form) func(*server) { in.vantages = true; return nil },
			session: func(s *probes.Session) { s.Vantages[0].Name, s.Vantages[1].Name = "198.51.100.7", "office" }},
		namedCase{name: "vantage/a proxy that is away", want: map[string]string{"network.allowlist": "unknown"}, prepare: func(in *instance, _ *form) func(*server) { in.vantages = true; return nil },
			session: func(s *probes.Session) { s.Vantages[1].URL = "http://proxy9.contoso.example:3128" }},
		namedCase{name: "vantage/hosted, both get through", hosted: true, whole: true, outcome: probes.Conformant, want: map[string]string{"network.allowlist": "not-applicable|pass"}, prepare: func(in *instance, _ *form) func(*server) { in.vantages = true; return nil }},
		namedCase{name: "vantage/hosted, refused", hosted: true, fails: true, want: map[string]string{"network.allowlist": "fail refused_from_listed"}, prepare: func(in *instance, _ *form) func(*server) {
			in.vantages = true
			return from("3.19.", anyRequest, iisDenied)
		}},
		namedCase{name: "vantage/this machine alone is refused, the token too", secret: true, prepare: func(in *instance, _ *form) func(*server) {
			in.vantages = true
			return from("192.0.2.10", anyRequest, iisDenied)
		},
			want: map[string]string{"network.allowlist": "pass|unknown edge_refused", "product.answers": "blocked|unknown"}},
	)
	return list
}

// adminCases: the second application, where it helps and where it does not.
func adminCases() (list []namedCase) {
	closed := func(in *instance, f *form) {
		in.adminGiven, f.MeClaims, f.MeRoles, f.AgentByID, f.Roles, f.Application = true, "own", "names", "403", "403", "403"
	}
	isAdminCall := func(s *server) func(*http.Request) bool {
		return func(req *http.Request) bool {
			_, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
			return s.tokens[token].admin // the server holds its lock
		}
	}
	list = append(list, namedCase{name: "admin/opens what is closed", whole: true, prepare: func(in *instance, f *form) func(*server) { closed(in, f); return nil }, want: map[string]string{"role.tickets-level": "pass", "application.name": "pass"}},
		namedCase{name: "admin/shows what is too low", fails: true, want: map[string]string{"role.tickets-level": "fail level_too_low"}, prepare: func(in *instance, f *form) func(*server) { closed(in, f); in.roles[0].claims["Tx"] = 1; return nil }},
		namedCase{name: "admin/not given", prepare: func(in *instance, f *form) func(*server) { closed(in, f); in.adminGiven = false; return nil }, outcome: probes.Incomplete, want: map[string]string{"role.tickets-level": "unknown", "application.name": "unknown"}},
		namedCase{name: "admin/refused", prepare: func(in *instance, f *form) func(*server) { closed(in, f); in.adminRefused = true; return nil }, outcome: probes.Incomplete, want: map[string]string{"role.tickets-level": "unknown"}},
		namedCase{name: "admin/is no GUID", prepare: func(in *instance, f *form) func(*server) { closed(in, f); return nil }, session: func(s *probes.Session) { s.Admin.ID = s.Credentials.Secret }, outcome: probes.Incomplete, want: map[string]string{"role.tickets-level": "unknown"}},
		namedCase{name: "admin/the same as the integration's", prepare: func(in *instance, f *form) func(*server) { closed(in, f); return nil }, session: func(s *probes.Session) { s.Admin = s.Credentials }, want: map[string]string{"role.tickets-level": "unknown"}},
		namedCase{name: "admin/lists everything but this application", prepare: func(in *instance, f *form) func(*server) {
			closed(in, f)
			return func(s *server) {
				s.before(&rule{when: isAPI("application"), times: -1, answer: s.reply(plain(200, "application/json", `[{"id":"11aa","clientId":"0b3f4fd1-1111-4111-8111-1f2e3d4c5b6a","displayName":"Halo Web Application"}]`))})
			}
		}, want: map[string]string{"application.name": "unknown", "application.least-privilege": "unknown|pass"}},
	)
	for kind, a := range map[string]answer{"429": {status: 429}, "500": {status: 500}, "401": {status: 401}, "403": {status: 403}, "page": page(200, "Halo"), "nothing": {status: 200}} {
		list = append(list, namedCase{name: "admin/its calls get " + kind, outcome: probes.Incomplete, want: map[string]string{"role.tickets-level": "unknown", "login.token": "pass"}, prepare: func(in *instance, f *form) func(*server) {
			closed(in, f)
			return func(s *server) { s.before(&rule{when: isAdminCall(s), times: -1, answer: s.reply(a)}) }
		}})
	}
	return list
}

// choiceCases: attested, skipped and chosen requirements, on instances that are broken and on those that are not.
func choiceCases() (list []namedCase) {
	attest := func(ids ...string) func(*probes.Session) {
		return func(s *probes.Session) {
			s.Attested = map[string]string{}
			for _, id := range ids {
				s.Attested[id] = "the customer says so"
			}
		}
	}
	attested := func(id string) func(outcome) string {
		return func(o outcome) string {
			if f := o.of(id)[0]; f.Status == probes.Passed && f.Attested == "" {
				return "vouched for, and not told as that: " + texts(o.of(id))
			}
			return ""
		}
	}
	skip := func(globs ...string) func(*probes.Session) { return func(s *probes.Session) { s.Skip = globs } }
	only := func(globs ...string) func(*probes.Session) { return func(s *probes.Session) { s.Only = globs } }
	lowTickets := truth(func(in *instance) { in.roles[0].claims["Tx"] = 1 })
	list = append(list,
		namedCase{name: "attest/a fail stays a fail", fails: true, prepare: lowTickets, session: attest("role.tickets-level"), want: map[string]string{"role.tickets-level": "fail level_too_low"}, outcome: probes.NotConformant},
		namedCase{name: "attest/an open one", prepare: replying("client", answer{status: 500}), session: attest("role.clients-level"), want: map[string]string{"role.clients-level": "pass"}, holds: attested("role.clients-level")},
		namedCase{name: "attest/the allow-list behind a filter", secret: true, prepare: ruling(anyRequest, iisDenied), session: attest("network.allowlist"), want: map[string]string{"network.allowlist": "pass", "product.answers": "unknown|blocked"}, outcome: probes.Incomplete, holds: attested("network.allowlist")},
		namedCase{name: "attest/the version on a start-up", prepare: replying("instanceinfo", answer{status: 503}), session: attest("product.version"), want: map[string]string{"product.version": "pass"}},
		namedCase{name: "attest/the token of a busy endpoint", prepare: ruling(isToken, answer{status: 503}), session: attest("login.auth-url", "login.token"), want: map[string]string{"login.token": "pass|unknown|blocked", "role.add-tickets": "unknown|blocked"}, outcome: probes.Incomplete},
		namedCase{name: "attest/everything of a server that is down", secret: true, prepare: ruling(anyRequest, page(503, "Service Unavailable")), session: attest("product.answers", "login.auth-url", "login.token", "network.allowlist"), want: map[string]string{"role.add-tickets": "unknown|blocked"}, outcome: probes.Incomplete},
		namedCase{name: "skip/the chain of a private root", session: func(s *probes.Session) { s.Skip = []string{"trust.*"}; s.Net.Roots = publicRoots() }, secret: true, prepare: nothing, want: map[string]string{"trust.chain": "skipped", "login.token": "blocked|unknown"}, outcome: probes.Incomplete},
		namedCase{name: "attest/the chain of a private root", session: func(s *probes.Session) {
			attest("trust.chain")(s)
			s.Net.Roots = publicRoots()
		}, secret: true, fails: true, prepare: nothing, want: map[string]string{"trust.chain": "fail"}, outcome: probes.NotConformant},
		namedCase{name: "skip/the login of a wrong secret", fails: true, prepare: truth(func(in *instance) { in.typedSecret = strings.Repeat("0", 8) + in.clientSecret[8:] }), session: skip("login.*"), want: map[string]string{"login.token": "skipped", "role.add-tickets": "blocked|unknown"}, outcome: probes.Incomplete},
		namedCase{name: "skip/product.answers of another server", fails: true, secret: true, prepare: ruling(isAPI(), hello), session: skip("product.answers"), want: map[string]string{"product.answers": "skipped", "role.add-tickets": "blocked|unknown"}},
		namedCase{name: "only/a role", prepare: nothing, session: only("role.tickets-level"), want: map[string]string{"role.tickets-level": "pass"}, holds: sole("role.tickets-level")},
		namedCase{name: "only/a role that is low", fails: true, prepare: lowTickets, session: only("role.tickets-level"), want: map[string]string{"role.tickets-level": "fail level_too_low"}, outcome: probes.NotConformant, holds: sole("role.tickets-level")},
		namedCase{name: "only/a role behind a wrong secret", prepare: truth(func(in *instance) { in.typedSecret = strings.Repeat("0", 8) + in.clientSecret[8:] }), session: only("role.tickets-level"), want: map[string]string{"role.tickets-level": "blocked"}, outcome: probes.Incomplete, holds: sole("role.tickets-level")},
		namedCase{name: "only/a role behind a closed list", prepare: replying("tickets", answer{status: 500}), session: only("role.tickets-level", "application.scope-read-tickets"), outcome: probes.Incomplete},
		namedCase{name: "only/the version", prepare: nothing, session: only("product.version"), want: map[string]string{"product.version": "pass"}, outcome: probes.Conformant},
		namedCase{name: "only/should and may", prepare: nothing, session: only("agent.username"), want: map[string]string{"agent.username": "pass"}},
	)
	for _, profile := range []probes.Profile{probes.Billing, probes.Alerts} {
		list = append(list, namedCase{name: fmt.Sprint("profile/", profile, " of a healthy one"), prepare: nothing, whole: true, session: func(s *probes.Session) { s.Profiles = []probes.Profile{profile} }})
	}
	list = append(list,
		namedCase{name: "profile/alerts do not need invoices", whole: true, prepare: truth(func(in *instance) {
			in.roles[0].claims["Xx"], in.roles[0].claims["Ix"], in.roles[0].claims["Cx"] = 0, 0, 0
			in.scopes = strings.Fields("read:customers read:tickets edit:tickets")
		}), session: func(s *probes.Session) { s.Profiles = []probes.Profile{probes.Alerts} }, want: map[string]string{"role.invoices-level": "not-applicable", "application.scope-read-items": "not-applicable"}},
		namedCase{name: "profile/billing does not need teams", whole: true, prepare: truth(func(in *instance) {
			in.roles[0].claims["l8"], in.roles[0].claims["l1"], in.member = 0, 0, nil
		}), session: func(s *probes.Session) { s.Profiles = []probes.Profile{probes.Billing} }, want: map[string]string{"agent.teams": "not-applicable", "role.view-others-tickets": "not-applicable"}},
		namedCase{name: "credentials/none", prepare: nothing, secret: true, outcome: probes.Incomplete, session: func(s *probes.Session) { s.Credentials = probes.Credentials{} },
			want: map[string]string{"product.answers": "pass", "product.version": "pass", "login.auth-url": "pass", "trust.chain": "pass", "login.token": "unknown not_observed", "role.add-tickets": "unknown not_observed|blocked", "application.scope-read-items": "unknown not_observed|blocked"}},
	)
	return list
}

func sole(id string) func(outcome) string {
	return func(o outcome) string {
		for _, f := range o.findings {
			if f.ID != id && f.Status != probes.Skipped {
				return "reported beside: " + texts([]probes.Finding{f})
			}
		}
		return ""
	}
}

// nodeCases: several nodes, of which some are set up differently.
func nodeCases() (list []namedCase) {
	steps := map[string]func(*http.Request) bool{
		"the anonymous API": func(req *http.Request) bool { return isAPI()(req) && !withBearer(req) }, "the API": isAPI(), "everything": anyRequest, "calls with a token": withBearer,
		"the token endpoint and the API": func(req *http.Request) bool { return isAPI()(req) || isToken(req) },
	}
	for name, when := range steps {
		for kind, a := range map[string]answer{"401": {status: 401}, "403": {status: 403}, "404": {status: 404}, "503": page(503, "Service Unavailable"), "page": page(200, "Halo"), "block page": iisDenied, "IIS's default site": html(200, `<title>IIS Windows Server</title>`)} {
			if name != "everything" && name != "the token endpoint and the API" { // where the turns fall as they will
				list = append(list, namedCase{name: "nodes/" + name + " " + kind, prepare: onServer(func(s *server) { s.before(s.oddTurns(when, a)) })})
			}
			list = append(list, namedCase{name: "nodes/first " + name + " " + kind, prepare: onServer(func(s *server) { s.before(&rule{when: when, times: 1, answer: s.reply(a)}) })})
		}
	}
	old := func(s *server) {
		s.before(s.oddTurns(isAPI("instanceinfo"), plain(200, "application/json", `{"app_name":"Halo PSA","app_version":"2.174.90","database_version":"2174","dbid":"5d2a3c8e-5b7e-4a53-9f0e-0d6f3b1c9a11","nhserver_version":"1364.01","auth_url":"https://psa.contoso.example/auth"}`)))
	}
	return append(list, namedCase{name: "nodes/one is older", fails: true, prepare: onServer(old), want: map[string]string{"product.version": "fail below_security_floor|unknown|pass"}})
}

func unless(not bool, want map[string]string) map[string]string {
	if not {
		return nil
	}
	return want
}

// vouchedCases: nobody's word stands for what decides whether a secret may go out.
func vouchedCases() (list []namedCase) {
	for name, a := range map[string]answer{"503": {status: 503}, "403 as JSON": foreignForbid, "another API": hello, "a page": page(200, "Halo"), "a sign-in": signIn, "429": {status: 429}, "Negotiate": negotiate, "404": notFound, "a 401 with nothing": {status: 401}, "a block page": iisDenied} {
		for way, session := range map[string]func(*probes.Session){
			"attested": func(s *probes.Session) { s.Attested = map[string]string{"login.auth-url": "it works"} }, "skipped": func(s *probes.Session) { s.Skip = []string{"login.auth-url*"} },
			"all login skipped": func(s *probes.Session) { s.Skip = []string{"login.*", "network.*", "trust.*", "product.*"} }, "only a role": func(s *probes.Session) { s.Only = []string{"role.add-tickets"} },
			"all attested": func(s *probes.Session) {
				s.Attested = map[string]string{"login.auth-url": "it works", "login.token": "it works", "network.allowlist": "it works", "product.answers": "it works"}
			},
		} {
			list = append(list, namedCase{name: "vouched/" + name + " " + way, fails: true, secret: true, prepare: replying("token", a), session: session, holds: func(o outcome) string {
				if f := o.of("login.token"); len(f) > 0 && f[0].Status == probes.Passed && f[0].Attested == "" {
					return "a token without a request for one: " + texts(f)
				}
				return ""
			}, want: unless(way == "only a role", map[string]string{"login.auth-url": "fail|unknown|pass|skipped|blocked"})})
		}
	}
	return list
}
