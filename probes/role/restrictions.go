package role

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// kinds are the restrictions: the claim that lifts each, the words for it, and where its rows are.
var kinds = map[string]struct {
	code, words, heading string
	cause                probes.Cause
}{
	"ticket-types": {halo.Code("ticket-types"), "ticket types", "Ticket Type Restrictions", probes.RestrictedTypes},
	"clients":      {halo.Code("all-clients"), "clients", "Client Restrictions", probes.RestrictedClients},
	"asset-types":  {halo.Code("asset-types"), "asset types", "", probes.RestrictedAssets},
	"asset-fields": {halo.Code("asset-fields"), "asset fields", "", probes.RestrictedAssets},
}

func restrictionSays(kind string) string { return "The role allows all " + kinds[kind].words + "." }

// restriction is the requirement that one restriction is lifted, such as role.all-clients.
func restriction(g *guide.Guide, row guide.Restriction) probes.Check {
	kind, under := kinds[row.Restriction], ""
	if kind.heading != "" {
		under = " under " + kind.heading
	}
	return &probes.Requirement[Permissions]{
		ID: "role." + row.ID, Level: probes.LevelOf(row.Row, probes.Must), Profile: probes.ProfileOf(row.Row), SetUp: row.Phase == guide.Setup,
		Says: restrictionSays(row.Restriction), Source: probes.SourceOf(g, row.Row),
		Remedy: probes.Remedy{
			Who: probes.HaloAdmin, Do: fmt.Sprintf("Set %s to Yes%s and save.", labelOf(row.Row, "Allow use of all "+kind.words), under), Where: permissionsTab,
		},
		FindOut: lookAt(labelOf(row.Row, "Allow use of all "+kind.words), "Yes"),
		Causes:  []probes.Cause{kind.cause, probes.ClaimAbsent, probes.RateLimited, probes.ServerError},
		Given:   EffectivePermissions,
		Judge:   func(r Permissions) probes.Verdict { return judgeRestriction(r, row.Restriction) },
	}
}

// judgeRestriction: the setting decides where a claim tells it; without one, rows restrict and none of them mean all.
func judgeRestriction(r Permissions, restriction string) probes.Verdict {
	kind, grants := kinds[restriction], r.Agent.EffectiveClaims()
	rows, shown := r.rows(restriction)
	if from, ok := grants.Administrator(); ok {
		return probes.Pass(from+" is an administrator, which overrides restrictions", from)
	}
	value, from, ok := grants.Highest(kind.code)
	only := fmt.Sprintf("the agent may use only these %s: %s", kind.words, strings.Join(rows[:min(len(rows), 5)], ", "))
	if more := len(rows) - 5; more > 0 {
		only += fmt.Sprintf(" and %d more", more)
	}
	switch {
	case ok && value > 0:
		return probes.Pass(fmt.Sprintf("%s allows all %s", from, kind.words), from)
	case len(rows) > 0:
		return r.fail(kind.code, kind.cause, only)
	case ok:
		return r.fail(kind.code, kind.cause, fmt.Sprintf("%s does not allow all %s", from, kind.words))
	case shown && len(r.Hidden) == 0:
		return probes.Pass("no restriction to single "+kind.words+" is set, which means all", shown)
	}
	if kind.cause == probes.RestrictedAssets { // no list of an agent's record shows these
		return r.absent(kind.code, "whether it may use all "+kind.words, kind.cause, "the agent may not use all "+kind.words)
	}
	return r.cannotTell(fmt.Sprintf("neither a claim nor a list of %s is shown for the agent", kind.words))
}

// rows are the names that the agent and its roles are restricted to; shown tells whether there is a list at all.
func (r Permissions) rows(restriction string) (names []string, shown bool) {
	if kinds[restriction].cause == probes.RestrictedAssets {
		return nil, false
	}
	pick := func(clients, types []halo.RestrictionEntry) []halo.RestrictionEntry {
		if restriction == "clients" {
			return clients
		}
		return types
	}
	all := slices.Clone(pick(r.Agent.Clients, r.Agent.TicketTypes))
	for _, role := range r.Agent.Roles {
		all = append(all, pick(role.Clients, role.TicketTypes)...)
	}
	for _, row := range all {
		if !slices.Contains(names, row.Name) {
			names = append(names, row.Name)
		}
	}
	if restriction == "clients" {
		return names, r.Agent.Fields.Clients
	}
	return names, r.Agent.Fields.TicketTypes
}
