package fakehalo

import (
	"slices"
	"strings"
)

// Ids of the seeded records that other records refer to. Agent 1 is "Unassigned" by common report (halo-api §11).
const (
	unassigned = 1
	adminAgent = 2
	apiAgent   = 12
	roleID     = "8c2f6a10-6f0e-4b4b-9a53-3d2a7c1b9e01"
)

// Names of seeded records whose ids count from 1.
var (
	clientNames  = []string{"Acme Ltd", "Globex", "Initech"}
	typeNames    = []string{"Incident", "Service Request", "Alert"}
	teamNames    = []string{"Service Desk", "Projects", "Finance"}
	workdayNames = []string{"Default Working Hours", "Night Shift"}
)

// numbered makes records with an id from 1 and a name.
func numbered(names []string) []record {
	rows := []record{}
	for n, name := range names {
		rows = append(rows, record{"id": n + 1, "name": name, "inactive": false})
	}
	return rows
}

// seeded is a list that everybody sees whole.
func seeded(names []string) func(view) []record {
	return func(view) []record { return numbered(names) }
}

func typeRows(v view) []record {
	return slices.DeleteFunc(numbered(typeNames), func(r record) bool { return !v.within(v.role.types, r["name"].(string)) })
}

func teamRows(v view) []record {
	rows := []record{}
	for n, name := range v.teams {
		if v.token.admin || v.seesTeam(name) {
			rows = append(rows, record{"id": n + 1, "name": name, "inactive": false, "department_id": 1, "department_name": "Support"})
		}
	}
	return rows
}

func roleRows(v view) []record {
	row := v.roleRecord()
	delete(row, "claims") // the list probably lacks them: halo-api §7
	return []record{row}
}

func oneRole(v view, id string) record {
	if !strings.EqualFold(id, roleID) {
		return nil
	}
	return v.roleRecord()
}

// applicationRows are the applications as an administrator reads them: halo-api §8.
func applicationRows(v view) []record {
	own := record{
		"id": "4b7a", "clientId": v.app.id, "displayName": v.app.name, "grant_type": v.app.method, "inactive": v.app.inactive,
		"scopes": scopeRecords(v.app.scopes), "loginas_agent_id": apiAgent, "loginas_agent_name": v.agent.name,
	}
	if v.app.noAgent {
		own["loginas_agent_id"], own["loginas_agent_name"] = 0, ""
	}
	return []record{
		{"id": "1a2b", "clientId": "halo-web-application", "displayName": "Halo Web Application", "_issystem": true, "inactive": false, "scopes": []any{}},
		own,
		{
			"id": "9c3d", "clientId": adminID, "displayName": "Conformance checks", "grant_type": "client_credentials", "inactive": false,
			"scopes": scopeRecords([]string{"all", "admin"}), "loginas_agent_id": adminAgent, "loginas_agent_name": "Administrator",
		},
	}
}

func scopeRecords(scopes []string) []record {
	rows := []record{}
	for n, name := range scopes {
		rows = append(rows, record{"id": n + 1, "name": name})
	}
	return rows
}

// info is what /InstanceInfo tells: halo-api §3.
func (i *instance) info() record {
	body := record{"dbid": 1, "app_name": "Halo PSA", "agent_count": 2, "licensed_agent_count": 5}
	if i.version != "" {
		body["app_version"], body["database_version"] = i.version, i.version
	}
	return body
}

// control is the little of /Control that is served: halo-api §4.
func (i *instance) control() record {
	body := record{"appname": "HaloPSA", "usesemanticversioning": true}
	if i.tenant != "" {
		body["tenant_id"] = i.tenant
	}
	if i.version != "" {
		body["app_version"], body["database_version"] = i.version, i.version
		body["app_version_nopatch"] = i.version[:strings.LastIndexByte(i.version, '.')]
	}
	return body
}
