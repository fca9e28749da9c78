package independent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// endpointCases: the token endpoint says no, or yes, in ways that RFC 6749 and its servers know.
func endpointCases() (list []namedCase) {
	creds := func(a answer) func(*instance, *form) func(*server) {
		return onServer(func(s *server) { s.refused = func() *answer { return &a } })
	}
	no := func(status int, label, body string) answer { return plain(status, label, body) }
	const newSecret = `(?i)new (client )?secret`
	type row struct {
		name, want string
		a          answer
		never      string
	}
	for _, r := range []row{
		{"invalid_client with 400", "fail invalid_client", no(400, "application/json", `{"error":"invalid_client"}`), ""},
		{"invalid_client with 403", "fail invalid_client", no(403, "application/json", `{"error":"invalid_client"}`), ""},
		{"invalid_client, no label", "fail invalid_client", no(401, "", `{"error":"invalid_client"}`), ""},
		{"invalid_client as text/html", "fail invalid_client", no(401, "text/html", "\ufeff{\"error\":\"invalid_client\"}"), ""},
		{"invalid_client with capitals", "fail|unknown", no(401, "application/json", `{"error":"Invalid_Client"}`), ""},
		{"invalid_client with an uri", "fail invalid_client", no(401, "application/json", `{"error":"invalid_client","error_description":"The specified client credentials are invalid.","error_uri":"https://documentation.openiddict.com/errors/ID2055"}`), ""},
		{"invalid_client in UTF-16", "fail invalid_client", no(401, "application/json; charset=utf-16", wide(`{"error":"invalid_client"}`, true)), ""},
		{"invalid_client with nulls", "fail invalid_client", no(401, "application/json", `{"error":"invalid_client","error_description":null,"error_uri":null}`), ""},
		{"invalid_client and a Bearer challenge", "fail invalid_client", withHeader(no(401, "application/json", `{"error":"invalid_client"}`), "WWW-Authenticate", `Bearer error="invalid_token"`), ""},
		{"the wrong method", "fail unauthorized_client", no(400, "application/json", `{"error":"unauthorized_client","error_description":"This client application is not allowed to use the specified grant type."}`), newSecret},
		{"an unknown grant type", "fail unsupported_grant_type", no(400, "application/json", `{"error":"unsupported_grant_type"}`), newSecret},
		{"invalid_request", "fail invalid_request", no(400, "application/json", `{"error":"invalid_request","error_description":"The mandatory 'client_id' parameter is missing."}`), newSecret},
		{"https only", "fail https_required", no(400, "application/json", `{"error":"invalid_request","error_description":"This server only accepts HTTPS requests.","error_uri":"https://documentation.openiddict.com/errors/ID2083"}`), newSecret},
		{"invalid_request with 401", "fail invalid_request", no(401, "application/json", `{"error":"invalid_request"}`), newSecret},
		{"slow_down", "fail slow_down|unknown", no(400, "application/json", `{"error":"slow_down"}`), newSecret},
		{"an error of its own", "fail account_disabled|unknown", no(400, "application/json", `{"error":"account_disabled","error_description":"The agent is disabled"}`), newSecret},
		{"an error that is a sentence", "fail|unknown", no(400, "application/json", `{"error":"The agent is disabled"}`), newSecret},
		{"a .NET exception", "fail|unknown", no(400, "application/json", `{"ClassName":"System.Exception","Message":"The application is inactive","HResult":-2146233088}`), newSecret},
		{"a JSON string", "fail|unknown", no(400, "application/json", `"Tenant not found"`), newSecret},
		{"an empty 400", "fail|unknown", no(400, "", ""), newSecret},
		{"an empty 404", "fail|unknown", no(404, "", ""), newSecret},
		{"an empty 401 with Basic", "fail invalid_client", withHeader(answer{status: 401}, "WWW-Authenticate", `Basic realm="https://psa.contoso.example/auth"`), ""},
		{"a 401 page of IIS", "unknown|fail", html(401, `<title>401 - Unauthorized: Access is denied due to invalid credentials.</title>`, "Server", "Microsoft-IIS/10.0"), newSecret},
		{"a redirect to sign in", "unknown|fail", redirect(302, "/auth/account/login?ReturnUrl=%2Fauth%2Ftoken"), newSecret},
		{"a redirect to another host", "unknown|fail", redirect(307, "https://login.contoso.example/auth/token"), newSecret},
		{"a redirect to the same with a slash", "unknown|fail", redirect(308, "/auth/token/"), newSecret},
		{"the licence server", "unknown server_error", plain(500, "text/plain", "Unable to obtain licence information from the Halo Licencing Server."), newSecret},
		{"the licence server as OAuth", "fail server_error|unknown server_error", plain(400, "application/json", `{"error":"server_error","error_description":"Unable to obtain licence information from the Halo Licencing Server."}`), newSecret},
		{"200 and nothing", "unknown", answer{status: 200}, newSecret}, {"204", "unknown", answer{status: 204}, newSecret},
		{"200 and a page", "unknown", page(200, "Halo"), newSecret}, {"200 and an empty object", "unknown", plain(200, "application/json", `{}`), newSecret},
		{"an empty token", "unknown", plain(200, "application/json", `{"access_token":"","token_type":"Bearer"}`), newSecret}, {"a null token", "unknown", plain(200, "application/json", `{"access_token":null,"token_type":"Bearer","expires_in":3600}`), newSecret},
		{"a numeric token", "unknown|pass", plain(200, "application/json", `{"access_token":123,"token_type":"Bearer"}`), newSecret},
		{"200 with an error", "fail invalid_client|unknown", plain(200, "application/json", `{"error":"invalid_client"}`), ""},
		{"a token as a form", "unknown|pass", plain(200, "application/x-www-form-urlencoded", `access_token=0123456789abcdefghijklmnopqrstuvwxyzABCDEFG&token_type=bearer`), newSecret},
		{"a token of newlines", "unknown", plain(200, "application/json", `{"access_token":"abc\r\nX-Evil: 1","token_type":"Bearer"}`), newSecret},
		{"429 with a text", "unknown rate_limited", plain(429, "text/plain", "Rate Limit Reached - 700 Requests per rolling 5 minute window"), newSecret},
		{"429 for an hour", "unknown rate_limited", withHeader(answer{status: 429}, "Retry-After", "3600"), newSecret},
	} {
		c := namedCase{name: "the grant/" + r.name, prepare: creds(r.a), fails: strings.Contains(r.want, "fail"), want: map[string]string{"login.token": r.want, "login.auth-url": "pass"}}
		if r.never != "" {
			c.never = map[string]string{"login.token": r.never}
		}
		if !c.fails {
			c.outcome = probes.Incomplete
		}
		list = append(list, c)
	}
	for name, a := range map[string]answer{
		"nested": plain(400, "application/json", `{"error":{"code":"invalid_request"}}`), "in a list": plain(400, "application/json", `[{"error":"invalid_request"}]`), "of Google": plain(401, "application/json", `{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}`),
		"of Spring": plain(401, "application/json", `{"timestamp":"2026-11-28T09:00:00Z","status":401,"error":"Unauthorized","path":"/auth/token"}`), "of Express": plain(400, "application/json", `{"error":"invalid_json","message":"bad body"}`), "with 200": plain(200, "application/json", `{"error":"invalid_request"}`),
		"with 404": plain(404, "application/json", `{"error":"invalid_request"}`), "with 500": plain(500, "application/json", `{"error":"invalid_request"}`), "in a page": plain(400, "text/html", `<html>{"error":"invalid_request"}</html>`), "a 401 with nothing": {status: 401},
		"of an API": plain(400, "application/problem+json", `{"type":"about:blank","title":"Bad Request","status":400}`), "a word": plain(400, "text/plain", `invalid_request`), "a form": plain(400, "application/x-www-form-urlencoded", `error=invalid_request`), "of Kong": plain(401, "application/json", `{"message":"No API key found in request"}`),
	} {
		c := namedCase{name: "no OAuth/" + name, prepare: replying("token", a), secret: true, fails: true, want: map[string]string{"login.auth-url": "fail token_endpoint_missing|fail not_oauth|blocked|unknown"}}
		list = append(list, c)
	}
	for name, a := range map[string]answer{
		"a mark": plain(400, "application/json", "\ufeff{\"error\":\"invalid_request\"}"), "as text": plain(400, "text/plain", `{"error":"unsupported_grant_type"}`), "with 401": plain(401, "application/json", `{"error":"invalid_client"}`), "with much else": plain(400, "application/json", `{"error":"invalid_request","error_description":"x","error_uri":"https://documentation.openiddict.com/errors/ID2029","trace":"1"}`),
		"invalid_scope": plain(400, "application/json", `{"error":"invalid_scope"}`), "invalid_grant": plain(400, "application/json", `{"error":"invalid_grant"}`), "UTF-16": plain(400, "application/json; charset=utf-16le", wide(`{"error":"invalid_request"}`, true)),
	} {
		list = append(list, namedCase{name: "OAuth/" + name, whole: true, prepare: onServer(func(s *server) {
			s.before(&rule{when: func(req *http.Request) bool { return isToken(req) && req.ContentLength < 60 }, times: -1, answer: s.reply(a)})
		})})
	}
	return list
}

