package role

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// howToTell is the way out where claims do not tell.
const howToTell = "the role's Permissions tab would howToTell it, or an application with admin rights (--admin-client-id)"

// absent judges a permission that no claim speaks of: not determinable, unless others of its family are there (halo-api
// §6, the tool rule), and then it is off.
func (r Permissions) absent(code, what string, off probes.Cause, seen string) probes.Verdict {
	if r.Agent.Grants().AbsenceMeansNo(code) && r.Complete() {
		return r.fail(off, fmt.Sprintf("%s: no claim %s is there, while others of its kind are", seen, code))
	}
	return probes.CannotTell(probes.ClaimAbsent, fmt.Sprintf("no claim of the agent%s tells %s; %s", r.hidden(), what, howToTell))
}

// fail is the verdict on a claim that was seen and is not enough, unless a role that nobody shows may grant more, or the
// agent is flagged as an administrator while no claim says so.
func (r Permissions) fail(cause probes.Cause, seen string) probes.Verdict {
	switch {
	case !r.Complete():
		return probes.CannotTell(probes.ClaimAbsent, fmt.Sprintf("%s%s, and the highest of all counts; %s", seen, r.hidden(), howToTell))
	case r.Agent.Admin != nil && *r.Agent.Admin:
		return probes.CannotTell(probes.ClaimAbsent, seen+", yet the agent's record calls it an administrator; "+howToTell)
	}
	return probes.Fail(cause, seen)
}

// hidden names the roles whose claims nobody shows.
func (r Permissions) hidden() string {
	if len(r.Hidden) == 0 {
		return ""
	}
	return fmt.Sprintf(" (the claims of %s are not shown)", strings.Join(r.Hidden, ", "))
}
