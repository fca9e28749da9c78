package fakehalo

import (
	"fmt"
	"slices"
	"strings"
)

// Dialect is a switch for behaviour that public evidence does not settle: halo-api, "Unknown". The first value is the
// default.
type Dialect struct {
	Name   string
	Values []string
	Says   string
	Open   string // why it is a switch: the fact, by file and section
}

var dialects = []Dialect{
	{"scope-refusal", []string{"drop", "refuse"}, "a scope that the application lacks is dropped from the token, or refused with 400 invalid_request", "halo-api, Unknown 5"},
	{"scope-all", []string{"limited", "literal"}, "a client that asks for all gets the scopes that its application has, or all is a scope like any other", "no source shows the exchange: clients §1"},
	{"scope-all-named", []string{"granted", "all"}, "the answer to a client that asked for all names the scopes that it got, or all", "nobody says: clients §1"},
	{"scope-under-all", []string{"granted", "dropped"}, "an application that has all gets single scopes, too, or none but those that it has by name", "n8n's documentation and a vendor's guide disagree: clients §1"},
	{"missing-scope-status", []string{"403", "401"}, "what a call answers whose scope the token lacks", "both were reported: halo-api §10"},
	{"claims", []string{"code", "long"}, "claims are named by code or, where one is known, by their older long name", "halo-api, Unknown 9"},
	{"agent-me-claims", []string{"merged", "own"}, "/Agent/me carries the merged claims, or only the agent's own beside its roles'", "halo-api, Unknown 9"},
	{"no-access", []string{"no-rows", "403"}, "a list that the agent has no access to answers 200 without rows, or 403", "fewer rows were reported, not for every list: halo-api §5"},
	{"api-agents", []string{"hidden", "listed"}, "GET /Agent leaves out API-only and disabled agents unless includeapiagents and includedisabled ask for them, or lists all", "the parameter is known, the list without it is not: halo-api §6"},
	{"agent-list", []string{"enveloped", "bare", "agents"}, "GET /Agent answers {\"results\": [...]}, a bare array or {\"agents\": [...]}", "versions differ: halo-live §5"},
	{"auth-path", []string{"prefixed", "root"}, "the authorisation server is under /auth or at the root of its host", "installations differ: halo-api §1"},
	{"auth-host", []string{"same", "other"}, "the authorisation server is on the instance's host or on one of its own", "installations differ: halo-api §1"},
	{"wrong-tenant-status", []string{"500", "400"}, "what the token endpoint answers for a tenant that does not exist", "one report, of 500: halo-api §2"},
	{"token-scope-field", []string{"always", "when-different"}, "the token answer names its scope always, or only where it differs from what was asked", "halo-api, Unknown 5"},
	{"instanceinfo", []string{"anonymous", "token"}, "/InstanceInfo needs a token, or none", "anonymous on 2.236 and 2.250, before them not known: halo-live §2"},
	{"default-team", []string{"empty", "null", "absent"}, "how an agent without a default team is written", "halo-api, Unknown 14"},
	{"level-steps", []string{"four", "three"}, "clients and items have four steps, or the older three", "two reports read the codes differently: halo-api §6"},
	{"unauthorised-body", []string{"empty", "json"}, "a 401, 403, 404 or 500 of the API has no body, or a JSON one", "empty on 2.236, before it not recorded: halo-live §5"},
	{"auth-url-slash", []string{"no", "yes"}, "authinfo's auth_url ends in a slash", "the whole of authinfo is not public: halo-api §3"},
	{"authinfo-tenant", []string{"named", "absent"}, "authinfo names the tenant, or the instance has none and \"Not set\" was typed", "instances differ: halo-api §3"},
	{"page-cap", []string{"none", "100"}, "a page has as many rows as were asked for, or at most 100", "clients disagree: wire-contract §2.11"},
	{"post-answer", []string{"bare", "array", "enveloped"}, "a POST of one object answers that object, an array of it, or an envelope such as {\"tickets\": [...]}", "versions differ: halo-live §5"},
	{"post-many", []string{"last", "all"}, "a POST of several objects answers the last one unless returnall=true, or all of them", "not known: wire-contract §2.11"},
	{"post-object", []string{"refused", "taken"}, "a POST of an object instead of an array is refused with 400, or taken", "refused by a live instance, sent by two clients: halo-live §5"},
	{"put", []string{"refused", "upsert"}, "PUT is refused with 405, or does what POST does", "one client sends it, and no description has it: wire-contract §2.11"},
	{"refresh-token", []string{"given", "absent"}, "a client-credentials token comes with a refresh_token, or without", "the library gives none, and clients rely on one: halo-api §1"},
	{"discovery", []string{"served", "absent"}, "the authorisation server publishes OpenID discovery and its keys, or answers 404", "halo-api, Unknown 3"},
	{"retry-after", []string{"absent", "seconds"}, "a 429 of the rate limit comes without Retry-After, or says in how many seconds there is room again", "nobody has recorded one: halo-live §6"},
	{"hosting", []string{"on-premise", "hosted"}, "/InstanceInfo names no group of Halo's servers, or that Halo hosts the instance", "what an instance on premises leaves out is inferred: halo-live §2"},
	{"agent-me-size", []string{"small", "real"}, "/Agent/me has what is judged, or the 108 claims and the 2 MB of a live instance", "one agent's was measured: halo-live §5"},
	{"inactive-app-status", []string{"400", "401"}, "what the token endpoint answers for an application that is switched off", "halo-api, Unknown 4"},
}

// Dialects lists the switches.
func Dialects() []Dialect { return slices.Clone(dialects) }

// dialectPrefix starts the name of a switch where a fault's name can stand: "dialect:claims=long".
const dialectPrefix = "dialect:"

// parseDialect makes a pseudo-fault out of "claims=long".
func parseDialect(setting string) (Fault, error) {
	name, value, _ := strings.Cut(setting, "=")
	for _, d := range dialects {
		if d.Name != name {
			continue
		}
		if !slices.Contains(d.Values, value) {
			return Fault{}, fmt.Errorf("the dialect %s is one of %s, not %q", name, strings.Join(d.Values, ", "), value)
		}
		return Fault{Name: dialectPrefix + setting, Says: d.Says, apply: func(i *instance) { i.setDialect(name, value) }}, nil
	}
	return Fault{}, fmt.Errorf("there is no dialect %q", name)
}

// setDialect turns a switch; those that change where things are do so at once.
func (i *instance) setDialect(name, value string) {
	i.dialect[name] = value
	switch name + "=" + value {
	case "auth-path=root":
		i.authBase = ""
		i.otherKin = true // at the root of its own host: the instance's root is the agent application
	case "auth-host=other":
		i.otherKin = true
	case "authinfo-tenant=absent":
		i.tenant, i.typed.Tenant = "", "Not set"
	}
}
