package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/halocheck/halocheck/internal/settings"
)

// options are the settings of one check, and what several checks share.
type options struct {
	*settings.Values
	output outputOptions
	cache  *settings.Cache // nil: nothing
}

// newOptions are the settings that can be given in a place.
func newOptions(env environment, place settings.Scope) *options {
	v := settings.NewValues(env.settings(), place)
	return &options{Values: v, output: outputOptions{Values: v}}
}

// addFlags declares the flags of a command.
func (o *options) addFlags(c *cobra.Command, place settings.Scope) {
	c.Flags().SortFlags = false
	o.AddFlags(c.Flags(), place)
}

// read completes what was given as flags: the URL from the arguments, then the environment, then the configuration file.
func (o *options) read(ctx context.Context, env environment, args []string) error {
	typedFake := o.isFake()
	if typedFake && len(args) > 0 {
		return errURLAndFake
	}
	if len(args) > 0 {
		if err := o.Set("url", args[0]); err != nil {
			return err
		}
	}
	if err := o.ReadEnvironment(env.getenv); err != nil {
		return err
	}
	if file := o.Text("config"); file != "" {
		if err := o.ReadConfig(ctx, file); err != nil {
			return err
		}
	}
	if o.isFake() && o.Given("url") && !typedFake {
		return errURLAndFake
	}
	return nil
}

// isFake tells whether an embedded fake is checked instead of an instance.
func (o *options) isFake() bool { return len(o.List("fake")) > 0 }

var errURLAndFake = usagef("a URL and --fake exclude each other; leave one of them out")
