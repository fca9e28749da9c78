package role

import (
	"fmt"
	"strings"

	"github.com/halocheck/halocheck/probes"
)

// absent judges a permission that no claim speaks of: not determinable, unless others of its family are there (halo-api
// §6, the tool rule), and then it is off.
func (r Permissions) absent(code, what string, off probes.Cause, seen string) probes.Verdict {
	if r.Agent.EffectiveClaims().AbsenceMeansNo(code) && r.Complete() {
		return r.fail(code, off, fmt.Sprintf("%s: the claim %s is missing while others of its kind are there", seen, code))
	}
	return r.cannotTell("no claim of the agent tells " + what)
}

// fail is the verdict on a claim that was seen and is not enough, unless a role that was not read may grant more, or the
// agent is flagged as an administrator while no claim says so, or a claim cannot be read.
func (r Permissions) fail(code string, cause probes.Cause, seen string) probes.Verdict {
	switch {
	case r.Agent.EffectiveClaims().Unreadable(code):
		return probes.CannotTell(probes.ClaimAbsent, fmt.Sprintf("%s, but the claim %s has a value that cannot be read", seen, code))
	case !r.Complete():
		return r.cannotTell(seen + "; another of its roles may allow it")
	case r.Agent.Admin != nil && *r.Agent.Admin:
		return probes.CannotTell(probes.ClaimAbsent, seen+", but the agent's record calls it an administrator")
	}
	return probes.Fail(cause, seen)
}

// cannotTell is the verdict where a claim may be missing: why, where a role could not be read for a reason of its own.
func (r Permissions) cannotTell(seen string) probes.Verdict {
	cause := probes.ClaimAbsent
	if len(r.Hidden) > 0 {
		seen += fmt.Sprintf("; the claims of %s are not shown", strings.Join(r.Hidden, ", "))
	}
	for _, a := range r.Unread {
		if reading := a.Read(true); reading.State == probes.NotRead && reading.Cause != probes.NotObserved {
			cause = reading.Cause
			seen += "; " + reading.Because
			break
		}
	}
	if r.Admin != "" {
		seen += "; " + r.Admin
	}
	return probes.CannotTell(cause, seen)
}
