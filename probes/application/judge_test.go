package application

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/halocheck/halocheck/internal/wire"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

func expect(t *testing.T, name string, got probes.Verdict, status probes.Status, cause probes.Cause, says string) {
	t.Helper()
	if got.Status != status || got.Cause != cause || !strings.Contains(got.Because, says) {
		t.Errorf("%s: got %s %s %q; want %s %s with %q", name, got.Status, got.Cause, got.Because, status, cause, says)
	}
}

func told(scope string) *string { return &scope }

// no is a refusal of the token endpoint, yes a token with this scope.
func no(status int, code string) halo.TokenReply {
	return halo.TokenReply{Page: wire.Page{Status: status}, Error: code}
}

func yes(scope *string) halo.TokenReply {
	return halo.TokenReply{Granted: true, Page: wire.Page{Status: 200}, Scope: scope}
}

func TestScope(t *testing.T) {
	asked := []string{"read:items", "edit:items"}
	alone := func(r halo.TokenReply) Scopes {
		return Scopes{Asked: asked, Told: told("edit:items"), Each: map[string]halo.TokenReply{"read:items": r, "edit:items": yes(nil)}}
	}
	rows := 3
	open := func(status int, claims ...halo.Claim) Scopes {
		l := List{Answer: halo.Answer{Path: "Item", Status: status}}
		if status == 200 {
			l.Rows = &rows
		}
		return Scopes{Asked: asked, Lists: map[string]List{"items": l}, Agent: &halo.Agent{Name: "Ada", Claims: claims}}
	}
	unreadable, silent, alternating, strict := open(200), open(0), open(200), open(403, halo.Claim{Type: "Ix", Value: "2"})
	unreadable.Lists["items"] = List{Answer: halo.Answer{Path: "Item", Status: 200}}
	silent.Lists["items"] = List{Answer: halo.Answer{Path: "Item", Cause: probes.Timeout, Detail: "15 s"}}
	alternating.Lists["items"] = List{Answer: halo.Answer{Path: "Item", Status: 200, Earlier: 403}, Rows: &rows}
	strict.EnforcesScopes = true
	lone, strictOpen := open(200), open(200)
	lone.Asked, strictOpen.EnforcesScopes = []string{"read:items"}, true
	for _, test := range []struct {
		name   string
		seen   Scopes
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"granted", Scopes{Asked: asked, Told: told("edit:items read:items")}, probes.Passed, probes.OK, "read:items is granted"},
		{"granted in another case", Scopes{Asked: asked, Told: told("Read:Items")}, probes.Passed, probes.OK, "read:items is granted"},
		{"part of all", Scopes{Asked: asked, Told: told("all")}, probes.Passed, probes.OK, "which includes read:items"},
		{"dropped", Scopes{Asked: asked, Told: told("read:tickets")}, probes.Failed, probes.ScopeNotGranted, "read:items is missing; granted: read:tickets"},
		{"dropped, though edit: brings it", Scopes{Asked: asked, Told: told("edit:items")}, probes.Failed, probes.ScopeNotGranted, "edit:items includes reading"},
		{"has no permission at all", Scopes{Asked: asked, Told: told(" ")}, probes.Failed, probes.NoScopeInToken, "has none of the permissions that the guide asks for"},
		{"no scope, and none was asked for", Scopes{Told: told("")}, probes.Failed, probes.ScopeNotGranted, "granted: nothing"},
		{"refused", alone(no(400, "invalid_request")), probes.Failed, probes.ScopeNotGranted, "status 400 invalid_request"},
		{"unknown there", alone(no(400, "invalid_scope")), probes.Failed, probes.ScopeUnknownName, "knows no permission read:items"},
		{"refused as no scope of this application", alone(halo.TokenReply{Page: wire.Page{Status: 400}, Error: "invalid_scope", Description: "This client is not allowed to use the scope."}), probes.Failed, probes.ScopeNotGranted, "not allowed to use"},
		{"refused by itself, and the token has none", Scopes{Asked: asked, Told: told(""), Each: map[string]halo.TokenReply{"read:items": no(400, "invalid_request")}}, probes.Failed, probes.ScopeNotGranted, "status 400"},
		{"granted by itself where others are refused, and its list is shut", Scopes{
			Asked: asked, Each: map[string]halo.TokenReply{"read:items": yes(nil), "edit:items": no(400, "invalid_request")},
			Lists: map[string]List{"items": {Answer: halo.Answer{Path: "Item", Status: 403}}}, Agent: &halo.Agent{Name: "Ada", Claims: []halo.Claim{{Type: "Ix", Value: "2"}}},
		}, probes.Passed, probes.OK, "asked for without those that are refused"},
		{"too many requests", alone(no(429, "")), probes.Unknown, probes.RateLimited, "429"},
		{"the server breaks", alone(no(503, "")), probes.Unknown, probes.ServerError, "503"},
		{"seen by an administrator", Scopes{Asked: asked, Listed: true, Ticked: []string{"read:items"}}, probes.Passed, probes.OK, "admin credentials"},
		{"not ticked, says an administrator", Scopes{Asked: asked, Listed: true, Ticked: []string{"read:tickets"}}, probes.Failed, probes.ScopeNotGranted, "admin credentials"},
		{"nothing said, and the list opens for either scope", open(200), probes.Unknown, probes.NotObserved, "was not seen to refuse"},
		{"nothing said, and the list opens for this scope alone", lone, probes.Passed, probes.OK, "GET /Item answers with 3 rows"},
		{"nothing said by a server that names what differs", strictOpen, probes.Passed, probes.OK, "GET /Item answers with 3 rows"},
		{"nothing said, the list is refused and the level is not why", open(403, halo.Claim{Type: "Ix", Value: "2"}), probes.Unknown, probes.ScopeNotGranted, "something before HaloPSA turns this path down"},
		{"an administrator is refused", open(401, halo.Claim{Type: "SA", Value: "true"}), probes.Unknown, probes.ScopeNotGranted, "either the application lacks read:items, or something"},
		{"the level may be why", open(403, halo.Claim{Type: "Ix", Value: "0"}), probes.Unknown, probes.ScopeNotGranted, "either the application lacks read:items or the role's access level for items"},
		{"nobody knows the level", open(401), probes.Unknown, probes.ScopeNotGranted, "either"},
		{"the list is rate limited", open(429), probes.Unknown, probes.RateLimited, "429"},
		{"the list breaks", open(500), probes.Unknown, probes.ServerError, "status 500"},
		{"the gateway gives up", open(504), probes.Unknown, probes.ServerError, "status 504"},
		{"the module is off, by 404", open(404), probes.Unknown, probes.NotObserved, "GET /Item answered status 404: the module may be switched off"},
		{"the module is off, by 400", open(400), probes.Unknown, probes.NotObserved, "the module may be switched off"},
		{"a page instead of a list", unreadable, probes.Unknown, probes.AnswerMalformed, "status 200 and a body that cannot be read"},
		{"no answer in time", silent, probes.Unknown, probes.Timeout, "GET /Item gave no answer: 15 s"},
		{"two nodes", alternating, probes.Unknown, probes.NotObserved, "GET /Item answered status 403 and, asked again, status 200: the nodes behind this address answer differently"},
		{"refused by a server that refuses what is not ticked", strict, probes.Passed, probes.OK, "this server was seen to refuse"},
		{"nothing said, and the list was not asked", Scopes{Asked: asked}, probes.Unknown, probes.NotObserved, "was not seen to refuse"},
		{"nothing said by such a server, and the list was not asked", Scopes{Asked: asked, EnforcesScopes: true}, probes.Passed, probes.OK, "RFC 6749"},
	} {
		expect(t, test.name, judgeScope(test.seen, "read:items"), test.status, test.cause, test.says)
	}
	expect(t, "a scope that opens no list", judgeScope(Scopes{Asked: []string{"access:chat"}}, "access:chat"), probes.Unknown, probes.NotObserved, "RFC 6749")
	expect(t, "a scope that opens no list, of a strict server", judgeScope(Scopes{Asked: []string{"access:chat"}, EnforcesScopes: true}, "access:chat"), probes.Passed, probes.OK, "RFC 6749")
}

