package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck"
	"github.com/halocheck/halocheck/internal/checklist"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes/guide"
)

func newGuideUnion(env environment) *cobra.Command {
	var from string
	c := guidesCommand(env, openDistinct, "union NAME NAME…", "Show the least that satisfies several guides, and what they contradict each other in", 2, 100, checklist.Formats,
		func(format string, guides []*guide.Guide) error {
			return checklist.Together(guides).Write(env.out, format)
		})
	several, everyone := c.Args, c.RunE
	c.Long = `union shows the least that satisfies several guides as a checklist, and what they contradict each other in. With --from it starts from an
instance: the guides that its report was judged by come first, those that are named are to be connected as well, and what the
report shows to be done is ticked off. Nothing is asked.`
	c.Example = `  halocheck guide union huntress hudu thread
  halocheck check URL --guide huntress,hudu --out json=acme.json
  halocheck guide union thread --from acme.json`
	c.Args = func(c *cobra.Command, args []string) error {
		if from != "" {
			return nil
		}
		return several(c, args)
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if from == "" {
			return everyone(c, args)
		}
		format := c.Flag("format").Value.String()
		if err := oneOf("format", format, checklist.Formats...); err != nil {
			return err
		}
		list, err := unionFrom(c.Context(), from, splitNames(args))
		if err != nil {
			return err
		}
		return exit.Unwritten(list.Write(env.out, format))
	}
	c.Flags().StringVar(&from, "from", "", "start from the instance of this `report`, saved with check --out json=FILE")
	return c
}

// unionFrom is the list for the guides of a saved report and others, settled by the report's answers.
func unionFrom(ctx context.Context, file string, names []string) (checklist.Checklist, error) {
	saved, err := readReport(ctx, file)
	if err != nil {
		return checklist.Checklist{}, err
	}
	guides, err := report.Guides(saved)
	if err != nil {
		return checklist.Checklist{}, usagef("%w", err)
	}
	if len(names) > 0 {
		more, err := openGuides(ctx, names)
		if err != nil {
			return checklist.Checklist{}, err
		}
		for _, g := range more {
			if !slices.ContainsFunc(guides, func(o *guide.Guide) bool { return o.Name == g.Name }) {
				guides = append(guides, g)
			}
		}
	}
	r, err := halocheck.Judge(ctx, saved, halocheck.WithGuides(guides...))
	if r == nil {
		return checklist.Checklist{}, refused(err)
	}
	list := checklist.Together(guides)
	list.Settle(r)
	return list, nil
}
