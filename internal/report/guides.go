package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/probes/product"
)

// fields are what to type into a vendor's form, each as that form wants it.
func fields(s *probes.Session, g *guide.Guide) (all []probes.ReportField) {
	add := func(u *guide.URL, field, shown, path string) {
		if u != nil && u.Field != "" {
			field = u.Field
		}
		if shown != "" {
			all = append(all, probes.ReportField{Field: field, Value: u.Paste(shown, path)})
		}
	}
	identified, _ := probes.Seen(s, product.Identify)
	add(g.Login.ResourceURL, "Resource Server", strings.TrimSuffix(s.Base().String(), "/")+"/api", "/api")
	add(g.Login.AuthURL, "Authorization Server", identified.AuthURL(), "/auth")
	tenant := g.Product.Tenant
	switch {
	case tenant != nil && tenant.Form == guide.TenantAbsent:
	case identified.Tenant() != "":
		all = append(all, probes.ReportField{Field: "Tenant", Value: identified.Tenant()})
	case tenant != nil && identified.Answered():
		all = append(all, probes.ReportField{Field: "Tenant", Value: cmp.Or(product.NoneWords(tenant), "(leave it empty)")})
	}
	return all
}

// guideWords are the outcomes by one guide among several.
var guideWords = map[probes.Outcome]struct {
	status probes.Status
	words  string
}{
	probes.Conformant: {probes.Passed, "conformant"}, probes.NotConformant: {probes.Failed, "not conformant"}, probes.Incomplete: {probes.Unknown, "incomplete"},
}

// guidesSentence is by which of several guides the outcome is what it is; empty: there is no more to say than of one. Those that
// are planned do not count.
func guidesSentence(r *Report) string {
	by, all := map[probes.Outcome][]string{}, 0
	for _, g := range r.Guides {
		if !g.Planned {
			by[g.Outcome] = append(by[g.Outcome], g.Name)
			all++
		}
	}
	names := slices.Clone(by[r.Outcome])
	if more := len(names) - maxNamed; more > 0 {
		names = append(names[:maxNamed], fmt.Sprintf("%d others", more))
	}
	switch {
	case all < 2 || len(names) == 0:
		return ""
	case r.Outcome == probes.Conformant:
		return fmt.Sprintf("Everything that the %d guides demand was judged and holds.", all)
	case r.Outcome == probes.NotConformant:
		return fmt.Sprintf("The connection does not meet %d of %d guides: %s.", len(by[r.Outcome]), all, safetext.Line(strings.Join(names, ", ")))
	}
	return fmt.Sprintf("Nothing failed, but not everything could be checked that is asked for by %s.", safetext.Line(strings.Join(names, ", ")))
}

// partialText says why nothing that holds makes a partial guide conformant.
const partialText = "nothing that is known fails; the vendor's page could be read in part alone"

// guideText is what a report says of one guide among several, in a sentence.
func guideText(g probes.ReportGuideOutcome) string { return g.Name + ": " + guideOutcomeText(g) }

func guideOutcomeText(g probes.ReportGuideOutcome) string {
	text := guideWords[g.Outcome].words
	if g.Planned {
		text = map[probes.Outcome]string{
			probes.Conformant: "planned, and nothing has to change", probes.NotConformant: "planned, and something has to change first", probes.Incomplete: "planned, and not everything could be judged",
		}[g.Outcome]
	}
	switch {
	case len(g.RootCauses) > 0:
		text += "; fix first: " + strings.Join(g.RootCauses, ", ")
	case g.Outcome == probes.Incomplete && g.Confidence == guide.Partial && g.Counts[probes.Failed] == 0:
		text += "; " + partialText
	}
	return text
}

// fieldsText is what to type into the vendor's form, in a line; empty: nothing is known.
func fieldsText(g probes.ReportGuideOutcome) string {
	var parts []string
	for _, f := range g.Fields {
		parts = append(parts, fmt.Sprintf("%s: %s", f.Field, f.Value))
	}
	return strings.Join(parts, ", ")
}

// contradictionText is what guides cannot all have: both sentences, and what to do.
func contradictionText(c guide.Contradiction) string {
	var sides []string
	for _, side := range c.Sides {
		sides = append(sides, fmt.Sprintf("%s: %q", side.Guide, strings.TrimSuffix(side.Text(), ".")))
	}
	return fmt.Sprintf("%s: %s. %s", c.ID, strings.Join(sides, "; "), c.Do)
}

// notesOf are what a guide asks for that halocheck does not see.
func notesOf(g *guide.Guide) probes.ReportGuideNotes {
	notes := probes.ReportGuideNotes{AfterChange: g.AfterChange, Gaps: g.Gaps}
	for _, m := range g.Manual {
		notes.Manual = append(notes.Manual, m.Says)
	}
	return notes
}