func TestNames(t *testing.T) {
	for name, c := range map[string]struct {
		seen Scopes
		want bool
	}{
		"in the token":                 {Scopes{Told: told("edit:items")}, true},
		"all":                          {Scopes{Told: told("all")}, true},
		"another in the token":         {Scopes{Told: told("read:tickets")}, false},
		"on the application's record":  {Scopes{Listed: true, Ticked: []string{"read:items"}}, true},
		"by itself, others refused":    {Scopes{Each: map[string]halo.TokenReply{"read:items": yes(nil), "edit:items": no(400, "invalid_request")}}, true},
		"by itself, a name is unknown": {Scopes{Each: map[string]halo.TokenReply{"read:items": yes(nil), "edit:items": no(400, "invalid_scope")}}, false},
		"nothing said":                 {Scopes{}, false},
	} {
		if got := c.seen.Names("items"); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	expect(t, "same", judgeName(Record{Found: true, Status: 200, Name: "mspcentric", SeenBy: halo.Admin}, "MSPCentric"), probes.Passed, probes.OK, "admin credentials")
	expect(t, "other", judgeName(Record{Found: true, Status: 200, Name: "Gradient"}, "MSPCentric"), probes.Failed, probes.NameDiffers, "Gradient")
	expect(t, "refused", judgeName(Record{Status: 403, SeenBy: halo.Integration}, "MSPCentric"), probes.Unknown, probes.NotObserved, "status 403")
	expect(t, "not listed", judgeName(Record{Status: 200}, "MSPCentric"), probes.Unknown, probes.NotObserved, "does not show this Client ID")
}

func TestPrivileges(t *testing.T) {
	wanted := []string{"read:tickets", "edit:items"}
	single := func(all halo.TokenReply, rest halo.TokenReply) Privileges {
		return Privileges{Wanted: wanted, Beyond: no(400, "invalid_request"), Single: map[string]halo.TokenReply{"all": all, "all:standard": rest, "admin": rest, "all:teams": rest}}
	}
	for _, test := range []struct {
		name   string
		seen   Privileges
		status probes.Status
		cause  probes.Cause
		says   string
	}{
		{"nothing beyond", Privileges{Wanted: wanted, Token: told("read:tickets edit:items"), Beyond: yes(told(""))}, probes.Passed, probes.OK, "grants none"},
		{"all:teams is no deviation", Privileges{Wanted: wanted, Beyond: yes(told("all:teams"))}, probes.Passed, probes.OK, "grants none"},
		{"read: comes with edit:", Privileges{Wanted: wanted, Beyond: yes(told("read:items"))}, probes.Passed, probes.OK, "grants none"},
		{"read: without its edit:", Privileges{Wanted: wanted, Beyond: yes(told("read:assets"))}, probes.Failed, probes.OverPrivileged, `also has the permission named "read:assets"`},
		{"named one by one, the broad ones first", Privileges{Wanted: wanted, Beyond: yes(told("edit:customers admin"))}, probes.Failed, probes.OverPrivileged, `also has the permissions named "admin", "edit:customers"`},
		{"in the token itself", Privileges{Wanted: wanted, Token: told("read:tickets all")}, probes.Failed, probes.OverPrivileged, `also has the permission named "all"`},
		{"seen by an administrator", Privileges{Wanted: wanted, Listed: true, Ticked: []string{"read:tickets", "edit:crm"}}, probes.Failed, probes.OverPrivileged, "edit:crm"},
		{"nothing beyond, says an administrator", Privileges{Wanted: wanted, Listed: true, Ticked: []string{"read:tickets"}}, probes.Passed, probes.OK, "admin credentials"},
		{"refused together, all granted alone", single(yes(nil), no(400, "invalid_request")), probes.Unknown, probes.NotObserved, `grants "all", and HaloPSA may grant that to every application`},
		{"all and another, as all brings it along", Privileges{Wanted: wanted, Beyond: yes(told("all read:assets all:standard"))}, probes.Failed, probes.OverPrivileged, `also has the permission named "all"`},
		{"all and admin", Privileges{Wanted: wanted, Beyond: yes(told("all read:assets all:standard admin"))}, probes.Failed, probes.OverPrivileged, `also has the permissions named "all", "admin"`},
		{"all for asking, and another", Privileges{Wanted: wanted, Beyond: yes(told("all edit:customers"))}, probes.Failed, probes.OverPrivileged, `also has the permission named "edit:customers"`},
		{"all for asking", Privileges{Wanted: wanted, Beyond: yes(told("all read:items all:teams"))}, probes.Unknown, probes.NotObserved, `grants "all", and HaloPSA may`},
		{"all limited to what the guide asks for", Privileges{Wanted: wanted, Beyond: yes(told("read:tickets edit:items"))}, probes.Passed, probes.OK, "grants none"},
		{"refused together, all and all:standard granted alone", Privileges{
			Wanted: wanted, Beyond: no(400, "invalid_request"), Single: map[string]halo.TokenReply{"all": yes(nil), "all:standard": yes(nil), "admin": no(400, "invalid_request")},
		}, probes.Failed, probes.OverPrivileged, `also has the permission named "all"`},
		{"refused together and alone", single(no(400, "invalid_request"), no(400, "invalid_request")), probes.Unknown, probes.NotObserved, "neither all, all:standard nor admin"},
		{"granted alone where another name is unknown", single(yes(nil), no(400, "invalid_scope")), probes.Unknown, probes.NotObserved, `grants "all", and HaloPSA may`},
		{"granted alone where another is refused for no scope", single(yes(nil), no(400, "invalid_client")), probes.Unknown, probes.NotObserved, "does not say which permissions it grants"},
		{"only all:teams cannot be told", Privileges{
			Wanted: wanted, Beyond: no(400, "invalid_request"), Single: map[string]halo.TokenReply{"all": yes(told("")), "all:standard": yes(told("")), "admin": yes(told(""))},
		}, probes.Unknown, probes.NotObserved, "neither all, all:standard nor admin"},
		{"only all cannot be told", Privileges{
			Wanted: wanted, Beyond: no(400, "invalid_request"), Single: map[string]halo.TokenReply{"all:standard": no(400, ""), "admin": no(400, ""), "all:teams": no(400, "")},
		}, probes.Unknown, probes.NotObserved, "does not say which permissions it grants"},
		{"every answer is silent", single(yes(nil), yes(nil)), probes.Unknown, probes.NotObserved, "does not say which permissions it grants"},
		{"silent at once", Privileges{Wanted: wanted, Beyond: yes(nil)}, probes.Unknown, probes.NotObserved, "does not say which permissions it grants"},
		{"too many requests", Privileges{Wanted: wanted, Beyond: no(429, "")}, probes.Unknown, probes.RateLimited, "429"},
		{"the server breaks", Privileges{Wanted: wanted, Beyond: no(500, "")}, probes.Unknown, probes.ServerError, "500"},
	} {
		expect(t, test.name, judgePrivileges(test.seen), test.status, test.cause, test.says)
	}
	for scope, want := range map[string]string{
		"read:tickets all":       `Untick the permission named "all"; leave those of the guide ticked; save.`,
		"read:tickets all admin": `Untick the permissions named "all", "admin"; leave those of the guide ticked; save.`,
	} {
		if v := judgePrivileges(Privileges{Wanted: wanted, Token: told(scope)}); v.Remedy == nil || v.Remedy.Do != want {
			t.Errorf("%s: %+v", scope, v.Remedy)
		}
	}
}

func TestAllNamesEveryRequirement(t *testing.T) {
	const want = "application.name application.scope-read-customers application.scope-read-contracts application.scope-edit-contracts " +
		"application.scope-read-items application.scope-edit-items application.scope-read-invoices application.scope-edit-invoices " +
		"application.scope-read-tickets application.scope-edit-tickets application.least-privilege"
	var got []string
	for _, c := range All(guide.BuiltIn()) {
		got = append(got, c.Meta().ID)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("the built-in guide: %v", got)
	}
	other := &guide.Guide{Name: "Assets", Application: guide.Application{Scopes: []guide.Scope{{Name: "read:assets"}}}}
	seen := map[string]probes.Meta{}
	for _, c := range All(other) {
		seen[c.Meta().ID] = c.Meta()
	}
	if len(seen) != 12 || seen["application.scope-read-assets"].Source.Guide != "Assets" {
		t.Errorf("another guide: %v", seen)
	}
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		row     guide.Row
		level   probes.Level
		profile probes.Profile
	}{
		{guide.Row{}, probes.Should, probes.All},
		{guide.Row{Level: "may", Profile: "all"}, probes.May, probes.All},
		{guide.Row{Level: "must", Profile: "billing"}, probes.Must, probes.Billing},
	} {
		if level, profile := probes.LevelOf(c.row, probes.Should), probes.ProfileOf(c.row); level != c.level || profile != c.profile {
			t.Errorf("%+v: %s %q", c.row, level, profile)
		}
	}
	for label, want := range map[string]string{"": "read:items", "Read items": "Read items"} {
		if got := labelled(probes.Source{Label: label}, "read:items").Label; got != want {
			t.Errorf("the label %q: %q, want %q", label, got, want)
		}
	}
}

