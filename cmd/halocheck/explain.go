package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/probes/catalogue"
)

func newExplain(env environment) *cobra.Command {
	var guideFile string
	c := &cobra.Command{
		Use: "explain ID", Short: "Explain one requirement",
		Long: "explain tells what a requirement says, where the guide asks for it, what is asked over the wire, every cause that it can\nreport, and what to do.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("explain takes one requirement, such as `halocheck explain trust.chain`; `halocheck list` names them all")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			g, err := readGuide(c.Context(), guideFile)
			if err != nil {
				return err
			}
			checks := catalogue.All(g)
			for _, m := range catalogue.Requirements(checks) {
				if m.ID == args[0] {
					_, err := fmt.Fprint(env.out, report.ExplainRequirement(m))
					return writeResult(err)
				}
			}
			return usagef("there is no requirement %q%s; `halocheck list` names them all", args[0], suggest.Text(args[0], catalogue.IDs(checks), ""))
		},
		ValidArgsFunction: func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			g, err := readGuide(c.Context(), guideFile)
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return catalogue.IDs(catalogue.All(g)), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringVar(&guideFile, "guide", "", "another guide than the built-in one")
	return c
}
