package fakehalo

import (
	"maps"
	"slices"
	"strings"
)

// Ids of the seeded records that other records refer to. Agent 1 is "Unassigned" by common report (halo-api §11).
const (
	unassigned = 1
	adminAgent = 2
	apiAgent   = 12
	roleID     = "8c2f6a10-6f0e-4b4b-9a53-3d2a7c1b9e01"

	ownApplication   = "4b7a1c20-6d0f-4e0b-9f55-0a4c1e7d2b31"
	adminApplication = "9c3d5e6f-2b1a-4d8c-b7e6-5f4a3b2c1d0e"
	webApplication   = "1a2b3c4d-0d5e-4c6f-8a7b-9c8d7e6f5a4b"
)

// Names of seeded records whose ids count from 1.
var (
	clientNames  = []string{"Acme Ltd", "Globex", "Initech"}
	typeNames    = []string{"Incident", "Service Request", "Alert"}
	teamNames    = []string{"Service Desk", "Projects", "Finance"}
	workdayNames = []string{"Default Working Hours", "Night Shift"}
)

// numberedRecords makes records with an id from 1, a GUID and a name, and what all of them have in common.
func numberedRecords(names []string, common record) []record {
	rows := []record{}
	for n, name := range names {
		row := record{"id": n + 1, "guid": guid(n + 1), "name": name}
		maps.Copy(row, common)
		rows = append(rows, row)
	}
	return rows
}

// workdayRows are seen whole by everybody.
func workdayRows(tokenView) []record {
	week := record{"timezone": "UTC", "start": "1900-01-01T09:00:00", "end": "1900-01-01T17:00:00", "alldayssame": true}
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday"} {
		week["inc"+day] = true
	}
	return numberedRecords(workdayNames, week)
}

func typeRows(v tokenView) []record {
	rows := numberedRecords(typeNames, record{"use": "ticket", "cancreate": true, "agentscanselect": true, "visible": true, "itilrequesttype": 1})
	return slices.DeleteFunc(rows, func(r record) bool { return !v.allowed(v.role.types, r["name"].(string)) })
}

func teamRows(v tokenView) []record {
	rows := numberedRecords(v.teams, record{"forrequests": true, "department_id": 1, "department_name": "Support"})
	return slices.DeleteFunc(rows, func(r record) bool { return !v.token.admin && !v.canSeeTeam(r["name"].(string)) })
}

func roleRows(v tokenView) []record {
	row := v.roleRecord()
	delete(row, "claims") // the list probably lacks them: halo-api §7
	return []record{row}
}

func roleByID(v tokenView, id string) record {
	if !strings.EqualFold(id, roleID) {
		return nil
	}
	return v.roleRecord()
}

// applicationRows are the applications as an administrator reads them: halo-api §8.
func applicationRows(v tokenView) []record {
	own := record{
		"id": ownApplication, "clientId": v.app.id, "displayName": v.app.name, "grant_type": v.app.method, "inactive": v.app.inactive,
		"scopes": scopeRecords(ownApplication, v.app.scopes), "loginas_agent_id": apiAgent, "loginas_agent_name": v.agent.name,
	}
	if v.app.noAgent {
		own["loginas_agent_id"], own["loginas_agent_name"] = 0, ""
	}
	return []record{
		{"id": webApplication, "clientId": "halo-web-application", "displayName": "Halo Web Application", "_issystem": true, "inactive": false, "scopes": []any{}},
		own,
		{
			"id": adminApplication, "clientId": adminID, "displayName": "Conformance checks", "grant_type": "client_credentials", "inactive": false,
			"scopes": scopeRecords(adminApplication, []string{"all", "admin"}), "loginas_agent_id": adminAgent, "loginas_agent_name": "Administrator",
		},
	}
}

// scopeRecords are the permissions of an application.
func scopeRecords(application string, scopes []string) []record {
	rows := []record{}
	for n, name := range scopes {
		rows = append(rows, record{"id": n + 1, "application_id": application, "name": name})
	}
	return rows
}

// info is what /InstanceInfo tells, with every field that is recorded: halo-api §3.
func (i *instance) info() record {
	body := record{
		"dbid": 1, "agent_count": 2, "licensed_agent_count": 5, "online_agent_count": 1, "last_login": "2026-05-13T17:58:02",
		"app_name": "Halo PSA", "agent_url": i.home, "portal_url": i.home + "/portal", "auth_url": i.named, "mobileapp_enabled": true,
		"teamsbot_enabled": false, "teams_chat_profile": 0, "using_event_service": true, "using_scheduling_service": true,
		"using_outgoing_service": true, "using_incoming_service": true,
	}
	if i.version != "" {
		body["app_version"], body["database_version"], body["nhserver_version"] = i.version, i.version, i.version
	}
	return body
}

// control is the little of /Control that is served: halo-api §4.
func (i *instance) control() record {
	body := record{"appname": "HaloPSA", "usesemanticversioning": true, "isversionreleased": true}
	if i.tenant != "" {
		body["tenant_id"], body["tenantalias"] = i.tenant, i.tenant
	}
	if i.version != "" {
		body["app_version"], body["database_version"] = i.version, i.version
		body["app_version_nopatch"] = i.version[:strings.LastIndexByte(i.version, '.')]
	}
	return body
}
