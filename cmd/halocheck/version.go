package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/about"
	"github.com/halocheck/halocheck/internal/exit"
	"github.com/halocheck/halocheck/internal/version"
	"github.com/halocheck/halocheck/probes/product"
)

func newVersion(env environment) *cobra.Command {
	format := ""
	c := &cobra.Command{
		Use: "version", Short: "Say which halocheck this is, and how old its guides, roots and versions are", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			now := time.Now
			if env.now != nil {
				now = env.now
			}
			r := about.New(version.Read(), product.StableReleases(), now())
			if format == "text" {
				_, err := fmt.Fprint(env.out, r.Text())
				return exit.Unwritten(err)
			}
			e := json.NewEncoder(env.out)
			e.SetIndent("", "  ")
			return exit.Unwritten(e.Encode(r))
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

// noArguments refuses arguments.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes flags only, and a further word was given; `%s --help` lists the flags", c.Name(), c.CommandPath())
	}
	return nil
}
