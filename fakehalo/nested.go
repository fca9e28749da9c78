package fakehalo

// nestedFields are those of the rows within a record, by RESOURCE.FIELD, as the swagger names them (halo-api §6 to §8,
// wire-contract §2.10). Rows that came with a role carry its id and name.
var nestedFields = map[string][]field{
	"Agent.teams": fieldsOf(`id:int agent_id team_id department_id agent_name:string team_guid team_name org_department_team_name role_id role_name
		namewithinactive is_manager:bool no_config_access unassigned_access otheragent_access fortickets foropps forprojects in_section`),
	"Agent.tickettypes": fieldsOf(`id:int agent_id tickettype_id agent_name:string tickettype_name role_id role_name _warning cancreate:bool canview canedit`),
	"Agent.clients":     fieldsOf(`id:int agent_id client_id agent_name:string client_name role_id role_name`),
	"Agent.departments": fieldsOf(`id:int agent_id department_id membershiplevel agent_name:string department_guid department_name role_id role_name
		includeteamsintree:bool`),
	"Agent.claims":                 fieldsOf(`type:string value`),
	"Roles.claims":                 fieldsOf(`type:string value`),
	"Application.scopes":           fieldsOf(`id:int application_id:string name`),
	"Client.customer_relationship": fieldsOf(`id:string name`),
	"Tickets.tags":                 fieldsOf(`text:string`), // what an id is made of, no source tells,
}

// schemaWithin is a field's type in a resource, with that of its rows where it is known.
func (r *resource) schemaWithin(f field) record {
	out := f.kind.schema()
	if rows := nestedFields[r.name+"."+f.name]; rows != nil {
		properties := record{}
		for _, f := range rows {
			properties[f.name] = f.kind.schema()
		}
		out["items"] = objectOf(properties)
	}
	return out
}
