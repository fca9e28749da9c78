package guide

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Configuration is what is set in HaloPSA for an integration, as far as guides ask for it. Empty values are free.
type Configuration struct {
	Scopes        []string          `json:"scopes"`
	LoginType     string            `json:"login_type,omitempty"`
	Grant         string            `json:"grant,omitempty"`
	Administrator string            `json:"administrator,omitempty"` // Yes or No
	Levels        map[string]string `json:"levels"`                  // by feature
	Permissions   map[string]string `json:"permissions"`             // by name: Yes, Own or All
	Unrestricted  []string          `json:"unrestricted"`            // of Restrictions
	APIOnly       string            `json:"api_only,omitempty"`      // Yes or No
	DefaultTeam   string            `json:"default_team,omitempty"`
	WorkHours     string            `json:"work_hours,omitempty"`
	Teams         string            `json:"teams,omitempty"` // Own: those that tickets go to; All
	Department    string            `json:"department,omitempty"`
	TeamBoxes     []string          `json:"team_boxes,omitempty"`
}

// AnyValue stands for a setting that has to be chosen, whatever it is.
const AnyValue = "any"

// Contradiction is a point that guides cannot agree on.
type Contradiction struct {
	ID    string `json:"id"` // the requirement that it is about
	Sides []Side `json:"sides"`
	Do    string `json:"do"`
	// Binding: demands that must be met contradict each other, so that no one configuration of HaloPSA satisfies all.
	Binding bool `json:"binding"`
}

// Side is one guide's demand in a contradiction.
type Side struct {
	Guide string `json:"guide"`
	Says  string `json:"says"`
	Level string `json:"level"`
	row   *Guide
}

// Text is the demand in words, and that it is no must where it is none.
func (s Side) Text() string {
	if words := map[string]string{"should": "recommended", "may": "suggested"}[s.Level]; words != "" {
		return strings.TrimSuffix(s.Says, ".") + " (" + words + ")."
	}
	return s.Says
}

// Merged is the least configuration for several guides, and what they contradict each other in.
type Merged struct {
	Configuration  Configuration   `json:"configuration"`
	Contradictions []Contradiction `json:"contradictions"`
}

// What to do about a contradiction.
const (
	twoApplications = "Make an API application for each of them."
	twoAgents       = "Make an agent and an API application for each of them."
	twoForms        = "Type the address as each vendor's own form wants it; HaloPSA takes both."
)

// Union is the least configuration that satisfies all guides, but for what they contradict each other in. Of a contradiction
// it takes the most binding demand, and of two alike the first.
func Union(guides ...*Guide) Merged {
	u := union{guides: guides}
	u.Configuration = Configuration{Levels: map[string]string{}, Permissions: map[string]string{}}
	c := &u.Configuration
	for _, g := range guides {
		for _, l := range g.Role.Levels {
			c.Levels[l.Feature] = higher(l.Feature, c.Levels[l.Feature], l.AtLeast)
		}
		for _, p := range g.Role.Permissions {
			if has := c.Permissions[p.Permission]; has != All {
				c.Permissions[p.Permission] = cmp.Or(p.AtLeast, has, lowest(p.Permission))
			}
		}
		for _, x := range g.Role.Restrictions {
			c.Unrestricted = include(c.Unrestricted, x.Restriction)
		}
		if t := g.Agent.Teams; t != nil && c.Teams != All {
			c.Teams = cmp.Or(t.Value, Own)
		}
		if b := g.Agent.TeamBoxes; b != nil {
			c.TeamBoxes = include(c.TeamBoxes, b.Accepted()...)
		}
	}
	u.scopes()
	u.choose("application.name", twoApplications, func(g *Guide) *Setting { return named(g.Application.Name) })
	u.choose("login.token", twoApplications, func(g *Guide) *Setting { return g.Login.Method })
	u.choose("agent.username", twoAgents, func(g *Guide) *Setting { return g.Agent.Username })
	c.LoginType = u.choose("login.login-type", twoApplications, func(g *Guide) *Setting { return g.Login.LoginType })
	c.Grant = u.choose("login.grant-type", twoApplications, func(g *Guide) *Setting { return g.Login.Grant })
	c.Administrator = u.choose("role.administrator", twoAgents, func(g *Guide) *Setting { return yesNo(g.Role.Administrator) })
	c.APIOnly = u.choose("agent.api-only", twoAgents, func(g *Guide) *Setting { return yesNo(g.Agent.APIOnly) })
	c.DefaultTeam = u.choose("agent.default-team", twoAgents, func(g *Guide) *Setting { return g.Agent.DefaultTeam })
	c.WorkHours = u.choose("agent.work-hours", twoAgents, func(g *Guide) *Setting { return g.Agent.WorkHours })
	c.Department = u.choose("agent.departments", twoAgents, func(g *Guide) *Setting { return g.Agent.Departments })
	u.choose("login.auth-url-slash", twoForms, func(g *Guide) *Setting { return g.Login.AuthURL.slash() })
	u.choose("login.resource-url", twoForms, func(g *Guide) *Setting { return g.Login.ResourceURL.slash() })
	return u.Merged
}

