package main

import (
	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/report"
	"github.com/halocheck/halocheck/probes/catalogue"
)

func newList(env environment) *cobra.Command {
	var guides []string
	var format string
	var schema bool
	c := &cobra.Command{
		Use: "list", Short: "List every requirement", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "text", "json", "markdown"); err != nil {
				return err
			}
			if schema {
				_, err := env.out.Write(report.SchemaFile)
				return exit.Unwritten(err)
			}
			opened, err := openDistinct(c.Context(), splitNames(guides))
			if err != nil {
				return err
			}
			metas := catalogue.Requirements(catalogue.All(opened...))
			err = report.ListRequirements(env.out, format, metas)
			return exit.Unwritten(err)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	c.Flags().StringSliceVar(&guides, "guide", nil, otherGuides)
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of a report instead")
	return c
}
