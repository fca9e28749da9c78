package application

import (
	"strings"
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// TestRowsOfTheSetUp: a scope, a choice and a forbidden scope that are asked for only while the connection is made are told
// as such, and no others are.
func TestRowsOfTheSetUp(t *testing.T) {
	for phase, want := range map[string]bool{"": false, "run": false, "setup": true} {
		row, g := guide.Row{Phase: phase}, &guide.Guide{}
		if r := anyOf(g, guide.AnyOf{Row: row, ID: "webhooks", Scopes: []string{"admin", "admin:webhooks"}}).(*probes.Requirement[Scopes]); r.SetUp != want {
			t.Errorf("phase %q: a choice is of the set-up: %t", phase, r.SetUp)
		}
		if r := scope(g, guide.Scope{Row: row, Name: "read:tickets"}, true).(*probes.Requirement[Scopes]); r.SetUp != want {
			t.Errorf("phase %q: a scope is of the set-up: %t", phase, r.SetUp)
		}
		if r := forbidden(g, guide.Scope{Row: row, Name: "all"}).(*probes.Requirement[Privileges]); r.SetUp != want {
			t.Errorf("phase %q: a forbidden scope is of the set-up: %t", phase, r.SetUp)
		}
	}
}

// TestAChoiceIsJudgedByWhatIsAskedAnyway: beside scopes of their own it waits for those, by itself it is the first question.
func TestAChoiceIsJudgedByWhatIsAskedAnyway(t *testing.T) {
	choice := guide.AnyOf{ID: "webhooks", Scopes: []string{"admin", "admin:webhooks"}}
	alone := anyOf(&guide.Guide{}, choice).(*probes.Requirement[Scopes])
	beside := anyOf(&guide.Guide{Application: guide.Application{Scopes: []guide.Scope{{Name: "read:tickets"}}}}, choice).(*probes.Requirement[Scopes])
	if alone.Given != GrantedScopes || beside.Given == GrantedScopes {
		t.Errorf("alone: %s, beside others: %s", alone.Given.Name, beside.Given.Name)
	}
}

// TestAllForAskingSettlesNothing: HaloPSA may grant a token for all to every application, limited to what is ticked.
func TestAllForAskingSettlesNothing(t *testing.T) {
	for _, name := range []string{"all", "read:tickets"} {
		if v := judgeScope(Scopes{Asked: []string{"all"}, Told: new("all")}, name); v.Status != probes.Unknown || v.Cause != probes.NotObserved {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestAllIsNotTickedWhereAllStandardIs: the lesser permission alone, on a record that shows every one, is not the greater.
func TestAllIsNotTickedWhereAllStandardIs(t *testing.T) {
	for ticked, want := range map[string]bool{"all:standard": false, "all": false, "all all:standard": true} {
		if got := (Privileges{Listed: true, Ticked: strings.Fields(ticked)}).allIsTicked(); got != want {
			t.Errorf("%s: %t", ticked, got)
		}
	}
}
