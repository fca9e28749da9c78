package fakehalo

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tokenView is the part of the instance that a token gives access to, and the query of the request.
type tokenView struct {
	*instance
	token    token
	query    url.Values
	store    *store
	now      time.Time // of the fake's clock
	advanced []advancedCondition
	strict   bool // refuse what would be ignored
	brief    bool // rows of a list, which lack what only a single record has
}

// allowed tells whether a restriction includes a name; nil restricts nothing.
func (v tokenView) allowed(restriction []string, name string) bool {
	return v.token.admin || restriction == nil || slices.Contains(restriction, name)
}

// canSee tells whether the agent may see a record: halo-api §5 says that it gets fewer rows, not an error.
func (v tokenView) canSee(t *table, r *row) bool {
	if v.token.admin {
		return true
	}
	if t.res.code != "" && v.role.levels[t.res.code] == 0 {
		return false
	}
	field := "client_name"
	if t.res.name == "Client" {
		field = "name"
	}
	if client, ok := t.cell(r, field).(string); ok && !v.allowed(v.role.clients, client) {
		return false
	}
	switch t.res.name {
	case "Tickets":
		team, _ := t.cell(r, "team").(string)
		return v.canSeeTeam(team) && v.allowed(v.role.types, typeName(t.cell(r, "tickettype_id"))) && (v.role.permissions["l8"] || !v.assignedToOthers(t, r))
	case "Actions":
		return v.seesTicket(r.key / parentStep)
	case "Attachment":
		id, _ := t.cell(r, "ticket_id").(int)
		return id == 0 || v.seesTicket(id)
	}
	return true
}

// seesTicket tells whether there is a ticket of that number, and the agent may see it.
func (v tokenView) seesTicket(id int) bool {
	tickets := v.store.tables["tickets"]
	ticket := tickets.get(id)
	return ticket != nil && v.canSee(tickets, ticket)
}

// typeName returns the name of a ticket type; empty where the id is unknown.
func typeName(id any) string {
	if n, ok := id.(int); ok && n > 0 && n <= len(typeNames) {
		return typeNames[n-1]
	}
	return ""
}

// assignedToOthers tells whether a ticket is assigned to another agent than the integration's.
func (v tokenView) assignedToOthers(t *table, r *row) bool {
	agent := t.cell(r, "agent_id")
	return agent != unassigned && agent != apiAgent && agent != 0
}

// canSeeTeam tells whether the integration may see a team: through its agent, or because the application has all:teams.
// A ticket of no team at all is everybody's.
func (i *instance) canSeeTeam(name string) bool {
	return name == "" || slices.Contains(i.agent.teams, name) || slices.Contains(i.app.scopes, "all:teams")
}

// namesOnly tells whether the agent's level allows names alone: halo-api §6.
func (v tokenView) namesOnly(res *resource) bool {
	return slices.Contains([]string{"Ux", "Fx", "Ix"}, res.code) && !v.token.admin && v.role.levels[res.code] == 1
}

// selectRows are the rows that this token may see and that the query asks for, in its order, as far as cut wants them.
// Parameters that nothing is known of are ignored (wire-contract §2.1).
func (v tokenView) selectRows(t *table, cut func(total int) (from, to int)) []*row {
	keep := v.filters(t)
	return t.list(v.selectionKey(t), v.instance, func(r *row) bool {
		for _, passes := range keep {
			if !passes(r) {
				return false
			}
		}
		return v.canSee(t, r)
	}, v.order(t), cut)
}

// commonParameters filter or order the rows of every resource.
var commonParameters = []string{
	"search", "order", "orderdesc", "includeinactive", "showinactive", "includeactive", "open_only", "closed_only", "datesearch", "startdate", "enddate",
	"advanced_search", "search_phonenumbers",
}

