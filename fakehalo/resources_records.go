package fakehalo

// moreResources are those that fewer clients ask for (clients §4). The keys of the lists, and the fields that are named, were
// seen in a sweep of a live instance (halo-live, "HCLI": sweep_results.json) where basis says recorded; their types follow
// the swagger where it is known and otherwise their use.
func moreResources() []resource {
	return []resource{
		{
			name: "Quotation", scope: "quotes", code: "Qx", basis: "recorded", key: "quotes",
			fields: fieldsOf(`id:int client_id site_id user_id ticket_id agent_id approvalstate currency_code client_name:string title note status
				contactuser assigned_agent address1 date:date approvaldatetime cost:float currency_conversion_rate lines:array inactive:bool`),
			filters: []string{"client_id", "site_id", "ticket_id"}, sorts: []string{"title", "date"}, search: []string{"title", "client_name"},
		},
		ticketLike("Opportunities", "sales", "Ox"), ticketLike("Projects", "projects", "Px"),
		{
			name: "KBArticle", scope: "kb", code: "Bx", basis: "documented", key: "articles", // the key: HaloAPI, Get-HaloKBArticle
			fields: fieldsOf(`id:int name:string description resolution notes date_created:date date_edited inactive:bool`),
			sorts:  []string{"name", "date_created"}, search: []string{"name", "description"},
		},
		{
			name: "Supplier", scope: "suppliers", code: "Sx", basis: "recorded", key: "suppliers",
			fields: fieldsOf(`id:int toplevel_id emailtemplate_id messagegroup_id name:string contact_name email_address phone_number mobile
				support_email_address toplevel_name use website inactive:bool`),
			filters: []string{"toplevel_id"}, sorts: []string{"name"}, search: []string{"name", "email_address"},
		},
		{
			name: "Appointment", scope: "calendar", code: "Ax", basis: "recorded", key: "appointments",
			fields: fieldsOf(`id:int agent_id ticket_id client_id calendar_id complete_status shift_type_id subject:string agent_name client_name
				appointment_location appointment_type_name colour note start_date:date end_date last_modified allday:bool is_task is_private attendees:array`),
			filters: []string{"agent_id", "ticket_id", "client_id"}, sorts: []string{"start_date", "end_date"}, search: []string{"subject"},
		},
		{
			name: "Report", scope: "reporting", code: "Rx", basis: "recorded", key: "reports", detail: []string{"sql", "report"},
			fields: fieldsOf(`id:int type datasource_id group_id systemreportid name:string description group_name mainentity sql report:object
				canbeaccessedbyallusers:bool restrictaccess`),
			filters: []string{"type", "group_id"}, sorts: []string{"name"}, search: []string{"name"},
		},
		{
			name: "Attachment", scope: "tickets", code: "Tx", basis: "recorded", key: "attachments", detail: []string{"data_base64"},
			fields:  fieldsOf(`id:int ticket_id action_id type filesize filename:string note data_base64 datecreated:date isimage:bool`),
			filters: []string{"ticket_id", "action_id", "type"}, sorts: []string{"filename", "datecreated"}, search: []string{"filename"},
		},
		{
			name: "Timesheet", scope: "timesheets", code: "Hx", basis: "recorded", rows: timesheetRows, // every row has id 0: wire-contract §2.10
			fields: fieldsOf(`id:int agent_id timesheet_manager workdayid agent_name:string colour date:date actual_hours:float allowed_break_hours
				chargeable_hours forecasting_hours target_hours unlogged_hours work_hours enableshifts:bool`),
		},
		{
			name: "SLA", basis: "recorded", fields: fieldsOf(`id:int guid:string name priorities:array`), sorts: []string{"name"}, search: []string{"name"},
		},
		{
			name: "Workflow", basis: "recorded", fields: fieldsOf(`id:int guid:string name active:bool notinuse steps:array`), detail: []string{"steps"},
			sorts: []string{"name"}, search: []string{"name"},
		},
		{
			name: "Outcome", basis: "recorded", fields: fieldsOf(`id:int actionvisibility buttonname:string outcome colour`),
			sorts: []string{"buttonname"}, search: []string{"buttonname"},
		},
		{
			name: "AzureADConnection", basis: "recorded", detail: []string{"tenants"},
			fields:  fieldsOf(`id:int type name:string applicationid directoryid domain authority authorized:bool accountenabled tenants:array`),
			filters: []string{"type"}, search: []string{"name"},
		},
		{
			name: "Category", basis: "recorded", fields: fieldsOf(`id:int type_id category_group_id priority_id sla_id guid:string value category_name chargerate:float`),
			filters: []string{"type_id"}, sorts: []string{"value"}, search: []string{"value"},
		},
		{
			name: "AssetType", basis: "recorded", fields: fieldsOf(`id:int assetgroup_id keyfield_id keyfield2_id keyfield3_id guid:string name assetgroup_name
				keyfield_name use fields:array`),
			filters: []string{"assetgroup_id"}, sorts: []string{"name"}, search: []string{"name"},
		},
		{
			// That the list is a bare array is recorded (halo-live §5); no public source names its fields.
			name: "Currency", basis: "inferred", fields: fieldsOf(`id:int name:string code`), sorts: []string{"name"}, search: []string{"name", "code"},
		},
		{
			// "Small object" is all that is recorded of the answer (halo-live §5); the field is called as in InstanceInfo.
			name: "Tenant", admin: true, basis: "inferred", partial: true, fields: fieldsOf(`tenant_id:string`),
			one: func(v tokenView, _ string) record { return record{"tenant_id": v.tenant} },
		},
		{
			name: "FieldInfo", basis: "inferred", fields: fieldsOf(`id:int usage type name:string label`),
			filters: []string{"usage", "type"}, sorts: []string{"name"}, search: []string{"name", "label"},
		},
	}
}

// ticketLike are an opportunity or a project, which are tickets under a level of their own (halo-api §9).
func ticketLike(name, scope, code string) resource {
	return resource{
		name: name, scope: scope, code: code, basis: "recorded", key: "tickets",
		fields:  ticketFields(),
		filters: []string{"client_id", "site_id", "user_id", "status_id", "tickettype_id", "agent_id", "team_id"},
		sorts:   []string{"summary", "client_name", "dateoccurred"}, search: []string{"summary"},
	}
}

// timesheetRows are the integration's agent's day.
func timesheetRows(v tokenView) []record {
	return []record{{
		"id": 0, "agent_id": apiAgent, "agent_name": v.agent.name, "workdayid": 1, "date": "2026-05-13T00:00:00",
		"target_hours": fraction(8), "work_hours": fraction(8), "actual_hours": fraction(6.5), "unlogged_hours": fraction(1.5),
	}}
}
