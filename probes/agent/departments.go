package agent

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/role"
)

// departments is agent.departments: the agent belongs to a department, and sees as much of it as the guide asks for.
func departments(g *guide.Guide, row guide.Setting) probes.Check {
	wants := list(row.Accepted())
	do := "Add the agent to a department and save."
	if wants != "" {
		do = fmt.Sprintf("Add the agent to a department with the membership %s and save.", wants)
	}
	return setting(g, "agent.departments", "The agent belongs to a department as the guide asks.", row.Row, probes.Must, do,
		func(r role.Permissions) probes.Verdict { return judgeDepartments(r, wants) }, probes.NoDepartment)
}

// judgeDepartments: no source tells how HaloPSA writes the kinds of membership (halo-api §6, UnameDepartment), so that belonging
// to one settles nothing where the guide names a kind.
func judgeDepartments(r role.Permissions, wants string) probes.Verdict {
	var names []string
	whole := r.Agent.Fields.Departments && r.Agent.Fields.Roles
	all := slices.Clone(r.Agent.Departments)
	for _, held := range r.Agent.Roles {
		all, whole = append(all, held.Departments...), whole && held.Whole
	}
	for _, d := range all {
		names = append(names, cmp.Or(d.Name, "with the id "+string(d.ID)))
	}
	switch {
	case len(names) > 0 && wants == "":
		return probes.Pass("the agent belongs to the department "+list(names), names)
	case len(names) > 0:
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("the agent belongs to the department %s; no source tells how HaloPSA writes whether that is %s", list(names), wants))
	case !whole: // a role may bring one
		return probes.CannotTell(probes.NotObserved, "the agent's record does not show its departments, or one of its roles may bring one")
	}
	return probes.Fail(probes.NoDepartment, "the agent belongs to no department")
}
