package independent_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// listKeys are the lists of HaloPSA: the key of their rows and the permission that opens them. halo-api §9, halo-live §5
var listKeys = map[string]struct{ key, scope, code string }{
	"client": {"clients", "customers", "Ux"}, "clientcontract": {"contracts", "contracts", "Cx"}, "item": {"items", "items", "Ix"},
	"invoice": {"invoices", "invoices", "Xx"}, "tickets": {"tickets", "tickets", "Tx"}, "asset": {"assets", "assets", "Dx"},
}

// api answers what is below /api.
func (s *server) api(req *http.Request, path string) answer {
	switch path {
	case "authinfo":
		return s.authInfo()
	case "instanceinfo":
		if s.form.InstanceInfo == "anonymous" {
			return s.data(s.instanceInfo())
		}
	}
	if req.Method != http.MethodGet {
		return answer{status: http.StatusMethodNotAllowed}
	}
	scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	s.mu.Lock()
	g, ok := s.tokens[token]
	s.mu.Unlock()
	if !ok || !strings.EqualFold(scheme, "Bearer") || s.now().After(g.expires) || len(g.scopes) == 0 {
		return s.refusal(http.StatusUnauthorized)
	}
	if !g.admin && (s.in.loginType != "Agent" || s.in.agentID == 0 && path != "agent/me") {
		return s.refusal(http.StatusForbidden)
	}
	head, id, one := strings.Cut(path, "/")
	if list, ok := listKeys[head]; ok && !one {
		return s.list(req, g, list.key, list.scope, list.code)
	}
	switch {
	case path == "instanceinfo" && s.form.InstanceInfo == "token":
		return s.data(s.instanceInfo())
	case path == "agent/me":
		return s.me(g)
	case head == "agent" && one:
		return s.agentByID(g, id)
	case head == "roles":
		return s.roles(g, id)
	case head == "application":
		return s.application(g, id)
	case path == "team":
		return s.teamList(req, g)
	case path == "control" && g.admin:
		return s.data(object{{"app_version", s.in.version}, {"tenant_id", s.textOrNil(s.in.tenant)}})
	case path == "control", path == "instanceinfo", head == "agent":
		return s.refusal(http.StatusForbidden)
	case path == "workday":
		return s.data([]any{object{{"id", 1}, {"name", "Default Working Hours"}}, object{{"id", 2}, {"name", "24 Hours"}}})
	}
	return s.refusal(http.StatusNotFound)
}

func (s *server) textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// authInfo is what clients read before any token. halo-api §3
func (s *server) authInfo() answer {
	url := s.authURL()
	switch s.form.AuthURL {
	case "slash":
		url += "/"
	case "upper":
		url = strings.Replace(url, "https://"+s.hostOfAuth(), "https://"+strings.ToUpper(s.hostOfAuth()), 1)
	case "case":
		url = strings.Replace(url, "/auth", "/Auth", 1)
	case "blanks":
		url = " " + url + " "
	case "port":
		url = strings.Replace(url, s.hostOfAuth(), s.hostOfAuth()+":443", 1)
	}
	if s.named != "" {
		url = s.named
	}
	o := object{{"auth_url", url}, {"tenant_id", s.textOrNil(s.in.tenant)}}
	switch s.form.AuthInfo {
	case "extra":
		o = append(object{{"authentication_method", 0}, {"sso", []any{}}}, append(o, field{"version", nil}, field{"hosted", s.in.hosted})...)
	case "no tenant":
		o = o[:1]
	case "no auth url":
		if o = o[1:]; o[0].value == nil {
			o[0].value = raw("null") // something has to be left that only HaloPSA says
		}
	case "null tenant":
		o[1].value = raw("null")
	case "empty tenant":
		o[1].value = ""
	}
	return s.data(o)
}

func (s *server) hostOfAuth() string {
	if s.form.Auth != "" {
		return s.form.Auth
	}
	return s.form.Resource
}

// version is the version as the form writes it; that of a fault as it is.
func (s *server) version() string {
	if s.in.version == "2.250.32" {
		return s.form.Version
	}
	return s.in.version
}

// instanceInfo is the body that was seen at 2.236.133. halo-live §2
func (s *server) instanceInfo() object {
	o := object{
		{"agent_count", 0}, {"agent_url", s.resource() + "/"}, {"app_name", "Halo PSA"}, {"app_version", s.version()}, {"auth_url", s.authURL()},
		{"database_version", "2250"}, {"dbid", "5d2a3c8e-5b7e-4a53-9f0e-0d6f3b1c9a11"}, {"last_login", "1900-01-01T00:00:00"}, {"licensed_agent_count", 0},
		{"mobileapp_enabled", true}, {"nhserver_version", "1364.01"}, {"online_agent_count", 0}, {"portal_url", s.resource() + "/portal"},
		{"schedule_service_url", s.resource() + "/api/$ENDPOINT"}, {"using_event_service", false},
	}
	if s.form.HostedGroup {
		o = append(o, field{"hosted_group", "US16-Stable8"})
	} else if !s.in.hosted && s.form.Nulls == "null" {
		o = append(o, field{"hosted_group", ""})
	}
	return append(o, field{"tenant_id", s.textOrNil(s.in.tenant)})
}

