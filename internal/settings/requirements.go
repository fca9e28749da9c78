package settings

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/suggest"
)

// UnknownRequirement refuses a name that is no requirement's.
func UnknownRequirement(where, id string, ids []string) error {
	return fmt.Errorf("%sthere is no requirement %q%s; `halocheck list` names them all", where, id, suggest.Text(id, ids, ""))
}

// ValidateGlobs refuses globs that name nothing.
func ValidateGlobs(flag string, globs, ids []string) error {
	for _, g := range globs {
		if _, err := path.Match(g, ""); err != nil {
			return fmt.Errorf("--%s: %q is not a glob; it looks like trust.* or login.token", flag, g)
		}
		if !slices.ContainsFunc(ids, func(id string) bool { ok, _ := path.Match(g, id); return ok }) {
			return UnknownRequirement("--"+flag+": ", g, ids)
		}
	}
	return nil
}

// ParseAttestations reads ID=REASON.
func ParseAttestations(typed, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range typed {
		id, reason, _ := strings.Cut(t, "=")
		if !slices.Contains(ids, id) {
			return nil, UnknownRequirement("--attest: ", id, ids)
		}
		if strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("--attest %s: it needs a reason, as in %s=\"the firewall's rules, read on 3 May by J. Doe\"", id, id)
		}
		out[id] = reason
	}
	return out, nil
}
