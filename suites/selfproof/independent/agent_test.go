package independent_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// noiseClaims bring /Agent/me to the 108 claims that were seen. halo-live §5
var noiseClaims = func() (list []any) {
	for i := range 96 {
		list = append(list, object{{"type", fmt.Sprintf("zz%02d", i)}, {"value", strconv.Itoa(i % 3)}})
	}
	return append(list, object{{"type", "LC"}, {"value", "1"}}, object{{"type", "lc"}, {"value", "0"}})
}()

// twoMegabytes is the rest of a real /Agent/me, which has 312 fields and was 2.1 MB.
var twoMegabytes = sync.OnceValue(func() raw {
	var b strings.Builder
	b.WriteByte('[')
	for i := range 9000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"name":"field %d","label":"%s","type":0,"values":[{"id":1,"name":"%s"}],"claims":[]}`, i, i, strings.Repeat("l", 60), strings.Repeat("v", 70))
	}
	b.WriteByte(']')
	return raw(b.String())
})

// claimRows are claims as the form writes them.
func (s *server) claimRows(c claims) []any {
	rows := []any{}
	for i, n := range needs {
		value, ok := c[n.code]
		if !ok {
			continue
		}
		name := n.code
		if n.long != "" && (s.form.ClaimNames == "long" || s.form.ClaimNames == "mixed" && i%2 == 0) {
			name = n.long
		}
		rows = append(rows, object{{"type", name}, {"value", s.claimValue(n, value)}})
	}
	if s.in.administrator {
		rows = append(rows, object{{"type", map[bool]string{true: "Administration", false: "SA"}[s.form.ClaimNames == "long"]}, {"value", "true"}})
	}
	for _, code := range []string{"Fx", "Dx"} { // neighbours that tell which coding the set has
		if value, ok := c[code]; ok {
			rows = append(rows, object{{"type", code}, {"value", strconv.Itoa(value)}})
		}
	}
	return rows
}

// claimValue is a claim's value as the form writes it.
func (s *server) claimValue(n need, value int) any {
	switch {
	case s.form.ClaimValues == "number":
		return raw(strconv.Itoa(value))
	case s.form.ClaimValues == "words" && n.four == 1:
		return strconv.FormatBool(value > 0)
	}
	return strconv.Itoa(value)
}

// merged are the claims of the agent and all its roles, the highest of each.
func (in *instance) merged() claims {
	all := claims{}
	for _, c := range append([]claims{in.own}, func() (list []claims) {
		for _, r := range in.roles {
			list = append(list, r.claims)
		}
		return list
	}()...) {
		for code, v := range c {
			if old, ok := all[code]; !ok || v > old {
				all[code] = v
			}
		}
	}
	return all
}

// me is GET /Agent/me.
func (s *server) me(g grant) answer {
	if s.in.agentID == 0 {
		return s.data(object{{"id", 0}, {"name", nil}})
	}
	var o object
	switch s.form.MeClaims {
	case "merged":
		o = append(o, field{"claims", append(s.claimRows(s.in.merged()), noiseClaims...)})
	case "own":
		o = append(o, field{"claims", s.claimRows(s.in.own)})
	}
	o = append(o, s.agentFields(s.form.MeRoles == "claims")...)
	if s.form.BigMe {
		o = append(o, field{"fieldlist", twoMegabytes()})
	}
	switch s.form.MeEnvelope {
	case "agent":
		return s.data(object{{"agent", o}})
	case "results":
		return s.data(object{{"record_count", 1}, {"results", []any{o}}})
	case "array":
		return s.data([]any{o})
	}
	return s.data(o)
}

// agentFields is what /Agent/me and /Agent/{id} have in common.
func (s *server) agentFields(roleClaims bool) object {
	in := s.in
	o := object{{"id", in.agentID}, {"name", in.agentName}, {"email", nil}, {"isdisabled", s.flag(in.disabled)}, {"isapiagent", s.flag(in.apiOnly)}, {"is_agent", true}, {"licence_type", 3}}
	var names []string
	roles := []any{}
	for _, r := range in.roles {
		names = append(names, r.name)
		row := object{{"id", r.id}, {"id_int", r.number}, {"name", r.name}, {"notes", nil}}
		if s.form.MeRoles == "ids" {
			row[2].value = raw("null")
		}
		if roleClaims {
			row = append(row, field{"claims", s.claimRows(r.claims)})
		}
		roles = append(roles, row)
	}
	switch s.form.MeRoles {
	case "names", "claims", "ids":
		o = append(o, field{"roles", roles})
	case "list":
		o = append(o, field{"role_list", strings.Join(names, ", ")})
		if len(in.roles) > 0 {
			o = append(o, field{"first_role_id", in.roles[0].id})
		}
	}
	if in.unclaimed {
		o = append(o, field{"clients", []any{}}, field{"tickettypes", []any{}})
	}
	o = append(o, s.teamFields()...)
	return append(o, s.workday()...)
}

// flag is a setting of the agent, unless the form leaves those out.
func (s *server) flag(set bool) any {
	if s.form.Flags {
		return set
	}
	return nil
}

// wrapped is a single record as the form wraps it. halo-failures §2.5
func (s *server) wrapped(o object) answer {
	switch s.form.Records {
	case "array":
		return s.data([]any{o})
	case "results":
		return s.data(object{{"record_count", 1}, {"results", []any{o}}})
	}
	return s.data(o)
}

// listed is a list of records as the form wraps it.
func (s *server) listed(key string, rows []any) answer {
	switch s.form.Lists {
	case "results":
		key = "results"
	case "keyed":
	default:
		return s.data(rows)
	}
	return s.data(object{{"record_count", len(rows)}, {key, rows}})
}

// teamFields are the default team and the memberships.
func (s *server) teamFields() (o object) {
	in := s.in
	switch {
	case in.defaultTeam != "":
		o = append(o, field{"team", in.defaultTeam})
	case s.form.NoTeam == "empty":
		o = append(o, field{"team", ""})
	case s.form.NoTeam == "null":
		o = append(o, field{"team", raw("null")})
	case s.form.NoTeam == "words":
		o = append(o, field{"team", "No Default Team"})
	}
	if s.form.MeTeams == "absent" {
		return o
	}
	rows := []any{}
	for _, t := range in.teams {
		if !slices.Contains(in.member, t.id) {
			continue
		}
		row := object{{"id", 900 + t.id}, {"agent_id", in.agentID}, {"team_id", t.id}, {"team_name", t.name}, {"department_id", 1}, {"fortickets", true}, {"in_section", true}}
		switch s.form.MeTeams {
		case "null names":
			row[3].value = raw("null")
		case "ids":
			row = slices.Delete(row, 3, 4)
		}
		rows = append(rows, row)
	}
	return append(o, field{"teams", rows})
}

func (s *server) workday() object {
	id := map[string]int{"Default Working Hours": 1, "24 Hours": 2}[s.in.workday]
	switch s.form.Workday {
	case "id":
		return object{{"workday_id", id}}
	case "null":
		return object{{"workday_id", id}, {"workday_name", raw("null")}}
	case "absent":
		return nil
	}
	return object{{"workday_id", id}, {"workday_name", s.in.workday}, {"workday_timezone", "UTC"}}
}

// agentByID is GET /Agent/{id}.
func (s *server) agentByID(g grant, id string) answer {
	if id != strconv.Itoa(s.in.agentID) {
		return s.refusal(http.StatusNotFound)
	}
	if !g.admin {
		switch s.form.AgentByID {
		case "401", "403", "404":
			return s.refusal(must(strconv.Atoi(s.form.AgentByID)))
		}
	}
	o := s.agentFields(s.form.AgentByID == "full" || g.admin)
	if s.form.AgentByID == "full" || g.admin || s.form.MeClaims != "absent" {
		o = append(o, field{"claims", s.claimRows(s.in.own)})
	}
	return s.wrapped(o)
}

// roles is GET /Roles and /Roles/{id}. The list has no claims. halo-live §5
func (s *server) roles(g grant, id string) answer {
	if !g.admin && s.form.Roles != "open" {
		return s.refusal(must(strconv.Atoi(s.form.Roles)))
	}
	rows := []any{}
	for _, r := range s.in.roles {
		row := object{{"id", r.id}, {"id_int", r.number}, {"name", r.name}, {"notes", nil}}
		if strings.EqualFold(id, r.id) || id == strconv.Itoa(r.number) {
			return s.wrapped(append(row, field{"claims", s.claimRows(r.claims)}, field{"clients", []any{}}, field{"tickettypes", []any{}}))
		}
		rows = append(rows, row)
	}
	if id != "" {
		return s.refusal(http.StatusNotFound)
	}
	return s.listed("roles", rows)
}

// application is GET /Application, which names no scopes, and /Application/{id}. halo-live §5
func (s *server) application(g grant, id string) answer {
	in := s.in
	if !g.admin && (s.form.Application == "401" || s.form.Application == "403") {
		return s.refusal(must(strconv.Atoi(s.form.Application)))
	}
	const ownID = "7c1e"
	own := object{{"id", ownID}, {"clientId", strings.ToUpper(in.clientID)}, {"displayName", in.appName}, {"grant_type", "client_credentials"}, {"allowagents", true},
		{"inactive", in.inactive}, {"loginas_agent_id", in.agentID}, {"loginas_agent_name", in.agentName}, {"loginentity", 0}, {"system_use", false}}
	if id == ownID {
		if s.form.Application != "no scopes" || g.admin {
			list := []any{}
			for i, scope := range in.scopes {
				list = append(list, object{{"id", i}, {"application_id", ownID}, {"name", scope}})
			}
			own = append(own, field{"scopes", list})
		}
		return s.wrapped(own)
	}
	if id != "" {
		return s.refusal(http.StatusNotFound)
	}
	return s.listed("applications", []any{object{{"id", "11aa"}, {"clientId", "0b3f4fd1-1111-4111-8111-1f2e3d4c5b6a"}, {"displayName", "Halo Web Application"}, {"inactive", false}, {"system_use", true}}, own})
}
