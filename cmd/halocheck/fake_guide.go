package main

import (
	"context"
	"strings"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// guideSetup is an instance that satisfies guides, as the fake is told it. Guides that no one instance satisfies are refused
// with what they contradict each other in.
func guideSetup(ctx context.Context, names []string) (fakehalo.Fault, error) {
	guides, err := openGuides(ctx, splitNames(names))
	if err != nil {
		return fakehalo.Fault{}, err
	}
	u := guide.Union(guides...)
	for _, c := range u.Contradictions {
		if !c.Binding {
			continue
		}
		var sides []string
		for _, s := range c.Sides {
			sides = append(sides, s.Guide+": "+strings.TrimSuffix(s.Says, "."))
		}
		return fakehalo.Fault{}, usagef("--guide: no instance satisfies them all (%s): %s; serve them one by one", c.ID, strings.Join(sides, "; "))
	}
	c := u.Configuration
	if c.DefaultTeam == guide.NoDefaultTeam || c.DefaultTeam == guide.AnyValue {
		c.DefaultTeam = map[string]string{guide.AnyValue: "Service Desk"}[c.DefaultTeam] // a team of the fake's
	}
	if c.WorkHours == guide.AnyValue {
		c.WorkHours = ""
	}
	slash := guides[0].Login.AuthURL // the fake prints one URL, as the first guide wants it typed
	return fakehalo.With(fakehalo.Setup{
		Scopes: c.ScopesFor(guides...), LoginType: c.LoginType, Claims: c.Claims(halo.Code), Administrator: c.Administrator == guide.Yes, OrdinaryAgent: c.APIOnly == guide.No,
		DefaultTeam: c.DefaultTeam, WorkHours: c.WorkHours, AllTeams: c.Teams == guide.All, Department: c.Department != "",
		NoSlash: slash != nil && slash.TrailingSlash == guide.SlashMustNot,
	}), nil
}
