package fakehalo

import (
	"slices"
	"strings"
	"sync"
)

// resource is one part of the API: who may ask for it, and what it answers.
type resource struct {
	name  string // as Halo spells it: "Tickets"
	path  string // below /api/, lower case
	scope string // "customers" for read:customers and edit:customers; a name with a colon is asked for as it is; empty: any token
	code  string // the access level that the agent needs at least one step of; empty: none
	admin bool   // administrators only
	basis string // what is known of it: recorded, documented or inferred
	key   string // the envelope's key; empty: a bare array

	fields []field // with their types; every kept record has all of them

	// Resources that the instance's settings make, which cannot be written:
	rows    func(v tokenView) []record
	one     func(v tokenView, id string) record // nil: the row with that id
	partial bool                                // what the settings do not say is left out, and not written as zero

	// Resources that are kept:
	parent  string   // the field within which ids restart at 1: wire-contract §2.10; empty: ids are the resource's own
	filters []string // fields that a query parameter of the same name filters by
	sorts   []string // further fields that order= understands
	search  []string // fields that search= looks into
	cap     int      // most rows of a page, whatever was asked; 0: none
	guids   bool     // ids are GUIDs
	detail  []string // fields that a single record has and a list's rows have not

	words bool // an id in the path need not be a number

	columns []string // fields that are looked at without reading the record: made from the lists above

	known        map[string]bool // parameters that are understood
	further      []furtherFilter
	furtherNames []string
	columnAt     map[string]int // among columns
}

// kept tells whether the resource's records are stored, and not made from the instance's settings.
func (r *resource) kept() bool { return r.rows == nil && r.one == nil }

