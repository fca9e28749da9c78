package fakehalo_test

import (
	"net/http"
	"strings"
	"testing"
)

// namedTypes are the fields whose types the facts tell: of rows in wire-contract §2.10, halo-api §6 to §9 and §11, and of the
// instance in halo-live §2. Ids are int32, GUIDs are strings, dates are ISO 8601 without zone.
var namedTypes = map[string]string{
	"Client": `integer: id toplevel_id messagegroup_id mailbox_override default_mailbox_id item_tax_code service_tax_code prepay_tax_code contract_tax_code pritech
		sectech accountmanagertech key table client_to_invoice client_to_invoice_recurring default_currency_code stopped customertype percentage_to_survey
		overridepdftemplateinvoice overridepdftemplatequote confirmemail actionemail clearemail; boolean: inactive is_vip taxable is_account excludefrominvoicesync
		ticket_invoices_for_each_site; string: name toplevel_name colour use notes; array: customer_relationship customfields`,
	"Users": "number: site_id; integer: id site_id_int client_id; string: name site_name client_name emailaddress azureoid aaduserid networklogin",
	"Tickets": `integer: id impact urgency agent_id status_id priority_id tickettype_id client_id site_id user_id attachment_count workflow_id; array: tags customfields;
		boolean: hasbeenclosed; date: dateoccurred targetdate fixbydate respondbydate deadlinedate last_update; string: summary team category_3 category_4 source`,
	"Actions":        "integer: id ticket_id outcome_id who_agentid who_type new_status; string: outcome note who; boolean: hiddenfromuser sendemail; date: datetime",
	"Item":           "integer: id status assetgroup_id supplier_id; string: name use assetgroup_name accountsid; number: baseprice costprice",
	"Invoice":        "integer: id client_id; string: client_name invoicenumber thirdpartyinvoicenumber; boolean: posted disabled; date: invoice_date dateposted",
	"ClientContract": "integer: id client_id billingperiod; string: client_name ref contracttype_name; date: start_date end_date; boolean: started expired active",
	"Team":           "integer: id sequence ticket_count department_id; string: guid name department_name; boolean: forrequests foropps forprojects inactive; array: agents",
	"TicketType":     "integer: id sequence group_id itilrequesttype default_sla workflow_id; string: guid name use default_team; boolean: cancreate agentscanselect enduserscanselect visible",
	"Workday":        "integer: id access_control_level; string: guid name summary timezone; boolean: alldayssame incmonday incsunday; array: holidays breaks timeslots; date: start end startmonday endsunday",
	"Agent": `integer: id workday_id licence_type; string: name email firstname surname initials jobtitle team role_list first_role_id workday_name workday_timezone guid guid_string use;
		boolean: isdisabled isapiagent is_agent is_admin; array: teams departments clients tickettypes roles claims; date: lastlogindate datecreated workhour_start workhour_end`,
	"Roles": "string: id name normalizedName concurrencyStamp notes _warning; integer: id_int access_control_level; boolean: is_integration; array: claims teams departments clients tickettypes sites assettypes access_control",
	"Application": `string: id clientId clientSecret displayName type consentType permissions grant_type loginas_agent_name loginas_client_name loginas_supplier_name
		organisation_name language_name redirecturi logoutredirecturi cors_whitelist _warning; integer: loginas_agent_id loginas_client_id loginas_supplier_id loginentity
		organisation_id language_id; boolean: inactive allowagents allowusers disable_windowsauth disable_azure disable_adfs disable_okta disable_centrify disable_google
		disable_anon system_use _issystem; array: scopes`,
	"Control":  "string: app_version app_version_nopatch database_version appname tenant_id tenantalias hosted_group; boolean: usesemanticversioning isversionreleased",
	"Status":   "integer: id type; string: name guid",
	"Priority": "string: id name; integer: priorityid slaid priorityorder; boolean: ishidden",
	"InstanceInfo": `string: dbid app_version database_version nhserver_version app_name agent_url portal_url auth_url tenant_id hosted_group automation_service_url chat_service_url
		incoming_service_url outgoing_service_url report_service_url schedule_service_url; date: last_login last_task_run; integer: agent_count licensed_agent_count
		online_agent_count teams_chat_profile; boolean: mobileapp_enabled teamsbot_enabled using_event_service using_scheduling_service using_outgoing_service using_incoming_service`,
	// Rows within a record: halo-api §6 and §8, wire-contract §2.10.
	"Agent.teams": `integer: id agent_id team_id department_id; string: agent_name team_guid team_name org_department_team_name role_id role_name namewithinactive;
		boolean: is_manager no_config_access unassigned_access otheragent_access fortickets foropps forprojects in_section`,
	"Agent.tickettypes":            "integer: id agent_id tickettype_id; string: agent_name tickettype_name role_id role_name _warning; boolean: cancreate canview canedit",
	"Agent.clients":                "integer: id agent_id client_id; string: agent_name client_name role_id role_name",
	"Agent.departments":            "integer: id agent_id department_id membershiplevel; string: agent_name department_guid department_name role_id role_name; boolean: includeteamsintree",
	"Agent.claims":                 "string: type value",
	"Roles.claims":                 "string: type value",
	"Application.scopes":           "integer: id; string: application_id name",
	"Client.customer_relationship": "string: id name",
	"Tickets.tags":                 "string: text",
	"Outcome":                      "integer: id; string: buttonname", "SLA": "integer: id; string: name; array: priorities", "Workflow": "integer: id; array: steps",
}

// TestFieldsHaveTheTypesThatTheFactsTell holds the description's types, which every answer in the tests is held against.
func TestFieldsHaveTheTypesThatTheFactsTell(t *testing.T) {
	s := serve(t)
	doc, _ := described(t, s)
	for resource, types := range namedTypes {
		resource, within, nested := strings.Cut(resource, ".")
		properties := doc.Components.Schemas[resource].Value.Properties
		if nested {
			properties = properties[within].Value.Items.Value.Properties
		}
		for group := range strings.SplitSeq(types, ";") {
			kind, names, _ := strings.Cut(strings.TrimSpace(group), ":")
			for _, name := range strings.Fields(names) {
				property := properties[name]
				if property == nil {
					t.Errorf("%s has no %s", resource, name)
					continue
				}
				is := property.Value.Type.Slice()[0]
				if is == "string" && property.Value.Pattern != "" {
					is = "date"
				}
				if is != kind {
					t.Errorf("%s.%s is %s, not %s", resource, name, is, kind)
				}
			}
		}
	}
	if a := do(t, s, http.MethodGet, s.URL+"/api/swagger/v2/swagger.json", "", nil); a.Status != 200 {
		t.Errorf("%d", a.Status)
	}
}
