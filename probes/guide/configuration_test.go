package guide_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes/guide"
)

// TestTheMostBindingDemandWins: what must be beats what should be, whichever comes first, and only what must be both ways
// leaves no one configuration.
func TestTheMostBindingDemandWins(t *testing.T) {
	row := func(value, level string) *guide.Row { return &guide.Row{Value: value, Level: level} }
	for name, c := range map[string]struct {
		a, b    *guide.Row
		want    string
		sides   int
		binding bool
	}{
		"nobody asks":            {nil, nil, "", 0, false},
		"one asks":               {nil, row("no", ""), "no", 0, false},
		"both ask for the same":  {row("yes", "must"), row("", ""), "yes", 0, false},
		"should, then must":      {row("yes", "should"), row("no", "must"), "no", 2, false},
		"should, then the usual": {row("yes", "may"), row("no", ""), "no", 2, false},
		"the usual, then should": {row("yes", ""), row("no", "should"), "yes", 2, false},
		"must, and the usual":    {row("yes", "must"), row("no", ""), "yes", 2, true},
		"neither has to be":      {row("no", "should"), row("yes", "may"), "no", 2, false},
	} {
		u := guide.Union(&guide.Guide{Name: "A", Role: guide.Role{Administrator: c.a}}, &guide.Guide{Name: "B", Role: guide.Role{Administrator: c.b}})
		sides, binding := 0, false
		for _, x := range u.Contradictions {
			sides, binding = sides+len(x.Sides), binding || x.Binding
		}
		if u.Configuration.Administrator != c.want || sides != c.sides || binding != c.binding {
			t.Errorf("%s: %q, %+v", name, u.Configuration.Administrator, u.Contradictions)
		}
	}
}

// TestWhatNoOneConfigurationSatisfies: a forbidden scope that another needs is binding; two vendors' forms, and a broad scope
// beside least privilege, are not.
func TestWhatNoOneConfigurationSatisfies(t *testing.T) {
	for id, c := range map[string]struct {
		a, b    guide.Guide
		binding bool
	}{
		"application.without-all": {
			guide.Guide{Application: guide.Application{Forbidden: []guide.Scope{{Name: "all"}}}}, guide.Guide{Application: guide.Application{Scopes: []guide.Scope{{Name: "all"}}}}, true,
		},
		"application.least-privilege": {
			guide.Guide{Application: guide.Application{LeastPrivilege: &guide.Row{}}}, guide.Guide{Application: guide.Application{Scopes: []guide.Scope{{Name: "all:standard"}}}}, false,
		},
		"login.auth-url-slash": {
			guide.Guide{Login: guide.Login{AuthURL: &guide.URL{TrailingSlash: guide.SlashMust}}}, guide.Guide{Login: guide.Login{AuthURL: &guide.URL{TrailingSlash: guide.SlashMustNot}}}, false,
		},
	} {
		other := &guide.Guide{}
		found := guide.Union(&c.a, other, &c.b).Contradictions
		if len(found) != 1 || found[0].ID != id || found[0].Binding != c.binding {
			t.Errorf("%s: %+v", id, found)
			continue
		}
		if !found[0].About(&c.a) || !found[0].About(&c.b) || found[0].About(other) {
			t.Errorf("%s: it is about the two alone", id)
		}
	}
}

// TestAChoiceThatIsForbiddenWhole contradicts who forbids it; one with a scope that nobody forbids is met by that one.
func TestAChoiceThatIsForbiddenWhole(t *testing.T) {
	forbids := &guide.Guide{Name: "Strict", Application: guide.Application{Forbidden: []guide.Scope{{Name: "admin"}, {Name: "all"}}}}
	wants := func(scopes ...string) *guide.Guide {
		return &guide.Guide{Name: "Chooser", Application: guide.Application{AnyOf: []guide.AnyOf{{ID: "hooks", Scopes: scopes}}}}
	}
	sides := func(id string, guides ...*guide.Guide) (names []string) {
		for _, c := range guide.Union(guides...).Contradictions {
			if c.ID == id {
				for _, s := range c.Sides {
					names = append(names, s.Guide)
				}
			}
		}
		return names
	}
	if diff := cmp.Diff([]string{"Strict", "Chooser"}, sides("application.without-all", forbids, wants("all", "admin"))); diff != "" {
		t.Error(diff)
	}
	if got := sides("application.without-all", forbids, wants("all", "admin:webhooks")); got != nil {
		t.Errorf("a choice that can be met: %v", got)
	}
	needs := &guide.Guide{Name: "Broad", Application: guide.Application{Scopes: []guide.Scope{{Name: "all"}}}}
	if diff := cmp.Diff([]string{"Strict", "Broad"}, sides("application.without-all", forbids, needs, wants("admin", "admin:webhooks"))); diff != "" {
		t.Errorf("beside a choice that can be met: %s", diff)
	}
}

// TestASettingThatAnyGuideLeavesOpen: two that want any agree on any, a value is one, and a row that names nothing asks for nothing.
func TestASettingThatAnyGuideLeavesOpen(t *testing.T) {
	chosen, day := &guide.Setting{Any: true}, &guide.Setting{Values: []string{"24 Hours"}}
	for _, c := range []struct {
		a, b *guide.Setting
		want string
	}{{chosen, chosen, "any"}, {chosen, day, "24 Hours"}, {&guide.Setting{}, nil, ""}, {&guide.Setting{}, day, "24 Hours"}} {
		u := guide.Union(&guide.Guide{Agent: guide.Agent{WorkHours: c.a}}, &guide.Guide{Agent: guide.Agent{WorkHours: c.b}})
		if u.Configuration.WorkHours != c.want || len(u.Contradictions) > 0 {
			t.Errorf("%+v and %+v: %+v", c.a, c.b, u)
		}
	}
}

