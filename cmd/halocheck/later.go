package main

import "github.com/spf13/cobra"

// later are the commands that the help promises and that are not built: they say so instead of being unknown.
func later() []*cobra.Command {
	var list []*cobra.Command
	for _, c := range []struct{ use, short string }{
		{"record URL DIR", "Keep an instance as a sanitised fixture (not built yet)"},
	} {
		list = append(list, &cobra.Command{
			Use: c.use, Short: c.short, DisableFlagParsing: true,
			RunE: func(c *cobra.Command, _ []string) error { return notYet(c.Name()) },
		})
	}
	return list
}
