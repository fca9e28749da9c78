package fakehalo

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// resource is one part of the API: who may ask for it, and what it answers.
type resource struct {
	path  string // below /api/, lower case
	scope string // needed in the token; empty: any token will do
	code  string // the access level that the agent needs at least one step of; empty: none
	admin bool   // administrators only
	rows  func(i *instance) []map[string]any
	key   string // the envelope's key; empty: a bare array
	one   func(i *instance, id string) map[string]any
}

var resources = []resource{
	{path: "client", scope: "read:customers", code: "Ux", key: "clients", rows: seeded("Acme Ltd", "Globex", "Initech")},
	{path: "tickets", scope: "read:tickets", code: "Tx", key: "tickets", rows: seededTickets},
	{path: "item", scope: "read:items", code: "Ix", key: "items", rows: seeded("Managed Workstation", "Managed Server")},
	{path: "invoice", scope: "read:invoices", code: "Xx", key: "invoices", rows: seededInvoices},
	{path: "clientcontract", scope: "read:contracts", code: "Cx", key: "contracts", rows: seededContracts},
	{path: "team", rows: visibleTeams},
	{path: "tickettype", rows: seeded("Incident", "Service Request", "Alert")},
	{path: "workday", rows: seeded("Default Working Hours", "Night Shift")},
	{path: "agent", rows: agentRows, one: func(i *instance, _ string) map[string]any { return i.agentRecord() }},
	{path: "roles", admin: true, rows: roleRows, one: func(i *instance, _ string) map[string]any { return i.roleRecord() }},
	{path: "application", admin: true, rows: applicationRows, one: func(i *instance, _ string) map[string]any { return i.applicationRecord() }},
	{path: "instanceinfo", one: func(i *instance, _ string) map[string]any { return i.info() }},
	{path: "control", admin: true, one: func(i *instance, _ string) map[string]any { return i.info() }},
}

// resourceAt finds the resource of a path; nil where none is served.
func resourceAt(path string) *resource {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/"), "/")
	for n := range resources {
		if resources[n].path == name {
			return &resources[n]
		}
	}
	return nil
}

// api answers for a resource once the token, the scope, the login type and the agent's level allow it.
func (s *Server) api(c call, r *http.Request) *reply {
	i := s.live()
	res := resourceAt(c.path)
	t, ok := s.bearer(r)
	if !ok && (res.path != "instanceinfo" || i.dialect["instanceinfo"] != "anonymous") {
		return i.refuse(http.StatusUnauthorized)
	}
	if ok {
		if no := i.forbids(t, res); no != nil {
			return no
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return jsonReply(http.StatusMethodNotAllowed, map[string]any{"ClassName": "System.Exception", "Message": "This fake only reads."})
	}
	_, id, _ := strings.Cut(strings.TrimPrefix(c.path, "/api/"), "/")
	switch {
	case res.path == "agent" && id == "me" && (t.admin || i.app.noAgent):
		return jsonReply(http.StatusOK, map[string]any{})
	case id != "" && res.one == nil, id == "" && res.rows == nil && res.one == nil:
		return jsonReply(http.StatusNotFound, map[string]any{"ClassName": "System.Exception", "Message": "Not found"})
	case id != "" || res.rows == nil:
		return jsonReply(http.StatusOK, res.one(i, id))
	}
	return s.list(res, r)
}

// forbids tells why a token is not enough; nil where it is.
func (i *instance) forbids(t token, res *resource) *reply {
	status, _ := strconv.Atoi(i.dialect["missing-scope-status"])
	switch {
	case t.admin:
		return nil
	case i.app.loginType != "agent":
		return i.refuse(http.StatusForbidden)
	case len(t.scopes) == 0:
		return i.refuse(status)
	case res.admin:
		return i.refuse(http.StatusForbidden)
	case res.scope != "" && !allows(t.scopes, res.scope):
		return i.refuse(status)
	case res.code != "" && i.role.levels[res.code] == 0:
		return i.refuse(http.StatusForbidden)
	}
	return nil
}

// allows tells whether the scopes hold one; edit: implies read:, and all implies both (halo-api §5).
func allows(scopes []string, scope string) bool {
	return slices.Contains(scopes, scope) || slices.Contains(scopes, "all") ||
		slices.Contains(scopes, strings.Replace(scope, "read:", "edit:", 1))
}

// refuse is a 401 or 403 of the API, whose body is a switch.
func (i *instance) refuse(status int) *reply {
	header := http.Header{}
	if status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if i.dialect["unauthorised-body"] == "empty" {
		return &reply{status: status, header: header}
	}
	r := jsonReply(status, map[string]any{"Message": "Authorization has been denied for this request."})
	r.header = header
	return r
}

// list answers with rows: a bare array, or an envelope with its total; paged only where pageinate=true (halo-api §9).
func (s *Server) list(res *resource, r *http.Request) *reply {
	rows := res.rows(s.live())
	if res.path == "agent" && s.live().dialect["agent-list"] == "enveloped" {
		return jsonReply(http.StatusOK, map[string]any{"results": rows})
	}
	if res.key == "" {
		return jsonReply(http.StatusOK, rows)
	}
	total := len(rows)
	query := r.URL.Query()
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil && n > 0 {
			return n
		}
		return otherwise
	}
	body := map[string]any{"record_count": total}
	if strings.EqualFold(query.Get("pageinate"), "true") {
		page, size := number("page_no", 1), number("page_size", 50)
		from := min((page-1)*size, total)
		rows = rows[from:min(from+size, total)]
		body["page_no"], body["page_size"] = page, size
	} else {
		rows = rows[:min(number("count", total), total)]
	}
	body[res.key] = rows
	return jsonReply(http.StatusOK, body)
}

// jsonReply marshals an answer of the fake's own making.
func jsonReply(status int, body any) *reply {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // maps of strings, numbers and booleans
	}
	return &reply{status: status, kind: "application/json; charset=utf-8", body: string(raw)}
}
