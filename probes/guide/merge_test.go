package guide_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes/guide"
)

// TestSeveralGuidesAreAskedForInOne: what any of them needs is asked once, and the wider demand stands.
func TestSeveralGuidesAreAskedForInOne(t *testing.T) {
	scope := func(names ...string) (list []guide.Scope) {
		for _, name := range names {
			list = append(list, guide.Scope{Name: name})
		}
		return list
	}
	a := &guide.Guide{
		Name: "A", Application: guide.Application{Scopes: scope("read:tickets", "edit:tickets")},
		Agent: guide.Agent{WorkHours: &guide.Setting{Values: []string{"24 Hours"}}},
	}
	b := &guide.Guide{
		Name: "B", Application: guide.Application{Scopes: scope("read:tickets", "read:assets")}, Network: &guide.Network{Addresses: []string{"3.19.3.152"}},
		Agent: guide.Agent{WorkHours: &guide.Setting{Values: []string{"24 Hours", "Default Working Hours"}}, Username: &guide.Setting{Values: []string{"Bee"}}},
	}
	c := &guide.Guide{Name: "C", Network: &guide.Network{Addresses: []string{"3.19.3.152", "3.19.4.238"}}}
	all := guide.Together([]*guide.Guide{a, b, c})
	if diff := cmp.Diff(scope("read:tickets", "edit:tickets", "read:assets"), all.Application.Scopes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"read:tickets", "edit:tickets", "read:assets"}, all.ScopesToRequest()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"3.19.3.152", "3.19.4.238"}, all.Network.Addresses); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"24 Hours", "Default Working Hours"}, all.Agent.WorkHours.Values); diff != "" {
		t.Error(diff)
	}
	if all.Name != "A" || all.Agent.Username != b.Agent.Username || len(a.Agent.WorkHours.Values) != 1 {
		t.Errorf("%+v", all)
	}
	if guide.Together([]*guide.Guide{b}) != b {
		t.Error("one guide is itself")
	}
}

// TestTheWiderDemandStands: every team before some, and a tenant's words before a row without any, in either order.
func TestTheWiderDemandStands(t *testing.T) {
	some, every := &guide.Row{}, &guide.Row{Value: "all"}
	for _, c := range []struct{ a, b, want *guide.Row }{
		{nil, some, some}, {some, nil, some}, {some, every, every}, {every, some, every}, {some, &guide.Row{Label: "Teams"}, some}, {nil, nil, nil},
	} {
		all := guide.Together([]*guide.Guide{{Agent: guide.Agent{Teams: c.a}}, {Agent: guide.Agent{Teams: c.b}}})
		if all.Agent.Teams != c.want {
			t.Errorf("teams %+v and %+v: %+v", c.a, c.b, all.Agent.Teams)
		}
	}
	bare, words := &guide.Tenant{}, &guide.Tenant{OnPremise: "Not set"}
	for _, c := range []struct{ a, b, want *guide.Tenant }{
		{nil, words, words}, {words, nil, words}, {bare, words, words}, {words, bare, words}, {words, &guide.Tenant{OnPremise: "none"}, words}, {bare, nil, bare},
	} {
		all := guide.Together([]*guide.Guide{{Product: guide.Product{Tenant: c.a}}, {Product: guide.Product{Tenant: c.b}}})
		if all.Product.Tenant != c.want {
			t.Errorf("tenants %+v and %+v: %+v", c.a, c.b, all.Product.Tenant)
		}
	}
}

// TestGuidesAreToldApartByTheirNames, of which two editions have the same.
func TestGuidesAreToldApartByTheirNames(t *testing.T) {
	hudu, older, thread := &guide.Guide{Name: "Hudu", Edition: "2"}, &guide.Guide{Name: "Hudu", Edition: "1"}, &guide.Guide{Name: "Thread"}
	for _, c := range []struct {
		guides []*guide.Guide
		want   string
	}{
		{[]*guide.Guide{hudu, thread}, ""},
		{[]*guide.Guide{hudu, thread, hudu}, `the guide "Hudu" is named twice`},
		{[]*guide.Guide{hudu, older}, `two editions of the guide "Hudu" cannot be judged together: "2" and "1"`},
	} {
		got := ""
		if err := guide.Distinct(c.guides); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
