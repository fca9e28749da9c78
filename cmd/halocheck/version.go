package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes/guide"
)

// versionText is what `halocheck version` and `halocheck --version` print.
func versionText() string {
	g := guide.BuiltIn()
	return fmt.Sprintf("halocheck %s\nguide %s (%s)\n", version.String(), g.Name, g.Edition)
}

func newVersion(env environment) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which halocheck and which built-in guide this is", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(env.out, versionText())
			return writeResult(err)
		},
	}
}

// noArguments refuses arguments.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes flags only, and a further word was given; `%s --help` lists the flags", c.Name(), c.CommandPath())
	}
	return nil
}

// writeResult is the error of writing a result.
func writeResult(err error) error {
	if err != nil {
		return internalError{fmt.Errorf("standard output could not be written: %w", err)}
	}
	return nil
}