// TestAChoiceThatALaterOneMeets is not ticked twice.
func TestAChoiceThatALaterOneMeets(t *testing.T) {
	choice := func(id string, scopes ...string) guide.AnyOf { return guide.AnyOf{ID: id, Scopes: scopes} }
	u := guide.Union(
		&guide.Guide{Application: guide.Application{Scopes: []guide.Scope{{Name: "all:teams"}}, AnyOf: []guide.AnyOf{choice("a", "read:tickets", "read:assets")}}},
		&guide.Guide{Application: guide.Application{AnyOf: []guide.AnyOf{choice("b", "read:assets", "edit:assets")}}},
	)
	if diff := cmp.Diff([]string{"all:teams", "read:assets"}, u.Configuration.Scopes); diff != "" {
		t.Error(diff)
	}
}

// TestTheLeastLevelThatIncludesBoth is one of the screen's, and no more than is needed.
func TestTheLeastLevelThatIncludesBoth(t *testing.T) {
	for _, c := range []struct{ feature, a, b, want string }{
		{"timesheets", "Read Only", "Read and Modify (Own)", "Read Only (All), Modify Own"},
		{"timesheets", "Read Only", "Read and Modify (Managed)", "Read and Modify (All)"},
		{"tickets", "Read and Modify", "Read Only", "Read and Modify"},
	} {
		level := func(words string) *guide.Guide {
			return &guide.Guide{Role: guide.Role{Levels: []guide.RoleLevel{{Feature: c.feature, AtLeast: words}}}}
		}
		for _, u := range []guide.Merged{guide.Union(level(c.a), level(c.b)), guide.Union(level(c.b), level(c.a))} {
			if got := u.Configuration.Levels[c.feature]; got != c.want {
				t.Errorf("%s, %s and %s: %q, want %q", c.feature, c.a, c.b, got, c.want)
			}
		}
	}
}

// TestAConfigurationAsClaims: steps by their numbers, deleting above the known ones, and nothing whose code is not known.
func TestAConfigurationAsClaims(t *testing.T) {
	c := guide.Configuration{
		Levels:       map[string]string{"tickets": "Read and Modify", "clients": "Read Only", "kb": "Read, Modify and Delete", "timesheets": "Read Only (All), Modify Own", "crm": "Read Only"},
		Permissions:  map[string]string{"add-tickets": "yes", "edit-actions": "all", "view-appointments": "own", "add-appointments": "all"},
		Unrestricted: []string{"clients", "ticket-types"},
	}
	got := c.Claims(func(name string) string {
		if name == "crm" {
			return ""
		}
		return "code of " + name
	})
	want := map[string]int{
		"code of tickets": 2, "code of clients": 2, "code of kb": 3, "code of timesheets": 4,
		"code of add-tickets": 1, "code of edit-actions": 3, "code of view-appointments": 1, "code of add-appointments": 2,
		"code of all-clients": 1, "code of ticket-types": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestScopesThatLevelsNeed are asked for where the guide names none of theirs, and a choice's other half is not.
func TestScopesThatLevelsNeed(t *testing.T) {
	level := func(feature, words string) guide.RoleLevel { return guide.RoleLevel{Feature: feature, AtLeast: words} }
	for _, c := range []struct {
		scopes []string
		levels []guide.RoleLevel
		want   []string
	}{
		{nil, []guide.RoleLevel{level("tickets", "Read Only")}, []string{"read:tickets"}},
		{nil, []guide.RoleLevel{level("users", "Read and Modify")}, []string{"read:customers", "edit:customers"}},
		{nil, []guide.RoleLevel{level("services", "Read Only")}, nil},
		{[]string{"edit:tickets"}, []guide.RoleLevel{level("tickets", "Read and Modify")}, []string{"edit:tickets"}},
		{[]string{"read:tickets"}, []guide.RoleLevel{level("tickets", "Read and Modify")}, []string{"read:tickets"}},
		{[]string{"read:tickets"}, []guide.RoleLevel{level("assets", "Read Only")}, []string{"read:tickets", "read:assets"}},
		{[]string{"all"}, []guide.RoleLevel{level("assets", "Read Only")}, []string{"all"}},
		{[]string{"all:standard"}, []guide.RoleLevel{level("assets", "Read Only")}, []string{"all:standard"}},
		{[]string{"admin"}, []guide.RoleLevel{level("assets", "Read Only")}, []string{"admin"}},
		{[]string{"all:teams"}, []guide.RoleLevel{level("assets", "Read Only")}, []string{"all:teams", "read:assets"}},
	} {
		g := &guide.Guide{Role: guide.Role{Levels: c.levels}}
		for _, name := range c.scopes {
			g.Application.Scopes = append(g.Application.Scopes, guide.Scope{Name: name})
		}
		if diff := cmp.Diff(c.want, g.ScopesToRequest()); diff != "" {
			t.Errorf("%v and %v: %s", c.scopes, c.levels, diff)
		}
		if diff := cmp.Diff(c.want, guide.Union(g).Configuration.ScopesFor(g)); diff != "" {
			t.Errorf("%v and %v, as a configuration: %s", c.scopes, c.levels, diff)
		}
	}
	g := &guide.Guide{Application: guide.Application{AnyOf: []guide.AnyOf{{ID: "hooks", Scopes: []string{"admin:webhooks", "read:tickets"}}}}}
	if diff := cmp.Diff([]string{"admin:webhooks"}, guide.Union(g).Configuration.ScopesFor(g)); diff != "" {
		t.Errorf("a choice: %s", diff)
	}
}
