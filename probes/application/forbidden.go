package application

import (
	"fmt"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// forbidden is the requirement that a scope is not ticked, such as application.without-all.
func forbidden(g *guide.Guide, row guide.Scope) probes.Check {
	return &probes.Requirement[Privileges]{
		ID: "application." + guide.WithoutID(row.Name), Level: probes.LevelOf(row.Row, probes.Must), Profile: probes.ProfileOf(row.Row), SetUp: row.Phase == guide.Setup,
		Says: fmt.Sprintf("The application does not have the permission %s.", row.Name), Source: labelled(probes.SourceOf(g, row.Row), row.Name),
		Remedy:  probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Untick %s; leave the permissions of the guide ticked; save.", row.Name), Where: permissionsTab},
		FindOut: probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Check whether %s is ticked on the application, or run halocheck with an application that has admin rights.", row.Name), Where: permissionsTab},
		Causes:  []probes.Cause{probes.ScopeForbidden, probes.RateLimited, probes.ServerError},
		Given:   ExtraScopes,
		Judge:   func(p Privileges) probes.Verdict { return judgeForbidden(p, row.Name) },
	}
}

func judgeForbidden(p Privileges, name string) probes.Verdict {
	yes, known := p.Grants(name)
	reply, seen := p.Beyond, ""
	if p.Listed {
		seen = shownBy(p.By)
	}
	if r, asked := p.Single[name]; asked {
		reply = r
	}
	switch {
	case name == "all" && p.allForAsking():
		return probes.CannotTell(probes.NotObserved, `the token endpoint grants "all", and HaloPSA may grant that to every application; only an application with admin rights sees whether it is ticked`)
	case yes && underAll(name) && !p.Listed && p.allIsTicked():
		return probes.CannotTell(probes.NotObserved, `the permission "all" brings `+name+" along; only an application with admin rights sees whether it is ticked, too")
	case yes && known:
		return probes.Fail(probes.ScopeForbidden, "the application has the permission "+name+seen)
	case known:
		return probes.Pass("the application does not have the permission "+name+seen, known)
	case reply.Page.Transient():
		return busy(reply)
	}
	return probes.CannotTell(probes.NotObserved, "no answer of the token endpoint shows whether the application has the permission "+name)
}
