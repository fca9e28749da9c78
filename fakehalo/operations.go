package fakehalo

import (
	"net/http"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// fixedOperations are those that belong to no resource, by what the journal calls them.
var fixedOperations = map[string]string{
	"authinfo": "GET /api/authinfo", "token": "POST /auth/token", "token-empty": "POST /auth/token",
	"discovery": "GET /auth/.well-known/{document}", "swagger": "GET /api/swagger/v2/swagger.json",
}

// Operations lists what the fake implements: "GET /api/authinfo", "POST /api/Tickets", "GET /api/Tickets/{id}" and so on.
func Operations() []string {
	out := []string{"GET /api/authinfo", "GET /api/swagger/v2/swagger.json", "POST /auth/token", "GET /auth/.well-known/{document}"}
	for _, r := range resources() {
		out = append(out, r.operations()...)
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

// methods are those that the resource, or one of its records, answers to.
func (r *resource) methods(one bool) []string {
	var out []string
	for _, name := range r.operations() {
		if method, path, _ := strings.Cut(name, " "); strings.HasSuffix(path, "/{id}") == one {
			out = append(out, method)
		}
	}
	return out
}

// operationName is what Operations calls a request; empty where it calls it nothing.
func operationName(c requestContext, method string) string {
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

// longestNear bounds the paths that are compared with what is served.
const longestNear = 100

// near is the operation that a request which matches none was probably meant to be: one of a mistyped path, of a path
// without /api, or of another method. It is empty where the request matches one, or is like none.
func near(c requestContext, method string) string {
	switch name := operationName(c, method); {
	case len(c.path) > longestNear, c.operation != "app" && slices.Contains(Operations(), name):
		return ""
	case strings.HasSuffix(c.path, "/token"):
		return "POST /auth/token"
	}
	asked := strings.TrimPrefix(c.path, "/api")
	if method == http.MethodPut || method == http.MethodPatch { // HaloPSA changes records by POST, with the id in the body
		method = http.MethodPost
		if at := strings.LastIndexByte(asked, '/'); at > 0 {
			asked = asked[:at]
		}
	}
	resource, id, one := strings.Cut(strings.TrimPrefix(asked, "/"), "/")
	best, least := "", len(resource)/2+1
	for _, name := range Operations() {
		theirs, path, _ := strings.Cut(name, " ")
		path, isOne := strings.CutSuffix(strings.ToLower(strings.TrimPrefix(path, "/api/")), "/{id}")
		if isOne != (one && !strings.Contains(id, "/")) {
			continue
		}
		away := 2 * levenshtein.ComputeDistance(resource, path)
		if theirs != method {
			away++
		}
		if away < least {
			best, least = name, away
		}
	}
	return best
}