// The first scope is judged of a token without any; the others are blocked by it. A name without a value asks for nothing.
func TestTheFirstScopeAndTheName(t *testing.T) {
	asks := func(name string) map[string]string {
		probe := map[string]string{}
		for _, c := range All(&guide.Guide{Name: "Assets", Application: guide.Application{
			Name: &guide.Row{Value: name}, Scopes: []guide.Scope{{Name: "read:assets"}, {Name: "edit:assets"}},
		}}) {
			probe[c.Meta().ID] = c.Meta().Probe
		}
		return probe
	}
	for id, want := range map[string]string{
		"application.name": "application.record", "application.scope-read-assets": "application.scopes",
		"application.scope-edit-assets": "application.further-scopes",
	} {
		if got := asks("Integration")[id]; got != want {
			t.Errorf("%s is given by %q, want %q", id, got, want)
		}
	}
	if got := asks("")["application.name"]; got != "guide.name" {
		t.Errorf("a name without a value is given by %q", got)
	}
}

func TestPick(t *testing.T) {
	const id = "0b1c"
	for row, want := range map[string]Record{
		`{"id":7,"clientId":"0B1C","displayName":"Vendor","scopes":[{"name":"read:items"}]}`: {Found: true, Name: "Vendor", Listed: true, Scopes: []string{"read:items"}},
		`{"id":7,"clientId":"0b1c","displayName":"Vendor"}`:                                  {Found: true, Name: "Vendor"},
		`{"id":7,"clientId":"other","displayName":"Vendor"}`:                                 {},
	} {
		var r Record
		got := r.pick([]json.RawMessage{json.RawMessage(row)}, " "+id+" ")
		if (got == "7") != want.Found || r.Found != want.Found || r.Name != want.Name || r.Listed != want.Listed || !slices.Equal(r.Scopes, want.Scopes) {
			t.Errorf("%s: %q, %+v", row, got, r)
		}
	}
}
