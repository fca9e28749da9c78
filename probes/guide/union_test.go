package guide_test

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/halocheck/halocheck/probes/guide"
)

// unmet are the requirements of a guide that a configuration does not meet. It is written from the format's meaning, apart
// from the code that makes unions.
func unmet(g *guide.Guide, c guide.Configuration) (ids []string) {
	miss := func(id string, ok bool) {
		if !ok {
			ids = append(ids, id)
		}
	}
	for _, s := range g.Application.Scopes {
		miss("application."+guide.ScopeID(s.Name), slices.Contains(c.Scopes, s.Name))
	}
	for _, s := range g.Application.Forbidden {
		miss("application.without-"+s.Name, !slices.Contains(c.Scopes, s.Name))
	}
	for _, s := range g.Application.AnyOf {
		miss("application."+s.ID, slices.ContainsFunc(s.Scopes, func(name string) bool { return slices.Contains(c.Scopes, name) }))
	}
	for _, l := range g.Role.Levels {
		miss("role."+l.ID, guide.Includes(l.Feature, cmp.Or(c.Levels[l.Feature], "No Access"), l.AtLeast))
	}
	for _, p := range g.Role.Permissions {
		has := c.Permissions[p.Permission]
		miss("role."+p.ID, has != "" && (p.AtLeast != guide.All || has == guide.All))
	}
	for _, x := range g.Role.Restrictions {
		miss("role."+x.ID, slices.Contains(c.Unrestricted, x.Restriction))
	}
	if a := g.Role.Administrator; a != nil {
		miss("role.administrator", c.Administrator == cmp.Or(a.Value, guide.Yes))
	}
	if a := g.Agent.APIOnly; a != nil {
		miss("agent.api-only", c.APIOnly == cmp.Or(a.Value, guide.Yes))
	}
	if d := g.Agent.DefaultTeam; d != nil {
		miss("agent.default-team", d.Any && c.DefaultTeam != "" && c.DefaultTeam != "No Default Team" || slices.Contains(d.Values, c.DefaultTeam))
	}
	if t := g.Agent.Teams; t != nil {
		miss("agent.teams", c.Teams == guide.All || c.Teams != "" && t.Value == "")
	}
	return ids
}

func anyGuide(t *rapid.T, name string) *guide.Guide {
	g := &guide.Guide{Name: name}
	some := func(label string, from []string) []string {
		return slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.SampledFrom(from), 0, 4).Draw(t, label))))
	}
	scopes := strings.Fields("all admin admin:webhooks all:teams read:tickets edit:tickets read:assets")
	for _, s := range some("scopes", scopes[rapid.SampledFrom([]int{0, 4, 4}).Draw(t, "from"):]) {
		g.Application.Scopes = append(g.Application.Scopes, guide.Scope{Name: s})
	}
	for _, s := range some("forbidden", []string{"all", "admin"}) {
		if !slices.ContainsFunc(g.Application.Scopes, func(o guide.Scope) bool { return o.Name == s }) {
			g.Application.Forbidden = append(g.Application.Forbidden, guide.Scope{Name: s})
		}
	}
	if choice := some("choice", scopes[1:4]); len(choice) > 1 { // few, so that one guide's choice often makes another's superfluous
		g.Application.AnyOf = append(g.Application.AnyOf, guide.AnyOf{ID: "choice", Scopes: choice})
	}
	for _, f := range some("features", []string{"tickets", "timesheets", "kb", "timesheets"}) {
		words := []string{"Read Only", "Read and Modify"}
		switch f {
		case "timesheets":
			words = []string{"Read Only", "Read and Modify (Own)", "Read and Modify (Managed)", "Read and Modify (All)", "Read Only (All), Modify Own"}
		case "kb":
			words = append(words, "Read, Modify and Delete")
		}
		g.Role.Levels = append(g.Role.Levels, guide.RoleLevel{ID: f + "-level", Feature: f, AtLeast: rapid.SampledFrom(words).Draw(t, f)})
	}
	for _, p := range some("permissions", []string{"add-tickets", "mark-spam", "edit-actions", "view-appointments"}) {
		row := guide.Permission{ID: p, Permission: p}
		if strings.HasSuffix(p, "s") && !strings.Contains(p, "tickets") {
			row.AtLeast = rapid.SampledFrom([]string{"", guide.Own, guide.All}).Draw(t, p)
		}
		g.Role.Permissions = append(g.Role.Permissions, row)
	}
	for _, x := range some("restrictions", guide.Restrictions) {
		g.Role.Restrictions = append(g.Role.Restrictions, guide.Restriction{ID: "all-" + x, Restriction: x})
	}
	answer := func(label string) *guide.Row {
		if v := rapid.SampledFrom([]string{"-", "", "yes", "no"}).Draw(t, label); v != "-" {
			return &guide.Row{Value: v, Level: rapid.SampledFrom([]string{"", "should"}).Draw(t, label+" level")}
		}
		return nil
	}
	g.Role.Administrator, g.Agent.APIOnly = answer("administrator"), answer("API-only")
	switch rapid.IntRange(0, 3).Draw(t, "default team") {
	case 1:
		g.Agent.DefaultTeam = &guide.Setting{Any: true}
	case 2:
		g.Agent.DefaultTeam = &guide.Setting{Values: []string{"No Default Team"}}
	case 3:
		g.Agent.DefaultTeam = &guide.Setting{Values: []string{"Triage", "Alerts"}}
	}
	if v := rapid.SampledFrom([]string{"-", "", "all"}).Draw(t, "teams"); v != "-" {
		g.Agent.Teams = &guide.Row{Value: v}
	}
	return g
}

