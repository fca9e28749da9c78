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
	"Workday":        "integer: id access_control_level; string: guid name summary timezone; boolean: alldayssame incmonday incsunday; array: holidays breaks timeslots",
	"Agent": `integer: id workday_id licence_type; string: name email firstname surname initials jobtitle team role_list first_role_id workday_name workday_timezone guid;
		boolean: isdisabled isapiagent is_agent is_admin; array: teams departments clients tickettypes roles claims; date: lastlogindate datecreated`,
	"Roles":        "string: id name; integer: id_int; array: claims clients tickettypes",
	"Application":  "string: id clientId displayName grant_type loginas_agent_name; integer: loginas_agent_id loginentity; boolean: inactive allowagents allowusers; array: scopes",
	"Status":       "integer: id type; string: name guid",
	"Priority":     "string: id name; integer: priorityid slaid priorityorder; boolean: ishidden",
	"InstanceInfo": "string: dbid app_version database_version nhserver_version app_name auth_url tenant_id hosted_group; integer: agent_count; boolean: mobileapp_enabled",
	"Outcome":      "integer: id; string: buttonname", "SLA": "integer: id; string: name; array: priorities", "Workflow": "integer: id; array: steps",
}

// TestFieldsHaveTheTypesThatTheFactsTell holds the description's types, which every answer in the tests is held against.
func TestFieldsHaveTheTypesThatTheFactsTell(t *testing.T) {
	s := serve(t)
	doc, _ := described(t, s)
	for resource, types := range namedTypes {
		for group := range strings.SplitSeq(types, ";") {
			kind, names, _ := strings.Cut(strings.TrimSpace(group), ":")
			for _, name := range strings.Fields(names) {
				property := doc.Components.Schemas[resource].Value.Properties[name]
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
