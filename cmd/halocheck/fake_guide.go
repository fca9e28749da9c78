package main

import (
	"context"
	"strings"

	"github.com/halocheck/halocheck/fakehalo"
	"github.com/halocheck/halocheck/probes/guide"
	"github.com/halocheck/halocheck/suites/faketarget"
)

// guideSetup is an instance that satisfies guides, as the fake is told it. Guides that no one instance satisfies are refused
// with what they contradict each other in.
func guideSetup(ctx context.Context, names []string) (fakehalo.Fault, error) {
	guides, err := openDistinct(ctx, splitNames(names))
	if err != nil {
		return fakehalo.Fault{}, err
	}
	for _, c := range guide.Union(guides...).Contradictions {
		if !c.Binding {
			continue
		}
		var sides []string
		for _, s := range c.Sides {
			sides = append(sides, s.Guide+": "+strings.TrimSuffix(s.Says, "."))
		}
		return fakehalo.Fault{}, usagef("--guide: no instance satisfies them all (%s): %s; serve them one by one", c.ID, strings.Join(sides, "; "))
	}
	return fakehalo.With(faketarget.Satisfying(guides...)), nil
}
