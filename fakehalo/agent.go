package fakehalo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// agentRecord is the integration's agent as /Agent/me and /Agent/{id} show it: halo-api §6.
func (i *instance) agentRecord() record {
	memberships := []record{}
	for n, name := range i.agent.teams {
		team := slices.Index(i.teams, name) + 1
		memberships = append(memberships, record{"id": n + 1, "agent_id": apiAgent, "team_id": team, "team_name": name, "department_id": 1})
	}
	role := i.roleRecord()
	own := []map[string]string{{"type": "A", "value": "true"}}
	if i.dialect["agent-me-claims"] == "merged" {
		own = i.claims()
		delete(role, "claims")
	}
	body := record{
		"id": apiAgent, "name": i.agent.name, "initials": "MC", "isdisabled": i.agent.disabled, "isapiagent": i.agent.apiOnly,
		"is_agent": true, "is_admin": i.role.administrator, "teams": memberships, "departments": []any{}, "claims": own,
		"roles": []any{role}, "role_list": i.role.name,
		"clients":     restrictionRows(i.role.clients, clientNames, "client", i.role.name),
		"tickettypes": restrictionRows(i.role.types, typeNames, "tickettype", i.role.name),
		"workday_id":  slices.Index(workdayNames, i.agent.workday) + 1, "workday_name": i.agent.workday, "email": "mspcentric@acme.example",
	}
	body["firstname"], body["surname"], body["jobtitle"], body["guid"], body["first_role_id"] = "", "", "", guid(apiAgent), roleID
	body["licence_type"], body["workday_timezone"], body["workhour_start"], body["workhour_end"] = 0, "UTC", "1900-01-01T09:00:00", "1900-01-01T17:00:00"
	body["lastlogindate"] = noDate
	if i.agent.department { // how HaloPSA writes its level of membership, no source tells
		body["departments"] = []record{{"id": 1, "agent_id": apiAgent, "department_id": 1, "department_name": "Service"}}
	}
	if i.agent.hideClaims {
		delete(body, "claims")
		delete(role, "claims")
	}
	if i.dialect["agent-me-size"] == "real" {
		i.enlarge(body)
	}
	switch {
	case i.agent.defaultTeam != "":
		body["team"] = i.agent.defaultTeam
	case i.dialect["default-team"] == "null":
		body["team"] = nil
	case i.dialect["default-team"] == "empty":
		body["team"] = ""
	}
	return body
}

// enlarge gives an agent the size of a live instance's (halo-live §5): 108 claims, 2.1 MB. What fills it there is not
// recorded, so one field that nothing reads does it here.
func (i *instance) enlarge(body record) {
	if claims, ok := body["claims"].([]map[string]string); ok {
		for n := 0; len(claims) < 108; n++ {
			claims = append(claims, map[string]string{"type": fmt.Sprintf("z%02d", n), "value": "0"})
		}
		body["claims"] = claims
	}
	body["zz_filler"] = strings.Repeat("0123456789abcdef", 2_100_000/16)
}

// restrictionRows are the rows of a restriction that the role brought; all is where the names have their ids from.
func restrictionRows(names, all []string, kind, role string) []record {
	rows := []record{}
	for n, name := range names {
		id := slices.Index(all, name) + 1
		rows = append(rows, record{"id": n + 1, kind + "_id": id, kind + "_name": name, "role_id": roleID, "role_name": role})
	}
	return rows
}

// roleRecord is the role as /Roles/{id} shows it: halo-api §7.
func (i *instance) roleRecord() record {
	return record{
		"id": roleID, "name": i.role.name, "id_int": 7, "claims": i.claims(), "departments": []any{},
		"clients":     restrictionRows(i.role.clients, clientNames, "client", i.role.name),
		"tickettypes": restrictionRows(i.role.types, typeNames, "tickettype", i.role.name),
	}
}

// adminAgentRecord is the agent of the second application.
func adminAgentRecord() record {
	return record{
		"id": adminAgent, "name": "Administrator", "initials": "AD", "isdisabled": false, "isapiagent": false, "is_agent": true,
		"is_admin": true, "team": "Service Desk", "teams": []any{}, "departments": []any{}, "clients": []any{}, "tickettypes": []any{},
		"claims": []map[string]string{{"type": "SA", "value": "true"}, {"type": "A", "value": "true"}}, "roles": []any{},
		"role_list": "Administrator", "workday_id": 1, "workday_name": "Default Working Hours", "email": "admin@acme.example",
	}
}

// agentByID is an agent by its id, or the token's own one.
func agentByID(v tokenView, id string) record {
	switch {
	case id == "me" && v.token.admin, id == strconv.Itoa(adminAgent):
		return adminAgentRecord()
	case id == "me", id == strconv.Itoa(apiAgent):
		return v.agentRecord()
	case id == strconv.Itoa(unassigned):
		return record{"id": unassigned, "name": "Unassigned"}
	}
	return nil
}

// agentRows is the list, which has neither roles nor claims: halo-api §6.
func agentRows(v tokenView) []record {
	hides := func(parameter string) bool {
		return v.dialect["api-agents"] == "hidden" && !strings.EqualFold(v.query.Get(parameter), "true")
	}
	rows := []record{{"id": unassigned, "name": "Unassigned"}, adminAgentRecord()}
	if !(v.agent.apiOnly && hides("includeapiagents")) && !(v.agent.disabled && hides("includedisabled")) {
		rows = append(rows, v.agentRecord())
	}
	for _, row := range rows {
		for _, field := range []string{"roles", "claims", "is_admin"} {
			delete(row, field)
		}
	}
	return rows
}