// afterText is what to do once the remedy of a permission is done, for each guide that asks for it and says so: with some vendors the
// connection breaks by the change itself.
func afterText(r *Report, f probes.Finding) string {
	if f.Status != probes.Failed || f.Area != "application" && f.Area != "role" && f.Area != "agent" {
		return ""
	}
	var texts []string
	for _, g := range r.EachGuide() {
		if g.AfterChange != "" && f.IsFor(g.Name) {
			texts = append(texts, g.Name+": "+g.AfterChange)
		}
	}
	return strings.Join(texts, " ")
}

// guideLine is one line of what is to be told of a guide.
type guideLine struct{ Label, Text string }

// noteLines are what somebody has to do or look up by hand.
func noteLines(n probes.ReportGuideNotes) (lines []guideLine) {
	for _, text := range n.Manual {
		lines = append(lines, guideLine{"By hand", text})
	}
	if n.AfterChange != "" {
		lines = append(lines, guideLine{"Afterwards", n.AfterChange})
	}
	for _, text := range n.Gaps {
		lines = append(lines, guideLine{"Not read", text})
	}
	return lines
}

// guideLines are the same for a guide among several, with what to type into the vendor's form.
func guideLines(g probes.ReportGuideOutcome) (lines []guideLine) {
	if text := fieldsText(g); text != "" {
		lines = append(lines, guideLine{"Type", text})
	}
	return append(lines, noteLines(g.ReportGuideNotes)...)
}

// guideSection is what is told of a guide under a heading of its own.
type guideSection struct {
	Name, Text string // the text is empty for a report's only guide, whose outcome is the report's
	Status     probes.Status
	Lines      []guideLine
}

// guideSections are those of each of several guides, or of the only one where there is something to do by hand.
func guideSections(r *Report) (sections []guideSection) {
	if lines := noteLines(r.Guide.ReportGuideNotes); len(r.Guides) == 0 && len(lines) > 0 {
		return []guideSection{{Name: r.Guide.Name, Lines: lines}}
	}
	for _, g := range r.Guides {
		sections = append(sections, guideSection{g.Name, upperFirst(guideOutcomeText(g)), guideWords[g.Outcome].status, guideLines(g)})
	}
	return sections
}

// planTexts say of each guide that is planned what has to change for it, and which of the others that would break.
func planTexts(r *Report) (texts []string) {
	planned := map[string]bool{}
	for _, g := range r.Guides {
		planned[g.Name] = g.Planned
	}
	for _, g := range r.Guides {
		if !g.Planned {
			continue
		}
		changes, unknown, breaks := map[string]bool{}, map[string]bool{}, []string{}
		for _, f := range r.Findings {
			if f.Level == probes.Must && f.IsFor(g.Name) {
				changes[f.ID] = changes[f.ID] || f.Status == probes.Failed
				unknown[f.ID] = unknown[f.ID] || f.Status != probes.Passed && f.Status != probes.Failed && f.Status != probes.NotApplicable && f.Status != probes.Skipped
			}
		}
		for _, c := range r.Contradictions {
			if !c.Binding || !slices.ContainsFunc(c.Sides, func(s guide.Side) bool { return s.Guide == g.Name }) {
				continue
			}
			for _, s := range c.Sides {
				if !planned[s.Guide] && !slices.Contains(breaks, s.Guide) && !agree(c, g.Name, s.Guide) {
					breaks = append(breaks, s.Guide)
				}
			}
		}
		texts = append(texts, planText(g, trueOnes(changes), trueOnes(unknown), breaks))
	}
	return texts
}

// agree tells whether two guides say the same in a contradiction that others have, or one of them says nothing.
func agree(c guide.Contradiction, a, b string) bool {
	said := map[string][]string{}
	for _, s := range c.Sides {
		if s.Level == string(probes.Must) {
			said[s.Guide] = append(said[s.Guide], s.Says)
		}
	}
	return len(said[a]) == 0 || len(said[b]) == 0 || slices.Equal(said[a], said[b])
}

func trueOnes(of map[string]bool) (n int) {
	for _, is := range of {
		if is {
			n++
		}
	}
	return n
}

func planText(g probes.ReportGuideOutcome, changes, unknown int, breaks []string) string {
	name := g.Name
	text := name + " can be added as it is"
	if changes > 0 {
		text = fmt.Sprintf("%s can be added after %s", name, count(changes, "change", "changes"))
	} else if unknown > 0 || g.Confidence == guide.Partial {
		text = "Nothing is seen that " + name + " lacks"
	}
	if unknown > 0 {
		text += fmt.Sprintf("; %s could not be judged", count(unknown, "point", "points"))
	}
	if g.Confidence == guide.Partial {
		text += "; its page could be read in part alone"
	}
	if len(breaks) > 0 {
		text += "; " + strings.Join(breaks, ", ") + " would break"
	}
	return text + "."
}

// placeText is where the guide, or each of several, asks for it.
func placeText(f probes.Finding) string {
	if len(f.AskedBy) == 0 {
		return SourceText(f.Source)
	}
	var places []string
	for _, s := range f.AskedBy {
		place := s.Guide
		if text := SourceText(s); text != "" {
			place += ": " + text
		}
		places = append(places, place)
	}
	return strings.Join(places, "; ")
}
