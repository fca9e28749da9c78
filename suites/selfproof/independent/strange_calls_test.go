package independent_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/secret"
	"github.com/halocheck/halocheck/probes"
)

// callCases are what a support engineer meets on a call: what was pasted wrongly, what the server says of the application or
// the agent in its own words, records in other forms, and answers that are no page of a known product.
func callCases() []namedCase {
	return slices.Concat(pastedCases(), spokenCases(), shapeCases(), pageCases())
}

// pastedCases: a right value with something around it, or in the wrong field.
func pastedCases() (list []namedCase) {
	add := func(name, id, want, says string, change func(*probes.Session)) {
		c := namedCase{name: "pasted/" + name, fails: true, prepare: nothing, session: change, want: map[string]string{id: want, "login.secret-form": "pass|fail id_malformed|fail secret_malformed"}}
		if says != "" {
			c.says = map[string]string{id: says}
		}
		list = append(list, c)
	}
	auth := func(text string) func(*probes.Session) {
		return func(s *probes.Session) { s.Target.AuthURL, s.Target.AuthTyped = text, true }
	}
	for name, text := range map[string]string{
		"in quotes": `"https://psa.contoso.example/auth/"`, "in typographic quotes": "“https://psa.contoso.example/auth/”", "in angle brackets": "<https://psa.contoso.example/auth/>",
		"a byte order mark": "\ufeffhttps://psa.contoso.example/auth/", "no scheme": "psa.contoso.example/auth/", "a backslash": `https:\\psa.contoso.example\auth\`,
		"the tenant behind it": "https://psa.contoso.example/auth/?tenant=contoso", "a fragment": "https://psa.contoso.example/auth/#/login", "the label before it": "Authorisation Server: https://psa.contoso.example/auth/",
		"a comma behind it": "https://psa.contoso.example/auth/,", "a full stop behind it": "https://psa.contoso.example/auth/.", "a log-in in it": "https://user:pw@psa.contoso.example/auth/",
		"Markdown": "[https://psa.contoso.example/auth/](https://psa.contoso.example/auth/)", "a blank in it": "https://psa.contoso.example/ auth/", "www": "https://www.psa.contoso.example/auth/",
		"the old domain": "https://psa.old-contoso.example/auth/", "the resource server": "https://psa.contoso.example/api/", "the word authorise": "https://psa.contoso.example/auth/authorize/",
	} {
		c := namedCase{name: "pasted auth URL/" + name, fails: true, prepare: nothing, secret: name != "a byte order mark", session: auth(text),
			want: map[string]string{"login.auth-url": "fail|blocked", "login.auth-url-slash": "pass|fail|not-applicable", "network.resolves": "pass|fail dns_failure|unknown"}}
		typed := "login.auth-url"
		if name == "www" || name == "the old domain" {
			typed, c.want["network.resolves"] = "network.resolves", "fail dns_failure"
		}
		c.says = map[string]string{typed: `\[operator: Type https://psa\.contoso\.example/auth/ into`}
		list = append(list, c)
	}
	list = append(list, namedCase{name: "pasted auth URL/a dot behind the host", whole: true, prepare: nothing, session: auth("https://psa.contoso.example./auth/")})
	add("the tenant in the Client ID's field", "login.token", "fail id_malformed", "", func(s *probes.Session) { s.Credentials.ID = secret.New("contoso") })
	add("the two swapped", "login.token", "fail id_malformed", "", func(s *probes.Session) {
		s.Credentials.ID, s.Credentials.Secret = s.Credentials.Secret, s.Credentials.ID
	})
	add("the Client ID twice", "login.token", "fail invalid_client", "", func(s *probes.Session) { s.Credentials.Secret = s.Credentials.ID })
	add("the application's name as Client ID", "login.token", "fail id_malformed", "", func(s *probes.Session) { s.Credentials.ID = secret.New("MSPCentric") })
	add("a secret with three dots", "login.token", "fail invalid_client", "", func(s *probes.Session) { s.Credentials.Secret = secret.New("5a1e9c7b-0d2f-4e36-8a4b-...") })
	add("a secret of asterisks", "login.token", "fail invalid_client", "", func(s *probes.Session) { s.Credentials.Secret = secret.New(strings.Repeat("*", 32)) })
	return list
}

// spokenCases: the server says in words what is wrong.
func spokenCases() (list []namedCase) {
	grant := func(name, want, says, never string, status int, body string) {
		c := namedCase{name: "spoken/" + name, fails: true, want: map[string]string{"login.token": want}, says: map[string]string{"login.token": says}, prepare: onServer(func(s *server) {
			a := plain(status, "application/json", body)
			s.refused = func() *answer { return &a }
		})}
		if never != "" {
			c.never = map[string]string{"login.token": never}
		}
		list = append(list, c)
	}
	const newSecret, copyAgain = `(?i)new (client )?secret|generate a new`, `(?i)copy the client`
	grant("the secret is of another method", "fail unauthorized_client", "Authentication Method", copyAgain+".{0,40}of the saved", 401, `{"error":"invalid_client","error_description":"The 'client_secret' parameter is not valid for this client application."}`)
	grant("the application is inactive", "fail", `(?i)\bactive\b`, copyAgain+"|"+newSecret, 401, `{"error":"invalid_client","error_description":"The application is inactive."}`)
	grant("the client is disabled", "fail", `(?i)\bactive\b`, copyAgain+"|"+newSecret, 400, `{"error":"unauthorized_client","error_description":"The client application has been disabled."}`)
	grant("the agent is disabled", "fail invalid_grant", `(?i)agent`, newSecret, 400, `{"error":"invalid_grant","error_description":"The agent account is disabled."}`)
	grant("the agent is locked", "fail invalid_grant", `(?i)locked`, newSecret, 400, `{"error":"invalid_grant","error_description":"This account has been locked."}`)
	grant("the address is refused", "fail access_denied", `(?i)203\.0\.113\.9`, newSecret+`|(?i)tick active`, 400, `{"error":"access_denied","error_description":"IP address 203.0.113.9 is not permitted."}`)
	grant("the licence", "fail|unknown", `(?i)licen[cs]e`, newSecret, 400, `{"error":"invalid_grant","error_description":"There are not enough licences available."}`)
	grant("the trial is over", "fail|unknown", `(?i)trial`, newSecret, 403, `{"error":"access_denied","error_description":"Your trial has expired."}`)
	grant("the content type", "fail invalid_request", `Content-Type`, newSecret, 400, `{"error":"invalid_request","error_description":"The mandatory 'Content-Type' header must be specified."}`)
	grant("the words in another key", "fail|unknown", `(?i)inactive`, newSecret, 400, `{"Message":"The application is inactive"}`)
	grant("the words alone", "fail|unknown", `(?i)inactive`, newSecret, 403, `"The application is inactive"`)
	calls := func(name string, a answer, says string) {
		list = append(list, namedCase{name: "spoken/every call: " + name, outcome: probes.Incomplete, prepare: ruling(withBearer, a), want: map[string]string{"login.token": "pass", "login.login-type": "unknown"},
			says: map[string]string{"login.login-type": says}})
	}
	calls("the licence has expired", plain(403, "application/json; charset=utf-8", `{"ClassName":"System.Exception","Message":"Your Halo licence has expired.","Data":null}`), "(?i)licence has expired")
	calls("the trial is over", plain(402, "application/json; charset=utf-8", `{"Message":"Your trial has expired."}`), "(?i)402")
	calls("400, the token", plain(400, "application/json; charset=utf-8", `"The token is expired"`), "400")
	calls("the account is locked", plain(401, "application/json; charset=utf-8", `{"Message":"This agent account has been locked out."}`), "(?i)locked out")
	calls("maintenance", page(200, "Maintenance"), "")
	return list
}

// shapeCases: the same truth in records of other shapes: nobody is accused.
func shapeCases() (list []namedCase) {
	record := func(name string, changes map[string]string, want map[string]string) {
		list = append(list, namedCase{name: "shape/" + name, want: want, prepare: onServer(func(s *server) {
			s.before(&rule{when: isAPI("agent/me"), times: -1, answer: s.reply(me(changes))})
			s.before(&rule{when: func(req *http.Request) bool { return isRole(req) || isAPI("agent/7")(req) }, times: -1, answer: s.reply(answer{status: 403})})
		})})
	}
	whole := claimsJSON(map[string]string{})
	record("claims in Pascal case", map[string]string{"claims": strings.NewReplacer(`"type"`, `"Type"`, `"value"`, `"Value"`).Replace(whole)}, nil)
	record("claims as ASP.NET names them", map[string]string{"claims": strings.NewReplacer(`"type"`, `"claim_type"`, `"value"`, `"claim_value"`).Replace(whole)}, nil)
	record("claims as ASP.NET writes them", map[string]string{"claims": strings.NewReplacer(`"type"`, `"claimType"`, `"value"`, `"claimValue"`).Replace(whole)}, nil)
	record("claims in capitals", map[string]string{"claims": strings.NewReplacer(`x"`, `X"`, `"l`, `"L`).Replace(whole)}, nil)
	record("claims in small letters", map[string]string{"claims": strings.ToLower(whole)}, nil)
	record("claims as an object", map[string]string{"claims": `{"Ux":"2","Ix":"3","Cx":"2","Xx":"2","Tx":"2"}`}, nil)
	record("claims as texts", map[string]string{"claims": `["Ux:2","Ix:3"]`}, nil)
	record("claims null", map[string]string{"claims": `null`, "roles": `[{"id":"x","name":"MSPCentric","claims":null}]`}, nil)
	record("claims of a role in Pascal case", map[string]string{"claims": `[]`, "roles": `[{"id":"x","name":"MSPCentric","claims":` + strings.NewReplacer(`"type"`, `"Type"`, `"value"`, `"Value"`).Replace(whole) + `}]`}, nil)
	record("teams by id and name", map[string]string{"teams": `[{"id":1,"name":"Service Desk"}]`}, map[string]string{"agent.teams": "pass|unknown"})
	record("teams in Pascal case", map[string]string{"teams": `[{"TeamId":1,"TeamName":"Service Desk"}]`}, map[string]string{"agent.teams": "pass|unknown"})
	record("teams nested", map[string]string{"teams": `[{"team":{"id":1,"name":"Service Desk"}}]`}, map[string]string{"agent.teams": "pass|unknown"})
	record("clients as an empty object", map[string]string{"clients": `{}`, "tickettypes": `{}`}, nil)
	record("roles by role_id", map[string]string{"roles": `[{"role_id":"0d9c1f5e-4a35-4a53-8a2c-3f4e5d6c7b8a","role_name":"MSPCentric"}]`}, map[string]string{"agent.role": "pass|unknown"})
	record("the role's name in capitals", map[string]string{"roles": `[{"id":"x","name":"MSPCENTRIC "}]`}, map[string]string{"agent.role": "pass"})
	record("hours with a no-break space", map[string]string{"workday_name": `"Default\u00a0Working Hours"`}, map[string]string{"agent.work-hours": "pass"})
	record("the name with a no-break space", map[string]string{"name": `"\u00a0MSPCentric"`}, map[string]string{"agent.username": "pass"})
	lists := func(name string, a answer) {
		list = append(list, namedCase{name: "shape/a list: " + name, prepare: replying("client", a)})
	}
	lists("rows null", plain(200, "application/json", `{"record_count":3,"clients":null}`))
	lists("204", answer{status: 204})
	lists("206", plain(206, "application/json", `{"record_count":3,"clients":[{"id":1}]}`))
	lists("a count as text", plain(200, "application/json", `{"record_count":"3","clients":[{"id":"1"}]}`))
	lists("under data", plain(200, "application/json", `{"data":[{"id":1}],"total":1}`))
	lists("comments", plain(200, "application/json", "/* v2 */ {\"record_count\":1,\"clients\":[{\"id\":1}]}"))
	lists("a trailing comma", plain(200, "application/json", `{"record_count":1,"clients":[{"id":1},]}`))
	scopes := func(name, text string) {
		list = append(list, namedCase{name: "shape/scopes " + name, fails: strings.HasPrefix(name, "all"), want: map[string]string{"application.least-privilege": "pass|unknown|fail over_privileged"}, prepare: onServer(func(s *server) {
			s.before(&rule{when: func(req *http.Request) bool { return isToken(req) && req.ContentLength > 100 }, times: -1, answer: func(w http.ResponseWriter, req *http.Request, _ func()) {
				a := s.grant(guideScopes, guideScopes, false)
				a.body = []byte(strings.Replace(string(a.body), `"access_token"`, `"scope":`+text+`,"access_token"`, 1))
				s.send(w, req, a)
			}})
		})})
	}
	all := strings.Join(guideScopes, " ")
	scopes("in capitals", `"`+strings.ToUpper(all)+`"`)
	scopes("with plus signs", `"`+strings.ReplaceAll(all, " ", "+")+`"`)
	scopes("with semicolons", `"`+strings.ReplaceAll(all, " ", "; ")+`"`)
	scopes("on lines", `"`+strings.ReplaceAll(all, " ", `\n`)+`"`)
	scopes("all", `"all"`)
	scopes("all:standard", `"all:standard"`)
	scopes("null", `null`)
	scopes("as JSON in a text", `"[\"`+strings.ReplaceAll(all, " ", `\",\"`)+`\"]"`)
	info := func(name, body string) {
		list = append(list, namedCase{name: "shape/authinfo " + name, prepare: replying("authinfo", plain(200, "application/json", body)), want: map[string]string{"product.answers": "pass"}})
	}
	info("with a tenant that is a number", `{"auth_url":"https://psa.contoso.example/auth","tenant_id":0}`)
	info("with an URL in capitals", `{"auth_url":"HTTPS://PSA.CONTOSO.EXAMPLE/AUTH","tenant_id":null}`)
	info("with a port", `{"auth_url":"https://psa.contoso.example:443/auth/","tenant_id":""}`)
	info("with a dot", `{"auth_url":"https://psa.contoso.example./auth/","tenant_id":""}`)
	info("in a list", `[{"auth_url":"https://psa.contoso.example/auth","tenant_id":null}]`)
	info("in an envelope", `{"results":{"auth_url":"https://psa.contoso.example/auth","tenant_id":null}}`)
	info("with comments", "// authinfo\n"+`{"auth_url":"https://psa.contoso.example/auth","tenant_id":null}`)
	info("with a prefix against scripts", ")]}',\n"+`{"auth_url":"https://psa.contoso.example/auth","tenant_id":null}`)
	info("with nulls behind it", `{"auth_url":"https://psa.contoso.example/auth","tenant_id":null}`+"\x00\x00")
	return list
}

// pageCases: what stands in HaloPSA's place and is no product's known page.
func pageCases() (list []namedCase) {
	for _, p := range []struct {
		name string
		a    answer
		want string
	}{
		{"maintenance in German at 200", html(200, `<html lang="de"><title>Wartungsarbeiten</title><body>Wir sind bald wieder da.</body></html>`), "unknown|blocked"},
		{"maintenance in French at 200", html(200, `<html lang="fr"><title>Maintenance en cours</title><body>Nous revenons bientôt.</body></html>`), "unknown|blocked"},
		{"maintenance in Japanese at 503", html(503, `<html lang="ja"><title>メンテナンス中</title></html>`), "unknown|blocked"},
		{"the trial is over", html(200, `<html><title>Trial expired</title><body>Your HaloPSA trial has expired.</body></html>`), "unknown|blocked"},
		{"a cookie wall", headed(redirect(302, "https://psa.contoso.example/api/authinfo"), "Location", "https://psa.contoso.example/api/authinfo", "Set-Cookie", "TS01=1; path=/"), "unknown|blocked|fail"},
		{"a country that is not let in", html(451, `<html><title>Not available in your country</title></html>`), "unknown|blocked"},
		{"geo-blocking as JSON", plain(403, "application/json", `{"success":false,"errors":[{"code":1009,"message":"Country blocked"}]}`), "unknown|blocked"},
		{"a transparent proxy", headed(answer{status: 407}, "Proxy-Authenticate", "Basic realm=\"Squid\""), "unknown|blocked"},
		{"a parked domain", html(200, `<html><title>contoso.example is for sale</title><body>Buy this domain</body></html>`), "fail|blocked|unknown"},
		{"gzip that is none", headed(plain(200, "application/json", `{"auth_url":"https://psa.contoso.example/auth"}`), "Content-Encoding", "gzip"), "unknown|fail|blocked"},
		{"402", plain(402, "text/plain", "Payment Required"), "unknown|blocked|fail"},
	} {
		for _, hosted := range []bool{false, true} {
			name := "page/" + p.name
			if hosted {
				name += ", hosted"
			}
			list = append(list, namedCase{name: name, hosted: hosted, secret: true, fails: true, prepare: ruling(anyRequest, p.a), want: map[string]string{"product.answers": p.want}})
		}
	}
	list = append(list,
		namedCase{name: "page/one reset while the tenant is tried", hosted: true, fails: true, prepare: func(in *instance, _ *form) func(*server) {
			in.typedTenant = new("Not set")
			return func(s *server) {
				s.before(&rule{when: func(req *http.Request) bool { return isToken(req) && req.URL.Query().Get("tenant") != "" }, times: 1, answer: func(http.ResponseWriter, *http.Request, func()) { panic(http.ErrAbortHandler) }})
			}
		}, want: map[string]string{"product.tenant": "fail tenant_missing"}},
		namedCase{name: "page/HTTP 1.0", whole: true, prepare: func(_ *instance, f *form) func(*server) {
			f.Protocol = "http/1.1"
			return func(s *server) {
				s.before(&rule{when: isAPI("authinfo"), times: -1, answer: func(w http.ResponseWriter, _ *http.Request, _ func()) {
					c, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						panic(err)
					}
					_, _ = c.Write([]byte("HTTP/1.0 200 OK\r\n\r\n{\"auth_url\":\"https://psa.contoso.example/auth\",\"tenant_id\":null}"))
					_ = c.Close()
				}})
			}
		}},
		namedCase{name: "page/early hints", whole: true, prepare: onServer(func(s *server) {
			s.before(&rule{when: anyRequest, times: -1, answer: func(w http.ResponseWriter, _ *http.Request, next func()) {
				w.WriteHeader(http.StatusEarlyHints)
				next()
			}})
		})},
		namedCase{name: "page/a clock two days ahead", whole: true, prepare: writing(func(f *form) { f.Skew = 48 * time.Hour })},
		namedCase{name: "page/http in authinfo, none typed", fails: true, secret: true, prepare: func(in *instance, _ *form) func(*server) {
			in.typedAuth = ""
			return func(s *server) { s.named = "http://psa.contoso.example/auth" }
		}, want: map[string]string{"login.auth-url": "fail https_required"}},
	)
	return list
}