// less are the configurations that lack one thing.
func less(c guide.Configuration) map[string]guide.Configuration {
	out := map[string]guide.Configuration{}
	without := func(list []string, drop string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == drop })
	}
	for _, s := range c.Scopes {
		d := c
		d.Scopes = without(c.Scopes, s)
		out["the scope "+s] = d
	}
	for _, x := range c.Unrestricted {
		d := c
		d.Unrestricted = without(c.Unrestricted, x)
		out["the restriction "+x] = d
	}
	for feature, has := range c.Levels {
		words := []string{"No Access", "Read Only", "Read and Modify", "Read and Modify (Own)", "Read and Modify (Managed)", "Read and Modify (All)", "Read Only (All), Modify Own"}
		for _, lower := range words {
			if guide.IsLevel(feature, lower) && guide.Includes(feature, has, lower) && !guide.Includes(feature, lower, has) {
				d := c
				d.Levels = maps.Clone(c.Levels)
				d.Levels[feature] = lower
				out["the level of "+feature+" down to "+lower] = d
			}
		}
	}
	for p, has := range c.Permissions {
		d := c
		d.Permissions = maps.Clone(c.Permissions)
		if delete(d.Permissions, p); has == guide.All {
			d.Permissions[p] = guide.Own
		}
		out["the permission "+p] = d
	}
	if c.Teams != "" {
		d := c
		d.Teams = map[string]string{guide.All: guide.Own}[c.Teams]
		out["the teams"] = d
	}
	return out
}

// TestTheUnionIsSoundAndLeast: what does not contradict is met, and nothing can be taken away.
func TestTheUnionIsSoundAndLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var guides []*guide.Guide
		for _, name := range []string{"A", "B", "C"}[:rapid.IntRange(1, 3).Draw(t, "guides")] {
			guides = append(guides, anyGuide(t, name))
		}
		u := guide.Union(guides...)
		contradicted := map[string]bool{}
		for _, c := range u.Contradictions {
			if len(c.Sides) < 2 || c.Do == "" || c.Sides[0].Says == "" {
				t.Errorf("%+v", c)
			}
			contradicted[c.ID] = true
		}
		broken := func(c guide.Configuration) (ids []string) {
			for _, g := range guides {
				for _, id := range unmet(g, c) {
					if !contradicted[id] {
						ids = append(ids, id)
					}
				}
			}
			return ids
		}
		if ids := broken(u.Configuration); len(ids) > 0 {
			t.Fatalf("unmet: %v of %+v", ids, u)
		}
		for what, c := range less(u.Configuration) {
			if len(broken(c)) == 0 {
				t.Errorf("%s is not needed: %+v", what, u.Configuration)
			}
		}
	})
}

