package contract

import (
	"net/http"
	"strings"
	"time"

	"github.com/halocheck/halocheck/fakehalo"
)

// testCase is one state of an instance, and the rules that are judged in it.
type testCase struct {
	name, says string
	faults     []string
	sizes      map[string]int
	redirects  bool // there is another host to be sent to
	inject     func(p *played) ([]fakehalo.Injection, error)
	rules      []rule
}

// rule is a judgement of what a client did: what is wrong with it, in words; empty: nothing; unjudged: it cannot be told.
type rule struct {
	name  string
	judge func(p *played) string
	do    string
}

// healthy is the name of the first case, which the others are compared with.
const healthy = "healthy"

// secretUnproven are certificates that prove nothing.
var secretUnproven = []testCase{
	{name: "self-signed", says: "the certificate is signed by itself"},
	{name: "untrusted-root", says: "the certificate's root is not among those that were given"},
	{name: "expired", says: "the certificate ended two days ago"},
	{name: "wrong-name", says: "the certificate is for another name"},
	{name: "self-signed@auth", says: "the certificate of the Authorisation Server, which is another host, is signed by itself"},
}

// answers makes operations answer a status.
func answers(status int, which func(operation string) bool, headers map[string]string) func(*played) ([]fakehalo.Injection, error) {
	return func(*played) ([]fakehalo.Injection, error) {
		return each(which, fakehalo.Injection{Status: status, Headers: headers}), nil
	}
}

// breaks makes answers of the API break.
func breaks(how string) func(*played) ([]fakehalo.Injection, error) {
	return func(*played) ([]fakehalo.Injection, error) { return each(api, fakehalo.Injection{Break: how}), nil }
}

// each is an injection on every operation of a kind.
func each(which func(string) bool, like fakehalo.Injection) (out []fakehalo.Injection) {
	for _, operation := range fakehalo.Operations() {
		if which(operation) {
			like.Operation = operation
			out = append(out, like)
		}
	}
	return out
}

// api is what needs a token; atToken is where one comes from.
func api(operation string) bool {
	return strings.Contains(operation, " /api/") && operation != "GET /api/authinfo" && operation != "GET /api/InstanceInfo" &&
		!strings.Contains(operation, "swagger")
}
func atToken(operation string) bool { return operation == tokenOperation }

const tokenOperation = "POST /auth/token"

// once makes the first call that the healthy run made with a token answer a status, a single time.
func once(status int, headers func() map[string]string) func(*played) ([]fakehalo.Injection, error) {
	return func(p *played) ([]fakehalo.Injection, error) {
		like := fakehalo.Injection{Status: status, First: 1}
		if headers != nil {
			like.Headers = headers()
		}
		for _, r := range p.suite.base {
			if operation := operationOf(r); r.Operation == "api" && r.Secret && operation != "" {
				like.Operation = operation
				return []fakehalo.Injection{like}, nil
			}
		}
		like.Operation = "*" // it never used its token
		return []fakehalo.Injection{like}, nil
	}
}

// operationOf is a request's name in [fakehalo.Operations]; empty where it has none.
func operationOf(r request) string {
	path := strings.Trim(strings.ToLower(r.Path), "/")
	parts := strings.Split(path, "/")
	if len(parts) == 3 {
		path = parts[0] + "/" + parts[1] + "/{id}"
	}
	for _, operation := range fakehalo.Operations() {
		if strings.EqualFold(operation, r.Method+" /"+path) {
			return operation
		}
	}
	return ""
}

// redirect sends operations to the other host.
func redirect(status int, which func(string) bool, to func(sink *fakehalo.Server) string) func(*played) ([]fakehalo.Injection, error) {
	return func(p *played) ([]fakehalo.Injection, error) {
		return each(which, fakehalo.Injection{Status: status, Body: "{}", Headers: map[string]string{"Location": to(p.sink)}}), nil
	}
}

func otherToken(sink *fakehalo.Server) string {
	return strings.TrimSuffix(sink.AuthURL, "/") + "/token"
}
func otherAPI(sink *fakehalo.Server) string { return sink.URL + "/api/Tickets" }

// many are more rows of everything than a page has.
var many = map[string]int{
	"Tickets": 260, "Client": 260, "Site": 260, "Users": 260, "Item": 260, "Invoice": 260, "RecurringInvoice": 260, "ClientContract": 260,
	"Asset": 260, "Actions": 260,
}

// wait is how long a 429 asks for.
const wait = 2 * time.Second

