package role

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/halo"
)

// TestALevelRestsOnTheListBehindIt: what the claims grant is unknown where the list was asked for and not read.
func TestALevelRestsOnTheListBehindIt(t *testing.T) {
	three, none := 3, 0
	tickets := func(a halo.Answer, rows, came *int) Permissions {
		r := held(halo.Claim{Type: "Tx", Value: "2"})
		a.Path = "Tickets"
		r.Lists, r.Scoped = map[string]application.List{"tickets": {Answer: a, Rows: rows, Came: came}}, map[string]bool{"tickets": true}
		return r
	}
	for _, c := range []struct {
		name   string
		rights Permissions
		status probes.Status
		cause  probes.Cause
		says   string
		look   bool // says to look at the module, not to run again
	}{
		{"it was read", tickets(halo.Answer{Status: 200}, &three, &none), probes.Passed, probes.OK, "GET /Tickets gave no row, though its record_count is 3", false},
		{"it was not asked for", held(halo.Claim{Type: "Tx", Value: "2"}), probes.Passed, probes.OK, `the access level for tickets is Read and Modify (from the role "Integration")`, false},
		{"429 that stays", tickets(halo.Answer{Status: 429, Tries: 9}, nil, nil), probes.Unknown, probes.RateLimited, "but GET /Tickets answered status 429, 9 times", false},
		{"500", tickets(halo.Answer{Status: 500}, nil, nil), probes.Unknown, probes.ServerError, "but GET /Tickets answered status 500", false},
		{"504", tickets(halo.Answer{Status: 504}, nil, nil), probes.Unknown, probes.ServerError, "status 504", false},
		{"it hangs", tickets(halo.Answer{Cause: probes.Timeout, Detail: "no answer in time"}, nil, nil), probes.Unknown, probes.Timeout, "GET /Tickets gave no answer", false},
		{"a web page", tickets(halo.Answer{Status: 200}, nil, nil), probes.Unknown, probes.AnswerMalformed, "a body that cannot be read", false},
		{"404", tickets(halo.Answer{Status: 404}, nil, nil), probes.Unknown, probes.NotObserved, "the module may be switched off", true},
		{"400", tickets(halo.Answer{Status: 400}, nil, nil), probes.Unknown, probes.NotObserved, "the module may be switched off", true},
		{"204", tickets(halo.Answer{Status: 204}, nil, nil), probes.Unknown, probes.NotObserved, "status 204", true},
		{"two nodes", tickets(halo.Answer{Status: 200, Earlier: 403}, &three, &three), probes.Unknown, probes.NotObserved, "the nodes behind this address answer differently", true},
		{"refused", tickets(halo.Answer{Status: 403}, nil, nil), probes.Unknown, probes.NotObserved, "yet GET /Tickets answers status 403", true},
	} {
		v := judgeLevel(c.rights, "tickets", "Read and Modify")
		expect(t, v, c.status, c.cause, c.says)
		if (v.Remedy != nil) != c.look {
			t.Errorf("%s: %+v", c.name, v.Remedy)
		}
	}
	low := tickets(halo.Answer{Status: 200}, &three, &three)
	low.Agent.Roles[0].Claims[0].Value = "1"
	expect(t, judgeLevel(low, "tickets", "Read and Modify"), probes.Failed, probes.LevelTooLow, "the guide asks for Read and Modify; GET /Tickets answers with 3 rows")
	if v := judgeLevel(held(halo.Claim{Type: "Tx", Value: "1"}), "tickets", "Read and Modify"); v.Because != `the access level for tickets is Read Only (from the role "Integration"); the guide asks for Read and Modify` {
		t.Errorf("without a list: %q", v.Because)
	}
}

