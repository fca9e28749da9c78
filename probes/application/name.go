package application

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
)

// Menu paths of the application's tabs.
const (
	detailsTab     = "Configuration > Integrations > HaloPSA API > View Applications > the application > Details tab"
	permissionsTab = "Configuration > Integrations > HaloPSA API > View Applications > the application > Permissions tab"
)

// nameSays is the sentence of application.name.
const nameSays = "The application has the name that the guide gives it."

// name is application.name: nothing depends on it but people who look for the application.
func name(g *guide.Guide) probes.Check {
	row := *g.Application.Name
	return &probes.Requirement[Record]{
		ID: "application.name", Level: probes.LevelOf(row, probes.May), Profile: probes.ProfileOf(row), Says: nameSays, Source: probes.SourceOf(g, row),
		Remedy:  probes.Remedy{Who: probes.HaloAdmin, Do: fmt.Sprintf("Change the Application Name to %s and save, if you want it to be found under that name.", row.Value), Where: detailsTab},
		FindOut: probes.Remedy{Who: probes.HaloAdmin, Do: "Look at the application's name, or run halocheck with an application that has admin rights.", Where: detailsTab},
		Causes:  []probes.Cause{probes.NameDiffers},
		Given:   OwnRecord,
		Judge:   func(r Record) probes.Verdict { return judgeName(r, row.Value) },
	}
}

func judgeName(r Record, want string) probes.Verdict {
	admin := ""
	if r.Admin != "" {
		admin = "; " + r.Admin
	}
	switch {
	case !r.Found && r.Status == http.StatusOK:
		return probes.CannotTell(probes.NotObserved, fmt.Sprintf("the list of applications does not show this Client ID (%s)%s", r.By(), admin))
	case !r.Found:
		reading := r.Reading()
		return probes.CannotTell(reading.Cause, fmt.Sprintf("%s (%s), so its name is not shown%s", reading.Because, r.By(), admin))
	case strings.EqualFold(strings.TrimSpace(r.Name), strings.TrimSpace(want)):
		return probes.Pass(fmt.Sprintf("the application is called %q (%s)", r.Name, r.By()), r.Found)
	}
	return probes.Fail(probes.NameDiffers, fmt.Sprintf("the application is called %q, the guide calls it %q (%s)", r.Name, want, r.By()))
}
