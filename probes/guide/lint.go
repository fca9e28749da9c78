package guide

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/halocheck/halocheck/internal/document"
)

// Lint finds all faults of a guide's file: those that keep it from loading, and what contradicts itself in it. The error
// means that the file could not be read.
func Lint(ctx context.Context, name string) ([]Problem, error) {
	data, err := document.ReadFile(ctx, name, document.Settings)
	if err != nil {
		return nil, fmt.Errorf("guide: %w", err)
	}
	return lint(name, data), nil
}

// LintNamed does the same for a guide of the library.
func LintNamed(name string) []Problem {
	text, err := library.ReadFile("library/" + name + ".yaml")
	if err != nil {
		return []Problem{{File: name, Text: "it is not in the library"}}
	}
	return lint(name+".yaml", text)
}

func lint(name string, data []byte) []Problem {
	_, err := Parse(name, data)
	var first Problem
	if err != nil && !errors.As(err, &first) {
		return []Problem{{File: name, Text: strings.TrimPrefix(err.Error(), name+": ")}}
	}
	var g Guide
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&g); err != nil {
		return []Problem{unreadable(name, data, err)}
	}
	g.fill()
	at := locator{name, data}
	found := append(g.problems(at), g.contradictions(at)...)
	slices.SortStableFunc(found, func(a, b Problem) int { return a.Line - b.Line })
	return found
}

// contradictions are what one guide says that cannot hold together.
func (g *Guide) contradictions(at locator) (found []Problem) {
	add := func(path, format string, args ...any) { found = append(found, at.problem(path, format, args...)) }
	a := g.Application
	forbids := func(name string) bool {
		return slices.ContainsFunc(a.Forbidden, func(s Scope) bool { return s.Name == name })
	}
	for i, s := range a.Scopes {
		path := fmt.Sprintf("application.scopes[%d]", i)
		if slices.ContainsFunc(a.Scopes[:i], func(o Scope) bool { return o.Name == s.Name }) {
			add(path, "%s stands twice", s.Name)
		}
		if forbids(s.Name) {
			add(path, "%s is asked for here and forbidden under application.forbidden", s.Name)
		}
		if a.LeastPrivilege != nil && (s.Name == "all" || s.Name == "admin") {
			add(path, "%s gives everything, while application.least_privilege asks for nothing more than is needed", s.Name)
		}
	}
	for i, s := range a.AnyOf {
		if len(s.Scopes) > 0 && !slices.ContainsFunc(s.Scopes, func(name string) bool { return !forbids(name) }) {
			add(fmt.Sprintf("application.any_of[%d]", i), "each of %s is forbidden under application.forbidden", or(s.Scopes))
		}
	}
	levels := map[string]string{}
	for i, l := range g.Role.Levels {
		if other := levels[l.Feature]; other != "" && other != l.AtLeast {
			add(fmt.Sprintf("role.levels[%d].at_least", i), "%s is asked for here and %s in another row of %s", l.AtLeast, other, l.Feature)
		}
		levels[l.Feature] = l.AtLeast
	}
	permissions := map[string]string{}
	for i, p := range g.Role.Permissions {
		if other, twice := permissions[p.Permission]; twice && other != p.AtLeast {
			add(fmt.Sprintf("role.permissions[%d]", i), "two rows ask for different steps of %s", p.Permission)
		}
		permissions[p.Permission] = p.AtLeast
	}
	for _, s := range []struct {
		path string
		row  *Setting
	}{
		{"login.method", g.Login.Method}, {"login.login_type", g.Login.LoginType}, {"login.grant", g.Login.Grant}, {"agent.username", g.Agent.Username}, {"agent.role", g.Agent.Role},
		{"agent.default_team", g.Agent.DefaultTeam}, {"agent.work_hours", g.Agent.WorkHours}, {"agent.team_boxes", g.Agent.TeamBoxes}, {"application.name", named(g.Application.Name)},
	} {
		if s.row != nil && !s.row.Any && len(s.row.Accepted()) == 0 {
			add(s.path, "it names no value, so it asks for nothing; give it one, such as {value: …}")
		}
	}
	if g.Network != nil && len(g.Network.Addresses) == 0 {
		add("network", "it lists no addresses, so nobody can let them in")
	}
	if only, grant := g.Agent.APIOnly, g.Login.Grant; only != nil && !only.Forbids() && grant != nil && len(grant.Accepted()) == 1 && grant.Accepted()[0] == "password" {
		add("agent.api_only", "an API-only agent cannot sign in with a password, which login.grant asks for")
	}
	return found
}
