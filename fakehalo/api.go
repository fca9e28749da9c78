package fakehalo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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
	rows  func(v view) []record
	key   string                         // the envelope's key; empty: a bare array
	one   func(v view, id string) record // nil: the row with that id
}

// view is the instance as the holder of a token sees it.
type view struct {
	*instance
	token token
	query url.Values
}

// record is one object of the API.
type record = map[string]any

var resources = []resource{
	{path: "client", scope: "read:customers", code: "Ux", key: "clients", rows: clientRows},
	{path: "tickets", scope: "read:tickets", code: "Tx", key: "tickets", rows: ticketRows},
	{path: "item", scope: "read:items", code: "Ix", key: "items", rows: itemRows},
	{path: "invoice", scope: "read:invoices", code: "Xx", key: "invoices", rows: invoiceRows},
	{path: "clientcontract", scope: "read:contracts", code: "Cx", key: "contracts", rows: contractRows},
	{path: "team", rows: teamRows},
	{path: "tickettype", rows: typeRows},
	{path: "workday", rows: seeded(workdayNames)},
	{path: "agent", rows: agentRows, one: oneAgent},
	{path: "roles", admin: true, rows: roleRows, one: oneRole},
	{path: "application", admin: true, rows: applicationRows},
	{path: "instanceinfo", one: func(v view, _ string) record { return v.info() }},
	{path: "control", admin: true, one: func(v view, _ string) record { return v.control() }},
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
	if res.path != "instanceinfo" || i.dialect["instanceinfo"] != "anonymous" {
		if !ok {
			return i.refuse(http.StatusUnauthorized)
		}
		if no := i.forbids(t, res); no != nil {
			return no
		}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return jsonReply(http.StatusMethodNotAllowed, record{"ClassName": "System.Exception", "Message": "This fake only reads."})
	}
	v := view{i, t, r.URL.Query()}
	_, id, _ := strings.Cut(strings.TrimPrefix(c.path, "/api/"), "/")
	switch {
	case id == "" && res.rows != nil:
		return v.list(res)
	case res.path == "agent" && id == "me" && i.app.noAgent && !t.admin:
		return jsonReply(http.StatusOK, record{})
	}
	one := v.pick(res, id)
	if one == nil {
		return jsonReply(http.StatusNotFound, record{"ClassName": "System.Exception", "Message": "Not found"})
	}
	return jsonReply(http.StatusOK, one)
}

// pick is one object by its id; nil where there is none that this token may see.
func (v view) pick(res *resource, id string) record {
	if res.one != nil {
		return res.one(v, id)
	}
	for _, row := range res.rows(v) {
		if fmt.Sprint(row["id"]) == id {
			return row
		}
	}
	return nil
}

// forbids tells why a token is not enough; nil where it is.
func (i *instance) forbids(t token, res *resource) *reply {
	status, _ := strconv.Atoi(i.dialect["missing-scope-status"])
	switch {
	case i.app.loginType != "agent" && !t.admin:
		return i.refuse(http.StatusForbidden)
	case len(t.scopes) == 0:
		return i.refuse(status)
	case res.admin && !t.admin:
		return i.refuse(http.StatusForbidden)
	case res.scope != "" && !allows(t.scopes, res.scope):
		return i.refuse(status)
	case res.code != "" && !t.admin && i.role.levels[res.code] == 0 && i.dialect["no-access"] == "403":
		return i.refuse(http.StatusForbidden)
	}
	return nil
}

// allows tells whether the scopes hold one; edit: implies read:, and all and admin imply both (halo-api §5). What admin
// adds is not known; the fake's own second application is granted both.
func allows(scopes []string, scope string) bool {
	return slices.Contains(scopes, scope) || slices.Contains(scopes, "all") || slices.Contains(scopes, "admin") ||
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
	r := jsonReply(status, record{"Message": "Authorization has been denied for this request."})
	r.header = header
	return r
}

// defaultPage is how many rows come where nobody asked for a number: wire-contract §2.5.
const defaultPage = 50

// list answers with rows: a bare array, or an envelope. Paging is on only with pageinate=true; without it record_count is
// the number of rows that came, with it their total (wire-contract §2.5).
func (v view) list(res *resource) *reply {
	rows := v.found(res)
	if res.path == "agent" && v.dialect["agent-list"] == "enveloped" {
		return jsonReply(http.StatusOK, record{"results": rows})
	}
	if res.key == "" {
		return jsonReply(http.StatusOK, rows)
	}
	head := ""
	total := len(rows)
	if strings.EqualFold(v.query.Get("pageinate"), "true") {
		page, size := v.number("page_no", 1), v.number("page_size", defaultPage)
		from := total
		if page-1 <= total/size {
			from = min((page-1)*size, total)
		}
		rows = rows[from:min(from+min(size, total), total)]
		head = fmt.Sprintf(`"page_no":%d,"page_size":%d,`, page, size)
	} else {
		rows = rows[:min(v.number("count", defaultPage), total)]
		total = len(rows)
	}
	tail := ""
	if res.path == "tickets" {
		tail = `,"include_children":false`
	}
	// The order of the keys is part of the contract: some clients take the first array, others the second key.
	return &reply{
		status: http.StatusOK, kind: jsonKind,
		body: fmt.Sprintf(`{%s"record_count":%d,%q:%s%s}`, head, total, res.key, encode(rows), tail),
	}
}

// found are the rows that this token may see and that the search words are in.
func (v view) found(res *resource) []record {
	rows := []record{}
	step := v.role.levels[res.code]
	if res.code != "" && !v.token.admin && step == 0 {
		return rows
	}
	search := strings.ToLower(v.query.Get("search"))
	for _, row := range res.rows(v) {
		text := strings.ToLower(fmt.Sprint(row["name"], " ", row["summary"]))
		if !strings.Contains(text, search) {
			continue
		}
		if (res.code == "Ux" || res.code == "Ix") && !v.token.admin && step == 1 {
			row = record{"id": row["id"], "name": row["name"]} // names only: halo-api §6
		}
		rows = append(rows, row)
	}
	return rows
}

// number is a positive whole number of the query; anything else counts as not given.
func (v view) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(v.query.Get(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// jsonKind is the Content-Type of the API's answers.
const jsonKind = "application/json; charset=utf-8"

// jsonReply is an answer of the fake's own making.
func jsonReply(status int, body any) *reply {
	return &reply{status: status, kind: jsonKind, body: encode(body)}
}

func encode(body any) string {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // records of strings, numbers and booleans
	}
	return string(raw)
}
