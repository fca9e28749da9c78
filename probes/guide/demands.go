package guide

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Demand is one row of a guide as an instruction to an administrator.
type Demand struct {
	ID      string `json:"id"`      // the requirement that judges it
	Chapter string `json:"chapter"` // one of Chapters
	Do      string `json:"do"`
	Wants   string `json:"wants"` // what is asked for, to compare with another guide's; empty: that it is so at all
	Row     Row    `json:"-"`
}

// usualLevels are how binding a row without a level is, where that is less than must. They are the requirements' own levels: what
// a list of things to do or a contradiction calls binding is what a check calls so.
var usualLevels = map[string]string{
	"application.name": "may", "application.least-privilege": "should",
	"agent.username": "may", "agent.role": "may", "agent.default-team": "may", "agent.work-hours": "should",
}

// levelOf is how binding a row of a requirement is. To have some default team is a must: without one an agent does not see
// other agents (halo-api §6).
func levelOf(id string, r Row, anyWillDo bool) string {
	usual := usualLevels[id]
	if anyWillDo && id == "agent.default-team" {
		usual = "must"
	}
	return cmp.Or(r.Level, usual, "must")
}

// Level is must, should or may.
func (d Demand) Level() string { return levelOf(d.ID, d.Row, d.Wants == AnyValue) }

// Chapters are where an administrator does what a guide asks for, in that order.
var Chapters = []string{"Instance", "API application", "Role", "Agent", "Vendor's form", "By hand"}

// ScopeID is the requirement of a scope within its area: scope-read-customers.
func ScopeID(scope string) string {
	return "scope-" + strings.ReplaceAll(strings.ToLower(scope), ":", "-")
}

// WithoutID is the requirement that a scope is not there, within its area: without-all.
func WithoutID(scope string) string { return "without-" + strings.TrimPrefix(ScopeID(scope), "scope-") }

// Demands are all that a guide asks for, in the order of [Chapters].
func (g *Guide) Demands() []Demand {
	d := demands{}
	d.instance(g)
	d.application(g)
	d.role(g.Role)
	d.agent(g.Agent)
	d.form(g)
	for _, m := range g.Manual {
		d.add("manual."+m.ID, "By hand", m.Row, m.Says, m.Says)
	}
	return d
}

type demands []Demand

func (d *demands) add(id, chapter string, row Row, wants, do string, args ...any) {
	if len(args) > 0 {
		do = fmt.Sprintf(do, args...)
	}
	*d = append(*d, Demand{ID: id, Chapter: chapter, Do: do, Wants: wants, Row: row})
}

func (d *demands) instance(g *Guide) {
	if n := g.Network; n != nil {
		list, do := strings.Join(n.Addresses, ", "), "Let the vendor's addresses in if access is restricted by address; the guide names none."
		if list != "" {
			do = "Let these addresses in if access is restricted by address: " + list + "."
		}
		d.add("network.allowlist", "Instance", n.Row, list, do)
	}
	if g.Trust != nil {
		d.add("trust.chain", "Instance", *g.Trust, "", "Install the certificate with its full chain.")
	}
	switch v := g.Product.Version; {
	case v != nil && v.AtLeast != "":
		d.add("product.version", "Instance", v.Row, v.AtLeast, "Run HaloPSA %s or later.", v.AtLeast)
	case v != nil:
		d.add("product.version", "Instance", v.Row, "the latest", "Run the latest stable version of HaloPSA.")
	}
}