// tenantCases: what is typed, what authinfo names, and what the token endpoint takes.
func tenantCases() (list []namedCase) {
	typed := func(hosted bool, text *string, change func(in *instance, f *form), want string, fails, whole bool) {
		name := "unset"
		if text != nil {
			name = fmt.Sprintf("%q", *text)
		}
		list = append(list, namedCase{name: fmt.Sprintf("tenant/hosted=%t %s %d", hosted, name, len(list)), hosted: hosted, fails: fails, whole: whole, prepare: func(in *instance, f *form) func(*server) {
			in.typedTenant = text
			if change != nil {
				change(in, f)
			}
			return nil
		}, want: map[string]string{"product.tenant": want}})
	}
	none := func(*instance, *form) {}
	typed(true, nil, none, "not-applicable", false, true)
	typed(true, new("acme"), none, "pass", false, true)
	typed(true, new(" ACME\t"), none, "pass", false, true)
	typed(true, new("acmé"), none, "fail tenant_unknown", true, false)
	typed(true, new("acmeuat"), none, "fail tenant_unknown", true, false)
	typed(true, new("acme.halopsa.com"), none, "fail tenant_unknown", true, false)
	typed(true, new("https://acme.halopsa.com"), none, "fail tenant_unknown", true, false)
	typed(true, new("Not set"), none, "fail tenant_missing|fail tenant_unknown", true, false)
	typed(true, new(""), none, "fail tenant_missing", true, false)
	typed(true, new(""), func(_ *instance, f *form) { f.TenantNeeded = false }, "fail tenant_missing|pass|unknown", true, false)
	typed(true, new("Not set"), func(_ *instance, f *form) { f.TenantNeeded = false }, "fail tenant_missing|pass|unknown", true, false)
	typed(true, new("a b&c=d#e"), none, "fail tenant_unknown", true, false)
	typed(false, nil, none, "not-applicable", false, true)
	typed(false, new("Not set"), none, "pass", false, true)
	typed(false, new("NOT SET"), none, "pass", false, true)
	typed(false, new("\u00a0Not set "), none, "pass", false, true)
	typed(false, new("Notset"), none, "fail tenant_not_wanted|fail tenant_unknown", true, false)
	typed(false, new("None"), none, "fail tenant_not_wanted|fail tenant_unknown", true, false)
	typed(false, new("psa"), none, "fail tenant_not_wanted", true, false)
	typed(false, new("Not set"), func(in *instance, f *form) { f.AuthInfo = "no tenant" }, "pass", false, true)
	typed(true, new("acme"), func(_ *instance, f *form) { f.AuthInfo = "no tenant" }, "pass", false, true)
	typed(true, new("acme"), func(_ *instance, f *form) { f.AuthInfo = "no auth url" }, "pass", false, true)
	typed(true, new("acme"), func(_ *instance, f *form) { f.AuthInfo, f.TenantNeeded = "no tenant", false }, "pass|unknown", false, false)
	for _, missing := range []string{"404", "403", "500", "400"} {
		for _, text := range []string{"acne", "", "Not set"} {
			list = append(list, namedCase{name: "tenant/shared host " + missing + " " + text, hosted: true, fails: true, prepare: func(in *instance, f *form) func(*server) {
				in.typedTenant = &text
				f.Resource, f.Auth, f.AuthPath, f.TenantMissing = "gamma.haloservicedesk.com", "auth.haloservicedesk.com", "", missing
				return nil
			}, want: map[string]string{"product.tenant": "fail tenant_unknown|fail tenant_missing"}, never: map[string]string{"login.token": `(?i)new (client )?secret`}})
		}
	}
	return list
}

