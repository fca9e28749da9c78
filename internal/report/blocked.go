package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/login"
)

// findingGroup is what nobody could ask or judge for one reason. It is told in one line with a count.
type findingGroup struct {
	root    string // what the findings are blocked by; empty: nothing blocks them
	because string
	first   string // the key of the first finding
	ids     []string
	shown   bool // somewhere in the text already

	bySeveral bool // some of several guides ask for them, not all for the same
}

// groupBlocked gathers the blocked findings under their root causes, in report order.
func groupBlocked(findings []probes.Finding) []*findingGroup {
	return group(findings, func(f probes.Finding) (string, bool) { return f.BlockedBy, f.Status == probes.Blocked }, func(g *findingGroup, root string) { g.root = root })
}

// groupUnasked gathers the findings that are unknown for one and the same reason, Musts first and in report order: two or more of
// them, one a Must, or those that need credentials.
func groupUnasked(findings []probes.Finding) []*findingGroup {
	needed := func(f probes.Finding) bool { return !isUnneeded(f) }
	ordered := append(slices.DeleteFunc(slices.Clone(findings), isUnneeded), slices.DeleteFunc(slices.Clone(findings), needed)...)
	groups := group(ordered, func(f probes.Finding) (string, bool) { return f.Because, f.Status == probes.Unknown && f.Because != "" }, func(g *findingGroup, because string) { g.because = because })
	return slices.DeleteFunc(groups, func(g *findingGroup) bool {
		if g.bySeveral && len(slices.Compact(slices.Clone(g.ids))) == 1 {
			return true // one setting, of which each guide wants something else
		}
		return !g.needsCredentials() && (len(g.ids) < 2 || !slices.ContainsFunc(findings, func(f probes.Finding) bool { return g.leads(f) && !isUnneeded(f) }))
	})
}

// group gathers findings by a word.
func group(findings []probes.Finding, by func(probes.Finding) (string, bool), name func(*findingGroup, string)) (groups []*findingGroup) {
	at := map[string]*findingGroup{}
	for _, f := range findings {
		word, ok := by(f)
		if !ok {
			continue
		}
		g := at[word]
		if g == nil {
			g = &findingGroup{first: findingKey(f)}
			name(g, word)
			at[word] = g
			groups = append(groups, g)
		}
		g.ids = append(g.ids, f.ID)
		g.bySeveral = g.bySeveral || len(f.AskedBy) > 0
	}
	return groups
}

// takeGroup is the first group that is not shown yet and fits, which is shown from now on; nil where there is none.
func takeGroup(groups []*findingGroup, fits func(*findingGroup) bool) *findingGroup {
	for _, g := range groups {
		if !g.shown && fits(g) {
			g.shown = true
			return g
		}
	}
	return nil
}

// needsCredentials tells the group of what needs credentials, and none were given.
func (g *findingGroup) needsCredentials() bool {
	return strings.HasPrefix(g.because, login.NoCredentials)
}

// leads tells whether a finding is the one that tells the reason of its group.
func (g *findingGroup) leads(f probes.Finding) bool {
	return f.Status == probes.Unknown && g.first == findingKey(f) && !g.needsCredentials()
}

// isFolded tells whether the reason of a finding is told elsewhere.
func isFolded(groups []*findingGroup, f probes.Finding) bool {
	return f.Status == probes.Unknown && slices.ContainsFunc(groups, func(g *findingGroup) bool { return g.because == f.Because && !g.leads(f) })
}

// credentialsGroup is the group of what needs credentials; nil where they were given.
func credentialsGroup(groups []*findingGroup) *findingGroup {
	if at := slices.IndexFunc(groups, (*findingGroup).needsCredentials); at >= 0 {
		return groups[at]
	}
	return nil
}

// credentialsText says how many requirements need credentials, and, in the command's own reports, which flags give them.
func (g *findingGroup) credentialsText(o Options) string {
	text := count(len(g.ids), "requirement needs", "requirements need") + " credentials"
	if o.Program {
		return text
	}
	return text + ": --client-id, --client-secret-file"
}

// blockedText says how many requirements wait for another.
func (g *findingGroup) blockedText() string {
	return fmt.Sprintf("blocked until %s holds: %s", safetext.Line(g.root), count(len(g.ids), "requirement", "requirements"))
}

// maxNamed is how many requirements are named; the rest is counted.
const maxNamed = 6

// idList are the requirements in words, without those before from.
func (g *findingGroup) idList(from int) string {
	ids := slices.Compact(slices.Clone(g.ids[from:]))
	if len(ids) <= maxNamed {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(ids[:maxNamed], ", "), len(ids)-maxNamed)
}