func (d *demands) application(g *Guide) {
	const chapter = "API application"
	a, login := g.Application, g.Login
	if a.Name != nil && a.Name.Value != "" {
		d.add("application.name", chapter, *a.Name, a.Name.Value, "Name the application %s.", a.Name.Value)
	}
	for _, s := range []struct {
		id, label string
		row       *Setting
	}{{"login.token", "Authentication Method", login.Method}, {"login.login-type", "Login Type", login.LoginType}, {"login.grant-type", "the OAuth grant", login.Grant}} {
		if s.row != nil && len(s.row.Accepted()) > 0 {
			wants := or(s.row.Accepted())
			d.add(s.id, chapter, s.row.Row, wants, "Set %s to %s.", cmp.Or(s.row.Label, s.label), wants)
		}
	}
	if login.Agent != nil {
		d.add("login.agent", chapter, *login.Agent, "", "Choose an agent under %s.", cmp.Or(login.Agent.Label, "Agent to log in as"))
	}
	for _, s := range a.Scopes {
		d.add("application."+ScopeID(s.Name), chapter, s.Row, "", "Tick %s.", s.Name)
	}
	for _, s := range a.AnyOf {
		d.add("application."+s.ID, chapter, s.Row, or(s.Scopes), "Tick %s; one is enough.", or(s.Scopes))
	}
	for _, s := range a.Forbidden {
		d.add("application."+WithoutID(s.Name), chapter, s.Row, "", "Leave the permission %s unticked.", s.Name)
	}
	if a.LeastPrivilege != nil {
		d.add("application.least-privilege", chapter, *a.LeastPrivilege, "", "Tick nothing else.")
	}
	if login.Secret != nil {
		d.add("login.secret-form", chapter, *login.Secret, "", "Keep the Client ID and the Client Secret: the secret is shown once.")
	}
}

func (d *demands) role(r Role) {
	if a := r.Administrator; a != nil {
		wants := cmp.Or(a.Value, Yes)
		d.add("role.administrator", "Role", *a, wants, map[string]string{Yes: "Make the agent an administrator.", No: "Do not make the agent an administrator."}[wants])
	}
	for _, l := range r.Levels {
		d.add("role."+l.ID, "Role", l.Row, l.AtLeast, "Set %s to %s.", l.Label, l.AtLeast)
	}
	for _, p := range r.Permissions {
		kind, _ := PermissionNamed(p.Permission)
		wants := cmp.Or(p.AtLeast, Yes)
		if p.Label == "" {
			d.add("role."+p.ID, "Role", p.Row, wants, "Let the role %s%s.", kind.Does, Whose(wants))
			continue
		}
		d.add("role."+p.ID, "Role", p.Row, wants, "Set %s to %s.", p.Label, strings.ToUpper(wants[:1])+wants[1:])
	}
	for _, x := range r.Restrictions {
		d.add("role."+x.ID, "Role", x.Row, "", "Set %s to Yes.", x.Label)
	}
}

func (d *demands) agent(a Agent) {
	if r := a.APIOnly; r != nil {
		wants := cmp.Or(r.Value, Yes)
		label := cmp.Or(r.Label, "API-only agent")
		d.add("agent.api-only", "Agent", *r, wants, map[string]string{Yes: "Tick %s.", No: "Leave %s unticked."}[wants], label)
	}
	if a.Enabled != nil {
		d.add("agent.enabled", "Agent", *a.Enabled, "", "Keep the agent active (%s).", cmp.Or(a.Enabled.Label, "Account Active"))
	}
	for _, s := range []struct {
		id, label string
		row       *Setting
	}{{"username", "Username", a.Username}, {"role", "Roles", a.Role}, {"default-team", "Default Team", a.DefaultTeam}, {"work-hours", "Work hours", a.WorkHours}, {"departments", "Departments", a.Departments}} {
		switch {
		case s.row == nil:
		case s.row.Any:
			d.add("agent."+s.id, "Agent", s.row.Row, AnyValue, "Choose a %s of your own; it must not stay empty.", cmp.Or(s.row.Label, s.label))
		case s.id == "departments" && len(s.row.Accepted()) == 0:
			d.add("agent.departments", "Agent", s.row.Row, "", "Add the agent to a department.")
		case len(s.row.Accepted()) > 0:
			wants := or(s.row.Accepted())
			d.add("agent."+s.id, "Agent", s.row.Row, wants, "Set %s to %s.", cmp.Or(s.row.Label, s.label), wants)
		}
	}
	if t := a.Teams; t != nil && t.Value == All {
		d.add("agent.teams", "Agent", *t, All, "Add the agent to every team.")
	} else if t != nil {
		d.add("agent.teams", "Agent", *t, "", "Add the agent to the teams that tickets go to.")
	}
	if b := a.TeamBoxes; b != nil && len(b.Accepted()) > 0 {
		wants := strings.Join(b.Accepted(), ", ")
		d.add("agent.team-boxes", "Agent", b.Row, wants, "In the agent's teams, allow the tickets of: %s.", wants)
	}
}