// opens tells whether a token's scopes open a list: read:X, edit:X, or one of the wide ones.
func (g grant) opens(resource string) bool {
	return slices.ContainsFunc(g.scopes, func(scope string) bool {
		scope = strings.ToLower(scope)
		return scope == "read:"+resource || scope == "edit:"+resource || scope == "all" || scope == "all:standard"
	})
}

// list is one of the paged lists.
func (s *server) list(req *http.Request, g grant, key, scope, code string) answer {
	if !g.opens(scope) {
		return s.refusal(s.form.MissingScope)
	}
	if level, _ := s.in.effective(code); level == 0 && !g.admin && !s.in.administrator {
		return s.refusal(http.StatusForbidden)
	}
	total := s.in.rows
	size, from := s.paging(req.URL.Query(), total)
	rows := []any{}
	for i := from; i < min(from+size, total); i++ {
		rows = append(rows, object{{"id", i + 12}, {"name", fmt.Sprintf("%s %d", key, i)}, {"inactive", false}, {"colour", nil}})
	}
	return s.data(s.envelope(req.URL.Query(), key, rows, total))
}

// paging is on with pageinate=true alone; page_size by itself is ignored. wire-contract §2.5
func (s *server) paging(query url.Values, total int) (size, from int) {
	size = 50
	if s.form.List == "no paging" {
		return max(total, 1), 0 // all rows, whatever was asked for
	}
	if !strings.EqualFold(query.Get("pageinate"), "true") {
		if n, err := strconv.Atoi(query.Get("count")); err == nil {
			size = n
		}
		return min(size, max(total, 1)), 0
	}
	if n, err := strconv.Atoi(query.Get("page_size")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if s.form.PageCap > 0 {
		size = s.form.PageCap
	}
	no, err := strconv.Atoi(query.Get("page_no"))
	if err != nil || no < 1 {
		no = 1
	}
	return size, (no - 1) * size
}

// envelope wraps rows as the form says.
func (s *server) envelope(query url.Values, key string, rows []any, total int) any {
	switch s.form.List {
	case "bare":
		return rows
	case "results":
		key = "results"
	}
	if len(rows) == 0 && s.form.NoRowsKey {
		return object{{"record_count", total}}
	}
	o := object{{"page_no", s.number(query.Get("page_no"))}, {"page_size", s.number(query.Get("page_size"))}}
	count := field{"record_count", total}
	switch s.form.Count {
	case "text":
		count.value = strconv.Itoa(total)
	case "absent":
		count.value = nil
	}
	if s.form.List == "sidecars" {
		o = append(o, field{"columns", nil}, field{"columns_tilehtml", nil}, field{"statuses", nil})
	}
	if s.form.Count == "after" {
		return append(o, field{key, rows}, count, field{"include_children", false})
	}
	return append(o, count, field{key, rows}, field{"include_children", false})
}

func (s *server) number(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return nil
}

// teamList is GET /Team: the teams that this token may see. Without all:teams those are the agent's own.
func (s *server) teamList(req *http.Request, g grant) answer {
	if s.form.TeamList == "403" && !g.admin {
		return s.refusal(http.StatusForbidden)
	}
	whole := g.admin || slices.Contains(g.scopes, "all:teams")
	rows := []any{}
	for _, t := range s.in.teams {
		if !whole && !slices.Contains(s.in.member, t.id) {
			continue
		}
		row := object{{"id", t.id}, {"guid", fmt.Sprintf("%08d-0000-4000-8000-000000000000", t.id)}, {"name", t.name}, {"sequence", 1}, {"inactive", false}, {"department_name", "Main"}}
		if s.form.TeamNames == "null" && !whole {
			row[2].value = raw("null")
		}
		rows = append(rows, row)
	}
	switch s.form.TeamList {
	case "keyed":
		return s.data(object{{"record_count", len(rows)}, {"teams", rows}})
	case "results":
		return s.data(object{{"results", rows}})
	case "paged", "paged-capped", "paged-stuck":
		return s.data(s.pagedTeams(req.URL.Query(), rows))
	}
	return s.data(rows)
}

// pagedTeams serves teams page by page, two to a page unless more are asked for; a capped server serves two in any case.
func (s *server) pagedTeams(query url.Values, rows []any) object {
	size, no := 2, 1
	if n, err := strconv.Atoi(query.Get("page_size")); err == nil && n > 0 && s.form.TeamList == "paged" {
		size = n
	}
	if n, err := strconv.Atoi(query.Get("page_no")); err == nil && n > 0 && s.form.TeamList != "paged-stuck" {
		no = n // a stuck one repeats its first page: halo-live §5
	}
	from := min((no-1)*size, len(rows))
	return object{{"page_no", no}, {"page_size", size}, {"record_count", len(rows)}, {"teams", rows[from:min(from+size, len(rows))]}}
}
