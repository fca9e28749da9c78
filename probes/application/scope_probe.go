package application

import (
	"context"
	"slices"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

// Scopes is the evidence of which of the guide's scopes are granted.
type Scopes struct {
	Asked  []string                   `json:"asked"`
	Told   *string                    `json:"told,omitempty"`   // the token's scope; nil: its answer does not name any
	Each   map[string]halo.TokenReply `json:"each,omitempty"`   // replies to separate requests, where the combined one was refused
	Ticked []string                   `json:"ticked,omitempty"` // the application's own list, where it could be read with the admin credentials
	Listed bool                       `json:"listed"`           // Ticked is known
	By     string                     `json:"by,omitempty"`     // whose credentials read the list; empty: the admin's
	Lists  map[string]List            `json:"lists,omitempty"`  // what the token opens, by feature; asked only where nothing tells
	Agent  *halo.Agent                `json:"agent,omitempty"`  // its access levels are the other explanation of a refused list
	// EnforcesScopes: the token endpoint was seen to refuse scopes that the application lacks, or to name those it left out. Then a
	// token that names none has all that were asked for.
	EnforcesScopes bool `json:"strict,omitempty"`
	// AmbiguousRefusal: the token endpoint answers invalid_scope, in the same words, for scopes that exist and are not ticked.
	AmbiguousRefusal bool `json:"vague,omitempty"`
	// AllShown: more shows that the application has all than a token for it, which HaloPSA may give to every application.
	AllShown bool `json:"all_shown,omitempty"`
}

// Empty tells whether the token was issued without any scope though scopes were asked for. Where each was refused by
// itself, that refusal says more.
func (s Scopes) Empty() bool {
	return len(s.Each) == 0 && s.Told != nil && len(halo.DataScopes(halo.ScopeList(*s.Told))) == 0 && len(s.Asked) > 0
}

// posts is what login.grant sends, for those who rest on it.
const posts = "POST of the client credentials to the token endpoint for the guide's scopes, apart where they are refused together"

// GrantedScopes tells which scopes the application has.
var GrantedScopes = &probes.Probe[Scopes]{
	Name: "application.scopes",
	Asks: "nothing more than login.grant (" + posts + "); where the guide asks for all, what application.privileges asks; where the token names no scope, what application.lists (GET of one row of each list) and login.me (GET /api/Agent/me) ask",
	Look: func(ctx context.Context, s *probes.Session) (Scopes, error) {
		g, err := probes.Need(ctx, s, login.Token)
		if err != nil {
			return Scopes{}, err
		}
		seen := Scopes{Asked: g.Asked, Each: g.Each}
		for _, r := range g.Each {
			if r.Error != "invalid_scope" || seen.AmbiguousRefusal {
				continue
			}
			if p, err := probes.Look(ctx, s, ExtraScopes); err == nil {
				seen.AmbiguousRefusal = p.refusesLike(r)
				seen.Ticked, seen.Listed, seen.By = p.Ticked, p.Listed, p.By
			}
		}
		if g.Final.Granted {
			seen.Told = g.Final.Scope
		}
		if seen.wantsAll() && g.Final.Granted {
			if p, err := probes.Look(ctx, s, ExtraScopes); err == nil {
				seen.Ticked, seen.Listed, seen.By, seen.AllShown = p.Ticked, p.Listed, p.By, p.showsAll()
			}
		}
		if seen.Told != nil || !g.Final.Granted || len(g.Kept) == 0 && len(g.Each) > 0 {
			return seen, nil // the token says it, or each refusal does
		}
		if r, err := probes.Look(ctx, s, OwnRecord); err == nil {
			seen.Ticked, seen.Listed, seen.By = r.Scopes, r.Listed, r.By()
		}
		probes.Begin(ctx, s, ExtraScopes)
		if seen.Lists, err = probes.Look(ctx, s, ListAccess); err != nil {
			return seen, err
		}
		if me, err := probes.Need(ctx, s, login.Agent); err == nil {
			seen.Agent = me.Agent
		}
		if p, err := probes.Look(ctx, s, ExtraScopes); err == nil {
			seen.EnforcesScopes = p.Strict()
		}
		return seen, nil
	},
}

// Names tells whether it was seen that the application has a scope for a feature's list: the token or the application's
// record names one.
func (s Scopes) Names(feature string) bool {
	seen := slices.Clone(s.Ticked)
	if s.Told != nil {
		seen = halo.ScopeList(*s.Told)
	}
	for name := range s.Each {
		if s.alone(name) {
			seen = append(seen, name)
		}
	}
	if s.EnforcesScopes {
		seen = append(seen, s.Asked...)
	}
	return halo.HasScope(seen, "all") && (s.AllShown || !s.wantsAll()) || slices.ContainsFunc(seen, func(name string) bool {
		r, ok := halo.ResourceOf(name)
		return ok && r.Feature == feature
	})
}

// wantsAll tells whether the token was asked for all, so that a token for it shows nothing (clients §1).
func (s Scopes) wantsAll() bool { return halo.HasScope(s.Asked, "all") }

// alone tells whether a scope was granted when it was asked for apart, by a server that was seen to refuse what an
// application lacks: only then is a token consent.
func (s Scopes) alone(name string) bool {
	return halo.RefusesScopes(s.Each) && s.Each[name].Granted
}

// scopesFor is the same for the requirement id: of a token without any scope one finding is enough, and the others wait
// for that one.
func scopesFor(g *guide.Guide, id string) *probes.Probe[Scopes] {
	return &probes.Probe[Scopes]{
		Name: "application.further-scopes",
		Asks: "nothing more than application.scopes and login.grant (" + posts + ")",
		Look: func(ctx context.Context, s *probes.Session) (Scopes, error) {
			seen, err := probes.Look(ctx, s, GrantedScopes)
			if first := login.FirstScope(s, g); err == nil && seen.Empty() && first != id {
				err = &probes.Unmet{ID: first}
			}
			return seen, err
		},
	}
}

// builtInScopes are what a report always has a line for: contract §6.
var builtInScopes = []string{
	"read:customers", "read:contracts", "edit:contracts", "read:items", "edit:items", "read:invoices", "edit:invoices",
	"read:tickets", "edit:tickets",
}

// All is the area in report order.
func All(g *guide.Guide) []probes.Check {
	checks := []probes.Check{probes.NotAsked(g, "application.name", probes.May, nameSays)}
	if g.Application.Name != nil && g.Application.Name.Value != "" {
		checks[0] = name(g)
	}
	missing := slices.Sorted(slices.Values(builtInScopes))
	for i, row := range g.Application.Scopes {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == row.Name })
		checks = append(checks, scope(g, row, i == 0))
	}
	for _, row := range g.Application.AnyOf {
		checks = append(checks, anyOf(g, row))
	}
	for _, row := range g.Application.Forbidden {
		checks = append(checks, forbidden(g, row))
	}
	for _, scope := range missing {
		checks = append(checks, probes.NotAsked(g, login.ScopeID(scope), probes.Must, scopeSays(scope)))
	}
	if g.Application.LeastPrivilege == nil {
		return append(checks, probes.NotAsked(g, "application.least-privilege", probes.Should, leastSays))
	}
	return append(checks, leastPrivilege(g))
}
