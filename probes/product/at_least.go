package product

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// AtLeast makes product.version one of a guide that names the oldest version that will do. Whoever hosts the instance, an older
// one lacks what the integration needs.
func AtLeast(r *probes.Requirement[Running], oldest string) {
	r.Says = "The instance runs HaloPSA " + oldest + " or later."
	r.Remedy.Do = "Upgrade HaloPSA to " + oldest + " or later."
	r.FindOut.Do = "Compare the version in the About window of the agent application with " + oldest + "."
	r.Causes = []probes.Cause{probes.VersionTooOld, probes.VersionHidden, probes.RateLimited, probes.ServerError}
	r.Judge = func(seen Running) probes.Verdict { return judgeAtLeast(seen, oldest) }
}

func judgeAtLeast(r Running, oldest string) probes.Verdict {
	want, err := Parse(oldest)
	if err != nil {
		return probes.CannotTell(probes.VersionHidden, fmt.Sprintf("the guide names %q, which is no version number", oldest))
	}
	running, err := Parse(r.App)
	switch {
	case r.App == "" && r.Cause != "":
		return probes.CannotTell(r.Cause, "the version could not be read ("+strings.Join(r.Tried, ", ")+")")
	case r.App == "":
		return probes.CannotTell(probes.VersionHidden, "the instance does not show its version")
	case err != nil:
		return probes.CannotTell(probes.VersionHidden, fmt.Sprintf("the instance says that it runs %q, which is no version number", r.App))
	case running.LessThan(want):
		return probes.Fail(probes.VersionTooOld, fmt.Sprintf("this instance runs %s; the guide asks for %s or later", r.App, oldest))
	}
	return probes.Pass(fmt.Sprintf("this instance runs %s; the guide asks for %s or later", r.App, oldest), running)
}