// TestContradictions: each says who wants what, in each guide's words, and what to do.
func TestContradictions(t *testing.T) {
	for _, c := range []struct {
		guides, want string
	}{
		{"mspcentric hudu", "login.auth-url-slash: MSPCentric: Type the Authorisation Server with a slash at the end. / Hudu: Type the Authorisation Server without a slash at the end."},
		{"mspcentric rewst", "application.least-privilege: MSPCentric: Tick nothing else. / Rewst: Tick all."},
		{"dnsfilter rewst", "application.without-all: MSPCentric for DNSFilter: Leave the permission all unticked. / Rewst: Tick all."},
		{"moovila watchguard", "role.administrator: Moovila: Do not make the agent an administrator. / WatchGuard Cloud: Make the agent an administrator."},
		{"thread connectsecure", "agent.default-team: Thread: Set Default Team to No Default Team. / ConnectSecure: Choose a Default Team of your own; it must not stay empty."},
		{"thread saas-alerts", "agent.work-hours: Thread: Set Work hours to Default Working Hours. / SaaS Alerts: Set Work hours to 24 Hours."},
		{"huntress 365sentri", ""},
		{"odd mspcentric", `application.name: Odd: Name the application Odd. / MSPCentric: Name the application MSPCentric.
login.token: Odd: Set Authentication Method to Authorisation Code. / MSPCentric: Set Authentication Method to Client ID and Secret (Services).
agent.username: Odd: Set Username to Odd. / MSPCentric: Set Username to MSPCentric or Gradient.`},
	} {
		var guides []*guide.Guide
		for _, name := range strings.Fields(c.guides) {
			if g := guide.ByName(name); g != nil {
				guides = append(guides, g)
				continue
			}
			odd := &guide.Guide{Name: "Odd", Application: guide.Application{Name: &guide.Row{Value: "Odd"}}}
			odd.Login.Method, odd.Agent.Username = &guide.Setting{Values: []string{"Authorisation Code"}}, &guide.Setting{Values: []string{"Odd"}}
			odd.Agent.Role = &guide.Setting{Values: []string{"Odd"}} // an agent may have several roles
			guides = append(guides, odd)
		}
		var got []string
		for _, x := range guide.Union(guides...).Contradictions {
			var sides []string
			for _, s := range x.Sides {
				sides = append(sides, s.Guide+": "+s.Says)
			}
			got = append(got, x.ID+": "+strings.Join(sides, " / "))
		}
		if diff := gocmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s: %s", c.guides, diff)
		}
	}
}

// TestLevelsNeverContradict: any two access levels of a feature have one that includes both, so that no guides contradict each other in
// one; it is the lower of two of which one includes the other.
func TestLevelsNeverContradict(t *testing.T) {
	for feature, steps := range guide.Features {
		words := slices.Concat(steps...)
		for _, extra := range []string{"Read, Modify and Delete", "Read Only (All), Modify Own"} {
			if guide.IsLevel(feature, extra) && !slices.Contains(words, extra) {
				words = append(words, extra)
			}
		}
		with := func(words string) *guide.Guide {
			g := &guide.Guide{Name: words}
			g.Role.Levels = []guide.RoleLevel{{Feature: feature, AtLeast: words}}
			return g
		}
		for _, a := range words {
			for _, b := range words {
				u := guide.Union(with(a), with(b))
				both := u.Configuration.Levels[feature]
				if both == "" || !guide.Includes(feature, both, a) || !guide.Includes(feature, both, b) || len(u.Contradictions) > 0 {
					t.Errorf("%s: %q and %q are both in %q", feature, a, b, both)
				}
				for _, less := range words {
					if guide.Includes(feature, less, a) && guide.Includes(feature, less, b) && !guide.Includes(feature, less, both) {
						t.Errorf("%s: %q and %q are both in %q, which is less than %q", feature, a, b, less, both)
					}
				}
				if guide.Includes(feature, a, b) && !guide.Includes(feature, a, both) {
					t.Errorf("%s: %q is more than %q, which includes %q", feature, both, a, b)
				}
			}
		}
	}
	side := guide.Side{Says: "Tick nothing else.", Level: "should"}
	if got := side.Text(); got != "Tick nothing else (recommended)." {
		t.Error(got)
	}
	if side.Level = "must"; side.Text() != side.Says {
		t.Error(side.Text())
	}
}
