package application

import (
	"testing"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/halo"
)

// TestAServerThatIsStrict refuses what an application lacks, or names what it grants instead.
func TestAServerThatIsStrict(t *testing.T) {
	refused := map[string]halo.TokenReply{"all": no(400, "invalid_scope")}
	for name, c := range map[string]struct {
		seen Privileges
		want bool
	}{
		"it refuses one by itself":              {Privileges{Single: refused}, true},
		"it names what it grants":               {Privileges{Beyond: yes(told("read:kb"))}, true},
		"it grants, and names nothing":          {Privileges{Beyond: yes(nil)}, false},
		"it names a scope, and grants no token": {Privileges{Beyond: halo.TokenReply{Scope: told("x")}}, false},
		"nobody asked":                          {Privileges{}, false},
		"it refuses, and grants others":         {Privileges{Single: refused, Beyond: yes(nil)}, true},
	} {
		if got := c.seen.Strict(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestOneAnswerForTwoReasons: a scope that exists everywhere, refused in the same words as the one in question.
func TestOneAnswerForTwoReasons(t *testing.T) {
	says := func(code, description string) halo.TokenReply {
		return halo.TokenReply{Error: code, Description: description}
	}
	in := says("invalid_scope", "The specified 'scope' is invalid.")
	for name, c := range map[string]struct {
		single halo.TokenReply
		want   bool
	}{
		"the same words": {in, true},
		"other words":    {says("invalid_scope", "Not for you."), false},
		"another code":   {says("invalid_request", in.Description), false},
		"it was granted": {halo.TokenReply{Granted: true, Error: in.Error, Description: in.Description}, false},
	} {
		if got := (Privileges{Single: map[string]halo.TokenReply{"all": c.single}}).refusesLike(in); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if (Privileges{}).refusesLike(in) {
		t.Error("nobody asked")
	}
	vague := Scopes{Asked: []string{"read:items"}, Each: map[string]halo.TokenReply{"read:items": no(400, "invalid_scope")}, AmbiguousRefusal: true}
	told := Scopes{Asked: []string{"read:items"}, Each: map[string]halo.TokenReply{"read:items": no(400, "invalid_scope")}}
	for name, c := range map[string]struct {
		ticked []string
		listed bool
		want   probes.Cause
	}{
		"the application's record is not shown": {nil, false, probes.ScopeUnknownName},
		"the record has it":                     {[]string{"read:items"}, true, probes.ScopeUnknownName},
		"the record does not have it":           {[]string{"read:tickets"}, true, probes.ScopeNotGranted},
	} {
		told.Ticked, told.Listed = c.ticked, c.listed
		if v := judgeScope(told, "read:items"); v.Status != probes.Failed || v.Cause != c.want {
			t.Errorf("%s: %s %s %q", name, v.Status, v.Cause, v.Because)
		}
	}
	expect(t, "not ticked, or not known", judgeScope(vague, "read:items"), probes.Failed, probes.ScopeNotGranted, "refuses read:items (status 400 invalid_scope)")
}

func TestTheSilenceOfAStrictServer(t *testing.T) {
	strict := Scopes{Asked: []string{"read:items"}, EnforcesScopes: true}
	if !strict.Names("items") || strict.Names("tickets") || (Scopes{Asked: strict.Asked}).Names("items") {
		t.Error("a strict server's silence means what was asked for, and nothing else does")
	}
}

// TestTheApplicationsRecordSaysWhyItIsNotShown, with the request's own reason and that of the admin credentials.
func TestTheApplicationsRecordSaysWhyItIsNotShown(t *testing.T) {
	expect(t, "refused, and the admin is wrong", judgeName(Record{Status: 403, SeenBy: halo.Integration, Admin: "the admin credentials got no token: invalid_client"}, "X"), probes.Unknown, probes.NotObserved,
		"GET /Application answered status 403 (seen with the integration's own credentials), so its name is not shown; the admin credentials got no token: invalid_client")
	expect(t, "rate limited", judgeName(Record{Status: 429, Tries: 9}, "X"), probes.Unknown, probes.RateLimited, "status 429, 9 times")
	expect(t, "it breaks", judgeName(Record{Status: 500}, "X"), probes.Unknown, probes.ServerError, "status 500")
	expect(t, "silence", judgeName(Record{Cause: probes.Timeout, Detail: "15 s"}, "X"), probes.Unknown, probes.Timeout, "gave no answer")
	if v := judgeName(Record{Status: 403, SeenBy: halo.Integration}, "X"); v.Because != "GET /Application answered status 403 (seen with the integration's own credentials), so its name is not shown" {
		t.Errorf("without admin credentials: %q", v.Because)
	}
}