// selectionKey identifies a selection: the same key selects the same rows until the next write.
func (v tokenView) selectionKey(t *table) string {
	var b strings.Builder
	b.WriteString(strconv.FormatBool(v.token.admin))
	for _, list := range [][]string{commonParameters, t.res.filters, t.res.furtherNames, {t.res.parent}} {
		for _, name := range list {
			if value := v.query.Get(name); value != "" {
				b.WriteString("\n" + name + "=" + value)
			}
		}
	}
	return b.String()
}

// filters are the conditions of the query.
func (v tokenView) filters(t *table) []func(*row) bool {
	var keep []func(*row) bool
	if words := strings.ToLower(v.query.Get("search")); words != "" {
		phones := v.queryBool("search_phonenumbers")
		keep = append(keep, func(r *row) bool {
			return strings.Contains(r.words, words) || phones && strings.Contains(fmt.Sprint(t.record(r)["phonenumber"]), words)
		})
	}
	for _, name := range t.res.filters {
		if value := v.query.Get(name); value != "" {
			keep = append(keep, oneOf(t.res.column(name), value))
		}
	}
	for _, f := range t.res.further {
		if value := v.query.Get(f.name); value != "" {
			if passes := f.condition(t, value); passes != nil {
				keep = append(keep, passes)
			}
		}
	}
	if parent := v.query.Get(t.res.parent); t.res.parent != "" && parent != "" {
		keep = append(keep, func(r *row) bool { return strconv.Itoa(r.key/parentStep) == parent })
	}
	if inactive := t.res.column("inactive"); inactive >= 0 {
		if !v.queryBool("includeinactive") && !v.queryBool("showinactive") {
			keep = append(keep, func(r *row) bool { return r.cells[inactive] != true })
		}
		if strings.EqualFold(v.query.Get("includeactive"), "false") {
			keep = append(keep, func(r *row) bool { return r.cells[inactive] == true })
		}
	}
	for _, c := range v.advanced {
		keep = append(keep, func(r *row) bool { return strings.EqualFold(fmt.Sprint(t.record(r)[c.Field]), fmt.Sprint(c.Value)) })
	}
	for name, closed := range map[string]bool{"open_only": false, "closed_only": true} {
		if v.queryBool(name) && t.res.name == "Tickets" {
			keep = append(keep, func(r *row) bool { return t.cell(r, "hasbeenclosed") == closed })
		}
	}
	if field := strings.ToLower(v.query.Get("datesearch")); field != "" && t.res.column(field) >= 0 {
		from, to := v.query.Get("startdate"), v.query.Get("enddate") // ISO 8601: the order of the letters is that of time
		keep = append(keep, func(r *row) bool {
			at, _ := t.cell(r, field).(string)
			return at >= from && (to == "" || at[:min(len(at), len(to))] <= to)
		})
	}
	return keep
}

// order is how the query wants the rows: by a field, or else by id; descending with orderdesc=true, or with "id desc" in one
// parameter (clients §3).
func (v tokenView) order(t *table) ordering {
	field, direction, _ := strings.Cut(strings.ToLower(v.query.Get("order")), " ")
	return ordering{t.res.column(field), v.queryBool("orderdesc") || strings.TrimSpace(direction) == "desc"}
}

// oneOf is the condition that a column holds one of the numbers of a list such as "2,3".
func oneOf(column int, list string) func(*row) bool {
	var wanted []float64
	for word := range strings.SplitSeq(list, ",") {
		if n, err := strconv.ParseFloat(strings.TrimSpace(word), 64); err == nil {
			wanted = append(wanted, n)
		}
	}
	return func(r *row) bool {
		switch x := r.cells[column].(type) {
		case int:
			return slices.Contains(wanted, float64(x))
		case float64:
			return slices.Contains(wanted, x)
		}
		return false
	}
}

// queryBool tells whether a parameter is true, in any case (wire-contract §2.5).
func (v tokenView) queryBool(name string) bool { return strings.EqualFold(v.query.Get(name), "true") }

// queryInt is a positive whole number of the query; anything else counts as not given.
func (v tokenView) queryInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(v.query.Get(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}
