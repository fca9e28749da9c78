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
}

var dialects = []Dialect{
	{"scope-refusal", []string{"drop", "refuse"}, "a scope that the application lacks is dropped from the token, or refused with 400 invalid_request"},
	{"missing-scope-status", []string{"403", "401"}, "what a call answers whose scope the token lacks"},
	{"claims", []string{"code", "long"}, "claims are named by code or, where one is known, by their older long name"},
	{"agent-me-claims", []string{"merged", "own"}, "/Agent/me carries the merged claims, or only the agent's own beside its roles'"},
	{"no-access", []string{"no-rows", "403"}, "a list that the agent has no access to answers 200 without rows, or 403"},
	{"api-agents", []string{"hidden", "listed"}, "GET /Agent leaves out API-only and disabled agents unless includeapiagents and includedisabled ask for them, or lists all"},
	{"agent-list", []string{"bare", "enveloped", "agents"}, "GET /Agent answers a bare array, {\"results\": [...]} or {\"agents\": [...]}"},
	{"auth-path", []string{"prefixed", "root"}, "the authorisation server is under /auth or at the root of its host"},
	{"auth-host", []string{"same", "other"}, "the authorisation server is on the instance's host or on one of its own"},
	{"wrong-tenant-status", []string{"500", "400"}, "what the token endpoint answers for a tenant that does not exist"},
	{"token-scope-field", []string{"always", "when-different"}, "the token answer names its scope always, or only where it differs from what was asked"},
	{"instanceinfo", []string{"anonymous", "token"}, "/InstanceInfo needs a token, or none"},
	{"default-team", []string{"empty", "null", "absent"}, "how an agent without a default team is written"},
	{"level-steps", []string{"four", "three"}, "clients and items have four steps, or the older three"},
	{"unauthorised-body", []string{"json", "empty"}, "a 401 or 403 of the API has a JSON body, or none"},
	{"auth-url-slash", []string{"no", "yes"}, "authinfo's auth_url ends in a slash"},
	{"authinfo-tenant", []string{"named", "absent"}, "authinfo names the tenant, or the instance has none and \"Not set\" was typed"},
	{"page-cap", []string{"none", "100"}, "a page has as many rows as were asked for, or at most 100"},
	{"post-answer", []string{"bare", "array", "enveloped"}, "a POST of one object answers that object, an array of it, or an envelope such as {\"tickets\": [...]}"},
	{"post-many", []string{"last", "all"}, "a POST of several objects answers the last one unless returnall=true, or all of them"},
	{"post-object", []string{"taken", "refused"}, "a POST of an object instead of an array is taken, or refused with 400"},
	{"put", []string{"refused", "upsert"}, "PUT is refused with 405, or does what POST does"},
	{"refresh-token", []string{"given", "absent"}, "a client-credentials token comes with a refresh_token, or without"},
	{"discovery", []string{"served", "absent"}, "the authorisation server publishes OpenID discovery and its keys, or answers 404"},
	{"retry-after", []string{"absent", "seconds"}, "a 429 of the rate limit comes without Retry-After, or says in how many seconds there is room again"},
	{"inactive-app-status", []string{"400", "401"}, "what the token endpoint answers for an application that is switched off"},
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