// union is a merger under way.
type union struct {
	Merged

	guides []*Guide
}

// scopes takes all that is needed, of each choice the one that is there already or the first that nobody forbids, and
// names who forbids what another needs.
func (u *union) scopes() {
	c := &u.Configuration
	forbidden := map[string]bool{}
	for _, g := range u.guides {
		for _, s := range g.Application.Scopes {
			c.Scopes = include(c.Scopes, s.Name)
		}
		for _, s := range g.Application.Forbidden {
			forbidden[s.Name] = true
		}
	}
	for _, g := range u.guides {
		for _, choice := range g.Application.AnyOf {
			if !contains(c.Scopes, choice.Scopes) {
				i := max(0, slices.IndexFunc(choice.Scopes, func(name string) bool { return !forbidden[name] }))
				c.Scopes = include(c.Scopes, choice.Scopes[i])
			}
		}
	}
	for _, name := range slices.Clone(c.Scopes) { // what a later choice has made superfluous
		without := slices.DeleteFunc(slices.Clone(c.Scopes), func(o string) bool { return o == name })
		if !slices.ContainsFunc(u.guides, func(g *Guide) bool { return !g.Application.met(without) }) {
			c.Scopes = without
		}
	}
	for _, name := range slices.Sorted(maps.Keys(forbidden)) {
		if slices.Contains(c.Scopes, name) {
			id := "application." + WithoutID(name)
			sides := append(u.who(id), u.who("application."+ScopeID(name))...)
			for _, g := range u.guides {
				for _, choice := range g.Application.AnyOf {
					if !slices.ContainsFunc(choice.Scopes, func(name string) bool { return !forbidden[name] }) {
						sides = append(sides, sidesOf(g, "application."+choice.ID)...)
					}
				}
			}
			u.contradict(id, twoApplications, true, sides)
		}
	}
	for _, g := range u.guides {
		if g.Application.LeastPrivilege == nil {
			continue
		}
		sides := sidesOf(g, "application.least-privilege")
		for _, other := range u.guides {
			for _, s := range other.Application.Scopes {
				if broad := s.Name == "all" || s.Name == "all:standard" || s.Name == "admin"; broad && !g.Application.names(s.Name) {
					sides = append(sides, sidesOf(other, "application."+ScopeID(s.Name))...)
				}
			}
		}
		u.contradict("application.least-privilege", twoApplications, false, sides)
	}
}

// met tells whether scopes give an application all that it needs.
func (a Application) met(scopes []string) bool {
	return !slices.ContainsFunc(a.Scopes, func(s Scope) bool { return !slices.Contains(scopes, s.Name) }) &&
		!slices.ContainsFunc(a.AnyOf, func(s AnyOf) bool { return !contains(scopes, s.Scopes) })
}

// names tells whether an application needs a scope.
func (a Application) names(scope string) bool {
	return slices.ContainsFunc(a.Scopes, func(s Scope) bool { return s.Name == scope })
}

// choose is a value that all guides accept which have the row. Where there is none it names the guides, and takes the
// first value of the most binding demand.
func (u *union) choose(id, do string, of func(*Guide) *Setting) string {
	var rows []*Setting
	var sides []Side
	for _, g := range u.guides {
		if s := of(g); s != nil && (s.Any || len(s.Accepted()) > 0) {
			rows, sides = append(rows, s), append(sides, sidesOf(g, id)...)
		}
	}
	if len(rows) == 0 {
		return ""
	}
	value, ok := common(rows)
	if ok {
		return value
	}
	musts := slices.DeleteFunc(slices.Clone(rows), func(s *Setting) bool { return levelOf(id, s.Row, s.Any) != "must" })
	binding := false
	if value, ok = common(musts); !ok && len(musts) > 0 {
		binding = true
		value = cmp.Or(strings.Join(musts[0].Accepted()[:min(1, len(musts[0].Accepted()))], ""), AnyValue)
	} else if !ok {
		value = cmp.Or(strings.Join(rows[0].Accepted()[:min(1, len(rows[0].Accepted()))], ""), AnyValue)
	}
	u.contradict(id, do, binding && do != twoForms, sides)
	return value
}

