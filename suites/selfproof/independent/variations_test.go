package independent_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/halocheck/halocheck/probes"
)

// Each kind of mistake in more clothes than it was reported in: other statuses, lists, bodies, names.

// ownStatuses are statuses that a list, an endpoint or something before it may answer, with nothing that tells more.
var ownStatuses = []int{301, 302, 304, 400, 402, 404, 405, 406, 408, 409, 410, 412, 418, 421, 423, 424, 425, 426, 429, 431, 451, 498, 499, 500, 501, 502, 503, 504, 505, 507, 520, 521, 522, 523, 524, 525, 526, 529, 530, 599}

// cut breaks an answer off in its middle.
func (s *server) cut(body string) func(http.ResponseWriter, *http.Request, func()) {
	return func(w http.ResponseWriter, _ *http.Request, _ func()) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func withHeader(a answer, key, value string) answer {
	a.header = map[string]string{key: value}
	return a
}

// unreadBodies answer 200 and show no list.
func unreadBodies() map[string]answer {
	list := map[string]answer{
		"gzip that is none": withHeader(plain(200, "application/json", `{"record_count":1,"clients":[{"id":1}]}`), "Content-Encoding", "gzip"),
		"XML":               plain(200, "application/xml", `<clients><client id="1"/></clients>`),
		"a mark alone":      plain(200, "application/json", "\ufeff"),
	}
	for _, body := range []string{
		`{"error":"invalid_token"}`, `{"message":"maintenance","errors":["closed"]}`, `{"errors":[]}`, `{"errors":[{"code":7,"message":"closed"}]}`, `["Tenant not found"]`, `{"clients":"none","items":"none","contracts":"none","invoices":"none","tickets":"none"}`,
		`{"clients":{}}`, `true`, `7`, `{}`, `{"record_count":717}`, `{"id":["The value 'probe' is not valid."]}`, `{"ClassName":"System.Exception","Message":"Please contact the administrator","Data":null}`,
		`{"record_count":2,"clients":[{"id":1},`, `{"columns":[{"name":"id"}]}`, `{"record_count":"717","clients":null}`, `<?xml version="1.0"?><error/>`,
	} {
		list[body] = plain(200, "application/json", body)
	}
	return list
}

// unreadListCases: whatever a list answers that shows nothing, nobody passes on it and nobody is accused.
func unreadListCases() (list []namedCase) {
	open := func(ids []string) func(o outcome) string {
		return func(o outcome) string {
			for _, id := range ids {
				for _, f := range o.of(id) {
					if f.Status == probes.Unknown {
						return ""
					}
				}
			}
			return "all pass on a list that was not read"
		}
	}
	for i, l := range guideLists {
		answers := unreadBodies()
		for j, status := range ownStatuses {
			if j%len(guideLists) == i || status == 418 {
				answers[fmt.Sprint(status, " empty")] = answer{status: status}
				answers[fmt.Sprint(status, " page")] = page(status, "Error")
			}
		}
		answers["a sign-in page"] = signIn
		answers["503 until a date"] = withHeader(page(503, "Service Unavailable"), "Retry-After", "Sat, 28 Nov 2026 09:30:00 GMT")
		for name, a := range answers {
			list = append(list, namedCase{name: "no list/" + l.path + " " + name, outcome: probes.Incomplete, prepare: replying(l.path, a), holds: open(l.ids)})
		}
		list = append(list, namedCase{name: "no list/" + l.path + " cut off", outcome: probes.Incomplete, holds: open(l.ids), prepare: onServer(func(s *server) {
			s.before(&rule{when: isAPI(l.path), times: -1, answer: s.cut(`{"record_count":1,"clients":[{"id":1}`)})
		})})
	}
	return list
}

func wide(text string, mark bool) string {
	var b strings.Builder
	if mark {
		b.WriteString("\xff\xfe")
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// readListCases: the same list in other clothes is the same list.
func readListCases() (list []namedCase) {
	for name, a := range map[string]answer{
		"results":               plain(200, "application/json", `{"results":[{"id":1}]}`),
		"data":                  plain(200, "application/json", `{"data":[{"id":1}],"record_count":1}`),
		"faults":                plain(200, "application/json", `{"record_count":3,"faults":[{"id":1}]}`),
		"columns first":         plain(200, "application/json", `{"columns":[{"name":"id"}],"record_count":3,"rows":[{"id":"1"}]}`),
		"nothing as null":       plain(200, "application/json", `{"record_count":0,"clients":null,"items":null}`),
		"nothing under results": plain(200, "application/json", `{"results":[]}`),
		"bare and empty":        plain(200, "application/json", `[]`),
		"count as text":         plain(200, "application/json", `{"record_count":"12","results":[{"id":1}]}`),
		"count as fraction":     plain(200, "application/json", `{"record_count":12.0,"results":[{"id":1}]}`),
		"count too small":       plain(200, "application/json", `{"record_count":0,"results":[{"id":1}]}`),
		"count below zero":      plain(200, "application/json", `{"record_count":-1,"results":[{"id":1}]}`),
		"count as null":         plain(200, "application/json", `{"record_count":null,"results":[{"id":1}]}`),
		"all rows":              plain(200, "application/json", `[{"id":1},{"id":2},{"id":3}]`),
		"a byte order mark":     plain(200, "application/json", "\ufeff[{\"id\":1}]"),
		"UTF-16 by its mark":    plain(200, "application/json", wide(`[{"id":1,"name":"é"}]`, true)),
		"UTF-16 by its label":   plain(200, "application/json; charset=utf-16", wide(`[{"id":1,"name":"é"}]`, false)),
		"Latin-1":               plain(200, "application/json; charset=iso-8859-1", "[{\"id\":1,\"name\":\"S\xe9curit\xe9\"}]"),
		"bytes of no charset":   plain(200, "application/json", "[{\"id\":1,\"name\":\"S\xe9curit\xe9\"}]"),
		"labelled as a page":    plain(200, "text/html; charset=utf-8", `[{"id":1}]`),
		"without a label":       plain(200, "", `[{"id":1}]`),
	} {
		for _, path := range []string{"client", "invoice"} {
			list = append(list, namedCase{name: "a list/" + path + " " + name, whole: true, prepare: replying(path, a)})
		}
	}
	return list
}

// grantCases: a token in other clothes is a token.
func grantCases() (list []namedCase) {
	for name, fields := range map[string]string{
		"no type": `"expires_in":3600`, "a type in lower case": `"token_type":"bearer","expires_in":3600`, "another type": `"token_type":"N_A","expires_in":3600`, "type null": `"token_type":null`,
		"seconds as text": `"token_type":"Bearer","expires_in":"3600"`, "seconds null": `"token_type":"Bearer","expires_in":null`, "no seconds": `"token_type":"Bearer"`, "seconds with a fraction": `"token_type":"Bearer","expires_in":3599.87`,
		"seconds with blanks": `"token_type":"Bearer","expires_in":" 3600 "`, "a day": `"token_type":"Bearer","expires_in":86400`, "no number": `"token_type":"Bearer","expires_in":"never"`, "zero seconds": `"token_type":"Bearer","expires_in":0`,
		"scope null": `"token_type":"Bearer","scope":null`, "scope as number": `"token_type":"Bearer","scope":7`, "scopes as objects": `"token_type":"Bearer","scope":[{"name":"read:customers"}]`, "scope with tabs": `"token_type":"Bearer","scope":"` + strings.Join(guideScopes, `\t`) + `"`,
		"scope in capitals": `"token_type":"Bearer","scope":"` + strings.ToUpper(strings.Join(guideScopes, " ")) + `"`, "scopes twice": `"token_type":"Bearer","scope":"` + strings.Join(append(slices.Clone(guideScopes), guideScopes...), " ") + `"`,
		"errors null": `"token_type":"Bearer","error":null,"error_description":null,"scope":"` + strings.Join(guideScopes, ",") + `"`,
	} {
		for _, form := range []struct {
			status      int
			label, text string
		}{{200, "application/json", "%s"}, {201, "application/json;charset=UTF-8", "%s"}, {200, "text/html", "\ufeff%s"}, {200, "", "[%s]"}} {
			list = append(list, namedCase{name: fmt.Sprintf("a token/%s %d %q", name, form.status, form.label), whole: true, prepare: onServer(func(s *server) {
				s.refused = func() *answer {
					token := "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
					s.mu.Lock()
					s.tokens[token] = grant{scopes: guideScopes, expires: s.now().Add(3e12)}
					s.mu.Unlock()
					a := plain(form.status, form.label, fmt.Sprintf(form.text, `{"access_token":"`+token+`",`+fields+`}`))
					return &a
				}
			})})
		}
	}
	return list
}

// refusedGrantCases: only invalid_client refuses the secret, and only an OAuth server refuses anything.
func refusedGrantCases() (list []namedCase) {
	type said struct {
		name string
		a    answer
		want string
	}
	var all []said
	for _, status := range []int{400, 401, 403} {
		for _, code := range []string{"access_denied", "invalid_grant", "unauthorized_client", "consent_required", "interaction_required"} {
			all = append(all, said{fmt.Sprint(status, " ", code), plain(status, "application/json", `{"error":"`+code+`","error_description":"No."}`), "fail " + code})
		}
		all = append(all, said{fmt.Sprint(status, " server_error"), plain(status, "application/json", `{"error":"server_error"}`), "unknown server_error"},
			said{fmt.Sprint(status, " temporarily_unavailable"), plain(status, "application/json", `{"error":"temporarily_unavailable"}`), "unknown server_error"},
			said{fmt.Sprint(status, " a block page"), page(status, "Access Denied"), "fail|unknown edge_refused"})
	}
	for _, status := range []int{408, 425, 429, 500, 501, 502, 503, 504, 520, 524, 529} {
		all = append(all, said{fmt.Sprint(status, " empty"), answer{status: status}, "unknown"}, said{fmt.Sprint(status, " page"), page(status, "Error"), "unknown"},
			said{fmt.Sprint(status, " with an error"), plain(status, "application/json", `{"error":"invalid_client"}`), "unknown"})
	}
	all = append(all,
		said{"403 a block page", page(403, "Request blocked by the web application firewall"), "unknown edge_refused"}, said{"401 a page", page(401, "Unauthorized"), "unknown edge_refused"},
		said{"200 a challenge", page(200, "Just a moment..."), "unknown|fail not_oauth"}, said{"302 to a sign-in page", signIn, "unknown|fail not_oauth"},
		said{"401 Negotiate", negotiate, "unknown|fail not_oauth"}, said{"418", answer{status: 418}, "unknown|fail not_oauth"}, said{"423", answer{status: 423}, "unknown|fail not_oauth"},
		said{"400 an exception", plain(400, "application/json", `{"ClassName":"System.Exception","Message":"Please contact the administrator"}`), "unknown|fail access_denied"},
		said{"200 without a token", plain(200, "application/json", `{"token_type":"Bearer"}`), "unknown|fail not_oauth"}, said{"200 a token of null", plain(200, "application/json", `{"access_token":null}`), "unknown|fail not_oauth"},
		said{"200 half a token", plain(200, "application/json", `{"access_token":"abc`), "unknown|fail not_oauth"}, said{"401 as text", plain(401, "text/plain", "Unauthorized"), "fail|unknown"})
	for _, r := range all {
		list = append(list, namedCase{name: "a refused grant/" + r.name, fails: true, want: map[string]string{"login.token": r.want}, never: map[string]string{"login.token": `(?i)new (client )?secret|generate a new`},
			prepare: onServer(func(s *server) { s.refused = func() *answer { return &r.a } })})
	}
	return list
}

// authInfoCases: what the instance says of itself, in whatever form, while all else is right.
func authInfoCases() (list []namedCase) {
	for name, body := range map[string]string{
		"relative": `{"auth_url":"/auth","tenant_id":null}`, "relative without a slash": `{"auth_url":"auth","tenant_id":""}`, "without a scheme": `{"auth_url":"psa.contoso.example/auth","tenant_id":null}`, "scheme of its own": `{"auth_url":"//psa.contoso.example/auth","tenant_id":null}`,
		"empty": `{"auth_url":"","tenant_id":null}`, "null": `{"auth_url":null,"tenant_id":null}`, "no tenant": `{"auth_url":"https://psa.contoso.example/auth"}`, "a slash": `{"auth_url":"https://psa.contoso.example/auth/"}`, "Not set": `{"auth_url":"https://psa.contoso.example/auth","tenant_id":"Not set"}`,
		"capitals": `{"auth_url":"HTTPS://PSA.CONTOSO.EXAMPLE/auth","tenant_id":null}`, "a port": `{"auth_url":"https://psa.contoso.example:443/auth/"}`, "a final dot": `{"auth_url":"https://psa.contoso.example./auth/"}`, "another host": `{"auth_url":"https://halo-srv01.contoso.local/auth"}`,
		"another host's address": `{"auth_url":"https://10.0.0.5/auth"}`, "an IPv6 address": `{"auth_url":"https://[fd00::5]:8443/auth"}`, "letters of elsewhere": `{"auth_url":"https://psä.contoso.example/auth"}`, "http": `{"auth_url":"http://psa.contoso.example/auth"}`, "a localhost": `{"auth_url":"https://localhost:49490"}`,
		"blanks": `{"auth_url":" https://psa.contoso.example/auth ","tenant_id":" "}`, "a mark": "\ufeff" + `{"auth_url":"https://psa.contoso.example/auth"}`, "much else": `{"sso":[{"id":1}],"version":null,"auth_url":"https://psa.contoso.example/auth","tenant_id":null,"error":null}`,
		"UTF-16": wide(`{"auth_url":"https://psa.contoso.example/auth","tenant_id":null}`, true),
	} {
		list = append(list, namedCase{name: "authinfo/" + name, whole: true, prepare: replying("authinfo", plain(200, "application/json", body)), want: map[string]string{"product.answers": "pass", "login.auth-url": "pass"}})
	}
	for _, status := range []int{400, 401, 403, 404, 408, 418, 429, 500, 501, 503} { // InstanceInfo shows HaloPSA all the same
		list = append(list, namedCase{name: fmt.Sprint("authinfo/", status, " alone"), prepare: replying("authinfo", answer{status: status}), want: map[string]string{"product.answers": "pass|unknown", "login.token": "pass|blocked"}})
	}
	for _, typed := range []string{"https://PSA.contoso.example", "psa.contoso.example.", "https://psa.contoso.example:443/", "https://psa.contoso.example/API", "https://psa.contoso.example//api//", "psa.contoso.example/api"} {
		list = append(list, namedCase{name: "typed/" + typed, whole: true, prepare: func(in *instance, _ *form) func(*server) {
			in.typedResource = typed
			return func(s *server) { s.network.name("psa.contoso.example.", s.addresses(0)) }
		}})
	}
	return list
}

// beforeCases: something before HaloPSA, whatever its status and wherever it stands.
func beforeCases() (list []namedCase) {
	pages := map[string]answer{}
	for _, status := range []int{200, 400, 401, 403, 404, 405, 406, 409, 410, 418, 423, 429, 451, 493, 499} {
		pages[fmt.Sprint(status, " blocked")] = page(status, "Access to this site is blocked by policy")
	}
	for _, status := range []int{406, 412, 418, 423, 444, 451, 493, 494, 499} {
		pages[fmt.Sprint(status, " empty")] = answer{status: status}
	}
	for name, a := range pages {
		c := namedCase{name: "before HaloPSA/" + name, prepare: replying("*", a), secret: true, outcome: probes.Incomplete, want: map[string]string{"network.allowlist": "unknown edge_refused"}, never: map[string]string{"*": `(?i)take (it|the URL) from the instance`}}
		if a.status == 429 { // which is a limit, whatever the page says
			c.want = map[string]string{"product.answers": "unknown rate_limited|blocked"}
		}
		list = append(list, c)
		if a.status == 429 { // every call is tried for ten seconds
			continue
		}
		list = append(list, namedCase{name: "before the calls with a token/" + name, prepare: onServer(func(s *server) { s.before(&rule{when: withBearer, times: -1, answer: s.reply(a)}) }),
			want: map[string]string{"login.token": "pass", "login.login-type": "unknown|blocked"}})
	}
	return list
}

// agentCases: an agent's record that is odd, and claims that are.
func agentCases() (list []namedCase) {
	for name, body := range map[string]string{
		"two agents": `[{"id":7,"name":"A"},{"id":8,"name":"B"}]`, "a word": `"OK"`, "a number": `7`, "a list of words": `["x"]`, "an error": `{"error":"forbidden"}`, "a message": `{"Message":"You do not have access"}`, "half": `{"id":7,"na`, "a page": `<html><title>Halo</title></html>`, "empty": ``,
	} {
		list = append(list, namedCase{name: "no agent shown/" + name, outcome: probes.Incomplete, prepare: replying("agent/me", plain(200, "application/json", body)), want: map[string]string{"login.login-type": "unknown|pass"}})
	}
	for name, body := range map[string]string{"null": `null`, "an empty list": `[]`, "an id of 0": `{"id":0,"name":null}`} {
		list = append(list, namedCase{name: "no agent/" + name, fails: true, prepare: replying("agent/me", plain(200, "application/json", body)), want: map[string]string{"login.agent": "fail no_agent"}})
	}
	me := func(claims string) func(*instance, *form) func(*server) {
		return replying("agent/me", plain(200, "application/json", `{"id":7,"name":"MSPCentric","isdisabled":false,"isapiagent":true,"teams":[{"team_id":1,"team_name":"Service Desk"}],"roles":[{"id":"0d9c1f5e-4a35-4a53-8a2c-3f4e5d6c7b8a","name":"MSPCentric","claims":[]}],"clients":[],"tickettypes":[],"workday_name":"Default Working Hours","team":"","claims":`+claims+`}`))
	}
	list = append(list,
		namedCase{name: "claims/null", prepare: me(`null`), want: map[string]string{"role.add-tickets": "unknown"}},
		namedCase{name: "claims/none", prepare: me(`[]`), want: map[string]string{"role.add-tickets": "unknown"}},
		namedCase{name: "claims/words as values", prepare: me(`[{"type":"Tx","value":"ReadAndModify"},{"type":"Cx","value":"ReadAndModify"},{"type":"l6","value":"yes"},{"type":"l8","value":null}]`),
			holds: func(o outcome) string {
				for _, id := range []string{"role.tickets-level", "role.contracts-level", "role.add-tickets", "role.view-others-tickets"} {
					if f := o.of(id); len(f) != 1 || f[0].Status != probes.Unknown {
						return "judged by a value that cannot be read: " + texts(f)
					}
				}
				return ""
			}, fails: true, want: allRoles("unknown|fail|pass")},
		namedCase{name: "claims/fractions", prepare: me(`[{"type":"Tx","value":"2.0"},{"type":"Cx","value":2.0},{"type":"Ux","value":" 3 "},{"type":"Ix","value":3},{"type":"Xx","value":"2"},{"type":"l6","value":true},{"type":"lf","value":"True"},{"type":"le","value":1},{"type":"l8","value":"1"},{"type":"l1","value":"1"},{"type":"Ft","value":"1"},{"type":"Fc","value":"1"}]`), whole: true},
	)
	return list
}

// teamCases: absence from a list proves nothing unless the list is whole.
func teamCases() (list []namedCase) {
	wanted := func(s *probes.Session) { s.Teams = []string{"Billing"} }
	rows := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,{"id":%d,"name":"Team %d"}`, i+100, i)
		}
		return b.String()[1:]
	}
	for name, body := range map[string]string{
		"a row twice":             `{"record_count":2,"teams":[{"id":1,"name":"Service Desk"},{"id":1,"name":"Service Desk"}]}`,
		"fewer than it has":       `{"record_count":9,"teams":[{"id":1,"name":"Service Desk"}]}`,
		"fifty without count":     `{"teams":[` + rows(50) + `]}`,
		"a hundred, bare":         `[` + rows(100) + `]`,
		"names of no charset":     "[{\"id\":1,\"name\":\"B\xeflling\"}]",
		"names that are null":     `[{"id":1,"name":null},{"id":4}]`,
		"a count below what came": `{"record_count":1,"teams":[` + rows(50) + `]}`,
		"an error":                `{"errors":["closed"]}`,
	} {
		list = append(list, namedCase{name: "teams/" + name, session: wanted, prepare: func(in *instance, f *form) func(*server) {
			in.adminGiven, in.scopes = true, append(in.scopes, "all:teams")
			return replying("team", plain(200, "application/json", body))(in, f)
		}, want: map[string]string{"agent.teams": "unknown"}})
	}
	list = append(list, namedCase{name: "teams/the second page is refused", session: wanted, prepare: func(in *instance, f *form) func(*server) {
		in.adminGiven, in.scopes = true, append(in.scopes, "all:teams")
		return func(s *server) {
			s.before(&rule{when: isAPI("team"), times: -1, answer: s.reply(plain(200, "application/json", `{"record_count":9,"teams":[{"id":1,"name":"Service Desk"}]}`))})
			s.before(&rule{when: func(req *http.Request) bool { return isAPI("team")(req) && req.URL.Query().Get("page_no") == "2" }, times: -1, answer: s.reply(answer{status: 403})})
		}
	}, want: map[string]string{"agent.teams": "unknown"}})
	return append(list, namedCase{name: "teams/63 bare ones", session: wanted, fails: true, prepare: func(in *instance, f *form) func(*server) {
		in.adminGiven, in.scopes = true, append(in.scopes, "all:teams")
		return replying("team", plain(200, "application/json", `[`+rows(63)+`]`))(in, f)
	}, want: map[string]string{"agent.teams": "fail team_not_found"}})
}

// hostedCases: an instance under the customer's own name that Halo hosts; nobody there has a server.
func hostedCases() []namedCase {
	own := func(change func(s *server)) func(*instance, *form) func(*server) {
		return func(_ *instance, f *form) func(*server) { f.Resource = "service.northwind.example"; return change }
	}
	const machine = `(?i)event log|\bIIS\b|firewall|appsettings|certlm|application pool`
	never := map[string]string{"*": machine}
	remedies := func(o outcome) string {
		for _, f := range o.findings {
			if f.Remedy != nil && f.Remedy.Who == probes.NetworkAdmin {
				return "a hosted customer is sent to a server: " + texts([]probes.Finding{f})
			}
		}
		return ""
	}
	broken := func(names ...string) func(s *server) {
		return func(s *server) {
			for _, name := range names {
				a := page(503, "Service Unavailable")
				s.before(&rule{when: isAPI(name), times: -1, answer: s.reply(a)})
			}
		}
	}
	return []namedCase{
		{name: "hosted/authinfo names http", hosted: true, fails: true, prepare: func(in *instance, f *form) func(*server) {
			in.typedAuth = ""
			return own(func(s *server) { s.named = "http://service.northwind.example/auth" })(in, f)
		}, want: map[string]string{"login.auth-url": "fail https_required"}, holds: remedies, never: never},
		{name: "hosted/authinfo names an internal host", hosted: true, fails: true, prepare: func(in *instance, f *form) func(*server) {
			in.typedAuth = ""
			return own(func(s *server) { s.named = "https://halo-srv01.northwind.local/auth" })(in, f)
		}, want: map[string]string{"network.resolves": "pass"}, holds: remedies, never: never},
		{name: "hosted/a chain that ends in no root", hosted: true, prepare: own(func(*server) {}), session: func(s *probes.Session) { s.Net.Roots = publicRoots() },
			want: map[string]string{"trust.chain": "unknown"}, holds: remedies},
		{name: "hosted/one address is silent", hosted: true, prepare: own(broken("client")), holds: remedies, never: never},
		{name: "hosted/the token endpoint is broken", hosted: true, prepare: own(func(s *server) {
			s.before(&rule{when: isToken, times: -1, answer: s.reply(page(503, "Service Unavailable"))})
		}), holds: remedies, never: never},
		{name: "hosted/the token endpoint is missing", hosted: true, fails: true, want: map[string]string{"login.auth-url": "fail token_endpoint_missing"},
			prepare: own(func(s *server) { s.before(&rule{when: isToken, times: -1, answer: s.reply(notFound)}) }), holds: remedies, never: never},
	}
}

// TestVariations rebuilds each kind in other clothes.
func TestVariations(t *testing.T) {
	for _, c := range slices.Concat(unreadListCases(), readListCases(), grantCases(), refusedGrantCases(), authInfoCases(), beforeCases(), agentCases(), teamCases(), hostedCases()) {
		if sampled(1, c.name) {
			t.Run(c.name, func(t *testing.T) { runCase(t, c) })
		}
	}
}