// TestWhyAPermissionCannotBeTold: the cause is the request's own where a record was not read for a reason of its own.
func TestWhyAPermissionCannotBeTold(t *testing.T) {
	for name, c := range map[string]struct {
		hidden []string
		unread []halo.Answer
		admin  string
		cause  probes.Cause
		want   string
	}{
		"nothing hidden":           {nil, nil, "", probes.ClaimAbsent, "seen"},
		"a role that is refused":   {[]string{"Staff"}, []halo.Answer{{Path: "Roles/7", Status: 403}}, "", probes.ClaimAbsent, "seen; the claims of Staff are not shown"},
		"a role that is not there": {[]string{"Staff"}, []halo.Answer{{Path: "Roles/7", Status: 404}}, "", probes.ClaimAbsent, "seen; the claims of Staff are not shown"},
		"a role, rate limited": {[]string{"Staff"}, []halo.Answer{{Path: "Agent/7", Status: 403}, {Path: "Roles/7", Status: 429}, {Path: "Roles/8", Status: 500}}, "", probes.RateLimited,
			"seen; the claims of Staff are not shown; GET /Roles/7 answered status 429 (too many requests)"},
		"a role that breaks": {[]string{"Staff", "Desk"}, []halo.Answer{{Path: "Roles/7", Status: 500, Tries: 9}}, "", probes.ServerError,
			"seen; the claims of Staff, Desk are not shown; GET /Roles/7 answered status 500, 9 times"},
		"the admin credentials are wrong": {[]string{"Staff"}, nil, "the admin credentials got no token: invalid_client", probes.ClaimAbsent,
			"seen; the claims of Staff are not shown; the admin credentials got no token: invalid_client"},
		"a record that shows no claims": {[]string{"Staff"}, []halo.Answer{{Path: "Roles/7", Status: 200}}, "", probes.ClaimAbsent, "seen; the claims of Staff are not shown"},
	} {
		if v := (Permissions{Hidden: c.hidden, Unread: c.unread, Admin: c.admin}).cannotTell("seen"); v.Status != probes.Unknown || v.Cause != c.cause || v.Because != c.want {
			t.Errorf("%s: %s %q", name, v.Cause, v.Because)
		}
	}
}

// TestTheClaimsOfARoleComeFromEitherRecord, joined by the role's id.
func TestTheClaimsOfARoleComeFromEitherRecord(t *testing.T) {
	claims := []halo.Claim{{Type: "Tx", Value: "2"}}
	for name, c := range map[string]struct{ short, fuller, want []halo.Role }{
		"by its id":             {[]halo.Role{{ID: "1"}, {ID: "2", Name: "Desk"}}, []halo.Role{{ID: "2", Claims: claims}, {ID: "1", Claims: claims}}, []halo.Role{{ID: "1", Claims: claims}, {ID: "2", Claims: claims}}},
		"the first in the list": {[]halo.Role{{ID: "1"}}, []halo.Role{{ID: "1", Claims: claims}}, []halo.Role{{ID: "1", Claims: claims}}},
		"another's id":          {[]halo.Role{{ID: "1"}}, []halo.Role{{ID: "2", Claims: claims}}, []halo.Role{{ID: "1"}}},
		"without an id":         {[]halo.Role{{Name: "Desk"}}, []halo.Role{{Name: "Night", Claims: claims}}, []halo.Role{{Name: "Desk"}}},
		"shown already":         {[]halo.Role{{ID: "1", Claims: claims}}, []halo.Role{{ID: "1", Claims: []halo.Claim{{Type: "Tx", Value: "0"}}}}, []halo.Role{{ID: "1", Claims: claims}}},
		"shown by neither":      {[]halo.Role{{ID: "1", Name: "Desk"}}, []halo.Role{{ID: "1", Name: "Night"}}, []halo.Role{{ID: "1", Name: "Desk"}}},
		"a role without any":    {[]halo.Role{{ID: "1"}}, []halo.Role{{ID: "1", ClaimsSeen: true}}, []halo.Role{{ID: "1", ClaimsSeen: true}}},
	} {
		a := halo.Agent{Roles: c.short}
		if mergeRecords(&a, halo.Agent{Roles: c.fuller}); !cmp.Equal(a.Roles, c.want) {
			t.Errorf("%s: %s", name, cmp.Diff(c.want, a.Roles))
		}
	}
}

// TestARoleWithoutClaimsIsNotHidden: an empty list is a role without any.
func TestARoleWithoutClaimsIsNotHidden(t *testing.T) {
	no := false
	full := halo.Agent{Disabled: &no, APIOnly: &no, Claims: []halo.Claim{{Type: "Tx", Value: "1"}}, Fields: halo.Fields{Teams: true, Roles: true}}
	for name, c := range map[string]struct {
		role halo.Role
		want bool // more has to be read
	}{
		"claims: []":    {halo.Role{ID: "1", ClaimsSeen: true}, false},
		"claims":        {halo.Role{ID: "1", Claims: []halo.Claim{{Type: "Tx", Value: "1"}}}, false},
		"no such field": {halo.Role{ID: "1"}, true},
	} {
		full.Roles = []halo.Role{c.role}
		if got := lacksFields(full); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestTheLabelIsTheGuides(t *testing.T) {
	if got := lookAt("Tickets access", "Yes").Do; got != "Check whether Tickets access is set to Yes, or run halocheck with an application that has admin rights." {
		t.Error(got)
	}
}
