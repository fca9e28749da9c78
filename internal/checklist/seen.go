package checklist

import (
	"fmt"
	"slices"

	"github.com/halocheck/halocheck/probes"
)

// Settle ticks off what a report of an instance shows to be done, for every guide that asks for it, and says of the rest what was
// seen. What no requirement judges, such as a vendor's own form, stays open.
func (c *Checklist) Settle(r *probes.Report) {
	done, open := 0, 0
	for _, chapter := range c.Chapters {
		for i := range chapter.Items {
			item := &chapter.Items[i]
			findings := item.findings(r.Findings)
			item.Done = len(findings) > 0 && !slices.ContainsFunc(findings, func(f probes.Finding) bool { return !holds(f) })
			if item.Done {
				done++
				continue
			}
			open++
			for _, f := range findings {
				if !holds(f) {
					item.Notes = append(item.Notes, seenText(f))
				}
			}
		}
	}
	c.Seen = fmt.Sprintf("As %s was seen on %s: %d done, %d to do or to look up.", r.Target.URL, r.Started.UTC().Format("2006-01-02 15:04 MST"), done, open)
}

// findings are those that judge the item for one of its guides.
func (i Item) findings(all []probes.Finding) (own []probes.Finding) {
	for _, f := range all {
		if slices.Contains(i.IDs, f.ID) && slices.ContainsFunc(i.Guides, f.IsFor) {
			own = append(own, f)
		}
	}
	return own
}

func holds(f probes.Finding) bool {
	return f.Status == probes.Passed || f.Status == probes.NotApplicable
}

func seenText(f probes.Finding) string {
	switch {
	case f.Status == probes.Blocked:
		return "not judged: " + f.BlockedBy + " comes first"
	case f.Status != probes.Failed && f.Because != "":
		return "not judged: " + f.Because
	case f.Because == "":
		return string(f.Status)
	}
	return "seen: " + f.Because
}
