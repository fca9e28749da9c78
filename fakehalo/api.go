package fakehalo

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// record is one object of the API.
type record = map[string]any

// api answers for a resource once the token, the scope, the login type and the agent's level allow it.
func (s *Server) api(c requestContext, r *http.Request) *reply {
	i := s.live()
	res := resourceAt(c.path)
	v := tokenView{instance: i, store: s.store, now: s.now()}
	token, ok := s.bearer(r)
	v.token = token
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if method == http.MethodPut && i.dialect["put"] == "upsert" {
		method = http.MethodPost
	}
	if res.path != "instanceinfo" || i.dialect["instanceinfo"] != "anonymous" {
		if !ok {
			return i.refuse(http.StatusUnauthorized)
		}
		if no := i.forbids(token, res, method != http.MethodGet); no != nil {
			return no
		}
	}
	if r.URL.RawQuery != "" {
		v.query = queryOf(r)
	}
	_, id, _ := strings.Cut(strings.TrimPrefix(c.path, "/api/"), "/")
	if no := res.badID(id); no != nil {
		return no
	}
	switch {
	case method == http.MethodGet:
		return v.get(res, id)
	case method == http.MethodPost && id == "" && res.kept():
		return v.post(res, r)
	case method == http.MethodDelete && id != "" && res.kept():
		return v.remove(res, id)
	}
	out := exception(http.StatusMethodNotAllowed, "The requested resource does not support http method '"+r.Method+"'.")
	out.header = http.Header{"Allow": {strings.Join(res.methods(id != ""), ", ")}}
	return out
}

// queryOf is a query whose names are without case, as ASP.NET reads them.
func queryOf(r *http.Request) url.Values {
	query := r.URL.Query()
	for name, values := range query {
		if lower := strings.ToLower(name); lower != name {
			query[lower] = append(query[lower], values...)
		}
	}
	return query
}

// get answers with a list or one object.
func (v tokenView) get(res *resource, id string) *reply {
	switch {
	case id == "" && (res.kept() || res.rows != nil):
		return v.list(res)
	case id != "" && !res.kept() && res.rows == nil:
		return notFound()
	case res.path == "agent" && id == "me" && v.app.noAgent && !v.token.admin:
		return jsonReply(http.StatusOK, record{})
	}
	one := v.recordByID(res, id)
	if one == nil {
		return notFound()
	}
	return rawReply(http.StatusOK, one, "")
}

// forbids tells why a token is not enough; nil where it is.
func (i *instance) forbids(t token, res *resource, write bool) *reply {
	status, _ := strconv.Atoi(i.dialect["missing-scope-status"])
	if strings.Contains(res.scope, ":") {
		status = http.StatusUnauthorized // recorded: halo-api §5, /Webhook
	}
	switch {
	case i.app.loginType != "agent" && !t.admin:
		return i.refuse(http.StatusForbidden)
	case len(t.scopes) == 0:
		return i.refuse(status)
	case (res.admin || write && res.scope == "") && !t.admin:
		return i.refuse(http.StatusForbidden)
	case res.scope != "" && !allows(t.scopes, res.scope, write):
		return i.refuse(status)
	case res.code != "" && !t.admin && i.role.levels[res.code] == 0 && i.dialect["no-access"] == "403":
		return i.refuse(http.StatusForbidden)
	}
	return nil
}

// allows tells whether the scopes let somebody read, or write, an area such as customers. edit: implies read:, and all
// and admin imply both (halo-api §5). What admin adds is not known; the fake's own second application is granted both.
func allows(scopes []string, area string, write bool) bool {
	wanted := []string{"all", "admin", "edit:" + area}
	switch {
	case strings.Contains(area, ":"):
		wanted = []string{area, "admin"}
	case !write:
		wanted = append(wanted, "all:standard", "read:"+area)
	default:
		wanted = append(wanted, "all:standard")
	}
	return slices.ContainsFunc(wanted, func(scope string) bool { return slices.Contains(scopes, scope) })
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

// exception is an error as the API writes it, the beginning of a serialised .NET exception: halo-api §10.
func exception(status int, message string) *reply {
	return jsonReply(status, struct {
		ClassName, Message   string
		Data, InnerException any
	}{ClassName: "System.Exception", Message: message})
}

func notFound() *reply { return exception(http.StatusNotFound, "Not found") }

// jsonKind is the Content-Type of the API's answers.
const jsonKind = "application/json; charset=utf-8"

// jsonReply is an answer of the fake's own making.
func jsonReply(status int, body any) *reply {
	return &reply{status: status, kind: jsonKind, body: encode(body)}
}

// rawReply is an answer that is JSON already; tail may close what raw opened.
func rawReply(status int, raw []byte, tail string) *reply {
	return &reply{status: status, kind: jsonKind, raw: append(raw, tail...)}
}

func encode(body any) string {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // records of strings, numbers and booleans
	}
	return string(raw)
}
