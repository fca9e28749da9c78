package role

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// TestNoRecordIsReadInVain: where the agent's own record meets every row of the guide, no role is asked for; where one row or
// one field is open, every role is.
func TestNoRecordIsReadInVain(t *testing.T) {
	yes, no := true, false
	enough := func() Permissions {
		a := halo.Agent{
			ID: "12", Name: "MSPCentric", Disabled: &no, APIOnly: &yes, TeamSeen: true, Workday: "Default Working Hours",
			Teams: []halo.Member{{ID: "1", Name: "Alerts"}}, Roles: []halo.Role{{ID: "3", Name: "MSPCentric"}}, Fields: halo.Fields{Roles: true, Teams: true, Claims: true},
		}
		for _, code := range []string{"Ux", "Ix", "Xx", "Cx", "Tx", "l6", "lf", "le", "l8", "l1", "Ft", "Fc"} {
			a.Claims = append(a.Claims, halo.Claim{Type: code, Value: "3"})
		}
		for i, c := range a.Claims {
			if c.Type == "Cx" || c.Type == "Tx" {
				a.Claims[i].Value = "2"
			}
		}
		return Permissions{Agent: a, Hidden: hidden(a)}
	}
	for name, c := range map[string]struct {
		change func(a *halo.Agent)
		teams  []string
		want   bool
	}{
		"all is there":                        {func(*halo.Agent) {}, nil, true},
		"the wanted team is the agent's own":  {func(*halo.Agent) {}, []string{"Alerts"}, true},
		"it was typed in another case":        {func(*halo.Agent) {}, []string{" ALERTS"}, true},
		"a wanted team may be a role's":       {func(*halo.Agent) {}, []string{"Alerts", "Desk"}, false},
		"the agent has no team":               {func(a *halo.Agent) { a.Teams = nil }, nil, false},
		"a level is too low":                  {func(a *halo.Agent) { a.Claims[4].Value = "1" }, nil, false},
		"a permission is off":                 {func(a *halo.Agent) { a.Claims[5].Value = "0" }, nil, false},
		"a restriction is not lifted":         {func(a *halo.Agent) { a.Claims[11].Value = "0" }, nil, false},
		"no claim is there":                   {func(a *halo.Agent) { a.Claims = nil }, nil, false},
		"it is not known whether it is off":   {func(a *halo.Agent) { a.Disabled = nil }, nil, false},
		"it is not known whether it is API":   {func(a *halo.Agent) { a.APIOnly = nil }, nil, false},
		"its hours are not known":             {func(a *halo.Agent) { a.Workday = "" }, nil, false},
		"its default team is not known":       {func(a *halo.Agent) { a.TeamSeen = false }, nil, false},
		"it is not known which roles it has":  {func(a *halo.Agent) { a.Fields.Roles = false }, nil, false},
		"one of its roles is known by number": {func(a *halo.Agent) { a.Roles[0].Name = "" }, nil, false},
	} {
		r := enough()
		c.change(&r.Agent)
		if got := r.sufficient(&probes.Session{Guide: guide.BuiltIn(), Teams: c.teams}); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatIsHidden(t *testing.T) {
	claims := []halo.Claim{{Type: "Tx", Value: "2"}}
	all := halo.Fields{Claims: true, Roles: true}
	for name, c := range map[string]struct {
		agent halo.Agent
		want  []string
	}{
		"nothing":                         {halo.Agent{Fields: all, Claims: claims}, nil},
		"an agent without claims":         {halo.Agent{Fields: all}, nil},
		"claims under another name":       {halo.Agent{Fields: halo.Fields{Roles: true}, Claims: claims}, nil},
		"the agent's claims":              {halo.Agent{Fields: halo.Fields{Roles: true}}, []string{"the agent itself"}},
		"the list of roles":               {halo.Agent{Fields: halo.Fields{Claims: true}}, []string{"its roles"}},
		"a role by name, one by number":   {halo.Agent{Fields: all, Roles: []halo.Role{{ID: "3", Name: "Staff"}, {ID: "4"}}}, []string{"Staff", "the role 4"}},
		"a role that shows no claim":      {halo.Agent{Fields: all, Roles: []halo.Role{{ID: "3", ClaimsSeen: true}}}, nil},
		"a role that shows a claim of it": {halo.Agent{Fields: all, Roles: []halo.Role{{ID: "3", Claims: claims}}}, nil},
	} {
		if diff := cmp.Diff(c.want, hidden(c.agent)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
