package catalogue

import (
	"slices"

	"github.com/halocheck/halocheck/probes"
)

// Requirements are the requirements that a guide is judged by, each once and in report order: what is asked of two hosts
// stands twice in the catalogue.
func Requirements(checks []probes.Check) []probes.Meta {
	var metas []probes.Meta
	for _, c := range checks {
		m := c.Meta()
		if !slices.ContainsFunc(metas, func(x probes.Meta) bool { return x.ID == m.ID }) {
			metas = append(metas, m)
		}
	}
	return metas
}

// IDs are the names of the requirements.
func IDs(checks []probes.Check) []string {
	var ids []string
	for _, m := range Requirements(checks) {
		ids = append(ids, m.ID)
	}
	return ids
}
