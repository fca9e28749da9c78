package record

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/halocheck/halocheck/probes/halo"
)

// What is kept of each answer. The fields are those that probes/halo, product, application and agent read.
var (
	claimsShape   = list(object(map[string]rule{"type": claimType, "value": claimValue}))
	membersShape  = list(object(map[string]rule{"team_id": id, "team_name": named(teamName), "department_id": id, "department_name": named(departmentName)}))
	clientsShape  = list(object(map[string]rule{"client_id": id, "client_name": named(clientName), "role_name": named(roleName)}))
	typesShape    = list(object(map[string]rule{"tickettype_name": named(ticketTypeName), "role_name": named(roleName)}))
	roleShape     = object(map[string]rule{"id": id, "name": named(roleName), "claims": claimsShape, "teams": membersShape, "clients": clientsShape, "tickettypes": typesShape})
	versionsShape = object(map[string]rule{"app_version": version, "database_version": version})
	teamShape     = object(map[string]rule{"id": id, "name": named(teamName), "department_name": named(departmentName)})

	agentFields = map[string]rule{
		"id": id, "name": named(agentName), "isdisabled": flag, "isapiagent": flag, "is_admin": flag, "team": named(teamName),
		"teams": membersShape, "departments": membersShape, "clients": clientsShape, "tickettypes": typesShape,
		"roles": list(roleShape), "role_list": namesOf(roleName), "claims": claimsShape, "workday_name": named(workdayName),
	}
	authInfoShape = object(map[string]rule{"auth_url": serverURL, "tenant_id": named(tenantName), "app_version": version})
	refusalShape  = object(refusalFields)
	tokenShape    = object(with(refusalFields, "access_token", text(func(_ *cleaner, s string) string { return word(s, "{token}") })))
	refusalFields = map[string]rule{
		"token_type": oneOf("Bearer"),
		"expires_in": number, "scope": scopes, "error": oneOf("other_error", oauthErrors...), "error_description": description,
	}
	applicationShape = object(map[string]rule{
		"id": id, "clientid": text(func(*cleaner, string) string { return "{client_id}" }), "displayname": named(applicationName),
		"inactive": flag, "scopes": list(object(map[string]rule{"name": scopes})),
	})
)

// with is the fields and one more.
func with(fields map[string]rule, name string, keep rule) map[string]rule {
	out := maps.Clone(fields)
	out[name] = keep
	return out
}

// maxToken is how much of an answer with a token is read, in bytes, by the library that asks for it: in a longer one it
// finds none.
const maxToken = 1 << 20

// agentShape takes the agent by itself, as the only one of a list, or in an envelope.
func agentShape(c *cleaner, v any) any {
	fields, ok := v.(map[string]any)
	switch {
	case !ok:
		return list(object(agentFields))(c, v)
	case fields["agent"] != nil:
		if inner, ok := fields["agent"].(map[string]any); ok {
			return map[string]any{"agent": object(agentFields)(c, inner)}
		}
	}
	return object(agentFields)(c, v)
}

// serverURL is a URL of one of the two servers.
var serverURL = text(func(c *cleaner, s string) string { return c.url(s) })

// rows keep a list, bare or in its envelope; how many records there are in all is nobody's business, only whether there
// are any.
func rows(key string, keep func(*cleaner, []json.RawMessage) []any) func(*cleaner, []byte) any {
	return func(c *cleaner, body []byte) any {
		found := halo.Rows(body, key)
		if found == nil {
			return map[string]any{}
		}
		kept := keep(c, found)
		if kept == nil {
			kept = []any{}
		}
		if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(string(body), bom)), "[") {
			return kept
		}
		out := map[string]any{key: kept}
		if n := halo.Count(body, key); n != nil {
			out["record_count"] = min(*n, max(1, len(kept)))
		}
		return out
	}
}

// each keeps all rows by one shape.
func each(shape rule) func(*cleaner, []json.RawMessage) []any {
	return func(c *cleaner, found []json.RawMessage) []any {
		var out []any
		for _, raw := range found {
			if v, err := decode(raw); err == nil {
				out = append(out, shape(c, v))
			}
		}
		return out
	}
}

// whether keeps one empty row where there are any.
func whether(_ *cleaner, found []json.RawMessage) []any {
	if len(found) == 0 {
		return nil
	}
	return []any{map[string]any{}}
}

// ownApplication keeps the row of the application that the credentials belong to.
func ownApplication(c *cleaner, found []json.RawMessage) []any {
	for _, raw := range found {
		if _, ok := halo.FindApplication([]json.RawMessage{raw}, c.clientID); ok {
			return each(applicationShape)(c, []json.RawMessage{raw})
		}
	}
	return nil
}
