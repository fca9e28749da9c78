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
	rows := numberedRecords(typeNames, record{"use": "ticket", "cancreate": true, "agentscanselect": true, "visible": true, "itilrequesttype": 1, "default_sla": 1, "default_priority": 3, "workflow_id": 1})
	return slices.DeleteFunc(rows, func(r record) bool { return !v.allowed(v.role.types, r["name"].(string)) })
}

func teamRows(v tokenView) []record {
	rows := numberedRecords(v.teams, record{"forrequests": true, "department_id": 1, "department_name": "Support"})
	return slices.DeleteFunc(rows, func(r record) bool { return !v.token.admin && !v.canSeeTeam(r["name"].(string)) })
}

// roleRows are the list, which has no more than this: halo-live §5.
func roleRows(v tokenView) []record {
	return []record{{"id": roleID, "name": v.role.name, "id_int": 7, "notes": ""}}
}

func roleByID(v tokenView, id string) record {
	if !strings.EqualFold(id, roleID) {
		return nil
	}
	return v.roleRecord()
}

// applicationRows are the applications as an administrator's list has them, without their scopes: halo-live §5.
func applicationRows(v tokenView) []record {
	rows := v.applications()
	for _, row := range rows {
		delete(row, "scopes")
	}
	return rows
}

func applicationByID(v tokenView, id string) record {
	for _, row := range v.applications() {
		if row["id"] == strings.ToLower(id) {
			return row
		}
	}
	return nil
}

// applications are the instance's own, the integration's and the second one. Which numbers language_id, loginentity and the
// like hold is not known (halo-api, "Unknown" 8): they are 0.
func (v tokenView) applications() []record {
	res := resource{fields: applicationFields()}
	row := func(id, client, name, method string, scopes []string, agent int, agentName string) record {
		return res.complete(record{
			"id": id, "clientId": client, "displayName": name, "grant_type": method, "allowagents": true, "cors_whitelist": v.app.origins,
			"scopes": scopeRecords(id, scopes), "loginas_agent_id": agent, "loginas_agent_name": agentName,
		})
	}
	web := row(webApplication, "halo-web-application", "Halo Web Application", "", nil, 0, "")
	web["_issystem"] = true
	own := row(ownApplication, v.app.id, v.app.name, v.app.method, v.app.scopes, apiAgent, v.agent.name)
	own["inactive"] = v.app.inactive
	if v.app.noAgent {
		own["loginas_agent_id"], own["loginas_agent_name"] = 0, ""
	}
	return []record{web, own, row(adminApplication, adminID, "Conformance checks", "client_credentials", []string{"all", "admin"}, adminAgent, "Administrator")}
}

func applicationFields() []field {
	return fieldsOf(`id:string clientId displayName grant_type concurrencyToken cors_whitelist redirectUris redirecturi logoutredirecturi
	postLogoutRedirectUris inactive:bool allowagents allowusers disable_windowsauth disable_azure disable_adfs disable_okta
	disable_centrify disable_google disable_anon system_use _issystem authorizations:array scopes credential_type:int language_id
	loginentity organisation_id loginas_agent_id loginas_client_id loginas_supplier_id loginas_agent_name:string`)
}

// scopeRecords are the permissions of an application.
func scopeRecords(application string, scopes []string) []record {
	rows := []record{}
	for n, name := range scopes {
		rows = append(rows, record{"id": n + 1, "application_id": application, "name": name})
	}
	return rows
}

// info is what /InstanceInfo tells, with every field that is recorded: halo-live §2.
func (i *instance) info() record {
	service := i.home + "/api/$ENDPOINT" // literally so
	body := record{
		"agent_count": 0, "licensed_agent_count": 0, "online_agent_count": 0, // seen for an API application
		"agent_url": i.home, "portal_url": i.home + "/portal", "auth_url": strings.TrimSuffix(i.named, "/"),
		"app_name": "Halo PSA", "dbid": guid(1), "tenant_id": i.tenant, "hosted_group": "",
		"automation_service_url": service, "chat_service_url": service, "incoming_service_url": service, "outgoing_service_url": service,
		"report_service_url": service, "schedule_service_url": service,
		"last_login": "2026-05-13T17:58:02", "last_task_run": "2026-05-13T18:00:00", "mobileapp_enabled": true, "teamsbot_enabled": false,
		"teams_chat_profile": 0, "using_event_service": true, "using_scheduling_service": true, "using_outgoing_service": true,
		"using_incoming_service": true,
	}
	if i.dialect["hosting"] == "hosted" {
		body["hosted_group"] = "US16-Stable8" // a name that was seen
	}
	if i.version != "" {
		body["app_version"], body["database_version"], body["nhserver_version"] = i.version, databaseVersion(i.version), "1364.01"
	}
	return body
}

// databaseVersion is the version's first two parts, "2236" for 2.236.133: halo-live §2.
func databaseVersion(version string) string {
	parts := strings.Split(version, ".")
	return strings.Join(parts[:min(2, len(parts))], "")
}

// control is the little of /Control that is served: halo-api §4.
func (i *instance) control() record {
	body := record{"appname": "HaloPSA", "usesemanticversioning": true, "isversionreleased": true}
	if i.tenant != "" {
		body["tenant_id"], body["tenantalias"] = i.tenant, i.tenant
	}
	if i.version != "" {
		body["app_version"], body["database_version"] = i.version, databaseVersion(i.version)
		body["app_version_nopatch"] = i.version[:strings.LastIndexByte(i.version, '.')]
	}
	return body
}