// formWords say how an address is typed.
var formWords = map[string]string{
	"": "", FormShown: " as HaloPSA shows it", FormPath: " with its path (https://acme.halopsa.com%s)", FormOrigin: " without a path (https://acme.halopsa.com)",
	FormHost: " as a host, without https:// and path (acme.halopsa.com)", FormLabel: " as the first part of the host alone (acme)",
}

func (d *demands) form(g *Guide) {
	const chapter = "Vendor's form"
	for _, f := range []struct {
		id, name, path string
		url            *URL
	}{{"login.resource-url", "Resource Server", "/api", g.Login.ResourceURL}, {"login.auth-url-slash", "Authorisation Server", "/auth", g.Login.AuthURL}} {
		if f.url == nil {
			continue
		}
		how := strings.ReplaceAll(formWords[f.url.Form], "%s", f.path)
		switch f.url.TrailingSlash {
		case SlashMust:
			how += ", with a slash at the end"
		case SlashMustNot:
			how += ", without a slash at the end"
		}
		field := ""
		if f.url.Field != "" {
			field = " into " + f.url.Field
		}
		wants := strings.TrimSpace(f.url.Form + " " + string(f.url.TrailingSlash))
		d.add(f.id, chapter, f.url.Row, wants, "Type the %s%s%s.", f.name, field, strings.TrimPrefix(how, ","))
	}
	switch t := g.Product.Tenant; {
	case t == nil:
	case t.Form == TenantEmpty:
		d.add("product.tenant", chapter, t.Row, TenantEmpty, "Type the tenant; leave it empty on premises.")
	case t.Form == TenantAbsent:
	case t.OnPremise != "":
		d.add("product.tenant", chapter, t.Row, t.OnPremise, "Type the tenant; on premises type %s.", t.OnPremise)
	default:
		d.add("product.tenant", chapter, t.Row, "", "Type the tenant.")
	}
}

// or joins choices.
func or(choices []string) string {
	if len(choices) < 2 {
		return strings.Join(choices, "")
	}
	last := len(choices) - 1
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}

// Change is what two editions differ in.
type Change struct {
	ID     string `json:"id"`
	Old    string `json:"old,omitempty"` // the instruction; empty: it was not asked for
	New    string `json:"new,omitempty"` // empty: it is not asked for any more
	Levels string `json:"levels,omitempty"`
}

// String is the change on one line: + for what is asked for now, - for what is no longer, ~ for what is asked for otherwise.
func (c Change) String() string {
	switch {
	case c.Old == "":
		return fmt.Sprintf("+ %s: %s", c.ID, c.New)
	case c.New == "":
		return fmt.Sprintf("- %s: %s", c.ID, c.Old)
	case c.Old == c.New:
		return fmt.Sprintf("~ %s: %s Level: %s.", c.ID, c.New, c.Levels)
	}
	return fmt.Sprintf("~ %s: %s Before: %s", c.ID, c.New, c.Old)
}

// Diff are the changes from one edition of a guide to another.
func Diff(before, after *Guide) []Change {
	var changes []Change
	old, left := before.Demands(), map[string]bool{}
	for _, n := range after.Demands() {
		left[n.ID] = true
		i := slices.IndexFunc(old, func(o Demand) bool { return o.ID == n.ID })
		switch {
		case i < 0:
			changes = append(changes, Change{ID: n.ID, New: n.Do})
		case old[i].Do != n.Do || old[i].Level() != n.Level():
			c := Change{ID: n.ID, Old: old[i].Do, New: n.Do}
			if old[i].Level() != n.Level() {
				c.Levels = old[i].Level() + " → " + n.Level()
			}
			changes = append(changes, c)
		}
	}
	for _, o := range old {
		if !left[o.ID] {
			changes = append(changes, Change{ID: o.ID, Old: o.Do})
		}
	}
	return changes
}
