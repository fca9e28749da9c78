package main

import (
	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/diff"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/probes"
)

func newDiff(env environment) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "diff OLD NEW", Short: "Say what changed between two reports",
		Long: `diff compares two saved reports or bundles, requirement by requirement, each by what it says itself.

It exits with 1 on a regression: a Must that held and now fails or cannot be judged, or that could not be judged and now
fails. A Must that was blocked and now fails is none: it is uncovered, and may have failed all along.`,
		Example: `  halocheck diff last-week.json today.json
  halocheck diff before.zip after.zip --format markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("diff takes two reports, the older one first")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, diff.Formats...); err != nil {
				return err
			}
			older, err := readReport(c.Context(), args[0])
			if err != nil {
				return err
			}
			newer, err := readReport(c.Context(), args[1])
			if err != nil {
				return err
			}
			d := diff.Compare(older, newer)
			if err := exit.Unwritten(d.Write(env.out, format)); err != nil {
				return err
			}
			if d.Regression {
				return exit.Code(probes.ExitNotConformant)
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	return c
}
