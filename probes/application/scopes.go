package application

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

func scopeSays(scope string) string {
	return fmt.Sprintf("The application has the permission %s.", scope)
}

// scope is the requirement of one of the guide's scopes, such as application.scope-read-items.
func scope(g *guide.Guide, row guide.Scope, first bool) probes.Check {
	given := scopesFor(g, login.ScopeID(row.Name))
	if first {
		given = GrantedScopes
	}
	return &probes.Requirement[Scopes]{
		ID: login.ScopeID(row.Name), Level: probes.LevelOf(row.Row, probes.Must), Profile: probes.ProfileOf(row.Row), SetUp: row.Phase == guide.Setup,
		Says: scopeSays(row.Name), Source: labelled(probes.SourceOf(g, row.Row), row.Name),
		Remedy:  probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Enable %s on the application and save.", row.Name), Where: permissionsTab},
		FindOut: probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Check whether %s is ticked on the application.", row.Name), Where: permissionsTab},
		Causes:  []probes.Cause{probes.ScopeNotGranted, probes.ScopeUnknownName, probes.NoScopeInToken, probes.RateLimited, probes.ServerError},
		Given:   given,
		Judge:   func(s Scopes) probes.Verdict { return judgeScope(s, row.Name) },
	}
}

// labelled names a scope's check-box, which is called as the scope is.
func labelled(s probes.Source, label string) probes.Source {
	if s.Label == "" {
		s.Label = label
	}
	return s
}

// judgeScope takes the most direct evidence there is: the token endpoint's own refusal, the token's scope, the
// application's record, and only then what the token opens.
func judgeScope(s Scopes, scope string) probes.Verdict {
	if r, alone := s.Each[scope]; alone && !r.Granted {
		return judgeRefusal(r, scope, s.AmbiguousRefusal || s.Listed && !halo.HasScope(s.Ticked, scope))
	}
	switch {
	case s.Empty():
		return probes.Fail(probes.NoScopeInToken, "the application has none of the permissions that the guide asks for, so every call is refused").
			With(probes.Remedy{Who: probes.HaloAdmin, Do: "Enable " + strings.Join(s.Asked, ", ") + " on the application and save.", Where: permissionsTab})
	case s.Listed && s.wantsAll():
		return judgeSet(s.Ticked, scope, shownBy(s.By))
	case s.wantsAll() && (s.Told == nil && scope == "all" || s.Told != nil && halo.HasScope(halo.ScopeList(*s.Told), "all")):
		return judgeAllForAsking(s, scope)
	case s.Told != nil:
		return judgeSet(halo.ScopeList(*s.Told), scope, "")
	case s.alone(scope):
		return probes.Pass("asked for without those that are refused, a token is issued for it", s.Each[scope].Granted)
	case s.Listed:
		return judgeSet(s.Ticked, scope, shownBy(s.By))
	}
	return judgeList(s, scope)
}

// judgeAllForAsking judges by a token that was asked for all and names it, or nothing: HaloPSA may give such a token to every application,
// limited to what is ticked (clients §1), so that it shows nothing without more.
func judgeAllForAsking(s Scopes, scope string) probes.Verdict {
	switch {
	case s.AllShown:
		return probes.Pass("all is granted, and so are all:standard and the scopes of reporting, which all:standard leaves out", s.AllShown)
	case scope != "all" && s.Told != nil && halo.HasScope(halo.ScopeList(*s.Told), scope):
		return probes.Pass(scope+" is granted", s.Told)
	}
	return probes.CannotTell(probes.NotObserved, `a token for "all" was issued, and HaloPSA may do that for every application that asks for it; only an application with admin rights sees what is ticked`)
}

// judgeRefusal reads the answer to a scope that was asked for by itself. vague: this server has one answer for a scope that
// is not ticked and for one that it does not know, or the scope is known not to be ticked.
func judgeRefusal(r halo.TokenReply, scope string, vague bool) probes.Verdict {
	said := fmt.Sprintf("the instance refuses %s (status %d %s)", scope, r.Page.Status, r.Error)
	switch {
	case r.Page.Status == http.StatusTooManyRequests:
		return probes.CannotTell(probes.RateLimited, said)
	case r.Page.Transient():
		return probes.CannotTell(probes.ServerError, said)
	case r.Error == "invalid_scope" && !vague && !notAllowed(r.Description):
		return probes.Fail(probes.ScopeUnknownName, fmt.Sprintf("this instance knows no permission %s (status %d %s)", scope, r.Page.Status, r.Error)).
			With(probes.Remedy{Who: probes.Vendor, Do: fmt.Sprintf("Ask whether this version of HaloPSA has %s, and update HaloPSA if it does not.", scope), Where: permissionsTab})
	}
	if r.Description != "" {
		said += fmt.Sprintf(" (%q)", r.Description)
	}
	return probes.Fail(probes.ScopeNotGranted, said)
}

