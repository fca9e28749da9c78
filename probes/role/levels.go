package role

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/application"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// LevelAmbiguous is the cause where a level reads differently in the older coding and in today's.
const LevelAmbiguous probes.Cause = "level_ambiguous"

// permissionsTab is where a role's permissions are set.
const permissionsTab = "Configuration > Teams & Agents > Roles > the agent's role > Permissions tab"

func levelSays(feature, atLeast string) string {
	return fmt.Sprintf("The role's access level for %s is %s or more.", feature, atLeast)
}

// level is the requirement of one access level, such as role.items-level.
func level(g *guide.Guide, row guide.RoleLevel) probes.Check {
	return &probes.Requirement[Permissions]{
		ID: "role." + row.ID, Level: application.LevelOf(row.Row, probes.Must), Profile: application.ProfileOf(row.Row),
		Says: levelSays(row.Feature, row.AtLeast), Source: application.SourceOf(g, row.Row),
		Remedy: probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Set %s to %s and save.", labelOf(row.Row, row.Feature), row.AtLeast), Where: permissionsTab},
		Causes: []probes.Cause{probes.LevelTooLow, probes.ClaimAbsent, LevelAmbiguous},
		Given:  EffectivePermissions,
		Judge:  func(r Permissions) probes.Verdict { return judgeLevel(r, row.Feature, row.AtLeast) },
	}
}

func judgeLevel(r Permissions, feature, atLeast string) probes.Verdict {
	grants, code := r.Agent.Grants(), halo.Code(feature)
	want, _ := guide.Step(feature, atLeast)
	if from, ok := grants.Administrator(); ok {
		return r.unlessRefused(feature, from+" is an administrator, which overrides access levels")
	}
	value, from, ok := grants.Highest(code)
	if !ok {
		return r.absent(code, "an access level for "+feature, probes.LevelTooLow, "the access level for "+feature+" is No Access")
	}
	steps := grants.Steps(code, value)
	words, enough := []string{}, 0
	for _, step := range steps {
		if step >= len(guide.Features[feature]) {
			return probes.CannotTell(probes.ClaimAbsent, fmt.Sprintf("%s has %s = %d, which is no level that is known; %s", from, code, value, howToTell))
		}
		words = append(words, guide.Features[feature][step][0])
		if step >= want {
			enough++
		}
	}
	seen := fmt.Sprintf("the access level for %s is %s (from %s)", feature, strings.Join(words, " or "), from)
	switch {
	case enough == len(steps):
		return r.unlessRefused(feature, seen)
	case enough > 0:
		return probes.CannotTell(LevelAmbiguous, fmt.Sprintf("%s, depending on whether %s = %d is written in today's coding or in the older one; %s", seen, code, value, howToTell))
	}
	return r.fail(probes.LevelTooLow, seen+", less than "+atLeast+r.list(feature))
}

// unlessRefused passes what the claims grant, unless the list is refused although a scope for it was seen: then something
// that no claim shows decides, and the list stays closed.
func (r Permissions) unlessRefused(feature, seen string) probes.Verdict {
	if l, ok := r.Lists[feature]; ok && l.Refused() && r.Scoped[feature] {
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("%s and the application has a scope for it, yet GET /%s answers status %d: either a setting that no claim shows takes it away, or a filter before HaloPSA turns this path down; %s",
			seen, l.Path, l.Status, howToTell))
	}
	return probes.Pass(seen + r.list(feature))
}

// list adds what the feature's list answered, where it was asked.
func (r Permissions) list(feature string) string {
	if l, ok := r.Lists[feature]; ok {
		return "; " + l.String()
	}
	return ""
}

// labelOf is a setting as Halo's screen shows it.
func labelOf(row guide.Row, name string) string {
	if row.Label != "" {
		return row.Label
	}
	return name
}
