package record

import (
	"encoding/json"
	"strings"

	"github.com/halocheck/halocheck/probes/halo"
)

// The fields kept of each answer: those that probes/halo, product, application and agent read.
var (
	claimsSchema      = list(object(map[string]fieldRule{"type": claimType, "value": claimValue}))
	membersSchema     = list(object(map[string]fieldRule{"team_id": id, "team_name": nameOf(teamName), "department_id": id, "department_name": nameOf(departmentName)}))
	clientsSchema     = list(object(map[string]fieldRule{"client_id": id, "client_name": nameOf(clientName), "role_name": nameOf(roleName)}))
	ticketTypesSchema = list(object(map[string]fieldRule{"tickettype_name": nameOf(ticketTypeName), "role_name": nameOf(roleName)}))
	roleSchema        = object(map[string]fieldRule{"id": id, "name": nameOf(roleName), "claims": claimsSchema, "teams": membersSchema, "clients": clientsSchema, "tickettypes": ticketTypesSchema})
	versionsSchema    = object(map[string]fieldRule{"app_version": version, "database_version": version})
	teamSchema        = object(map[string]fieldRule{"id": id, "name": nameOf(teamName), "department_name": nameOf(departmentName)})

	agentFields = map[string]fieldRule{
		"id": id, "name": nameOf(agentName), "isdisabled": flag, "isapiagent": flag, "is_admin": flag, "team": nameOf(teamName),
		"teams": membersSchema, "departments": membersSchema, "clients": clientsSchema, "tickettypes": ticketTypesSchema,
		"roles": list(roleSchema), "role_list": namesOf(roleName), "claims": claimsSchema, "workday_name": nameOf(workdayName),
	}
	authInfoSchema = object(map[string]fieldRule{"auth_url": serverURL, "tenant_id": nameOf(tenantName), "app_version": version})
	tokenSchema    = object(tokenFields)
	tokenFields    = map[string]fieldRule{
		"access_token": text(func(_ *sanitiser, s string) string { return knownWord(s, "{token}") }),
		"token_type":   oneOf("Bearer"),
		"expires_in":   number, "scope": scopes, "error": oneOf("other_error", oauthErrors...), "error_description": description,
	}
	applicationSchema = object(map[string]fieldRule{
		"id": id, "clientid": text(func(*sanitiser, string) string { return "{client_id}" }), "displayname": nameOf(applicationName),
		"inactive": flag, "scopes": list(object(map[string]fieldRule{"name": scopes})),
	})
)

// agentSchema accepts a bare agent, a list, or an envelope.
func agentSchema(c *sanitiser, v any) any {
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

// serverURL sanitises a URL.
var serverURL = text(func(c *sanitiser, s string) string { return c.url(s) })

// rows sanitises a list, bare or enveloped. Of the number of records only whether there are any is kept.
func rows(key string, keep func(*sanitiser, []json.RawMessage) []any) func(*sanitiser, []byte) any {
	return func(c *sanitiser, body []byte) any {
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
		if _, total, ok := halo.Count(body, key); ok {
			out["record_count"] = min(total, max(1, len(kept)))
		}
		return out
	}
}

// eachRow applies a rule to every row.
func eachRow(rule fieldRule) func(*sanitiser, []json.RawMessage) []any {
	return func(c *sanitiser, found []json.RawMessage) []any {
		var out []any
		for _, raw := range found {
			if v, err := decode(raw); err == nil {
				out = append(out, rule(c, v))
			}
		}
		return out
	}
}

// emptyRow keeps one empty row where there are rows.
func emptyRow(_ *sanitiser, found []json.RawMessage) []any {
	if len(found) == 0 {
		return nil
	}
	return []any{map[string]any{}}
}

// ownApplication keeps the row of the application with the integration's client id.
func ownApplication(c *sanitiser, found []json.RawMessage) []any {
	for _, raw := range found {
		if _, ok := halo.FindApplication([]json.RawMessage{raw}, c.clientID); ok {
			return eachRow(applicationSchema)(c, []json.RawMessage{raw})
		}
	}
	return nil
}