// notAllowed tells whether an invalid_scope speaks of a scope that the application may not have rather than of a name
// that nobody knows: RFC 6749 §5.2 has one code for both, and only the description tells them apart.
func notAllowed(description string) bool {
	d := strings.ToLower(description)
	return slices.ContainsFunc([]string{"not allowed", "not permitted", "not granted", "not authorized", "not authorised", "exceeds", "not assigned"},
		func(words string) bool { return strings.Contains(d, words) })
}

// judgeSet looks for a scope among those that are granted, and says who showed them.
func judgeSet(set []string, scope, shownBy string) probes.Verdict {
	missing := fmt.Sprintf("%s is missing; granted: %s%s", scope, cmp.Or(strings.Join(set, ", "), "nothing"), shownBy)
	switch {
	case halo.HasScope(set, scope):
		return probes.Pass(scope+" is granted"+shownBy, set)
	case halo.HasScope(set, "all"):
		return probes.Pass("all is granted, which includes "+scope+shownBy, set)
	case halo.HasScope(set, "all:standard") && standard(scope):
		return probes.CannotTell(probes.ScopeNotGranted, fmt.Sprintf("all:standard is granted%s, and Halo does not say whether it includes %s", shownBy, scope))
	case halo.HasScope(set, halo.ImpliedBy(scope)):
		return probes.Fail(probes.ScopeNotGranted, fmt.Sprintf("%s; %s includes reading, but the guide asks for both", missing, halo.ImpliedBy(scope)))
	}
	return probes.Fail(probes.ScopeNotGranted, missing)
}

// standard tells whether all:standard may include a scope: it leaves those of reporting out (halo-live §4).
func standard(scope string) bool {
	area, resource, _ := strings.Cut(strings.ToLower(scope), ":")
	return (area == "read" || area == "edit") && resource != "reporting"
}

// judgeList judges by what the token opens. RFC 6749 §5.1: an answer that names no scope means the scope asked for. A list
// that is refused speaks against that, unless this server was seen to refuse or to name what it does not grant.
func judgeList(s Scopes, scope string) probes.Verdict {
	const silent = "the token's answer names no scope, which means those asked for (RFC 6749 §5.1)"
	r, known := halo.ResourceOf(scope)
	l, asked := s.Lists[r.Feature]
	// What a list shows is shown by any scope of its resource: of two that are asked for, it does not tell which is there.
	alone := halo.ImpliedBy(scope) != "" && !slices.Contains(s.Asked, halo.ImpliedBy(scope))
	switch {
	case !s.EnforcesScopes && (!known || !asked || l.Reading().State == probes.Shown && !alone):
		return probes.CannotTell(probes.NotObserved, silent+", but this server was not seen to refuse or to leave out a scope that the application lacks")
	case !known || !asked:
		return probes.Pass(silent, s.Asked)
	case l.Refused() && s.EnforcesScopes:
		return probes.Pass(silent+", and this server was seen to refuse or to leave out a scope that the application lacks", s.EnforcesScopes)
	case !l.Refused():
		return probes.Pass(silent+"; "+l.String(), l)
	}
	because := l.String() + " while other calls are answered"
	if level, from, ok := levelOf(s.Agent, r.Feature); ok && level > 0 {
		return probes.CannotTell(probes.ScopeNotGranted, fmt.Sprintf("%s, and %s grants access: either the application lacks %s, or something before HaloPSA turns this path down", because, from, scope))
	}
	return probes.CannotTell(probes.ScopeNotGranted, fmt.Sprintf("%s: either the application lacks %s or the role's access level for %s is too low", because, scope, r.Feature))
}

// levelOf is the agent's access level for a feature as far as its claims tell.
func levelOf(a *halo.Agent, feature string) (level int, from string, ok bool) {
	if a == nil {
		return 0, "", false
	}
	if from, ok := a.EffectiveClaims().Administrator(); ok {
		return 1, from, true
	}
	return a.EffectiveClaims().Highest(halo.Code(feature))
}
