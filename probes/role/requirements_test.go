package role

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// TestWhatEachRowAsksFor has each kind of row by its words: the sentence, the remedy and the first cause.
func TestWhatEachRowAsksFor(t *testing.T) {
	g := &guide.Guide{Name: "Rows"}
	for _, c := range []struct {
		check      probes.Check
		says, do   string
		firstCause probes.Cause
	}{
		{administrator(g, guide.Row{}), "The agent is an administrator.", "Give the agent a role that is an administrator, and save.", probes.NotAdministrator},
		{administrator(g, guide.Row{Value: "yes"}), "The agent is an administrator.", "Give the agent a role that is an administrator, and save.", probes.NotAdministrator},
		{administrator(g, guide.Row{Value: "no"}), "The agent is no administrator.", "Take the administrator's rights away from the agent and its roles, and save.", probes.IsAdministrator},
		{permission(g, guide.Permission{ID: "mark-spam", Permission: "mark-spam"}), "The role may use the spam button.", "Let the role use the spam button, and save.", probes.PermissionOff},
		{permission(g, guide.Permission{Row: guide.Row{Label: "Can edit actions"}, ID: "edit-actions", Permission: "edit-actions", AtLeast: "all"}), "The role may edit actions.", "Set Can edit actions to All under Ticket Permissions and save.", probes.PermissionOff},
		{permission(g, guide.Permission{Row: guide.Row{Label: "Can add new tickets"}, ID: "add-tickets", Permission: "add-tickets"}), "The role may add new tickets.", "Set Can add new tickets to Yes under Ticket Permissions and save.", probes.PermissionOff},
		{restriction(g, guide.Restriction{ID: "all-clients", Restriction: "clients"}), "The role allows all clients.", "Set Allow use of all clients to Yes under Client Restrictions and save.", probes.RestrictedClients},
		{restriction(g, guide.Restriction{ID: "all-asset-types", Restriction: "asset-types"}), "The role allows all asset types.", "Set Allow use of all asset types to Yes and save.", probes.RestrictedAssets},
	} {
		if m := c.check.Meta(); m.Says != c.says || m.Remedy.Do != c.do || m.Causes[0] != c.firstCause {
			t.Errorf("%s: %q, %q, %v; want %q, %q, %s first", m.ID, m.Says, m.Remedy.Do, m.Causes, c.says, c.do, c.firstCause)
		}
	}
}

// TestRowsOfTheSetUp: a row that is asked for only while the connection is made is told as such, and no other is.
func TestRowsOfTheSetUp(t *testing.T) {
	for phase, want := range map[string]bool{"": false, "run": false, "setup": true} {
		row, seen := guide.Row{Phase: phase}, 0
		for _, check := range All(&guide.Guide{Role: guide.Role{
			Administrator: &row,
			Levels:        []guide.RoleLevel{{Row: row, ID: "tickets-level", Feature: "tickets", AtLeast: "Read Only"}},
			Permissions:   []guide.Permission{{Row: row, ID: "mark-spam", Permission: "mark-spam"}},
			Restrictions:  []guide.Restriction{{Row: row, ID: "all-clients", Restriction: "clients"}},
		}}) {
			r, asked := check.(*probes.Requirement[Permissions])
			if asked {
				seen++
			}
			if asked && r.SetUp != want {
				t.Errorf("phase %q: %s is of the set-up: %t", phase, r.ID, r.SetUp)
			}
		}
		if seen != 4 {
			t.Errorf("phase %q: %d rows are judged", phase, seen)
		}
	}
}

// TestTheAdministratorThatARowAsksFor: a guide that forbids one judges the same agent the other way about.
func TestTheAdministratorThatARowAsksFor(t *testing.T) {
	for value, want := range map[string]struct{ is, isNot probes.Status }{
		"": {probes.Passed, probes.Failed}, "no": {probes.Failed, probes.Passed},
	} {
		judge := administrator(&guide.Guide{}, guide.Row{Value: value}).(*probes.Requirement[Permissions]).Judge
		if v := judge(held(halo.Claim{Type: "SA", Value: "true"})); v.Status != want.is {
			t.Errorf("%q, an administrator: %+v", value, v)
		}
		if v := judge(held(halo.Claim{Type: "Tx", Value: "2"})); v.Status != want.isNot {
			t.Errorf("%q, none: %+v", value, v)
		}
	}
}

// TestLongRestrictions names five rows and counts the others; of just five there are no others.
func TestLongRestrictions(t *testing.T) {
	for count, want := range map[int]string{5: "use only these clients: A, B, C, D, E", 6: "use only these clients: A, B, C, D, E and 1 more"} {
		r := held()
		for _, name := range []string{"A", "B", "C", "D", "E", "F"}[:count] {
			r.Agent.Clients = append(r.Agent.Clients, halo.RestrictionEntry{Name: name})
		}
		if v := judgeRestriction(r, "clients"); v.Because != "the agent may "+want {
			t.Errorf("%d rows: %q", count, v.Because)
		}
	}
}

// TestAPermissionThatIsOff: a stored 0 is No, of a permission with steps too.
func TestAPermissionThatIsOff(t *testing.T) {
	expect(t, judgePermission(held(halo.Claim{Type: "l6", Value: "1"}), "add-tickets", ""), probes.Passed, probes.OK, "may add new tickets")
	expect(t, judgePermission(held(halo.Claim{Type: "l6", Value: "0"}), "add-tickets", ""), probes.Failed, probes.PermissionOff, "may not add new tickets")
	expect(t, judgePermission(held(halo.Claim{Type: "l5", Value: "0"}), "edit-actions", "all"), probes.Failed, probes.PermissionOff, "may not edit actions")
}

// TestNoRecordIsReadForWhatIsForbidden: an agent that is seen to be no administrator meets a guide that forbids one, and fails
// a guide that wants one, which a further role may still mend.
func TestNoRecordIsReadForWhatIsForbidden(t *testing.T) {
	no := false
	r := Permissions{Agent: halo.Agent{
		Disabled: &no, APIOnly: &no, TeamSeen: true, Workday: "24 Hours", Teams: []halo.Member{{Name: "Alerts"}}, Fields: halo.Fields{Roles: true, Teams: true, Claims: true},
	}}
	for value, want := range map[string]bool{"no": true, "": false} {
		g := &guide.Guide{Role: guide.Role{Administrator: &guide.Row{Value: value}}}
		if got := r.sufficient(&probes.Session{Guide: g}); got != want {
			t.Errorf("%q: %t", value, got)
		}
	}
}
