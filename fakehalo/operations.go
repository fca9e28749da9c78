package fakehalo

import (
	"net/http"
	"strings"
)

// fixedOperations are those that belong to no resource, by what the journal calls them.
var fixedOperations = map[string]string{
	"authinfo": "GET /api/authinfo", "token": "POST /auth/token", "token-empty": "POST /auth/token",
	"discovery": "GET /auth/.well-known/{document}", "swagger": "GET /api/swagger/v2/swagger.json",
}

// Operations lists what the fake implements: "GET /api/authinfo", "POST /api/Tickets", "GET /api/Tickets/{id}" and so on.
func Operations() []string {
	out := []string{"GET /api/authinfo", "GET /api/swagger/v2/swagger.json", "POST /auth/token", "GET /auth/.well-known/{document}"}
	for n := range resources {
		out = append(out, resources[n].operations()...)
	}
	return out
}

// operations are those of one resource.
func (r *resource) operations() []string {
	base := "/api/" + r.name
	var out []string
	if r.kept() || r.rows != nil {
		out = append(out, "GET "+base, "GET "+base+"/{id}")
	} else {
		out = append(out, "GET "+base)
	}
	if r.kept() {
		out = append(out, "POST "+base, "DELETE "+base+"/{id}")
	}
	return out
}

// operationName is what Operations calls a request; empty where it calls it nothing.
func operationName(c call, method string) string {
	if name := fixedOperations[c.operation]; name != "" || c.operation != "api" {
		return name
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	name := method + " /api/" + resourceAt(c.path).name
	if _, id, _ := strings.Cut(strings.TrimPrefix(c.path, "/api/"), "/"); id != "" {
		name += "/{id}"
	}
	return name
}
