package application

import (
	"context"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
	"github.com/halocheck/halocheck/probes/login"
)

// allTeams is the scope that stands in for team membership; the guide offers it, so it is never too much.
const allTeams = "all:teams"

// broad are the scopes that are called out by name; asked for one by one where they were refused together.
var broad = []string{"all", "all:standard", "admin", allTeams}

// Privileges is what the application may do beyond the guide's scopes.
type Privileges struct {
	Wanted []string                   `json:"wanted"`
	Token  *string                    `json:"token,omitempty"` // the scope of the integration's own token
	Beyond halo.TokenReply            `json:"beyond"`          // the answer to all other known scopes at once
	Single map[string]halo.TokenReply `json:"single,omitempty"`
	Ticked []string                   `json:"ticked,omitempty"`
	Listed bool                       `json:"listed"`       // the application's record was seen, and Ticked is all it has
	By     string                     `json:"by,omitempty"` // whose credentials read the record
}

// ExtraScopes asks the token endpoint which scopes beyond the guide's it grants. No token that it gives is kept or used.
var ExtraScopes = &probes.Probe[Privileges]{
	Name: "application.privileges",
	Asks: "POST to the token endpoint for all known read:, edit:, admin and all scopes beyond the guide's; where they are refused together, for all, all:standard, admin, all:teams and what the guide forbids one by one",
	Look: func(ctx context.Context, s *probes.Session) (Privileges, error) {
		g, err := probes.Need(ctx, s, login.Token)
		if err != nil {
			return Privileges{}, err
		}
		p := Privileges{Wanted: g.Asked, Token: g.Final.Scope}
		probes.Begin(ctx, s, OwnRecord) // which says it best, but is seldom shown
		others := slices.DeleteFunc(slices.Clone(guide.Scopes), func(name string) bool {
			return strings.HasPrefix(name, "access:") || strings.HasPrefix(name, "editMine:") || (covered(p.Wanted, name) && name != allTeams)
		})
		together := !halo.RefusesScopes(g.Each) // where it does, many scopes at once would be refused for one of them
		if together {
			p.Beyond, err = halo.RequestToken(ctx, s, halo.Integration, others, false)
		}
		if r, unread := probes.Look(ctx, s, OwnRecord); unread == nil && r.Listed {
			p.Ticked, p.Listed, p.By, p.Beyond = r.Scopes, true, r.By(), halo.TokenReply{}
			return p, nil
		}
		if err != nil || together && (p.Beyond.Granted || !p.Beyond.Refused()) {
			return p, err
		}
		alone := slices.Clone(broad)
		for _, row := range s.Guide.Application.Forbidden {
			alone = append(alone, row.Name)
		}
		p.Single, err = oneByOne(ctx, s, alone)
		return p, err
	},
}

// oneByOne asks for scopes each by itself, all at once. The error is the first one; the answers that came are kept.
func oneByOne(ctx context.Context, s *probes.Session, scopes []string) (map[string]halo.TokenReply, error) {
	replies, errs := make([]halo.TokenReply, len(scopes)), make([]error, len(scopes))
	var parts probes.Group
	for i, name := range scopes {
		parts.Go(func() { replies[i], errs[i] = halo.RequestToken(ctx, s, halo.Integration, []string{name}, false) })
	}
	parts.Wait()
	single := map[string]halo.TokenReply{}
	for i, name := range scopes {
		if errs[i] != nil {
			return single, errs[i]
		}
		single[name] = replies[i]
	}
	return single, nil
}

// covered tells whether the guide asks for a scope, or for one that brings it along. Sign-in scopes open no data.
func covered(wanted []string, name string) bool {
	name = strings.ToLower(name) // guides capitalise, the wire does not (halo-api §5)
	return name == allTeams || name == "openid" || name == "offline_access" ||
		halo.HasScope(wanted, name) || (halo.ImpliedBy(name) != "" && halo.HasScope(wanted, halo.ImpliedBy(name)))
}

