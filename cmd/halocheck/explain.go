package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes"
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
			for _, m := range requirementsOf(checks) {
				if m.ID == args[0] {
					_, err := fmt.Fprint(env.out, explained(m))
					return writeResult(err)
				}
			}
			return unknownID("", args[0], idsOf(checks))
		},
		ValidArgsFunction: func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			g, err := readGuide(c.Context(), guideFile)
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return idsOf(catalogue.All(g)), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringVar(&guideFile, "guide", "", "another guide than the built-in one")
	return c
}

// explained is everything that is known of a requirement before anything is asked.
func explained(m probes.Meta) string {
	var b strings.Builder
	row := func(label, text string) {
		if text != "" {
			b.WriteString(report.Wrap(fmt.Sprintf("%-9s", label), "         ", report.Clean(text), 100))
		}
	}
	fmt.Fprintf(&b, "%s\n%s\n\n", m.ID, report.Clean(m.Says))
	row("level", string(m.Level))
	row("profile", m.Profile.Name())
	if m.PerHost {
		row("hosts", "judged for the Resource and for the Authorisation host")
	}
	source := report.SourceText(m.Source)
	if source == "" {
		source = "not asked for in so many words: nothing else works without it"
	}
	row("guide", source)
	row("asks", m.Asks)
	row("do", m.Remedy.Do)
	row("who", report.ActorNames[m.Remedy.Who])
	row("where", m.Remedy.Where)
	b.WriteString("\ncauses\n")
	causes := slices.Clone(m.Causes)
	for _, shared := range report.SharedCauses {
		if !slices.Contains(causes, shared) {
			causes = append(causes, shared)
		}
	}
	for _, cause := range causes {
		b.WriteString(report.Wrap(fmt.Sprintf("  %-27s", cause), strings.Repeat(" ", 29), report.CauseMeanings[cause], 100))
	}
	return b.String()
}