// common is a value that all settings take.
func common(rows []*Setting) (string, bool) {
	candidates := []string{}
	for _, s := range rows {
		candidates = append(candidates, s.Accepted()...)
	}
	if len(candidates) == 0 && len(rows) > 0 {
		return AnyValue, true
	}
	for _, value := range candidates {
		if !slices.ContainsFunc(rows, func(s *Setting) bool { return !s.Takes(value) }) {
			return value, true
		}
	}
	return "", false
}

// NoDefaultTeam is the choice in HaloPSA's lists that means that there is none.
const NoDefaultTeam = "No Default Team"

// Takes tells whether a value will do. Where any will do, "none" is no value.
func (s *Setting) Takes(value string) bool {
	if s.Any {
		return value != "" && !strings.EqualFold(value, NoDefaultTeam)
	}
	return value != AnyValue && containsFold(s.Accepted(), value)
}

func (u *union) contradict(id, do string, binding bool, sides []Side) {
	if len(sides) > 1 {
		u.Contradictions = append(u.Contradictions, Contradiction{ID: id, Sides: sides, Do: do, Binding: binding})
	}
}

// who are the guides that have a demand.
func (u *union) who(id string) (sides []Side) {
	for _, g := range u.guides {
		sides = append(sides, sidesOf(g, id)...)
	}
	return sides
}

func sidesOf(g *Guide, id string) (sides []Side) {
	for _, d := range g.Demands() {
		if d.ID == id {
			sides = append(sides, Side{Guide: g.Name, Says: d.Do, Level: d.Level(), row: g})
		}
	}
	return sides
}

// About tells whether a contradiction is about a guide's demand.
func (c Contradiction) About(g *Guide) bool {
	return slices.ContainsFunc(c.Sides, func(s Side) bool { return s.row == g })
}

// slash is the rule of the slash as a choice; nil: either will do.
func (u *URL) slash() *Setting {
	if u == nil || u.TrailingSlash == SlashEither {
		return nil
	}
	return &Setting{Row: u.Row, Values: []string{string(u.TrailingSlash)}}
}

// named is the value of a row as a choice; nil: there is none.
func named(r *Row) *Setting {
	if r == nil {
		return nil
	}
	return &Setting{Row: *r}
}

func yesNo(r *Row) *Setting {
	if r == nil {
		return nil
	}
	s := &Setting{Row: *r}
	s.Value = cmp.Or(r.Value, Yes)
	return s
}

// higher is the lowest access level that includes both.
func higher(feature, a, b string) string {
	if a == "" || Includes(feature, b, a) {
		return b
	}
	if Includes(feature, a, b) {
		return a
	}
	words := slices.Clone(uncoded[feature])
	for _, step := range Features[feature] {
		words = append(words, step[0])
	}
	best := ""
	for _, w := range words {
		if Includes(feature, w, a) && Includes(feature, w, b) && (best == "" || Includes(feature, best, w)) {
			best = w
		}
	}
	return best
}

// lowest is the least that a permission can be where it is on.
func lowest(permission string) string {
	if kind, _ := PermissionNamed(permission); len(kind.Steps) > 0 {
		return kind.Steps[0]
	}
	return Yes
}

func include(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func contains(list, any []string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return slices.Contains(list, s) })
}

// ScopesFor are the configuration's scopes, and those that a guide's access levels need where it names none of theirs: a
// page that was read in part leaves out the application, and no instance works without.
func (c Configuration) ScopesFor(guides ...*Guide) []string {
	scopes := slices.Clone(c.Scopes)
	for _, g := range guides {
		for _, name := range g.ScopesToRequest() {
			if !slices.ContainsFunc(g.Application.AnyOf, func(a AnyOf) bool { return slices.Contains(a.Scopes, name) }) {
				scopes = include(scopes, name)
			}
		}
	}
	return scopes
}

// Claims are the configuration's access levels, permissions and lifted restrictions as HaloPSA's claims, by code. What no
// source tells the code of is left out.
func (c Configuration) Claims(code func(name string) string) map[string]int {
	claims := map[string]int{}
	set := func(name string, value int) {
		if at := code(name); at != "" {
			claims[at] = value
		}
	}
	for feature, words := range c.Levels {
		step, coded := Step(feature, words)
		if !coded {
			step = len(Features[feature]) // deleting, the step above the known ones
			if feature == "timesheets" {
				step-- // what surely includes it
			}
		}
		set(feature, step)
	}
	for name, has := range c.Permissions {
		value := 1
		if has == All {
			value = AllValue(name)
		}
		set(name, value)
	}
	for _, name := range c.Unrestricted {
		if name == "clients" {
			name = "all-clients" // the level has that name
		}
		set(name, 1)
	}
	return claims
}
