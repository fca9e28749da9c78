package fakehalo

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// description is what the fake serves at /api/swagger/v2/swagger.json: an OpenAPI 3.0 document made from the route table.
// Each operation says in x-basis whether its shape is recorded, documented or inferred.
var description = sync.OnceValue(func() string {
	paths := record{
		"/api/authinfo": record{"get": operation("recorded", "Where to log in.", "200", objectOf(record{
			"auth_url": typed("string"), "tenant_id": typed("string"),
		}), false)},
		"/api/swagger/v2/swagger.json": record{"get": operation("documented", "This document.", "200", typed("object"), false)},
		"/auth/token":                  record{"post": tokenOperation()},
		"/auth/.well-known/{document}": record{"get": operation("inferred", "openid-configuration or jwks.", "200", typed("object"), false), "parameters": []record{inPath("document")}},
	}
	schemas := record{"Error": objectOf(record{"ClassName": typed("string"), "Message": typed("string")})}
	for _, r := range resources() {
		describe(r, paths, schemas)
	}
	return encode(record{
		"openapi": "3.0.3", "paths": paths, "components": record{
			"schemas":         schemas,
			"securitySchemes": record{"bearer": record{"type": "http", "scheme": "bearer"}},
		},
		"info": record{"title": "A fake HaloPSA", "version": "v2", "description": "What this fake implements; it is not HaloPSA's own description."},
	})
})

// describe adds a resource's operations and its schema.
func describe(r *resource, paths, schemas record) {
	schemas[r.name] = r.schema()
	one := record{"$ref": "#/components/schemas/" + r.name}
	many := record{"type": "array", "items": one}
	if r.key != "" {
		many = objectOf(record{
			"record_count": typed("integer"), "page_no": typed("integer"), "page_size": typed("integer"),
			"include_children": typed("boolean"), r.key: record{"type": "array", "items": one},
		})
		many["required"] = []string{"record_count", r.key}
	}
	if r.name == "Agent" { // a switch decides
		many = record{"oneOf": []record{many, typed("object")}}
	}
	for _, name := range r.operations() {
		method, path, _ := strings.Cut(name, " ")
		answer, status, says := one, "200", "One "+r.name+"."
		switch {
		case method == "POST":
			answer, status, says = record{"oneOf": []record{one, {"type": "array", "items": one}}}, "201", "Creates, or with an id changes, each object of an array."
		case method == "DELETE":
			says = "Deletes one and answers with it."
		case path == "/api/"+r.name && (r.kept() || r.rows != nil):
			answer, says = many, "The records that the token's agent may see."
		}
		entry, ok := paths[path].(record)
		if !ok {
			entry = record{}
			paths[path] = entry
		}
		if strings.HasSuffix(path, "{id}") {
			entry["parameters"] = []record{inPath("id")}
		}
		op := operation(r.basis, says, status, answer, true)
		if r.name == "Attachment" && method == "GET" && strings.HasSuffix(path, "{id}") {
			op["responses"].(record)[status] = record{"description": "The file.", "content": record{"application/octet-stream": record{"schema": record{"type": "string", "format": "binary"}}}}
		}
		switch {
		case method == "POST":
			op["requestBody"] = record{"required": true, "content": record{"application/json": record{"schema": record{"type": "array", "items": one}}}}
			op["parameters"] = []record{inQuery("returnall", "boolean")}
		case path == "/api/"+r.name && r.kept():
			op["parameters"] = r.parameters()
		}
		entry[strings.ToLower(method)] = op
	}
}

// parameters are those of a list's query.
func (r *resource) parameters() []record {
	out := []record{inQuery("count", "integer"), inQuery("search", "string"), inQuery("order", "string"), inQuery("orderdesc", "boolean")}
	if r.key != "" {
		out = append(out, inQuery("pageinate", "boolean"), inQuery("page_no", "integer"), inQuery("page_size", "integer"))
	}
	if r.column("inactive") >= 0 {
		out = append(out, inQuery("includeactive", "boolean"), inQuery("includeinactive", "boolean"))
	}
	if r.name == "Tickets" {
		out = append(out, inQuery("open_only", "boolean"), inQuery("closed_only", "boolean"), inQuery("includeagent", "boolean"))
	}
	for _, name := range r.filters {
		out = append(out, inQuery(name, "string")) // one id, or several with commas between them
	}
	if r.parent != "" {
		out = append(out, inQuery(r.parent, "integer"))
	}
	if slices.ContainsFunc(r.fields, func(f field) bool { return f.kind == date && r.column(f.name) >= 0 }) {
		out = append(out, inQuery("datesearch", "string"), inQuery("startdate", "string"), inQuery("enddate", "string"))
	}
	return out
}

// schema is a record's; further fields may come, and a list may hold no more than id and name.
func (r *resource) schema() record {
	properties := record{}
	for _, f := range r.fields {
		properties[f.name] = r.schemaWithin(f)
	}
	out := objectOf(properties)
	switch {
	case r.name == "Agent": // a switch decides how no default team is written, and there may be no agent at all
		properties["team"] = record{"type": "string", "nullable": true}
	case properties["id"] != nil:
		out["required"] = []string{"id"}
	}
	return out
}

// schema is a field's type.
func (k kind) schema() record {
	switch k {
	case integer:
		return record{"type": "integer", "format": "int32"}
	case floating:
		return typed("number")
	case boolean:
		return typed("boolean")
	case date:
		return record{"type": "string", "pattern": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$`}
	case array:
		return record{"type": "array", "items": record{}}
	case object:
		return record{"type": "object", "nullable": true}
	}
	return typed("string")
}

// operation describes one that answers JSON, or one of the API's errors.
func operation(basis, says, status string, answer record, secured bool) record {
	problem := record{"description": "An error.", "content": record{
		"application/json": record{"schema": record{}}, "text/plain": record{"schema": typed("string")}, "text/html": record{"schema": typed("string")},
	}}
	out := record{"x-basis": basis, "summary": says, "responses": record{
		status:    record{"description": says, "content": record{"application/json": record{"schema": answer}}},
		"default": problem,
	}}
	for status := range refusals {
		out["responses"].(record)[strconv.Itoa(status)] = record{"description": "No body, unless a switch gives it one."}
	}
	if secured {
		out["security"] = []record{{"bearer": []string{}}}
	}
	return out
}

func tokenOperation() record {
	answer := objectOf(record{
		"access_token": typed("string"), "token_type": typed("string"), "expires_in": typed("integer"), "scope": typed("string"),
		"refresh_token": typed("string"), "id_token": typed("string"),
	})
	answer["required"] = []string{"access_token", "token_type", "expires_in"}
	out := operation("documented", "A token for client credentials or a refresh token.", "200", answer, false)
	out["requestBody"] = record{"required": true, "content": record{"application/x-www-form-urlencoded": record{"schema": typed("object")}}}
	return out
}

func typed(name string) record { return record{"type": name} }

func objectOf(properties record) record { return record{"type": "object", "properties": properties} }

func inPath(name string) record {
	return record{"name": name, "in": "path", "required": true, "schema": typed("string")}
}

func inQuery(name, kind string) record {
	return record{"name": name, "in": "query", "schema": typed(kind)}
}
