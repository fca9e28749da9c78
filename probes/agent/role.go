package agent

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

const roleSays = "The agent has the role that the guide creates."

// roles is agent.role. The role may be called whatever its creator wished.
func roles(g *guide.Guide, row guide.Setting) probes.Check {
	do := fmt.Sprintf("Select %s under Roles on the agent and save, unless your role goes by another name.", row.Accepted()[0])
	return setting(g, "agent.role", roleSays, row.Row, probes.May, do, func(r role.Permissions) probes.Verdict { return judgeRole(r, row.Accepted()) }, probes.NameDiffers)
}

func judgeRole(r role.Permissions, values []string) probes.Verdict {
	var names []string
	unnamed := 0
	for _, held := range r.Agent.Roles {
		if held.Name == "" {
			unnamed++
			continue
		}
		names = append(names, held.Name)
	}
	if len(names) == 0 {
		names = strings.FieldsFunc(r.Agent.RoleList, func(c rune) bool { return c == ',' || c == ';' })
	}
	for _, name := range names {
		if oneOf(values, name) {
			return probes.Pass(fmt.Sprintf("the agent has the role %q", strings.TrimSpace(name)), names)
		}
	}
	switch {
	case len(r.Agent.Roles) > len(names):
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("the names of %d of the agent's %d roles are not shown", unnamed, len(r.Agent.Roles)))
	case len(names) > 0:
		return probes.Fail(probes.NameDiffers, fmt.Sprintf("the agent's roles are %s; the guide's is %s", strings.Join(names, ", "), list(values)))
	case r.Agent.Fields.Roles:
		return probes.Fail(probes.NameDiffers, fmt.Sprintf("the agent has no role; the guide's is %s", list(values)))
	}
	return probes.CannotTell(probes.NotObserved, "the agent's record does not show its roles")
}
