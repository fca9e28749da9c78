package fakehalo

import (
	"net/http"
	"slices"
	"strings"
)

// allowsOrigin tells whether pages of an origin may ask the API: the application's cors_whitelist names it (clients §3).
func (i *instance) allowsOrigin(origin string) bool {
	list := strings.FieldsFunc(i.app.origins, func(r rune) bool { return r == ',' || r == ' ' })
	return slices.Contains(list, "*") || slices.ContainsFunc(list, func(known string) bool {
		return strings.EqualFold(strings.TrimRight(known, "/"), origin)
	})
}

// preflight answers what a browser asks before a request of a page's, without a token. Where the origin is not allowed it
// is 204 as well, as ASP.NET Core has it: the header that allows it is what lacks.
func (i *instance) preflight(r *http.Request) *reply {
	out := &reply{status: http.StatusNoContent, header: http.Header{}}
	if i.allowsOrigin(r.Header.Get("Origin")) {
		out.header.Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
		if names := r.Header.Get("Access-Control-Request-Headers"); names != "" {
			out.header.Set("Access-Control-Allow-Headers", names)
		}
	}
	return out
}