// versionCases: how versions are written, and which are new enough. halo-failures §3
func versionCases() (list []namedCase) {
	for _, r := range []struct{ version, stable, want string }{
		{"2.250.32", "", "pass"}, {"2.250", "", "pass"}, {"2.250.0", "", "pass"}, {"v2.250.1", "", "pass"}, {"V2.250.32", "", "pass"}, {"2.250.133", "", "pass"}, {"2.250.32 ", "", "pass"}, {"2.250.32.0", "", "pass"}, {"2.250.32 (Stable)", "", "pass"}, {"2.250.32-hotfix2", "", "pass"},
		{"HaloPSA v2.250.32", "", "pass|unknown version_hidden"}, {"Version 2.250.32", "", "pass|unknown version_hidden"}, {"2,250,32", "", "unknown version_hidden|pass"}, {"2.250.32+abc", "", "pass"}, {"02.250.032", "", "pass|unknown version_hidden"},
		{"2.252.4", "", "pass|unknown stable_unknown"}, {"2.254.1 Beta", "", "pass|unknown stable_unknown"}, {"2.251.3", "", "pass|unknown stable_unknown"}, {"3.0.1", "", "pass|unknown stable_unknown"},
		{"2.236.133", "", "fail not_latest_stable"}, {"2.238.4", "", "fail not_latest_stable"}, {"2.220.77", "", "fail not_latest_stable"}, {"2.186.2", "", "fail not_latest_stable"}, {"2.184.23", "", "fail not_latest_stable"}, {"2.174.94", "", "fail not_latest_stable"},
		{"2.174.93", "", "fail below_security_floor"}, {"2.184.22", "", "fail below_security_floor"}, {"2.186.1", "", "fail below_security_floor"}, {"2.176.5", "", "fail below_security_floor"}, {"2.182.200", "", "fail below_security_floor"}, {"2.143.61", "", "fail below_security_floor"}, {"2.25.32", "", "fail below_security_floor"}, {"2.96", "", "fail below_security_floor"}, {"1.9", "", "fail below_security_floor"},
		{"2.174", "", "fail below_security_floor|unknown"}, {"2.184", "", "fail|unknown"}, {"2.186", "", "fail|unknown"}, {"2", "", "unknown version_hidden|unknown"},
		{"2.236.133", "2.236", "pass"}, {"2.236.133", "v2.236.133", "pass"}, {"2.236.132", "2.236.133", "fail not_latest_stable"}, {"2.250.32", "2.236", "pass"}, {"2.250.32", "2.256", "fail not_latest_stable"}, {"2.174.93", "2.174", "fail below_security_floor"}, {"2.174.94", "2.174", "pass"},
		{"", "", "unknown version_hidden"}, {"unknown", "", "unknown version_hidden"}, {"n/a", "", "unknown version_hidden"}, {"2.x", "", "unknown version_hidden"}, {"2..32", "", "unknown version_hidden"}, {"-2.250", "", "unknown version_hidden"}, {"2.99999999999999999999.1", "", "unknown version_hidden|unknown stable_unknown|pass"},
	} {
		c := namedCase{name: fmt.Sprintf("version/%q stable %q", r.version, r.stable), fails: strings.Contains(r.want, "fail"), want: map[string]string{"product.version": r.want},
			prepare: func(in *instance, f *form) func(*server) { in.version, f.Version = r.version, r.version; return nil }, session: func(s *probes.Session) { s.Stable = r.stable }}
		list = append(list, c)
		list = append(list, namedCase{name: fmt.Sprintf("version/hosted %q stable %q", r.version, r.stable), hosted: true, whole: true, want: map[string]string{"product.version": "not-applicable"}, prepare: c.prepare, session: c.session})
	}
	for name, body := range map[string]string{"a number": `2.25`, "a number with a zero": `2.250`, "null": `null`, "an object": `{"major":2}`, "a list": `["2.250.32"]`, "false": `false`} {
		list = append(list, namedCase{name: "version/" + name, prepare: replying("instanceinfo", plain(200, "application/json", `{"app_name":"Halo PSA","app_version":`+body+`,"database_version":"2250","dbid":"5d2a3c8e-5b7e-4a53-9f0e-0d6f3b1c9a11","nhserver_version":"1364.01","auth_url":"https://psa.contoso.example/auth"}`)),
			session: func(s *probes.Session) { s.Stable = "" }, want: map[string]string{"product.version": "unknown|pass"}})
	}
	return list
}

