package independent_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// edgePage is an answer of a real product that stands before web servers, as its makers or users published it.
type edgePage struct {
	name string
	a    answer
	kind string // block, sign-in, down
}

func headed(a answer, pairs ...string) answer {
	a.header = map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		a.header[pairs[i]] = pairs[i+1]
	}
	return a
}

func html(status int, body string, pairs ...string) answer {
	return headed(plain(status, "text/html", body), pairs...)
}

func redirect(status int, to string) answer {
	return answer{status: status, header: map[string]string{"Location": to}}
}

// edgePages are block pages, sign-in redirects and pages of servers that are down. halo-failures §4.2
func edgePages() []edgePage {
	return []edgePage{
		{"Cloudflare 1020", html(403, `<!DOCTYPE html><html><head><title>Access denied | psa.contoso.example used Cloudflare to restrict access</title></head><body><h1>Error 1020</h1>Ray ID: 8f1d2c</body></html>`, "Server", "cloudflare", "CF-RAY", "8f1d2c-FRA"), "block"},
		{"Cloudflare 1015", html(429, `<!DOCTYPE html><html><head><title>Access denied | psa.contoso.example used Cloudflare to restrict access</title></head><body>Error 1015 You are being rate limited</body></html>`, "Server", "cloudflare", "Retry-After", "10"), "down"},
		{"Cloudflare challenge", html(403, `<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></head></html>`, "Server", "cloudflare", "cf-mitigated", "challenge"), "block"},
		{"Cloudflare 521", html(521, `<!DOCTYPE html><title>psa.contoso.example | 521: Web server is down</title>`, "Server", "cloudflare"), "down"},
		{"Cloudflare 526", html(526, `<!DOCTYPE html><title>psa.contoso.example | 526: Invalid SSL certificate</title>`, "Server", "cloudflare"), "down"},
		{"AWS WAF", html(403, "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n</body>\r\n</html>", "Server", "awselb/2.0"), "block"},
		{"AWS WAF captcha", html(405, `<html><head><title>Human Verification</title></head><script src="https://x.captcha.awswaf.com/captcha.js"></script></html>`, "x-amzn-waf-action", "captcha"), "block"},
		{"AWS WAF challenge", html(202, ``, "x-amzn-waf-action", "challenge"), "block"},
		{"AWS API Gateway", headed(plain(403, "application/json", `{"message":"Missing Authentication Token"}`), "x-amzn-ErrorType", "MissingAuthenticationTokenException"), "block"},
		{"Akamai", html(403, `<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>You don't have permission to access "http&#58;&#47;&#47;psa&#46;contoso&#46;example&#47;api" on this server.<P>Reference&#32;&#35;18&#46;6f</BODY></HTML>`, "Server", "AkamaiGHost"), "block"},
		{"Imperva", html(200, `<html><head><META NAME="robots" CONTENT="noindex,nofollow"><script src="/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3"></script></head><body></body></html>`, "X-Iinfo", "1-2-3"), "block"},
		{"F5 ASM", html(200, `<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1234567890<br><br><a href='javascript:history.back();'>[Go Back]</a></body></html>`), "block"},
		{"FortiWeb", html(500, `<!DOCTYPE html><html><head><title>Web Page Blocked!</title></head><body>The page cannot be displayed. Please contact the administrator for additional information. Attack ID: 20000010</body></html>`), "down"},
		{"FortiGate", html(403, `<!DOCTYPE html><html><head><title>Web Filter Block Override</title></head><body><h1>FortiGuard Intrusion Prevention - Access Blocked</h1></body></html>`), "block"},
		{"Azure Application Gateway", html(403, "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>Microsoft-Azure-Application-Gateway/v2</center>\r\n</body>\r\n</html>", "Server", "Microsoft-Azure-Application-Gateway/v2"), "block"},
		{"Azure Front Door", html(403, `<h2>Our services aren't available right now</h2><p>We're working to restore all services as soon as possible. Please check back soon.</p>`, "x-azure-ref", "0abc"), "block"},
		{"Sucuri", html(403, `<title>Sucuri WebSite Firewall - Access Denied</title>`, "Server", "Sucuri/Cloudproxy", "x-sucuri-block", "IPBLOCK"), "block"},
		{"Sophos", html(403, `<title>Request blocked</title>The web application firewall has blocked access to /api/authinfo`), "block"},
		{"Barracuda", html(200, `<html><head><title>Error</title></head><body>The specified URL cannot be found. Transaction ID: 195BB</body></html>`, "Server", "BarracudaHTTP 4.0"), "block"},
		{"NetScaler", redirect(302, "/vpn/index.html"), "sign-in"},
		{"NetScaler AAA", html(302, ``, "Location", "/cgi/tm", "Set-Cookie", "NSC_TMAA=x"), "sign-in"},
		{"Cloudflare Access", redirect(302, "https://contoso.cloudflareaccess.com/cdn-cgi/access/login/psa.contoso.example?kid=1"), "sign-in"},
		{"Entra application proxy", redirect(302, "https://login.microsoftonline.com/72f9/oauth2/authorize?response_type=code&client_id=9"), "sign-in"},
		{"Okta", redirect(302, "https://contoso.okta.com/oauth2/v1/authorize?client_id=okta.b58d5b75"), "sign-in"},
		{"ADFS", redirect(302, "https://adfs.contoso.example/adfs/ls/?wa=wsignin1.0&wtrealm=urn"), "sign-in"},
		{"Duo", redirect(307, "https://contoso.login.duosecurity.com/"), "sign-in"},
		{"a captive portal", redirect(302, "http://login.hotel.example/portal?dst=https://psa.contoso.example"), "sign-in"},
		{"a captive portal by RFC 6585", html(511, `<html><head><title>Network Authentication Required</title></head></html>`), "down"},
		{"Zscaler", redirect(307, "https://gateway.zscaler.net/auD?origurl=https%3A%2F%2Fpsa.contoso.example"), "sign-in"},
		{"IIS 403.6", html(403, "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n<html><head><title>403 - Forbidden: Access is denied.</title></head><body><div id=\"header\"><h1>Server Error</h1></div></body></html>", "Server", "Microsoft-IIS/10.0"), "block"},
		{"IIS denies with 401", html(401, `<html><head><title>401 - Unauthorized: Access is denied due to invalid credentials.</title></head></html>`, "Server", "Microsoft-IIS/10.0"), "block"},
		{"IIS denies with 404", html(404, `<html><head><title>404 - File or directory not found.</title></head></html>`, "Server", "Microsoft-IIS/10.0"), "block"},
		{"IIS pool stopped", html(503, "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/strict.dtd\">\r\n<HTML><HEAD><TITLE>Service Unavailable</TITLE></HEAD><BODY><h2>Service Unavailable</h2><hr><p>HTTP Error 503. The service is unavailable.</p></BODY></HTML>", "Server", "Microsoft-HTTPAPI/2.0"), "down"},
		{"ANCM 500.30", html(500, `<!DOCTYPE html><html><head><title>HTTP Error 500.30 - ASP.NET Core app failed to start</title></head></html>`, "Server", "Microsoft-IIS/10.0"), "down"},
		{"ANCM 502.5", html(502, `<!DOCTYPE html><html><head><title>IIS Detailed Error - 502.5 - ANCM Out-Of-Process Startup Failure</title></head></html>`), "down"},
		{"IIS 500.19", html(500, `<html><head><title>500 - Internal server error.</title></head><body>500.19 configuration data for the page is invalid</body></html>`), "down"},
		{"app_offline.htm", html(503, `<html><body><h1>HaloPSA is being upgraded. Please come back in ten minutes.</h1></body></html>`, "Retry-After", "600"), "down"},
		{"nginx 502", html(502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>"), "down"},
		{"HAProxy 503", html(503, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>"), "down"},
		{"the licence server", plain(500, "text/plain", "Unable to obtain licence information from the Halo Licencing Server."), "down"},
		{"a JSON of a gateway", plain(503, "application/json", `{"error":"upstream connect error or disconnect/reset before headers"}`), "down"},
		{"an empty 403", answer{status: 403}, "block"},
		{"a 444", answer{status: 444}, "block"},
	}
}

// onlyPath rules requests of one kind.
func ruling(when func(*http.Request) bool, a answer) func(*instance, *form) func(*server) {
	return onServer(func(s *server) { s.before(&rule{when: when, times: -1, answer: s.reply(a)}) })
}

// edgeCases: the same page at every place where it may stand.
func edgeCases() (list []namedCase) {
	const blame = `(?i)new (client )?secret|not set on the application|restart the (api|auth)`
	notAPI := func(req *http.Request) bool { return !isAPI()(req) }
	for _, p := range edgePages() {
		add := func(where string, c namedCase) {
			c.name = "edge/" + where + "/" + p.name
			if c.never == nil {
				c.never = map[string]string{"*": blame}
			}
			list = append(list, c)
		}
		everywhere := namedCase{prepare: ruling(anyRequest, p.a), secret: true, outcome: probes.Incomplete}
		if p.kind != "down" {
			everywhere.want = map[string]string{"network.allowlist": "unknown edge_refused", "product.answers": "blocked|unknown"}
		} else {
			everywhere.want = map[string]string{"product.answers": "unknown|blocked"}
		}
		add("everywhere", everywhere)
		token := namedCase{prepare: ruling(isToken, p.a), secret: true, fails: true, want: map[string]string{"login.auth-url": "fail token_endpoint_missing|fail not_oauth|blocked|unknown", "product.answers": "pass"}}
		if p.kind == "down" {
			token.fails, token.outcome, token.want["login.auth-url"] = false, probes.Incomplete, "unknown server_error|unknown rate_limited|blocked"
		}
		add("the token endpoint", token)
		if slices.Contains([]string{"Barracuda", "NetScaler AAA", "Zscaler", "IIS denies with 404", "a 444", "NetScaler"}, p.name) { // nothing tells them from another server
			add("the API", namedCase{prepare: ruling(isAPI(), p.a), secret: true, fails: true, want: map[string]string{"product.answers": "fail not_halo|fail html_instead_of_json|blocked"}})
		} else {
			add("the API", namedCase{prepare: ruling(isAPI(), p.a), outcome: probes.Incomplete})
		}
		add("authinfo", namedCase{prepare: ruling(isAPI("authinfo"), p.a), want: map[string]string{"product.answers": "pass|unknown"}})
		add("InstanceInfo", namedCase{prepare: ruling(isAPI("instanceinfo"), p.a), want: map[string]string{"product.answers": "pass", "login.token": "pass"}})
		switch {
		case p.kind == "down": // each call is tried for ten seconds
		case p.name == "an empty 403": // HaloPSA's own refusal looks like it: halo-live §5
			add("calls with a token", namedCase{prepare: ruling(withBearer, p.a), fails: true, want: map[string]string{"login.token": "pass", "login.login-type": "fail login_type_not_agent"}})
		default:
			add("calls with a token", namedCase{prepare: ruling(withBearer, p.a), outcome: probes.Incomplete, want: map[string]string{"login.token": "pass"}})
		}
		add("one list", namedCase{prepare: ruling(isAPI("clientcontract"), p.a), outcome: probes.Incomplete, want: map[string]string{"login.token": "pass"}})
		add("the agent", namedCase{prepare: ruling(isAPI("agent/me"), p.a), outcome: probes.Incomplete, want: map[string]string{"login.token": "pass"}})
		add("the front", namedCase{prepare: ruling(notAPIOrToken(notAPI), p.a), want: map[string]string{"login.token": "pass", "product.answers": "pass"}})
		hosted := namedCase{hosted: true, prepare: ruling(anyRequest, p.a), secret: true, outcome: probes.Incomplete, holds: noServerOfTheirs}
		add("a hosted instance", hosted)
		add("a hosted token endpoint", namedCase{hosted: true, prepare: ruling(isToken, p.a), secret: true, fails: true, want: token.want, holds: noServerOfTheirs})
	}
	return list
}

// noServerOfTheirs holds that a hosted customer is not sent to a machine.
func noServerOfTheirs(o outcome) string {
	for _, f := range o.findings {
		if f.Remedy != nil && notHosted.MatchString(f.Remedy.Do+f.Remedy.Where) {
			return "a hosted customer is sent to a server: " + texts([]probes.Finding{f})
		}
	}
	return ""
}

func notAPIOrToken(notAPI func(*http.Request) bool) func(*http.Request) bool {
	return func(req *http.Request) bool { return notAPI(req) && !isToken(req) }
}

// stepCases: each step hangs, alternates, or is slow.
func stepCases() (list []namedCase) {
	steps := map[string]func(*http.Request) bool{
		"authinfo": isAPI("authinfo"), "InstanceInfo": isAPI("instanceinfo"), "the token": isToken, "/Agent/me": isAPI("agent/me"), "/Team": isAPI("team"), "/Application": isAPI("application"), "/Roles": isRole,
		"the front": func(req *http.Request) bool { return !isAPI()(req) && !isToken(req) },
	}
	for _, l := range guideLists {
		steps["/"+l.path] = isAPI(l.path)
	}
	for name, when := range steps {
		needed := !slices.Contains([]string{"/Team", "/Application", "/Roles", "the front", "authinfo", "InstanceInfo"}, name)
		list = append(list, namedCase{name: "hangs/" + name, outcome: map[bool]probes.Outcome{true: probes.Incomplete}[needed], prepare: onServer(func(s *server) { s.hang(when) })})
		for kind, a := range map[string]answer{"401": {status: 401}, "403": {status: 403}, "404": {status: 404}, "500": {status: 500}, "503": page(503, "Service Unavailable"), "429": {status: 429}, "page": page(200, "Halo"), "block page": iisDenied} {
			c := namedCase{name: "every other answer/" + name + " " + kind, prepare: onServer(func(s *server) { s.before(s.oddTurns(when, a)) })}
			if kind == "500" || kind == "503" || kind == "429" {
				c.whole = true
			}
			list = append(list, c)
			list = append(list, namedCase{name: "a first answer/" + name + " " + kind, whole: kind == "500" || kind == "503" || kind == "429", prepare: onServer(func(s *server) { s.before(&rule{when: when, times: 1, answer: s.reply(a)}) })})
		}
		for _, pause := range []int{2, 8} {
			list = append(list, namedCase{name: fmt.Sprintf("%d s late/%s", pause, name), prepare: onServer(func(s *server) { s.before(&rule{when: when, times: -1, answer: slow(pause)}) }), whole: true})
		}
		list = append(list, namedCase{name: "cut off/" + name, prepare: onServer(func(s *server) { s.before(&rule{when: when, times: -1, answer: s.cut(`{"record_count":1,"cl`)}) })},
			namedCase{name: "reset/" + name, prepare: onServer(func(s *server) {
				s.before(&rule{when: when, times: -1, answer: func(http.ResponseWriter, *http.Request, func()) { panic(http.ErrAbortHandler) }})
			})})
	}
	return list
}

func slow(seconds int) func(http.ResponseWriter, *http.Request, func()) {
	return func(_ http.ResponseWriter, _ *http.Request, next func()) { pause(seconds); next() }
}

// portalOf is a host that has no /api: the portal's own site. halo-live §7
func portalCases() (list []namedCase) {
	index := html(200, `<!doctype html><html lang="en"><head><meta charset="utf-8"/><base href="/portal/"/><title>Halo Self Service Portal</title><script src="main.js"></script></head><body><div id="root"></div></body></html>`)
	for name, post := range map[string]answer{"405": {status: 405, header: map[string]string{"Allow": "GET, HEAD, OPTIONS"}}, "404": notFound, "the page": index} {
		list = append(list, namedCase{name: "a portal/POST " + name, secret: true, fails: true, prepare: onServer(func(s *server) {
			s.before(&rule{when: anyRequest, times: -1, answer: s.reply(index)})
			s.before(&rule{when: func(req *http.Request) bool { return req.Method == "POST" }, times: -1, answer: s.reply(post)})
		}), want: map[string]string{"product.answers": "fail not_halo|fail html_instead_of_json|blocked|unknown", "login.auth-url": "blocked|unknown|fail"}})
	}
	for _, a := range []struct {
		name string
		a    answer
	}{
		{"a default IIS site", html(200, `<title>IIS Windows Server</title><img src="iisstart.png">`, "Server", "Microsoft-IIS/10.0")}, {"WordPress", html(404, `<title>Page not found – Contoso</title><link href="/wp-content/themes/x.css">`)},
		{"another API", plain(404, "application/json", `{"statusCode":404,"message":"Cannot GET /api/authinfo","error":"Not Found"}`)}, {"an API that answers all", plain(200, "application/json", `{"status":"ok"}`)},
		{"a redirect to www", redirect(301, "https://www.contoso.example/")}, {"a redirect to the real host", redirect(308, "https://helpdesk.fabrikam.example/api/authinfo")},
	} {
		list = append(list, namedCase{name: "another server/" + a.name, secret: true, fails: true, prepare: ruling(anyRequest, a.a),
			want: map[string]string{"product.answers": "fail not_halo|fail html_instead_of_json|fail wrong_path|blocked|unknown"}, never: map[string]string{"login.token": "(?i)secret is wrong"},
			holds: func(o outcome) string {
				if strings.HasPrefix(a.name, "a redirect") && !strings.Contains(texts(o.findings), strings.TrimPrefix(a.a.header["Location"], "https://")[:8]) {
					return "nothing tells where the redirect leads"
				}
				return ""
			}})
	}
	return list
}