// Grants tells whether the application has one scope; known is false where no answer settles it.
func (p Privileges) Grants(name string) (yes, known bool) {
	switch {
	case p.Token != nil && halo.HasScope(halo.ScopeList(*p.Token), name):
		return true, true
	case p.Listed:
		return halo.HasScope(p.Ticked, name), true
	case p.Beyond.Scope != nil:
		return halo.HasScope(halo.ScopeList(*p.Beyond.Scope), name), true
	}
	r, asked := p.Single[name]
	switch {
	case !asked || r.Page.Transient():
		return false, false
	case !r.Granted:
		return false, true
	case r.Scope != nil:
		return halo.HasScope(halo.ScopeList(*r.Scope), name), true
	}
	return true, p.refuses() // an answer without a scope says yes only where another says no
}

// narrow tells whether none of the broad scopes is granted, for certain.
func (p Privileges) narrow() bool {
	return !slices.ContainsFunc(broad, func(name string) bool {
		yes, known := p.Grants(name)
		return name != allTeams && (yes || !known)
	})
}

// refuses tells whether the token endpoint was seen to refuse a scope, so that its silence means consent.
func (p Privileges) refuses() bool {
	for _, r := range p.Single {
		if !r.Granted && (r.Error == "invalid_scope" || r.Error == "invalid_request") {
			return true
		}
	}
	return false
}

// Strict tells whether the token endpoint was seen to refuse a scope that the application lacks, or to name those that it
// grants instead of those asked for.
func (p Privileges) Strict() bool {
	return p.refuses() || p.Beyond.Granted && p.Beyond.Scope != nil
}

// refusesLike tells whether one of the broad scopes, which exist everywhere, was refused in these very words.
func (p Privileges) refusesLike(r halo.TokenReply) bool {
	for _, single := range p.Single {
		if single.Refused() && single.Error == r.Error && single.Description == r.Description {
			return true
		}
	}
	return false
}

// extras are the scopes beyond the guide's that were seen to be granted, the broad ones first; all tells whether there
// can be no others.
func (p Privileges) extras() (names []string, all bool) {
	seen := slices.Clone(p.Ticked)
	if p.Token != nil {
		seen = append(seen, halo.ScopeList(*p.Token)...)
	}
	if p.Beyond.Scope != nil {
		seen = append(seen, halo.ScopeList(*p.Beyond.Scope)...)
	}
	for _, name := range append(slices.Clone(broad), seen...) {
		yes, known := p.Grants(name)
		if (yes && known || slices.Contains(seen, name)) && !covered(p.Wanted, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	switch {
	case p.Listed || len(names) == 0 || names[0] != "all":
	case p.allIsTicked():
		names = slices.DeleteFunc(names, underAll) // it brings them along, so they may not be ticked
	default:
		names = names[1:]
	}
	return names, p.Listed || p.Beyond.Scope != nil
}

// allIsTicked tells whether the application has the permission "all". HaloPSA may grant all to every application that asks
// for it, limited to what is ticked (clients §1); the permission brings all:standard along, too.
func (p Privileges) allIsTicked() bool {
	if p.Token != nil && halo.HasScope(halo.ScopeList(*p.Token), "all") && !halo.HasScope(p.Wanted, "all") {
		return true
	}
	all, known := p.Grants("all")
	standard, shown := p.Grants("all:standard")
	return all && known && standard && shown
}

// showsAll tells whether the permission "all" was seen: on the record, or by scopes that no other permission brings together.
// all:standard leaves those of reporting out (halo-live §4).
func (p Privileges) showsAll() bool {
	if p.Listed {
		return halo.HasScope(p.Ticked, "all")
	}
	return !slices.ContainsFunc([]string{"all", "all:standard", "read:reporting", "edit:reporting"}, func(name string) bool {
		yes, known := p.Grants(name)
		return !yes || !known
	})
}

// allForAsking tells whether all was granted, which alone is no sign of the permission.
func (p Privileges) allForAsking() bool {
	yes, known := p.Grants("all")
	return yes && known && !p.Listed && !p.allIsTicked()
}

// underAll tells whether the permission "all" brings a scope along (halo-api §5).
func underAll(name string) bool {
	area, _, _ := strings.Cut(strings.ToLower(name), ":")
	return area == "read" || area == "edit" || strings.EqualFold(name, "all:standard")
}
