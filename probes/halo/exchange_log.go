package halo

import (
	"maps"

	"github.com/halocheck/halocheck/internal/wire"
)

// NewLog is a log of what is asked of a HaloPSA: of the answers it keeps codes, numbers, switches and the words of the
// protocol, and no field that names a person or a customer. What is judged by name is evidence already.
func NewLog() *wire.Log {
	claims := wire.Shape{"type": nil, "value": nil}
	row := wire.Shape{"id": nil}
	role := wire.Shape{"id": nil, "claims": claims, "teams": {"team_id": nil}, "clients": row, "tickettypes": row}
	agent := wire.Shape{
		"id": nil, "isdisabled": nil, "isapiagent": nil, "is_admin": nil, "claims": claims, "roles": role,
		"teams": {"team_id": nil}, "departments": {"department_id": nil}, "clients": row, "tickettypes": row,
	}
	shape := wire.Shape{
		"agent": agent, "roles": role, "record_count": nil, "page_no": nil, "page_size": nil,
		"app_version": nil, "database_version": nil, "auth_url": nil, "tenant_id": nil, // halo-api §3, §4
		"error": nil, "error_description": nil, "scope": nil, "token_type": nil, "expires_in": nil, // RFC 6749 §5
		"inactive": nil, "scopes": {"name": nil}, "applications": {"id": nil, "inactive": nil, "scopes": {"name": nil}}, // halo-api §8
		"tickets": row, "items": row, "contracts": row, "invoices": row,
	}
	maps.Copy(shape, agent)
	return &wire.Log{
		Shape: shape, Query: []string{"tenant", "pageinate", "page_no", "page_size", "includedetails", "showall"},
		Names: []string{"client_name", "agent_name", "user_name", "site_name", "toplevel_name", "email", "emailaddress", "firstname", "surname", "phonenumber"},
	}
}
