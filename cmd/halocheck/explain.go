package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/probes/catalogue"
)

func newExplain(env environment) *cobra.Command {
	var guides []string
	c := &cobra.Command{
		Use: "explain ID|CAUSE", Short: "Explain one requirement, or one cause",
		Long: "explain tells what a requirement says, where the guide asks for it, what is asked over the wire, every cause that it can\nreport, and what to do. Of a cause, such as missing_intermediate, it tells what it means and which requirements report it.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("explain takes one requirement, such as `halocheck explain trust.chain`; `halocheck list` names them all")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			opened, err := openDistinct(c.Context(), splitNames(guides))
			if err != nil {
				return err
			}
			checks := catalogue.All(opened...)
			for _, m := range catalogue.Requirements(checks) {
				if m.ID == args[0] {
					_, err := fmt.Fprint(env.out, report.ExplainRequirement(m))
					return exit.Unwritten(err)
				}
			}
			if text := report.ExplainCause(args[0], catalogue.Requirements(checks)); text != "" {
				_, err := fmt.Fprint(env.out, text)
				return exit.Unwritten(err)
			}
			names := slices.Concat(catalogue.IDs(checks), report.CauseNames())
			return usagef("there is no requirement %q%s; `halocheck list` names them all", args[0], suggest.Text(args[0], names, ""))
		},
		ValidArgsFunction: func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			opened, err := openDistinct(c.Context(), splitNames(guides))
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return catalogue.IDs(catalogue.All(opened...)), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringSliceVar(&guides, "guide", nil, otherGuides)
	return c
}
