package main

import (
	"path"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/probes"
)

// requirementsOf are the requirements that a guide is judged by, each once and in report order: what is asked of two hosts
// stands twice in the catalogue.
func requirementsOf(checks []probes.Check) []probes.Meta {
	var metas []probes.Meta
	for _, c := range checks {
		m := c.Meta()
		if !slices.ContainsFunc(metas, func(x probes.Meta) bool { return x.ID == m.ID }) {
			metas = append(metas, m)
		}
	}
	return metas
}

// idsOf are their names.
func idsOf(checks []probes.Check) []string {
	var ids []string
	for _, m := range requirementsOf(checks) {
		ids = append(ids, m.ID)
	}
	return ids
}

// unknownID refuses a name that is no requirement's.
func unknownID(where, id string, ids []string) error {
	return usagef("%sthere is no requirement %q%s; `halocheck list` names them all", where, id, suggest.Text(id, ids, ""))
}

// validateGlobs refuses globs that name nothing.
func validateGlobs(flag string, globs, ids []string) error {
	for _, g := range globs {
		if _, err := path.Match(g, ""); err != nil {
			return usagef("--%s: %q is not a glob; it looks like trust.* or login.token", flag, g)
		}
		if !slices.ContainsFunc(ids, func(id string) bool { ok, _ := path.Match(g, id); return ok }) {
			return unknownID("--"+flag+": ", g, ids)
		}
	}
	return nil
}

// attestations reads ID=REASON.
func attestations(typed, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, t := range typed {
		id, reason, _ := strings.Cut(t, "=")
		if !slices.Contains(ids, id) {
			return nil, unknownID("--attest: ", id, ids)
		}
		if strings.TrimSpace(reason) == "" {
			return nil, usagef("--attest %s: it needs a reason, as in %s=\"the firewall's rules, read on 3 May by J. Doe\"", id, id)
		}
		out[id] = reason
	}
	return out, nil
}
