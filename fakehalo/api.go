package fakehalo

import (
	"bytes"
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
	v := tokenView{instance: i, store: s.store, now: s.now(), strict: s.options.Strict}
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
	switch res.name + "/" + id { // recorded, for an application of an agent with every scope: halo-live §5
	case "Client/me":
		return i.refuse(http.StatusUnauthorized)
	case "Timesheet/mine":
		return i.refuse(http.StatusForbidden)
	}
	if no := res.badID(id); no != nil {
		return no
	}
	var no *reply
	if v.advanced, no = advancedSearch(res, v.query.Get("advanced_search")); no != nil {
		return no
	}
	ignored := res.ignored(v.query, method == http.MethodGet && id == "")
	if no := v.strictly(ignored); no != nil {
		return no
	}
	out := v.perform(res, id, method, r)
	out.ignored = append(ignored, out.ignored...)
	s.tell(out.event+" "+res.name, res, out.wrote)
	return out
}

// strictly refuses what would be ignored, where that was asked for.
func (v tokenView) strictly(ignored []string) *reply {
	if !v.strict || len(ignored) == 0 {
		return nil
	}
	wrong := map[string][]string{}
	for _, name := range ignored {
		wrong[strings.TrimPrefix(name, "?")] = []string{"The fake does nothing with this, and HaloPSA ignores what it does not know."}
	}
	out := jsonReply(http.StatusBadRequest, wrong)
	out.ignored = ignored
	return out
}

// perform does what a request asks for.
func (v tokenView) perform(res *resource, id, method string, r *http.Request) *reply {
	switch {
	case method == http.MethodGet:
		return v.get(res, id)
	case method == http.MethodPost && id == "" && res.kept():
		return v.post(res, r)
	case method == http.MethodDelete && id != "" && res.kept():
		return v.remove(res, id)
	}
	out := v.refuse(http.StatusMethodNotAllowed)
	out.header.Set("Allow", strings.Join(res.methods(id != ""), ", "))
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
		return v.notFound()
	case res.path == "agent" && id == "me" && v.app.noAgent && !v.token.admin:
		return jsonReply(http.StatusOK, record{})
	}
	one := v.recordByID(res, id)
	switch {
	case one == nil:
		return v.notFound()
	case res.name == "Attachment":
		return download(one)
	case res.name == "Report" && !v.queryBool("loadreport"):
		one = withoutField(one, "report")
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
		wanted = append(wanted, "read:"+area)
	}
	if area != "reporting" && !strings.Contains(area, ":") { // which is a set of its own: halo-live §4
		wanted = append(wanted, "all:standard")
	}
	return slices.ContainsFunc(wanted, func(scope string) bool { return slices.Contains(scopes, scope) })
}

// refusals are what the API's errors without a body say where the dialect gives them one.
var refusals = map[int]string{
	http.StatusUnauthorized: notAuthorised, http.StatusForbidden: notAuthorised,
	http.StatusNotFound: "Not found", http.StatusMethodNotAllowed: "The requested resource does not support this http method.",
	http.StatusInternalServerError: "An error has occurred.",
}

const notAuthorised = "Authorization has been denied for this request."

// refuse is a 401, 403, 404, 405 or 500 of the API, which has no body (halo-live §5) unless a switch gives it one.
func (i *instance) refuse(status int) *reply {
	out := &reply{status: status, header: http.Header{}}
	switch {
	case i.dialect["unauthorised-body"] == "empty":
	case refusals[status] == notAuthorised:
		out.kind, out.body = jsonKind, encode(record{"Message": notAuthorised})
	default:
		out.kind, out.body = jsonKind, exception(status, refusals[status]).body
	}
	if status == http.StatusUnauthorized {
		out.header.Set("WWW-Authenticate", "Bearer")
	}
	return out
}

// exception is a serialised .NET exception with the twelve fields that it has on live instances: halo-live §5.
func exception(status int, message string) *reply {
	return jsonReply(status, struct {
		ClassName, Message                                                      string
		Data, InnerException, HelpURL, StackTraceString, RemoteStackTraceString any
		RemoteStackIndex                                                        int
		ExceptionMethod                                                         any
		HResult                                                                 int
		Source, WatsonBuckets                                                   any
	}{ClassName: "System.Exception", Message: message, HResult: -2146233088})
}

func (i *instance) notFound() *reply { return i.refuse(http.StatusNotFound) }

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
	raw, err := marshal(body)
	if err != nil {
		panic(err) // records of strings, numbers and booleans
	}
	return string(raw)
}

// marshal writes JSON without Go's own escapes of <, > and &, so that HTML can be read in what the fake answers.
func marshal(body any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(body)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
