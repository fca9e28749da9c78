package faketarget

import (
	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// Satisfying is the least instance that satisfies guides, of which there is one at least. Where they contradict each other it
// satisfies what guide.Union makes of them. The URL is printed as the first guide wants it typed.
func Satisfying(guides ...*guide.Guide) fakehalo.Setup {
	c := guide.Union(guides...).Configuration
	set := fakehalo.Setup{
		Scopes: c.ScopesFor(guides...), LoginType: c.LoginType, Claims: c.Claims(halo.Code), Administrator: c.Administrator == guide.Yes, OrdinaryAgent: c.APIOnly == guide.No,
		DefaultTeam: c.DefaultTeam, WorkHours: c.WorkHours, AllTeams: c.Teams == guide.All, Department: c.Department != "",
	}
	switch c.DefaultTeam {
	case guide.NoDefaultTeam:
		set.DefaultTeam = ""
	case guide.AnyValue:
		set.DefaultTeam = "Service Desk" // a team of the fake's
	}
	if c.WorkHours == guide.AnyValue {
		set.WorkHours = ""
	}
	if u := guides[0].Login.AuthURL; u != nil {
		set.NoSlash = u.TrailingSlash == guide.SlashMustNot
	}
	return set
}