// hostingCases: who hosts the instance, however it is told.
func hostingCases() (list []namedCase) {
	add := func(name string, hosted bool, want string, change func(in *instance, f *form)) {
		list = append(list, namedCase{name: "hosting/" + name, hosted: hosted, whole: true, want: map[string]string{"product.version": want, "network.allowlist": map[bool]string{true: "not-applicable", false: "unknown unrestricted_here"}[want == "not-applicable"]},
			prepare: func(in *instance, f *form) func(*server) { change(in, f); return nil }})
	}
	add("told to be on premises", true, "pass", func(in *instance, f *form) { in.hostingForced = "on-premise" })
	add("told to be hosted", false, "not-applicable", func(in *instance, f *form) { in.hostingForced = "hosted" })
	add("a group on the customer's own name", true, "not-applicable", func(_ *instance, f *form) { f.Resource = "service.northwind.example" })
	for _, host := range []string{"acme.halopsa.com", "beta.haloitsm.com", "gamma.haloservicedesk.com", "delta.halocrm.io", "epsilon.trial.usehalo.com"} {
		add("by its name "+host, true, "not-applicable", func(_ *instance, f *form) { f.Resource, f.HostedGroup, f.InstanceInfo = host, false, "refused" })
	}
	for _, group := range []string{`""`, `" "`, `null`, `0`, `false`, `[]`} {
		list = append(list, namedCase{name: "hosting/a group of " + group, want: map[string]string{"product.version": "pass"}, prepare: replying("instanceinfo", plain(200, "application/json",
			`{"app_name":"Halo PSA","app_version":"2.250.32","database_version":"2250","dbid":"5d2a3c8e-5b7e-4a53-9f0e-0d6f3b1c9a11","hosted_group":`+group+`,"auth_url":"https://psa.contoso.example/auth"}`))})
	}
	return list
}