// resources is the route table: handlers, OpenAPI description, faults on operations and near misses are made from it.
var resources = sync.OnceValue(func() []*resource {
	return prepare(append([]resource{
		{
			name: "Client", scope: "customers", code: "Ux", basis: "recorded", key: "clients",
			fields: fieldsOf(`id:int name:string toplevel_id:int toplevel_name:string inactive:bool is_vip taxable is_account excludefrominvoicesync
			ticket_invoices_for_each_site colour:string use notes messagegroup_id:int mailbox_override default_mailbox_id item_tax_code service_tax_code
			prepay_tax_code contract_tax_code pritech sectech accountmanagertech key table client_to_invoice client_to_invoice_recurring
			default_currency_code stopped customertype percentage_to_survey overridepdftemplateinvoice overridepdftemplatequote confirmemail actionemail
			clearemail customer_relationship:array customfields website:string main_site_id:int`),
			filters: []string{"toplevel_id"}, sorts: []string{"name"}, search: []string{"name"},
		},
		{
			name: "Site", scope: "customers", code: "Ux", basis: "recorded", key: "sites",
			fields: fieldsOf(`id:int name:string client_id:int client_name:string clientsite_name inactive:bool sla_id:int phonenumber:string colour timezone
			invoice_address_isdelivery:bool notes:string maincontact_name customfields:array`),
			filters: []string{"client_id"}, sorts: []string{"name"}, search: []string{"name"},
		},
		{
			name: "Users", scope: "customers", code: "Fx", basis: "recorded", key: "users",
			fields: fieldsOf(`id:int name:string site_id:float site_id_int:int site_name:string client_id:int client_name:string firstname surname azureoid aaduserid networklogin mobilenumber
			emailaddress phonenumber inactive:bool use:string isimportantcontact:bool neversendemails customfields:array notes:string title`),
			filters: []string{"client_id", "site_id"}, sorts: []string{"name"}, search: []string{"name", "emailaddress"},
		},
		{
			name: "Tickets", scope: "tickets", code: "Tx", basis: "recorded", key: "tickets",
			fields:  ticketFields(),
			filters: []string{"client_id", "site_id", "user_id", "status_id", "tickettype_id", "priority_id", "agent_id", "team_id", "sla_id", "parent_id"},
			sorts:   []string{"summary", "client_name", "team", "dateoccurred", "deadlinedate", "hasbeenclosed"},
			search:  []string{"summary"},
		},
		{
			name: "Actions", scope: "tickets", code: "Tx", basis: "recorded", key: "actions", parent: "ticket_id",
			fields: fieldsOf(`id:int ticket_id outcome:string outcome_id:int note:string note_html hiddenfromuser:bool important sendemail who_agentid:int who_type new_status who:string
			datetime:date actioncompletiondate timetaken:float emailfrom:string emailto`),
			sorts: []string{"datetime"}, search: []string{"note"},
		},
		{
			name: "Item", scope: "items", code: "Ix", basis: "recorded", key: "items",
			fields: fieldsOf(`id:int name:string use status:int type assetgroup_id assetgroup_name:string baseprice:float costprice
			supplier_id:int accountsid:string description inactive:bool customfields:array`),
			filters: []string{"supplier_id", "assetgroup_id"}, sorts: []string{"name", "baseprice"}, search: []string{"name"},
		},
		invoiceLike("Invoice"), invoiceLike("RecurringInvoice"),
		{
			name: "ClientContract", scope: "contracts", code: "Cx", basis: "recorded", key: "contracts",
			fields: fieldsOf(`id:int client_id client_name:string site_id:int ref:string start_date:date end_date started:bool expired active
			billingperiod:int billingdescription contract_status contracttype subtype contracttype_name:string note inactive:bool periodchargeamount:float`),
			filters: []string{"client_id", "site_id"}, sorts: []string{"ref", "start_date"}, search: []string{"ref"},
		},
		{
			name: "Asset", scope: "assets", code: "Dx", basis: "recorded", key: "assets", cap: 50, // wire-contract §2.5
			fields: fieldsOf(`id:int inventory_number:string key_field assettype_id:int assettype_name:string client_id:int client_name:string
			site_id:int site_name:string inactive:bool username:string key_field2 contract_id:int customfields:array`),
			filters: []string{"client_id", "site_id", "assettype_id"}, sorts: []string{"inventory_number"}, search: []string{"inventory_number", "key_field"},
		},
		{
			// type tells open from closed (clients §3); the numbers are the fake's own: 0 and 1.
			name: "Status", basis: "recorded", fields: fieldsOf(`id:int guid:string name shortname type:int sequence colour:string inactive:bool`),
			filters: []string{"type"}, sorts: []string{"name", "sequence"}, search: []string{"name"},
		},
		{
			// One row for each priority and SLA; by a ticket's number it is not found: halo-live §5.
			name: "Priority", basis: "recorded", guids: true, words: true,
			fields:  fieldsOf(`id:string priorityid:int slaid priorityorder name:string fixtime:int responsetime ishidden:bool colour:string`),
			filters: []string{"slaid", "priorityid"},
			sorts:   []string{"name"}, search: []string{"name"},
		},
		{
			name: "Lookup", basis: "recorded", parent: "lookupid", fields: fieldsOf(`id:int lookupid name:string value2 value3 sequence:int`),
			sorts: []string{"name"}, search: []string{"name"},
		},
		{
			name: "Webhook", scope: "admin:webhooks", basis: "documented", guids: true, words: true, // the scope is recorded: halo-api §5
			fields: fieldsOf(`id:string name url method:int content_type:string enabled:bool active event_type:int`), search: []string{"name"},
		},
		{
			name: "Team", basis: "recorded", rows: teamRows,
			fields: fieldsOf(`id:int guid:string name sequence:int forrequests:bool foropps forprojects ticket_count:int department_id
			department_name:string inactive:bool agents:array`),
		},
		{
			name: "TicketType", basis: "recorded", rows: typeRows,
			fields: fieldsOf(`id:int guid:string name use sequence:int group_id cancreate:bool agentscanselect enduserscanselect
			itilrequesttype:int default_team:string visible:bool inactive default_sla:int default_priority workflow_id`),
		},
		{
			name: "Workday", basis: "inferred", rows: workdayRows,
			fields: fieldsOf(`id:int guid:string name summary timezone start:date end alldayssame:bool incmonday inctuesday incwednesday
			incthursday incfriday incsaturday incsunday startmonday:date endmonday starttuesday endtuesday startwednesday endwednesday
			startthursday endthursday startfriday endfriday startsaturday endsaturday startsunday endsunday holidays:array breaks timeslots access_control_level:int`),
		},
		{
			name: "Agent", basis: "recorded", rows: agentRows, one: agentByID, partial: true,
			fields: fieldsOf(`id:int name:string email initials isdisabled:bool isapiagent is_agent is_admin team:string teams:array departments
			clients tickettypes roles role_list:string first_role_id firstname surname jobtitle guid guid_string use workday_timezone claims:array
			workday_id:int licence_type workday_name:string lastlogindate:date datecreated workhour_start workhour_end`),
		},
		{
			name: "Roles", admin: true, words: true, basis: "recorded", rows: roleRows, one: roleByID, partial: true,
			fields: fieldsOf(`id:string name normalizedName concurrencyStamp notes _warning id_int:int access_control_level is_integration:bool
			claims:array clients tickettypes teams departments sites assettypes access_control`),
		},
		{
			name: "Application", admin: true, words: true, basis: "recorded", rows: applicationRows, one: applicationByID, partial: true,
			fields: append(applicationFields(), fieldsOf(`clientSecret:string type consentType permissions loginas_client_name loginas_supplier_name
			organisation_name language_name _warning`)...),
		},
		{
			name: "InstanceInfo", basis: "recorded", one: func(v tokenView, _ string) record { return v.info() }, partial: true,
			fields: fieldsOf(`agent_count:int licensed_agent_count online_agent_count teams_chat_profile dbid:string app_version database_version
			nhserver_version app_name agent_url portal_url auth_url tenant_id hosted_group automation_service_url chat_service_url
			incoming_service_url outgoing_service_url report_service_url schedule_service_url last_login:date last_task_run
			mobileapp_enabled:bool teamsbot_enabled using_event_service using_scheduling_service using_outgoing_service using_incoming_service`),
		},
		{
			name: "Control", admin: true, basis: "documented", one: func(v tokenView, _ string) record { return v.control() }, partial: true,
			fields: fieldsOf(`appname:string app_version app_version_nopatch database_version tenant_id tenantalias hosted_group usesemanticversioning:bool
			isversionreleased`),
		},
	}, moreResources()...))
})

