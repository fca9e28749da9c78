package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/suggest"
	"github.com/halocheck/halocheck/internal/topics"
)

// newHelp is `halocheck help`, which knows when it was asked about nothing.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Say how a command is used",
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no command %q%s; `halocheck help` lists the commands", strings.Join(args, " "), suggest.Text(args[0], commandNames, ""))
			}
			return c.Help()
		},
	}
}

// addTopics adds what is explained besides the commands.
func addTopics(root *cobra.Command, env environment) {
	for _, t := range topics.All(env.settings()) {
		root.AddCommand(&cobra.Command{Use: t.Name, Short: t.Short, Long: t.Text})
	}
}

// strictCompletion makes `halocheck completion` refuse a shell that it does not know.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			continue
		}
		var shells []string
		for _, shell := range c.Commands() {
			shells = append(shells, shell.Name())
		}
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usagef("completion: there is no shell %q; it is one of %s", args[0], strings.Join(shells, ", "))
		}
		c.Args = cobra.ArbitraryArgs
	}
}