// me is a record of the agent with some fields changed; nil takes a field away.
func me(changes map[string]string) answer {
	fields := map[string]string{
		"id": `7`, "name": `"MSPCentric"`, "isdisabled": `false`, "isapiagent": `true`, "teams": `[{"id":901,"team_id":1,"team_name":"Service Desk","fortickets":true}]`, "team": `""`, "workday_id": `1`, "workday_name": `"Default Working Hours"`, "clients": `[]`, "tickettypes": `[]`,
		"roles":  `[{"id":"0d9c1f5e-4a35-4a53-8a2c-3f4e5d6c7b8a","name":"MSPCentric","claims":[]}]`,
		"claims": claimsJSON(map[string]string{}),
	}
	for k, v := range changes {
		if fields[k] = v; v == "-" {
			delete(fields, k)
		}
	}
	raw := map[string]json.RawMessage{}
	for k, v := range fields {
		raw[k] = json.RawMessage(v)
	}
	return plain(200, "application/json; charset=utf-8", string(must(json.Marshal(raw))))
}

func claimsJSON(changes map[string]string) string {
	var rows []string
	for _, n := range needs {
		v := fmt.Sprintf(`"%d"`, n.four)
		if c, ok := changes[n.code]; ok {
			v = c
		}
		for one := range strings.SplitSeq(v, "+") {
			if one != "-" {
				rows = append(rows, fmt.Sprintf(`{"type":%q,"value":%s}`, n.code, one))
			}
		}
	}
	return `[{"type":"Fx","value":"3"},` + strings.Join(rows, ",") + `]`
}

