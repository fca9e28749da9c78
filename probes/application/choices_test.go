package application

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

func TestAnyOf(t *testing.T) {
	webhooks := []string{"admin:webhooks", "admin"}
	each := func(first, second halo.TokenReply) Scopes {
		return Scopes{Asked: webhooks, Told: told("read:tickets"), Each: map[string]halo.TokenReply{webhooks[0]: first, webhooks[1]: second}}
	}
	refused := no(400, "invalid_request")
	expect(t, "the first", judgeAnyOf(Scopes{Asked: webhooks, Told: told("admin:webhooks")}, webhooks), probes.Passed, probes.OK, "admin:webhooks is granted")
	expect(t, "the second", judgeAnyOf(Scopes{Asked: webhooks, Told: told("admin")}, webhooks), probes.Passed, probes.OK, "admin is granted")
	expect(t, "neither", judgeAnyOf(Scopes{Asked: webhooks, Told: told("read:tickets")}, webhooks), probes.Failed, probes.ScopeNotGranted, "admin is missing")
	expect(t, "both refused", judgeAnyOf(each(refused, refused), webhooks), probes.Failed, probes.ScopeNotGranted, "refuses admin:webhooks (status 400 invalid_request); ")
	expect(t, "one refused, the other not answered", judgeAnyOf(each(refused, no(503, "")), webhooks), probes.Unknown, probes.ServerError, "503")
	expect(t, "no scope at all", judgeAnyOf(Scopes{Asked: webhooks, Told: told("")}, webhooks), probes.Failed, probes.NoScopeInToken, "none of the permissions")
}

func TestForbidden(t *testing.T) {
	refused := map[string]halo.TokenReply{"all": no(400, "invalid_request"), "all:standard": no(400, "invalid_request")}
	busy := map[string]halo.TokenReply{"all": no(429, "")}
	for _, test := range []struct {
		name   string
		seen   Privileges
		scope  string
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"ticked", Privileges{Listed: true, Ticked: []string{"all"}}, "all", probes.Failed, probes.ScopeForbidden, "has the permission all (seen with the admin credentials)"},
		{"not ticked", Privileges{Listed: true, Ticked: []string{"read:tickets"}}, "all", probes.Passed, probes.OK, "does not have the permission all"},
		{"refused alone", Privileges{Single: refused}, "all", probes.Passed, probes.OK, "does not have the permission all"},
		{"granted for asking alone", Privileges{Beyond: yes(told("all"))}, "all", probes.Unknown, probes.NotObserved, "to every application"},
		{"granted, with what it brings", Privileges{Beyond: yes(told("all all:standard"))}, "all", probes.Failed, probes.ScopeForbidden, "has the permission all"},
		{"in the token, and another guide asked for it", Privileges{Wanted: []string{"all"}, Token: told("all")}, "all", probes.Unknown, probes.NotObserved, "to every application"},
		{"in the token, and nobody asked for it", Privileges{Token: told("all")}, "all", probes.Failed, probes.ScopeForbidden, "has the permission all"},
		{"one that all brings along", Privileges{Beyond: yes(told("all all:standard edit:tickets"))}, "edit:tickets", probes.Unknown, probes.NotObserved, "brings edit:tickets along"},
		{"one that is ticked beside all", Privileges{Listed: true, Ticked: []string{"all", "all:standard", "edit:tickets"}}, "edit:tickets", probes.Failed, probes.ScopeForbidden, "has the permission edit:tickets (seen with the admin credentials)"},
		{"one by itself", Privileges{Beyond: yes(told("edit:tickets"))}, "edit:tickets", probes.Failed, probes.ScopeForbidden, "has the permission edit:tickets"},
		{"too many requests", Privileges{Single: busy}, "all", probes.Unknown, probes.RateLimited, "429"},
		{"the server breaks", Privileges{Beyond: no(500, "")}, "all", probes.Unknown, probes.ServerError, "500"},
		{"no answer tells", Privileges{Beyond: yes(nil)}, "all", probes.Unknown, probes.NotObserved, "no answer of the token endpoint"},
	} {
		expect(t, test.name, judgeForbidden(test.seen, test.scope), test.status, test.cause, test.says)
	}
}

// TestAllForAsking: a token for all that was asked for shows neither all nor what all includes.
func TestAllForAsking(t *testing.T) {
	asked := []string{"all", "read:tickets"}
	shown := Scopes{Asked: asked, Told: told("all"), AllShown: true}
	for _, test := range []struct {
		name   string
		seen   Scopes
		scope  string
		status probes.Status
		says   string
	}{
		{"named", Scopes{Asked: asked, Told: told("all")}, "all", probes.Unknown, "for every application that asks for it"},
		{"nothing named", Scopes{Asked: asked}, "all", probes.Unknown, "for every application that asks for it"},
		{"nothing named, of a strict server", Scopes{Asked: asked, EnforcesScopes: true}, "all", probes.Unknown, "for every application that asks for it"},
		{"granted alone where others are refused", Scopes{Asked: asked, Told: told("all"), Each: map[string]halo.TokenReply{"all": yes(nil), "read:tickets": no(400, "invalid_request")}}, "all", probes.Unknown, "for every application"},
		{"shown by what it brings along", shown, "all", probes.Passed, "which all:standard leaves out"},
		{"what it includes, shown so", shown, "read:tickets", probes.Passed, "all:standard"},
		{"what it includes", Scopes{Asked: asked, Told: told("all")}, "read:tickets", probes.Unknown, "for every application"},
		{"named beside it", Scopes{Asked: asked, Told: told("all read:tickets")}, "read:tickets", probes.Passed, "read:tickets is granted"},
		{"on the record", Scopes{Asked: asked, Told: told("all"), Listed: true, Ticked: []string{"all"}}, "all", probes.Passed, "all is granted (seen with"},
		{"not on the record", Scopes{Asked: asked, Told: told("all"), Listed: true, Ticked: []string{"read:tickets"}}, "all", probes.Failed, "all is missing"},
		{"the token names less", Scopes{Asked: asked, Told: told("read:tickets")}, "all", probes.Failed, "all is missing; granted: read:tickets"},
		{"nobody asked for it", Scopes{Asked: asked[1:], Told: told("all")}, "read:tickets", probes.Passed, "all is granted, which includes"},
	} {
		v := judgeScope(test.seen, test.scope)
		expect(t, test.name, v, test.status, v.Cause, test.says)
	}
	if (Scopes{Asked: asked, Told: told("all")}).Names("items") || !shown.Names("items") {
		t.Error("all for asking opens no list")
	}
}

func TestShowsAll(t *testing.T) {
	for name, c := range map[string]struct {
		seen Privileges
		want bool
	}{
		"for asking":              {Privileges{Wanted: []string{"all"}, Token: told("all")}, false},
		"with all:standard alone": {Privileges{Wanted: []string{"all"}, Token: told("all"), Beyond: yes(told("all:standard read:tickets"))}, false},
		"with reporting, too":     {Privileges{Wanted: []string{"all"}, Token: told("all"), Beyond: yes(told("all:standard read:reporting edit:reporting"))}, true},
		"on the record":           {Privileges{Listed: true, Ticked: []string{"all"}}, true},
		"not on the record":       {Privileges{Listed: true, Ticked: []string{"all:standard"}, Token: told("all")}, false},
	} {
		if got := c.seen.showsAll(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
