package fakehalo

import "sync"

// moreSeeds are the records of moreResources that every instance has. They refer to each other as a client follows them:
// a ticket type's SLA and workflow, the SLA's priorities, the workflow's actions, which are outcomes (clients §2).
var moreSeeds = sync.OnceValue(func() map[string][]record {
	return map[string][]record{
		"Quotation":     {{"id": 61, "client_id": 1, "client_name": "Acme Ltd", "title": "Three laptops", "date": "2026-05-04T00:00:00", "agent_id": adminAgent}},
		"Opportunities": {ticketOf(3001, "Firewall renewal", "Service Desk", adminAgent, 1)},
		"Projects":      {ticketOf(4001, "Office move", "Projects", apiAgent, 2)},
		"KBArticle": {
			{"id": 81, "name": "Reset a password", "description": "For a user who is locked out.", "resolution": "Use the self-service page.", "date_created": "2026-02-03T09:00:00"},
			{"id": 82, "name": "Add a printer", "description": "For a new workstation.", "resolution": "Ask for its name.", "date_created": "2026-03-04T09:00:00"},
		},
		"Supplier": {{"id": 5, "name": "Hardware Direct", "email_address": "orders@supplier.example"}},
		"Appointment": {
			{"id": 91, "agent_id": apiAgent, "agent_name": "MSPCentric", "ticket_id": 2003, "client_id": 3, "client_name": "Initech", "subject": "Replace the backup disk",
				"start_date": "2026-05-14T09:00:00", "end_date": "2026-05-14T10:00:00"},
		},
		"Report": {
			{"id": 7, "name": "Open tickets", "description": "All that is open.", "sql": "SELECT Faultid, Symptom FROM faults", "report": record{"rows": []any{
				record{"Faultid": 2001, "Symptom": "Printer on fire"}, record{"Faultid": 2002, "Symptom": "New starter"},
			}}},
		},
		"Attachment": {
			{"id": 31, "ticket_id": 2001, "filename": "smoke.txt", "filesize": 6, "data_base64": "c21va2UK", "datecreated": "2026-05-13T18:06:00"},
		},
		"SLA": {
			{"id": 1, "guid": guid(1), "name": "Standard", "priorities": []any{record{"id": guid(1)}, record{"id": guid(2)}, record{"id": guid(3)}}},
			{"id": 2, "guid": guid(2), "name": "Premium", "priorities": []any{record{"id": guid(4)}, record{"id": guid(5)}, record{"id": guid(6)}}},
		},
		"Workflow": {{"id": 1, "guid": guid(1), "name": "Default", "active": true, "steps": []any{
			record{"id": 1, "name": "Open", "actions": []any{record{"action_id": 7}, record{"action_id": 8}}},
			record{"id": 2, "name": "Close", "actions": []any{record{"action_id": 9}}},
		}}},
		"Outcome": { // 7 is the built-in internal note: clients §2
			{"id": 7, "buttonname": "Internal Note", "outcome": "Internal Note"}, {"id": 8, "buttonname": "Email User", "outcome": "Email Sent"},
			{"id": 9, "buttonname": "Close", "outcome": "Closed"},
		},
		"AzureADConnection": {{"id": 1, "name": "Microsoft 365", "type": 2, "authorized": true, "tenants": []any{record{"tenant_id": guid(1), "tenant_name": "Acme Ltd", "client_id": 1}}}},
		"Category": {
			{"id": 1, "guid": guid(1), "type_id": 1, "value": "Hardware>Printer", "category_name": "Printer"},
			{"id": 2, "guid": guid(2), "type_id": 1, "value": "Software>Licence", "category_name": "Licence"},
			{"id": 3, "guid": guid(3), "type_id": 2, "value": "Request", "category_name": "Request"},
		},
		"AssetType": {{"id": 1, "guid": guid(1), "name": "Workstation", "assetgroup_id": 1, "assetgroup_name": "Computers"}},
		"Currency":  {{"id": 1, "name": "Pound sterling", "code": "GBP"}, {"id": 2, "name": "US dollar", "code": "USD"}},
		"FieldInfo": {{"id": 101, "name": "CFserial", "label": "Serial number"}},
	}
})
