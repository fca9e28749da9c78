package fakehalo

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// furtherFilter is a parameter of one resource that is more than "the field of this name is one of these".
type furtherFilter struct {
	resource, name string
	condition      func(t *table, value string) func(*row) bool // nil: nothing here differs by it
}

// sameAs filters by a field of another name.
func sameAs(field string) func(*table, string) func(*row) bool {
	return func(t *table, value string) func(*row) bool { return oneOf(t.res.column(field), value) }
}

// whenTrue keeps the rows whose field is, or is not, a value where the parameter is true.
func whenTrue(field string, is bool, value any) func(*table, string) func(*row) bool {
	return func(t *table, asked string) func(*row) bool {
		if !strings.EqualFold(asked, "true") {
			return nil
		}
		return func(r *row) bool { return (t.record(r)[field] == value) == is }
	}
}

// changesNothing is of parameters that are understood: the fake has no such records, or gives them anyway.
func changesNothing(*table, string) func(*row) bool { return nil }

// furtherFilters are those that the sources of clients name (clients §4) and whose meaning is plain. What is not here, such as
// ticketidonly, conversationonly, agentonly and includelastaction, is ignored, and the journal says so.
var furtherFilters = []furtherFilter{
	{"Tickets", "client_ids", sameAs("client_id")}, {"Tickets", "requesttype", sameAs("tickettype_id")},
	{"Actions", "excludeprivate", whenTrue("hiddenfromuser", false, true)}, {"Actions", "excludesys", changesNothing},
	{"Status", "excludeclosed", whenTrue("type", false, 1)}, {"Status", "excludepending", changesNothing},
	{"Invoice", "postedonly", whenTrue("posted", true, true)}, {"Invoice", "notpostedonly", whenTrue("posted", true, false)}, {"Invoice", "includelines", changesNothing},
}

// elsewhereUsed are parameters that are read outside of a list's conditions. A tenant may stand in every call (wire-contract §2.1).
var elsewhereUsed = []string{
	"pageinate", "page_no", "page_size", "count", "includeagent", "returnall", "includeapiagents", "includedisabled", "includedetails", "loadreport",
	"includeenabled", "showall", "includetenants", "includecolumns", "tenant",
}

// learnParameters gathers what the resource understands of a query.
func (r *resource) learnParameters() {
	r.known = map[string]bool{r.parent: true}
	for _, f := range furtherFilters {
		if f.resource == r.name {
			r.further, r.furtherNames = append(r.further, f), append(r.furtherNames, f.name)
		}
	}
	for _, name := range slices.Concat(commonParameters, elsewhereUsed, r.filters, r.furtherNames) {
		r.known[name] = true
	}
}

// ignored are the parameters of a query, in lower case, that change nothing: what the fake knows nothing of, as HaloPSA ignores it
// (halo-live §5), and what has a value, or lacks a companion, without which it does nothing. Each has a question mark before it.
func (r *resource) ignored(query url.Values, list bool) (names []string) {
	for name := range query {
		if name != strings.ToLower(name) {
			continue // another spelling stands beside it: queryOf
		}
		if !r.known[name] || list && query.Get(name) != "" && r.idle(query, name) {
			names = append(names, "?"+name)
		}
	}
	slices.Sort(names)
	return names
}

// idle tells whether a parameter that is known changes nothing in a list.
func (r *resource) idle(query url.Values, name string) bool {
	value := query.Get(name)
	pages := strings.EqualFold(query.Get("pageinate"), "true")
	n, err := strconv.Atoi(value)
	switch name {
	case "pageinate":
		return r.key == "" && pages || !slices.Contains([]string{"true", "false"}, strings.ToLower(value))
	case "page_no", "page_size":
		return r.key == "" || !pages || err != nil || n < 1 // wire-contract §2.5
	case "count":
		return !pages && (err != nil || n < 1) // beside pageinate a client sends count=true: wire-contract §2.5
	case "order":
		field, _, _ := strings.Cut(strings.ToLower(value), " ")
		return r.column(field) < 0
	case "datesearch":
		return r.column(strings.ToLower(value)) < 0
	case "startdate", "enddate":
		return r.column(strings.ToLower(query.Get("datesearch"))) < 0
	case "open_only", "closed_only":
		return r.name != "Tickets"
	}
	return false
}

// unknownFields are the properties of a body's objects that the resource has not; they are ignored (halo-api §10).
func (r *resource) unknownFields(given record) (names []string) {
	for name := range given {
		if !slices.ContainsFunc(r.fields, func(f field) bool { return f.name == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// advancedCondition is one of advanced_search=[{"filter_name","filter_type","filter_value"}]: clients §2.
type advancedCondition struct {
	Field string `json:"filter_name"`
	Type  int    `json:"filter_type"` // 2: equal; others are not known
	Value any    `json:"filter_value"`
}

// advancedSearch reads the parameter; the refusal's words are recorded.
func advancedSearch(res *resource, value string) ([]advancedCondition, *reply) {
	if value == "" {
		return nil, nil
	}
	var list []advancedCondition
	if err := json.Unmarshal([]byte(value), &list); err != nil {
		return nil, exception(400, "Invalid advanced search parameter")
	}
	for _, c := range list {
		if c.Type != 2 || !slices.ContainsFunc(res.fields, func(f field) bool { return f.name == c.Field }) {
			return nil, exception(400, fmt.Sprintf("Invalid advanced search parameter: %s", c.Field))
		}
	}
	return list, nil
}