// ticketFields are those of a ticket, an opportunity and a project.
func ticketFields() []field {
	return fieldsOf(`id:int summary:string details client_id:int client_name:string site_id:int site_name:string user_id:int user_name:string
	status_id:int tickettype_id priority_id agent_id team_id team:string sla_id:int impact urgency category_1:string
	category_2 category_3 category_4 source dateoccurred:date targetdate fixbydate respondbydate deadlinedate lastactiondate last_update dateclosed hasbeenclosed:bool inactive
	onhold read use:string reportedby tags:array customfields estimate:float timetaken attachment_count:int parent_id contract_id workflow_id userdef1:string details_html`)
}

// invoiceLike is an invoice or a recurring one; both answer under the same key (halo-api §9).
func invoiceLike(name string) resource {
	return resource{
		name: name, scope: "invoices", code: "Xx", basis: "recorded", key: "invoices",
		fields: fieldsOf(`id:int client_id client_name:string site_id:int invoicenumber:string thirdpartyinvoicenumber posted:bool
			invoice_date:date dateposted disabled:bool inactive total:float tax_total currency_code:int lines:array contract_id:int`),
		filters: []string{"client_id", "contract_id"}, sorts: []string{"invoicenumber", "invoice_date", "total"}, search: []string{"invoicenumber"},
	}
}

// prepare fills in what follows from the rest.
func prepare(list []resource) (out []*resource) {
	for n := range list {
		r := &list[n]
		out = append(out, r)
		r.path = strings.ToLower(r.name)
		r.learnParameters()
		if !r.kept() {
			continue
		}
		r.columnAt = map[string]int{}
		hidden := []string{"inactive", "client_name", "team", "agent_id", "hasbeenclosed", "name"} // visibility rests on them
		for _, name := range slices.Concat([]string{"id"}, r.filters, r.sorts, hidden) {
			if !slices.Contains(r.columns, name) && slices.ContainsFunc(r.fields, func(f field) bool { return f.name == name }) {
				r.columnAt[name] = len(r.columns)
				r.columns = append(r.columns, name)
			}
		}
	}
	return out
}

// resourceAt finds the resource of a path; nil where none is served.
func resourceAt(path string) *resource {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/"), "/")
	for _, r := range resources() {
		if r.path == name {
			return r
		}
	}
	return nil
}