// allCases are the cases in their order; the healthy one is first.
func allCases() []testCase {
	list := []testCase{{name: healthy, says: "a healthy instance", rules: []rule{job, readOnly}}}
	for _, c := range secretUnproven {
		c.faults, c.rules = []string{c.name}, []rule{unproven}
		if c.name == "expired" {
			c.rules = append(c.rules, classOf(Configuration), errorText)
		}
		list = append(list, c)
	}
	list = append(list,
		testCase{name: "token-307", says: "the token endpoint answers 307 to another host", redirects: true, inject: redirect(307, atToken, otherToken), rules: []rule{redirected}},
		testCase{name: "token-308", says: "the token endpoint answers 308 to another host", redirects: true, inject: redirect(308, atToken, otherToken), rules: []rule{redirected}},
		testCase{name: "api-302", says: "the API answers 302 to another host", redirects: true, inject: redirect(302, api, otherAPI), rules: []rule{redirected}},
		testCase{name: "wrong-secret", says: "the Client Secret is an old one", faults: []string{fakehalo.FaultWrongSecret}, rules: []rule{classOf(Configuration), errorText, endless}},
		testCase{name: "wrong-client-id", says: "the Client ID is not known", faults: []string{fakehalo.FaultWrongClientId}, rules: []rule{classOf(Configuration)}},
		testCase{name: "forbidden", says: "the API answers 403 to everything", inject: answers(403, api, nil), rules: []rule{classOf(Permission), readOnly, endless}},
		testCase{name: "unavailable", says: "the API answers 503 to everything", inject: answers(503, api, nil), rules: []rule{classOf(Transient), readOnly, endless, errorText}},
		testCase{name: "token-unavailable", says: "the token endpoint answers 503", inject: answers(503, atToken, nil), rules: []rule{classOf(Transient), endless, errorText}},
		testCase{name: "limited", says: "the API answers 429 to everything, without Retry-After", inject: answers(429, api, nil), rules: []rule{classOf(Transient), endless}},
		testCase{name: "cut-off", says: "the API closes every connection without an answer", inject: breaks("drop"), rules: []rule{classOf(Transient), endless}},
		testCase{name: "seconds", says: "the first call is answered 429 with Retry-After: 2", inject: once(429, func() map[string]string {
			return map[string]string{"Retry-After": "2"}
		}), rules: []rule{retryAfter}},
		testCase{name: "date", says: "the first call is answered 429 with a date two seconds away in Retry-After", inject: once(429, func() map[string]string {
			return map[string]string{"Retry-After": time.Now().Add(wait + time.Second).UTC().Format(http.TimeFormat)}
		}), rules: []rule{retryAfter}},
		testCase{name: "at-token", says: "the first two token requests are answered 429 with Retry-After: 1", faults: []string{fakehalo.FaultRateLimitedRetryAfter}, rules: []rule{retryAfter}},
		testCase{name: "first-401", says: "the first call is answered 401", inject: once(401, nil), rules: []rule{newToken}},
		testCase{name: "every-401", says: "the API answers 401 to everything", inject: answers(401, api, nil), rules: []rule{newTokenInVain, endless}},
		testCase{name: "truncated", says: "answers of the API break off half-way", inject: breaks("truncate"), rules: []rule{whole}},
		testCase{name: "garbage", says: "answers of the API are no JSON", inject: breaks("garbage"), rules: []rule{whole}},
		testCase{name: "web-page", says: "a web page answers everything with status 200", faults: []string{fakehalo.FaultEdgePage}, rules: []rule{whole}},
		testCase{name: "260-rows", says: "lists have 260 rows", sizes: many, rules: []rule{paging}},
		testCase{name: "capped", says: "lists have 260 rows, and a page at most 100", sizes: many, faults: []string{"dialect:page-cap=100"}, rules: []rule{paging}},
		testCase{name: "dates", says: "dates come with any number of fraction digits, and unset ones as 1899 or 1900", inject: rewritten(otherDates), rules: []rule{fields}},
		testCase{name: "nulls", says: "fields of rows are null", inject: rewritten(nulls), rules: []rule{fields}},
		testCase{name: "absent", says: "fields of rows are left out", inject: rewritten(absent), rules: []rule{fields}},
	)
	for _, d := range fakehalo.Dialects() {
		for _, value := range d.Values[1:] {
			name := d.Name + "=" + value
			list = append(list, testCase{name: name, says: "dialect " + name + ": " + d.Says, faults: []string{"dialect:" + name}, rules: []rule{dialects}})
		}
	}
	return list
}
