package fakehalo

import "slices"

// seeded makes rows with an id and a name.
func seeded(names ...string) func(*instance) []map[string]any {
	return func(*instance) []map[string]any {
		rows := []map[string]any{}
		for n, name := range names {
			rows = append(rows, map[string]any{"id": n + 1, "name": name, "inactive": false})
		}
		return rows
	}
}

func seededTickets(*instance) []map[string]any {
	rows := []map[string]any{}
	for n, summary := range []string{"Printer on fire", "New starter", "Backup failed", "Disk almost full", "Password reset"} {
		rows = append(rows, map[string]any{
			"id": 2001 + n, "summary": summary, "client_id": 1 + n%3, "status_id": 1, "tickettype_id": 1, "priority_id": 3,
			"agent_id": 1, "team": "Service Desk", "dateoccurred": "2026-05-13T18:01:50.347", "targetdate": "1900-01-01T00:00:00",
		})
	}
	return rows
}

func seededInvoices(*instance) []map[string]any {
	return []map[string]any{{"id": 301, "client_id": 1, "client_name": "Acme Ltd", "invoicenumber": "INV-301", "posted": true, "invoice_date": "2026-05-01T00:00:00"}}
}

func seededContracts(*instance) []map[string]any {
	return []map[string]any{{"id": 41, "client_id": 1, "client_name": "Acme Ltd", "ref": "MSA-41", "active": true, "expired": false, "billingperiod": 3}}
}

// visibleTeams are the teams that the agent may see: its own.
func visibleTeams(i *instance) []map[string]any {
	rows := []map[string]any{}
	for n, name := range i.teams {
		if slices.Contains(i.agent.teams, name) || slices.Contains(i.app.scopes, "all:teams") {
			rows = append(rows, map[string]any{"id": n + 1, "name": name, "inactive": false, "department_id": 1, "department_name": "Support"})
		}
	}
	return rows
}

// agentRecord is the agent as /Agent/me and /Agent/{id} show it: halo-api §6.
func (i *instance) agentRecord() map[string]any {
	memberships := []map[string]any{}
	for n, name := range i.agent.teams {
		memberships = append(memberships, map[string]any{"id": n + 1, "agent_id": 12, "team_id": n + 1, "team_name": name, "department_id": 1})
	}
	role := i.roleRecord()
	own := []map[string]string{{"type": "A", "value": "true"}}
	if i.dialect["agent-me-claims"] == "merged" {
		own = i.claims()
		delete(role, "claims")
	}
	record := map[string]any{
		"id": 12, "name": i.agent.name, "initials": "MC", "isdisabled": i.agent.disabled, "isapiagent": i.agent.apiOnly,
		"is_agent": true, "is_admin": false, "teams": memberships, "departments": []any{}, "claims": own,
		"roles": []any{role}, "role_list": i.role.name,
		"clients":     restricted(i.role.clients, "client", i.role.name),
		"tickettypes": restricted(i.role.types, "tickettype", i.role.name),
		"workday_id":  1, "workday_name": i.agent.workday, "email": "mspcentric@acme.example",
	}
	if i.agent.hideClaims {
		delete(record, "claims")
		delete(role, "claims")
	}
	switch {
	case i.agent.defaultTeam != "":
		record["team"] = i.agent.defaultTeam
	case i.dialect["default-team"] == "null":
		record["team"] = nil
	case i.dialect["default-team"] == "empty":
		record["team"] = ""
	}
	return record
}

// restricted are the rows of a restriction that the role brought.
func restricted(names []string, kind, role string) []map[string]any {
	rows := []map[string]any{}
	for n, name := range names {
		rows = append(rows, map[string]any{"id": n + 1, kind + "_id": n + 1, kind + "_name": name, "role_id": "r-1", "role_name": role})
	}
	return rows
}

// agentRows is the list, which has neither roles nor claims: halo-api §6.
func agentRows(i *instance) []map[string]any {
	row := i.agentRecord()
	for _, field := range []string{"roles", "claims", "is_admin"} {
		delete(row, field)
	}
	return []map[string]any{{"id": 1, "name": "Unassigned"}, row}
}

func (i *instance) roleRecord() map[string]any {
	return map[string]any{
		"id": "8c2f6a10-6f0e-4b4b-9a53-3d2a7c1b9e01", "name": i.role.name, "id_int": 7, "claims": i.claims(),
		"clients": restricted(i.role.clients, "client", i.role.name), "tickettypes": restricted(i.role.types, "tickettype", i.role.name),
	}
}

func roleRows(i *instance) []map[string]any {
	row := i.roleRecord()
	delete(row, "claims")
	return []map[string]any{row}
}

// applicationRecord is the integration's application as an administrator reads it: halo-api §8.
func (i *instance) applicationRecord() map[string]any {
	scopes := []map[string]any{}
	for n, name := range i.app.scopes {
		scopes = append(scopes, map[string]any{"id": n + 1, "name": name})
	}
	record := map[string]any{
		"id": "4b7a", "clientId": i.app.id, "displayName": i.app.name, "grant_type": i.app.method, "inactive": i.app.inactive,
		"scopes": scopes, "loginas_agent_id": 12, "loginas_agent_name": i.agent.name,
	}
	if i.app.noAgent {
		record["loginas_agent_id"], record["loginas_agent_name"] = 0, ""
	}
	return record
}

func applicationRows(i *instance) []map[string]any {
	return []map[string]any{
		{"id": "1a2b", "clientId": "halo-web-application", "displayName": "Halo Web Application", "_issystem": true, "inactive": false, "scopes": []any{}},
		i.applicationRecord(),
	}
}

// info is what /InstanceInfo tells: halo-api §3.
func (i *instance) info() map[string]any {
	record := map[string]any{"dbid": 1, "app_name": "Halo PSA", "agent_count": 2, "licensed_agent_count": 5}
	if i.version != "" {
		record["app_version"], record["database_version"] = i.version, i.version
	}
	return record
}
