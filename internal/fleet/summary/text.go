package summary

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/halocheck/halocheck/internal/fleet"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/safetext"
	"github.com/halocheck/halocheck/probes"
)

// MostLines bounds the lists of a summary for people; the JSON form has everything.
const MostLines = 10

func (s Summary) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "halocheck %s  fleet of %d", safetext.Line(s.version), s.Instances)
	if s.Shard != fleet.Unsharded.String() {
		fmt.Fprintf(b, " (shard %s)", s.Shard)
	}
	fmt.Fprintf(b, "  %d finished", s.Done)
	if s.Earlier > 0 {
		fmt.Fprintf(b, ", %d of them earlier,", s.Earlier)
	}
	if !s.Joined {
		fmt.Fprintf(b, " in %s", time.Duration(s.TookMS*float64(time.Millisecond)).Round(100*time.Millisecond))
	}
	fmt.Fprintf(b, ", %d requests\n\n", s.Requests)
	for _, o := range []probes.Outcome{probes.Conformant, probes.NotConformant, probes.Incomplete} {
		fmt.Fprintf(b, "%7d  %s\n", s.Outcomes[o], o)
	}
	if n := s.Instances - s.Done; n > 0 {
		fmt.Fprintf(b, "%7d  not finished\n", n)
	}
	if n := len(s.Missing); n > 0 {
		fmt.Fprintf(b, "%7d  shards missing: %s\n", n, FirstNames(s.Missing))
	}
	if s.Broken > 0 {
		fmt.Fprintf(b, "%7d  of them broke halocheck itself\n", s.Broken)
	}
	s.guidesText(b)
	countsText(b, "Fix first", s.Roots)
	if len(s.Actors) > 0 {
		b.WriteString("\nWho has to act\n")
		for _, a := range s.Actors {
			fmt.Fprintf(b, "%7d  %s\n", a.Instances, safetext.Line(string(a.Who)))
		}
	}
	countsText(b, "Could not be judged", s.Unjudged)
	if s.Changes != nil {
		changesText(b, s.Changes)
	}
}

// guidesText counts outcomes by guide, where there are several.
func (s Summary) guidesText(b *bytes.Buffer) {
	if len(s.Guides) < 2 {
		return
	}
	outcomes := []probes.Outcome{probes.Conformant, probes.NotConformant, probes.Incomplete}
	fmt.Fprintf(b, "\nBy guide\n%7s", "of")
	for _, o := range outcomes {
		fmt.Fprintf(b, "  %s", o)
	}
	b.WriteString("  planned\n")
	for _, g := range s.Guides {
		fmt.Fprintf(b, "%7d", g.Instances)
		for _, o := range outcomes {
			fmt.Fprintf(b, "  %*d", len(o), g.Outcomes[o])
		}
		fmt.Fprintf(b, "  %7d  %s\n", g.Planned, safetext.Line(g.Name))
	}
}

func countsText(b *bytes.Buffer, title string, list []fleet.CauseCount) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, c := range list[:min(len(list), MostLines)] {
		fmt.Fprintf(b, "%7d  %s %s\n", c.Instances, c.ID, safetext.Line(string(c.Cause)))
	}
	writeRemainder(b, len(list))
}

// writeRemainder says that a list goes on.
func writeRemainder(b *bytes.Buffer, n int) {
	if n > MostLines {
		fmt.Fprintf(b, "         and %d more; --format json has all\n", n-MostLines)
	}
}

func changesText(b *bytes.Buffer, c *fleet.Changes) {
	b.WriteString("\nSince the earlier run\n")
	for _, list := range []struct {
		what string
		all  []fleet.Change
		tell bool
	}{{"newly failing", c.New, true}, {"fixed", c.Fixed, true}, {"newly unjudged", c.Unjudged, true}, {"still failing", c.Still, false}} {
		fmt.Fprintf(b, "%7d  %s\n", len(list.all), list.what)
		if len(list.all) == 0 || !list.tell {
			continue
		}
		for _, by := range []struct {
			name string
			key  func(fleet.Change) []string
		}{{"requirement", fleet.ByRequirement}, {"cause", fleet.ByCause}, {"label", fleet.ByLabel}} {
			if counts := fleet.CountChanges(list.all, by.key); len(counts) > 0 {
				fmt.Fprintf(b, "         by %s: %s\n", by.name, commonest(counts))
			}
		}
		for _, x := range list.all[:min(len(list.all), MostLines)] {
			fmt.Fprintf(b, "           %s  %s %s\n", safetext.Line(x.Name), safetext.Line(report.RequirementLabel(x.ID, x.Host)), safetext.Line(causeWords(x)+forGuides(x)))
		}
		writeRemainder(b, len(list.all))
	}
	if n := len(c.Added); n > 0 {
		fmt.Fprintf(b, "%7d  not in the earlier run\n", n)
	}
	if n := len(c.Gone); n > 0 {
		fmt.Fprintf(b, "%7d  no longer in the inventory\n", n)
	}
}

func causeWords(x fleet.Change) string {
	switch {
	case x.Cause == "" && x.Was == "":
		return ""
	case x.Cause == "":
		return "(was " + string(x.Was) + ")"
	}
	return string(x.Cause)
}

// forGuides names the guides, of several, that ask for it.
func forGuides(x fleet.Change) string {
	if len(x.Guides) == 0 {
		return ""
	}
	return " for " + strings.Join(x.Guides, ", ")
}

// commonest names the commonest.
func commonest(list []fleet.KeyCount) string {
	text := ""
	for n, x := range list[:min(len(list), 5)] {
		if n > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", safetext.Line(x.Key), x.Count)
	}
	if len(list) > 5 {
		text += fmt.Sprintf(", and %d more", len(list)-5)
	}
	return text
}

// FirstNames names the first of a list.
func FirstNames(names []string) string {
	if len(names) <= MostLines {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:MostLines], ", "), len(names)-MostLines)
}