// recordCases: the agent's record with one thing told otherwise.
func recordCases() (list []namedCase) {
	for _, r := range []struct {
		name, id, want string
		changes        map[string]string
	}{
		{"disabled as text", "agent.enabled", "pass", map[string]string{"isdisabled": `"false"`}}, {"disabled as a number", "agent.enabled", "pass", map[string]string{"isdisabled": `0`}}, {"disabled null", "agent.enabled", "unknown|pass", map[string]string{"isdisabled": `null`}}, {"disabled absent", "agent.enabled", "unknown|pass", map[string]string{"isdisabled": `-`}},
		{"disabled", "agent.enabled", "fail agent_disabled", map[string]string{"isdisabled": `true`}}, {"disabled 1", "agent.enabled", "fail agent_disabled", map[string]string{"isdisabled": `1`}}, {"disabled True", "agent.enabled", "fail agent_disabled", map[string]string{"isdisabled": `"True"`}}, {"disabled maybe", "agent.enabled", "unknown", map[string]string{"isdisabled": `"maybe"`}},
		{"API-only as text", "agent.api-only", "pass", map[string]string{"isapiagent": `"true"`}}, {"API-only 1", "agent.api-only", "pass", map[string]string{"isapiagent": `1`}}, {"API-only absent", "agent.api-only", "unknown", map[string]string{"isapiagent": `-`}}, {"API-only false", "agent.api-only", "fail not_api_only", map[string]string{"isapiagent": `false`}}, {"API-only null", "agent.api-only", "unknown", map[string]string{"isapiagent": `null`}},
		{"a claim twice", "role.tickets-level", "pass", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"0"+"2"`})}}, {"a claim twice, the other way", "role.tickets-level", "pass", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"2"+"0"`})}},
		{"a claim too low", "role.tickets-level", "fail level_too_low", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"1"`})}}, {"a claim that is off", "role.add-tickets", "fail permission_off", map[string]string{"claims": claimsJSON(map[string]string{"l6": `"0"`})}}, {"a claim false", "role.add-tickets", "fail permission_off", map[string]string{"claims": claimsJSON(map[string]string{"l6": `false`})}},
		{"a claim of words", "role.tickets-level", "pass|unknown", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"Read and Modify"`})}}, {"a claim of low words", "role.tickets-level", "fail level_too_low|unknown", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"Read Only"`})}}, {"a claim of no access", "role.tickets-level", "fail level_too_low|unknown", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"No Access"`})}},
		{"a claim above all steps", "role.tickets-level", "unknown|pass", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"9"`})}}, {"a claim below nothing", "role.tickets-level", "unknown|fail", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `"-1"`})}}, {"a claim null", "role.tickets-level", "unknown", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `null`})}},
		{"an empty claim", "role.tickets-level", "unknown", map[string]string{"claims": claimsJSON(map[string]string{"Tx": `""`})}}, {"an administrator", "role.tickets-level", "pass", map[string]string{"claims": `[{"type":"SA","value":"true"},{"type":"Tx","value":"0"}]`}}, {"an administrator in long words", "role.add-tickets", "pass", map[string]string{"claims": `[{"type":"Administration","value":"True"}]`}},
		{"no administrator", "role.tickets-level", "fail level_too_low", map[string]string{"claims": `[{"type":"SA","value":"false"},` + claimsJSON(map[string]string{"Tx": `"0"`})[1:]}},
		{"some clients only", "role.all-clients", "fail restricted_clients", map[string]string{"claims": claimsJSON(map[string]string{"Fc": `"0"`}), "clients": `[{"client_id":12,"client_name":"Contoso"}]`}}, {"some types only", "role.all-ticket-types", "fail restricted_types", map[string]string{"claims": claimsJSON(map[string]string{"Ft": `"0"`}), "tickettypes": `[{"tickettype_id":1,"tickettype_name":"Incident"}]`}},
		{"no clients chosen and no claim", "role.all-clients", "pass|unknown", map[string]string{"claims": claimsJSON(map[string]string{"Fc": "-"}), "clients": `[]`}}, {"clients chosen and no claim", "role.all-clients", "fail restricted_clients|unknown", map[string]string{"claims": claimsJSON(map[string]string{"Fc": "-"}), "clients": `[{"client_id":12}]`}}, {"clients unsaid and no claim", "role.all-clients", "unknown", map[string]string{"claims": claimsJSON(map[string]string{"Fc": "-"}), "clients": "-"}},
		{"another name", "agent.username", "fail name_differs", map[string]string{"name": `"Bob"`}}, {"a name in capitals with blanks", "agent.username", "pass", map[string]string{"name": `" mspcentric "`}}, {"the guide's other name", "agent.username", "pass", map[string]string{"name": `"Gradient"`}}, {"no name", "agent.username", "unknown|fail", map[string]string{"name": `null`}},
		{"another role", "agent.role", "fail name_differs", map[string]string{"roles": `[{"id":"0d9c1f5e-4a35-4a53-8a2c-3f4e5d6c7b8a","name":"Technician"}]`}}, {"roles as names", "agent.role", "pass|unknown", map[string]string{"roles": `["MSPCentric"]`}}, {"a list of roles as text", "agent.role", "pass|unknown", map[string]string{"roles": "-", "role_list": `"Technician, MSPCentric"`}}, {"roles null", "agent.role", "unknown|fail|pass", map[string]string{"roles": `null`}},
		{"a default team", "agent.default-team", "fail name_differs", map[string]string{"team": `"Service Desk"`}}, {"the words for none", "agent.default-team", "pass", map[string]string{"team": `"*No Default Team*"`}}, {"the guide's words for none", "agent.default-team", "pass", map[string]string{"team": `"No Default Team"`}}, {"a team null", "agent.default-team", "pass|unknown", map[string]string{"team": `null`}},
		{"other hours", "agent.work-hours", "fail hours_differ", map[string]string{"workday_name": `"24 Hours"`, "workday_id": `2`}}, {"hours in capitals", "agent.work-hours", "pass", map[string]string{"workday_name": `"DEFAULT WORKING HOURS "`}}, {"hours null", "agent.work-hours", "unknown|pass", map[string]string{"workday_name": `null`}}, {"hours by id", "agent.work-hours", "unknown|pass", map[string]string{"workday_name": `-`}},
		{"an id as text", "login.agent", "pass", map[string]string{"id": `"7"`}}, {"an id as a fraction", "login.agent", "pass", map[string]string{"id": `7.0`}}, {"an id of a unit", "login.agent", "pass|unknown", map[string]string{"id": `1`}}, {"no id", "login.agent", "unknown|fail no_agent|pass", map[string]string{"id": `-`}}, {"an id below nothing", "login.agent", "fail no_agent|unknown|pass", map[string]string{"id": `-1`}},
		{"no teams", "agent.teams", "fail team_not_visible", map[string]string{"teams": `[]`}}, {"teams null", "agent.teams", "unknown|pass|fail", map[string]string{"teams": `null`}}, {"teams as names", "agent.teams", "pass|unknown", map[string]string{"teams": `["Service Desk"]`}}, {"teams as ids", "agent.teams", "pass|unknown", map[string]string{"teams": `[1]`}},
	} {
		c := namedCase{name: "record/" + r.name, fails: strings.Contains(r.want, "fail"), want: map[string]string{r.id: r.want}, prepare: func(_ *instance, f *form) func(*server) {
			return func(s *server) {
				s.before(&rule{when: isAPI("agent/me"), times: -1, answer: s.reply(me(r.changes))})
				s.before(&rule{when: func(req *http.Request) bool {
					return isRole(req) || isAPI("agent/7")(req) || isAPI("team")(req) && r.id == "agent.teams" && r.name == "no teams"
				}, times: -1, answer: s.reply(answer{status: 403})})
			}
		}}
		if r.name == "no teams" {
			c.want[r.id] = "fail team_not_visible|unknown"
		}
		list = append(list, c)
	}
	return list
}

// teamNameCases: the team that alerts go to, as people write it.
func teamNameCases() (list []namedCase) {
	for _, r := range []struct {
		team, wanted, want string
	}{
		{"Service Desk", "service desk", "pass"}, {"Service Desk", " Service Desk ", "pass"}, {"Service Desk ", "Service Desk", "pass"}, {"Service  Desk", "Service Desk", "pass|unknown|fail"}, {"Sécurité", "SÉCURITÉ", "pass"}, {"Se\u0301curite\u0301", "Sécurité", "pass"},
		{"STRASSE", "Straße", "pass|fail team_not_found|fail team_not_visible|unknown"}, {"Service\u00a0Desk", "Service Desk", "pass"}, {"Service Desk", "Service Desk|Service Desk", "pass"}, {"Service Desk", "Service-Desk", "fail team_not_found|fail team_not_visible|unknown"}, {"Service Desk", "Service", "fail team_not_found|fail team_not_visible|unknown"},
	} {
		list = append(list, namedCase{name: fmt.Sprintf("team/%q as %q", r.team, r.wanted), fails: strings.Contains(r.want, "fail"), want: map[string]string{"agent.teams": r.want}, prepare: func(in *instance, _ *form) func(*server) {
			in.teams, in.member, in.teamsWanted = []team{{1, r.team}, {4, "Projects"}}, []int{1}, strings.Split(r.wanted, "|")
			return nil
		}})
	}
	for _, r := range []struct {
		name, want string
		change     func(in *instance, f *form)
	}{
		{"one of two", "fail team_not_visible|fail team_not_found|unknown", func(in *instance, _ *form) { in.teamsWanted = []string{"Service Desk", "Projects"} }},
		{"one of two, the admin application knows", "fail team_not_visible", func(in *instance, _ *form) {
			in.teamsWanted, in.adminGiven = []string{"Service Desk", "Projects"}, true
		}},
		{"one that is not, the admin application knows", "fail team_not_found", func(in *instance, _ *form) { in.teamsWanted, in.adminGiven = []string{"Nowhere"}, true }},
		{"one that is not, the admin application is refused", "fail team_not_visible|fail team_not_found|unknown", func(in *instance, _ *form) {
			in.teamsWanted, in.adminGiven, in.adminRefused = []string{"Nowhere"}, true, true
		}},
		{"all teams", "pass", func(in *instance, _ *form) {
			in.teamsWanted, in.member, in.scopes = []string{"Projects"}, nil, append(in.scopes, "all:teams")
		}},
		{"all teams, none named", "pass", func(in *instance, _ *form) { in.member, in.scopes = nil, append(in.scopes, "all:teams") }},
		{"no team, none named", "fail team_not_visible", func(in *instance, _ *form) { in.member = nil }},
		{"/Team closed, a member", "pass", func(in *instance, f *form) { in.teamsWanted, f.TeamList = []string{"service desk"}, "403" }},
		{"/Team closed, no member", "unknown|fail team_not_visible", func(in *instance, f *form) { in.teamsWanted, f.TeamList = []string{"Projects"}, "403" }},
		{"members unsaid, seen in /Team", "pass|unknown", func(in *instance, f *form) { in.teamsWanted, f.MeTeams = []string{"Service Desk"}, "absent" }},
	} {
		list = append(list, namedCase{name: "teams seen/" + r.name, fails: strings.Contains(r.want, "fail"), want: map[string]string{"agent.teams": r.want}, prepare: func(in *instance, f *form) func(*server) { r.change(in, f); return nil }})
	}
	return list
}
