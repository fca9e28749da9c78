package fakehalo

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tokenView is the part of the instance that a token gives access to, and the query of the request.
type tokenView struct {
	*instance
	token token
	query url.Values
	store *store
	now   time.Time // of the fake's clock
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
		tickets := v.store.tables["tickets"]
		ticket := tickets.get(r.key / parentStep)
		return ticket != nil && v.canSee(tickets, ticket)
	}
	return true
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

// selectRows are the rows that this token may see and that the query asks for, in its order. Parameters that nothing is known
// of are ignored (wire-contract §2.1).
func (v tokenView) selectRows(t *table) listing {
	keep, order := v.filters(t), v.order(t)
	return t.list(v.selectionKey(t), v.instance, func(r *row) bool {
		for _, passes := range keep {
			if !passes(r) {
				return false
			}
		}
		return v.canSee(t, r)
	}, order)
}

// commonParameters filter or order the rows of every resource.
var commonParameters = []string{
	"search", "order", "orderdesc", "includeinactive", "includeactive", "open_only", "closed_only", "datesearch", "startdate", "enddate",
}

// selectionKey identifies a selection: the same key selects the same rows until the next write.
func (v tokenView) selectionKey(t *table) string {
	var b strings.Builder
	b.WriteString(strconv.FormatBool(v.token.admin))
	for _, list := range [][]string{commonParameters, t.res.filters, {t.res.parent}} {
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
		keep = append(keep, func(r *row) bool { return strings.Contains(r.words, words) })
	}
	for _, name := range t.res.filters {
		if value := v.query.Get(name); value != "" {
			keep = append(keep, oneOf(t.res.column(name), value))
		}
	}
	if parent := v.query.Get(t.res.parent); t.res.parent != "" && parent != "" {
		keep = append(keep, func(r *row) bool { return strconv.Itoa(r.key/parentStep) == parent })
	}
	if t.res.column("inactive") >= 0 {
		if !v.queryBool("includeinactive") {
			keep = append(keep, func(r *row) bool { return t.cell(r, "inactive") != true })
		}
		if strings.EqualFold(v.query.Get("includeactive"), "false") {
			keep = append(keep, func(r *row) bool { return t.cell(r, "inactive") == true })
		}
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

// order is how the query wants the rows: by a field, descending with orderdesc=true; nil: by id.
func (v tokenView) order(t *table) func(a, b *row) int {
	at := t.res.column(strings.ToLower(v.query.Get("order")))
	down := v.queryBool("orderdesc")
	if at < 0 {
		if down {
			return func(a, b *row) int { return cmp.Compare(b.key, a.key) }
		}
		return nil
	}
	return func(a, b *row) int {
		if down {
			a, b = b, a
		}
		return compare(a.cells[at], b.cells[at])
	}
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
