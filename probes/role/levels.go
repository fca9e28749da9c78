package role

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/halo"
)

// LevelAmbiguous is the cause where a level reads differently in the older coding and in today's.
const LevelAmbiguous probes.Cause = "level_ambiguous"

// permissionsTab is where a role's permissions are set.
const permissionsTab = "Configuration > Teams & Agents > Roles > the agent's role > Permissions tab"

func levelSays(feature, atLeast string) string {
	return fmt.Sprintf("The role's access level for %s is %s or more.", guide.InWords(feature), atLeast)
}

// level is the requirement of one access level, such as role.items-level.
func level(g *guide.Guide, row guide.RoleLevel) probes.Check {
	return &probes.Requirement[Permissions]{
		ID: "role." + row.ID, Level: probes.LevelOf(row.Row, probes.Must), Profile: probes.ProfileOf(row.Row), SetUp: row.Phase == guide.Setup,
		Says: levelSays(row.Feature, row.AtLeast), Source: probes.SourceOf(g, row.Row),
		Remedy:  probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Set %s to %s and save.", labelOf(row.Row, row.Feature), row.AtLeast), Where: permissionsTab},
		FindOut: lookAt(labelOf(row.Row, row.Feature), row.AtLeast+" or more"),
		Causes:  []probes.Cause{probes.LevelTooLow, probes.ClaimAbsent, LevelAmbiguous, probes.RateLimited, probes.ServerError},
		Given:   EffectivePermissions,
		Judge:   func(r Permissions) probes.Verdict { return judgeLevel(r, row.Feature, row.AtLeast) },
	}
}

func judgeLevel(r Permissions, feature, atLeast string) probes.Verdict {
	grants, code := r.Agent.EffectiveClaims(), halo.Code(feature)
	if from, ok := grants.Administrator(); ok {
		return r.unlessClosed(feature, from+" is an administrator, which overrides access levels", from)
	}
	value, from, ok := grants.Highest(code)
	if !ok {
		return r.absent(code, "an access level for "+guide.InWords(feature), probes.LevelTooLow, "the access level for "+guide.InWords(feature)+" is No Access")
	}
	steps := grants.Steps(code, value)
	words, enough, unsettled := []string{}, 0, false
	for _, step := range steps {
		if step >= len(guide.Features[feature]) {
			return probes.CannotTell(probes.ClaimAbsent, fmt.Sprintf("%s has %s = %d, which is no level that is known", from, code, value))
		}
		words = append(words, guide.Features[feature][step][0])
		reaches, known := guide.Reaches(feature, step, atLeast)
		if reaches {
			enough++
		}
		unsettled = unsettled || !known
	}
	seen := fmt.Sprintf("the access level for %s is %s (from %s)", guide.InWords(feature), strings.Join(words, " or "), from)
	switch {
	case enough == len(steps):
		return r.unlessClosed(feature, seen, from)
	case unsettled:
		return probes.CannotTell(probes.ClaimAbsent, fmt.Sprintf("%s; no source tells how HaloPSA writes %s", seen, atLeast))
	case enough > 0:
		return probes.CannotTell(LevelAmbiguous, fmt.Sprintf("%s: %s = %d has another meaning in older versions", seen, code, value))
	}
	return r.fail(code, probes.LevelTooLow, seen+"; the guide asks for "+atLeast+r.list(feature))
}

// openList is how to find out why a list stays closed although the claims grant access.
var openList = probes.Remedy{
	Who: probes.HaloAdmin, Do: "Check whether the module behind this list is switched on; if it is, ask whether a filter refuses its path.",
	Where: "Configuration",
}

// unlessClosed passes what the claims grant, on the evidence of the claim and of the list behind it. A list that was asked
// for and not read makes it unknown; so does one that is refused although the application has a scope for it, since then
// something that no claim shows decides. Without a scope, the refusal is the scope's.
func (r Permissions) unlessClosed(feature, seen, from string) probes.Verdict {
	l, asked := r.Lists[feature]
	switch {
	case !asked:
		return probes.Pass(seen, from)
	case l.Refused() && !r.Scoped[feature]:
		return probes.Pass(seen+"; "+l.String(), from)
	case l.Refused():
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("%s and the application has the permission, yet GET /%s answers status %d: another setting or a filter takes it away",
			seen, l.Path, l.Status)).With(openList)
	}
	if reading := l.Reading(); reading.State != probes.Shown {
		v := probes.Pass(seen, from, l)
		if v.Cause == probes.NotObserved {
			v = v.With(openList)
		}
		return v
	}
	return probes.Pass(seen+"; "+l.String(), from, l)
}

// withAdmin is how halocheck sees it where the integration's own application may not.
const withAdmin = "run halocheck with an application that has admin rights"

// lookAt is how to find out what a role allows where its claims are not shown.
func lookAt(label, want string) probes.Remedy {
	return probes.Remedy{
		Who: probes.HaloAdmin, Do: fmt.Sprintf("Check whether %s is set to %s, or %s.", label, want, withAdmin), Where: permissionsTab,
	}
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
